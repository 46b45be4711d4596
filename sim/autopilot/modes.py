"""PX4's flight modes as HEARTBEAT's `custom_mode` numbers them: main mode in bits 16-23, sub mode in bits 24-31."""

from enum import Enum

from pymavlink.dialects.v20 import common as mavlink

_CUSTOM = mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | mavlink.MAV_MODE_FLAG_STABILIZE_ENABLED
_AUTO = _CUSTOM | mavlink.MAV_MODE_FLAG_GUIDED_ENABLED | mavlink.MAV_MODE_FLAG_AUTO_ENABLED
_MANUAL = _CUSTOM | mavlink.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED


class Mode(Enum):
    """Name, main mode, sub mode."""

    ALTITUDE = ("Altitude", 2, 0)
    POSITION = ("Position", 3, 0)
    ORBIT = ("Orbit", 3, 1)
    TAKEOFF = ("Takeoff", 4, 2)
    LOITER = ("Hold", 4, 3)
    MISSION = ("Mission", 4, 4)
    RTL = ("Return", 4, 5)
    LAND = ("Land", 4, 6)
    OFFBOARD = ("Offboard", 6, 0)
    DESCEND = ("Descend", 4, -6)
    """Landing without a position estimate; reported as AUTO.LAND."""

    @property
    def label(self) -> str:
        return self.value[0]

    @property
    def custom_mode(self) -> int:
        return abs(self.value[2]) << 24 | self.value[1] << 16

    @property
    def base_mode(self) -> int:
        """MAV_MODE_FLAG bits without the armed one."""
        main = self.value[1]
        return int({2: _MANUAL, 3: _MANUAL, 4: _AUTO}.get(main, _CUSTOM | mavlink.MAV_MODE_FLAG_GUIDED_ENABLED))

    @property
    def by_hand(self) -> bool:
        return self in (Mode.ALTITUDE, Mode.POSITION)

    @property
    def is_automatic(self) -> bool:
        return self.value[1] == 4 or self is Mode.ORBIT

    @property
    def lands(self) -> bool:
        return self in (Mode.LAND, Mode.RTL, Mode.DESCEND)


def mode_of(main: int, sub: int) -> Mode | None:
    """The mode that DO_SET_MODE's numbers name; None for one that this autopilot lacks."""
    return next((mode for mode in Mode if mode.value[1:] == (main, sub)), None)
