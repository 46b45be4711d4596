"""One aircraft: its parts put together, and its messages in and out."""

import hashlib
import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot import commands, telemetry
from sim.autopilot.battery import Batteries, Battery
from sim.autopilot.bodily import TWIN_NORTH_M, BodilyFaults
from sim.autopilot.body import Body
from sim.autopilot.commander import Commander
from sim.autopilot.dynamics import STEP_S, Dynamics
from sim.autopilot.face import FACES
from sim.autopilot.faults import Faults, FaultSpec
from sim.autopilot.forwarding import forward
from sim.autopilot.frames import LocalFrame
from sim.autopilot.gimbal import Gimbal, Gimbals
from sim.autopilot.items import Item
from sim.autopilot.link import UdpLink, link_for
from sim.autopilot.mission import Mission
from sim.autopilot.navigator import Navigator, OffboardSetpoint
from sim.autopilot.parameters import HASH, Value
from sim.autopilot.radio import Radio
from sim.autopilot.rally import RallyPoints
from sim.autopilot.remote_id import RemoteIdModule
from sim.autopilot.signing import sign
from sim.autopilot.transfer import Transfer

THINK_S = 0.1
STEPS_A_THOUGHT = round(THINK_S / STEP_S)
FENCE_CHECK_S = 0.45
MISSION_CHECK_S = 0.55
TEXT_CHUNK = 50
PARAMETERS_A_TICK = 20
REPEAT_S = 5.0
TWIN_TELLS = ("HEARTBEAT", "GLOBAL_POSITION_INT")
TWIN_OLDER_MS = 3_600_000
REBOOT_DELAY_S = 0.4
BOOT_S = 2.0
MISSION_MESSAGES = (
    "MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_REQUEST_LIST", "MISSION_REQUEST_INT", "MISSION_REQUEST",
    "MISSION_CLEAR_ALL", "MISSION_ACK",
)  # fmt: skip


def _mute(severity: int, text: str) -> None:
    """Of a face that tells its way by the mode alone."""


def _serial_number(spec: "VehicleSpec") -> bytes:
    """18 bytes."""
    if spec.serial_number:
        return bytes.fromhex(spec.serial_number.ljust(36, "0"))
    return hashlib.sha256(f"built-in autopilot {spec.system_id}".encode()).digest()[:18]


@dataclass(frozen=True, slots=True)
class VehicleSpec:
    """What an aircraft is started with.

    `home` is latitude and longitude in degrees and metres amsl. `link` is where its MAVLink goes, ("127.0.0.1", port),
    or the service's own URL of it ("udpin://..." when the service listens, "udpout://..." when the aircraft does).
    """

    system_id: int
    home: tuple[float, float, float]
    link: tuple[str, int] | str
    payload_link: tuple[str, int] | None = None
    parameters: dict[str, Value] = field(default_factory=dict)
    parameters_file: Path | None = None
    faults: tuple[FaultSpec, ...] = ()
    serial_number: str = ""
    """AUTOPILOT_VERSION.uid2 in hexadecimal digits; "" makes one of the system id, always the same."""
    key: bytes | None = None
    """With it MAVLink is signed, and what is not signed with it is not obeyed."""
    remote_id: bool = False
    autopilot: str = "px4"
    """Its face: px4 or ardupilot."""


class World:
    """What moves, for all aircraft of a simulation together: one row each."""

    def __init__(self, count: int, wind_ne_mps: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> None:
        self.seed = seed
        self.epoch_s = telemetry.DEFAULT_EPOCH_S
        """UTC when the aircraft's clock was at zero."""
        self.dynamics = Dynamics(count, wind_ne_mps, seed)
        self.dynamics.yaw[:] = np.radians(np.random.default_rng(seed).uniform(0.0, 3.0, count))
        self.gimbals = Gimbals(count)
        self.batteries = Batteries(count)

    def step(self) -> None:
        """Advance by `STEP_S`."""
        self.dynamics.step()
        self.gimbals.step(STEP_S, self.dynamics.position, np.degrees(self.dynamics.yaw))
        self.batteries.step(STEP_S)


class Vehicle:
    """True state for tests: `position`, `armed`, `mode`, `gimbal`, `fence`, `battery`. Driven by the fleet's thread."""

    def __init__(self, spec: VehicleSpec, world: World, index: int) -> None:
        self.spec = spec
        self.world = world
        self.now_s = 0.0
        self.face = FACES[spec.autopilot]
        self.parameters = self.face.parameters()
        self.parameters.set(self.parameters.system_id_name, spec.system_id)
        self.unknown_parameters = self.parameters.apply_file(spec.parameters_file) if spec.parameters_file else []
        for name, value in spec.parameters.items():
            self.parameters.set(name, value)
        self.faults = Faults()
        for fault in spec.faults:
            self.faults.begin(fault.name, fault.start_s, fault.lasts_s)
        self.frame = LocalFrame(*spec.home)
        self.body = Body(world.dynamics, index, self.parameters)
        self.battery = Battery(world.batteries, index, self.parameters)
        self.remote_id = RemoteIdModule(spec.system_id, self.faults) if spec.remote_id else None
        if self.remote_id is not None and spec.key is not None:
            sign(self.remote_id.codec, spec.key)
        self.gimbal = Gimbal(world.gimbals, index)
        self.fence = self.face.fence(self.frame, self.parameters)
        self.mission = Mission(self.frame, self.parameters)
        self.rally = RallyPoints(self.frame)
        tell = self.say if self.face.tells_its_way else _mute
        self.navigator = Navigator(self.body, self.parameters, spec.home[2], self.mission, self.rally, tell)
        self.commander: Commander = self.face.commander(
            self.parameters, self.navigator, self.fence, self.battery, self.faults, self.say, self._later
        )
        self.bodily = BodilyFaults(self.faults, self.body, self.commander)
        self._transfers = {
            0: Transfer(0, self._answer, self._take_mission, lambda: self.mission.items),
            1: Transfer(
                1,
                self._answer,
                self._take_fence,
                self._fence_to_read,
                lambda name: self.faults.active(name, self.now_s),
            ),
            2: Transfer(2, self._answer, self.rally.take, lambda: self.rally.items),
        }
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._text_id = 0
        self._last_command: tuple[Any, float, int] | None = None
        self._parameters_to_list: list[tuple[UdpLink, int]] = []
        self.serial_number = _serial_number(spec)
        # What is left to chance in its faults: the simulation's seed, with the system id beside it.
        chance = random.Random(world.seed * 1000 + spec.system_id)
        self._open_links(chance, first_s=index % STEPS_A_THOUGHT * STEP_S)

    def _open_links(self, chance: random.Random, first_s: float) -> None:
        spec = self.spec
        main = link_for(spec.system_id, spec.link) if isinstance(spec.link, str) else UdpLink(spec.system_id, spec.link)
        main.schedule.start(self.face.rates_hz, first_s)
        if spec.key is not None:
            sign(main.codec, spec.key)
        self.links = [main]
        self._answering = main
        main.radio = Radio(self.faults, lambda: self.now_s, chance)
        self.payload = UdpLink(spec.system_id, spec.payload_link) if spec.payload_link is not None else None
        if self.payload is not None:
            self.payload.schedule.start(telemetry.PAYLOAD_RATES_HZ)
            self.links.append(self.payload)

    # -- true state ----------------------------------------------------------------------------------------

    @property
    def boot_ms(self) -> int:
        return round((self.now_s - self.bodily.clock_began_s) * 1000)

    @property
    def armed(self) -> bool:
        return self.commander.armed

    @property
    def mode(self) -> str:
        """The name of the flight mode: LOITER, TAKEOFF, RTL, … or GUIDED, BRAKE, …"""
        return self.commander.mode_name

    @property
    def position(self) -> tuple[float, float, float]:
        """Latitude, longitude in degrees, metres above home."""
        return (*self.frame.to_global(*self.body.position[:2]), self.body.height_m)

    @property
    def told_position(self) -> tuple[float, float]:
        """Latitude and longitude as its estimate tells them, which drifts without a fix."""
        north, east, _ = self.body.position
        return self.frame.to_global(north, east + self.bodily.drift_east_m)

    @property
    def latitude_deg(self) -> float:
        return self.position[0]

    @property
    def longitude_deg(self) -> float:
        return self.position[1]

    @property
    def altitude_amsl_m(self) -> float:
        return self.spec.home[2] + self.body.height_m

    # -- faults --------------------------------------------------------------------------------------------

    def fault(self, name: str, lasts_s: float = math.inf) -> None:
        """Begin a fault now, for so many of the aircraft's seconds. Raises ValueError for an unknown name."""
        # From the commander's last look on: a command may be carried out before its next one.
        self.faults.begin(name, min(self.now_s, self.commander.now_s), lasts_s)

    def clear_fault(self, name: str) -> None:
        self.faults.clear(name)

    def restart(self) -> None:
        """Silent for a moment, then there again with its clock at zero; parameters, fence and mission are kept."""

        def boot() -> None:
            self.fault("link_drop", BOOT_S)
            self.bodily.clock_began_s = self.now_s

        self._later(REBOOT_DELAY_S, boot)

    # -- time ----------------------------------------------------------------------------------------------

    def think(self, now_s: float, wall_s: float) -> None:
        """Ten times a second of the aircraft's clock; `wall_s` is the peers' clock, for their time-outs."""
        self.now_s = now_s
        self.battery.load(self.armed, 0.02 if self.faults.active("battery_sag", now_s) else 0.0)
        while self._due and self._due[0][0] <= now_s:
            heapq.heappop(self._due)[2]()
        self.commander.tick(now_s)
        if self.mission.reached_s == now_s:
            self._broadcast(mavlink.MAVLink_mission_item_reached_message(self.mission.reached))
        self.bodily.act(now_s)
        for transfer in self._transfers.values():
            transfer.tick(wall_s)

    def _later(self, delay_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now_s + delay_s, next(self._order), action))

    # -- out -----------------------------------------------------------------------------------------------

    def stream(self, now_s: float, wall_s: float, speed: float) -> None:
        """Send what is due on every link: the payload's on the wall clock, all else on the aircraft's."""
        self.now_s = now_s
        for link in self.links:
            if link is self.payload:
                due = link.schedule.due(wall_s, 0.0)
            else:
                due = link.schedule.due(now_s, speed / telemetry.WALL_CAP_HZ)
            if due and not self.faults.active("link_drop", now_s):
                for name in due:
                    message = self.face.builders[name](self)
                    if message is not None:
                        link.send(message)
                        if name in TWIN_TELLS and self.faults.active("id_twice", now_s):
                            link.send(self._of_the_twin(name))
        if self.remote_id is not None and not self.faults.active("link_drop", now_s):
            for packed in self.remote_id.due(now_s):
                self.links[0].forward(packed)
        if self._parameters_to_list and not self.faults.active("link_drop", now_s):
            self._list_parameters()

    def _list_parameters(self) -> None:
        for _ in range(min(PARAMETERS_A_TICK, len(self._parameters_to_list))):
            link, index = self._parameters_to_list.pop(0)
            self._send_parameter(link, self.parameters.names[index])

    def flush(self) -> None:
        for link in self.links:
            if link.waits:
                link.flush()

    def send_on(self, link: UdpLink, message: Any) -> None:
        if not self.faults.active("link_drop", self.now_s):
            link.send(message)

    def _answer(self, message: Any) -> None:
        self.send_on(self._answering, message)

    def set_interval(self, link: UdpLink, name: str, interval_us: float) -> None:
        """-1 stops it, 0 is the default rate."""
        default_hz = self.face.rates_hz.get(name, 0.0)
        link.schedule.set_rate(name, 0.0 if interval_us < 0 else 1e6 / interval_us if interval_us > 0 else default_hz)

    def say(self, severity: int, text: str) -> None:
        """STATUSTEXT, in chunks of 50; PX4 sends none while no ground station is heard."""
        if not self.commander.tells_texts:
            return
        chunks = [text[start : start + TEXT_CHUNK] for start in range(0, len(text), TEXT_CHUNK)]
        self._text_id = self._text_id % 65535 + 1 if len(chunks) > 1 else self._text_id
        for number, chunk in enumerate(chunks):
            ident = self._text_id if len(chunks) > 1 else 0
            self._broadcast(mavlink.MAVLink_statustext_message(severity, chunk.encode(), ident, number))

    def _broadcast(self, message: Any) -> None:
        for link in self.links:
            if link is not self.payload:
                self.send_on(link, message)

    # -- in ------------------------------------------------------------------------------------------------

    def receive(self, link: UdpLink, wall_s: float) -> None:
        """Read a link of this aircraft's."""
        for message in link.received():
            if self.faults.active("link_drop", self.now_s):
                continue
            forward(message, link, self.links)
            if self._is_for_me(message):
                self._answering = link
                self._on_message(message, link, wall_s)

    def receive_late(self, wall_s: float) -> None:
        """What a slow link held back and is due now: no socket tells of it."""
        for link in self.links:
            if not link.radio.is_clear:
                self.receive(link, wall_s)

    def _is_for_me(self, message: Any) -> bool:
        system = getattr(message, "target_system", 0)
        system = getattr(message, "target", system)  # MANUAL_CONTROL's name for it
        component = getattr(message, "target_component", 0)
        own = message.get_srcSystem() == self.spec.system_id and message.get_srcComponent() == 1
        return system in (0, self.spec.system_id) and component in (0, 1) and not own

    def _on_message(self, message: Any, link: UdpLink, wall_s: float) -> None:
        kind = message.get_type()
        if kind == "HEARTBEAT":
            if message.type == mavlink.MAV_TYPE_GCS:
                self.commander.heard_ground_station(message.get_srcSystem())
        elif kind in ("COMMAND_LONG", "COMMAND_INT"):
            self._on_command(message, link)
        elif kind in MISSION_MESSAGES:
            transfer = self._transfers.get(message.mission_type)
            if transfer is not None:
                transfer.on_message(message, wall_s)
        elif kind == "MISSION_SET_CURRENT":
            self.mission.set_current(message.seq)
        elif kind.startswith("PARAM_"):
            self._on_parameter(kind, message, link)
        elif kind == "MANUAL_CONTROL":
            self.commander.manual.take(message, self.now_s)
        elif kind == "SET_POSITION_TARGET_LOCAL_NED":
            self._on_setpoint(message)
        elif kind.startswith("GIMBAL_MANAGER_SET"):
            self._on_gimbal(kind, message)

    def _on_command(self, message: Any, link: UdpLink) -> None:
        call = commands.Call.of(message, link)
        key = (call.source, call.command, repr(call.p))
        again = getattr(message, "confirmation", 0) > 0 and self._last_command is not None
        if again and self._last_command is not None and self._last_command[0] == key:
            _, done_s, result = self._last_command
            if self.now_s - done_s < REPEAT_S:
                self._acknowledge(call, result, link)
                return
        result = commands.carry_out(self, call)
        self._last_command = (key, self.now_s, result)
        if call.command == mavlink.MAV_CMD_DO_SET_MODE and self.face.answers_modes_twice:
            self._acknowledge(call, mavlink.MAV_RESULT_ACCEPTED, link)  # PX4 1.17 answers it twice, first that it came
        self._acknowledge(call, result, link)

    def _acknowledge(self, call: commands.Call, result: int, link: UdpLink) -> None:
        if self.faults.active("ack_never", self.now_s):
            return
        command = call.command + 1 if self.faults.active("ack_of_another", self.now_s) else call.command
        for _ in range(2 if self.faults.active("ack_twice", self.now_s) else 1):
            self.send_on(link, mavlink.MAVLink_command_ack_message(command, result, 0, 0, *call.source))

    def _of_the_twin(self, name: str) -> Any:
        """What a second autopilot with this one's system id would tell."""
        message = self.face.builders[name](self)
        if name == "GLOBAL_POSITION_INT":
            message.lat += round(TWIN_NORTH_M / 111_320.0 * 1e7)
            message.time_boot_ms += TWIN_OLDER_MS
        return message

    def _on_parameter(self, kind: str, message: Any, link: UdpLink) -> None:
        names = self.parameters.names
        if kind == "PARAM_REQUEST_LIST":
            self._parameters_to_list = [(link, index) for index in range(len(names))]
        elif kind == "PARAM_REQUEST_READ" and message.param_id == HASH and self.parameters.tells_hash:
            value = (HASH.encode(), self.parameters.hash, mavlink.MAV_PARAM_TYPE_UINT32, len(names), 0xFFFF)
            self.send_on(link, mavlink.MAVLink_param_value_message(*value))
        elif kind == "PARAM_REQUEST_READ":
            name = names[message.param_index] if 0 <= message.param_index < len(names) else message.param_id
            self._send_parameter(link, name)
        elif kind == "PARAM_SET":
            if not self.faults.active("parameters_kept", self.now_s):
                self.parameters.set_encoded(message.param_id, message.param_value, message.param_type)
            self._send_parameter(link, message.param_id)
            for text in self.parameters.constrain():
                self.say(2, text)

    def _send_parameter(self, link: UdpLink, name: str) -> None:
        if name in self.parameters:
            names = self.parameters.names
            value, kind = self.parameters.encoded(name), self.parameters.mavlink_type(name)
            fields = (name.encode(), value, kind, len(names), names.index(name))
            self.send_on(link, mavlink.MAVLink_param_value_message(*fields))

    def _on_setpoint(self, m: Any) -> None:
        def masked(values: tuple[float, ...], first_bit: int) -> list[float]:
            return [
                math.nan if m.type_mask & 1 << (first_bit + i) or not math.isfinite(v) else v
                for i, v in enumerate(values)
            ]

        (north, east, down), (vn, ve, vd) = masked((m.x, m.y, m.z), 0), masked((m.vx, m.vy, m.vz), 3)
        if m.coordinate_frame in (mavlink.MAV_FRAME_BODY_NED, mavlink.MAV_FRAME_BODY_OFFSET_NED):
            cosine, sine = math.cos(self.body.yaw_rad), math.sin(self.body.yaw_rad)
            vn, ve = vn * cosine - ve * sine, vn * sine + ve * cosine
        yaw, rate = masked((m.yaw, m.yaw_rate), 10)
        self.commander.take_setpoint(OffboardSetpoint(self.now_s, (north, east, down), (vn, ve, vd), yaw, rate))

    def _on_gimbal(self, kind: str, message: Any) -> None:
        if (message.get_srcSystem(), message.get_srcComponent()) != self.gimbal.primary:
            return
        degrees = math.degrees
        if kind == "GIMBAL_MANAGER_SET_PITCHYAW":
            rates = (degrees(message.pitch_rate), degrees(message.yaw_rate))
            self.gimbal.point(degrees(message.pitch), degrees(message.yaw), message.flags, rates)
        elif kind == "GIMBAL_MANAGER_SET_ATTITUDE":
            w, x, y, z = message.q
            pitch = degrees(math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))))
            yaw = degrees(math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
            rates = (degrees(message.angular_velocity_y), degrees(message.angular_velocity_z))
            self.gimbal.point(pitch, yaw, message.flags, rates)

    # -- lists ---------------------------------------------------------------------------------------------

    def _take_mission(self, items: list[Item]) -> int:
        result = self.mission.refusal_of(items)
        if result != mavlink.MAV_MISSION_ACCEPTED:
            self._later(0.4, lambda: self.say(2, "IGN MISSION_ITEM: Invalid item\t"))
            return result
        self.mission.store(items)
        self._later(MISSION_CHECK_S, self._check_mission)
        return result

    def _check_mission(self) -> None:
        for seq, leg in self.mission.legs():
            if not self.fence.allows(leg.north_m, leg.east_m, leg.height_m):
                self.mission.valid = False
                self.say(2, f"Geofence violation for waypoint {seq + 1}\t")
                return

    def _take_fence(self, items: list[Item]) -> int:
        if items and self.faults.active("fence_upload_refused", self.now_s):
            return int(mavlink.MAV_MISSION_ERROR)
        if not self.fence.store(items):
            return int(mavlink.MAV_MISSION_ERROR)
        self._later(FENCE_CHECK_S, self._check_fence)
        return int(mavlink.MAV_MISSION_ACCEPTED)

    def _check_fence(self) -> None:
        sentence = self.fence.check_after_upload(self.body.position[:2])
        if sentence is None and self.fence.enforced and self.faults.active("fence_dropped", self.now_s):
            self.fence.enforced, sentence = False, self.fence.dropped_text or None
        if sentence is not None:
            self.say(2, sentence)

    def _fence_to_read(self) -> list[Item]:
        items = self.fence.items
        if items and self.faults.active("fence_readback_differs", self.now_s):
            first = items[0]
            moved = Item(
                first.frame, first.command, first.current, first.autocontinue, first.params,
                first.x + 1000, first.y, first.z,
            )  # fmt: skip
            return [moved, *items[1:]]
        return items

    def close(self) -> None:
        for link in self.links:
            link.close()
