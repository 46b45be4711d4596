"""Notices that the machine's clock was set while the service runs. Nothing that flies hangs on it (`core/clock.py`)."""

from dataclasses import dataclass

TELL_S = 1.0
LOOK_S = 1.0


@dataclass
class ClockWatch:
    """What was told last, and when it was looked at last (the service's own time)."""

    told_s: float = 0.0
    looked_s: float = float("-inf")

    def look(self, now_s: float, ahead_s: float) -> str:
        """A sentence when the machine's clock has been set by more than a second since it was told last, else ""."""
        if now_s - self.looked_s < LOOK_S:
            return ""
        self.looked_s = now_s
        if abs(ahead_s - self.told_s) <= TELL_S:
            return ""
        self.told_s = ahead_s
        if abs(ahead_s) <= TELL_S:
            return "The machine's clock is right again by this service's."
        way = "ahead of" if ahead_s > 0 else "behind"
        return (
            f"The machine's clock was set: it is {abs(ahead_s):.1f} s {way} this service's now. Flights, ages and "
            "deadlines go on undisturbed; records keep the service's time until it is started again."
        )
