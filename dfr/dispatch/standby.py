"""The fence that belongs on board is put there: before a call comes, and in flight when the zones have changed."""

import math

from shapely.geometry import Point

from dfr.airspace.fence import fence_area
from dfr.core.command import Origin, UploadFence
from dfr.core.fence import FencePlan
from dfr.core.flight import Flight, FlightState
from dfr.core.record import Severity
from dfr.core.telemetry import LinkState, Telemetry
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.picture import Picture
from dfr.dispatch.table import COMMANDED

OUTSIDE_TOLD_S = 30.0
INSIDE_M = 5.0
"""So far inside its new fence an aircraft in the air must be before it is put on board."""
RETRY_S = (2.0, 5.0, 15.0, 60.0)
"""Waits between tries to put a fence on board; the last one repeats."""


class Standby:
    """Keeps the right fence on every aircraft: on those that wait, and on those in the air that are inside it."""

    def __init__(self, director: FlightDirector) -> None:
        self._director = director
        self._tries: dict[str, int] = {}
        self._not_before_s: dict[str, float] = {}
        self._strays: set[str] = set()
        self._outside_s: dict[str, float] = {}
        """Since when an aircraft in the air could not be given its new fence; infinity once that was told."""

    def tend(self, now_s: float) -> None:
        """One look at every asset that is heard."""
        picture = self._director.picture(now_s)
        for asset_id in picture.site.assets:
            telemetry = picture.telemetry[asset_id]
            if telemetry.link is not LinkState.ONLINE:
                continue
            flight = picture.flights.get(asset_id)
            if flight is None and in_the_air(telemetry):
                self._tell_of_stray(asset_id, telemetry, now_s)
                continue
            self._strays.discard(asset_id)
            plan = picture.fences.get(asset_id)
            if plan is None or (telemetry.fence is not None and telemetry.fence.digest == plan.digest):
                self._tries.pop(asset_id, None)
                self._outside_s.pop(asset_id, None)
            elif flight is None or self._changes_in_flight(flight, plan, picture):
                self._outside_s.pop(asset_id, None)
                self._put_on_board(asset_id, plan, flight is not None, now_s)
            else:
                self._tell_of_old_fence(asset_id, now_s)

    def _put_on_board(self, asset_id: str, plan: FencePlan, flying: bool, now_s: float) -> None:
        busy = self._director.is_loading(asset_id) if flying else self._director.is_ordered(asset_id)
        if busy or now_s < self._not_before_s.get(asset_id, 0.0):
            return
        tries = self._tries.get(asset_id, 0)
        self._not_before_s[asset_id] = now_s + RETRY_S[min(tries, len(RETRY_S) - 1)]
        self._tries[asset_id] = tries + 1
        self._director.order(asset_id, UploadFence(plan), Origin.ENGINE, "standby", None, now_s)

    def _changes_in_flight(self, flight: Flight, plan: FencePlan, picture: Picture) -> bool:
        """Only inside the new one, flying by our orders: one that does not hold it is dropped, or acts at once."""
        telemetry = picture.telemetry[flight.asset_id]
        here = telemetry.position_now(picture.now_s)
        ours = flight.state in (*COMMANDED, FlightState.RETURNING) and flight.state is not FlightState.LAUNCHING
        if not ours or here is None or not in_the_air(telemetry):
            return False
        frame = picture.site.airspace.frame
        area = fence_area(plan, frame).buffer(-INSIDE_M)
        home = picture.home(flight.asset_id)
        low = plan.max_height is None or (home is not None and here.altitude.m < home.altitude.m + plan.max_height.m)
        return low and bool(area.covers(Point(frame.to_local(here.position))))

    def _tell_of_old_fence(self, asset_id: str, now_s: float) -> None:
        """Said once: it has the fence of other zones on board, and where it is, the new one cannot be put there."""
        since_s = self._outside_s.setdefault(asset_id, now_s)
        if now_s - since_s >= OUTSIDE_TOLD_S:
            self._outside_s[asset_id] = math.inf
            name = self._director.site.assets[asset_id].name
            self._director.alarm(
                Severity.WARNING,
                f"{name} has the fence on board that was made before the zones changed, and is outside the new one: "
                "only the guard here keeps it out of what changed. Bring it nearer to its dock, or home.",
                asset_id,
                now_s,
            )

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
