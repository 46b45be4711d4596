"""All traffic heard lately, one entry an aircraft whatever the source: bounded, the longest unheard dropped first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from dfr.core.traffic import DROPPED_S, Intruder, TrafficPicture, TrafficSource, merged

MOST = 1000
"""Aircraft kept; a receiver on a mountain hears fewer."""
AHEAD_S = 2.0
"""A position from further in the future than this has a wrong clock behind it, and is left out."""


class TrafficStore:
    """Thread-safe: receivers' tasks and the links' reading thread write, the engine and the pages read."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._intruders: OrderedDict[str, Intruder] = OrderedDict()
        self._dropped = 0
        self._sources: list[Callable[[float], TrafficSource]] = []
        self._shown: tuple[Intruder, ...] | None = None

    def watch(self, health: Callable[[float], TrafficSource]) -> None:
        """Add a source whose health is part of the picture; called with the time."""
        self._sources.append(health)

    def take(self, intruders: Iterable[Intruder], now_s: float) -> None:
        """Merge what was heard; positions that are too old already are left out."""
        with self._lock:
            for heard in intruders:
                if now_s - heard.seen_s > DROPPED_S or heard.seen_s - now_s > AHEAD_S:
                    continue
                known = self._intruders.get(heard.id)
                merging = known is not None and now_s - known.seen_s <= DROPPED_S
                self._intruders[heard.id] = merged(known, heard) if known is not None and merging else heard
                self._intruders.move_to_end(heard.id)
                self._shown = None
            while len(self._intruders) > self._most:
                self._intruders.popitem(last=False)
                self._dropped += 1

    def picture(self, now_s: float) -> TrafficPicture:
        """What is in the air now: nothing older than `DROPPED_S`."""
        with self._lock:
            gone = [key for key, known in self._intruders.items() if now_s - known.seen_s > DROPPED_S]
            for key in gone:
                del self._intruders[key]
            if self._shown is None or gone:
                self._shown = tuple(self._intruders.values())
            shown = self._shown
        return TrafficPicture(shown, tuple(health(now_s) for health in self._sources), self._dropped)
