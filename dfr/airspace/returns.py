"""Where Return leads from a place: straight to the nearest of home and the rally points on board. Pure.

PX4 (RTL_TYPE 0) takes home unless a rally point is more than 2 m nearer over the ground, and flies to it at the higher
of its own altitude and RTL_RETURN_ALT above that landing place. An aircraft is never exactly on its way; so wherever
two are about equally near, either must do.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.airspace.view import Place
from dfr.core.geo import AboveTakeoff, Amsl, FloatArray, LocalFrame, Waypoint
from dfr.core.rally import RallyPoint

ABOUT_EQUAL_M = 12.0
"""Of two landings whose distances differ by less than this either may be chosen: PX4's 2 m, and twice the 5 m by which
an aircraft may be beside its way."""
HOME_TAKES_M = 10.0
"""PX4 ignores rally points as near to home as this."""
_FAR_M = 200_000.0


@dataclass(frozen=True, slots=True)
class Landing:
    """A place where Return may end: home (`rally` None) or a rally point. `place` in local metres."""

    place: Place
    altitude: Amsl
    rally: RallyPoint | None = None

    def return_altitude(self, altitude: Amsl, return_height: AboveTakeoff) -> Amsl:
        """What Return flies here at from an aircraft at `altitude`."""
        return Amsl(max(altitude.m, self.altitude.m + return_height.m))


def landings_of(frame: LocalFrame, home: Waypoint, rally_points: Sequence[RallyPoint]) -> tuple[Landing, ...]:
    """Home and the rally points on board that PX4 looks at."""
    first = Landing(frame.to_local(home.position), home.altitude)
    others = (Landing(frame.to_local(one.position), one.altitude, one) for one in rally_points)
    return (first, *(other for other in others if math.dist(other.place, first.place) > HOME_TAKES_M))


def may_lead_to(place: Place, landings: Sequence[Landing]) -> list[Landing]:
    """The landings to which Return may lead from a place."""
    return [one for one in landings if not surely_elsewhere(one, landings).contains(Point(place))]


def surely_elsewhere(landing: Landing, landings: Sequence[Landing]) -> BaseGeometry:
    """Where Return never leads to this landing, for another is surely nearer."""
    beyond = [_nearer(other.place, landing.place) for other in landings if other is not landing]
    return shapely.union_all(beyond) if beyond else Polygon()


def returnable(landings: Sequence[Landing], views: Sequence[BaseGeometry]) -> BaseGeometry:
    """From where every landing that Return may choose is in view; `views` is what each has in view."""
    safe = [
        shapely.union(seen, surely_elsewhere(landing, landings)) for landing, seen in zip(landings, views, strict=True)
    ]
    return shapely.intersection_all(safe) if len(safe) > 1 else views[0]


def ways_back(path: Sequence[Place], landings: Sequence[Landing]) -> list[tuple[Landing, BaseGeometry]]:
    """All straight lines from all points of a path to where Return may lead from there: triangles and lines."""
    line = LineString(path)
    found: list[tuple[Landing, BaseGeometry]] = []
    for landing in landings:
        rest = line.difference(surely_elsewhere(landing, landings)) if len(landings) > 1 else line
        parts = [part for part in shapely.get_parts(rest) if isinstance(part, LineString)]
        found += [(landing, shape) for part in parts for shape in _fans(landing.place, np.asarray(part.coords))]
    return found


def _fans(place: Place, corners: FloatArray) -> list[BaseGeometry]:
    shapes: list[BaseGeometry] = []
    for a, b in pairwise(corners):
        triangle = Polygon((place, a, b))
        flat = triangle.area < 1e-3 * max(float(np.hypot(*(b - a))), 1.0)
        shapes.append(LineString((a, place, b)) if flat else triangle)
    return shapes


def _nearer(to: Place, than: Place) -> BaseGeometry:
    """Where `to` is nearer than `than` by ABOUT_EQUAL_M or more; a wedge a little inside that branch of a hyperbola."""
    start, end = np.array(than), np.array(to)
    apart_m = math.dist(than, to)
    half_m = ABOUT_EQUAL_M / 2.0
    if apart_m <= 2.0 * half_m + 1.0:
        return Polygon()
    along = (end - start) / apart_m
    across = np.array([-along[1], along[0]])
    slope = half_m / math.sqrt((apart_m / 2.0) ** 2 - half_m**2)
    apex = (start + end) / 2.0 + along * half_m
    out, back = _FAR_M * across, along * slope * _FAR_M
    far = along * (slope + 1.0) * _FAR_M
    return Polygon([apex, apex + out + back, apex + out + far, apex - out + far, apex - out + back])
