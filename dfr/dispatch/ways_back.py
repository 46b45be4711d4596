"""The straight ways on which the aircraft's own Return may lead from a place, with what is on board. Pure."""

from dfr.airspace.returns import landings_of, may_lead_to
from dfr.core.fence import FencePlan
from dfr.core.flight import Flight
from dfr.core.geo import AboveTakeoff, LocalFrame, Waypoint
from dfr.core.rally import RallyPoint
from dfr.dispatch.picture import Picture

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


def return_reasons(start: Waypoint, asset_id: str, picture: Picture, flight: Flight | None) -> tuple[str, ...]:
    """PX4's Return flies straight to the nearest of home and the rally points on board: from every place where the
    aircraft is sent that line must be free."""
    home, plan = picture.home(asset_id), picture.fences.get(asset_id)
    if home is None:
        return (f"{picture.site.assets[asset_id].name} has not said where its home is.",)
    airspace, return_height = picture.airspace_of(flight), picture.site.settings.return_height
    reasons: list[str] = []
    for raised, above_end, rally in ways_back(start, home, plan, return_height, airspace.frame):
        whither = "home" if rally is None else f"to {rally.name}"
        reasons += airspace.segment(raised, above_end, subject=f"The straight way {whither} from there").reasons
    return tuple(reasons)
