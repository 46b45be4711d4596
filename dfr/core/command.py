"""What may be asked of an aircraft. Plain data; nothing here can be sent before the gate has authorised it."""

from dataclasses import dataclass
from enum import StrEnum

from dfr.core.fence import FencePlan
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.core.telemetry import Velocity


@dataclass(frozen=True, slots=True)
class UploadFence:
    """Put this fence on board, read it back, compare, and see that the autopilot does not drop it."""

    plan: FencePlan


@dataclass(frozen=True, slots=True)
class Launch:
    """Arm and climb straight up to `height`. Goal: armed, in the air, within a metre of it; or, with `clear_height`,
    above that one, still climbing: from there on the next order may lead sideways."""

    height: AboveTakeoff
    clear_height: AboveTakeoff | None = None


@dataclass(frozen=True, slots=True)
class GoTo:
    """Fly straight to a place in the air and hold there. Goal: within the acceptance radius."""

    waypoint: Waypoint
    speed_mps: float
    acceptance_radius_m: float = 5.0


@dataclass(frozen=True, slots=True)
class Orbit:
    """Circle around a point, nose and camera inwards. Goal: the autopilot is in its orbit mode, on the circle."""

    center: Position
    altitude: Amsl
    radius_m: float
    speed_mps: float


@dataclass(frozen=True, slots=True)
class Fly:
    """Fly with this velocity until the next one comes, ten times a second. Goal: the autopilot flies by velocities.

    The gate authorises the allowed part of it. Given again under the same request's id it changes the velocity alone.
    """

    velocity: Velocity
    yaw_rate_degps: float = 0.0
    """Clockwise."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop and stay. Goal: hold mode and slower than 1 m/s."""


@dataclass(frozen=True, slots=True)
class ReturnHome:
    """Fly home by the autopilot's own Return, land and disarm. Goal: return mode entered."""


@dataclass(frozen=True, slots=True)
class LookAt:
    """Point the camera at a place on the ground. Goal: the gimbal looks there, where it reports its attitude."""

    position: Position
    altitude: Amsl


@dataclass(frozen=True, slots=True)
class LookAtHorizon:
    """Point the camera forward and level: the rule while under way (privacy)."""


@dataclass(frozen=True, slots=True)
class TurnCamera:
    """Turn the camera to these angles: pitch against the horizon, yaw from true north. Goal: the gimbal is there."""

    pitch_deg: float
    yaw_deg: float
    with_nose: bool = False
    """From there on it turns with the aircraft (in an orbit); otherwise it keeps its direction over the ground."""


@dataclass(frozen=True, slots=True)
class ZoomCamera:
    """Zoom to a share of the camera's range, 0 wide to 100. Goal: the camera reports it."""

    percent: float


@dataclass(frozen=True, slots=True)
class SetPalette:
    """Show heat in these colours, by the camera's own name for them. Goal: the camera reports it."""

    palette: str


@dataclass(frozen=True, slots=True)
class TakePhotograph:
    """One photograph. Goal: the camera tells of a new one."""


@dataclass(frozen=True, slots=True)
class Disarm:
    """Stop the motors on the ground. Goal: disarmed. Never sent in the air."""


CameraCommand = LookAt | LookAtHorizon | TurnCamera | ZoomCamera | SetPalette | TakePhotograph
"""What moves no aircraft."""
Command = UploadFence | Launch | GoTo | Orbit | Fly | Hold | ReturnHome | CameraCommand | Disarm


class Origin(StrEnum):
    """Who wants it."""

    POLICY = "policy"
    PILOT = "pilot"
    ENGINE = "engine"
    GUARD = "guard"


@dataclass(frozen=True, slots=True)
class Request:
    """A command for an asset, who wants it, and for which flight; what the gate is asked about."""

    id: str
    asset_id: str
    command: Command
    origin: Origin
    requested_by: str
    flight_id: str | None = None


class OutcomeKind(StrEnum):
    DONE = "done"
    """The goal was seen in telemetry."""
    FAILED = "failed"
    """The autopilot refused it, or the deadline passed without the goal."""
    SUPERSEDED = "superseded"
    """A newer command for the same aircraft took its place before the goal was seen."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an authorised request ended. `sentence` says what was seen, for people."""

    request_id: str
    asset_id: str
    kind: OutcomeKind
    sentence: str
    at_s: float
