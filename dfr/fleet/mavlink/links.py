"""The links of the site, kept open: the one place where anything is opened again, with a ladder and jitter.

A port that is unplugged, a TCP peer that restarts, an address that does not exist yet: each is a sentence while it
lasts, and is tried again until it is there.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from dfr.fleet.link_url import LinkUrl, parse_link
from dfr.fleet.mavlink.lines import Line, Reader, open_line
from dfr.fleet.mavlink.transport import Transport

log = logging.getLogger(__name__)

LADDER_S = (0.5, 1.0, 2.0, 5.0, 10.0)
JITTER = 0.2
STEADY_S = 10.0
"""A link that was open for this long begins the ladder anew when it ends."""
NOISE_BYTES = 2000
"""So much that is no MAVLink, and nothing that is: the baud rate is wrong, or something else speaks there."""


@dataclass
class _Link:
    url: LinkUrl
    number: int
    assets: list[str] = field(default_factory=list)
    problem: str = ""
    line: Line | None = None
    read_on: Line | None = None
    """The line on which something was read: it is asked after with every telemetry."""


class Links:
    """Each URL once, however many assets share it. Used in the event loop."""

    def __init__(self, links: Mapping[str, str], transport: Transport) -> None:
        """`links`: asset id to URL as the site file writes it. Raises ValueError for one that is none."""
        self._transport = transport
        self._reader = Reader()
        self._links: dict[str, _Link] = {}
        for asset_id, text in links.items():
            link = self._links.setdefault(text, _Link(parse_link(text), len(self._links)))
            link.assets.append(asset_id)
        self._by_asset = dict(links)
        self._openers = ThreadPoolExecutor(min(64, max(1, len(self._links))), thread_name_prefix="mavlink-open")

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each link that does not work."""
        return tuple(problem for link in self._links.values() if (problem := _problem(link)))

    def problem_of(self, asset_id: str) -> str:
        """A sentence while this asset's link does not work, else ""."""
        text = self._by_asset.get(asset_id)
        return "" if text is None else _problem(self._links[text])

    async def keep_open(self) -> None:
        """Until cancelled; then all are closed."""
        self._reader.start()
        keeping = [asyncio.create_task(self._keep(link)) for link in self._links.values()]
        try:
            await asyncio.gather(*keeping)
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
            self._openers.shutdown(wait=False, cancel_futures=True)
            self._reader.stop()

    async def _keep(self, link: _Link) -> None:
        loop = asyncio.get_running_loop()
        rung = 0
        while True:
            began_s = loop.time()
            why = await self._use(link)
            rung = 0 if loop.time() - began_s > STEADY_S else rung
            link.problem = (
                f"The link {link.url.text} of {', '.join(link.assets)} is not open: {why}. It is tried again."
            )
            log.log(logging.WARNING if rung == 0 else logging.DEBUG, link.problem)
            pause_s = LADDER_S[min(rung, len(LADDER_S) - 1)]
            rung += 1
            await asyncio.sleep(pause_s * random.uniform(1 - JITTER, 1 + JITTER))

    async def _use(self, link: _Link) -> str:
        """Open it and wait for its end; why it ended, or why it was not opened."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[str] = loop.create_future()

        def end(why: str) -> None:
            loop.call_soon_threadsafe(lambda: None if ended.done() else ended.set_result(why))

        opening = loop.run_in_executor(
            self._openers, open_line, link.url, link.number, self._reader, self._transport.take, end
        )
        try:
            line = await asyncio.shield(opening)
        except OSError as error:
            return error.strerror or str(error)
        except asyncio.CancelledError:
            opening.add_done_callback(lambda late: None if late.exception() else late.result().close())
            raise
        link.line, link.problem = line, ""
        self._transport.add(line)
        log.info("The link %s of %s is open.", link.url.text, ", ".join(link.assets))
        try:
            return await ended
        finally:
            self._transport.remove(line)
            line.close()
            link.line = None


def _problem(link: _Link) -> str:
    """Also of a link that is open and brings nothing that can be read."""
    if link.line is None:
        return link.problem
    if link.read_on is link.line:
        return ""
    channels = link.line.channels
    if any(channel.frames for channel in channels):
        link.read_on = link.line
        return ""
    if any(channel.deframer.noise_bytes > NOISE_BYTES for channel in channels):
        baud = f" Is {link.url.baud} its baud rate?" if link.url.baud else ""
        return f"What arrives on the link {link.url.text} is no MAVLink.{baud}"
    if link.url.scheme == "tcpin" and not channels:
        return f"Nobody has called {link.url.text} yet."
    return ""
