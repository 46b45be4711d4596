"""Which fence belongs on board of each aircraft, made once for each home."""

from collections.abc import Mapping

from dfr.airspace.fence import FenceError, on_board_fence
from dfr.core.fence import FencePlan
from dfr.core.geo import Amsl, Position, Waypoint
from dfr.core.telemetry import Telemetry
from dfr.dispatch.picture import Site


class FenceBook:
    """Remembers the plans: making one takes longer than a turn of the engine should."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._made: dict[Waypoint, FencePlan | str] = {}

    def wanted(self, telemetry: Mapping[str, Telemetry]) -> tuple[dict[str, FencePlan], dict[str, str]]:
        """By asset id: the plan for every aircraft whose home is known, or the sentence why there is none."""
        plans: dict[str, FencePlan] = {}
        problems: dict[str, str] = {}
        for asset_id in self._site.assets:
            home = telemetry[asset_id].home
            if home is None:
                continue
            plan = self._plan(home.value)
            if isinstance(plan, str):
                problems[asset_id] = plan
            else:
                plans[asset_id] = plan
        return plans, problems

    def _plan(self, home: Waypoint) -> FencePlan | str:
        # To about a metre: the home that an aircraft reports trembles, and each other fence costs an upload.
        position = Position(round(home.position.latitude_deg, 5), round(home.position.longitude_deg, 5))
        key = Waypoint(position, Amsl(float(round(home.altitude.m))))
        if key not in self._made:
            try:
                self._made[key] = on_board_fence(self._site.airspace, key, self._site.settings.fence_height)
            except FenceError as error:
                self._made[key] = str(error)
        return self._made[key]
