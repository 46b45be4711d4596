"""The links of the site: opened off the event loop, and tried again with a ladder while they cannot be.

Found out about mavsdk 4.1: a TCP link is "open" at once and calls again every second by itself; one that stands still
drops from a queue of its own and holds no other link up. The same UDP port opened twice is a success too, and then
takes half of the datagrams each: a URL is opened once here.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from itertools import chain, repeat

from mavsdk import ConnectionResult, Mavsdk

log = logging.getLogger(__name__)

LADDER_S = (1.0, 2.0, 5.0, 10.0)
LAST_RUNG_S = 30.0
JITTER = 0.2

_WHY = {
    ConnectionResult.BIND_ERROR: "another program listens there already",
    ConnectionResult.SOCKET_ERROR: "the network refuses it",
    ConnectionResult.SOCKET_CONNECTION_ERROR: "nobody answers there",
    ConnectionResult.CONNECTION_ERROR: "the device or the address is not there",
    ConnectionResult.DESTINATION_IP_UNKNOWN: "the address is unknown",
    ConnectionResult.CONNECTION_URL_INVALID: (
        "it is not written as udpin://address:port, udpout://, tcpout://, tcpin:// or serial:///dev/...:baud"
    ),
    ConnectionResult.BAUDRATE_UNKNOWN: "the baud rate is not one of the port's",
}


class Links:
    """Each URL once, however many assets share it."""

    def __init__(self, links: Mapping[str, str]) -> None:
        """`links`: asset id to URL as mavsdk spells it."""
        self._assets: dict[str, list[str]] = {}
        for asset_id, url in links.items():
            self._assets.setdefault(url, []).append(asset_id)
        self._problems: dict[str, str] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each link that is not open."""
        return tuple(self._problems.values())

    async def open(self, mavsdk: Mavsdk) -> None:
        """Open all of them side by side and keep trying; ends when all are open."""
        await asyncio.gather(*(self._open(mavsdk, url) for url in self._assets))

    async def _open(self, mavsdk: Mavsdk, url: str) -> None:
        for pause_s in chain(LADDER_S, repeat(LAST_RUNG_S)):
            result = await asyncio.to_thread(mavsdk.add_any_connection, url)
            if result == ConnectionResult.SUCCESS:
                self._problems.pop(url, None)
                return
            why = _WHY.get(result, result.name.lower().replace("_", " "))
            assets = ", ".join(self._assets[url])
            self._problems[url] = f"The link {url} of {assets} cannot be opened: {why}. It is tried again."
            log.warning(self._problems[url])
            await asyncio.sleep(pause_s * random.uniform(1 - JITTER, 1 + JITTER))
