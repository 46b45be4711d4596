"""What is known of one aircraft's cameras and gimbal manager, from their own messages. Pure but for its memory.

MAVLink "Camera Protocol v2" and "Gimbal Protocol v2". A camera is a component of its own (MAV_COMP_ID_CAMERA to
CAMERA6) or stands behind the autopilot; the aircraft's camera is the one with the lowest component id.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from dfr.core.attitude import Quaternion
from dfr.core.camera import GimbalControl, GimbalLimits, GimbalManager, PayloadCamera, Photograph, VideoStream
from dfr.core.geo import Amsl, Position
from dfr.fleet.mavlink import common
from dfr.fleet.mavlink.decode import Fields
from dfr.fleet.mavlink.definition import PaletteSetting
from dfr.fleet.mavlink.video_uri import usable_url

CAMERA_COMPONENTS = range(100, 106)
"""MAV_COMP_ID_CAMERA to MAV_COMP_ID_CAMERA6."""
SENDERS = (common.AUTOPILOT_COMPONENT, *CAMERA_COMPONENTS)
PHOTOGRAPHS_KEPT = 20
CAN_PHOTOGRAPH, CAN_ZOOM, HAS_STREAMS = 2, 64, 256
"""CAMERA_CAP_FLAGS."""
RUNNING, THERMAL = 1, 2
"""VIDEO_STREAM_STATUS_FLAGS."""
LOST_AFTER_S = 6.0
"""A camera that was silent for so long is told of as not heard, and asked everything anew when it is back."""
LEAST_FREE_MB = 50.0
NO_GIMBAL_AFTER = 5
"""Requests without an answer."""


@dataclass(slots=True)
class Known:
    """One camera as its messages describe it."""

    component_id: int
    heard_s: float
    information: Fields | None = None
    streams: dict[int, Fields] = field(default_factory=dict)
    settings: Fields | None = None
    capture: Fields | None = None
    storage: Fields | None = None
    view: Fields | None = None
    palette_setting: PaletteSetting | None = None
    palette_value: str | None = None


class Payload:
    """Not thread-safe: its aircraft's cache guards it. `host` replaces a host that only the camera itself can reach."""

    def __init__(self, asset_id: str, own_ids: tuple[int, int], host: str = "") -> None:
        self._asset_id = asset_id
        self._own_ids = own_ids
        self._host = host
        self.cameras: dict[int, Known] = {}
        self.manager: Fields | None = None
        self._manager_status: Fields | None = None
        self.manager_asked = 0
        """How often the gimbal manager was asked who it is, without an answer."""
        self._made: tuple[bool, PayloadCamera | None] | None = None
        self._manager_shown: tuple[Fields | None, Fields | None, int, GimbalManager] | None = None
        self._photographs: deque[Photograph] = deque(maxlen=PHOTOGRAPHS_KEPT)
        self._handlers: dict[str, Callable[[Known, Fields, float], None]] = {
            "CAMERA_INFORMATION": self._information,
            "CAMERA_SETTINGS": lambda known, fields, _: setattr(known, "settings", fields),
            "CAMERA_CAPTURE_STATUS": lambda known, fields, _: setattr(known, "capture", fields),
            "CAMERA_FOV_STATUS": lambda known, fields, _: setattr(known, "view", fields),
            "STORAGE_INFORMATION": lambda known, fields, _: setattr(known, "storage", fields),
            "CAMERA_IMAGE_CAPTURED": self._image_captured,
            "VIDEO_STREAM_INFORMATION": lambda known, fields, _: known.streams.update({fields["stream_id"]: fields}),
            "VIDEO_STREAM_STATUS": self._stream_status,
            "PARAM_EXT_VALUE": self._parameter,
            "PARAM_EXT_ACK": self._parameter_set,
        }

    @property
    def messages(self) -> tuple[str, ...]:
        """The names of the messages that are taken."""
        return (*self._handlers, "GIMBAL_MANAGER_INFORMATION", "GIMBAL_MANAGER_STATUS")

    def take(self, name: str, component_id: int, fields: Fields, now_s: float) -> bool:
        """Whether the message was one of a camera or a gimbal manager."""
        if name == "GIMBAL_MANAGER_INFORMATION" and component_id == common.AUTOPILOT_COMPONENT:
            self.manager = fields
        elif name == "GIMBAL_MANAGER_STATUS" and component_id == common.AUTOPILOT_COMPONENT:
            self._manager_status = fields
        elif name == "HEARTBEAT" and component_id in CAMERA_COMPONENTS:
            self._camera(component_id, now_s)
        elif name in self._handlers and component_id in SENDERS:
            # The autopilot has storage and parameters of its own: it is a camera only once it says so.
            if component_id not in (*CAMERA_COMPONENTS, *self.cameras) and name != "CAMERA_INFORMATION":
                return False
            self._handlers[name](self._camera(component_id, now_s), fields, now_s)
        else:
            return False
        return True

    def restarted(self) -> None:
        """The autopilot has started anew: its gimbal manager is asked again."""
        self.manager, self._manager_status, self.manager_asked = None, None, 0

    def palette_known(self, known: Known, setting: PaletteSetting) -> None:
        known.palette_setting, self._made = setting, None

    def _camera(self, component_id: int, now_s: float) -> Known:
        self._made = None
        known = self.cameras.get(component_id)
        if known is None or now_s - known.heard_s > LOST_AFTER_S:
            kept = known.streams if known else {}
            # Its streams stay declared, so that its video comes back by itself even before it has answered.
            known = self.cameras[component_id] = Known(component_id, now_s, known.information if known else None, kept)
            known.palette_setting = None
        known.heard_s = now_s
        return known

    def _information(self, known: Known, fields: Fields, _now_s: float) -> None:
        before = known.information
        if before is not None and fields["time_boot_ms"] < before["time_boot_ms"]:
            known.streams.clear()
            known.palette_setting = known.settings = known.view = None
        known.information = fields

    def _stream_status(self, known: Known, fields: Fields, _now_s: float) -> None:
        described = known.streams.get(fields["stream_id"])
        if described is not None:
            known.streams[fields["stream_id"]] = {**described, **fields}

    def _parameter(self, known: Known, fields: Fields, _now_s: float) -> None:
        setting = known.palette_setting
        if setting is not None and fields["param_id"] == setting.parameter:
            known.palette_value = setting.name_of(fields["param_value"])

    def _parameter_set(self, known: Known, fields: Fields, now_s: float) -> None:
        if fields["param_result"] == common.PARAM_EXT_ACCEPTED:
            self._parameter(known, fields, now_s)

    def _image_captured(self, known: Known, fields: Fields, now_s: float) -> None:
        taken = _photograph(fields, now_s)
        if not any(other.index == taken.index and other.url == taken.url for other in self._photographs):
            self._photographs.append(taken)

    # -- what is known, in the domain's words ----------------------------------------------------------------------

    @property
    def photographs(self) -> tuple[Photograph, ...]:
        return tuple(self._photographs)

    @property
    def first(self) -> Known | None:
        """The aircraft's camera."""
        described = [known for known in self.cameras.values() if known.information is not None]
        return min(described, key=lambda known: known.component_id, default=None)

    def camera(self, now_s: float) -> PayloadCamera | None:
        """Made anew only when something was heard, or has not been for too long."""
        known = self.first
        if known is None:
            return None
        silent = now_s - known.heard_s > LOST_AFTER_S
        if self._made is None or self._made[0] != silent:
            self._made = silent, self._describe(known, silent)
        return self._made[1]

    def _describe(self, known: Known, silent: bool) -> PayloadCamera | None:
        if known.information is None:
            return None
        flags = known.information["flags"]
        wide_deg = _wide_fov_deg(known)
        setting = known.palette_setting
        return PayloadCamera(
            component_id=known.component_id,
            name=" ".join(part for part in (_text(known.information, "vendor_name"), _model(known)) if part),
            can_zoom=bool(flags & CAN_ZOOM),
            can_photograph=bool(flags & CAN_PHOTOGRAPH),
            palettes=tuple(setting.values) if setting else (),
            palette=known.palette_value,
            zoom_percent=known.settings["zoomLevel"] if known.settings and flags & CAN_ZOOM else None,
            horizontal_fov_deg=(_positive(known.view, "hfov") or _stream_fov_deg(known) or wide_deg),
            vertical_fov_deg=_positive(known.view, "vfov"),
            wide_fov_deg=wide_deg,
            streams=self._all_streams(),
            photographs=_at_least_zero(known.capture, "image_count"),
            storage_left_mb=_positive(known.storage, "available_capacity"),
            sentence=_camera_sentence(known, silent),
        )

    def _all_streams(self) -> tuple[VideoStream, ...]:
        streams: list[VideoStream] = []
        for known in sorted(self.cameras.values(), key=lambda one: one.component_id):
            for number in sorted(known.streams):
                identifier = self._asset_id if not streams else f"{self._asset_id}-{known.component_id}-{number}"
                streams.append(_stream(identifier, known.streams[number], self._host))
        return tuple(streams)

    def gimbal_manager(self) -> GimbalManager:
        """Asked many times a second, and made anew when something has changed."""
        last = self._manager_shown
        if last is None or last[0] is not self.manager or last[1:3] != (self._manager_status, self.manager_asked):
            last = self._manager_shown = (self.manager, self._manager_status, self.manager_asked, self._manager())
        return last[3]

    def _manager(self) -> GimbalManager:
        sentence = ""
        if self.manager is None and self.manager_asked >= NO_GIMBAL_AFTER:
            sentence = (
                "No gimbal manager answers: the camera looks where the nose points. Check MNT_MODE_IN and MNT_MODE_OUT "
                "where it should have one."
            )
        control, controller = self._control()
        return GimbalManager(_limits(self.manager), control, controller, sentence)

    def _control(self) -> tuple[GimbalControl | None, str]:
        status = self._manager_status
        if status is None:
            return None, ""
        system, component = status["primary_control_sysid"], status["primary_control_compid"]
        if (system, component) == self._own_ids:
            return GimbalControl.OURS, "this service"
        if system == 0:
            return GimbalControl.NOBODY, "nobody"
        if component == common.AUTOPILOT_COMPONENT:
            return GimbalControl.AUTOPILOT, "the autopilot"
        return GimbalControl.OTHER, f"system {system}, component {component}"


def _camera_sentence(known: Known, silent: bool) -> str:
    if silent:
        return f"The camera has not been heard for more than {LOST_AFTER_S:.0f} s."
    left_mb = _positive(known.storage, "available_capacity")
    if left_mb is not None and left_mb < LEAST_FREE_MB:
        return f"The camera's storage has {left_mb:.0f} MB left."
    return ""


def _photograph(fields: Fields, now_s: float) -> Photograph:
    somewhere = fields["lat"] != 0 or fields["lon"] != 0
    pitch_deg, yaw_deg = _angles(fields["q"])
    return Photograph(
        index=fields["image_index"],
        at_s=now_s,
        camera_utc_s=fields["time_utc"] / 1e6 if fields["time_utc"] else None,
        position=Position(fields["lat"] / 1e7, fields["lon"] / 1e7) if somewhere else None,
        altitude=Amsl(fields["alt"] / 1e3) if somewhere else None,
        pitch_deg=pitch_deg,
        yaw_deg=yaw_deg,
        url=fields["file_url"],
        succeeded=fields["capture_result"] == 1,
    )


def _angles(q: list[float | None]) -> tuple[float | None, float | None]:
    numbers = [value for value in q if value is not None]
    if len(numbers) != 4 or sum(value * value for value in numbers) < 0.5:
        return None, None
    orientation = Quaternion(*numbers)
    return orientation.pitch_deg, orientation.yaw_deg


def _stream(identifier: str, fields: Fields, host: str) -> VideoStream:
    url, sentence = usable_url(fields["type"], _text(fields, "uri"), host)
    return VideoStream(
        id=identifier,
        name=_text(fields, "name") or f"Video {fields['stream_id']}",
        url=url,
        thermal=bool(fields["flags"] & THERMAL),
        running=bool(fields["flags"] & RUNNING),
        width_px=fields["resolution_h"] or None,
        height_px=fields["resolution_v"] or None,
        frames_per_second=_positive(fields, "framerate"),
        horizontal_fov_deg=_positive(fields, "hfov"),
        sentence=sentence,
    )


def _limits(fields: Fields | None) -> GimbalLimits | None:
    if fields is None:
        return None
    names = ("pitch_min", "pitch_max", "yaw_min", "yaw_max")
    values = [fields[name] for name in names]
    if any(value is None for value in values):
        return None
    low, high, left, right = (math.degrees(value) for value in values)
    if low >= high:
        return None
    return GimbalLimits((low, high), (left, right) if left < right else (-180.0, 180.0))


def _wide_fov_deg(known: Known) -> float | None:
    """By the lens, where the camera tells it (a zoom's focal length is its shortest); else by the settings at wide."""
    information = known.information
    focal_mm, sensor_mm = _positive(information, "focal_length"), _positive(information, "sensor_size_h")
    if focal_mm and sensor_mm:
        return math.degrees(2 * math.atan(sensor_mm / 2 / focal_mm))
    return _stream_fov_deg(known)


def _stream_fov_deg(known: Known) -> float | None:
    """Of its first stream that shows no heat."""
    ordinary = [fields for _, fields in sorted(known.streams.items()) if not fields["flags"] & THERMAL]
    return _positive(ordinary[0], "hfov") if ordinary else None


def _model(known: Known) -> str:
    return _text(known.information or {}, "model_name")


def _text(fields: Fields, name: str) -> str:
    """A string, also one that is sent as bytes (vendor and model are arrays of numbers)."""
    value = fields.get(name) or ""
    if isinstance(value, str):
        return value.rstrip("\0").strip()
    return bytes(value).split(b"\0", 1)[0].decode(errors="replace").strip()


def _positive(fields: Fields | None, name: str) -> float | None:
    value = fields.get(name) if fields else None
    return float(value) if value is not None and value > 0 else None


def _at_least_zero(fields: Fields | None, name: str) -> int | None:
    value = fields.get(name) if fields else None
    return int(value) if value is not None and value >= 0 else None
