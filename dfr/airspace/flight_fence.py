"""A fence for one flight, where its dock's does not reach: around its way and the ways back from it, and no more."""

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import FenceError, finest_that_fits, part_with_dock, plan_of
from dfr.airspace.layers import shrunk
from dfr.core.fence import FencePlan
from dfr.core.geo import AboveTakeoff, FloatArray, Waypoint

_WIDTHS_M = (250.0, 80.0)
"""How far a fence reaches beside the way, widest first: a pilot wants room, and PX4 keeps few corners."""
_INSIDE_M = 6.0
"""The way lies so far inside."""
_STEP_M = 50.0


def flight_fence(
    airspace: Airspace,
    home: Waypoint,
    way: BaseGeometry,
    height: AboveTakeoff,
    return_height: AboveTakeoff,
    room: BaseGeometry | None = None,
) -> FencePlan:
    """One inclusion polygon around `way` (local metres; home and every way back in it), exclusions, and `height`.

    The margin is kept to every border, and no lid in it is lower than `height`. `room` is where clearance is kept too
    and no lid is lower, for whoever knows it: then the zones are not looked at again. Raises FenceError where the
    points that PX4 can keep do not suffice, or where `height` leaves no room for a return at `return_height`.
    """
    if height.m < return_height.m:
        raise FenceError(f"No fence can be made: {height.m:.0f} m is lower than Return flies, {return_height.m:.0f} m.")
    dock = Point(airspace.frame.to_local(home.position))
    needed = way.union(dock).buffer(_INSIDE_M)
    allowed: BaseGeometry
    beyond_m = airspace.kept_m - airspace.margin_m - 0.5
    if room is not None:
        # What keeps the clearance too may be left by as much.
        around = way.buffer(_WIDTHS_M[0], quad_segs=2)
        allowed = shapely.clip_by_rect(room, *around.bounds).intersection(around).buffer(beyond_m, quad_segs=2)
    else:
        allowed = shrunk(airspace.border.free_near(way, _WIDTHS_M[0] + 2.0 * airspace.margin_m), airspace.margin_m)
        allowed = allowed.difference(low_lids(airspace, way.buffer(_WIDTHS_M[0]), home.altitude.m + height.m, _STEP_M))
    for width_m in (*_WIDTHS_M, beyond_m):
        near = part_with_dock(allowed.intersection(way.buffer(width_m, quad_segs=2)), dock)
        fence = finest_that_fits(near, dock, needed) if near is not None else None
        if fence is not None:
            return plan_of(fence, height, airspace.frame)
    raise FenceError("No fence can be made: around this way there are more corners than a fence on board can have.")


def low_lids(airspace: Airspace, area: BaseGeometry, altitude_m: float, step_m: float) -> BaseGeometry:
    """Where in an area a ceiling, as published, may be lower than an altitude: whole zones, and squares of step_m."""
    if area.is_empty:
        return area
    shapes: list[BaseGeometry] = []
    for _, zone_shape in airspace.tops():
        part = zone_shape.intersection(area) if zone_shape.intersects(area) else None
        if part is not None and not part.is_empty and airspace.published_lid(part).altitude.m < altitude_m:
            shapes.append(zone_shape)
    places = _grid(area, step_m)
    low = places[airspace.lids_m(places) + airspace.height_margin_m < altitude_m]
    half = step_m
    shapes += list(np.ravel(shapely.box(low[:, 0] - half, low[:, 1] - half, low[:, 0] + half, low[:, 1] + half)))
    return shapely.union_all(shapes)


def _grid(area: BaseGeometry, step_m: float) -> FloatArray:
    west, south, east, north = area.bounds
    axes = np.meshgrid(np.arange(west, east + step_m, step_m), np.arange(south, north + step_m, step_m))
    return np.column_stack([axis.ravel() for axis in axes])
