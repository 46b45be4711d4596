"""The fence that goes on board: a simplification of the zones that never allows more than they do."""

from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.raster import GroundRaster, ground_raster
from dfr.core.fence import FenceCircle, FencePlan, FencePolygon
from dfr.core.geo import AboveTakeoff, Agl, Amsl, LocalFrame, Position, Waypoint

MOST_POINTS = 60
"""PX4 keeps 64 fence points on board (DM_KEY_FENCE_POINTS_MAX): a corner is one, a circle is one."""

ABOVE_FLIGHT_M = 4.0
"""The fence's height lies this much above the highest flight, so that a wobble does not touch it."""

_TOLERANCES_M = (2.0, 4.0, 6.0, 9.0, 13.0, 20.0, 30.0, 45.0, 65.0, 100.0, 150.0, 220.0)
_ROUND_ENOUGH = 1.4
_HOLES_KEPT = 16_384
"""Holes of which it is remembered whether they are round: they are the same zones for fence after fence."""
_MOST_CUTS = 20
_MOST_HOLES = 3 * MOST_POINTS
"""More zones than this are not tried to describe: it takes minutes, and less far around home is found sooner."""
_NEARLY_ALL = 0.97
"""Of the places that can be used at the best height: a higher fence that keeps this share is preferred."""
_WORKING_HEIGHT_M = 35.0
"""A place counts as usable where the fence leaves this much above the highest that the ground may be there."""


DOCKS_KEPT = 1024
"""Docks whose fence and reach are remembered; a site has one an aircraft at the most."""


class FenceError(ValueError):
    """No fence can be made; the sentence says why."""


FENCE_HEIGHT = AboveTakeoff(80.0)
RETURN_HEIGHT = AboveTakeoff(45.0)


def on_board_fence(
    airspace: Airspace, home: Waypoint, height: AboveTakeoff = FENCE_HEIGHT, return_height: AboveTakeoff = RETURN_HEIGHT
) -> FencePlan:
    """One inclusion polygon around home, exclusion polygons and circles in it, and a height of at most `height`.

    A fence has one height above take-off, and places with a lower ceiling are left out of it; so the height is chosen
    at which the most can be used, with room for Return at return_height. The margin is kept to every border. Where the
    points that PX4 can keep do not suffice, the area shrinks, never the distance to a zone. Home is taken to a metre:
    what an aircraft reports trembles, and the plan should not.
    Raises FenceError where home itself may not be flown from.
    """
    position = Position(round(home.position.latitude_deg, 5), round(home.position.longitude_deg, 5))
    # A regime that lets flights be less high is watched, not fenced: the fence stays on board from flight to flight.
    return _fence(airspace.base, Waypoint(position, Amsl(float(round(home.altitude.m)))), height, return_height)


@lru_cache(maxsize=DOCKS_KEPT)
def _fence(airspace: Airspace, home: Waypoint, height: AboveTakeoff, return_height: AboveTakeoff) -> FencePlan:
    dock = Point(airspace.frame.to_local(home.position))
    chosen = _height(airspace, home, dock, height, return_height)
    closed = _closed(airspace, home.altitude.m + chosen.m)
    allowed = part_with_dock(airspace.operating.union().buffer(-airspace.margin_m).difference(closed), dock)
    if allowed is None:
        names = " and ".join(zone.name for zone in airspace.closed_by(dock)) or "a ceiling"
        raise FenceError(f"No fence can be made: the dock lies outside what is allowed, by {names}.")
    return plan_of(_largest_that_fits(allowed, dock), chosen, airspace.frame)


@lru_cache(maxsize=DOCKS_KEPT)
def fence_area(plan: FencePlan, frame: LocalFrame) -> BaseGeometry:
    """What a plan leaves free, in local metres: the same whether it was made here or read back from an aircraft."""
    area: BaseGeometry | None = None
    closed: list[BaseGeometry] = []
    shapes = [(p.inclusion, Polygon([frame.to_local(c) for c in p.corners])) for p in plan.polygons]
    shapes += [(c.inclusion, Point(frame.to_local(c.center)).buffer(c.radius_m, quad_segs=32)) for c in plan.circles]
    for inclusion, shape in shapes:
        if not inclusion:
            closed.append(shape)
        else:
            area = shape if area is None else area.intersection(shape)
    return Polygon() if area is None else area.difference(shapely.union_all(closed))


def _height(
    airspace: Airspace, home: Waypoint, dock: Point, most: AboveTakeoff, return_height: AboveTakeoff
) -> AboveTakeoff:
    lid = airspace.published_lid(dock)
    highest_m = min(most.m, lid.altitude.m - home.altitude.m - 1.0)
    lowest_m = return_height.m + ABOVE_FLIGHT_M
    if highest_m < lowest_m:
        raise FenceError(
            f"No fence can be made: {lid.name} allows {lid.altitude.m - home.altitude.m:.0f} m above this dock, and "
            f"coming home at {return_height.m:.0f} m needs {lowest_m:.0f} m."
        )
    raster = ground_raster(airspace)
    heights_m = np.arange(lowest_m, highest_m + 1e-6, 1.0)
    usable = np.array([raster.usable(home.altitude.m + float(height_m), _WORKING_HEIGHT_M) for height_m in heights_m])
    return AboveTakeoff(float(heights_m[usable >= _NEARLY_ALL * usable.max()][-1]))


def _closed(airspace: Airspace, altitude_m: float) -> BaseGeometry:
    """Where an aircraft at this altitude would break a rule: no-fly zones grown by the margin, low ceilings."""
    raster = ground_raster(airspace)
    closed: list[BaseGeometry] = [airspace.forbidden.union().buffer(airspace.margin_m)]
    closed.append(_beneath(raster, altitude_m, airspace.default_ceiling, airspace.ground.error_m))
    by_height: dict[float, list[BaseGeometry]] = {}
    for top, shape in airspace.tops():
        if isinstance(top, Agl):
            by_height.setdefault(top.m, []).append(shape)
        elif top.m < altitude_m:
            closed.append(shape)
    for top_m, shapes in by_height.items():
        low = _beneath(raster, altitude_m, Agl(top_m), airspace.ground.error_m)
        closed.append(shapely.union_all(shapes).intersection(low))
    return shapely.union_all(closed)


def _beneath(raster: GroundRaster, altitude_m: float, ceiling: Agl, error_m: float) -> BaseGeometry:
    """Where this ceiling above ground lies below the altitude."""
    return raster.ground_below(altitude_m - ceiling.m + error_m)


def part_with_dock(shape: BaseGeometry, dock: Point) -> Polygon | None:
    """The connected part that covers the dock."""
    for part in shapely.get_parts(shape):
        if isinstance(part, Polygon) and part.covers(dock):
            return part
    return None


def _simplified(allowed: Polygon, dock: Point, tolerance_m: float) -> Polygon | None:
    """A polygon with fewer corners that `allowed` covers; None when home is not in it or too many holes are."""
    outline = Polygon(allowed.exterior)
    shell = part_with_dock(outline.buffer(-tolerance_m, join_style="mitre").simplify(tolerance_m), dock)
    if shell is None or not outline.covers(shell):
        return None
    rings = [Polygon(ring) for ring in allowed.interiors]
    covers = shapely.union_all([_cover(ring, tolerance_m) for ring in rings])
    parts = [Polygon(part.exterior) for part in shapely.get_parts(covers)]
    if len(parts) > MOST_POINTS:
        return None
    holes = shapely.union_all([part if _circle(part) else part.simplify(tolerance_m / 2.0) for part in parts])
    shapely.prepare(holes)
    if not all(holes.covers(ring) for ring in rings):
        return None
    return part_with_dock(shell.difference(holes), dock)


def _cover(hole: Polygon, tolerance_m: float) -> BaseGeometry:
    """A little more than a hole, of which less is left to describe: the circle around a round one, no sharp corners."""
    circle = _circle(hole)
    if circle is None:
        return hole.buffer(tolerance_m, join_style="mitre")
    return circle[0].buffer(circle[1], quad_segs=32)


def _largest_that_fits(allowed: Polygon, dock: Point) -> Polygon:
    """The largest simplification that can be kept on board: coarser, or less far around home."""
    radius_m = max(dock.distance(Point(corner)) for corner in allowed.exterior.coords)
    best: Polygon | None = None
    for step in range(_MOST_CUTS):
        near = part_with_dock(allowed.intersection(dock.buffer(radius_m, quad_segs=4)), dock) if step else allowed
        fence = finest_that_fits(near, dock) if near else None
        if fence is not None and (best is None or fence.area > best.area):
            best = fence
        if best is not None and step >= 3:
            return best
        radius_m *= 0.8
    raise FenceError("No fence can be made: there are too many zones around the dock for a fence on board.")


def finest_that_fits(allowed: Polygon, dock: Point, needed: BaseGeometry | None = None) -> Polygon | None:
    """The least simplified that can be kept on board and, when it is given, covers what is needed."""
    if len(allowed.interiors) > (MOST_POINTS if needed is not None else _MOST_HOLES):
        return None
    for tolerance_m in _TOLERANCES_M:
        fence = _simplified(allowed, dock, tolerance_m)
        if fence is not None and needed is not None and not fence.covers(needed):
            return None
        if fence is not None and _fits(fence):
            return fence
    return None


def _circle(hole: BaseGeometry) -> tuple[Point, float] | None:
    """The circle around a hole when it is nearly round: one point on board instead of many."""
    return _circle_of(shapely.to_wkb(hole))


@lru_cache(maxsize=_HOLES_KEPT)
def _circle_of(wkb: bytes) -> tuple[Point, float] | None:
    hole = shapely.from_wkb(wkb)
    radius_m = float(shapely.minimum_bounding_radius(hole))
    if radius_m >= 500.0 or np.pi * radius_m**2 > _ROUND_ENOUGH * hole.area:
        return None
    return shapely.minimum_bounding_circle(hole).centroid, radius_m + 0.1


def _fits(fence: Polygon) -> bool:
    """Whether PX4 can keep its points."""
    points = len(fence.exterior.coords) - 1
    if points + len(fence.interiors) > MOST_POINTS:
        return False
    holes = (Polygon(ring) for ring in fence.interiors)
    return points + sum(1 if _circle(hole) else len(hole.exterior.coords) - 1 for hole in holes) <= MOST_POINTS


def plan_of(fence: Polygon, height: AboveTakeoff, frame: LocalFrame) -> FencePlan:
    """A polygon with holes in local metres as what goes on board."""
    polygons = [FencePolygon(_corners(Polygon(fence.exterior), frame), inclusion=True)]
    circles = []
    for ring in fence.interiors:
        hole = Polygon(ring)
        circle = _circle(hole)
        if circle is None:
            polygons.append(FencePolygon(_corners(hole, frame), inclusion=False))
        else:
            center, radius_m = circle
            circles.append(FenceCircle(frame.to_position(center.x, center.y), radius_m, inclusion=False))
    return FencePlan(tuple(polygons), tuple(circles), height)


def _corners(shape: Polygon, frame: LocalFrame) -> tuple[Position, ...]:
    return tuple(frame.to_position(float(east), float(north)) for east, north in shape.exterior.coords[:-1])
