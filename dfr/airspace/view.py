"""What lies in a straight line from a place inside an area: the visibility polygon. Pure."""

import math

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.core.geo import FloatArray

Place = tuple[float, float]

_FIRST_RING_M = 200.0


def part_with(area: BaseGeometry, place: Place) -> Polygon | None:
    """The connected part of an area that contains a place; None when none does."""
    for part in shapely.get_parts(area):
        if isinstance(part, Polygon) and part.covers(Point(place)):
            return part
    return None


def view(area: BaseGeometry, place: Place) -> BaseGeometry:
    """All places of `area` (local metres) to which the straight line from `place` stays in it; empty from outside.

    What is beyond each edge of the area is cut off. Edges are taken from near to far, in rings twice as wide each time,
    and only those still in view: most of what is far is hidden by what is near.
    """
    seen = part_with(area, place)
    if seen is None:
        return Polygon()
    here = np.array(place)
    edges = _hiding_edges(seen, here)
    lines = np.array(shapely.linestrings(edges), dtype=object, ndmin=1)
    away_m = shapely.distance(lines, Point(place))
    west, south, east, north = seen.bounds
    beyond_m = 2.0 * (math.hypot(east - west, north - south) + 1.0)
    near_m, far_m = -1.0, _FIRST_RING_M
    while seen is not None and near_m < float(away_m.max(initial=-1.0)):
        ring = np.flatnonzero((away_m > near_m) & (away_m <= far_m))
        touching = ring[STRtree(lines[ring]).query(seen, predicate="intersects")]
        if len(touching):
            hidden = shapely.union_all(_shadows(edges[touching], here, beyond_m))
            seen = part_with(seen.difference(hidden), place)
        near_m, far_m = far_m, 2.0 * far_m
    return Polygon() if seen is None else seen


def _hiding_edges(area: Polygon, here: FloatArray) -> FloatArray:
    """(n, 2, 2) edges over which a line of sight leaves the area: those that have the place on the area's side."""
    outline = shapely.geometry.polygon.orient(area)
    pieces = []
    for ring in (outline.exterior, *outline.interiors):
        corners = np.asarray(ring.coords)
        pieces.append(np.stack([corners[:-1], corners[1:]], axis=1))
    edges = np.concatenate(pieces)
    along, to_here = edges[:, 1] - edges[:, 0], here - edges[:, 0]
    return np.asarray(edges[along[:, 0] * to_here[:, 1] - along[:, 1] * to_here[:, 0] > 0.0])


def _shadows(edges: FloatArray, here: FloatArray, beyond_m: float) -> list[BaseGeometry]:
    """What each edge hides: from it outwards. Neighbours share their corners to the last digit, so no gap is left."""
    outwards = edges - here
    lengths = np.maximum(np.hypot(outwards[..., 0], outwards[..., 1]), 1e-9)[..., None]
    ends = here + outwards / lengths * (lengths + beyond_m)
    quads = np.stack([edges[:, 0], edges[:, 1], ends[:, 1], ends[:, 0], edges[:, 0]], axis=1)
    return [Polygon(quad) for quad in quads]
