"""COMMAND_LONG and COMMAND_INT: what each MAV_CMD does and answers, as PX4 does."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot.gimbal import NOBODY, Region
from sim.autopilot.modes import Mode, mode_of
from sim.autopilot.navigator import Orbit

if TYPE_CHECKING:
    from sim.autopilot.link import UdpLink
    from sim.autopilot.vehicle import Vehicle

ACCEPTED = int(mavlink.MAV_RESULT_ACCEPTED)
DENIED = int(mavlink.MAV_RESULT_DENIED)
REJECTED = int(mavlink.MAV_RESULT_TEMPORARILY_REJECTED)
UNSUPPORTED = int(mavlink.MAV_RESULT_UNSUPPORTED)
NOT_GIVEN = 0x7FFFFFFF
AUTO = 4
FORCE_DISARM = 21196
ORBIT_RADIUS_M = (1.0, 1000.0)
ORBIT_MPS2 = 2.0
MODES_OF_A_PILOT = {1: "Manual", 2: "Altitude", 3: "Position", 5: "Acro", 7: "Stabilized"}
"""By main mode: PX4 has them, and flies none of them without manual control."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command as received; NaN for what it leaves open."""

    command: int
    p: tuple[float, float, float, float, float, float, float]
    """Parameters 1 to 7. Latitude and longitude in degrees, also from COMMAND_INT; the altitude is amsl whatever
    the frame says: PX4 does not read COMMAND_INT's frame, and MAVSDK sends absolute altitudes in a relative one."""
    source: tuple[int, int]
    link: "UdpLink"
    frame: int | None = None
    """Of a COMMAND_INT."""

    @classmethod
    def of(cls, message: Any, link: "UdpLink") -> "Call":
        first = (message.param1, message.param2, message.param3, message.param4)
        source = (message.get_srcSystem(), message.get_srcComponent())
        if message.get_type() == "COMMAND_LONG":
            params = (*first, message.param5, message.param6, message.param7)
            return cls(message.command, params, source, link)
        x, y = (math.nan if value == NOT_GIVEN else value / 1e7 for value in (message.x, message.y))
        return cls(message.command, (*first, x, y, message.z), source, link, message.frame)

    def whole(self, number: int) -> int:
        """Parameter `number` (from 1) as an integer; 0 for one that is NaN or infinite."""
        value = self.p[number - 1]
        return int(value) if math.isfinite(value) else 0


Handler = Callable[["Vehicle", Call], int]


def _place(v: "Vehicle", call: Call) -> tuple[float, float, float]:
    """North, east and down of home for parameters 5 to 7; the aircraft's own for what is left open."""
    north, east, down = v.body.position
    _, _, _, _, latitude, longitude, altitude = call.p
    if math.isfinite(latitude) and math.isfinite(longitude):
        north, east = v.frame.to_local(latitude, longitude)
    if math.isfinite(altitude):
        down = v.spec.home[2] - altitude
    return north, east, down


def _arm(v: "Vehicle", call: Call) -> int:
    if call.p[0] == 1:
        return v.commander.arm()
    return v.commander.disarm(force=call.p[1] == FORCE_DISARM)


def _take_off(v: "Vehicle", call: Call) -> int:
    default_m = float(v.parameters["MIS_TAKEOFF_ALT"])
    if math.isfinite(call.p[6]):
        down = v.spec.home[2] - call.p[6]
    else:
        down = v.body.position[2] - default_m
        v.say(6, f"Using default takeoff altitude: {default_m:.1f} m\t")
    if down > v.body.position[2]:
        v.say(2, "Already higher than takeoff altitude\t")
    v.navigator.take_off_down_m = min(down, v.body.position[2])
    return ACCEPTED if v.commander.choose(Mode.TAKEOFF) else REJECTED


def _reposition(v: "Vehicle", call: Call) -> int:
    """ACCEPTED is not done: one that leaves the fence is answered so all the same, and dropped with a text."""
    changes_mode = call.whole(2) & mavlink.MAV_DO_REPOSITION_FLAGS_CHANGE_MODE
    if not changes_mode and v.commander.mode is not Mode.LOITER:
        return DENIED
    north, east, down = _place(v, call)
    holds = v.commander.mode is Mode.LOITER and not v.commander.failsafe.active
    placed, raised = math.isfinite(call.p[4]) and math.isfinite(call.p[5]), math.isfinite(call.p[6])
    allowed = v.fence.allows(north, east, -down)
    if not placed:
        keeps = raised or math.isfinite(call.p[3])
        north, east = v.navigator.target[:2] if keeps and holds else v.body.stop_point()
    if not holds:
        v.commander.choose(Mode.LOITER)
    if not allowed:
        v.say(2, "Reposition is outside geofence\t")
    elif v.commander.flying:
        yaw_rad = call.p[3] if math.isfinite(call.p[3]) else math.nan
        v.navigator.hold_at(north, east, down, call.p[0] if 0 < call.p[0] < math.inf else math.nan, yaw_rad)
    return ACCEPTED


def _orbit(v: "Vehicle", call: Call) -> int:
    """Clockwise for a positive radius; slower than asked where the circle would need more than PX4's 2 m/s2."""
    radius, speed = call.p[0], call.p[1]
    radius = ORBIT_RADIUS_M[0] if not math.isfinite(radius) else radius
    speed = 1.0 if not math.isfinite(speed) else speed
    if not ORBIT_RADIUS_M[0] <= abs(radius) <= ORBIT_RADIUS_M[1]:
        v.say(2, "Orbit radius limit exceeded\t")
        return DENIED
    fastest = min(math.sqrt(ORBIT_MPS2 * abs(radius)), float(v.parameters["MPC_XY_VEL_MAX"]))
    speed = math.copysign(1.0, radius) * min(max(speed, -fastest), fastest)
    v.navigator.orbit = Orbit(*_place(v, call), abs(radius), speed)
    return ACCEPTED if v.commander.choose(Mode.ORBIT) else REJECTED


def _change_speed(v: "Vehicle", call: Call) -> int:
    speed_mps = call.p[1] if 0 < call.p[1] < math.inf else math.nan
    v.navigator.change_speed(speed_mps, now=call.whole(1) == mavlink.SPEED_TYPE_GROUNDSPEED)
    return ACCEPTED


def _set_mode(v: "Vehicle", call: Call) -> int:
    mode = mode_of(call.whole(2), call.whole(3))
    if not call.whole(1) & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
        v.say(2, "Unsupported base mode\t")
        return REJECTED
    if mode is not None and mode.by_hand and v.commander.manual.valid(v.now_s):
        return _choose(v, mode)
    if mode is None or mode is Mode.ORBIT or mode.by_hand:
        if call.whole(2) in MODES_OF_A_PILOT:
            v.commander.refuse_mode(MODES_OF_A_PILOT[call.whole(2)])
        else:
            v.say(2, f"Unsupported {'auto' if call.whole(2) == AUTO else 'main'} mode\t")
        return REJECTED
    if mode is Mode.TAKEOFF and v.commander.mode is not Mode.TAKEOFF:
        v.navigator.take_off_down_m = v.body.position[2] - float(v.parameters["MIS_TAKEOFF_ALT"])
    return _choose(v, mode)


def _choose(v: "Vehicle", mode: Mode) -> int:
    return ACCEPTED if v.commander.choose(mode) else REJECTED


def _return(v: "Vehicle", _call: Call) -> int:
    v.say(6, "Returning to launch\t")
    return _choose(v, Mode.RTL)


def _land(v: "Vehicle", _call: Call) -> int:
    v.say(6, "Landing at current position\t")
    return _choose(v, Mode.LAND)


def _mission_start(v: "Vehicle", call: Call) -> int:
    if not v.mission.valid:
        v.say(2, "Mission start denied! No valid mission\t")
        return DENIED
    if call.p[0] > 0:
        v.mission.set_current(call.whole(1))
    return _choose(v, Mode.MISSION)


def _roi_location(v: "Vehicle", call: Call) -> int:
    north, east, down = _place(v, call)
    v.gimbal.look_at(Region(north, east, down))
    return ACCEPTED


def _roi_none(v: "Vehicle", _call: Call) -> int:
    v.gimbal.look_at(None)
    return ACCEPTED


def _gimbal_configure(v: "Vehicle", call: Call) -> int:
    v.gimbal.primary = _control(v.gimbal.primary, call.whole(1), call.whole(2), call.source)
    v.gimbal.secondary = _control(v.gimbal.secondary, call.whole(3), call.whole(4), call.source)
    return ACCEPTED


def _control(now: tuple[int, int], system: int, component: int, source: tuple[int, int]) -> tuple[int, int]:
    """-1 leaves it, -2 takes it for the sender, -3 gives the sender's back, 0 is nobody."""
    if system == -1:
        return now
    if system == -2:
        return source
    if system == -3:
        return NOBODY if now == source else now
    return system & 0xFF, component & 0xFF


def _gimbal_pitch_yaw(v: "Vehicle", call: Call) -> int:
    if call.source != v.gimbal.primary:
        return DENIED
    v.gimbal.point(call.p[0], call.p[1], call.whole(5), (call.p[2], call.p[3]))
    return ACCEPTED


def _request_message(v: "Vehicle", call: Call) -> int:
    name = v.face.message_name(call.whole(1))
    message = v.face.builders[name](v) if name else None
    if message is None:
        return DENIED
    v.send_on(call.link, message)
    return ACCEPTED


def _message_interval(v: "Vehicle", call: Call) -> int:
    name = v.face.message_name(call.whole(1))
    if name is None:
        return DENIED
    v.set_interval(call.link, name, call.p[1])
    return ACCEPTED


def _home_position(v: "Vehicle", call: Call) -> int:
    message = v.face.builders["HOME_POSITION"](v)
    if message is None:
        return DENIED
    v.send_on(call.link, message)
    return ACCEPTED


def _capabilities(v: "Vehicle", call: Call) -> int:
    v.send_on(call.link, v.face.builders["AUTOPILOT_VERSION"](v))
    return ACCEPTED


def _reboot(v: "Vehicle", call: Call) -> int:
    """1 restarts; PX4 denies it while armed."""
    if call.whole(1) == 0:
        return ACCEPTED
    if call.whole(1) != 1 or v.armed:
        return DENIED
    v.restart()
    return ACCEPTED


FLIGHT_HANDLERS: dict[int, Handler] = {
    mavlink.MAV_CMD_COMPONENT_ARM_DISARM: _arm,
    mavlink.MAV_CMD_NAV_TAKEOFF: _take_off,
    mavlink.MAV_CMD_DO_REPOSITION: _reposition,
    mavlink.MAV_CMD_DO_ORBIT: _orbit,
    mavlink.MAV_CMD_DO_CHANGE_SPEED: _change_speed,
    mavlink.MAV_CMD_DO_SET_MODE: _set_mode,
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: _return,
    mavlink.MAV_CMD_NAV_LAND: _land,
    mavlink.MAV_CMD_MISSION_START: _mission_start,
    mavlink.MAV_CMD_DO_SET_ROI_LOCATION: _roi_location,
    mavlink.MAV_CMD_DO_SET_ROI: _roi_location,
    mavlink.MAV_CMD_DO_SET_ROI_NONE: _roi_none,
    mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE: _gimbal_configure,
    mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW: _gimbal_pitch_yaw,
}
QUERY_HANDLERS: dict[int, Handler] = {
    mavlink.MAV_CMD_REQUEST_MESSAGE: _request_message,
    mavlink.MAV_CMD_SET_MESSAGE_INTERVAL: _message_interval,
    mavlink.MAV_CMD_GET_HOME_POSITION: _home_position,
    mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN: _reboot,
    mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES: _capabilities,
}


def carry_out(v: "Vehicle", call: Call) -> int:
    """The MAV_RESULT."""
    if call.command in QUERY_HANDLERS:
        return QUERY_HANDLERS[call.command](v, call)
    if call.command not in v.face.handlers:
        return UNSUPPORTED
    if v.faults.active("ack_then_ignore", v.now_s):
        return ACCEPTED
    return v.face.handlers[call.command](v, call)
