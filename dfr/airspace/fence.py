"""The fence that goes on board: a simplification of the zones that never allows more than they do."""

import shapely
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.core.fence import FencePlan, FencePolygon
from dfr.core.geo import AboveTakeoff, Waypoint


class FenceError(ValueError):
    """No fence can be made; the sentence says why."""


def on_board_fence(airspace: Airspace, home: Waypoint, height: AboveTakeoff) -> FencePlan:
    """One inclusion polygon around home, exclusion polygons for what is closed in it, and a height.

    `height` above take-off is what the flight needs: places where the ceiling is lower are excluded.
    Raises FenceError where home itself may not be flown from at that height.
    """
    dock = Point(airspace.frame.to_local(home.position))
    inside = airspace.operating.union().buffer(-airspace.margin_m)
    part = next((p for p in shapely.get_parts(inside) if p.covers(dock)), None)
    if part is None or not airspace.free.buffer(-airspace.margin_m).covers(dock):
        verdict = airspace.point(home, "The dock")
        raise FenceError(" ".join(verdict.reasons))
    shell = _inwards(Polygon(part.exterior))
    closed = airspace.forbidden.union().intersection(shell)
    shapes = [Polygon(p.exterior) for p in shapely.get_parts(closed) if p.geom_type == "Polygon"]
    grown = shapely.union_all([shape.buffer(airspace.margin_m, join_style="mitre") for shape in shapes])
    holes = [_outwards(Polygon(p.exterior)) for p in shapely.get_parts(grown)]
    polygons = [_plan(shell, True, airspace), *(_plan(hole, False, airspace) for hole in holes)]
    return FencePlan(tuple(polygons), (), height)


def _inwards(shape: Polygon) -> Polygon:
    return shape.buffer(-2.0, join_style="mitre").simplify(2.0)


def _outwards(shape: Polygon) -> Polygon:
    return shape.buffer(2.0, join_style="mitre").simplify(2.0)


def _plan(shape: BaseGeometry, inclusion: bool, airspace: Airspace) -> FencePolygon:
    corners = shapely.get_coordinates(shape)[:-1]
    return FencePolygon(tuple(airspace.frame.to_position(float(e), float(n)) for e, n in corners), inclusion)
