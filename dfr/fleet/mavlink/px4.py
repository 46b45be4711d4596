"""PX4's numbers in the domain's words: modes, sensors, command ids, and the texts that take an acknowledgement back."""

import re
from enum import IntEnum

from dfr.core.telemetry import FlightMode, LandedState

AUTOPILOT_PX4 = 12
"""MAV_AUTOPILOT_PX4."""
AUTOPILOT_INVALID = 8
"""MAV_AUTOPILOT_INVALID: the component is no autopilot."""
TYPE_GCS = 6
"""MAV_TYPE_GCS: the heartbeat type that PX4 takes for its data link."""
AUTOPILOT_COMPONENT = 1
ARMED_FLAG = 128
"""MAV_MODE_FLAG_SAFETY_ARMED in HEARTBEAT.base_mode."""
PREARM_BIT = 0x10000000
"""MAV_SYS_STATUS_PREARM_CHECK: set in `health` while PX4's own pre-arm checks pass."""
FRAME_GLOBAL_INT = 5
"""MAV_FRAME_GLOBAL_INT: degrees times 1e7, altitude AMSL."""


class Cmd(IntEnum):
    """The MAV_CMD numbers that this driver sends or stores (MAVLink common.xml)."""

    NAV_RETURN_TO_LAUNCH = 20
    NAV_TAKEOFF = 22
    DO_ORBIT = 34
    DO_SET_MODE = 176
    DO_REPOSITION = 192
    DO_SET_ROI_LOCATION = 195
    DO_SET_ROI_NONE = 197
    PREFLIGHT_REBOOT_SHUTDOWN = 246
    COMPONENT_ARM_DISARM = 400
    SET_MESSAGE_INTERVAL = 511
    REQUEST_MESSAGE = 512
    DO_GIMBAL_MANAGER_PITCHYAW = 1000
    DO_GIMBAL_MANAGER_CONFIGURE = 1001
    FENCE_POLYGON_INCLUSION = 5001
    FENCE_POLYGON_EXCLUSION = 5002
    FENCE_CIRCLE_INCLUSION = 5003
    FENCE_CIRCLE_EXCLUSION = 5004


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
    """`for now`, `as denied`: how PX4 refused, to be put behind "PX4 refused it"."""
    try:
        return _ACK_WORDS.get(AckResult(result), f"with {AckResult(result).name.lower().replace('_', ' ')}")
    except ValueError:
        return f"with result {result}"


# PX4 main modes (custom_mode >> 16 & 0xff) and AUTO sub modes (custom_mode >> 24 & 0xff), px4_custom_mode.h.
_POSCTL, _AUTO = 3, 4
_MAIN_MODES = {
    1: FlightMode.MANUAL,
    2: FlightMode.MANUAL,  # altitude control
    3: FlightMode.MANUAL,  # position control
    5: FlightMode.MANUAL,  # acro
    6: FlightMode.OFFBOARD,
    7: FlightMode.MANUAL,  # stabilized
    8: FlightMode.MANUAL,  # rattitude
}
_POSCTL_ORBIT = 1
_AUTO_MODES = {
    2: FlightMode.TAKEOFF,
    3: FlightMode.HOLD,
    4: FlightMode.MISSION,
    5: FlightMode.RETURN,
    6: FlightMode.LAND,
    9: FlightMode.LAND,  # precision landing
}
HOLD_MODE = (_AUTO, 3)
"""Main and sub mode of Hold (AUTO.LOITER), the parameters 2 and 3 of DO_SET_MODE."""


def flight_mode(custom_mode: int) -> FlightMode:
    """The domain's word for HEARTBEAT.custom_mode of PX4; OTHER for what this service never commands."""
    main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
    if main == _AUTO:
        return _AUTO_MODES.get(sub, FlightMode.OTHER)
    if main == _POSCTL and sub == _POSCTL_ORBIT:
        return FlightMode.ORBIT
    return _MAIN_MODES.get(main, FlightMode.OTHER)


LANDED_STATES = {
    1: LandedState.ON_GROUND,
    2: LandedState.IN_AIR,
    3: LandedState.TAKING_OFF,
    4: LandedState.LANDING,
}
"""MAV_LANDED_STATE; 0 (undefined) is unknown."""

_DROPPED = re.compile(
    r"outside (the )?geofence|geofence violation|denied|rejected|not (valid|possible|allowed|supported)|limit exceeded"
    r"|ignored|Preflight Fail|unable to|no valid",
    re.IGNORECASE,
)
_FENCE_DROPPED = re.compile(
    r"geofence (is )?invalid|geofence.*(too few|not valid|violat)|home.*geofence|geofence.*home", re.IGNORECASE
)


def takes_back(text: str) -> bool:
    """Whether a status text says that PX4 dropped the order it had accepted."""
    return bool(_DROPPED.search(text))


def drops_fence(text: str) -> bool:
    """Whether a status text says that PX4 ignores the fence it stores."""
    return bool(_FENCE_DROPPED.search(text))
