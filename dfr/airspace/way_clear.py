"""Whether other aircraft are, or will soon be, too near to a way that is about to be flown. Pure."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from dfr.airspace.encounter import (
    HELICOPTER_CLIMB_S,
    UNKNOWN_SPEED_MPS,
    VELOCITY_ERROR_MPS,
    Traffic,
    TrafficLimits,
)
from dfr.core.geo import LocalFrame, Waypoint
from dfr.core.traffic import Intruder

_STEP_S = 2.5


def intruders_near(
    way: Sequence[Waypoint], traffic: Traffic, limits: TrafficLimits, frame: LocalFrame
) -> tuple[tuple[Intruder, float], ...]:
    """Those that may be inside the bubble of any place of the way within `avoid_s`, with their distance to it now.

    The way is taken from the ground up to its highest point everywhere.
    """
    if not traffic.intruders:
        return ()
    places = [frame.to_local(waypoint.position) for waypoint in way]
    line = LineString(places) if len(set(places)) > 1 else Point(places[0])
    top_m = max(waypoint.altitude.m for waypoint in way)
    now_m = np.atleast_1d(shapely.distance(shapely.points(traffic.places_m[:, :2]), line))
    unknown = np.isnan(traffic.velocities_mps[:, 0])
    velocities = np.nan_to_num(traffic.velocities_mps)
    too_near = np.zeros(len(traffic.intruders), dtype=bool)
    for after_s in np.arange(0.0, limits.avoid_s + _STEP_S, _STEP_S):
        there = traffic.places_m + after_s * velocities
        sideways_m = shapely.distance(shapely.points(there[:, :2]), line) - traffic.errors_m
        sideways_m -= after_s * np.where(unknown, UNKNOWN_SPEED_MPS, VELOCITY_ERROR_MPS)
        reach_m = traffic.vertical_errors_m + traffic.vertical_reach_mps * min(after_s, HELICOPTER_CLIMB_S)
        above_m = np.nan_to_num(there[:, 2] - top_m, nan=0.0) - reach_m
        too_near |= (sideways_m < limits.horizontal_m) & (above_m < limits.vertical_m)
    return tuple((traffic.intruders[index], float(now_m[index])) for index in np.flatnonzero(too_near))
