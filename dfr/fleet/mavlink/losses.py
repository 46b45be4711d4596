"""What an autopilot's messages say of losses and of other people's orders, as changes of `Telemetry`. Pure."""

from typing import Any

from dfr.core.telemetry import Telemetry, Timed
from dfr.fleet.mavlink import decode
from dfr.fleet.mavlink.decode import Fields

MOTOR_OUTPUTS = 0x8000
"""MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS: PX4's failure detector and its checks of the speed controllers."""
ACCEPTED = 0
FLIGHT_COMMANDS = {
    16: "NAV_WAYPOINT",
    22: "NAV_TAKEOFF",
    34: "DO_ORBIT",
    176: "DO_SET_MODE",
    192: "DO_REPOSITION",
    300: "MISSION_START",
    400: "COMPONENT_ARM_DISARM",
}
"""MAV_CMDs that move an aircraft elsewhere. A Return or a landing is not among them, whoever asked for it: the mode
shows it a moment later, and the flight follows the aircraft home."""

Changes = dict[str, Any]


def motors(fields: Fields, told_lost: bool, now_s: float) -> Changes:
    """SYS_STATUS; `told_lost`: a status text has named a lost motor since it was armed."""
    enabled, health = fields["onboard_control_sensors_enabled"], fields["onboard_control_sensors_health"]
    return {"motors_ok": Timed(not (told_lost or (enabled & MOTOR_OUTPUTS and not health & MOTOR_OUTPUTS)), now_s)}


def setpoint(fields: Fields, now_s: float) -> Changes:
    """POSITION_TARGET_GLOBAL_INT."""
    where = decode.position({"lat": fields["lat_int"], "lon": fields["lon_int"]})
    return {} if where is None else {"setpoint": Timed(where, now_s)}


def foreign_order(fields: Fields, now_s: float) -> Changes:
    """A COMMAND_ACK to somebody else."""
    name = FLIGHT_COMMANDS.get(fields["command"])
    if name is None or fields["result"] != ACCEPTED:
        return {}
    return {"foreign_order": Timed(f"{name} from another ground station (system {fields['target_system']})", now_s)}


def asked(telemetry: Telemetry, now_s: float) -> Changes:
    """A question that it must answer goes out."""
    return {} if telemetry.unanswered_since_s is not None else {"unanswered_since_s": now_s}


def answered() -> Changes:
    """It acknowledged something of ours."""
    return {"unanswered_since_s": None}
