"""Upwards and downwards: the ceilings and the floors over places, as altitudes above sea level."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from dfr.airspace.layers import IntArray, Layer, ShapeArray
from dfr.airspace.shapes import SAMPLE_M, samples
from dfr.core.geo import Agl, Altitude, FloatArray
from dfr.core.zone import Zone

Heights = Callable[[FloatArray], FloatArray]
"""(n, 2) places in local metres to (n,) metres above sea level."""


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
        self, layer: Layer, heights: list[Altitude], base: Heights, ground_m: Heights, sign: float, taken_m: float,
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

    def at(self, places: FloatArray) -> FloatArray:
        """The limit that counts over (n, 2) places, (n,)."""
        limits_m = self._sign * self._base(places)
        points, zones = self.layer.covering(places)
        if len(points):
            ground_m = self._ground_m(places)
            np.minimum.at(limits_m, points, self._sign * self._altitudes_m(zones, ground_m[points]))
        return self._sign * limits_m

    def profile(self, place: BaseGeometry, wider_m: float = 0.0) -> Profile:
        """Every limit over a place: what holds everywhere, and each zone's inside the zone, grown by its reach."""
        whole = samples(place)
        parts = [(whole, self._base(whole), -1)]
        for index, shape in self.layer.touching(place, wider_m):
            part = samples(place.intersection(shape))
            altitudes_m = self._altitudes_m(np.full(len(part), index), self._ground_m(part))
            parts.append((part, altitudes_m, index))
        return Profile(
            np.concatenate([part[0] for part in parts]),
            np.concatenate([part[1] for part in parts]),
            np.concatenate([np.full(len(part[0]), part[2]) for part in parts]),
        )

    def over_each(self, ways: ShapeArray) -> FloatArray:
        """The limit that counts over each of (n,) points and lines, (n,)."""
        over, zones = self.layer.touching_each(ways)
        pieces = np.concatenate([ways, shapely.intersection(ways[over], self.layer.grown_of(zones))])
        way_of = np.concatenate([np.arange(len(ways)), over])
        zone_of = np.concatenate([np.full(len(ways), -1), zones])
        places, piece_of = shapely.get_coordinates(shapely.segmentize(pieces, SAMPLE_M), return_index=True)
        everywhere = zone_of[piece_of] < 0
        altitudes_m = np.empty(len(places))
        altitudes_m[everywhere] = self._base(places[everywhere])
        inside = places[~everywhere]
        altitudes_m[~everywhere] = self._altitudes_m(zone_of[piece_of][~everywhere], self._ground_m(inside))
        limits_m = np.full(len(ways), math.inf)
        np.minimum.at(limits_m, way_of[piece_of], self._sign * altitudes_m)
        return self._sign * limits_m

    def zone(self, index: int) -> Zone | None:
        return self.layer.zones[index] if index >= 0 else None

    def height(self, index: int, everywhere: Altitude) -> Altitude:
        return self.heights[index] if index >= 0 else everywhere

    def above_ground(self, zones: IntArray) -> npt.NDArray[np.bool_]:
        """Whether the height of each zone (an index, -1 for what holds everywhere) is above ground, (n,)."""
        return np.append(self._above_ground, True)[zones]

    def _altitudes_m(self, zones: IntArray, ground_m: FloatArray) -> FloatArray:
        """What each zone (an index) sets over the ground beneath it."""
        known_m = np.where(np.isnan(ground_m), -self._sign * math.inf, ground_m)
        from_ground_m = np.where(self._above_ground[zones], known_m, 0.0)
        return np.asarray(self._set_m[zones] + from_ground_m, dtype=np.float64)


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
