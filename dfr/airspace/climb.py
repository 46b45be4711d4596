"""Climbing on the way: straight up over the dock to a clear height, then evenly up along the first leg.

PX4 flies a DO_REPOSITION that is higher than the aircraft as one straight line in space, also one that is sent during
the take-off. An autopilot that climbs sooner is higher than that line, never lower. So the line is what must be clear:
everywhere at the site's least height above the ground or higher. It ends at the altitude of the route, which is below
every ceiling on the way and inside the fence; what is below it on the same way is too. And Return is clear from all of
it: it climbs where it is to its height, or keeps its own, and flies home over ground that the line has passed already.
"""

import math

import numpy as np
from shapely.geometry import LineString, Point

from dfr.airspace.airspace import GROUND_STEP_M, Airspace, samples
from dfr.airspace.guard import GuardLimits
from dfr.core.geo import Agl, Amsl
from dfr.core.stopping import Stopping
from dfr.core.telemetry import Kinematics

TOO_LOW_M = 5.0
"""An aircraft that is this much below the least height is stopped: what positions and lines wobble is less."""


def clear_altitude(
    airspace: Airspace, leg: LineString, end: Amsl, minimum_height: Agl, least: Amsl, highest: Amsl
) -> Amsl:
    """The lowest altitude above the start of a leg from which the straight line to its end is nowhere too low.

    At least `least`, at most `highest`; `end` itself must be high enough for all of the leg.
    """
    if leg.length == 0.0:
        return highest
    places = samples(leg, GROUND_STEP_M)
    share = np.hypot(*(places - places[0]).T) / leg.length
    before_end = share < 1.0 - 1e-9
    floors = airspace.floors_m(places, minimum_height)[before_end]
    share = share[before_end]
    needed_m = float(np.max((floors - end.m * share) / (1.0 - share)))
    return Amsl(min(max(needed_m, least.m), highest.m))


def too_low(
    kinematics: Kinematics,
    airspace: Airspace,
    minimum_height: Agl,
    stopping: Stopping | None = None,
    limits: GuardLimits | None = None,
) -> str:
    """The sentence when an aircraft under way is, or will stop, below the least height above the ground; else ""."""
    limits, stopping = limits or GuardLimits(), stopping or Stopping()
    velocity = kinematics.velocity
    run_m = velocity.ground_mps * limits.latency_s + stopping.way_m(velocity.ground_mps)
    east_m, north_m = airspace.frame.to_local(kinematics.position)
    way: Point | LineString = Point(east_m, north_m)
    if run_m > 0.1:
        bearing = math.atan2(velocity.north_mps, velocity.east_mps)
        way = LineString(((east_m, north_m), (east_m + math.cos(bearing) * run_m, north_m + math.sin(bearing) * run_m)))
    floor_m = float(airspace.floors_m(samples(way, GROUND_STEP_M), minimum_height).max())
    missing_m = floor_m - kinematics.altitude.m
    if missing_m <= TOO_LOW_M:
        return ""
    return (
        f"It is {missing_m:.0f} m lower than {minimum_height.m:.0f} m above the highest that the ground may reach on "
        "its next metres: it does not climb as planned."
    )
