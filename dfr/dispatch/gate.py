"""The one gate: nothing is sent to an aircraft that `authorize` has not passed. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from shapely.geometry import LineString

from dfr.airspace.airspace import Airspace
from dfr.airspace.climb import clear_altitude
from dfr.airspace.leaving import rest_of_way_out
from dfr.core.asset import Asset, Readiness
from dfr.core.command import (
    Command,
    Disarm,
    Fly,
    GoTo,
    Hold,
    Launch,
    LookAt,
    LookAtHorizon,
    Orbit,
    Origin,
    Request,
    ReturnHome,
    SetPalette,
    TakePhotograph,
    TurnCamera,
    UploadFence,
    ZoomCamera,
)
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import Amsl, Waypoint, destination
from dfr.core.telemetry import LinkState, Telemetry
from dfr.dispatch.camera import camera_reasons
from dfr.dispatch.fences import outside_fence
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture
from dfr.dispatch.preflight.aircraft import why_no_position
from dfr.dispatch.readiness import readiness
from dfr.dispatch.regime import speed_reasons, too_many, way_reasons
from dfr.dispatch.traffic import traffic_on_way
from dfr.dispatch.velocity import allowed_fly
from dfr.dispatch.ways_back import return_reasons

_KEY = object()
_ORBIT_CORNERS = 24
_HEIGHT_SLACK_M = 0.5


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not allowed, and why, in sentences for the person who asked."""

    request: Request
    reasons: tuple[str, ...]
    at_s: float


class Authorized:
    """A request that passed the gate. Only `authorize` can make one: drivers take nothing else.

    Of a velocity it holds the allowed part; `limit` is the sentence why that is less than was wanted, else "".
    """

    __slots__ = ("at_s", "limit", "request")

    def __init__(self, request: Request, at_s: float, *, key: object, limit: str = "") -> None:
        if key is not _KEY:
            raise TypeError("Only the gate makes an Authorized: call dfr.dispatch.gate.authorize.")
        self.request = request
        self.at_s = at_s
        self.limit = limit


def authorize(request: Request, picture: Picture, now_s: float) -> Authorized | Refused:
    """Whether this may be sent now. Every reason against it is given, not the first alone."""
    asset = picture.site.assets.get(request.asset_id)
    if asset is None:
        return Refused(request, (f"This site has no aircraft {request.asset_id}; it is never commanded.",), now_s)
    flight = picture.flights.get(asset.id)
    if flight is not None:
        picture = picture.for_incident(flight.incident_id)
    reasons = _who_reasons(request, asset, flight) + _what_reasons(request.command, asset, flight, picture)
    if reasons:
        return Refused(request, reasons, now_s)
    if isinstance(request.command, Fly):
        limited = allowed_fly(request.command, asset, flight, picture)
        return Authorized(replace(request, command=limited.command), now_s, key=_KEY, limit=limited.sentence)
    return Authorized(request, now_s, key=_KEY)


def _who_reasons(request: Request, asset: Asset, flight: Flight | None) -> tuple[str, ...]:
    if request.flight_id is None:
        if request.origin is Origin.ENGINE and isinstance(request.command, UploadFence):
            return ()
        return (f"{asset.name} is commanded within a flight only, and none was named.",)
    if flight is None or flight.id != request.flight_id:
        return (f"{asset.name} is not on the flight that this command names; that flight is over or another's.",)
    if flight.state is FlightState.TAKEN_OVER and request.origin is not Origin.PILOT:
        return (f"{asset.name} is flown by somebody else; a pilot of this service must take it back first.",)
    return ()


def _what_reasons(command: Command, asset: Asset, flight: Flight | None, picture: Picture) -> tuple[str, ...]:
    telemetry = picture.telemetry[asset.id]
    match command:
        # What makes a flight safer is sent even into silence: the way to the aircraft may still work.
        case ReturnHome():
            # On the ground too, where it does nothing but take the place of a launch that has not lifted off yet.
            return ()
        case Hold():
            return () if in_the_air(telemetry) else (f"{asset.name} is on the ground.",)
        case Launch():
            return _launch_reasons(command, asset, flight, picture)
        case UploadFence():
            return _online_reasons(asset, telemetry)
        case Disarm():
            flying = in_the_air(telemetry)
            return (f"{asset.name} is in the air: its motors are not stopped there.",) if flying else ()
        case LookAt() | LookAtHorizon() | TurnCamera() | ZoomCamera() | SetPalette() | TakePhotograph():
            return _online_reasons(asset, telemetry) + camera_reasons(command, asset, flight, picture)
        case GoTo():
            return _flying_reasons(asset, telemetry, picture.now_s) or _way_reasons(command, asset, picture)
        case Fly():
            return _flying_reasons(asset, telemetry, picture.now_s) or _fence_reasons(asset, picture)
        case Orbit():
            return _flying_reasons(asset, telemetry, picture.now_s) or _orbit_reasons(command, asset, picture)


def _online_reasons(asset: Asset, telemetry: Telemetry) -> tuple[str, ...]:
    return () if telemetry.link is LinkState.ONLINE else (f"{asset.name} is not heard, so nothing can be sent to it.",)


def _flying_reasons(asset: Asset, telemetry: Telemetry, now_s: float) -> tuple[str, ...]:
    reasons = list(_online_reasons(asset, telemetry))
    if why := why_no_position(asset.name, telemetry, now_s):
        reasons.append(why)
    if not in_the_air(telemetry):
        reasons.append(f"{asset.name} is on the ground.")
    return tuple(reasons)


def _launch_reasons(command: Launch, asset: Asset, flight: Flight | None, picture: Picture) -> tuple[str, ...]:
    others = {asset_id: other for asset_id, other in picture.flights.items() if asset_id != asset.id}
    alone = replace(picture, flights=others)
    route = () if flight is None else flight.route
    regime = picture.regime_of(flight)
    state, sentences = readiness(asset, alone, route, launching=True, under=regime)
    reasons = list(sentences) if state is not Readiness.READY else []
    reasons += too_many(regime, asset, picture)
    home = picture.home(asset.id)
    if home is None or flight is None:
        return tuple(reasons)
    top = Waypoint(home.position, Amsl(home.altitude.m + command.height.m))
    corners = (home, top, *flight.route)
    airspace = picture.airspace_of(flight)
    for start, end in pairwise(corners):
        reasons += airspace.segment(start, end).reasons
    reasons += way_reasons(regime, asset, corners, picture)
    reasons += _climb_reasons(command, home, flight, picture)
    reasons += traffic_on_way(corners, picture)
    return tuple(dict.fromkeys(reasons))


def _climb_reasons(command: Launch, home: Waypoint, flight: Flight, picture: Picture) -> list[str]:
    """A climb that goes on along the first leg keeps the least height above the ground all the way."""
    if command.clear_height is None or len(flight.route) < 2:
        return []
    airspace, settings = picture.airspace_of(flight), picture.site.settings
    leg = LineString([airspace.frame.to_local(waypoint.position) for waypoint in flight.route[:2]])
    end = flight.route[1].altitude
    least = Amsl(home.altitude.m + settings.clear_height.m)
    needed = clear_altitude(airspace, leg, end, settings.minimum_height, least, end)
    missing_m = needed.m - home.altitude.m - command.clear_height.m
    if missing_m <= _HEIGHT_SLACK_M:
        return []
    return [f"It would turn to the scene {missing_m:.0f} m lower than the ground on the way asks for."]


def _way_reasons(command: GoTo, asset: Asset, picture: Picture) -> tuple[str, ...]:
    kinematics = picture.telemetry[asset.id].kinematics
    assert kinematics is not None  # _flying_reasons has looked
    here = Waypoint(kinematics.value.position, kinematics.value.altitude)
    airspace = _airspace(asset, picture)
    way = airspace.segment(here, command.waypoint, subject="The way there")
    rest = None if way.allowed else rest_of_way_out(airspace, here, command.waypoint)
    if rest is not None:
        # Out of a zone that appeared over it: nothing is worse than staying, a way home that is closed neither.
        outside = airspace.segment(*rest, subject="The way there").reasons
        return tuple(dict.fromkeys((*outside, *_outside_fence(here, command.waypoint, asset, picture))))
    rules = _rule_reasons(command, (command.waypoint,), here, asset, picture)
    home_reasons = return_reasons(command.waypoint, asset.id, picture, picture.flights.get(asset.id))
    fence_reasons = _outside_fence(here, command.waypoint, asset, picture)
    return tuple(dict.fromkeys((*way.reasons, *home_reasons, *fence_reasons, *rules)))


def _airspace(asset: Asset, picture: Picture) -> Airspace:
    return picture.airspace_of(picture.flights.get(asset.id))


def _rule_reasons(
    command: GoTo | Orbit, way: Iterable[Waypoint], here: Waypoint, asset: Asset, picture: Picture
) -> tuple[str, ...]:
    """What the flight's regime has against it besides heights."""
    regime = picture.regime_of(picture.flights.get(asset.id))
    return speed_reasons(regime, command) + way_reasons(regime, asset, way, picture, here)


def _outside_fence(start: Waypoint, target: Waypoint, asset: Asset, picture: Picture) -> tuple[str, ...]:
    plan, home = picture.fences.get(asset.id), picture.home(asset.id)
    if plan is None or home is None:
        return _fence_reasons(asset, picture)
    sentence = outside_fence(start, target, plan, home, picture.site)
    return (sentence,) if sentence else ()


def _fence_reasons(asset: Asset, picture: Picture) -> tuple[str, ...]:
    if picture.fences.get(asset.id) is None or picture.home(asset.id) is None:
        return (f"{asset.name} has no fence, or has not said where its home is.",)
    return ()


def _orbit_reasons(command: Orbit, asset: Asset, picture: Picture) -> tuple[str, ...]:
    corners = [
        # The corners stand outside the circle, so that the circle lies inside the polygon that is judged.
        Waypoint(
            destination(
                command.center, 360.0 * i / _ORBIT_CORNERS, command.radius_m / math.cos(math.pi / _ORBIT_CORNERS)
            ),
            command.altitude,
        )
        for i in range(_ORBIT_CORNERS)
    ]
    reasons: list[str] = []
    airspace = _airspace(asset, picture)
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        reasons += airspace.segment(start, end, subject="The orbit").reasons
        reasons += return_reasons(start, asset.id, picture, picture.flights.get(asset.id))
        reasons += _outside_fence(start, end, asset, picture)
    kinematics = picture.telemetry[asset.id].kinematics
    assert kinematics is not None
    here = Waypoint(kinematics.value.position, kinematics.value.altitude)
    nearest = min(corners, key=lambda corner: _squared(corner, here))
    reasons += airspace.segment(here, nearest, subject="The way to the orbit").reasons
    reasons += _rule_reasons(command, corners, here, asset, picture)
    return tuple(dict.fromkeys(reasons))


def _squared(a: Waypoint, b: Waypoint) -> float:
    east = (a.position.longitude_deg - b.position.longitude_deg) * math.cos(math.radians(a.position.latitude_deg))
    return east**2 + (a.position.latitude_deg - b.position.latitude_deg) ** 2
