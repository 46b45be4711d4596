"""What an aircraft's camera and gimbal are, can do and do now; None means that they have not said."""

from dataclasses import dataclass, field
from enum import StrEnum

from dfr.core.geo import Amsl, Position


class GimbalControl(StrEnum):
    """Who has the primary control of the gimbal."""

    OURS = "ours"
    AUTOPILOT = "autopilot"
    OTHER = "other"
    """Another ground station."""
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class GimbalLimits:
    """How far it turns, as its manager says; pitch against the horizon, yaw against the nose."""

    pitch_deg: tuple[float, float]
    yaw_deg: tuple[float, float]
    """-180 to 180 when it turns without end."""


@dataclass(frozen=True, slots=True)
class GimbalManager:
    """`limits` None: it has not said. `sentence` says what is wrong with it, for people ("" when nothing is)."""

    limits: GimbalLimits | None = None
    control: GimbalControl | None = None
    controller: str = ""
    """Who controls it, in words: "system 255, component 190"."""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class VideoStream:
    """One video that a camera offers (VIDEO_STREAM_INFORMATION)."""

    id: str
    """Of the relayed stream."""
    name: str
    url: str = field(repr=False)
    """"" when it cannot be used; `sentence` says why."""
    thermal: bool = False
    running: bool = True
    width_px: int | None = None
    height_px: int | None = None
    frames_per_second: float | None = None
    horizontal_fov_deg: float | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class PayloadCamera:
    """What the camera is, can do, and how it is set now."""

    component_id: int
    name: str
    """Vendor and model."""
    can_zoom: bool = False
    can_photograph: bool = False
    palettes: tuple[str, ...] = ()
    palette: str | None = None
    zoom_percent: float | None = None
    """Of the camera's range: 0 is wide, 100 the longest."""
    horizontal_fov_deg: float | None = None
    vertical_fov_deg: float | None = None
    wide_fov_deg: float | None = None
    """Of the whole picture when it is not zoomed."""
    streams: tuple[VideoStream, ...] = ()
    photographs: int | None = None
    """So many it has taken since it was switched on."""
    storage_left_mb: float | None = None
    sentence: str = ""
    """What is wrong with it ("" when nothing is)."""

    @property
    def magnification(self) -> float | None:
        """1 is wide; None while the fields of view are not known."""
        if not self.horizontal_fov_deg or not self.wide_fov_deg:
            return None
        return self.wide_fov_deg / self.horizontal_fov_deg


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph that a camera says it took (CAMERA_IMAGE_CAPTURED)."""

    index: int
    at_s: float
    """When it was told, UTC seconds of this service."""
    camera_utc_s: float | None
    """The camera's own time."""
    position: Position | None
    altitude: Amsl | None
    pitch_deg: float | None
    yaw_deg: float | None
    url: str
    """Where the camera keeps it; "" when it does not say."""
    succeeded: bool = True


@dataclass(frozen=True, slots=True)
class KeptPhotograph:
    """What became of a photograph: a file of this service, or the sentence why there is none."""

    index: int
    told_s: float
    """When the camera told of it: the photograph's `at_s`."""
    file: str = ""
    """Below the state directory's `photographs`."""
    size_bytes: int = 0
    sha256: str = ""
    sentence: str = ""
    """Why it is not kept ("" when it is)."""
