"""Which fence belongs on board of each aircraft: made for its dock before anything flies, and anew for other zones."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

import shapely
from shapely.geometry import LineString, Point

from dfr.airspace.fence import FenceError, fence_area, on_board_fence
from dfr.airspace.flight_fence import flight_fence
from dfr.airspace.route import prepare
from dfr.core.fence import FencePlan
from dfr.core.flight import Flight
from dfr.core.geo import Amsl, LocalFrame, Waypoint
from dfr.core.regime import Regime
from dfr.dispatch.picture import Site

BELOW_LID_M = 1.0
"""Nothing is sent nearer to the fence's height than this: PX4 drops what is above it."""


Prepared = tuple[str, str]
"""The ids of an asset and of a regime."""


class FenceBook:
    """The plans of a site, by asset id; `problems` holds the sentence for an asset that can have none."""

    def __init__(self, site: Site) -> None:
        self.plans: dict[str, FencePlan] = {}
        self.problems: dict[str, str] = {}
        self._site = site
        settings = site.settings
        for asset in site.assets.values():
            home = Waypoint(asset.dock.position, asset.dock.altitude)
            try:
                plan = on_board_fence(site.airspace, home, settings.fence_height, settings.return_height)
            except FenceError as error:
                self.problems[asset.id] = str(error)
            else:
                self.plans[asset.id] = plan
        self.prepared: set[Prepared] = set()
        """For which docks' assets, under which regimes, all that their routes share has been worked out: `prepare`."""

    def close(self, why: str) -> None:
        """Nothing is launched until there are other fences; the plans stay: what is in the air has them on board."""
        self.problems = dict.fromkeys(self._site.assets, why)

    def prepare(self, asset_id: str, regime: Regime) -> None:
        """Work out what all routes from an asset's dock share, so that no call waits for it. Takes seconds of a core:
        call it in a thread, and put both into `prepared` when it is done."""
        if asset_id in self.plans:
            site, dock = self._site, self._site.assets[asset_id].dock
            airspace = site.airspace.under(regime.height_rule)
            prepare(airspace, Waypoint(dock.position, dock.altitude), site.settings.route_request, site.rally_points)

    def prepare_plain(self, regime: Regime) -> None:
        """The same of every dock for the ways inside its fence alone: some tenths of a second each."""
        site = self._site
        airspace = site.airspace.under(regime.height_rule)
        for asset_id in self.plans:
            dock = site.assets[asset_id].dock
            prepare(airspace, Waypoint(dock.position, dock.altitude), site.settings.plain_route_request)


Fences = tuple[FenceBook, dict[str, FencePlan | None]]
"""Of the docks; and by flight id those of flights that have their own."""


def make_fences(site: Site, flights: Iterable[Flight]) -> Fences:
    """All anew for a site whose zones have changed. None for a flight that can have no fence of its own any more."""
    own = {flight.id: _own_fence(flight, site) for flight in flights if flight.fence is not None}
    return FenceBook(site), own


def _own_fence(flight: Flight, site: Site) -> FencePlan | None:
    if flight.fence is None or flight.fence.max_height is None:
        return None
    airspace, dock = site.airspace.for_incident(flight.incident_id), site.assets[flight.asset_id].dock
    if flight.regime is not None:
        airspace = airspace.under(flight.regime.height_rule)
    way = LineString([airspace.frame.to_local(place.position) for place in flight.route])
    home, return_height = Waypoint(dock.position, dock.altitude), site.settings.return_height
    try:
        plan = flight_fence(airspace, home, way, flight.fence.max_height, return_height)
    except FenceError:
        return None
    return replace(plan, rally_points=flight.fence.rally_points)


def outside_fence(start: Waypoint, target: Waypoint, plan: FencePlan, home: Waypoint, site: Site) -> str:
    """The sentence when the straight way does not stay in the fence on board, else "": PX4 would drop or break it off.

    A start that is itself outside (blown over the line) may come back in: then the target alone is judged.
    """
    return _outside_fence(start, target, plan, home, site.airspace.frame)


@lru_cache(maxsize=1024)
def _outside_fence(start: Waypoint, target: Waypoint, plan: FencePlan, home: Waypoint, frame: LocalFrame) -> str:
    """Kept: every aircraft that waits asks for its launch column every second."""
    area = fence_area(plan, frame)
    place, here = Point(frame.to_local(target.position)), Point(frame.to_local(start.position))
    if not area.covers(place):
        off_m = shapely.distance(area, place)
        return f"That place is {off_m:.0f} m outside the fence on board; the aircraft would not go."
    if area.covers(here) and not area.covers(LineString((here, place))):
        return "The straight way there leaves the fence on board; go round in two steps."
    if plan.max_height is not None:
        lid = Amsl(home.altitude.m + plan.max_height.m - BELOW_LID_M)
        if target.altitude > lid:
            return f"That is {target.altitude.m - lid.m:.0f} m above the fence on board; the aircraft would not go."
    return ""
