"""MAVLink's own numbers (common.xml), the same for every autopilot: command ids, results, landed states."""

from enum import IntEnum

from dfr.core.telemetry import LandedState

AUTOPILOT_INVALID = 8
"""MAV_AUTOPILOT_INVALID: the component is no autopilot."""
TYPE_GCS = 6
"""MAV_TYPE_GCS: the heartbeat type that an autopilot takes for its ground station."""
AUTOPILOT_COMPONENT = 1
ARMED_FLAG = 128
"""MAV_MODE_FLAG_SAFETY_ARMED in HEARTBEAT.base_mode."""
PREARM_BIT = 0x10000000
"""MAV_SYS_STATUS_PREARM_CHECK: set in `health` while the autopilot's own pre-arm checks pass."""
FRAME_GLOBAL = 0
"""MAV_FRAME_GLOBAL: altitude AMSL."""
FRAME_GLOBAL_INT = 5
"""MAV_FRAME_GLOBAL_INT: degrees times 1e7, altitude AMSL."""
PARAM_EXT_ACCEPTED = 0
"""PARAM_ACK_ACCEPTED."""


class Cmd(IntEnum):
    """The MAV_CMD numbers that this driver sends or stores (MAVLink common.xml)."""

    NAV_RETURN_TO_LAUNCH = 20
    NAV_TAKEOFF = 22
    DO_ORBIT = 34
    DO_SET_MODE = 176
    DO_CHANGE_SPEED = 178
    DO_REPOSITION = 192
    DO_SET_ROI_LOCATION = 195
    DO_SET_ROI_NONE = 197
    PREFLIGHT_REBOOT_SHUTDOWN = 246
    COMPONENT_ARM_DISARM = 400
    SET_MESSAGE_INTERVAL = 511
    REQUEST_MESSAGE = 512
    SET_CAMERA_ZOOM = 531
    DO_GIMBAL_MANAGER_PITCHYAW = 1000
    DO_GIMBAL_MANAGER_CONFIGURE = 1001
    IMAGE_START_CAPTURE = 2000
    FENCE_POLYGON_INCLUSION = 5001
    FENCE_POLYGON_EXCLUSION = 5002
    FENCE_CIRCLE_INCLUSION = 5003
    FENCE_CIRCLE_EXCLUSION = 5004
    RALLY_POINT = 5100


class AckResult(IntEnum):
    """MAV_RESULT."""

    ACCEPTED = 0
    TEMPORARILY_REJECTED = 1
    DENIED = 2
    UNSUPPORTED = 3
    FAILED = 4
    IN_PROGRESS = 5
    CANCELLED = 6
    COMMAND_LONG_ONLY = 7
    COMMAND_INT_ONLY = 8
    UNSUPPORTED_MAV_FRAME = 9


_ACK_WORDS = {
    AckResult.TEMPORARILY_REJECTED: "for now",
    AckResult.DENIED: "as denied",
    AckResult.UNSUPPORTED: "as unsupported",
    AckResult.FAILED: "as failed",
    AckResult.CANCELLED: "as cancelled",
}


def ack_words(result: int) -> str:
    """`for now`, `as denied`: how it refused, to be put behind "PX4 refused it"."""
    try:
        return _ACK_WORDS.get(AckResult(result), f"with {AckResult(result).name.lower().replace('_', ' ')}")
    except ValueError:
        return f"with result {result}"


LANDED_STATES = {
    1: LandedState.ON_GROUND,
    2: LandedState.IN_AIR,
    3: LandedState.TAKING_OFF,
    4: LandedState.LANDING,
}
"""MAV_LANDED_STATE; 0 (undefined) is unknown."""
