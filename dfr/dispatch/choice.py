"""Which aircraft goes: every asset is considered, and the reason is said in words. Pure."""

from dataclasses import dataclass, replace
from itertools import pairwise

from dfr.airspace.energy import Trip, estimate_trip
from dfr.airspace.profile import Phases, phases_to_scene
from dfr.airspace.route import NoRoute, Route, plan_route
from dfr.core.asset import Asset, Readiness
from dfr.core.fence import FencePlan
from dfr.core.flight import Candidate
from dfr.core.geo import Position, Waypoint, distance_m
from dfr.core.regime import Regime
from dfr.dispatch.energy import wind_of
from dfr.dispatch.height_layers import LayeredRoute, plan_layered
from dfr.dispatch.picture import Picture
from dfr.dispatch.readiness import readiness
from dfr.dispatch.regime import too_many, way_reasons
from dfr.dispatch.traffic import traffic_on_way


@dataclass(frozen=True, slots=True)
class Option:
    """An asset that can go: its way and what it has left there."""

    asset: Asset
    route: Route
    trip: Trip
    fence: FencePlan | None = None
    """The flight's own; None: the dock's."""
    layer_m: float = 0.0
    """How much higher than usual it flies, because it would meet another that is under way."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The best option (None when nobody can go), every asset considered, and the reason in a sentence."""

    best: Option | None
    candidates: tuple[Candidate, ...]
    sentence: str


LOOKED_AT = 4
"""When so many can go, an aircraft that could not be there sooner even in a straight line is not looked at further: on
a large site the decision would take too long."""
MOST_TAIL_WIND_MPS = 12.0
FENCE_UPLOAD_S = 4.0
"""A flight with a fence of its own waits so long for it to be put on board and read back."""


def choose(
    scene: Position,
    picture: Picture,
    asset_id: str | None = None,
    asked_on_scene_s: float = 0.0,
    regime: Regime | None = None,
) -> Choice:
    """The ready asset that is there first and can stay as long as asked; with `asset_id`, that one or none.

    It is to be flown under `regime`; None: the site's default.
    """
    options: list[Option] = []
    candidates: list[Candidate] = []
    assets = [asset for asset in picture.site.assets.values() if asset_id in (None, asset.id)]
    for asset in sorted(assets, key=lambda asset: _least_s(asset, scene)):
        if len(options) >= LOOKED_AT and _least_s(asset, scene) > min(o.trip.seconds_to_scene for o in options):
            candidates.append(_too_far(asset, scene))
            continue
        found = consider(asset, scene, picture, asked_on_scene_s, regime)
        if isinstance(found, Option):
            options.append(found)
        else:
            candidates.append(found)
    options.sort(key=lambda option: option.trip.seconds_to_scene)
    fit = [_candidate(option) for option in options]
    everybody = (*fit, *candidates)
    if not options:
        return Choice(None, everybody, _nobody(everybody))
    return Choice(options[0], everybody, _why(options, candidates))


def consider(
    asset: Asset,
    scene: Position,
    picture: Picture,
    asked_on_scene_s: float = 0.0,
    regime: Regime | None = None,
) -> Option | Candidate:
    """Whether one asset can get there, stay, and come back: an Option, or the Candidate that says why not."""
    regime = regime or picture.site.regimes.default
    state, sentences = readiness(asset, picture, under=regime)
    if state is not Readiness.READY:
        return _unfit(asset, " ".join(sentences))
    if reasons := too_many(regime, asset, picture):
        return _unfit(asset, " ".join(reasons))
    telemetry = picture.telemetry[asset.id]
    if telemetry.battery is None:
        return _unfit(asset, f"{asset.name} has not said how full its battery is.")
    if not picture.site.airspace.ground.knows(scene):
        why = "the ground's height at the scene is not known (no terrain tile has it), so none above it can be kept"
        return _unfit(asset, f"{asset.name}: {why}.")
    # The dock as it was surveyed, not as today's satellites see it; readiness has compared the two.
    home = Waypoint(asset.dock.position, asset.dock.altitude)
    layered = _planned(asset, home, scene, picture, regime)
    if isinstance(layered, NoRoute):
        return _unfit(asset, f"{asset.name}: {layered.sentence}")
    route = layered.route
    if reasons := way_reasons(regime, asset, (home, *route.waypoints), picture):
        return _unfit(asset, f"{asset.name}: {' '.join(reasons)}")
    fence = flights_own_fence(route, picture.fences.get(asset.id))
    if fence is not None:
        picture = replace(picture, fences={**picture.fences, asset.id: fence})
    if traffic := traffic_on_way((home, *route.waypoints), picture):
        return _unfit(asset, f"{asset.name}: {' '.join(traffic)}")
    trip = estimate_trip(
        asset.airframe,
        telemetry.battery.value.remaining_fraction,
        (home.position, *(waypoint.position for waypoint in route.waypoints)),
        max(route.transit_height.m, 0.0),
        wind=wind_of(telemetry, picture.weather, picture.site.settings.worst_wind_mps, picture.now_s),
        return_height_m=route.return_height.m,
        asked_on_scene_s=asked_on_scene_s,
        seconds_out=_phases(asset, home, route, picture).seconds + (0.0 if fence is None else FENCE_UPLOAD_S),
    )
    if not trip.possible:
        return _unfit(asset, f"{asset.name}: {trip.sentence}")
    state, sentences = readiness(asset, picture, route.waypoints, under=regime)
    if state is not Readiness.READY:
        return _unfit(asset, " ".join(sentences))
    return Option(asset, route, trip, fence, layered.layer_m)


def _planned(asset: Asset, home: Waypoint, scene: Position, picture: Picture, regime: Regime) -> LayeredRoute | NoRoute:
    settings, airspace = picture.site.settings, picture.site.airspace.under(regime.height_rule)
    prepared = (asset.id, regime.id) in picture.prepared
    request = settings.route_request if prepared else settings.plain_route_request
    # Copter goes to a rally point only when it is within RALLY_LIMIT_KM: what it would do is not known here.
    rally_points = picture.site.rally_points if prepared and asset.airframe.autopilot == "px4" else ()
    return plan_layered(
        lambda one: plan_route(airspace, home, scene, one, rally_points), request, home, asset.airframe, picture
    )


def flights_own_fence(route: Route, docks: FencePlan | None) -> FencePlan | None:
    """What goes on board for this route alone; None where the dock's fence will do."""
    if route.fence is None and not route.rally_points:
        return None
    plan = route.fence or docks
    return None if plan is None else replace(plan, rally_points=route.rally_points)


def _least_s(asset: Asset, scene: Position) -> float:
    """It cannot be there sooner than this, whatever the route and the wind."""
    return distance_m(asset.dock.position, scene) / (asset.airframe.cruise_mps + MOST_TAIL_WIND_MPS)


def _too_far(asset: Asset, scene: Position) -> Candidate:
    away_m = distance_m(asset.dock.position, scene)
    return _unfit(asset, f"{asset.name}: {away_m:.0f} m away in a straight line; others are there sooner.")


def _phases(asset: Asset, home: Waypoint, route: Route, picture: Picture) -> Phases:
    legs = tuple(distance_m(a.position, b.position) for a, b in pairwise(route.waypoints))
    return phases_to_scene(
        asset.airframe,
        clear_m=route.clear_altitude.m - home.altitude.m,
        height_m=route.transit_height.m,
        legs_m=legs,
        passing_m=route.passing_m[1:],
        arrival_m=picture.site.settings.arrival_radius_m,
    )


def _unfit(asset: Asset, sentence: str) -> Candidate:
    return Candidate(asset.id, asset.name, False, sentence)


def _candidate(option: Option) -> Candidate:
    trip = option.trip
    sentence = f"{trip.seconds_to_scene:.0f} s to the scene, {trip.minutes_on_scene:.0f} min there."
    return Candidate(option.asset.id, option.asset.name, True, sentence, trip.seconds_to_scene, trip.minutes_on_scene)


def _why(options: list[Option], unfit: list[Candidate]) -> str:
    best = options[0]
    sentence = (
        f"{best.asset.name} goes: {best.trip.seconds_to_scene:.0f} s to the scene and "
        f"{best.trip.minutes_on_scene:.0f} min there"
    )
    if len(options) > 1:
        next_best = options[1]
        later_s = next_best.trip.seconds_to_scene - best.trip.seconds_to_scene
        sentence += f"; {next_best.asset.name} would be there {later_s:.0f} s later"
    elif unfit:
        sentence += "; no other aircraft can go"
    if best.layer_m:
        how = "higher" if best.layer_m > 0.0 else "lower"
        sentence += f"; it flies {abs(best.layer_m):.0f} m {how} than usual, for it would meet another"
    return sentence + "."


def _nobody(candidates: tuple[Candidate, ...]) -> str:
    if not candidates:
        return "No aircraft can go: the site has none by that name."
    reasons = dict.fromkeys(candidate.sentence for candidate in candidates)
    return "No aircraft can go. " + " ".join(reasons)
