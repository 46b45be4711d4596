"""Where flights from one dock are planned: what a fence leaves, from where one comes back, and the ways in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import ABOVE_FLIGHT_M, DOCKS_KEPT, fence_area, on_board_fence
from dfr.airspace.flight_fence import low_lids
from dfr.airspace.returns import Landing, returnable
from dfr.airspace.shortest import BESIDE_M, Maze
from dfr.airspace.view import Place, part_with, view
from dfr.core.fence import FencePlan
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Waypoint

INSIDE_FENCE_M = 5.0
LEAST_ABOVE_DOCK_M = 10.0
"""No flight is planned lower than this above its dock."""

_TOLERANCE_M = 3.0
"""Outlines are planned around with so much less detail: each corner is a place to fly to and time to look for."""
_GROUND_STEP_M = 100.0
FARTHEST_M = 8000.0
"""No flight is planned farther from its dock than this."""


@dataclass(frozen=True, eq=False)
class Room:
    """Where flights are planned: inside what is open and well inside a fence, and below `top`, in local metres.

    Everything in `area` is allowed at every altitude from the least above the ground up to `top`. `plan` is a little
    less of it with fewer corners, in which ways are looked for. What was found out is kept as long as the room is.
    """

    area: BaseGeometry
    top: Amsl
    plan: BaseGeometry
    own_fence: AboveTakeoff | None = None
    """A flight here takes a fence of its own with this height; None: it is inside the dock's."""
    _views: dict[Place, BaseGeometry] = field(default_factory=dict, repr=False)
    _mazes: dict[tuple[Landing, ...], Maze] = field(default_factory=dict, repr=False)

    def view(self, place: Place) -> BaseGeometry:
        """From where the straight line to a place stays inside."""
        if place not in self._views:
            seen = view(self.plan, place)
            shapely.prepare(seen)
            self._views[place] = seen
        return self._views[place]

    def maze(self, landings: tuple[Landing, ...]) -> Maze:
        """The places that can be reached from the first landing, home, and from which Return comes back to one of
        the landings, wherever it is triggered on the way."""
        if landings not in self._mazes:
            safe = returnable(landings, [self.view(landing.place) for landing in landings])
            self._mazes[landings] = Maze(part_with(safe, landings[0].place) or Polygon())
        return self._mazes[landings]


def dock_room(
    airspace: Airspace, home: Waypoint, fence_height: AboveTakeoff, return_height: AboveTakeoff, minimum_height: Agl
) -> Room:
    """Inside the dock's own fence, one room for all regimes: where a regime's ceiling is lower, the heights of each way
    keep to it. Raises FenceError where the dock can have no fence."""
    return _dock_room(airspace.base, home, fence_height, return_height, minimum_height)


@lru_cache(maxsize=DOCKS_KEPT)
def _dock_room(
    airspace: Airspace, home: Waypoint, fence_height: AboveTakeoff, return_height: AboveTakeoff, minimum_height: Agl
) -> Room:
    plan = on_board_fence(airspace, home, fence_height, return_height)
    return room_in(airspace, home, plan, minimum_height)


def room_in(airspace: Airspace, home: Waypoint, plan: FencePlan, minimum_height: Agl) -> Room:
    """Inside a fence."""
    assert plan.max_height is not None
    area = fence_area(plan, airspace.frame).buffer(-INSIDE_FENCE_M).intersection(airspace.open)
    return _room(airspace, area, _top(airspace, home, plan.max_height), minimum_height)


@lru_cache(maxsize=DOCKS_KEPT)
def own_fence_room(airspace: Airspace, home: Waypoint, fence_height: AboveTakeoff, minimum_height: Agl) -> Room:
    """Wherever a fence of this height may be made for one flight, as far as FARTHEST_M from its dock."""
    east, north = airspace.frame.to_local(home.position)
    window = shapely.box(east - FARTHEST_M, north - FARTHEST_M, east + FARTHEST_M, north + FARTHEST_M)
    area = airspace.open.intersection(window)
    area = area.difference(low_lids(airspace, area, home.altitude.m + fence_height.m, _GROUND_STEP_M))
    return _room(airspace, area, _top(airspace, home, fence_height), minimum_height, fence_height)


def _top(airspace: Airspace, home: Waypoint, fence_height: AboveTakeoff) -> Amsl:
    return Amsl(home.altitude.m + fence_height.m - max(ABOVE_FLIGHT_M, airspace.height_margin_m))


def _room(
    airspace: Airspace, area: BaseGeometry, top: Amsl, minimum_height: Agl, own_fence: AboveTakeoff | None = None
) -> Room:
    area = area.difference(high_ground(airspace, area, top, minimum_height))
    return Room(_prepared(area), top, simplified(area), own_fence)


def high_ground(airspace: Airspace, area: BaseGeometry, top: Amsl, minimum_height: Agl) -> BaseGeometry:
    """The squares of 100 m at a corner of which the least height above the ground is higher than `top`."""
    if area.is_empty:
        return Polygon()
    west, south, east, north = area.bounds
    east_m = np.arange(west, east + _GROUND_STEP_M, _GROUND_STEP_M)
    north_m = np.arange(south, north + _GROUND_STEP_M, _GROUND_STEP_M)
    places = np.column_stack([axis.ravel() for axis in np.meshgrid(east_m, north_m)])
    high = places[airspace.floors_m(places, minimum_height) > top.m]
    half = _GROUND_STEP_M
    return shapely.union_all(shapely.box(high[:, 0] - half, high[:, 1] - half, high[:, 0] + half, high[:, 1] + half))


def simplified(area: BaseGeometry, tolerance_m: float = _TOLERANCE_M) -> BaseGeometry:
    """A little less of an area, with fewer corners; where it is narrow, all of it."""
    found: list[BaseGeometry] = [_narrows(area, 2.0 * tolerance_m + 1.0)]
    for part in shapely.get_parts(area):
        if not isinstance(part, Polygon):
            continue
        outline = Polygon(part.exterior)
        shell = outline.buffer(-tolerance_m, join_style="mitre").simplify(0.9 * tolerance_m)
        shell = shell if outline.covers(shell) and not shell.is_empty else outline
        found.append(shell.difference(_covers([Polygon(ring) for ring in part.interiors], tolerance_m)))
    return shapely.union_all(found)


def _narrows(area: BaseGeometry, half_m: float) -> BaseGeometry:
    """Where an area is less than twice half_m wide over some length: taking detail away would close it."""
    wide = area.buffer(-half_m, quad_segs=4).buffer(1.05 * half_m, quad_segs=4)
    parts = [part for part in shapely.get_parts(area.difference(wide)) if part.length > 4.0 * half_m]
    around = shapely.union_all(shapely.buffer(parts, 2.0 * half_m, quad_segs=2))
    return area.buffer(-BESIDE_M, join_style="mitre").intersection(around)


def _covers(holes: Sequence[Polygon], tolerance_m: float) -> BaseGeometry:
    if not holes:
        return Polygon()
    wider = shapely.buffer(holes, tolerance_m, join_style="mitre", mitre_limit=1.5)
    covers = shapely.simplify(wider, 0.9 * tolerance_m)
    return shapely.union_all(np.where(shapely.covers(covers, holes), covers, wider))


def _prepared(shape: BaseGeometry) -> BaseGeometry:
    shapely.prepare(shape)
    return shape
