"""ArduPilot Copter 4.5 and newer: its modes, its orders and its texts.

Sources: the source of Copter (mode.h, GCS_MAVLink_Copter.cpp, mode_guided.cpp, mode_brake.cpp, fence.cpp, events.cpp,
crash_check.cpp, AC_Fence) and ardupilot.org/dev, "Copter Commands in Guided Mode".

- It flies in GUIDED and stays there at the last place; a new place is an order in the same mode.
- It acknowledges after it has tried: FAILED for a place outside its fence, for a mode it cannot enter, for arming that
  its checks refuse. So there is little that it accepts and drops.
- DO_REPOSITION's speed is not read; a change to GUIDED, and each first place in it, sets WPNAV_SPEED anew. So the speed
  is asked for after the place.
- NAV_TAKEOFF wants an armed aircraft on the ground in GUIDED, and a height above home.
- BRAKE stops it as hard as it can and keeps the place. LOITER would do as well but for its pilot: its climb rate is the
  throttle stick's, and an aircraft beside whose dock a transmitter lies with its stick down would sink.
- There is no order for an orbit (DO_ORBIT is unsupported), and CIRCLE mode circles a point ahead of the nose.
"""

import re
from collections.abc import Mapping
from typing import Any

from dfr.core.command import GoTo, Orbit
from dfr.core.geo import AboveTakeoff, Amsl
from dfr.core.telemetry import FlightMode
from dfr.fleet.mavlink.autopilot import Ask, CannotFly, Place
from dfr.fleet.mavlink.common import AckResult, Cmd

AUTO, GUIDED, CIRCLE, BRAKE = 3, 4, 7, 17
_MODES = {
    **dict.fromkeys((0, 1, 2, 5, 11, 13, 14, 15, 16, 22, 24), FlightMode.MANUAL),  # STABILIZE … LOITER … POSHOLD
    AUTO: FlightMode.MISSION,
    GUIDED: FlightMode.HOLD,
    6: FlightMode.RETURN,
    CIRCLE: FlightMode.ORBIT,
    9: FlightMode.LAND,
    BRAKE: FlightMode.HOLD,
    20: FlightMode.OFFBOARD,  # GUIDED_NOGPS
    21: FlightMode.RETURN,  # SMART_RTL
    27: FlightMode.RETURN,  # AUTO_RTL
}
"""Copter's custom_mode numbers (Mode::Number in mode.h)."""

_DROPPED = re.compile(r"Mode change to .* failed|fences? breached", re.IGNORECASE)
_FENCE_DROPPED = re.compile(
    r"fence\(s\) invalid|Fences enabled, but none selected|Vehicle breaching|Invalid (Circle )?FENCE_|FENCE_MARGIN"
    r"|FENCE_ALT_MAX <",
    re.IGNORECASE,
)
_MOTOR_LOST = re.compile(r"Potential Thrust Loss", re.IGNORECASE)
GEOFENCE_BIT = 0x100000
"""MAV_SYS_STATUS_GEOFENCE: present while a fence is configured, enabled while it is enforced."""
ALT_MAX_FENCE, POLYGON_FENCE = 1, 4
"""Bits of FENCE_TYPE; the second is that of all uploaded polygons and circles."""
_REFUSALS = {
    Cmd.DO_REPOSITION: "it does so for a place outside its fence, and when it does not know where it is",
    Cmd.NAV_TAKEOFF: "it does so when it is not armed, not on the ground, or higher than the height asked for",
}
"""FAILED without a text, by command (mode_guided.cpp, takeoff.cpp)."""
CHANGE_MODE = 1.0
CUSTOM_MODE_ENABLED = 1.0
GROUND_SPEED = 1.0


class ArduPilot:
    """Implements Autopilot."""

    name = "ArduPilot"
    number = 3
    """MAV_AUTOPILOT_ARDUPILOTMEGA."""
    integers_as_bits = False

    def flight_mode(self, custom_mode: int) -> FlightMode:
        return _MODES.get(custom_mode, FlightMode.OTHER)

    def takes_back(self, text: str) -> bool:
        return bool(_DROPPED.search(text))

    def drops_fence(self, text: str) -> bool:
        return bool(_FENCE_DROPPED.search(text))

    def motor_lost(self, text: str) -> bool:
        """It names no failed motor in SYS_STATUS; it says that it sinks at full throttle (thrust_loss_check)."""
        return bool(_MOTOR_LOST.search(text))

    def fence_off(self, sys_status: Mapping[str, Any]) -> str:
        """FENCE_ENABLE is 0, a switch or DO_FENCE_ENABLE turned it off, or nothing is configured."""
        if sys_status["onboard_control_sensors_enabled"] & GEOFENCE_BIT:
            return ""
        return "ArduPilot says that its fence is switched off (FENCE_ENABLE, or a switch)."

    def refusal_means(self, command: Cmd, result: int) -> str:
        return _REFUSALS.get(command, "") if result == AckResult.FAILED else ""

    def fence_parameters(self, ceiling: AboveTakeoff | None) -> tuple[tuple[str, int | float], ...]:
        if ceiling is None:
            return (("FENCE_TYPE", POLYGON_FENCE),)
        return (("FENCE_TYPE", POLYGON_FENCE | ALT_MAX_FENCE), ("FENCE_ALT_MAX", float(ceiling.m)))

    def before_arming(self, height: AboveTakeoff, home: Amsl) -> tuple[Ask, ...]:
        return (_mode(GUIDED),)

    def after_arming(self, height: AboveTakeoff) -> tuple[Ask, ...]:
        return (Ask(Cmd.NAV_TAKEOFF, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, height.m)),)

    def stand_down(self) -> tuple[Ask, ...]:
        """Never forced: it refuses to disarm in the air."""
        return (Ask(Cmd.COMPONENT_ARM_DISARM, (0.0,)),)

    def go_to(self, order: GoTo) -> tuple[Ask, ...]:
        place = Place(order.waypoint.position, order.waypoint.altitude)
        return (
            Ask(Cmd.DO_REPOSITION, (-1.0, CHANGE_MODE, 0.0, None), place),
            Ask(Cmd.DO_CHANGE_SPEED, (GROUND_SPEED, order.speed_mps, -1.0)),
        )

    def orbit(self, order: Orbit) -> tuple[Ask, ...]:
        raise CannotFly(
            "ArduPilot Copter has no order for an orbit, so none was flown. Send the aircraft to a place beside the "
            "scene and turn its camera."
        )

    velocity_mode = FlightMode.HOLD

    def by_velocity(self) -> tuple[Ask, ...]:
        """In GUIDED a velocity holds for GUID_TIMEOUT, 3 s, after the last one; then it stops there."""
        return (_mode(GUIDED),)

    def stop(self) -> tuple[Ask, ...]:
        return (_mode(BRAKE), _mode(GUIDED))


def _mode(number: int) -> Ask:
    return Ask(Cmd.DO_SET_MODE, (CUSTOM_MODE_ENABLED, float(number)))
