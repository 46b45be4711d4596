"""Zones as shapes in metres, found quickly."""

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from dfr.core.geo import FloatArray, LocalFrame
from dfr.core.zone import Zone

IntArray = npt.NDArray[np.int64]
ShapeArray = npt.NDArray[np.object_]

# An edge in a GeoJSON file is straight in longitude and latitude (RFC 7946, section 3.1.1). Cut this short before it is
# projected, it stays within a centimetre of that.
_LONGEST_EDGE_DEG = 0.005
_QUARTER_CHORDS = 8
CHORDS = 1.0 / math.cos(math.pi / (4.0 * _QUARTER_CHORDS))
"""shapely draws round corners by chords, inside the arc. A distance times this leaves nothing of the arc out."""
_CRACK_M = 0.02
"""Borders that are one line in the file may lie so far apart in metres, where they were cut at different places."""


def to_metres(shape: BaseGeometry, frame: LocalFrame) -> BaseGeometry:
    """A shape in longitude, latitude degrees as one in east, north metres."""
    return shapely.transform(shapely.segmentize(shape, _LONGEST_EDGE_DEG), frame.array_to_local)


def each_to_metres(shapes: Sequence[BaseGeometry], frame: LocalFrame) -> ShapeArray:
    """`to_metres` of (n,) shapes, all turned at once."""
    cut = np.atleast_1d(np.asarray(shapely.segmentize(object_array(shapes), _LONGEST_EDGE_DEG), dtype=object))
    return np.asarray(shapely.transform(cut, frame.array_to_local), dtype=object)


def to_degrees(shape: BaseGeometry, frame: LocalFrame) -> BaseGeometry:
    """A shape in east, north metres as one in longitude, latitude degrees."""
    return shapely.transform(shape, frame.array_to_longitude_latitude)


def object_array(shapes: Sequence[BaseGeometry | None]) -> ShapeArray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def points_of(places: FloatArray) -> ShapeArray:
    """(n, 2) places as (n,) points."""
    return np.atleast_1d(np.asarray(shapely.points(places), dtype=object))


def grown(shapes: ShapeArray, by_m: float) -> ShapeArray:
    """(n,) shapes with everything that is as near as by_m, and a trifle more at round corners."""
    return np.asarray(shapely.buffer(shapes, by_m * CHORDS, quad_segs=_QUARTER_CHORDS), dtype=object)


def shrunk(shape: BaseGeometry, by_m: float) -> BaseGeometry:
    """The part of a shape that is by_m from its border, and a trifle less at round corners."""
    return shape.buffer(-by_m * CHORDS, quad_segs=_QUARTER_CHORDS)


def windows(geometries: ShapeArray, reach_m: float) -> ShapeArray:
    """A line across the rectangle reach_m around each of (n,) geometries: for an index, which looks at bounds alone.

    It is made more quickly than the rectangle.
    """
    bounds = np.asarray(shapely.bounds(geometries)).reshape(-1, 2, 2)
    bounds += np.array([[-reach_m], [reach_m]])
    return np.asarray(shapely.linestrings(bounds), dtype=object)


def united(shapes: ShapeArray) -> BaseGeometry:
    """The union; shapes that share a border in the file touch in it, without a crack between them."""
    whole: BaseGeometry = shapely.union_all(shapes)
    if len(shapes) < 2:
        return whole
    return whole.buffer(_CRACK_M, join_style="mitre").buffer(-_CRACK_M, join_style="mitre")


class Layer:
    """Zones that do the same, in metres, with an index. `touching` and `covering` see them reach_m larger.

    `shapes` is (n,), one a zone. What is costly is made when it is first asked for.
    """

    def __init__(self, zones: Sequence[Zone], shapes: ShapeArray, reach_m: float = 0.0) -> None:
        self.zones = tuple(zones)
        self.shapes = shapes
        self._reach_m = reach_m
        self._grown = np.full(len(shapes), None, dtype=object)
        shapely.prepare(self.shapes)

    @cached_property
    def tree(self) -> STRtree:
        return STRtree(self.shapes)

    @property
    def grown(self) -> ShapeArray:
        """All shapes, reach_m larger."""
        return self.grown_of(np.arange(len(self.shapes)))

    def grown_of(self, indices: IntArray) -> ShapeArray:
        """The grown shapes of some zones; each is grown once."""
        if not self._reach_m:
            return np.asarray(self.shapes[indices])
        if len(missing := indices[shapely.is_missing(self._grown[indices])]):
            missing = np.unique(missing)
            made = grown(self.shapes[missing], self._reach_m)
            shapely.prepare(made)
            self._grown[missing] = made
        return np.asarray(self._grown[indices])

    def within(self, geometry: BaseGeometry, distance_m: float) -> list[tuple[Zone, BaseGeometry]]:
        """The zones that come as near to a geometry as distance_m, each with its shape; nearest first."""
        found = np.sort(self.tree.query(geometry, predicate="dwithin", distance=distance_m))
        order = np.argsort(shapely.distance(self.shapes[found], geometry), kind="stable")
        return [(self.zones[i], self.shapes[i]) for i in found[order]]

    def touching(self, geometry: BaseGeometry, wider_m: float = 0.0) -> list[tuple[int, BaseGeometry]]:
        """The grown shapes (wider_m more) that a geometry touches, each with the index of its zone."""
        reach_m = self._reach_m + wider_m
        found = np.sort(self.tree.query(geometry, predicate="dwithin", distance=reach_m * CHORDS))
        shapes = grown(self.shapes[found], reach_m) if wider_m else self.grown_of(found)
        return [(int(i), shape) for i, shape in zip(found, shapes, strict=True)]

    def touching_each(self, geometries: ShapeArray) -> tuple[IntArray, IntArray]:
        """Which of (n,) geometries touch which grown shapes: indices of geometries, and of zones beside them."""
        found, zones = self.tree.query(windows(geometries, self._reach_m * CHORDS))
        touch = shapely.intersects(self.grown_of(zones), geometries[found])
        return found[touch], zones[touch]

    def covering(self, places: STRtree) -> tuple[IntArray, IntArray]:
        """Which grown shapes contain which of the points of an index: indices of points, and of zones beside them."""
        # The many points are in the index and the prepared shapes asked of them: quicker than the other way.
        zones, points = places.query(self.grown, predicate="intersects")
        return points, zones

    def distances_m(self, geometries: ShapeArray, far_m: float = math.inf) -> FloatArray:
        """How far each of (n,) geometries is from the nearest zone, 0 where one touches, far_m where none is nearer."""
        distances_m = np.full(len(geometries), far_m)
        if math.isfinite(far_m):
            found, zones = self.tree.query(windows(geometries, far_m))
            np.minimum.at(distances_m, found, shapely.distance(self.shapes[zones], geometries[found]))
        elif len(self.shapes):
            (found, _), nearest_m = self.tree.query_nearest(geometries, return_distance=True, all_matches=False)
            distances_m[found] = nearest_m
        return distances_m

    def nearest(self, geometry: BaseGeometry) -> tuple[Zone, float] | None:
        """The nearest zone and how far it is, 0 where it touches; None when there is no zone."""
        if not len(self.shapes):
            return None
        index = int(np.min(self.tree.query_nearest(geometry)))
        return self.zones[index], float(shapely.distance(self.shapes[index], geometry))

    def union(self) -> BaseGeometry:
        return self._union

    @cached_property
    def _union(self) -> BaseGeometry:
        return united(self.shapes)
