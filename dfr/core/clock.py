"""One clock for every record and every deadline: UTC seconds that never jump."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; decisions take the time as an argument and never a clock."""

    def now_s(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    def machine_ahead_s(self) -> float:
        """How far the machine's own clock is ahead of this one now; negative when it is behind."""
        ...


class SystemClock:
    """UTC anchored once, at the start, to the monotonic clock: a corrected machine clock moves no age and no deadline.

    Slow corrections (NTP's slewing) turn the monotonic clock too. A step does not: then records keep the time of the
    anchor until the service is started again, and `machine_ahead_s` says by how much the two differ.
    """

    def __init__(self, utc: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._utc, self._monotonic = utc, monotonic
        self._offset_s = utc() - monotonic()

    def now_s(self) -> float:
        return self._offset_s + self._monotonic()

    def machine_ahead_s(self) -> float:
        return self._utc() - self.now_s()


@dataclass
class ManualClock:
    """A clock that moves only when a test says so."""

    time_s: float = 1_800_000_000.0
    ahead_s: float = 0.0

    def now_s(self) -> float:
        return self.time_s

    def machine_ahead_s(self) -> float:
        return self.ahead_s

    def advance(self, seconds: float) -> None:
        self.time_s += seconds


def iso_utc(time_s: float) -> str:
    """`2026-11-21T03:32:59.123Z` for seconds since 1970."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
