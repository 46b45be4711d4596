"""What a regime has against a command, besides heights (the airspace knows them) and the pre-flight list. Pure."""

from collections.abc import Iterable

from shapely.geometry import LineString, Point

from dfr.core.asset import Asset
from dfr.core.command import Command, GoTo, Orbit
from dfr.core.geo import Waypoint, distance_m
from dfr.core.regime import ControlledAirspace, Regime
from dfr.dispatch.picture import Picture
from dfr.dispatch.table import AIRBORNE_STATES

_SLACK_MPS = 0.05
_SLACK_M = 1.0


def speed_reasons(regime: Regime, command: Command) -> tuple[str, ...]:
    """Nothing is ordered faster than the regime allows."""
    most_mps = regime.limits.greatest_speed_mps
    if most_mps is None or not isinstance(command, GoTo | Orbit) or command.speed_mps <= most_mps + _SLACK_MPS:
        return ()
    return (f"{command.speed_mps:.1f} m/s is too fast: {regime.rule('greatest_speed')} allows {most_mps:.1f} m/s.",)


def way_reasons(
    regime: Regime, asset: Asset, way: Iterable[Waypoint], picture: Picture, here: Waypoint | None = None
) -> tuple[str, ...]:
    """Not by a free aircraft where a tethered one is meant, not too far from the pilot, not into controlled airspace
    without an authorisation.

    `here` is where an aircraft in the air is: a zone that it is in already closes no way, for that may lead out.
    """
    corners = tuple(way)
    return _untethered(regime, asset) + _too_far(regime, asset, corners) + _controlled(regime, corners, picture, here)


def too_many(regime: Regime, asset: Asset, picture: Picture) -> tuple[str, ...]:
    """One more aircraft than the pilots on duty may have in the air: by the site, or by the regimes that are flown.

    A launch that has been sent counts: two calls of one moment must not both find nobody in the air.
    """
    flying = [f for id_, f in picture.flights.items() if id_ != asset.id and f.state in AIRBORNE_STATES]
    most = picture.site.settings.most_in_the_air
    if len(flying) >= most:
        return (f"{len(flying)} aircraft are in the air, and the pilots on duty may have {most}.",)
    pilots = picture.site.regimes.pilots_on_duty
    for one in (regime, *(picture.regime_of(flight) for flight in flying)):
        each = one.limits.most_aircraft_a_pilot
        if each is not None and len(flying) >= each * pilots:
            rule = one.rule("most_aircraft_a_pilot")
            return (f"{len(flying)} aircraft are in the air; {rule} allows {each} a pilot, and {pilots} on duty.",)
    return ()


def _untethered(regime: Regime, asset: Asset) -> tuple[str, ...]:
    if not regime.limits.tether_required or asset.airframe.equipment.tethered:
        return ()
    return (f"{regime.rule('tether')} is for tethered aircraft, and {asset.name} ({asset.airframe.name}) flies free.",)


def _too_far(regime: Regime, asset: Asset, way: tuple[Waypoint, ...]) -> tuple[str, ...]:
    most_m = regime.limits.farthest_from_pilot_m
    if most_m is None:
        return ()
    farthest_m = max((distance_m(asset.dock.position, one.position) for one in way), default=0.0)
    if farthest_m <= most_m + _SLACK_M:
        return ()
    rule = regime.rule("farthest_from_pilot")
    return (f"It would be {farthest_m:.0f} m from the pilot at {asset.dock.name}; {rule} allows {most_m:.0f} m.",)


def _controlled(regime: Regime, way: tuple[Waypoint, ...], picture: Picture, here: Waypoint | None) -> tuple[str, ...]:
    asked = regime.limits.controlled_airspace
    authorised = asked is ControlledAirspace.AUTHORISED and picture.site.regimes.authorisation
    if asked is ControlledAirspace.FREE or authorised or not way:
        return ()
    airspace = picture.site.airspace
    within = () if here is None else airspace.zones_at(here.position)
    places = [airspace.frame.to_local(one.position) for one in ((here, *way) if here else way)]
    line = LineString(places) if len(set(places)) > 1 else Point(places[0])
    entered = [zone for zone in airspace.zones_over(line) if zone.controlled and zone not in within]
    names = ", ".join(zone.name for zone in entered)
    if not names:
        return ()
    rule = regime.rule("controlled_airspace")
    if asked is ControlledAirspace.CLOSED:
        return (f"The way leads into controlled airspace ({names}), which {rule} does not allow.",)
    return (
        f"The way leads into controlled airspace ({names}): {rule} asks for an authorisation, and the site names none "
        "(airspace_authorisation in [regimes]).",
    )
