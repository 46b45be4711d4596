"""What an aircraft says of its own parts before it flies. None means unknown."""

from dataclasses import dataclass
from enum import StrEnum


class FixKind(StrEnum):
    """How good the satellite receiver's position is (MAVLink GPS_FIX_TYPE), in words."""

    NONE = "no fix"
    FLAT = "2D fix"
    FULL = "3D fix"
    CORRECTED = "3D fix with corrections"
    FLOAT = "RTK float"
    FIXED = "RTK fixed"

    @property
    def has_height(self) -> bool:
        return self not in (FixKind.NONE, FixKind.FLAT)


@dataclass(frozen=True, slots=True)
class SatelliteFix:
    """The receiver's own word. Accuracies are one standard deviation."""

    kind: FixKind
    horizontal_dilution: float | None = None
    horizontal_m: float | None = None
    vertical_m: float | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """The autopilot's estimate: accuracies of the position, and how far the compass is from what it expects
    (`heading_ratio`, 1 is where PX4 rejects it)."""

    horizontal_m: float | None = None
    vertical_m: float | None = None
    heading_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor of the autopilot, by its name."""

    name: str
    present: bool
    enabled: bool
    healthy: bool

    @property
    def sentence(self) -> str:
        """Why nothing flies with it as it is; "" when something may."""
        if not self.present:
            return f"There is no {self.name}."
        return f"The {self.name} is not healthy." if self.enabled and not self.healthy else ""


@dataclass(frozen=True, slots=True)
class Storage:
    """Where the autopilot keeps its log. `usable` is False when there is none or it is not formatted."""

    usable: bool
    total_mb: float = 0.0
    free_mb: float = 0.0
