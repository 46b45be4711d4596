"""What a changed set of zones means for a flight in the air. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from shapely.geometry import Point

from dfr.airspace.airspace import Airspace
from dfr.airspace.way_out import way_out
from dfr.core.flight import Activity, Flight, FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.dispatch.table import Event

LEAVING = "a zone that appeared"
"""Who asks for the way out of it."""


@dataclass(frozen=True, slots=True)
class Affected:
    """What happens to the flight, why, and where it is sent aside."""

    event: Event
    why: str
    aside: Waypoint | None = None


def affected(
    flight: Flight,
    here: Waypoint,
    home: Waypoint | None,
    return_height: AboveTakeoff,
    before: Airspace,
    after: Airspace,
) -> Affected | None:
    """None where the change leaves the flight as it is.

    Only what was allowed before and is not now counts, so that an aircraft near a border is not stopped for that.
    """
    place = Point(after.frame.to_local(here.position))
    if after.border_distance(place) < after.margin_m <= before.border_distance(place):
        out = way_out(after, here)
        reasons = after.point(here, "It").reasons
        where = "There is no way out near it." if out is None else f"It leaves by the nearest way, to {out}."
        return Affected(Event.ZONE_OVER, " ".join((*reasons[:1], where)), _level(out, here.altitude))
    if flight.state in (FlightState.LAUNCHING, FlightState.EN_ROUTE) and flight.activity is not Activity.MOVE:
        closed = _closed((here, *flight.route[max(flight.leg, 1) :]), before, after, "The way to the scene")
        if closed:
            return Affected(Event.ZONE_AHEAD, closed)
    if home is None:
        return None
    altitude = Amsl(max(here.altitude.m, home.altitude.m + return_height.m))
    way_home = (Waypoint(here.position, altitude), Waypoint(home.position, altitude))
    closed = _closed(way_home, before, after, "The straight way home")
    if not closed:
        return None
    event = Event.ZONE_AHEAD if flight.state is FlightState.RETURNING else Event.ZONE_BEHIND
    return Affected(event, closed)


def _closed(way: Sequence[Waypoint], before: Airspace, after: Airspace, subject: str) -> str:
    for start, end in pairwise(way):
        verdict = after.segment(start, end, subject)
        if not verdict.allowed and before.segment(start, end).allowed:
            return verdict.reasons[0]
    return ""


def _level(place: Position | None, altitude: Amsl) -> Waypoint | None:
    return None if place is None else Waypoint(place, altitude)
