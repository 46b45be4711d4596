"""The straight ways on which the aircraft's own Return may lead from a place, with what is on board. Pure."""

from dfr.airspace.returns import landings_of, may_lead_to
from dfr.core.fence import FencePlan
from dfr.core.geo import AboveTakeoff, LocalFrame, Waypoint
from dfr.core.rally import RallyPoint

WayBack = tuple[Waypoint, Waypoint, RallyPoint | None]
"""From above the place to above where it comes down; the rally point, None for home."""


def ways_back(
    start: Waypoint, home: Waypoint, plan: FencePlan | None, return_height: AboveTakeoff, frame: LocalFrame
) -> list[WayBack]:
    """To each of home and the plan's rally points that may be the nearest, at the altitude that Return flies there."""
    landings = landings_of(frame, home, plan.rally_points if plan is not None else ())
    found: list[WayBack] = []
    for landing in may_lead_to(frame.to_local(start.position), landings):
        altitude = landing.return_altitude(start.altitude, return_height)
        end = home.position if landing.rally is None else landing.rally.position
        found.append((Waypoint(start.position, altitude), Waypoint(end, altitude), landing.rally))
    return found
