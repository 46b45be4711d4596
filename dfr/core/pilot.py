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
    FLY = "fly"
    LOOK = "look"
    TURN = "turn"
    ZOOM = "zoom"
    PALETTE = "palette"
    PHOTOGRAPH = "photograph"


@dataclass(frozen=True, slots=True)
class Offset:
    """So many metres along a true bearing from where the aircraft is."""

    bearing_deg: float
    distance_m: float


class LookTarget(StrEnum):
    HORIZON = "horizon"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class Turn:
    """So far from where the camera looks now, degrees; negative is down or left."""

    up_deg: float
    right_deg: float


@dataclass(frozen=True, slots=True)
class Stick:
    """What a hand wants of the aircraft at one moment, relative to its nose.

    Every touch of the stick has a `hold_id` of its own, and within it each word a greater `sequence`: what comes late
    moves nothing.
    """

    hold_id: str
    sequence: int
    forward_mps: float = 0.0
    right_mps: float = 0.0
    up_mps: float = 0.0
    turn_degps: float = 0.0
    """Clockwise."""
    released: bool = False
    """The hand is off it."""


class ZoomStep(StrEnum):
    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class PilotCommand:
    """One request of the pilot. Only the fields that belong to `action` are set.

    orbit: `radius_m`, `speed_mps` (None leaves it to the engine). move: `to` (None keeps the place), `height` (None
    keeps the height). fly: `stick`. look: `look_at`. turn: `turn`. zoom: `zoom`, a step or a share of the range in per
    cent. palette: `palette`, by the camera's own name.
    """

    action: PilotAction
    to: Position | Offset | None = None
    height: AboveTakeoff | None = None
    look_at: Position | LookTarget | None = None
    radius_m: float | None = None
    speed_mps: float | None = None
    turn: Turn | None = None
    zoom: ZoomStep | float | None = None
    palette: str = ""
    stick: Stick | None = None
