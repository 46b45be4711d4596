"""How an aircraft and its camera were turned at one moment, and what such a record proves."""

from dataclasses import dataclass

from dfr.core.attitude import Quaternion
from dfr.core.geo import AboveTakeoff, Amsl, Position


@dataclass(frozen=True, slots=True)
class LookSample:
    """One moment of a flight: where, how the aircraft and its camera were turned, and how wide the lens was."""

    at_s: float
    """When the gimbal's attitude was received, UTC seconds."""
    boot_s: float | None
    """The aircraft's own clock, seconds since it was switched on."""
    position: Position
    altitude: Amsl
    height: AboveTakeoff
    aircraft: Quaternion | None
    gimbal: Quaternion
    """Of the camera, in the earth's frame."""
    horizontal_fov_deg: float | None = None
    position_s: float | None = None
    """When the position was received: older than `at_s`, and where it has stopped much older. None: not kept."""


@dataclass(frozen=True, slots=True)
class HorizonProof:
    """Whether the camera looked at the horizon for one stretch of a flight. `sentence` tells it to people."""

    from_s: float
    to_s: float
    kept: bool
    """No sample looked lower than the rule allows."""
    whole: bool
    """No longer gap between samples than the rule allows: only then does `kept` prove anything."""
    sentence: str
    lowest_deg: float | None = None
    """The lowest pitch; 0 is the horizon, negative is below."""
    lowest_at_s: float | None = None
    longest_gap_s: float | None = None
    samples: int = 0

    @property
    def proven(self) -> bool:
        return self.kept and self.whole
