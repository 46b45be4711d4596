"""Places along and inside a shape, its edges, and how far it reaches beyond another."""

import math

import numpy as np
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from dfr.airspace.layers import ShapeArray
from dfr.core.geo import FloatArray

SAMPLE_M = 50.0
"""Ceilings above ground are looked at this often along a line; the ground's error covers what lies between."""
GROUND_STEP_M = 5.0
"""The ground under a way is looked at this often: between two such places a steep hill (2 in 5) rises by 1 m."""
_MOST_INNER = 2500
"""An area is looked at in so many places inside at the most."""


def samples(place: BaseGeometry, step_m: float = SAMPLE_M) -> FloatArray:
    """(n, 2) places along a line or an outline and all over an area, at most `step_m` apart, or the place of a point.

    A very large area is looked at in fewer places.
    """
    along = np.asarray(shapely.get_coordinates(shapely.segmentize(place, step_m)), dtype=np.float64)
    if place.area == 0.0:
        return along
    west, south, east, north = place.bounds
    step_m = max(step_m, math.sqrt((east - west) * (north - south) / _MOST_INNER))
    inner = np.stack(np.meshgrid(np.arange(west, east, step_m), np.arange(south, north, step_m)), axis=-1)
    inner = inner.reshape(-1, 2)
    return np.concatenate([along, inner[shapely.intersects_xy(place, inner)]])


def straight_pieces(border: BaseGeometry) -> ShapeArray:
    """Each straight piece of a border by itself, so that an index finds the nearest."""
    corners, line_of = shapely.get_coordinates(shapely.get_parts(border), return_index=True)
    pairs = np.stack([corners[:-1], corners[1:]], axis=1)[line_of[:-1] == line_of[1:]]
    return np.asarray(shapely.linestrings(pairs), dtype=object)


def farthest_m(place: BaseGeometry, area: BaseGeometry) -> float:
    """How far a place is outside an area at most; 0 when it is covered, inf when there is no area."""
    outside = place.difference(area)
    if outside.is_empty:
        return 0.0
    if area.is_empty:
        return math.inf
    return float(max(area.distance(Point(sample)) for sample in samples(outside)))
