"""What a pilot may ask of a flight, as plain data. The engine turns it into commands and asks the gate."""

from dataclasses import dataclass
from enum import StrEnum

from dfr.core.geo import AboveTakeoff, Position


class PilotAction(StrEnum):
    HOLD = "hold"
    RESUME = "resume"
    RETURN = "return"
    ORBIT = "orbit"
    MOVE = "move"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Offset:
    """So many metres along a true bearing from where the aircraft is."""

    bearing_deg: float
    distance_m: float


class LookTarget(StrEnum):
    HORIZON = "horizon"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class PilotCommand:
    """One request of the pilot. Only the fields that belong to `action` are set.

    orbit: `radius_m`, `speed_mps` (None leaves it to the engine). move: `to` (None keeps the place), `height` (None
    keeps the height). look: `look_at`.
    """

    action: PilotAction
    to: Position | Offset | None = None
    height: AboveTakeoff | None = None
    look_at: Position | LookTarget | None = None
    radius_m: float | None = None
    speed_mps: float | None = None
