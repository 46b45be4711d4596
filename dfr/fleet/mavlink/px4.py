"""PX4 in the domain's words: its modes, its orders, and the texts that take an acknowledgement back."""

import re
from collections.abc import Mapping
from typing import Any

from dfr.core.command import GoTo, Orbit
from dfr.core.geo import AboveTakeoff, Amsl
from dfr.core.telemetry import FlightMode
from dfr.fleet.mavlink.autopilot import Ask, Place
from dfr.fleet.mavlink.common import Cmd

# PX4 main modes (custom_mode >> 16 & 0xff) and AUTO sub modes (custom_mode >> 24 & 0xff), px4_custom_mode.h.
_POSCTL, _AUTO, _OFFBOARD = 3, 4, 6
_MAIN_MODES = {
    1: FlightMode.MANUAL,
    2: FlightMode.MANUAL,  # altitude control
    3: FlightMode.MANUAL,  # position control
    5: FlightMode.MANUAL,  # acro
    _OFFBOARD: FlightMode.OFFBOARD,
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
CHANGE_MODE = 1.0
"""MAV_DO_REPOSITION_FLAGS_CHANGE_MODE."""
CUSTOM_MODE_ENABLED = 1.0
"""MAV_MODE_FLAG_CUSTOM_MODE_ENABLED."""
FACE_CENTER = 0.0
"""ORBIT_YAW_BEHAVIOUR_HOLD_FRONT_TO_CIRCLE_CENTER."""
CEILING_PARAMETER = "GF_MAX_VER_DIST"

_DROPPED = re.compile(
    r"outside (the )?geofence|geofence violation|denied|rejected|not (valid|possible|allowed|supported)|limit exceeded"
    r"|ignored|unable to|no valid",
    re.IGNORECASE,
)
_FENCE_DROPPED = re.compile(
    r"geofence (is )?invalid|geofence.*(too few|not valid|violat)|home.*geofence|geofence.*home", re.IGNORECASE
)


class Px4:
    """Implements Autopilot."""

    name = "PX4"
    number = 12
    """MAV_AUTOPILOT_PX4."""
    integers_as_bits = True

    def flight_mode(self, custom_mode: int) -> FlightMode:
        main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
        if main == _AUTO:
            return _AUTO_MODES.get(sub, FlightMode.OTHER)
        if main == _POSCTL and sub == _POSCTL_ORBIT:
            return FlightMode.ORBIT
        return _MAIN_MODES.get(main, FlightMode.OTHER)

    def takes_back(self, text: str) -> bool:
        return bool(_DROPPED.search(text))

    def drops_fence(self, text: str) -> bool:
        return bool(_FENCE_DROPPED.search(text))

    def motor_lost(self, text: str) -> bool:
        """SYS_STATUS says it where the speed controllers report. Without them PX4 sees only that it tips over (flown
        with one motor stopped: this text, then it fell, and nothing else was said)."""
        return "Attitude failure" in text

    def fence_off(self, sys_status: Mapping[str, Any]) -> str:
        """It says so by a text alone."""
        return ""

    def refusal_means(self, command: Cmd, result: int) -> str:
        """It says why in a text."""
        return ""

    def fence_parameters(self, ceiling: AboveTakeoff | None) -> tuple[tuple[str, int | float], ...]:
        """Metres above home; 0 is none."""
        return ((CEILING_PARAMETER, 0.0 if ceiling is None else float(ceiling.m)),)

    def before_arming(self, height: AboveTakeoff, home: Amsl) -> tuple[Ask, ...]:
        """It climbs as soon as it is armed."""
        return (Ask(Cmd.NAV_TAKEOFF, (None, 0.0, 0.0, None, None, None, home.m + height.m)),)

    def after_arming(self, height: AboveTakeoff) -> tuple[Ask, ...]:
        return ()

    def stand_down(self) -> tuple[Ask, ...]:
        """It waits in take-off mode: whoever armed it later would see it climb."""
        return (_SET_HOLD_MODE,)

    def go_to(self, order: GoTo) -> tuple[Ask, ...]:
        place = Place(order.waypoint.position, order.waypoint.altitude)
        return (Ask(Cmd.DO_REPOSITION, (order.speed_mps, CHANGE_MODE, 0.0, None), place),)

    def orbit(self, order: Orbit) -> tuple[Ask, ...]:
        params = (order.radius_m, order.speed_mps, FACE_CENTER, 0.0)
        return (Ask(Cmd.DO_ORBIT, params, Place(order.center, order.altitude)),)

    velocity_mode = FlightMode.OFFBOARD

    def by_velocity(self) -> tuple[Ask, ...]:
        """It refuses OFFBOARD unless set-points arrive, more than two a second, and leaves it COM_OF_LOSS_T after the
        last one for what COM_OBL_RC_ACT says."""
        return (Ask(Cmd.DO_SET_MODE, (CUSTOM_MODE_ENABLED, float(_OFFBOARD), 0.0)),)

    def stop(self) -> tuple[Ask, ...]:
        """DO_REPOSITION to nowhere (NaN) is "stop here". Setting the mode to Hold would not stop a flight to a
        waypoint, because that flight is in Hold mode already; it is what is tried when the first has no effect."""
        return (Ask(Cmd.DO_REPOSITION, (-1.0, CHANGE_MODE, 0.0, None, None, None, None)), _SET_HOLD_MODE)


_SET_HOLD_MODE = Ask(Cmd.DO_SET_MODE, (CUSTOM_MODE_ENABLED, float(HOLD_MODE[0]), float(HOLD_MODE[1])))
