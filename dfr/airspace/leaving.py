"""The way out for an aircraft that is where it may not be: a zone has appeared over it, or wind has carried it."""

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.ops import nearest_points

from dfr.airspace.airspace import Airspace, samples
from dfr.core.geo import Position, Waypoint

_INSIDE_M = 1.0
_STEP_M = 2.0
_WOBBLE_M = 0.1


def way_out(airspace: Airspace, here: Waypoint) -> Position | None:
    """The nearest place where an aircraft at its altitude may be; None where there is none."""
    place = Point(airspace.frame.to_local(here.position))
    opened = airspace.open.buffer(-_INSIDE_M)
    if opened.is_empty:
        return None
    out = nearest_points(opened, place)[0]
    found = airspace.frame.to_position(out.x, out.y)
    return found if airspace.point(Waypoint(found, here.altitude)).allowed else None


def is_way_out(airspace: Airspace, here: Position, target: Position) -> bool:
    """Whether the straight way to the target leads only outwards, until it is clear, and is clear from there on.

    False for a start that is clear itself: that is an ordinary way.
    """
    line = LineString((airspace.frame.to_local(here), airspace.frame.to_local(target)))
    if line.length == 0.0:
        return False
    distances_m = airspace.border_distances(np.asarray(shapely.points(samples(line, _STEP_M))))
    clear = distances_m >= airspace.kept_m - _STEP_M
    if clear[0] or not clear[-1]:
        return False
    first = int(np.argmax(clear))
    outwards = bool(np.all(np.diff(distances_m[: first + 1]) > -_WOBBLE_M))
    return outwards and bool(np.all(clear[first:]))
