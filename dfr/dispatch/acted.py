"""How old the positions were that something was decided by: the proof that none was older than the rule allows."""

from dataclasses import dataclass

from dfr.core.command import Command, Fly, GoTo, Launch, Orbit
from dfr.core.telemetry import OLDEST_POSITION_S, Telemetry


@dataclass
class PositionsActedOn:
    """Counted where a command leaves and where the guard judges, apart from the checks that keep old ones out."""

    count: int = 0
    too_old: int = 0
    """Must be 0."""
    oldest_s: float = 0.0

    def sent(self, command: Command, telemetry: Telemetry, now_s: float) -> None:
        """A command goes out; those that are decided by where the aircraft is, count."""
        if isinstance(command, GoTo | Orbit | Launch | Fly):
            self.judged(telemetry, now_s)

    def judged(self, telemetry: Telemetry, now_s: float) -> None:
        """Something was decided by the position."""
        age_s = float("inf") if telemetry.kinematics is None else telemetry.kinematics.age_s(now_s)
        self.count += 1
        self.too_old += age_s > OLDEST_POSITION_S
        self.oldest_s = max(self.oldest_s, age_s)
