"""Which fence belongs on board of each aircraft: made for its dock before anything flies, and anew for other zones."""

import shapely
from shapely.geometry import LineString, Point

from dfr.airspace.fence import FenceError, fence_area, on_board_fence
from dfr.airspace.route import prepare
from dfr.core.fence import FencePlan
from dfr.core.geo import Amsl, Waypoint
from dfr.dispatch.picture import Site

BELOW_LID_M = 1.0
"""Nothing is sent nearer to the fence's height than this: PX4 drops what is above it."""


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
        self._unprepared = [
            (regime, Waypoint(site.assets[id_].dock.position, site.assets[id_].dock.altitude))
            for regime in reversed(site.regimes.may_use)
            for id_ in self.plans
        ]

    def close(self, why: str) -> None:
        """Nothing is launched until there are other fences; the plans stay: what is in the air has them on board."""
        self.problems = dict.fromkeys(self._site.assets, why)
        self._unprepared = []

    def prepare_next(self) -> None:
        """Work out what all routes from one more dock under a regime share, so that no call waits for it: one a turn,
        as it takes some hundredths of a second, and after a restart aircraft in the air come first."""
        if self._unprepared:
            regime, home = self._unprepared.pop()
            prepare(self._site.airspace.under(regime.height_rule), home, self._site.settings.route_request)


def outside_fence(start: Waypoint, target: Waypoint, plan: FencePlan, home: Waypoint, site: Site) -> str:
    """The sentence when the straight way does not stay in the fence on board, else "": PX4 would drop or break it off.

    A start that is itself outside (blown over the line) may come back in: then the target alone is judged.
    """
    frame = site.airspace.frame
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
