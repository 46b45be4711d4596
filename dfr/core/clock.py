"""One clock for every record and every deadline: UTC seconds that never jump."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; decisions take the time as an argument and never a clock."""

    def now_s(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...


class SystemClock:
    """UTC anchored once to the monotonic clock, so that a corrected machine clock moves no deadline."""

    def __init__(self) -> None:
        self._offset_s = time.time() - time.monotonic()

    def now_s(self) -> float:
        return self._offset_s + time.monotonic()


@dataclass
class ManualClock:
    """A clock that moves only when a test says so."""

    time_s: float = 1_800_000_000.0

    def now_s(self) -> float:
        return self.time_s

    def advance(self, seconds: float) -> None:
        self.time_s += seconds


def iso_utc(time_s: float) -> str:
    """`2026-11-21T03:32:59.123Z` for seconds since 1970."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
