"""One rising line of time stamps for viewers, whatever the source's clock does."""

CLOCK_HZ = 90_000
_LONGEST_STEP = 10 * CLOCK_HZ
"""A step longer than this is a jump of the source's clock, not a pause of its pictures."""


class Timeline:
    """Rewrites a source's time stamps (90 kHz) so that they always rise.

    While the source's clock runs evenly its intervals are kept. When it restarts, jumps or is missing, the time that
    passed between the arrivals takes its place.
    """

    def __init__(self) -> None:
        self._last_out: int | None = None
        self._last_arrival_s = 0.0
        self._offset: int | None = None

    def restart(self) -> None:
        """The source was connected anew: its clock means nothing any more."""
        self._offset = None

    def rewrite(self, timestamp: int | None, arrival_s: float) -> int:
        """The viewers' time stamp (90 kHz, rising from 0) of a picture with the source's `timestamp`."""
        out = self._kept_interval(timestamp)
        if out is None:
            out = self._passed_time(arrival_s)
            self._offset = None if timestamp is None else out - timestamp
        self._last_out, self._last_arrival_s = out, arrival_s
        return out

    def _kept_interval(self, timestamp: int | None) -> int | None:
        if timestamp is None or self._offset is None or self._last_out is None:
            return None
        step = timestamp + self._offset - self._last_out
        return self._last_out + step if 0 < step <= _LONGEST_STEP else None

    def _passed_time(self, arrival_s: float) -> int:
        if self._last_out is None:
            return 0
        return self._last_out + max(1, round((arrival_s - self._last_arrival_s) * CLOCK_HZ))
