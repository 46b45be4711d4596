"""Upwards and downwards: the ceilings and the floors over places, as altitudes above sea level."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from dfr.airspace.layers import IntArray, Layer, ShapeArray, points_of
from dfr.airspace.shapes import SAMPLE_M, samples
from dfr.core.geo import Agl, Altitude, FloatArray
from dfr.core.zone import Zone

GroundHeights = Callable[[FloatArray], FloatArray]
"""(n, 2) places in local metres to (n,) metres above sea level, NaN where it is not known."""
Base = Callable[[FloatArray, FloatArray], FloatArray]
"""(n, 2) places in local metres and the (n,) ground there to the (n,) limits that hold whatever the zones say."""


@dataclass(frozen=True)
class Profile:
    """Limits at sampled places: (n, 2) local metres, (n,) altitudes, and the index of each one's zone (-1: none, what
    holds everywhere)."""

    places: FloatArray
    altitudes_m: FloatArray
    zones: IntArray


class Lids:
    """Heights that zones set, over a base that holds everywhere: ceilings (the lowest counts) or floors (the highest).

    `heights` has one entry a zone of the layer; one above ground is measured from `ground_m`. Floors are ceilings
    upside down: of `sign` times the altitude the least counts, 1 for ceilings, -1 for floors. `taken_m` is taken off
    the room that every zone leaves, `ground_error_m` more off what is above ground. Over ground that is not known
    (NaN) a height above ground leaves no room.
    """

    def __init__(
        self, layer: Layer, heights: list[Altitude], base: Base, ground_m: GroundHeights, sign: float, taken_m: float,
        ground_error_m: float,
    ) -> None:  # fmt: skip
        self.layer = layer
        self.heights = heights
        self._base = base
        self._ground_m = ground_m
        self._sign = sign
        self._above_ground = np.array([isinstance(height, Agl) for height in heights], dtype=bool)
        error_m = taken_m + np.where(self._above_ground, ground_error_m, 0.0)
        self._set_m = np.array([height.m for height in heights], dtype=np.float64) - sign * error_m

    def at(self, places: FloatArray, ground_m: FloatArray, index: STRtree | None = None) -> FloatArray:
        """The limit that counts over (n, 2) places with the (n,) ground beneath, (n,). `index` has the same places."""
        limits_m = self._sign * self._base(places, ground_m)
        if len(self.heights):
            index = index or STRtree(points_of(places))
            points, zones = self.layer.covering(index)
            np.minimum.at(limits_m, points, self._sign * self._altitudes_m(zones, ground_m[points]))
        return self._sign * limits_m

    def profile(self, place: BaseGeometry, wider_m: float = 0.0) -> Profile:
        """Every limit over a place: what holds everywhere, and each zone's inside the zone, grown by its reach."""
        pieces = [(samples(place), -1)]
        pieces += [(samples(place.intersection(shape)), i) for i, shape in self.layer.touching(place, wider_m)]
        places = np.concatenate([piece for piece, _ in pieces])
        zones = np.concatenate([np.full(len(piece), index) for piece, index in pieces])
        ground_m = self._ground_m(places)
        whole = zones < 0
        altitudes_m = np.empty(len(places))
        altitudes_m[whole] = self._base(places[whole], ground_m[whole])
        altitudes_m[~whole] = self._altitudes_m(zones[~whole], ground_m[~whole])
        return Profile(places, altitudes_m, zones)

    def near(self, place: BaseGeometry) -> list[tuple[float, BaseGeometry]]:
        """Each zone that a place touches: the strictest altitude that it sets there, and its grown shape."""
        found = []
        for index, shape in self.layer.touching(place):
            part = samples(place.intersection(shape))
            limits_m = self._altitudes_m(np.full(len(part), index), self._ground_m(part))
            found.append((self._sign * float((self._sign * limits_m).min(initial=math.inf)), shape))
        return found

    def over_each(self, ways: ShapeArray) -> FloatArray:
        """The limit that counts over each of (n,) points and lines, (n,)."""
        places, way_of, ground_m = self._sampled(ways)
        limits_m = np.full(len(ways), math.inf)
        np.minimum.at(limits_m, way_of, self._sign * self._base(places, ground_m))
        worst_m = np.full(len(ways), math.inf)
        np.minimum.at(worst_m, way_of, self._sign * self._worst_ground_m(ground_m))
        over, zones = self.layer.touching_each(ways)
        least_m = self._sign * self._altitudes_m(zones, self._sign * worst_m[over])
        # Most ways lie in a zone altogether, and of the others most have a stricter limit already.
        whole = shapely.covers(self.layer.grown_of(zones), ways[over])
        np.minimum.at(limits_m, over[whole], least_m[whole])
        partly = ~whole & (least_m < limits_m[over])
        over, zones = over[partly], zones[partly]
        places, part_of, ground_m = self._sampled(shapely.intersection(ways[over], self.layer.grown_of(zones)))
        np.minimum.at(limits_m, over[part_of], self._sign * self._altitudes_m(zones[part_of], ground_m))
        return self._sign * limits_m

    def _sampled(self, ways: ShapeArray) -> tuple[FloatArray, IntArray, FloatArray]:
        """(m, 2) places along (n,) ways, (m,) the index of each one's way, (m,) the ground beneath."""
        long = shapely.length(ways) > SAMPLE_M
        if long.any():
            ways = ways.copy()
            ways[long] = shapely.segmentize(ways[long], SAMPLE_M)
        places, way_of = shapely.get_coordinates(ways, return_index=True)
        # Many ways begin at one place, and the ground of a place is asked for once.
        unique, of = np.unique(places.view(np.complex128).ravel(), return_inverse=True)
        return places, way_of, self._ground_m(unique.view(np.float64).reshape(-1, 2))[of]

    def zone(self, index: int) -> Zone | None:
        return self.layer.zones[index] if index >= 0 else None

    def height(self, index: int, everywhere: Altitude) -> Altitude:
        return self.heights[index] if index >= 0 else everywhere

    def above_ground(self, zones: IntArray) -> npt.NDArray[np.bool_]:
        """Whether the height of each zone (an index, -1 for what holds everywhere) is above ground, (n,)."""
        return np.append(self._above_ground, True)[zones]

    def _altitudes_m(self, zones: IntArray, ground_m: FloatArray) -> FloatArray:
        """What each zone (an index) sets over the ground beneath it."""
        from_ground_m = np.where(self._above_ground[zones], self._worst_ground_m(ground_m), 0.0)
        return np.asarray(self._set_m[zones] + from_ground_m, dtype=np.float64)

    def _worst_ground_m(self, ground_m: FloatArray) -> FloatArray:
        """Ground that is not known counts as what leaves no room."""
        return np.where(np.isnan(ground_m), -self._sign * math.inf, ground_m)


def altitudes_along(place: BaseGeometry, places: FloatArray, from_to_m: tuple[float, float]) -> FloatArray:
    """How high it is over each of (n, 2) places of a straight line that rises evenly, (n,); of another place the first
    altitude everywhere."""
    start_m, end_m = from_to_m
    if place.length == 0.0 or start_m == end_m:
        return np.full(len(places), start_m)
    start = np.array(place.coords[0])
    return np.asarray(start_m + (end_m - start_m) * np.hypot(*(places - start).T) / place.length, dtype=np.float64)


def climbing_out(left_m: FloatArray, altitudes_m: FloatArray, zones: IntArray) -> FloatArray:
    """What is left above each floor, for an aircraft that climbs: of a floor that it begins beneath the beginning is
    left out, up to where it has come above. The end always counts."""
    left_m = left_m.copy()
    lowest_m = altitudes_m.min()
    for zone in np.unique(zones):
        rising = np.flatnonzero(zones == zone)
        rising = rising[np.argsort(altitudes_m[rising], kind="stable")]
        if altitudes_m[rising[0]] > lowest_m + 1e-6:
            continue
        above = np.append(left_m[rising[:-1]] >= 0.0, True)
        left_m[rising[: int(np.argmax(above))]] = math.inf
    return left_m
