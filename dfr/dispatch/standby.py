"""What is done for aircraft on their docks: the fence is put on board before a call comes."""

from dfr.core.command import Origin, UploadFence
from dfr.core.telemetry import LinkState
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.observe import in_the_air

RETRY_S = (2.0, 5.0, 15.0, 60.0)
"""Waits between tries to put a fence on board; the last one repeats."""


class Standby:
    """Keeps the right fence on every aircraft that waits."""

    def __init__(self, director: FlightDirector) -> None:
        self._director = director
        self._tries: dict[str, int] = {}
        self._not_before_s: dict[str, float] = {}

    def tend(self, now_s: float) -> None:
        """One look at every asset on the ground that has no flight."""
        picture = self._director.picture(now_s)
        for asset_id in picture.site.assets:
            telemetry = picture.telemetry[asset_id]
            if asset_id in picture.flights or telemetry.link is not LinkState.ONLINE or in_the_air(telemetry):
                continue
            plan = picture.fences.get(asset_id)
            if plan is None or (telemetry.fence is not None and telemetry.fence.digest == plan.digest):
                self._tries.pop(asset_id, None)
                continue
            if now_s < self._not_before_s.get(asset_id, 0.0) or self._director.is_ordered(asset_id):
                continue
            tries = self._tries.get(asset_id, 0)
            self._not_before_s[asset_id] = now_s + RETRY_S[min(tries, len(RETRY_S) - 1)]
            self._tries[asset_id] = tries + 1
            self._director.order(asset_id, UploadFence(plan), Origin.ENGINE, "standby", None, now_s)
