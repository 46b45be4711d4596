"""Flights that would meet fly at different heights: the layer of a new flight is chosen when it is planned. Pure.

Two whose ways cross minutes apart need no layer: `ways.py` knows when each may be where.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dfr.airspace.route import NoRoute, Route, RouteRequest
from dfr.core.asset import Airframe
from dfr.core.geo import Agl, FloatArray, Waypoint
from dfr.dispatch.picture import Picture
from dfr.dispatch.ways import BEFORE_LAUNCH, Pace, meets, way, ways_under_way

LAYER_M = 15.0
"""Between layers: what two of ours are kept apart in height, and a little for how well heights are kept."""
_LAYERS_M = (LAYER_M, -LAYER_M)


@dataclass(frozen=True, slots=True)
class LayeredRoute:
    """A route, and how far its height is from the site's usual one because of others under way."""

    route: Route
    layer_m: float = 0.0


def plan_layered(
    plan: Callable[[RouteRequest], Route | NoRoute],
    request: RouteRequest,
    home: Waypoint,
    airframe: Airframe,
    picture: Picture,
) -> LayeredRoute | NoRoute:
    """The usual route where it meets nobody; else that of the layers which meets others in the fewest places, the usual
    one when all meet as much: in flight the guard keeps them apart."""
    usual = plan(request)
    if isinstance(usual, NoRoute):
        return usual
    settings, frame = picture.site.settings, picture.site.airspace.frame
    others = ways_under_way(picture, frame, (home, *usual.waypoints))
    pace = Pace.of(airframe, settings.worst_wind_mps)

    def way_of(route: Route) -> FloatArray:
        corners = (home, *route.waypoints)
        return way(corners, route.clear_altitude, home, request.return_height.m, frame, pace, BEFORE_LAUNCH)

    best, best_meets = LayeredRoute(usual), meets(way_of(usual), others, settings.apart)
    for layer_m in _LAYERS_M:
        height = Agl(request.height.m + layer_m)
        if not best_meets or height < request.minimum_height:
            continue
        route = plan(replace(request, height=height))
        if isinstance(route, NoRoute):
            continue
        how_many = meets(way_of(route), others, settings.apart)
        if how_many < best_meets:
            higher_m = route.waypoints[-1].altitude.m - usual.waypoints[-1].altitude.m
            best, best_meets = LayeredRoute(route, higher_m), how_many
    return best
