"""Cutting corners: from how far before a corner of a route the next leg may be flown, without stopping in between.

PX4 given a new place while it flies turns towards it at once and stays between the corner and the straight line from
where it was. So a corner may be cut from a place before it when that whole triangle, and every straight way back from
it, is free to be flown, and no private area is in it.
"""

import math
from collections.abc import Sequence

from shapely.geometry import LineString, Point, Polygon

from dfr.airspace.airspace import Airspace
from dfr.airspace.reach import Room
from dfr.airspace.returns import Landing, surely_elsewhere
from dfr.airspace.view import Place
from dfr.core.geo import AboveTakeoff, Amsl

CORNER_M = 5.0
"""A corner that may not be cut is come to as near as this."""
_TRIED_M = (40.0, 30.0, 20.0, 10.0)
"""40 m is what stopping from 10 m/s at 2 m/s² takes, and the way of a position that is half a second old."""
_LEAST_CHANGE_LEFT_M = 1.0


def passing_m(
    knots: Sequence[tuple[Place, float]],
    landings: Sequence[Landing],
    room: Room,
    airspace: Airspace,
    return_height: AboveTakeoff,
    climb_m: float,
) -> tuple[float, ...]:
    """For each place of a way (local metres, altitude): how near it must be come to before the next leg.

    `climb_m` is what is climbed along the first leg besides. At a corner nothing is left to climb or to sink, and what
    is to be sunk after it does not begin before it.
    """
    ends = [CORNER_M] * len(knots)
    for index in range(1, len(knots) - 1):
        (before, before_m), (corner, corner_m), (after, after_m) = knots[index - 1 : index + 2]
        leg_m, next_m = math.dist(before, corner), math.dist(corner, after)
        change_m = abs(corner_m - before_m) + (climb_m if index == 1 else 0.0)
        for radius_m in _TRIED_M:
            if radius_m > min(leg_m, next_m) / 2.0:
                continue
            left_m = change_m * radius_m / leg_m + abs(after_m - corner_m) * radius_m / next_m
            if left_m > _LEAST_CHANGE_LEFT_M:
                continue
            start = LineString((before, corner)).interpolate(leg_m - radius_m)
            highest = Amsl(max(before_m, corner_m, after_m))
            if _free(((start.x, start.y), corner, after), landings, room, airspace, highest, return_height):
                ends[index] = radius_m
                break
    return tuple(ends)


def _free(
    cut: tuple[Place, ...],
    landings: Sequence[Landing],
    room: Room,
    airspace: Airspace,
    highest: Amsl,
    return_height: AboveTakeoff,
) -> bool:
    triangle = Polygon(cut)
    if airspace.privacy.within(triangle.convex_hull, 0.0):
        return False
    for landing in landings:
        if surely_elsewhere(landing, landings).covers(triangle):
            continue
        homeward = triangle.convex_hull.union(Point(landing.place)).convex_hull
        at = landing.return_altitude(highest, return_height)
        if not room.area.covers(homeward) or at > airspace.lid_over(homeward).altitude:
            return False
    return True
