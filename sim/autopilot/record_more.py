"""More scenarios for the recorder: turns, holds, orders in mid-flight, other parameters, refused orders.

Each takes the recorder's `Vehicle` and uses its words alone (`command`, `goto`, `until`,
`wait`), so its clock is the recorder's.
"""

import math

from pymavlink.dialects.v20 import common as mavlink

NAN = math.nan
CUSTOM = 1.0
HOLD = (CUSTOM, 4.0, 3.0)


def _hold(v):
    v.command(mavlink.MAV_CMD_DO_SET_MODE, *HOLD)


def _home(v):
    v.home_and_down()


def _beyond(v, metres):
    return lambda: v.distance(*v.home[:2]) > metres


def turn(v):
    """A reposition while another is under way: a right angle, then straight back, each at full speed."""
    v.ready()
    v.takeoff(30)
    v.goto(200, 0, 30)
    v.until("80 m out", _beyond(v, 80), 60)
    v.goto(80, 120, 30)
    v.until("round the corner", v.arrived(80, 120, 2.0), 90)
    v.wait(3)
    v.goto(80, -100, 40)
    v.wait(14)
    v.goto(80, 120, 30)
    v.until("back again", v.arrived(80, 120, 2.0), 90)
    v.wait(3)
    _home(v)


def stops(v):
    """Hold at full speed: by mode (which does nothing), by a reposition to nowhere (NaN); changes of height alone."""
    v.ready()
    v.takeoff(30)
    v.goto(300, 0, 30)
    v.until("60 m out", _beyond(v, 60), 60)
    _hold(v)
    v.wait(10)
    v.goto(300, 0, 30, 9.0)
    v.until("150 m out", _beyond(v, 150), 60)
    v.command(mavlink.MAV_CMD_DO_REPOSITION, -1.0, 1.0, 0.0, NAN, NAN, NAN, NAN)
    v.wait(10)
    v.command(mavlink.MAV_CMD_DO_REPOSITION, -1.0, 1.0, 0.0, NAN, NAN, NAN, v.home[2] + 60)
    v.until("half the climb", lambda: v.pos[3] > 45, 60)
    _hold(v)
    v.wait(8)
    v.command(mavlink.MAV_CMD_DO_REPOSITION, -1.0, 1.0, 0.0, NAN, NAN, NAN, v.home[2] + 25)
    v.until("down to 26 m", lambda: v.pos[3] < 26, 60)
    v.wait(4)
    _home(v)


def orbits(v):
    """An orbit from outside, counter-clockwise at 5 m/s; another radius; hold; return, broken off by hold; return."""
    v.ready()
    v.takeoff(30)
    v.goto(60, 0, 30)
    v.until("near", v.arrived(60, 0, 2.0), 60)
    lat, lon = v.offset(120, 0)
    orbit = {"integer": True, "frame": mavlink.MAV_FRAME_GLOBAL_INT}
    v.command(mavlink.MAV_CMD_DO_ORBIT, -25.0, 5.0, 0.0, 0.0, lat, lon, v.home[2] + 35, **orbit)
    v.wait(45)
    v.command(mavlink.MAV_CMD_DO_ORBIT, 40.0, 4.0, 0.0, 0.0, lat, lon, v.home[2] + 35, **orbit)
    v.wait(30)
    _hold(v)
    v.wait(8)
    v.command(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)
    v.wait(9)
    _hold(v)
    v.wait(8)
    _home(v)


def near_home(v):
    """Return from 40 m and 18 m above and 20 m beside home, from within RTL_MIN_DIST, and with RTL_CONE_ANG=0."""
    v.ready()
    v.takeoff(12)
    v.goto(20, 0, 12)
    v.until("20 m north", v.arrived(20, 0, 1.0), 60)
    v.wait(2)
    _home(v)
    v.wait(3)
    v.takeoff(12)
    v.goto(6, 0, 12)
    v.until("6 m north", v.arrived(6, 0, 1.0), 60)
    v.wait(2)
    _home(v)
    v.wait(3)
    v.param("RTL_CONE_ANG", 0)
    v.takeoff(12)
    v.goto(0, 20, 12)
    v.until("20 m east", v.arrived(0, 20, 1.0), 60)
    v.wait(2)
    _home(v)


def tuned(v):
    """Another airframe's parameters: quicker in everything, a higher return, a faster landing."""
    v.ready()
    for name, value in (
        ("MPC_XY_CRUISE", 8.0), ("MPC_XY_VEL_MAX", 9.0), ("MPC_ACC_HOR", 5.0), ("MPC_JERK_AUTO", 8.0),
        ("MPC_Z_V_AUTO_UP", 5.0), ("MPC_Z_VEL_MAX_UP", 5.0), ("MPC_Z_V_AUTO_DN", 3.0), ("MPC_Z_VEL_MAX_DN", 3.0),
        ("MPC_TKO_SPEED", 3.0), ("MPC_TKO_RAMP_T", 1.0), ("MPC_LAND_SPEED", 1.0), ("MPC_LAND_ALT1", 15.0),
        ("RTL_RETURN_ALT", 50.0), ("RTL_CONE_ANG", 0), ("MPC_YAWRAUTO_MAX", 90.0),
    ):  # fmt: skip
        v.param(name, value)
    v.takeoff(30)
    v.goto(200, 0, 45)
    v.until("north", v.arrived(200, 0, 1.5), 90)
    v.wait(3)
    v.goto(200, 100, 20)
    v.until("east", v.arrived(200, 100, 1.5), 90)
    v.until("20 m high", lambda: v.pos[3] < 20.5, 60)
    v.wait(3)
    _home(v)


def denied(v):
    """Orders on the ground that are not followed, or are and should not be; NaN where a number belongs."""
    v.ready()
    v.wait(3)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, NAN)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0.0)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, CUSTOM, 6.0, 0.0)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
    v.wait(2)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, CUSTOM, 4.0, 6.0)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
    v.wait(2)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, CUSTOM, 4.0, 5.0)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
    v.wait(2)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, CUSTOM, 4.0, 4.0)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
    v.wait(2)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, CUSTOM, 9.0, 9.0)
    v.wait(1)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, CUSTOM, 4.0, 77.0)
    v.wait(1)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, NAN, NAN, NAN)
    v.wait(2)
    v.command(mavlink.MAV_CMD_DO_ORBIT, 20.0, 3.0, 0.0, 0.0, NAN, NAN, NAN)
    v.wait(2)
    v.command(mavlink.MAV_CMD_DO_CHANGE_SPEED, 1.0, NAN, -1.0)
    v.command(mavlink.MAV_CMD_DO_CHANGE_SPEED, 1.0, 5.0, -1.0)
    v.command(mavlink.MAV_CMD_MISSION_START, NAN, NAN)
    v.command(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, NAN, NAN)
    v.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 65000.0)
    _hold(v)
    v.wait(2)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
    v.wait(2)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0.0)
    v.wait(2)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
    v.until("disarmed by itself", lambda: not v.armed, 30)
    v.param("COM_ARM_WO_GPS", 0)
    v.wait(1)
    v.command(mavlink.MAV_CMD_NAV_TAKEOFF, NAN, 0.0, 0.0, NAN, NAN, NAN, NAN)
    v.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
    v.until("taken off", lambda: v.mode == "LOITER", 40)
    v.command(mavlink.MAV_CMD_DO_ORBIT, NAN, NAN, NAN, NAN, NAN, NAN, NAN)
    v.wait(8)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, CUSTOM, 6.0, 0.0)
    v.wait(2)
    v.command(mavlink.MAV_CMD_DO_SET_MODE, CUSTOM, 4.0, 4.0)
    v.wait(2)
    v.command(mavlink.MAV_CMD_NAV_LAND)
    v.until("landed", lambda: v.landed == "MAV_LANDED_STATE_ON_GROUND" and not v.armed, 120)


MORE = {f.__name__: f for f in (turn, stops, orbits, near_home, tuned, denied)}
