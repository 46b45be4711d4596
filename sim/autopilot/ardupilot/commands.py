"""What each MAV_CMD does and answers on Copter, which accepts only what it can do. Source: GCS_MAVLink_Copter.cpp."""

import math
from typing import TYPE_CHECKING

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot import commands
from sim.autopilot.ardupilot.commander import CopterCommander
from sim.autopilot.ardupilot.modes import CopterMode, copter_mode
from sim.autopilot.commands import ACCEPTED, DENIED, FORCE_DISARM, Call, Handler

if TYPE_CHECKING:
    from sim.autopilot.vehicle import Vehicle

FAILED = int(mavlink.MAV_RESULT_FAILED)
ABOVE_HOME = (mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT)
AMSL = (mavlink.MAV_FRAME_GLOBAL, mavlink.MAV_FRAME_GLOBAL_INT)


def _copter(v: "Vehicle") -> CopterCommander:
    assert isinstance(v.commander, CopterCommander)
    return v.commander


def _set_mode(v: "Vehicle", call: Call) -> int:
    if not call.whole(1) & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
        return DENIED
    mode = copter_mode(call.whole(2))
    if mode is None:
        v.say(4, f"No such mode {call.whole(2)}")
        return FAILED
    return _choose(v, mode)


def _choose(v: "Vehicle", mode: CopterMode) -> int:
    return ACCEPTED if _copter(v).change_mode(mode) else FAILED


def _arm(v: "Vehicle", call: Call) -> int:
    return v.commander.arm() if call.p[0] == 1 else v.commander.disarm(force=call.p[1] == FORCE_DISARM)


def _take_off(v: "Vehicle", call: Call) -> int:
    """A COMMAND_LONG's height counts from home; a COMMAND_INT has to say so."""
    if call.frame not in (None, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT):
        return DENIED
    return ACCEPTED if _copter(v).take_off(call.p[6]) else FAILED


def _reposition(v: "Vehicle", call: Call) -> int:
    """Its frame is honoured; its speed and its heading are not read."""
    if _copter(v).copter_mode is not CopterMode.GUIDED and not call.whole(2) & 1:
        return DENIED
    if not all(math.isfinite(value) for value in call.p[4:7]) or call.frame not in (*AMSL, *ABOVE_HOME):
        return DENIED
    north, east = v.frame.to_local(call.p[4], call.p[5])
    down = -call.p[6] if call.frame in ABOVE_HOME else v.spec.home[2] - call.p[6]
    return ACCEPTED if _copter(v).guide(north, east, down) else FAILED


def _change_speed(v: "Vehicle", call: Call) -> int:
    if not call.p[1] > 0 or _copter(v).copter_mode is not CopterMode.GUIDED:
        return FAILED
    if call.p[0] < 2:
        v.navigator.change_speed(call.p[1], now=True)
    return ACCEPTED


def _fence_enable(v: "Vehicle", call: Call) -> int:
    if call.whole(1) not in (0, 1):
        return FAILED
    v.fence.enforced = call.whole(1) == 1
    return ACCEPTED


SHARED = (
    mavlink.MAV_CMD_DO_SET_ROI_LOCATION, mavlink.MAV_CMD_DO_SET_ROI, mavlink.MAV_CMD_DO_SET_ROI_NONE,
    mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE, mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW,
)  # fmt: skip
FLIGHT_HANDLERS: dict[int, Handler] = {
    **{number: commands.FLIGHT_HANDLERS[number] for number in SHARED},
    mavlink.MAV_CMD_COMPONENT_ARM_DISARM: _arm,
    mavlink.MAV_CMD_DO_SET_MODE: _set_mode,
    mavlink.MAV_CMD_NAV_TAKEOFF: _take_off,
    mavlink.MAV_CMD_DO_REPOSITION: _reposition,
    mavlink.MAV_CMD_DO_CHANGE_SPEED: _change_speed,
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: lambda v, call: _choose(v, CopterMode.RTL),
    mavlink.MAV_CMD_NAV_LAND: lambda v, call: _choose(v, CopterMode.LAND),
    mavlink.MAV_CMD_DO_FENCE_ENABLE: _fence_enable,
}
"""The rest it answers as UNSUPPORTED: DO_ORBIT among them."""
