"""What an aircraft tells: one builder a message, and how often each goes out."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pymavlink.dialects.v20 import common as mavlink

from sim.autopilot import gimbal
from sim.autopilot.battery import CELLS
from sim.autopilot.commander import READY_S
from sim.autopilot.modes import Mode

if TYPE_CHECKING:
    from sim.autopilot.vehicle import Vehicle

NAN = math.nan
SENSORS = (
    mavlink.MAV_SYS_STATUS_SENSOR_3D_GYRO
    | mavlink.MAV_SYS_STATUS_SENSOR_3D_ACCEL
    | mavlink.MAV_SYS_STATUS_SENSOR_3D_MAG
    | mavlink.MAV_SYS_STATUS_SENSOR_ABSOLUTE_PRESSURE
    | mavlink.MAV_SYS_STATUS_AHRS
    | mavlink.MAV_SYS_STATUS_SENSOR_BATTERY
    | mavlink.MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL
    | mavlink.MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS
)
CAPABILITIES = 59647
"""MAV_PROTOCOL_CAPABILITY bits of PX4 1.17, from the traces."""
FLIGHT_SW_VERSION = 17891583
NOTHING = 0xFFFF
REACHED_TOLD_S = 10.0
DEFAULT_EPOCH_S = 1_767_225_600.0
"""UTC at power-on where nobody gave one: the start of 2026, so that a flight without a clock is the same each time."""
WEAK_CELL_MV = 300
STORAGE_MB, STORAGE_FREE_MB = 30_436.0, 28_102.0

Builder = Callable[["Vehicle"], Any]


def heartbeat(v: "Vehicle") -> Any:
    mode, armed = v.commander.mode, mavlink.MAV_MODE_FLAG_SAFETY_ARMED if v.armed else 0
    return mavlink.MAVLink_heartbeat_message(
        mavlink.MAV_TYPE_QUADROTOR, mavlink.MAV_AUTOPILOT_PX4, mode.base_mode | armed, mode.custom_mode,
        v.commander.system_status, 3,
    )  # fmt: skip


def global_position_int(v: "Vehicle") -> Any:
    if not v.commander.position_ok:
        return None
    vn, ve, vd = v.body.velocity
    heading = math.degrees(v.body.yaw_rad) % 360
    latitude, longitude = v.told_position
    return mavlink.MAVLink_global_position_int_message(
        v.boot_ms, round(latitude * 1e7), round(longitude * 1e7), round(v.altitude_amsl_m * 1e3),
        round(v.body.height_m * 1e3), round(vn * 100), round(ve * 100), round(vd * 100), round(heading * 100) % 36000,
    )  # fmt: skip


def _whole_degrees_e7(degrees: float) -> int:
    """As the wire carries it; a place that is none on Earth ends at what 32 bits hold."""
    return max(-(2**31), min(2**31 - 1, round(degrees * 1e7)))


def position_target_global_int(v: "Vehicle") -> Any:
    """Where the navigator flies to; PX4 sends it in flight, in automatic modes, and it stays as it was in others."""
    mode = v.commander.mode
    if not (v.commander.flying and mode.is_automatic):
        return None
    target = (0.0, 0.0, v.navigator.target[2]) if mode is Mode.RTL else v.navigator.target
    latitude, longitude = (_whole_degrees_e7(degrees) for degrees in v.frame.to_global(*target[:2]))
    return mavlink.MAVLink_position_target_global_int_message(
        v.boot_ms, mavlink.MAV_FRAME_GLOBAL_INT, 0, latitude, longitude,
        v.spec.home[2] - target[2], 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    )  # fmt: skip


def local_position_ned(v: "Vehicle") -> Any:
    if not v.commander.position_ok:
        return None
    return mavlink.MAVLink_local_position_ned_message(v.boot_ms, *v.body.position, *v.body.velocity)


def attitude(v: "Vehicle") -> Any:
    return mavlink.MAVLink_attitude_message(v.boot_ms, *v.body.attitude, 0.0, 0.0, v.body.yaw_rate_radps)


def attitude_quaternion(v: "Vehicle") -> Any:
    roll, pitch, yaw = (angle / 2 for angle in v.body.attitude)
    cr, sr, cp, sp, cy, sy = (f(a) for a in (roll, pitch, yaw) for f in (math.cos, math.sin))
    q = (cr * cp * cy + sr * sp * sy, sr * cp * cy - cr * sp * sy, cr * sp * cy + sr * cp * sy,
         cr * cp * sy - sr * sp * cy)  # fmt: skip
    return mavlink.MAVLink_attitude_quaternion_message(v.boot_ms, *q, 0.0, 0.0, v.body.yaw_rate_radps)


def vfr_hud(v: "Vehicle") -> Any:
    north, east, down = v.body.velocity
    wind_north, wind_east = v.body.wind
    airspeed = math.hypot(north - wind_north, east - wind_east)
    throttle = 0 if not v.armed else 50
    heading = round(math.degrees(v.body.yaw_rad)) % 360
    return mavlink.MAVLink_vfr_hud_message(
        airspeed, math.hypot(north, east), heading, throttle, v.altitude_amsl_m, -down
    )


def altitude(v: "Vehicle") -> Any:
    height = v.body.height_m
    return mavlink.MAVLink_altitude_message(
        v.boot_ms * 1000, v.altitude_amsl_m, v.altitude_amsl_m, height, height, NAN, NAN
    )


def extended_sys_state(v: "Vehicle") -> Any:
    return mavlink.MAVLink_extended_sys_state_message(mavlink.MAV_VTOL_STATE_UNDEFINED, v.commander.landed_state)


def sys_status(v: "Vehicle") -> Any:
    present = SENSORS | mavlink.MAV_SYS_STATUS_SENSOR_GPS | mavlink.MAV_SYS_STATUS_PREARM_CHECK
    health = SENSORS
    if v.commander.position_lost or v.faults.active("heading_unstable", v.now_s):
        # PX4's word for an unhealthy local position estimate.
        health &= ~mavlink.MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL
    if v.commander.motor_failed:
        health &= ~mavlink.MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS
    if v.commander.gps_ok:
        health |= mavlink.MAV_SYS_STATUS_SENSOR_GPS
    if v.faults.active("not_armable", v.now_s):
        health &= ~mavlink.MAV_SYS_STATUS_SENSOR_3D_MAG
    if v.commander.preflight_failure() is None:
        health |= mavlink.MAV_SYS_STATUS_PREARM_CHECK
    return mavlink.MAVLink_sys_status_message(
        present, present, health, 150, round(v.battery.voltage_v * 1e3), -1, v.battery.percent, 0, 0, 0, 0, 0, 0
    )


def battery_status(v: "Vehicle") -> Any:
    """PX4 writes the whole voltage into the first field where a battery does not tell its cells apart, as its
    simulated one does not."""
    voltages = [round(v.battery.voltage_v * 1e3)]
    if v.faults.active("weak_cell", v.now_s):
        voltages = [round(v.battery.voltage_v * 1e3 / CELLS)] * (CELLS - 1)
        voltages.append(voltages[0] - WEAK_CELL_MV)
    return mavlink.MAVLink_battery_status_message(
        0, 0, mavlink.MAV_BATTERY_TYPE_LIPO, 32767, [*voltages, *[NOTHING] * (10 - len(voltages))],
        -1, -1, -1, v.battery.percent,
    )  # fmt: skip


def gps_raw_int(v: "Vehicle") -> Any:
    ok = v.commander.gps_ok
    north, east, _ = v.body.velocity
    return mavlink.MAVLink_gps_raw_int_message(
        v.boot_ms * 1000, 3 if ok else 0, round(v.latitude_deg * 1e7) if ok else 0,
        round(v.longitude_deg * 1e7) if ok else 0, round(v.altitude_amsl_m * 1e3), 90 if ok else NOTHING,
        150 if ok else NOTHING, round(math.hypot(north, east) * 100),
        round(math.degrees(math.atan2(east, north)) % 360 * 100) % 36000, 10 if ok else 0,
        0, 900 if ok else 100_000, 1780 if ok else 100_000, 0, 0,
    )  # fmt: skip


def storage_information(v: "Vehicle") -> Any:
    """Sent only when it is asked for, as by PX4."""
    there = not v.faults.active("no_storage", v.now_s)
    size = (STORAGE_MB, STORAGE_MB - STORAGE_FREE_MB, STORAGE_FREE_MB) if there else (0.0, 0.0, 0.0)
    status = mavlink.STORAGE_STATUS_READY if there else mavlink.STORAGE_STATUS_EMPTY
    return mavlink.MAVLink_storage_information_message(v.boot_ms, 1, int(there), status, *size, 0.0, 0.0)


def home_position(v: "Vehicle") -> Any:
    if v.now_s < READY_S:
        return None
    home = v.spec.home
    return mavlink.MAVLink_home_position_message(
        round(home[0] * 1e7), round(home[1] * 1e7), round(home[2] * 1e3), 0.0, 0.0, 0.0, [1.0, 0.0, 0.0, 0.0],
        0.0, 0.0, 0.0, v.boot_ms * 1000,
    )  # fmt: skip


def gps_global_origin(v: "Vehicle") -> Any:
    lat, lon, amsl = v.spec.home
    return mavlink.MAVLink_gps_global_origin_message(round(lat * 1e7), round(lon * 1e7), round(amsl * 1e3))


def estimator_status(v: "Vehicle") -> Any:
    good = 0b1100111111 if v.commander.position_ok else 0b100101
    return mavlink.MAVLink_estimator_status_message(
        v.boot_ms * 1000, good & 0x3FF, 0.1, 0.1, 0.1, 0.1, 0.0, 0.0, 0.4, 0.6
    )


def system_time(v: "Vehicle") -> Any:
    return mavlink.MAVLink_system_time_message(round((v.world.epoch_s + v.now_s) * 1e6), v.boot_ms)


def mission_current(v: "Vehicle") -> Any:
    mission = v.mission
    flown = v.commander.mode.name == "MISSION"
    if not mission.items:
        return mavlink.MAVLink_mission_current_message(0, 65535, mavlink.MISSION_STATE_NO_MISSION, 2)
    state = mavlink.MISSION_STATE_ACTIVE if flown and v.armed else mavlink.MISSION_STATE_NOT_STARTED
    state = mavlink.MISSION_STATE_COMPLETE if mission.finished else state
    return mavlink.MAVLink_mission_current_message(mission.current, len(mission.items), state, 1 if flown else 2)


def mission_item_reached(v: "Vehicle") -> Any:
    """PX4 tells it when it happens and ten times more, once a second."""
    if v.mission.reached is None or v.now_s - v.mission.reached_s > REACHED_TOLD_S:
        return None
    return mavlink.MAVLink_mission_item_reached_message(v.mission.reached)


def autopilot_version(v: "Vehicle") -> Any:
    return mavlink.MAVLink_autopilot_version_message(
        CAPABILITIES,
        FLIGHT_SW_VERSION,
        0,
        0,
        0,
        [0] * 8,
        [0] * 8,
        [0] * 8,
        0,
        0,
        int.from_bytes(v.serial_number[:8], "little"),
        list(v.serial_number),
    )


def gimbal_manager_information(v: "Vehicle") -> Any:
    low, high = math.radians(gimbal.PITCH_MIN_DEG), math.radians(gimbal.PITCH_MAX_DEG)
    return mavlink.MAVLink_gimbal_manager_information_message(
        v.boot_ms, gimbal.CAPABILITIES, gimbal.DEVICE_ID, 0.0, 0.0, low, high, -math.pi, math.pi
    )


def gimbal_manager_status(v: "Vehicle") -> Any:
    flags = mavlink.GIMBAL_MANAGER_FLAGS_ROLL_LOCK | mavlink.GIMBAL_MANAGER_FLAGS_PITCH_LOCK
    flags |= mavlink.GIMBAL_MANAGER_FLAGS_YAW_LOCK if v.gimbal.yaw_lock else 0
    return mavlink.MAVLink_gimbal_manager_status_message(
        v.boot_ms, flags, gimbal.DEVICE_ID, *v.gimbal.primary, *v.gimbal.secondary
    )


def gimbal_device_attitude_status(v: "Vehicle") -> Any:
    return mavlink.MAVLink_gimbal_device_attitude_status_message(
        0, 0, v.boot_ms, v.gimbal.flags, v.gimbal.quaternion, 0.0, 0.0, 0.0, 0, v.body.attitude[2], 0.0,
        gimbal.DEVICE_ID,
    )  # fmt: skip


BUILDERS: dict[str, Builder] = {
    builder.__name__.upper(): builder
    for builder in (
        heartbeat, global_position_int, position_target_global_int, local_position_ned,
        attitude, attitude_quaternion, vfr_hud, altitude,
        extended_sys_state, sys_status, battery_status, gps_raw_int, home_position, gps_global_origin,
        estimator_status, storage_information, system_time, mission_current, mission_item_reached, autopilot_version,
        gimbal_manager_information, gimbal_manager_status, gimbal_device_attitude_status,
    )
}  # fmt: skip

RATES_HZ = {
    "HEARTBEAT": 1.0,
    "GLOBAL_POSITION_INT": 10.0,
    "POSITION_TARGET_GLOBAL_INT": 1.0,
    "LOCAL_POSITION_NED": 10.0,
    "ATTITUDE": 10.0,
    "ATTITUDE_QUATERNION": 10.0,
    "VFR_HUD": 4.0,
    "ALTITUDE": 2.0,
    "EXTENDED_SYS_STATE": 2.0,
    "SYS_STATUS": 2.0,
    "BATTERY_STATUS": 0.5,
    "GPS_RAW_INT": 2.0,
    "HOME_POSITION": 0.5,
    "ESTIMATOR_STATUS": 1.0,
    "SYSTEM_TIME": 1.0,
    "MISSION_CURRENT": 2.0,
    "MISSION_ITEM_REACHED": 1.0,
    "GIMBAL_MANAGER_STATUS": 0.5,
    "GIMBAL_DEVICE_ATTITUDE_STATUS": 10.0,
}
"""In the aircraft's own time."""

PAYLOAD_RATES_HZ = {
    "HEARTBEAT": 1.0,
    "GLOBAL_POSITION_INT": 25.0,
    "ATTITUDE": 25.0,
    "ATTITUDE_QUATERNION": 25.0,
    "GIMBAL_DEVICE_ATTITUDE_STATUS": 25.0,
    "SYSTEM_TIME": 25.0,
}
"""On the wall clock, for the camera that renders them."""

WALL_CAP_HZ = 50.0
"""No message goes out more often than this a wall second, however fast the simulation runs."""
