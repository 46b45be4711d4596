"""Zone files are read again while the service runs: on SIGHUP, or when `dfr zones` asks for it."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from dfr.core.zone import Zone
from dfr.zone_set import ZoneSet

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
ALARM_AGAIN_S = 1500.0
"""Alarms are shown for half an hour; while files are faulty there is always one."""


def request_reload(path: Path) -> None:
    """Ask the service whose request file this is to read its zones again. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


class ZoneReload:
    """Reads the zones again when asked, hands a changed set on until it is taken (`on_zones` says whether it was), and
    keeps an alarm while the files are faulty."""

    def __init__(
        self,
        zones: ZoneSet,
        request: Path,
        on_zones: Callable[[tuple[Zone, ...]], Awaitable[bool]],
        on_alarm: Callable[[str], None],
        *,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._zones, self._request = zones, request
        self._on_zones, self._on_alarm = on_zones, on_alarm
        self._look_every_s = look_every_s
        self._asked = asyncio.Event()
        self._seen = self._touched()
        self._to_hand_on = False

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # only a main thread gets signals
            loop.add_signal_handler(signal.SIGHUP, self._asked.set)
        alarmed_s = -ALARM_AGAIN_S
        while True:
            if self._zones.alarm and loop.time() - alarmed_s >= ALARM_AGAIN_S:
                alarmed_s = loop.time()
                self._on_alarm(self._zones.alarm)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), self._look_every_s)
            touched = self._touched()
            if self._asked.is_set() or touched != self._seen:
                self._asked.clear()
                self._seen = touched
                await self._reload()
                alarmed_s = -ALARM_AGAIN_S
            if self._to_hand_on:
                self._to_hand_on = not await self._on_zones(self._zones.zones)

    async def _reload(self) -> None:
        if await asyncio.to_thread(self._zones.reload):
            log.info("The zones were read again: %d are in force.", len(self._zones.zones))
            self._to_hand_on = True
        elif self._zones.faults:
            log.critical(self._zones.alarm)
        else:
            log.info("The zones were read again and are the same.")

    def _touched(self) -> int:
        try:
            return self._request.stat().st_mtime_ns
        except OSError:
            return 0
