"""Slows down guessing: after a few failures each further one doubles the wait."""

from collections import OrderedDict
from collections.abc import Hashable

FREE_FAILURES = 5
LONGEST_WAIT_S = 300.0
FORGET_S = 3600.0
MAX_KEYS = 10_000
"""The oldest is forgotten first; failures are counted per user and address."""


class Throttle:
    """Failures by key, with time passed in."""

    def __init__(self) -> None:
        self._failures: OrderedDict[Hashable, tuple[int, float]] = OrderedDict()

    def wait_s(self, key: Hashable, now_s: float) -> float:
        """Seconds until the next attempt is allowed; 0 when it is allowed now."""
        count, last_s = self._failures.get(key, (0, now_s))
        if count < FREE_FAILURES or now_s - last_s > FORGET_S:
            return 0.0
        wait_s = min(2.0 ** (count - FREE_FAILURES), LONGEST_WAIT_S)
        return max(0.0, last_s + wait_s - now_s)

    def failed(self, key: Hashable, now_s: float) -> None:
        count, last_s = self._failures.pop(key, (0, now_s))
        self._failures[key] = (1 if now_s - last_s > FORGET_S else min(count + 1, 60), now_s)
        while len(self._failures) > MAX_KEYS:
            self._failures.popitem(last=False)

    def succeeded(self, key: Hashable) -> None:
        self._failures.pop(key, None)
