"""What can be sent: a drone, and the dock it lives on."""

from dataclasses import dataclass, field
from enum import StrEnum

from dfr.core.energy import BatteryModel, PowerModel
from dfr.core.geo import Amsl, Position
from dfr.core.limits import AirframeLimits, Equipment
from dfr.core.stopping import Stopping


@dataclass(frozen=True, slots=True)
class Dock:
    """Where an asset lives: the point of take-off and landing."""

    id: str
    name: str
    position: Position
    altitude: Amsl


@dataclass(frozen=True, slots=True)
class Airframe:
    """What an aircraft can do, for choosing and planning; speeds as the autopilot's parameters limit them."""

    name: str
    cruise_mps: float
    climb_mps: float
    descent_mps: float
    reserve_fraction: float
    """Battery fraction that must be left at touchdown, 0 to 1."""
    power: PowerModel
    battery: BatteryModel
    limits: AirframeLimits = AirframeLimits()
    equipment: Equipment = Equipment()
    stopping: Stopping = Stopping()
    lift_off_s: float = 0.0
    """From the order to launch until it leaves the ground."""
    fastest_mps: float | None = None
    """What a leg is ordered with, the most that the autopilot allows: it only gets there sooner; None: cruise_mps."""
    autopilot: str = "px4"
    """Whose parameters its file holds."""

    @property
    def endurance_s(self) -> float:
        """Hovering time from full to empty."""
        return self.battery.energy_wh * 3600.0 / self.power.hover_w

    @property
    def asked_mps(self) -> float:
        return self.cruise_mps if self.fastest_mps is None else self.fastest_mps


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the asset's live video is read, and its lens."""

    url: str
    horizontal_fov_deg: float = 66.0


@dataclass(frozen=True, slots=True)
class Asset:
    """One aircraft of the site, declared by its MAVLink system id, by its autopilot's serial number, or by both.

    `system_id` None: whatever id that serial number is heard with. `serial_number` "": the system id alone names it;
    otherwise AUTOPILOT_VERSION.uid2 (or uid) in hexadecimal digits.
    """

    id: str
    name: str
    system_id: int | None
    dock: Dock
    airframe: Airframe
    cameras: tuple[Camera, ...] = field(default_factory=tuple)
    camera_host: str = ""
    """Where its camera is reached, for cameras that name their own machine as 0.0.0.0 or loopback."""
    serial_number: str = ""

    @property
    def known_by(self) -> str:
        """What it is looked for with, for people."""
        return (
            f"the serial number {self.serial_number}"
            if self.system_id is None
            else f"MAVLink system id {self.system_id}"
        )


class Readiness(StrEnum):
    """Whether an asset may be chosen."""

    READY = "ready"
    BUSY = "busy"
    NOT_READY = "not_ready"
    OFFLINE = "offline"
