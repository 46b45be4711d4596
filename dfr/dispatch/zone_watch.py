"""What a changed airspace brings with it: every flight is judged again, and every fence is another."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from dfr.airspace.airspace import Airspace
from dfr.core.command import Origin
from dfr.core.fence import FencePlan
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import Waypoint
from dfr.dispatch.fences import FenceBook
from dfr.dispatch.observe import in_the_air
from dfr.dispatch.sender import Sender
from dfr.dispatch.table import COMMANDED
from dfr.dispatch.zone_change import LEAVING, affected

CHANGING = "The zones have just changed, and its fence is being made anew; that takes seconds."


class ZoneWatch:
    """Tells the flights through `happen` (`FlightDirector.happen`). Used by the engine's loop alone."""

    def __init__(self, sender: Sender, happen: Callable[..., Flight]) -> None:
        self._sender = sender
        self._happen = happen
        self.is_changing = False
        """Whether the fences for a changed set of zones are being made: nothing can be launched in this moment."""

    @property
    def fences(self) -> FenceBook:
        """As they were made last."""
        return self._sender.fences

    def take_airspace(self, airspace: Airspace, now_s: float) -> None:
        """From now on everything is judged by this one, and flights in the air are at once. New fences follow."""
        before = self._sender.site.airspace
        self._sender.site = replace(self._sender.site, airspace=airspace)
        self._sender.fences.close(CHANGING)
        self.is_changing = True
        for flight in self._sender.memory.under_way():
            self._judge(flight, before, now_s)

    def take_fences(self, fences: FenceBook, own: Mapping[str, FencePlan | None], now_s: float) -> None:
        """They were made for the airspace of now; `own` is by flight id, None where the dock's must do."""
        self._sender.fences = fences
        self.is_changing = False
        memory = self._sender.memory
        for flight in memory.under_way():
            if flight.fence is not None and flight.id in own:
                memory.keep_flight(replace(flight, fence=own[flight.id]), now_s)

    def close(self, why: str) -> None:
        """Nothing is launched until other zones hold."""
        self._sender.fences.close(why)
        self.is_changing = False

    def _judge(self, flight: Flight, before: Airspace, now_s: float) -> None:
        picture = self._sender.picture(now_s)
        telemetry = picture.telemetry[flight.asset_id]
        here = telemetry.position_now(now_s)
        ours = flight.state in (*COMMANDED, FlightState.RETURNING)
        # Without a position of this moment nothing can be said: `losses.py` stops the aircraft for that.
        if here is None or not ours or not in_the_air(telemetry):
            return
        place, home = Waypoint(here.position, here.altitude), picture.home(flight.asset_id)
        site, incident_id = self._sender.site, flight.incident_id
        then, now = before.for_incident(incident_id), site.airspace.for_incident(incident_id)
        found = affected(flight, place, home, site.settings.return_height, then, now)
        if found is not None:
            self._happen(flight, found.event, now_s, why=found.why, origin=Origin.GUARD, by=LEAVING, aside=found.aside)
