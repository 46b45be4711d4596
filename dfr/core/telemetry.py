"""What is known of an aircraft: last values, each with the time it was received. None means unknown."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from dfr.core.attitude import Quaternion, from_angles
from dfr.core.camera import GimbalManager, PayloadCamera, Photograph
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.core.onboard import Estimate, SatelliteFix, Sensor, Storage
from dfr.core.progress import Progress
from dfr.core.remote_id import RemoteId
from dfr.core.weather import Wind

T = TypeVar("T")

OLDEST_POSITION_S = 0.5
"""No decision acts on a position that is older than this."""


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """A value and when it was received (UTC seconds)."""

    value: T
    at_s: float

    def age_s(self, now_s: float) -> float:
        return now_s - self.at_s


class LinkState(StrEnum):
    """Never seen, online and lost are three different states."""

    NEVER_SEEN = "never_seen"
    ONLINE = "online"
    LOST = "lost"


class FlightMode(StrEnum):
    """What the autopilot is doing, in the domain's words. OTHER is a mode that this service does not command."""

    HOLD = "hold"
    TAKEOFF = "takeoff"
    MISSION = "mission"
    ORBIT = "orbit"
    OFFBOARD = "offboard"
    RETURN = "return"
    LAND = "land"
    MANUAL = "manual"
    OTHER = "other"


class LandedState(StrEnum):
    ON_GROUND = "on_ground"
    TAKING_OFF = "taking_off"
    IN_AIR = "in_air"
    LANDING = "landing"


@dataclass(frozen=True, slots=True)
class Velocity:
    """Speed over ground, metres a second, north-east-down."""

    north_mps: float
    east_mps: float
    down_mps: float

    @property
    def ground_mps(self) -> float:
        return float((self.north_mps**2 + self.east_mps**2) ** 0.5)


@dataclass(frozen=True, slots=True)
class Kinematics:
    """Where the aircraft is and how it moves, of one moment."""

    position: Position
    altitude: Amsl
    height: AboveTakeoff
    velocity: Velocity
    heading_deg: float | None


@dataclass(frozen=True, slots=True)
class Battery:
    remaining_fraction: float
    voltage_v: float | None = None
    """Under the load of the moment."""
    cells_v: tuple[float, ...] = ()
    """Empty when it does not tell its cells apart."""
    current_a: float | None = None
    consumed_mah: float | None = None
    """Drawn since the autopilot started."""


@dataclass(frozen=True, slots=True)
class Gimbal:
    """Where the camera looks: pitch 0 is the horizon, -90 straight down; yaw from true north; roll 0 is level."""

    pitch_deg: float
    yaw_deg: float
    roll_deg: float = 0.0

    @property
    def orientation(self) -> Quaternion:
        """In the earth's frame."""
        return from_angles(self.roll_deg, self.pitch_deg, self.yaw_deg)


@dataclass(frozen=True, slots=True)
class Attitude:
    """How the aircraft is turned, and when by its own clock."""

    orientation: Quaternion
    boot_s: float


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the autopilot says it can be armed, and what it is missing, in words."""

    armable: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusText:
    """A sentence of the autopilot; severity as in RFC 5424 (0 emergency to 7 debug)."""

    severity: int
    text: str
    at_s: float


@dataclass(frozen=True, slots=True)
class FenceOnBoard:
    """The fence that was uploaded, read back and found equal; `digest` names the plan it came from."""

    digest: str
    verified_s: float


@dataclass(frozen=True, slots=True)
class Telemetry:
    """All that is known of one aircraft. Immutable: the driver makes a new one from its cache when asked."""

    asset_id: str
    link: LinkState = LinkState.NEVER_SEEN
    link_changed_s: float | None = None
    kinematics: Timed[Kinematics] | None = None
    mode: Timed[FlightMode] | None = None
    armed: Timed[bool] | None = None
    landed: Timed[LandedState] | None = None
    battery: Timed[Battery] | None = None
    gimbal: Timed[Gimbal] | None = None
    home: Timed[Waypoint] | None = None
    health: Timed[Health] | None = None
    satellites: Timed[int] | None = None
    satellite_fix: Timed[SatelliteFix] | None = None
    estimate: Timed[Estimate] | None = None
    sensors: Timed[tuple[Sensor, ...]] | None = None
    storage: Timed[Storage] | None = None
    wind: Timed[Wind] | None = None
    """As the autopilot estimates it in flight, where it does."""
    parameter_faults: tuple[str, ...] | None = None
    """A sentence for each safety parameter that is not as the airframe's file says; None while they are not read."""
    remote_id: RemoteId = RemoteId()
    fence: FenceOnBoard | None = None
    fence_problem: str = ""
    """A sentence when the fence on board is not the one that should be; it stands until another upload has been
    verified. "" when it is, when none was asked for, and while the first is uploaded."""
    texts: tuple[StatusText, ...] = field(default_factory=tuple)
    """The newest status texts, oldest first, at most 20."""
    link_problem: str = ""
    """A sentence when its link is not open, or what comes in its name is not believed ("" otherwise)."""
    progress: tuple[Progress, ...] = ()
    """Long operations under way (fence upload, parameters)."""
    motors_ok: Timed[bool] | None = None
    """What the autopilot says of its motor outputs."""
    setpoint: Timed[Position] | None = None
    """Where the autopilot says that it flies to or stays, whoever sent it there."""
    foreign_order: Timed[str] | None = None
    """The newest flight command of another ground station that the autopilot accepted, in words."""
    unanswered_since_s: float | None = None
    """Since when nothing that was asked of it was answered; None while the way to it works."""
    attitude: Timed[Attitude] | None = None
    gimbal_manager: GimbalManager = GimbalManager()
    camera: PayloadCamera | None = None
    photographs: tuple[Photograph, ...] = ()
    """The newest that the camera told of, oldest first, at most 20."""

    def position_now(self, now_s: float) -> Kinematics | None:
        """Where it is, for whoever acts on it; None when that is unknown, old, or a guess."""
        if self.kinematics is None or self.kinematics.age_s(now_s) > OLDEST_POSITION_S:
            return None
        return None if self.position_is_guess else self.kinematics.value

    @property
    def position_is_guess(self) -> bool:
        """Without satellites an autopilot goes on telling positions for a while."""
        return self.satellite_fix is not None and not self.satellite_fix.value.kind.has_height
