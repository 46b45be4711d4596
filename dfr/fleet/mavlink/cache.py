"""The last values of one aircraft. The reading thread writes, the event loop reads; what was not heard is None."""

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dfr.core.geo import Position, distance_m
from dfr.core.telemetry import (
    Attitude,
    FenceOnBoard,
    FlightMode,
    Health,
    Kinematics,
    LinkState,
    StatusText,
    Telemetry,
    Timed,
)
from dfr.fleet.mavlink import common, decode, losses, vitals
from dfr.fleet.mavlink.autopilot import Autopilot
from dfr.fleet.mavlink.decode import Fields
from dfr.fleet.mavlink.kinds import PX4, mismatch
from dfr.fleet.mavlink.payload import SENDERS, Payload
from dfr.fleet.mavlink.progress import ProgressBoard
from dfr.fleet.mavlink.remote_id import ARM_STATUS, RemoteIdWatch
from dfr.fleet.mavlink.twins import TwinWatch
from dfr.fleet.serial_number import serial_number_of

T = TypeVar("T")
TEXTS_KEPT = 20
ACKS_KEPT = 32
CHUNK_LENGTH = 50
"""A STATUSTEXT chunk that is shorter than this is the last of its text (MAVLink, STATUSTEXT)."""
REBOOT_BACKSTEP_S = 1.0
PARAMETER_HASH = "_HASH_CHECK"
FENCE_MISSION = 1
"""MAV_MISSION_TYPE_FENCE."""
FENCE_UPLOAD = "Fence upload"
FENCE_READ_BACK = "Fence read-back"
HEADING_AGE_S = 1.0
"""A gimbal that turns with the nose: the nose's direction may be this old."""
HOME_MOVED_M = 5.0
"""An autopilot sets home anew at every arming; a step of more than this is another place."""


@dataclass(frozen=True, slots=True)
class Ack:
    """One COMMAND_ACK, `number` counting them up."""

    number: int
    command: int
    result: int
    component_id: int = common.AUTOPILOT_COMPONENT


class Cache:
    """Thread-safe. `on_message` is called by mavsdk's callback thread and never blocks."""

    def __init__(
        self,
        asset_id: str,
        system_id: int | None,
        own_system_id: int,
        link_lost_s: float,
        kind: Autopilot = PX4,
        own_component_id: int = 0,
        camera_host: str = "",
    ) -> None:
        self.asset_id = asset_id
        self.system_id = system_id
        self._own_system_id = own_system_id
        self._link_lost_s = link_lost_s
        self._kind = kind
        self.fence_off = ""
        """The newest SYS_STATUS's sentence about a stored fence that is not enforced; "" where it is."""
        self.progress = ProgressBoard()
        self.parameter_hash: float | None = None
        """The newest hash of all parameters, as the float that its bits are; None where those are no number."""
        self.parameter_hashes = 0
        """How many came so far."""
        self._lock = threading.Lock()
        self._known = Telemetry(asset_id)
        self._values: dict[str, Any] = {"asset_id": asset_id}
        """What `_known` was made of."""
        self._news: dict[str, Any] = {}
        """Values that are not yet in `_known`: messages come oftener than anybody asks."""
        self._came: Counter[str] = Counter()
        self._heard_s: float | None = None
        self._online_since_s: float | None = None
        self._boots = 0
        self._boot_time_s: float | None = None
        self._autopilot: int | None = None
        self._acks: deque[Ack] = deque(maxlen=ACKS_KEPT)
        self._ack_count = 0
        self._texts: deque[StatusText] = deque(maxlen=TEXTS_KEPT)
        self._text_count = 0
        self._chunks: tuple[int, list[str]] | None = None
        self._twins = TwinWatch()
        self._remote_id = RemoteIdWatch()
        self._motor_lost = False
        self._payload = Payload(asset_id, (own_system_id, own_component_id), camera_host)
        self._prearm: Timed[bool] | None = None
        self._parameters_missing: tuple[str, ...] = ("The safety parameters have not been read from the aircraft yet.",)
        self._fence_home: Position | None = None
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._handlers: dict[str, Callable[[Fields, float], None]] = {
            "HEARTBEAT": self._heartbeat,
            "GLOBAL_POSITION_INT": self._global_position,
            "AUTOPILOT_VERSION": lambda fields, now_s: self._twins.numbered(serial_number_of(fields), now_s),
            "SYSTEM_TIME": self._system_time,
            "EXTENDED_SYS_STATE": self._extended_state,
            "SYS_STATUS": self._sys_status,
            "BATTERY_STATUS": self._battery,
            "PARAM_VALUE": self._parameter,
            "GPS_RAW_INT": self._gps,
            "ESTIMATOR_STATUS": self._estimator,
            "STORAGE_INFORMATION": self._storage,
            "WIND_COV": self._wind,
            "POSITION_TARGET_GLOBAL_INT": lambda fields, now_s: self._set(**losses.setpoint(fields, now_s)),
            "HOME_POSITION": self._home,
            "STATUSTEXT": self._status_text,
            "COMMAND_ACK": self._command_ack,
            "MISSION_REQUEST_INT": self._fence_item_asked_for,
            "MISSION_ITEM_INT": self._fence_item_came,
            "ATTITUDE_QUATERNION": self._attitude,
        }

        self.messages = frozenset(
            (*self._handlers, *self._payload.messages, "GIMBAL_DEVICE_ATTITUDE_STATUS", ARM_STATUS)
        )
        """The names of the messages that this cache wants."""

    # -- written by the reading thread ---------------------------------------------------------------------------

    def on_message(self, name: str, component_id: int, fields: Fields, now_s: float) -> None:
        """Take one message in. Raises KeyError or ValueError for a message that is not what its name says."""
        with self._lock:
            self._came[name] += 1
            taken = self._take(name, component_id, fields, now_s)
            listeners = self._listeners if taken else ()
        for listener in listeners:
            listener()

    def _take(self, name: str, component_id: int, fields: Fields, now_s: float) -> bool:
        """Whether it was of use. What a camera or a gimbal says does not count as the aircraft being heard."""
        if self._remote_id.see(name, component_id, fields, now_s):
            return False
        if self._payload.take(name, component_id, fields, now_s):
            return True
        if name == "GIMBAL_DEVICE_ATTITUDE_STATUS":
            self._gimbal(fields, now_s)
            return True
        if component_id != common.AUTOPILOT_COMPONENT:
            if name == "COMMAND_ACK" and component_id in SENDERS:
                self._command_ack(fields, now_s, component_id)
                return True
            return False
        if name == "HEARTBEAT" and fields["autopilot"] == common.AUTOPILOT_INVALID:
            return False
        if self._heard_s is None or now_s - self._heard_s > self._link_lost_s:
            self._online_since_s = now_s
        self._heard_s = now_s
        self._handlers[name](fields, now_s)
        return True

    def _set(self, **values: Any) -> None:
        self._news.update(values)

    def _last(self, name: str) -> Any:
        """The newest value of one field of the telemetry."""
        return self._news[name] if name in self._news else getattr(self._known, name)

    @property
    def _telemetry(self) -> Telemetry:
        if self._news:
            self._values.update(self._news)
            self._news.clear()
            self._known = Telemetry(**self._values)
        return self._known

    def _heartbeat(self, fields: Fields, now_s: float) -> None:
        self._autopilot = fields["autopilot"]
        mode = (
            self._kind.flight_mode(fields["custom_mode"]) if self._autopilot == self._kind.number else FlightMode.OTHER
        )
        armed = bool(fields["base_mode"] & common.ARMED_FLAG)
        self._motor_lost = self._motor_lost and armed
        self._set(mode=Timed(mode, now_s), armed=Timed(armed, now_s))

    def _global_position(self, fields: Fields, now_s: float) -> None:
        boot_time_s = fields["time_boot_ms"] / 1e3
        value = decode.kinematics(fields)
        self._twins.see(boot_time_s, value.position if value else None, now_s)
        self._clock_seen(boot_time_s)
        if value is not None:
            self._set(kinematics=Timed(value, now_s))

    def _system_time(self, fields: Fields, now_s: float) -> None:
        """A restarted autopilot tells its time before it knows its position."""
        self._clock_seen(fields["time_boot_ms"] / 1e3)

    def _clock_seen(self, boot_time_s: float) -> None:
        if self._boot_time_s is not None and boot_time_s < self._boot_time_s - REBOOT_BACKSTEP_S:
            self._rebooted()
        self._boot_time_s = boot_time_s

    def _rebooted(self) -> None:
        self._boots += 1
        self._parameters_missing = ("The autopilot has restarted; its safety parameters are being read again.",)
        self._payload.restarted()
        self._set(home=None, storage=None, parameter_faults=None)
        self._drop_fence("The autopilot has restarted since the fence was verified; it has to be uploaded again.")

    def _drop_fence(self, sentence: str) -> None:
        if self._last("fence") is not None:
            self._set(fence=None, fence_problem=sentence)

    def _extended_state(self, fields: Fields, now_s: float) -> None:
        landed = common.LANDED_STATES.get(fields["landed_state"])
        self._set(landed=None if landed is None else Timed(landed, now_s))

    def _sys_status(self, fields: Fields, now_s: float) -> None:
        health = fields["onboard_control_sensors_health"]
        present, enabled = fields["onboard_control_sensors_present"], fields["onboard_control_sensors_enabled"]
        self.fence_off = self._kind.fence_off(fields)
        if self.fence_off:
            self._drop_fence(self.fence_off)
        self._prearm = Timed(bool(health & common.PREARM_BIT), now_s)
        self._set(sensors=Timed(vitals.sensors(present, enabled, health), now_s))
        self._set(**losses.motors(fields, self._motor_lost, now_s))

    def _battery(self, fields: Fields, now_s: float) -> None:
        value = decode.battery(fields)
        if value is not None:
            self._set(battery=Timed(value, now_s))

    def _parameter(self, fields: Fields, now_s: float) -> None:
        """Of the parameters only the hash of all is kept: mavsdk reads the others."""
        if fields["param_id"] == PARAMETER_HASH:
            self.parameter_hash = fields["param_value"]
            self.parameter_hashes += 1

    def _gps(self, fields: Fields, now_s: float) -> None:
        if fields["satellites_visible"] != 255:
            self._set(satellites=Timed(fields["satellites_visible"], now_s))
        fix = vitals.satellite_fix(fields)
        if fix is not None:
            self._set(satellite_fix=Timed(fix, now_s))

    def _estimator(self, fields: Fields, now_s: float) -> None:
        self._set(estimate=Timed(vitals.estimate(fields), now_s))

    def _storage(self, fields: Fields, now_s: float) -> None:
        self._set(storage=Timed(vitals.storage(fields), now_s))

    def _wind(self, fields: Fields, now_s: float) -> None:
        value = vitals.wind(fields)
        if value is not None:
            self._set(wind=Timed(value, now_s))

    def _home(self, fields: Fields, now_s: float) -> None:
        value = decode.home(fields)
        verified_at = self._fence_home
        if verified_at is not None and distance_m(verified_at, value.position) > HOME_MOVED_M:
            self._drop_fence("Home has moved since the fence was verified; the fence has to be uploaded again.")
        self._set(home=Timed(value, now_s))

    def _attitude(self, fields: Fields, now_s: float) -> None:
        value = decode.attitude(fields)
        if value is not None:
            self._set(attitude=Timed(value, now_s))

    def _heading_deg(self, now_s: float) -> float | None:
        """By attitude or position; None when both are old: nobody knows where the nose points then."""
        attitude: Timed[Attitude] | None = self._last("attitude")
        kinematics: Timed[Kinematics] | None = self._last("kinematics")
        if attitude is not None and attitude.age_s(now_s) < HEADING_AGE_S:
            return attitude.value.orientation.yaw_deg
        if kinematics is not None and kinematics.age_s(now_s) < HEADING_AGE_S:
            return kinematics.value.heading_deg
        return None

    def _gimbal(self, fields: Fields, now_s: float) -> None:
        value = decode.gimbal(fields, self._heading_deg(now_s))
        if value is not None:
            self._set(gimbal=Timed(value, now_s))

    def _fence_item_asked_for(self, fields: Fields, now_s: float) -> None:
        """Whoever asks for item n has the n before it."""
        if fields["mission_type"] == FENCE_MISSION:
            self.progress.count(FENCE_UPLOAD, fields["seq"])

    def _fence_item_came(self, fields: Fields, now_s: float) -> None:
        if fields["mission_type"] == FENCE_MISSION:
            self.progress.count(FENCE_READ_BACK, fields["seq"] + 1)

    def _command_ack(self, fields: Fields, now_s: float, component_id: int = common.AUTOPILOT_COMPONENT) -> None:
        if fields.get("target_system", 0) not in (0, self._own_system_id):
            if component_id == common.AUTOPILOT_COMPONENT:
                self._set(**losses.foreign_order(fields, now_s))
            return
        if component_id == common.AUTOPILOT_COMPONENT:
            self._set(**losses.answered())
        self._ack_count += 1
        self._acks.append(Ack(self._ack_count, fields["command"], fields["result"], component_id))

    def _status_text(self, fields: Fields, now_s: float) -> None:
        chunk: str = fields["text"]
        text_id = fields.get("id", 0)
        if text_id == 0:
            self._add_text(fields["severity"], chunk, now_s)
            return
        if self._chunks is None or self._chunks[0] != text_id:
            self._chunks = (text_id, [])
        self._chunks[1].append(chunk)
        if len(chunk.encode()) < CHUNK_LENGTH:
            self._add_text(fields["severity"], "".join(self._chunks[1]), now_s)
            self._chunks = None

    def _add_text(self, severity: int, text: str, now_s: float) -> None:
        status = StatusText(severity, text.rstrip("\t\0 "), now_s)  # PX4 marks texts that are also events by a tab
        self._text_count += 1
        self._texts.append(status)
        if self._kind.motor_lost(status.text):
            self._motor_lost = True
            self._set(motors_ok=Timed(False, now_s))
        if self._kind.drops_fence(status.text):
            self._drop_fence(f"{self._kind.name} has dropped the fence: '{status.text}'.")

    # -- read and written by the event loop ----------------------------------------------------------------------

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` (in the reading thread) after every message; the answer ends it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def stop() -> None:
            with self._lock:
                self._listeners = tuple(other for other in self._listeners if other is not listener)

        return stop

    @property
    def boots(self) -> int:
        """Restarts of the autopilot seen so far."""
        return self._boots

    @property
    def mark(self) -> tuple[int, int]:
        """Where the acknowledgements and the texts stand now, for `acks_since` and `texts_since`."""
        with self._lock:
            return self._ack_count, self._text_count

    def asked(self, now_s: float) -> None:
        """Something that must be acknowledged was sent."""
        with self._lock:
            self._set(**losses.asked(self._telemetry, now_s))

    def acks_since(
        self, mark: tuple[int, int], command: int, component_id: int = common.AUTOPILOT_COMPONENT
    ) -> list[Ack]:
        with self._lock:
            return [
                ack
                for ack in self._acks
                if ack.number > mark[0] and ack.command == command and ack.component_id == component_id
            ]

    def payload(self, look: Callable[[Payload], T]) -> T:
        """What `look` finds in what is known of cameras and gimbal manager, or changes there."""
        with self._lock:
            return look(self._payload)

    def texts_since(self, mark: tuple[int, int]) -> list[StatusText]:
        with self._lock:
            new = min(self._text_count - mark[1], len(self._texts))
            return list(self._texts)[len(self._texts) - new :]

    def fence_verified(self, digest: str, now_s: float) -> None:
        with self._lock:
            home = self._last("home")
            self._fence_home = home.value.position if home else None
            self._set(fence=FenceOnBoard(digest, now_s), fence_problem="")

    def fence_uploading(self) -> None:
        """What is on board changes now. A failure before stands until an upload has been verified."""
        with self._lock:
            self._set(fence=None)

    def fence_failed(self, sentence: str) -> None:
        with self._lock:
            self._set(fence=None, fence_problem=sentence)

    def parameters_checked(self, missing: tuple[str, ...]) -> None:
        """What the comparison of the safety parameters found; empty when they are equal."""
        with self._lock:
            self._parameters_missing = missing
            self._set(parameter_faults=missing)

    def telemetry(self, now_s: float) -> Telemetry:
        """All that is known at `now_s`."""
        with self._lock:
            link, changed_s = self._link(now_s)
            self._set(
                link=link,
                link_changed_s=changed_s,
                health=self._health(now_s),
                remote_id=self._remote_id.state(link is LinkState.ONLINE, now_s),
                texts=tuple(self._texts),
                progress=self.progress.shown,
                gimbal_manager=self._payload.gimbal_manager(),
                camera=self._payload.camera(now_s),
                photographs=self._payload.photographs,
            )
            return self._telemetry

    def link(self, now_s: float) -> tuple[LinkState, float | None]:
        """How it is, and since when: what is asked often, without putting all that is known together."""
        with self._lock:
            return self._link(now_s)

    def came(self, name: str) -> int:
        """How many messages of this name have come so far."""
        return self._came[name]

    def last(self, name: str) -> Any:
        """The newest value of one field that is set by messages alone."""
        with self._lock:
            return self._last(name)

    def _link(self, now_s: float) -> tuple[LinkState, float | None]:
        if self._heard_s is None:
            return LinkState.NEVER_SEEN, None
        if now_s - self._heard_s > self._link_lost_s:
            return LinkState.LOST, self._heard_s + self._link_lost_s
        return LinkState.ONLINE, self._online_since_s

    def _health(self, now_s: float) -> Timed[Health] | None:
        if self._prearm is None:
            return None
        sensors = self._last("sensors")
        missing = [sensor.sentence for sensor in (sensors.value if sensors else ()) if sensor.sentence]
        if not self._reported_since_connected():
            missing.append("The autopilot has not reported position and health since its link came back.")
        if not self._prearm.value:
            missing.append(f"{self._kind.name}'s own pre-arm checks do not pass.")
        if wrong := mismatch(self._autopilot, self._kind):
            missing.append(wrong)
        if self._last("home") is None:
            missing.append("The autopilot has not reported its home position.")
        if twins := self._twins.sentence(self.system_id or 0, now_s):
            missing.append(twins)
        missing.extend(self._parameters_missing)
        return Timed(Health(armable=not missing, missing=tuple(missing)), self._prearm.at_s)

    def _reported_since_connected(self) -> bool:
        """What was known before a gap in the link may be another flight's, or that of before a restart."""
        since_s, kinematics = self._online_since_s, self._last("kinematics")
        if since_s is None or kinematics is None or self._prearm is None:
            return False
        return kinematics.at_s >= since_s and self._prearm.at_s >= since_s

    def heard_at(self, place: str, now_s: float) -> None:
        """A heartbeat of this system id came from there."""
        with self._lock:
            self._twins.heard_at(place, now_s)

    def twins(self, now_s: float) -> str:
        """A sentence while two aircraft claim this system id, "" otherwise."""
        with self._lock:
            return self._twins.sentence(self.system_id or 0, now_s)
