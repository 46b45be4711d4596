"""What a pilot may ask of a flight, as plain data. The engine turns it into commands and asks the gate."""

from dataclasses import dataclass
from enum import StrEnum

from dfr.core.geo import AboveTakeoff, Position


@dataclass(frozen=True, slots=True)
class HoldHere:
    """Stop and stay."""


@dataclass(frozen=True, slots=True)
class ResumeFlight:
    """Go on to the scene after a hold."""


@dataclass(frozen=True, slots=True)
class SendHome:
    """Return, land and disarm."""


@dataclass(frozen=True, slots=True)
class OrbitScene:
    """Circle the scene, camera inwards. None leaves the number to the engine."""

    radius_m: float | None = None
    speed_mps: float | None = None


@dataclass(frozen=True, slots=True)
class Offset:
    """So many metres along a true bearing from where the aircraft is."""

    bearing_deg: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class MoveTo:
    """Fly to a place and hold there. `to` None keeps the place, `height` None keeps the height; never both."""

    to: Position | Offset | None
    height: AboveTakeoff | None


class LookTarget(StrEnum):
    HORIZON = "horizon"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class LookTo:
    """Point the camera."""

    at: Position | LookTarget


PilotCommand = HoldHere | ResumeFlight | SendHome | OrbitScene | MoveTo | LookTo
