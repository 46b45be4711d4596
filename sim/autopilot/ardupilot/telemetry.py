"""Copter's messages where they differ from PX4's, and those that it does not have."""

from typing import TYPE_CHECKING, Any

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot import telemetry
from sim.autopilot.ardupilot.commander import CopterCommander
from sim.autopilot.ardupilot.fence import ALT_MAX, ALT_MIN, CopterFence
from sim.autopilot.telemetry import Builder

if TYPE_CHECKING:
    from sim.autopilot.vehicle import Vehicle

CAPABILITIES = 0x0001 | 0x0002 | 0x0004 | 0x0020 | 0x0080 | 0x0100 | 0x0800 | 0x1000 | 0x2000 | 0x4000 | 0x20000
"""MISSION_FLOAT, PARAM_FLOAT, MISSION_INT, COMMAND_INT, set-points, termination, compass calibration, MAVLink 2, fence,
rally, PARAM_ENCODE_C_CAST."""
FLIGHT_SW_VERSION = 4 << 24 | 6 << 16 | 255
ABSENT = ("ESTIMATOR_STATUS", "STORAGE_INFORMATION", "ALTITUDE", "MISSION_ITEM_REACHED", "GPS_GLOBAL_ORIGIN")
"""ESTIMATOR_STATUS is EKF_STATUS_REPORT there, of its own dialect."""


def heartbeat(v: "Vehicle") -> Any:
    assert isinstance(v.commander, CopterCommander)
    flags = mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | mavlink.MAV_MODE_FLAG_STABILIZE_ENABLED
    flags |= mavlink.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
    if v.commander.copter_mode.needs_position:
        flags |= mavlink.MAV_MODE_FLAG_GUIDED_ENABLED
    if v.armed:
        flags |= mavlink.MAV_MODE_FLAG_SAFETY_ARMED
    return mavlink.MAVLink_heartbeat_message(
        mavlink.MAV_TYPE_QUADROTOR, mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA, flags, v.commander.copter_mode.number,
        v.commander.system_status, 3,
    )  # fmt: skip


def sys_status(v: "Vehicle") -> Any:
    """With the fence: present while FENCE_TYPE names one, enabled while it is enforced, healthy while not breached."""
    assert isinstance(v.commander, CopterCommander)
    assert isinstance(v.fence, CopterFence)
    message, bit = telemetry.sys_status(v), mavlink.MAV_SYS_STATUS_GEOFENCE
    if v.parameters["FENCE_TYPE"]:
        message.onboard_control_sensors_present |= bit
    if v.fence.types:
        message.onboard_control_sensors_enabled |= bit
    if not v.commander.breached:
        message.onboard_control_sensors_health |= bit
    # It watches no motor: the bit follows the safety switch alone.
    message.onboard_control_sensors_health |= mavlink.MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS
    return message


def fence_status(v: "Vehicle") -> Any:
    assert isinstance(v.commander, CopterCommander)
    breached = v.commander.breached
    kind = mavlink.FENCE_BREACH_BOUNDARY if breached else mavlink.FENCE_BREACH_NONE
    kind = mavlink.FENCE_BREACH_MAXALT if breached & ALT_MAX else kind
    kind = mavlink.FENCE_BREACH_MINALT if breached & ALT_MIN else kind
    return mavlink.MAVLink_fence_status_message(int(bool(breached)), int(bool(breached)), kind, v.boot_ms)


def autopilot_version(v: "Vehicle") -> Any:
    message = telemetry.autopilot_version(v)
    message.capabilities, message.flight_sw_version = CAPABILITIES, FLIGHT_SW_VERSION
    return message


OWN: dict[str, Builder] = {
    one.__name__.upper(): one for one in (heartbeat, sys_status, fence_status, autopilot_version)
}
BUILDERS: dict[str, Builder] = {
    name: builder for name, builder in {**telemetry.BUILDERS, **OWN}.items() if name not in ABSENT
}
RATES_HZ = {name: rate for name, rate in telemetry.RATES_HZ.items() if name in BUILDERS}
"""What it streams by itself is set by SRn_*; here as on a link with all of them on."""
