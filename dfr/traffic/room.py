"""The store with the site's receivers: what `dfr.app` starts."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from dfr.core.clock import Clock
from dfr.core.traffic import Datums, Intruder, TrafficPicture
from dfr.traffic.receiver import Receiver, ReceiverSettings
from dfr.traffic.store import TrafficStore

OLDEST_ALTIMETER_S = 5400.0
"""METARs come every hour, and sooner when the weather changes; after an hour and a half one was missed."""


class TrafficRoom:
    """All sources of traffic of a site."""

    def __init__(self, receivers: Sequence[ReceiverSettings], datums: Datums, clock: Clock) -> None:
        self._store = TrafficStore()
        self._datums = datums
        self._altimeter: tuple[float, float] | None = None
        self._receivers = [Receiver(settings, self._store.take, clock) for settings in receivers]
        for receiver in self._receivers:
            self._store.watch(receiver.health)

    def take(self, intruder: Intruder, now_s: float) -> None:
        """From an aircraft's own receiver, in whatever thread."""
        self._store.take((intruder,), now_s)

    def take_altimeter(self, altimeter_hpa: float | None, observed_s: float) -> None:
        """The altimeter setting of a weather report; it counts before the site's own while it is not old."""
        if altimeter_hpa is not None:
            self._altimeter = (altimeter_hpa, observed_s)

    def picture(self, now_s: float) -> TrafficPicture:
        return replace(self._store.picture(now_s), datums=self._datums_at(now_s))

    def _datums_at(self, now_s: float) -> Datums:
        if self._altimeter is None or now_s - self._altimeter[1] > OLDEST_ALTIMETER_S:
            return self._datums
        return replace(self._datums, altimeter_hpa=self._altimeter[0])

    async def run(self) -> None:
        """Listen until cancelled; a receiver that fails tries again by itself."""
        await asyncio.gather(*(receiver.run() for receiver in self._receivers))
