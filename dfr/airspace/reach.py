"""How far a dock reaches: what its fence leaves, and the area that can be flown to and returned from straight."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import ABOVE_FLIGHT_M, DOCKS_KEPT, fence_area, on_board_fence
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


@lru_cache(maxsize=DOCKS_KEPT)
def dock_room(airspace: Airspace, home: Waypoint, fence_height: AboveTakeoff, return_height: AboveTakeoff) -> Room:
    """In local metres. Raises FenceError where the dock can have no fence."""
    plan = on_board_fence(airspace, home, fence_height, return_height)
    area = fence_area(plan, airspace.frame).buffer(-_INSIDE_FENCE_M).intersection(airspace.open)
    shapely.prepare(area)
    height_m = plan.max_height.m if plan.max_height else math.inf
    return Room(area, Amsl(home.altitude.m + height_m - ABOVE_FLIGHT_M))


@lru_cache(maxsize=DOCKS_KEPT)
def reach(
    airspace: Airspace, home: Waypoint, room: Room, minimum_height: Agl, return_height: AboveTakeoff
) -> BaseGeometry:
    """The area in local metres, looked at along rays every 2 degrees and 100 m: to guide, not to judge."""
    dock = airspace.frame.to_local(home.position)
    if not room.area.covers(Point(dock)):
        return Polygon()
    west, south, east, north = room.area.bounds
    longest_m = math.hypot(east - west, north - south) + _STEP_M
    rays = [_ray(room.area, dock, angle, longest_m) for angle in np.arange(_RAYS) * (2.0 * math.pi / _RAYS)]
    # All rays at once: asked one by one, most of the time would go into turning coordinates.
    places = np.concatenate(rays)
    starts = np.cumsum([len(ray) for ray in rays])[:-1]
    lids_m = np.split(np.minimum(airspace.lids_m(places), room.top.m), starts)
    floors_m = np.split(airspace.floors_m(places, minimum_height), starts)
    counts = [_places_with_height(*heights, home, return_height) for heights in zip(lids_m, floors_m, strict=True)]
    ends = [ray[count - 1] if count else dock for ray, count in zip(rays, counts, strict=True)]
    return Polygon(ends).buffer(0.0)


def _ray(area: BaseGeometry, dock: tuple[float, float], angle: float, longest_m: float) -> FloatArray:
    """(n, 2) places from the dock outwards, to where the area ends."""
    direction = np.array([math.cos(angle), math.sin(angle)])
    ray = LineString((dock, dock + direction * longest_m)).intersection(area)
    clear_m = next((part.length for part in shapely.get_parts(ray) if part.distance(Point(dock)) < 1e-6), 0.0)
    away_m = np.append(np.arange(_STEP_M, max(clear_m, _STEP_M), _STEP_M), clear_m)
    return np.asarray(dock + direction * away_m[:, None], dtype=np.float64)


def _places_with_height(lids_m: FloatArray, floors_m: FloatArray, home: Waypoint, return_height: AboveTakeoff) -> int:
    """How many places along a ray, from its beginning, lids and floors leave a height to; both (n,) above sea level."""
    lids_m = np.minimum.accumulate(lids_m)
    needed_m = np.maximum(np.maximum.accumulate(floors_m), home.altitude.m + LEAST_ABOVE_DOCK_M)
    fits = np.maximum(needed_m, home.altitude.m + return_height.m) <= lids_m
    return int(np.argmin(fits)) if not fits.all() else len(fits)
