"""Cutting corners: from how far before a corner of a route the next leg may be flown, without stopping in between.

PX4 given a new place while it flies turns towards it at once and stays between the corner and the straight line from
where it was. So a corner may be cut from a place before it when that whole triangle, and every straight line home from
it, is free to be flown, and no private area is in it.
"""

import math

from shapely.geometry import LineString, Polygon

from dfr.airspace.airspace import Airspace
from dfr.airspace.reach import Room
from dfr.core.geo import Amsl

Place = tuple[float, float]

CORNER_M = 5.0
"""A corner that may not be cut is come to as near as this."""
_TRIED_M = (40.0, 30.0, 20.0, 10.0)
"""40 m is what stopping from 10 m/s at 2 m/s² takes, and the way of a position that is half a second old."""
_LEAST_CLIMB_LEFT_M = 1.0


def passing_m(
    path: list[Place], room: Room, airspace: Airspace, return_altitude: Amsl, climb_m: float
) -> tuple[float, ...]:
    """For each place of a path (local metres): how near it must be come to before the next leg.

    `return_altitude` is what Return flies home at, `climb_m` what is climbed along the first leg: at a corner nothing
    is left to climb.
    """
    ends = [CORNER_M] * len(path)
    for index in range(1, len(path) - 1):
        before, corner, after = path[index - 1 : index + 2]
        leg = LineString((before, corner))
        rise = climb_m / leg.length if index == 1 else 0.0
        for radius_m in _TRIED_M:
            short = radius_m > min(leg.length, math.dist(corner, after)) / 2.0
            if short or rise * radius_m > _LEAST_CLIMB_LEFT_M:
                continue
            start = leg.interpolate(leg.length - radius_m)
            if _free(path[0], ((start.x, start.y), corner, after), room, airspace, return_altitude):
                ends[index] = radius_m
                break
    return tuple(ends)


def _free(dock: Place, cut: tuple[Place, ...], room: Room, airspace: Airspace, return_altitude: Amsl) -> bool:
    if airspace.privacy.within(Polygon(cut).convex_hull, 0.0):
        return False
    homeward = Polygon((dock, *cut)).convex_hull
    return bool(room.area.covers(homeward)) and return_altitude <= airspace.lid_over(homeward).altitude
