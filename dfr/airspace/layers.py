"""Zones as shapes in metres, found quickly."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from dfr.core.geo import FloatArray, LocalFrame
from dfr.core.zone import Zone

IntArray = npt.NDArray[np.int64]

# An edge in a GeoJSON file is straight in longitude and latitude (RFC 7946, section 3.1.1). Cut this short before it is
# projected, it stays within a centimetre of that.
_LONGEST_EDGE_DEG = 0.005


def to_metres(shape: BaseGeometry, frame: LocalFrame) -> BaseGeometry:
    """A shape in longitude, latitude degrees as one in east, north metres."""
    return shapely.transform(shapely.segmentize(shape, _LONGEST_EDGE_DEG), frame.array_to_local)


def to_degrees(shape: BaseGeometry, frame: LocalFrame) -> BaseGeometry:
    """A shape in east, north metres as one in longitude, latitude degrees."""
    return shapely.transform(shape, frame.array_to_longitude_latitude)


class Layer:
    """The zones of one kind, in metres, with an index. `touching` and `covering` see them grown_m larger."""

    def __init__(self, zones: Iterable[Zone], frame: LocalFrame, grown_m: float = 0.0) -> None:
        self.zones: Sequence[Zone] = tuple(zones)
        self.shapes: Sequence[BaseGeometry] = tuple(to_metres(zone.shape, frame) for zone in self.zones)
        for shape in self.shapes:
            shapely.prepare(shape)
        self._tree = STRtree(self.shapes)
        self.grown: Sequence[BaseGeometry] = (
            tuple(shape.buffer(grown_m) for shape in self.shapes) if grown_m else self.shapes
        )
        shapely.prepare(self.grown)
        self._grown_tree = STRtree(self.grown)
        self._union = shapely.union_all(self.shapes)

    def within(self, geometry: BaseGeometry, distance_m: float) -> list[tuple[Zone, BaseGeometry]]:
        """The zones that come as near to a geometry as distance_m, each with its shape; nearest first."""
        found = self._tree.query(geometry, predicate="dwithin", distance=distance_m)
        pairs = [(self.zones[i], self.shapes[i]) for i in sorted(int(n) for n in found)]
        return sorted(pairs, key=lambda pair: float(pair[1].distance(geometry)))

    def touching(self, geometry: BaseGeometry) -> list[tuple[int, BaseGeometry]]:
        """The grown shapes that a geometry touches, each with the index of its zone."""
        return [(int(i), self.grown[i]) for i in self._grown_tree.query(geometry, predicate="intersects")]

    def touching_each(self, geometries: npt.NDArray[np.object_]) -> tuple[IntArray, IntArray]:
        """Which of (n,) geometries touch which grown shapes: indices of geometries, and of zones beside them."""
        found, zones = self._grown_tree.query(geometries, predicate="intersects")
        return found, zones

    def covering(self, places: FloatArray) -> tuple[IntArray, IntArray]:
        """Which grown shapes contain which of (n, 2) places: indices of places, and of zones beside them."""
        # The many places are indexed and the prepared shapes asked of them: ten times as quick as the other way.
        if not self.grown:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        tree = STRtree(np.atleast_1d(np.asarray(shapely.points(places))))
        zones, points = tree.query(self.grown, predicate="intersects")
        return points, zones

    def union(self) -> BaseGeometry:
        return self._union
