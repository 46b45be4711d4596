"""The store with the site's receivers: what `dfr.app` starts."""

import asyncio
from collections.abc import Sequence

from dfr.core.clock import Clock
from dfr.core.traffic import Datums, Intruder, TrafficPicture
from dfr.traffic.receiver import Receiver, ReceiverSettings
from dfr.traffic.store import TrafficStore


class TrafficRoom:
    """All sources of traffic of a site."""

    def __init__(self, receivers: Sequence[ReceiverSettings], datums: Datums, clock: Clock) -> None:
        self._store = TrafficStore(datums)
        self._receivers = [Receiver(settings, self._store.take, clock) for settings in receivers]
        for receiver in self._receivers:
            self._store.watch(receiver.health)

    def take(self, intruder: Intruder, now_s: float) -> None:
        """From an aircraft's own receiver, in whatever thread."""
        self._store.take((intruder,), now_s)

    def picture(self, now_s: float) -> TrafficPicture:
        return self._store.picture(now_s)

    async def run(self) -> None:
        """Listen until cancelled; a receiver that fails tries again by itself."""
        await asyncio.gather(*(receiver.run() for receiver in self._receivers))
