"""The camera's side of the MAVLink camera protocol v2: what it is, its streams, zoom, palette, photographs, storage.

One component (MAV_COMP_ID_CAMERA) with two video streams: the zoom camera, and heat. The thermal palette is a setting
of the camera definition file, set by the extended parameter protocol. Source: https://mavlink.io/en/services/camera.html.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

from sim.camera.pose import Attitude, Pose, quaternion_from_attitude
from sim.camera.thermal import PALETTES

COMPONENT = mavlink.MAV_COMP_ID_CAMERA
VENDOR, MODEL = "Simulated", "Zoom and heat"
SENSOR_MM = (6.17, 3.47)
LONGEST = 8.0
"""The zoom's magnification at 100 %."""
ZOOM_PERCENT_PER_S = 60.0
STORAGE_MB = 32_000.0
PHOTOGRAPH_MB = 0.3
PALETTE_PARAMETER = "CAM_PALETTE"
HEARTBEAT_S = 1.0
_FLAGS = (
    mavlink.CAMERA_CAP_FLAGS_CAPTURE_IMAGE
    | mavlink.CAMERA_CAP_FLAGS_HAS_BASIC_ZOOM
    | mavlink.CAMERA_CAP_FLAGS_HAS_VIDEO_STREAM
)
_UINT8 = mavlink.MAV_PARAM_EXT_TYPE_UINT8


@dataclass(frozen=True, slots=True)
class StreamOffer:
    """One video as VIDEO_STREAM_INFORMATION tells of it."""

    name: str
    url: str
    width_px: int
    height_px: int
    frames_per_second: int
    bits_per_second: int
    wide_view_deg: float
    thermal: bool = False


@dataclass
class CameraComponent:
    """Answers by `send`. `photograph` takes one, by its number, and then calls with its address (None: it failed)."""

    send: Callable[[Any], None]
    pose: Callable[[], Pose]
    wide_view_deg: float = 66.0
    streams: Sequence[StreamOffer] = ()
    definition_url: str = ""
    photograph: Callable[[int, Callable[[str | None], None]], None] = lambda _, done: done(None)
    palette: str = next(iter(PALETTES))
    zoom_percent: float = 0.0
    photographs: int = 0
    _wanted_percent: float = 0.0
    _rate: float = 0.0
    _view_every_s: float = 0.0
    _next_view_s: float = 0.0
    _next_heartbeat_s: float = 0.0
    _last_sequence: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def magnification(self) -> float:
        """1 at 0 %, `LONGEST` at 100 %, each step in between the same factor."""
        return float(LONGEST ** (self.zoom_percent / 100.0))

    @property
    def view_deg(self) -> float:
        """The zoom camera's horizontal field of view now."""
        return math.degrees(2 * math.atan(math.tan(math.radians(self.wide_view_deg) / 2) / self.magnification))

    def tick(self, dt_s: float, now_s: float) -> None:
        """The zoom moves; HEARTBEAT once a second, CAMERA_FOV_STATUS as often as it was asked for."""
        most = ZOOM_PERCENT_PER_S * dt_s
        wanted = self._wanted_percent if not self._rate else self.zoom_percent + self._rate * most
        moved = self.zoom_percent + min(most, max(-most, wanted - self.zoom_percent))
        self.zoom_percent = min(100.0, max(0.0, moved))
        if self._rate:
            self._wanted_percent = self.zoom_percent
        if now_s >= self._next_heartbeat_s:
            self._next_heartbeat_s = now_s + HEARTBEAT_S
            kind = (mavlink.MAV_TYPE_CAMERA, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, mavlink.MAV_STATE_ACTIVE, 3)
            self.send(mavlink.MAVLink_heartbeat_message(*kind))
        if self._view_every_s and now_s >= self._next_view_s:
            self._next_view_s = now_s + self._view_every_s
            self.send(self._view_status())

    def hear(self, message: Any, system_id: int) -> None:
        """Takes a message of the link; what is for another component is passed over."""
        target = getattr(message, "target_component", None)
        if target not in (0, COMPONENT) or message.target_system not in (0, system_id):
            return
        kind = message.get_type()
        if kind == "COMMAND_LONG":
            result = self._obey(message, alone=target == COMPONENT)
            if result is not None:
                asker = (message.get_srcSystem(), message.get_srcComponent())
                self.send(mavlink.MAVLink_command_ack_message(message.command, result, 0, 0, *asker))
        elif kind in ("PARAM_EXT_REQUEST_READ", "PARAM_EXT_REQUEST_LIST"):
            if kind == "PARAM_EXT_REQUEST_LIST" or message.param_id == PALETTE_PARAMETER or message.param_index == 0:
                value = self._palette_value()
                self.send(mavlink.MAVLink_param_ext_value_message(_name(), value, _UINT8, 1, 0))
        elif kind == "PARAM_EXT_SET" and message.param_id == PALETTE_PARAMETER:
            self._set_palette(message)

    # -- commands ----------------------------------------------------------------------------------------------------

    def _obey(self, message: Any, alone: bool) -> int | None:
        """The MAV_RESULT; None for a broadcast that is not the camera's business."""
        match message.command:
            case mavlink.MAV_CMD_REQUEST_MESSAGE:
                return self._tell(_whole(message.param1), _whole(message.param2), alone)
            case mavlink.MAV_CMD_SET_MESSAGE_INTERVAL if alone:
                return self._set_interval(_whole(message.param1), message.param2)
            case mavlink.MAV_CMD_SET_CAMERA_ZOOM if alone:
                return self._zoom(_whole(message.param1), message.param2)
            case mavlink.MAV_CMD_IMAGE_START_CAPTURE if alone:
                return self._capture(message)
            case _:
                return int(mavlink.MAV_RESULT_UNSUPPORTED) if alone else None

    def _tell(self, wanted: int | None, number: int | None, alone: bool) -> int | None:
        tellers: dict[int, Callable[[], list[Any]]] = {
            mavlink.MAVLINK_MSG_ID_CAMERA_INFORMATION: lambda: [self._information()],
            mavlink.MAVLINK_MSG_ID_CAMERA_SETTINGS: lambda: [self._settings()],
            mavlink.MAVLINK_MSG_ID_CAMERA_CAPTURE_STATUS: lambda: [self._capture_status()],
            mavlink.MAVLINK_MSG_ID_STORAGE_INFORMATION: lambda: [self._storage()],
            mavlink.MAVLINK_MSG_ID_CAMERA_FOV_STATUS: lambda: [self._view_status()],
            mavlink.MAVLINK_MSG_ID_VIDEO_STREAM_INFORMATION: lambda: self._each_stream(number, self._stream),
            mavlink.MAVLINK_MSG_ID_VIDEO_STREAM_STATUS: lambda: self._each_stream(number, self._stream_status),
        }
        if wanted not in tellers:
            return int(mavlink.MAV_RESULT_UNSUPPORTED) if alone else None
        for message in tellers[wanted]():
            self.send(message)
        return int(mavlink.MAV_RESULT_ACCEPTED)

    def _set_interval(self, wanted: int | None, interval_us: float) -> int:
        if wanted != mavlink.MAVLINK_MSG_ID_CAMERA_FOV_STATUS or not math.isfinite(interval_us):
            return int(mavlink.MAV_RESULT_DENIED)
        self._view_every_s = max(interval_us / 1e6, 0.05) if interval_us > 0 else 0.0
        return int(mavlink.MAV_RESULT_ACCEPTED)

    def _zoom(self, kind: int | None, value: float) -> int:
        if not math.isfinite(value):
            return int(mavlink.MAV_RESULT_DENIED)
        match kind:
            case mavlink.ZOOM_TYPE_RANGE:
                self._rate, self._wanted_percent = 0.0, min(100.0, max(0.0, value))
            case mavlink.ZOOM_TYPE_STEP:
                self._rate, self._wanted_percent = (
                    0.0,
                    min(100.0, max(0.0, self.zoom_percent + math.copysign(10, value))),
                )
            case mavlink.ZOOM_TYPE_CONTINUOUS:
                self._rate = min(1.0, max(-1.0, value))
            case mavlink.ZOOM_TYPE_FOCAL_LENGTH:
                factor = max(1.0, min(LONGEST, value / self._focal_mm))
                self._rate, self._wanted_percent = 0.0, 100.0 * math.log(factor, LONGEST)
            case _:
                return int(mavlink.MAV_RESULT_UNSUPPORTED)
        return int(mavlink.MAV_RESULT_ACCEPTED)

    def _capture(self, message: Any) -> int:
        """One photograph; a command that is repeated with its sequence number takes no second one."""
        asker, sequence = (message.get_srcSystem(), message.get_srcComponent()), _whole(message.param4)
        if _whole(message.param3) != 1:
            return int(mavlink.MAV_RESULT_UNSUPPORTED)
        if sequence and self._last_sequence.get(asker) == sequence:
            return int(mavlink.MAV_RESULT_ACCEPTED)
        if self._storage_left_mb < PHOTOGRAPH_MB:
            return int(mavlink.MAV_RESULT_TEMPORARILY_REJECTED)
        if sequence:
            self._last_sequence[asker] = sequence
        index = self.photographs
        self.photographs += 1
        self.photograph(index, lambda url: self.send(self._captured(index, url)))
        return int(mavlink.MAV_RESULT_ACCEPTED)

    def _set_palette(self, message: Any) -> None:
        chosen = _first_byte(message.param_value)
        names = list(PALETTES)
        known = chosen < len(names)
        if known:
            self.palette = names[chosen]
        result = mavlink.PARAM_ACK_ACCEPTED if known else mavlink.PARAM_ACK_VALUE_UNSUPPORTED
        self.send(mavlink.MAVLink_param_ext_ack_message(_name(), self._palette_value(), _UINT8, result))

    # -- what it tells -----------------------------------------------------------------------------------------------

    @property
    def _focal_mm(self) -> float:
        return SENSOR_MM[0] / 2 / math.tan(math.radians(self.wide_view_deg) / 2)

    @property
    def _storage_left_mb(self) -> float:
        return STORAGE_MB - self.photographs * PHOTOGRAPH_MB

    def _palette_value(self) -> bytes:
        return bytes([list(PALETTES).index(self.palette)])

    def _information(self) -> Any:
        zoom = next((stream for stream in self.streams if not stream.thermal), None)
        size = (zoom.width_px, zoom.height_px) if zoom else (0, 0)
        return mavlink.MAVLink_camera_information_message(
            _boot_ms(), _padded(VENDOR), _padded(MODEL), 1, self._focal_mm, *SENSOR_MM, *size, 0, _FLAGS, 1,
            self.definition_url.encode(), mavlink.MAV_COMP_ID_GIMBAL, 0,
        )  # fmt: skip

    def _settings(self) -> Any:
        video = mavlink.CAMERA_MODE_VIDEO
        return mavlink.MAVLink_camera_settings_message(_boot_ms(), video, self.zoom_percent, math.nan)

    def _capture_status(self) -> Any:
        left = self._storage_left_mb
        return mavlink.MAVLink_camera_capture_status_message(_boot_ms(), 0, 0, 0.0, 0, left, self.photographs)

    def _storage(self) -> Any:
        left, ready = self._storage_left_mb, mavlink.STORAGE_STATUS_READY
        return mavlink.MAVLink_storage_information_message(
            _boot_ms(), 1, 1, ready, STORAGE_MB, STORAGE_MB - left, left, 40.0, 30.0
        )

    def _each_stream(self, number: int | None, tell: Callable[[int, StreamOffer], Any]) -> list[Any]:
        """Of one stream, or of all when none is named."""
        return [tell(i, one) for i, one in enumerate(self.streams, 1) if not number or number == i]

    def _stream(self, number: int, offer: StreamOffer) -> Any:
        return mavlink.MAVLink_video_stream_information_message(
            number, len(self.streams), mavlink.VIDEO_STREAM_TYPE_RTSP, *self._stream_now(offer),
            offer.name.encode(), offer.url.encode(), mavlink.VIDEO_STREAM_ENCODING_H264,
        )  # fmt: skip

    def _stream_status(self, number: int, offer: StreamOffer) -> Any:
        return mavlink.MAVLink_video_stream_status_message(number, *self._stream_now(offer))

    def _stream_now(self, offer: StreamOffer) -> tuple[Any, ...]:
        heat = mavlink.VIDEO_STREAM_STATUS_FLAGS_THERMAL if offer.thermal else 0
        view_deg = offer.wide_view_deg if offer.thermal else self.view_deg
        size = (offer.width_px, offer.height_px, offer.bits_per_second)
        return (mavlink.VIDEO_STREAM_STATUS_FLAGS_RUNNING | heat, offer.frames_per_second, *size, 0, round(view_deg))

    def _eye(self) -> tuple[tuple[int, int, int], tuple[float, float, float, float]]:
        """(latitude, longitude in 1e-7 degrees, altitude in mm) and attitude; zeros and NaN where nothing is known."""
        view = self.pose().view(time.monotonic())
        if view is None:
            return (0, 0, 0), (math.nan,) * 4  # type: ignore[return-value]
        place = (round(view.latitude_deg * 1e7), round(view.longitude_deg * 1e7), round(view.altitude_amsl_m * 1e3))
        camera = view.camera
        return place, quaternion_from_attitude(Attitude(camera.roll_rad, camera.pitch_rad, camera.yaw_rad))

    def _view_status(self) -> Any:
        place, q = self._eye()
        across = math.tan(math.radians(self.view_deg) / 2)
        zoom = next((stream for stream in self.streams if not stream.thermal), None)
        upright = across * (zoom.height_px / zoom.width_px if zoom else 9 / 16)
        nowhere = 0x7FFFFFFF
        return mavlink.MAVLink_camera_fov_status_message(
            _boot_ms(), *place, nowhere, nowhere, nowhere, q, self.view_deg, math.degrees(2 * math.atan(upright))
        )

    def _captured(self, index: int, url: str | None) -> Any:
        place, q = self._eye()
        return mavlink.MAVLink_camera_image_captured_message(
            _boot_ms(), round(time.time() * 1e6), 0, *place, 0, q, index, 1 if url else 0,
            (url or "").encode(),
        )  # fmt: skip


def definition() -> bytes:
    """The camera definition file, which describes the palette."""
    options = "".join(f'<option name="{name}" value="{index}"/>' for index, name in enumerate(PALETTES))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><mavlinkcamera>'
        f'<definition version="1"><model>{MODEL}</model><vendor>{VENDOR}</vendor></definition><parameters>'
        f'<parameter name="{PALETTE_PARAMETER}" type="uint8" default="0" control="1">'
        f"<description>Thermal palette</description><options>{options}</options></parameter>"
        "</parameters></mavlinkcamera>"
    ).encode()


def _whole(value: float) -> int | None:
    """A command's parameter as an integer; None for NaN, which means that it was left open."""
    return int(value) if math.isfinite(value) else None


def _first_byte(value: Any) -> int:
    """pymavlink reads an array of characters as text up to its first zero."""
    raw = value if isinstance(value, bytes) else str(value).encode("latin-1", "replace")
    return raw[0] if raw else 0


def _padded(text: str) -> list[int]:
    return list(text.encode()[:32].ljust(32, b"\0"))


def _name() -> bytes:
    return PALETTE_PARAMETER.encode()


def _boot_ms() -> int:
    return int(time.monotonic() * 1000) & 0xFFFFFFFF
