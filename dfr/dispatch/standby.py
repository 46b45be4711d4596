"""What is done for aircraft on their docks: the fence is put on board before a call comes."""

from dfr.core.command import Origin, UploadFence
from dfr.core.record import Severity
from dfr.core.telemetry import LinkState, Telemetry
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
        self._strays: set[str] = set()

    def tend(self, now_s: float) -> None:
        """One look at every asset on the ground that has no flight."""
        picture = self._director.picture(now_s)
        for asset_id in picture.site.assets:
            telemetry = picture.telemetry[asset_id]
            if asset_id in picture.flights or telemetry.link is not LinkState.ONLINE:
                continue
            if in_the_air(telemetry):
                self._tell_of_stray(asset_id, telemetry, now_s)
                continue
            self._strays.discard(asset_id)
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

    def _tell_of_stray(self, asset_id: str, telemetry: Telemetry, now_s: float) -> None:
        """An aircraft of ours that is up without a flight of ours: said once, until it is down again."""
        armed = telemetry.armed is not None and telemetry.armed.value
        if not armed or telemetry.landed is None or asset_id in self._strays:
            return
        self._strays.add(asset_id)
        name = self._director.site.assets[asset_id].name
        self._director.alarm(
            Severity.CRITICAL,
            f"{name} is in the air without a flight of this service: somebody else flies it.",
            asset_id,
            now_s,
        )
