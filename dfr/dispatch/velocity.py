"""The part of a pilot's wanted velocity that the gate authorises: slower, turned along a line, or none of it. Pure."""

from dataclasses import dataclass, replace

from dfr.airspace.fence import fence_area
from dfr.airspace.steer import OnBoard, allowed_velocity
from dfr.core.asset import Asset
from dfr.core.command import Fly
from dfr.core.flight import Flight
from dfr.core.geo import Amsl, Waypoint
from dfr.core.telemetry import Kinematics, Velocity
from dfr.dispatch.energy import wind_of
from dfr.dispatch.picture import Picture
from dfr.dispatch.regime import way_reasons
from dfr.dispatch.ways_back import return_reasons

_STILL_MPS = 0.05
FIRST_S = 0.5
"""An order takes so long to act, at the most: the latency of the guard and the next order."""


@dataclass(frozen=True, slots=True)
class Limited:
    """What may be flown, and the sentence why it is less than was wanted; "" when nothing was taken away."""

    command: Fly
    sentence: str = ""


def allowed_fly(wanted: Fly, asset: Asset, flight: Flight | None, picture: Picture) -> Limited:
    """For an aircraft whose position is known now, and which has a fence and a home: the gate has looked."""
    telemetry, settings = picture.telemetry[asset.id], picture.site.settings
    here, plan, home = telemetry.position_now(picture.now_s), picture.fences.get(asset.id), picture.home(asset.id)
    if here is None or plan is None or home is None:
        raise ValueError(f"{asset.name} has no position, fence or home; the gate refuses before it limits.")
    airspace = picture.airspace_of(flight)
    slower, why_slower = _no_faster(wanted.velocity, asset, flight, picture)
    lid = None if plan.max_height is None else Amsl(home.altitude.m + plan.max_height.m)
    allowed = allowed_velocity(
        slower,
        here,
        airspace,
        settings.minimum_height,
        asset.airframe.stopping,
        settings.guard,
        wind_of(telemetry, picture.weather, settings.worst_wind_mps, picture.now_s),
        OnBoard(fence_area(plan, airspace.frame), lid),
    )
    velocity, why_there = _not_where_none_comes_back(allowed.velocity, here, asset, flight, picture)
    sentence = " ".join(one for one in (allowed.sentence or why_slower, why_there) if one)
    return Limited(replace(wanted, velocity=velocity), sentence)


def _no_faster(wanted: Velocity, asset: Asset, flight: Flight | None, picture: Picture) -> tuple[Velocity, str]:
    """As fast as the airframe can be stopped from, and as the flight's regime allows."""
    airframe, regime = asset.airframe, picture.regime_of(flight)
    by_rule_mps = regime.limits.greatest_speed_mps
    most_mps = airframe.stopping.fastest_mps if by_rule_mps is None else min(by_rule_mps, airframe.stopping.fastest_mps)
    share = min(1.0, most_mps / max(wanted.ground_mps, _STILL_MPS))
    down_mps = min(max(wanted.down_mps, -airframe.climb_mps), airframe.descent_mps)
    why = (
        f"{regime.rule('greatest_speed')} allows {most_mps:.1f} m/s." if share < 1.0 and most_mps == by_rule_mps else ""
    )
    return Velocity(wanted.north_mps * share, wanted.east_mps * share, down_mps), why


def _not_where_none_comes_back(
    velocity: Velocity, here: Kinematics, asset: Asset, flight: Flight | None, picture: Picture
) -> tuple[Velocity, str]:
    """Nothing sideways towards a place that its regime closes, or from which the straight way home is closed, unless
    that is so here already."""
    if velocity.ground_mps <= _STILL_MPS:
        return velocity, ""
    frame, stopping = picture.site.airspace.frame, asset.airframe.stopping
    east_m, north_m = frame.to_local(here.position)
    run_s = FIRST_S + stopping.reaction_s + velocity.ground_mps / (2.0 * stopping.deceleration_mps2)
    end = frame.to_position(east_m + velocity.east_mps * run_s, north_m + velocity.north_mps * run_s)
    now, then = Waypoint(here.position, here.altitude), Waypoint(end, here.altitude)

    def against(place: Waypoint) -> tuple[str, ...]:
        regime = picture.regime_of(flight)
        closed = way_reasons(regime, asset, (place,), picture, now)
        return (*closed, *return_reasons(place, asset.id, picture, flight))

    reasons = against(then)
    if not reasons or against(now):
        return velocity, ""
    return Velocity(0.0, 0.0, velocity.down_mps), reasons[0]
