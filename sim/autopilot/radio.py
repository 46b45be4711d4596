"""What lies between an aircraft's socket and its peers: nothing, or a fault that makes it one-way, slow or lossy."""

import random
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from sim.autopilot.faults import Faults

LATE_S = 0.3
"""Each way, on the aircraft's clock."""
LOST_SHARE = 0.2

Address = tuple[str, int]
Received = tuple[bytes, Address]
T = TypeVar("T")


class Radio:
    """Datagrams in order, late or never. Deterministic: the same seed loses the same ones."""

    def __init__(
        self,
        faults: Faults | None = None,
        clock: Callable[[], float] = lambda: 0.0,
        random_: random.Random | None = None,
    ) -> None:
        self._faults, self._clock = faults or Faults(), clock
        self._random = random_ or random.Random(0)
        self._out: deque[tuple[float, bytes]] = deque()
        self._in: deque[tuple[float, Received]] = deque()

    @property
    def is_clear(self) -> bool:
        """No fault is even planned, and nothing is under way."""
        return not (self._faults.any or self._out or self._in)

    def outward(self, data: bytes) -> list[bytes]:
        """The aircraft sends (nothing, when it is empty); what leaves now."""
        if data and not self._lost("downlink_lost"):
            self._out.append((self._due_s(), data))
        return _due(self._out, self._clock())

    def inward(self, came: Received | None) -> list[Received]:
        """A datagram comes, or None; what arrives now."""
        if came is not None and not self._lost("uplink_lost"):
            self._in.append((self._due_s(), came))
        return _due(self._in, self._clock())

    def _due_s(self) -> float:
        late = self._faults.active("link_bad", self._clock())
        return self._clock() + (LATE_S if late else 0.0)

    def _lost(self, one_way: str) -> bool:
        now_s = self._clock()
        if self._faults.active(one_way, now_s) or self._faults.active("link_drop", now_s):
            return True
        return self._faults.active("link_bad", now_s) and self._random.random() < LOST_SHARE


def _due(queue: deque[tuple[float, T]], now_s: float) -> list[T]:
    due = []
    while queue and queue[0][0] <= now_s:
        due.append(queue.popleft()[1])
    return due
