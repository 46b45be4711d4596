"""A way on the map turned into one in the air, and proved: every place on it, and every straight way back from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPoint
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import GROUND_STEP_M, Airspace, Lid, samples
from dfr.airspace.heights import Corridor, Knot, knots
from dfr.airspace.pace import Pace
from dfr.airspace.reach import Room
from dfr.airspace.returns import Landing, ways_back
from dfr.airspace.view import Place
from dfr.core.geo import AboveTakeoff, Agl, Amsl, FloatArray

_BACK_STEP_M = 25.0
"""The ground under the ways back is looked at this often."""
_HIGHER_THAN_WANTED_M = 10.0
"""A way that must be higher than this above what is wanted at its end comes down there."""


@dataclass(frozen=True, slots=True)
class Heights:
    """What altitudes are asked for."""

    wanted: Amsl
    """At the end."""
    least: Amsl
    minimum_height: Agl
    return_height: AboveTakeoff


@dataclass(frozen=True)
class Way:
    """A way that is allowed: places with an altitude each, from above home, and what Return flies at most."""

    knots: tuple[tuple[Place, float], ...]
    return_altitude: Amsl
    ground: BaseGeometry
    """What it and all ways back from it lie over, in local metres."""
    lid: Lid
    """The lowest over it."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a way is not allowed: nothing but its height, or what it leaves the room at."""

    shape: BaseGeometry | None
    """To be kept away from, so that another way may be found; None where no other way would help."""
    lid: Lid | None = None
    needed: Amsl | None = None


def prove(
    path: Sequence[Place], landings: Sequence[Landing], airspace: Airspace, room: Room, heights: Heights, pace: Pace
) -> Way | Closed:
    """The way in the air, or what closes it. `path` and `landings` begin at home."""
    line = LineString(path)
    back = ways_back(path, landings)
    shapes = np.array([line, *(shape for _, shape in back)], dtype=object)
    outside = ~shapely.covers(room.area, shapes)
    if outside.any():
        return Closed(shapely.union_all(shapely.difference(shapes[outside], room.area)).buffer(1.0))
    return_floor_m = _return_floor_m(airspace, back, heights)
    lowest_return_m = min(landing.altitude.m for landing in landings) + heights.return_height.m
    least_m = max(heights.least.m, return_floor_m if return_floor_m > lowest_return_m else -np.inf)
    lid = _below(room.top, airspace.lid_over(line))
    corridor = _corridor(airspace, line, least_m, lid, heights)
    if (low := corridor.floors_m > lid.altitude.m).any():
        near = MultiPoint(samples(line, GROUND_STEP_M)[low]).buffer(4.0 * GROUND_STEP_M)
        return Closed(near, lid, Amsl(float(corridor.floors_m.max())))
    flown = knots(corridor, heights.wanted.m, pace.climb_mps / pace.cruise_mps, pace.descent_mps / pace.cruise_mps)
    if flown is None:
        return Closed(None, lid, Amsl(float(corridor.floors_m.max())))
    highest_m = max(altitude_m for _, altitude_m in flown)
    for landing, shape in back:
        at = landing.return_altitude(Amsl(highest_m), heights.return_height)
        home_lid = _below(room.top, airspace.lid_over(shape))
        if at > home_lid.altitude:
            return Closed(None, home_lid, at)
    highest_return_m = max(landing.altitude.m for landing in landings) + heights.return_height.m
    return Way(_placed(line, path, flown), Amsl(max(highest_m, highest_return_m)), shapely.union_all(shapes), lid)


def _corridor(airspace: Airspace, line: LineString, least_m: float, lid: Lid, heights: Heights) -> Corridor:
    """From above home to the end, where it need not be higher than is wanted."""
    places = samples(line, GROUND_STEP_M)
    steps_m = np.hypot(*np.diff(places, axis=0).T) if len(places) > 1 else np.zeros(0)
    along_m = np.concatenate([[0.0], np.cumsum(steps_m)])
    floors = np.maximum(airspace.floors_m(places, heights.minimum_height), least_m)
    lids_m = np.full(len(places), lid.altitude.m)
    lids_m[-1] = min(lids_m[-1], max(heights.wanted.m + _HIGHER_THAN_WANTED_M, float(floors[-1])))
    return Corridor(along_m, floors, lids_m)


def _return_floor_m(airspace: Airspace, back: Sequence[tuple[Landing, BaseGeometry]], heights: Heights) -> float:
    """The least altitude that the ways back need above the ground; those along the way itself need no more than it."""
    areas = [shape for _, shape in back if shape.area > 0.0]
    if not areas:
        return -np.inf
    places = np.concatenate([_grid(shape) for shape in areas])
    return float(airspace.floors_m(places, heights.minimum_height).max())


def _grid(shape: BaseGeometry) -> FloatArray:
    west, south, east, north = shape.bounds
    axes = np.meshgrid(np.arange(west, east, _BACK_STEP_M), np.arange(south, north, _BACK_STEP_M))
    places = np.column_stack([axis.ravel() for axis in axes])
    return np.concatenate([places[shapely.contains_xy(shape, places)], samples(shape, _BACK_STEP_M)])


def _placed(line: LineString, path: Sequence[Place], flown: Sequence[Knot]) -> tuple[tuple[Place, float], ...]:
    """The corners of the way and the ends of its climbs, in order, each with its altitude."""
    along_m = np.concatenate([[0.0], np.cumsum([LineString(leg).length for leg in pairwise(path)])])
    knot_m = np.array([at_m for at_m, _ in flown])
    found = [(at_m, altitude_m) for at_m, altitude_m in flown]
    altitudes_m = np.interp(along_m, knot_m, [altitude_m for _, altitude_m in flown])
    for at_m, altitude_m in zip(along_m[1:-1], altitudes_m[1:-1], strict=True):
        if np.abs(knot_m - at_m).min() > 1.0:
            found.append((float(at_m), float(altitude_m)))
    places = []
    for at_m, altitude_m in sorted(found, key=lambda knot: knot[0]):
        nearest = int(np.abs(along_m - at_m).argmin())
        point = line.interpolate(at_m)
        place = path[nearest] if abs(along_m[nearest] - at_m) <= 1.0 else (point.x, point.y)
        places.append((place, altitude_m))
    return tuple(places)


def _below(top: Amsl, lid: Lid) -> Lid:
    return lid if lid.altitude <= top else Lid(top, "the fence on board", None, lid.east_m, lid.north_m)
