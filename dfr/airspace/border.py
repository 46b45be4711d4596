"""Sideways: where flights may be at all, and how far it is to where they may not.

Nothing here unites all forbidden zones to judge a place: the distance to many zones is the least of the distances to
each. Only what is asked about everything at once (`free`) does.
"""

import math
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.layers import Layer, ShapeArray, united
from dfr.airspace.shapes import farthest_m, samples, straight_pieces
from dfr.core.geo import FloatArray
from dfr.core.zone import Zone

_FIRST_LOOK_M = 60.0
_SAME_BORDER_M = 1.0
"""The border of a union lies within centimetres of the borders that it is made of."""


class Border:
    """The union of the zones that open a place, less every zone that closes it. Local metres."""

    def __init__(self, opening: Layer, forbidden: Layer) -> None:
        self.opening = opening
        self.forbidden = forbidden

    @cached_property
    def area(self) -> BaseGeometry:
        """The union of what is opened, forbidden zones not taken out."""
        area = self.opening.union()
        shapely.prepare(area)
        return area

    @cached_property
    def free(self) -> BaseGeometry:
        """Where something may be at all. Unites everything."""
        free = self.area.difference(self.forbidden.union())
        shapely.prepare(free)
        return free

    def free_near(self, place: BaseGeometry, reach_m: float) -> BaseGeometry:
        """`free` cut off at a rectangle reach_m around a place."""
        west, south, east, north = place.bounds
        window = shapely.box(west - reach_m, south - reach_m, east + reach_m, north + reach_m)
        found = self.forbidden.tree.query(window)
        area = window if self.area.covers(window) else self.area.intersection(window)
        return area.difference(united(self.forbidden.shapes[found]))

    def distance_m(self, place: BaseGeometry) -> float:
        """The least distance of a place to the border; negative, how far it reaches beyond, outside."""
        return float(self.distances_m(np.array([place], dtype=object))[0])

    def distances_m(self, places: ShapeArray, far_m: float = math.inf) -> FloatArray:
        """`distance_m` of (n,) places at once; what is farther than far_m inside is told as far_m, which is quicker."""
        zones_m = self.forbidden.distances_m(places, far_m)
        distances_m = np.minimum(self.edges.distances_m(places, far_m), zones_m)
        for index in np.flatnonzero((zones_m == 0.0) | ~shapely.covers(self.area, places)):
            beyond_m = self.beyond_m(places[index])
            distances_m[index] = -beyond_m if beyond_m > 0.0 else 0.0
        return distances_m

    def beyond_m(self, place: BaseGeometry) -> float:
        """How far a place reaches beyond `free` at most; 0 where it does not, inf where nothing is free."""
        if (beyond_m := self._into_one_m(place)) is not None:
            return beyond_m
        reach_m = _FIRST_LOOK_M
        while True:
            beyond_m = farthest_m(place, self.free_near(place, reach_m))
            if beyond_m <= reach_m or reach_m > self._across_m(place):
                return beyond_m
            reach_m *= 4.0

    def _into_one_m(self, place: BaseGeometry) -> float | None:
        """How far a place reaches into the only forbidden zone around, None when more than one counts: most often it is
        one, and then nothing has to be united."""
        touched = self.forbidden.tree.query(place, predicate="intersects")
        if len(touched) != 1 or not self.area.covers(place):
            return None
        shape = self.forbidden.shapes[touched[0]]
        inside = shapely.get_coordinates(place) if place.length == 0.0 else samples(place.intersection(shape))
        into_m = float(shapely.distance(shape.boundary, shapely.points(inside)).max())
        others = self.forbidden.tree.query(place, predicate="dwithin", distance=into_m)
        edge_m = self.edges.distances_m(np.array([place], dtype=object))[0]
        return into_m if len(others) == 1 and edge_m > into_m else None

    def closing(self, place: BaseGeometry, kept_m: float) -> list[tuple[Zone, BaseGeometry]]:
        """The forbidden zones that are nearer than kept_m, nearest first, each with its shape."""
        return [pair for pair in self.forbidden.within(place, kept_m) if pair[1].distance(place) < kept_m]

    def opens(self, place: BaseGeometry, kept_m: float) -> bool:
        """Whether it lies inside what is opened and kept_m from the edge, whatever is forbidden there."""
        edge_m = self.edges.distances_m(np.array([place], dtype=object))[0]
        return bool(self.area.covers(place)) and bool(edge_m >= kept_m)

    def nearest(self, place: BaseGeometry) -> Zone:
        """Whose border is the nearest."""
        edge_m = float(self.edges.distances_m(np.array([place], dtype=object))[0])
        forbidden = self.forbidden.nearest(place)
        if forbidden is not None and (forbidden[1] < edge_m or forbidden[1] == 0.0):
            return forbidden[0]
        edge = self.edges.shapes[int(np.min(self.edges.tree.query_nearest(place)))]
        # Where areas overlap, the border of one inside the other is none: so it is asked whose the nearest piece is.
        spot = shapely.shortest_line(edge, place).interpolate(0.0)
        owners = self.opening.within(spot, _SAME_BORDER_M)
        return owners[0][0]

    @cached_property
    def edges(self) -> Layer:
        """The border of what is opened, each straight piece by itself."""
        return Layer((), straight_pieces(self.area.boundary))

    def _across_m(self, place: BaseGeometry) -> float:
        """How far it is at most from a place to anywhere in the area."""
        west, south, east, north = Polygon.from_bounds(*self.area.bounds).union(place.envelope).bounds
        return math.hypot(east - west, north - south)
