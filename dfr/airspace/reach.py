"""How far a dock reaches: the area that can be flown to straight, and returned from straight, at one altitude."""

import math
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.core.geo import AboveTakeoff, Agl, FloatArray, Waypoint

_RAYS = 180
_STEP_M = 100.0

LEAST_ABOVE_DOCK_M = 10.0
"""No flight is planned lower than this above its dock."""


@lru_cache(maxsize=32)
def reach(airspace: Airspace, home: Waypoint, minimum_height: Agl, return_height: AboveTakeoff) -> BaseGeometry:
    """The area in local metres. Looked at along rays from the dock, every 2 degrees and 100 m: to guide, not to judge."""
    dock = airspace.frame.to_local(home.position)
    if not airspace.open.covers(Point(dock)):
        return Polygon()
    west, south, east, north = airspace.open.bounds
    steps = np.arange(1.0, math.hypot(east - west, north - south) / _STEP_M) * _STEP_M
    angles = np.arange(_RAYS) * (2.0 * math.pi / _RAYS)
    ends = []
    for angle in angles:
        direction = np.array([math.cos(angle), math.sin(angle)])
        ray = LineString((dock, dock + direction * steps[-1])).intersection(airspace.open)
        clear_m = next((p.length for p in shapely.get_parts(ray) if p.distance(Point(dock)) < 1e-6), 0.0)
        places = dock + direction * np.append(steps[steps < clear_m], clear_m)[:, None]
        ends.append(_farthest(airspace, places, home, minimum_height, return_height) or dock)
    return Polygon(ends).buffer(0.0)


def _farthest(
    airspace: Airspace, places: FloatArray, home: Waypoint, minimum_height: Agl, return_height: AboveTakeoff
) -> tuple[float, float] | None:
    """The last of the places along a ray to which lids and ground leave a height; None when not even the first."""
    lids_m = np.minimum.accumulate(airspace.lids_m(places))
    ground_m = np.maximum.accumulate(airspace.ground_m(places)) + airspace.ground.error_m
    needed_m = np.maximum(ground_m + minimum_height.m, home.altitude.m + LEAST_ABOVE_DOCK_M)
    fits = np.maximum(needed_m, home.altitude.m + return_height.m) <= lids_m
    count = int(np.argmin(fits)) if not fits.all() else len(fits)
    return (float(places[count - 1][0]), float(places[count - 1][1])) if count else None
