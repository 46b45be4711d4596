"""Flights whose ways meet fly at different heights: the layer of a new flight is chosen when it is planned. Pure.

A way is all that a flight may still fly: its climb, its legs, and the straight way home from where it ends. Whether two
are there at the same time is not asked: a flight may wait anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from dfr.airspace.apart import ApartLimits
from dfr.airspace.route import NoRoute, Route, RouteRequest
from dfr.core.flight import FlightState
from dfr.core.geo import Agl, Amsl, FloatArray, LocalFrame, Waypoint
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture

LAYER_M = 15.0
"""Between layers: what two of ours are kept apart in height, and a little for how well heights are kept."""
_LAYERS_M = (LAYER_M, -LAYER_M)
_STEP_M = 10.0
_NEAR_DEG = 0.002
"""More than 100 m, up to a latitude of 60 degrees."""


@dataclass(frozen=True, slots=True)
class LayeredRoute:
    """A route, and how far its height is from the site's usual one because of others under way."""

    route: Route
    layer_m: float = 0.0


def plan_layered(
    plan: Callable[[RouteRequest], Route | NoRoute], request: RouteRequest, home: Waypoint, picture: Picture
) -> LayeredRoute | NoRoute:
    """The usual route where it meets nobody's way; else that of the layers which meets the least of them, the usual one
    when all meet as much: in flight the guard keeps them apart."""
    usual = plan(request)
    if isinstance(usual, NoRoute):
        return usual
    limits, frame = picture.site.settings.apart, picture.site.airspace.frame
    others = ways_under_way(picture, frame, (home, *usual.waypoints))
    best, best_meets = LayeredRoute(usual), _meets(way_of(usual, home, request, frame), others, limits)
    for layer_m in _LAYERS_M:
        height = Agl(request.height.m + layer_m)
        if not best_meets or height < request.minimum_height:
            continue
        route = plan(replace(request, height=height))
        if isinstance(route, NoRoute):
            continue
        meets = _meets(way_of(route, home, request, frame), others, limits)
        if meets < best_meets:
            higher_m = route.waypoints[-1].altitude.m - usual.waypoints[-1].altitude.m
            best, best_meets = LayeredRoute(route, higher_m), meets
    return best


def way_of(route: Route, home: Waypoint, request: RouteRequest, frame: LocalFrame) -> FloatArray:
    """(n, 4) places of a new flight's way: east, north, the lowest and the highest altitude it may have there."""
    return _way((home, *route.waypoints), route.clear_altitude, home, request.return_height.m, frame)


def ways_under_way(picture: Picture, frame: LocalFrame, near: tuple[Waypoint, ...]) -> list[FloatArray]:
    """The same for what every flight that is not over may still fly, as far as it comes near some corners at all."""
    return_m = picture.site.settings.return_height.m
    ways = []
    for asset_id, flight in picture.flights.items():
        dock = picture.site.assets[asset_id].dock
        home = Waypoint(dock.position, dock.altitude)
        telemetry = picture.telemetry[asset_id]
        here = telemetry.position_now(picture.now_s)
        climbs = flight.state in (FlightState.PREPARING, FlightState.LAUNCHING)
        if climbs or here is None or not in_the_air(telemetry):
            corners, clear = (home, *flight.route), flight.clear_altitude
        else:
            place = Waypoint(here.position, here.altitude)
            goes_on = flight.state in (FlightState.EN_ROUTE, FlightState.HOLDING)
            corners, clear = (place, *(flight.route[max(flight.leg, 1) :] if goes_on else ())), None
        if _may_meet((home, *corners), near):
            ways.append(_way(corners, clear, home, return_m, frame))
    return ways


def _may_meet(one: tuple[Waypoint, ...], two: tuple[Waypoint, ...]) -> bool:
    """Whether the rectangles around two ways touch: most of a large fleet is ruled out by that."""
    latitudes, longitudes = (
        [[getattr(corner.position, name) for corner in way] for way in (one, two)]
        for name in ("latitude_deg", "longitude_deg")
    )
    return all(min(a) - _NEAR_DEG <= max(b) and min(b) - _NEAR_DEG <= max(a) for a, b in (latitudes, longitudes))


def _way(
    corners: tuple[Waypoint, ...], clear: Amsl | None, home: Waypoint, return_m: float, frame: LocalFrame
) -> FloatArray:
    end = corners[-1]
    back_m = max(end.altitude.m, home.altitude.m + return_m)
    places = [(*frame.to_local(one.position), one.altitude.m, one.altitude.m) for one in corners]
    if clear is not None and len(places) > 1:
        # Straight up to the clear altitude, then evenly up along the first leg, or sooner, but not lower.
        east, north, _, high = places[1]
        places[1] = (east, north, min(clear.m, high), high)
    places += [(*places[-1][:2], end.altitude.m, back_m), (*frame.to_local(home.position), back_m, back_m)]
    places.append((*places[-1][:2], home.altitude.m, back_m))
    pieces = []
    for one, two in pairwise(places):
        a, b = np.array(one), np.array(two)
        away_m = float(np.hypot(*(b - a)[:2]))
        if away_m < 1.0:
            pieces.append(np.array([[a[0], a[1], min(a[2], b[2]), max(a[3], b[3])]]))
            continue
        pieces.append(a + np.linspace(0.0, 1.0, int(away_m / _STEP_M) + 2)[:, None] * (b - a))
    return np.concatenate(pieces)


def _meets(way: FloatArray, others: list[FloatArray], limits: ApartLimits) -> int:
    """In how many places of a way it comes too near to another."""
    near = np.zeros(len(way), dtype=bool)
    for other in others:
        sideways = np.hypot(*(way[:, None, :2] - other[None, :, :2]).transpose(2, 0, 1)) < limits.sideways_m
        below = way[:, None, 3] + limits.height_m <= other[None, :, 2]
        above = way[:, None, 2] - limits.height_m >= other[None, :, 3]
        near |= np.any(sideways & ~below & ~above, axis=1)
    return int(near.sum())
