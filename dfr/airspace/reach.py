"""How far a dock reaches: what its fence leaves, and the area that can be flown to and returned from straight."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import ABOVE_FLIGHT_M, fence_area, on_board_fence
from dfr.core.geo import AboveTakeoff, Agl, Amsl, FloatArray, Waypoint

_RAYS = 180
_STEP_M = 100.0
_INSIDE_FENCE_M = 5.0

LEAST_ABOVE_DOCK_M = 10.0
"""No flight is planned lower than this above its dock."""


@dataclass(frozen=True)
class Room:
    """Where flights from one dock are planned: inside what is open and well inside its fence, and below `top`."""

    area: BaseGeometry
    top: Amsl


@lru_cache(maxsize=64)
def dock_room(airspace: Airspace, home: Waypoint, fence_height: AboveTakeoff, return_height: AboveTakeoff) -> Room:
    """In local metres. Raises FenceError where the dock can have no fence."""
    plan = on_board_fence(airspace, home, fence_height, return_height)
    area = fence_area(plan, airspace.frame).buffer(-_INSIDE_FENCE_M).intersection(airspace.open)
    shapely.prepare(area)
    height_m = plan.max_height.m if plan.max_height else math.inf
    return Room(area, Amsl(home.altitude.m + height_m - ABOVE_FLIGHT_M))


@lru_cache(maxsize=32)
def reach(
    airspace: Airspace, home: Waypoint, room: Room, minimum_height: Agl, return_height: AboveTakeoff
) -> BaseGeometry:
    """The area in local metres, looked at along rays every 2 degrees and 100 m: to guide, not to judge."""
    dock = airspace.frame.to_local(home.position)
    if not room.area.covers(Point(dock)):
        return Polygon()
    west, south, east, north = room.area.bounds
    longest_m = math.hypot(east - west, north - south) + _STEP_M
    ends = []
    for angle in np.arange(_RAYS) * (2.0 * math.pi / _RAYS):
        direction = np.array([math.cos(angle), math.sin(angle)])
        ray = LineString((dock, dock + direction * longest_m)).intersection(room.area)
        clear_m = next((part.length for part in shapely.get_parts(ray) if part.distance(Point(dock)) < 1e-6), 0.0)
        places = dock + direction * np.append(np.arange(_STEP_M, max(clear_m, _STEP_M), _STEP_M), clear_m)[:, None]
        ends.append(_farthest(airspace, places, home, room.top, minimum_height, return_height) or dock)
    return Polygon(ends).buffer(0.0)


def _farthest(
    airspace: Airspace, places: FloatArray, home: Waypoint, top: Amsl, minimum_height: Agl, return_height: AboveTakeoff
) -> tuple[float, float] | None:
    """The last of the places along a ray to which lids and ground leave a height; None when not even the first."""
    lids_m = np.minimum(np.minimum.accumulate(airspace.lids_m(places)), top.m)
    ground_m = np.maximum.accumulate(airspace.ground_m(places)) + airspace.ground.error_m
    needed_m = np.maximum(ground_m + minimum_height.m, home.altitude.m + LEAST_ABOVE_DOCK_M)
    fits = np.maximum(needed_m, home.altitude.m + return_height.m) <= lids_m
    count = int(np.argmin(fits)) if not fits.all() else len(fits)
    return (float(places[count - 1][0]), float(places[count - 1][1])) if count else None
