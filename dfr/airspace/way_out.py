"""The way out for an aircraft that is where it may not be: a zone has appeared over it, or wind has carried it."""

import math

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from dfr.airspace.airspace import Airspace
from dfr.core.geo import Position, Waypoint

_FIRST_LOOK_M = 250.0
_SPARE_M = 0.2
"""So much further in than it must be: places are rounded on their way to the aircraft."""
_MOST_TRIES = 20
_GRID = 60
"""Over uneven ground so many by so many places are looked at."""
_SHADOW = 1000.0


def way_out(airspace: Airspace, here: Waypoint) -> Position | None:
    """The nearest place where an aircraft at its altitude may be; None where there is none.

    Rather one to which the straight way enters no forbidden zone that the aircraft is not in already. Where the ground
    is uneven, so that a height above it is allowed in one part of a zone and not in another, it is the nearest of a
    grid of places.
    """
    place = Point(airspace.frame.to_local(here.position))
    west, south, east, north = airspace.border.area.bounds
    across_m = math.hypot(east - west, north - south) + float(place.distance(shapely.box(west, south, east, north)))
    reach_m = _FIRST_LOOK_M
    while True:
        found = _nearest_within(airspace, place, here, reach_m)
        if found is not None:
            return found
        if reach_m > across_m:
            return _nearest_of_grid(airspace, place, here, reach_m)
        reach_m *= 4.0


def _nearest_within(airspace: Airspace, place: Point, here: Waypoint, reach_m: float) -> Position | None:
    region = _allowed_near(airspace, place, here.altitude.m, reach_m)
    first: Position | None = None
    for _ in range(_MOST_TRIES):
        if region.is_empty:
            break
        out = nearest_points(region, place)[0]
        if out.distance(place) > reach_m:
            break
        position = airspace.frame.to_position(out.x, out.y)
        if not airspace.point(Waypoint(position, here.altitude)).allowed:
            return _nearest_of_grid(airspace, place, here, reach_m)
        first = first or position
        crossed = _entered(airspace, LineString((place, out)))
        if not crossed:
            return position
        region = region.difference(shapely.union_all([_shadow(shape, place) for shape in crossed]))
    return first


def _nearest_of_grid(airspace: Airspace, place: Point, here: Waypoint, reach_m: float) -> Position | None:
    steps_m = np.linspace(-reach_m, reach_m, _GRID)
    places = np.stack(np.meshgrid(place.x + steps_m, place.y + steps_m), axis=-1).reshape(-1, 2)
    places = places[airspace.inside(places, np.full(len(places), here.altitude.m))]
    away_m = np.hypot(places[:, 0] - place.x, places[:, 1] - place.y)
    if away_m.min(initial=math.inf) > reach_m:
        return None
    east_m, north_m = places[int(np.argmin(away_m))]
    return airspace.frame.to_position(float(east_m), float(north_m))


def _allowed_near(airspace: Airspace, place: Point, altitude_m: float, reach_m: float) -> BaseGeometry:
    """Where this altitude is allowed, as far as reach_m around a place."""
    region = airspace.open_near(place, reach_m)
    closed = [shape for lid_m, shape in airspace.lids.near(region) if lid_m < altitude_m]
    closed += [shape for floor_m, shape in airspace.bottoms.near(region) if floor_m > altitude_m]
    return region.difference(shapely.union_all(closed)).buffer(-_SPARE_M)


def _entered(airspace: Airspace, way: LineString) -> list[BaseGeometry]:
    """The forbidden zones that a way goes into and does not begin in."""
    shapes = airspace.forbidden.shapes[airspace.forbidden.tree.query(way, predicate="intersects")]
    return [shape for shape in shapes if not shape.intersects(Point(way.coords[0]))]


def _shadow(shape: BaseGeometry, place: Point) -> BaseGeometry:
    """What lies in or behind a shape as seen from a place."""
    far = affinity.scale(shape, _SHADOW, _SHADOW, origin=place)
    return shapely.union_all([shape, far]).convex_hull if not shape.convex_hull.covers(place) else shape
