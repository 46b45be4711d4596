"""Carries the flight table out: events in, commands through the gate and out, journaled before they are sent."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from dfr.core.command import (
    Command,
    Fly,
    Hold,
    LookAt,
    Origin,
    Outcome,
    OutcomeKind,
    Request,
    ReturnHome,
)
from dfr.core.fence import FencePlan
from dfr.core.flight import Activity, Flight, FlightState
from dfr.core.geo import Waypoint
from dfr.core.incident import IncidentState
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.core.record import RefusalSubject, Severity
from dfr.core.telemetry import LandedState, Telemetry
from dfr.core.traffic import TrafficPicture
from dfr.dispatch.acted import PositionsActedOn
from dfr.dispatch.asking import against, camera_order
from dfr.dispatch.camera import CAMERA_ACTIONS
from dfr.dispatch.energy_watch import EnergyWatch
from dfr.dispatch.gate import Refused
from dfr.dispatch.memory import Memory, moved_to
from dfr.dispatch.observe import adopt, event_of, in_the_air, observe, settles_s
from dfr.dispatch.orders import CAMERA_EFFECTS, OrbitWish, command_for
from dfr.dispatch.overwatch import Overwatch
from dfr.dispatch.picture import Picture, Site
from dfr.dispatch.pilot import Intent, intent_of
from dfr.dispatch.ports import Fleet
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.dispatch.sender import Sender, is_flight_order
from dfr.dispatch.sentences import CAMERA_ON_SCENE, MILESTONES, sentence_for, severity_of
from dfr.dispatch.stick import Sticks
from dfr.dispatch.surroundings import Surroundings
from dfr.dispatch.table import FLIGHT_ORDERS, Effect, Event, step
from dfr.dispatch.takeover import BEGAN_UNHEARD, BEGAN_WHILE_AWAY, reason
from dfr.dispatch.traffic import TrafficWatch
from dfr.dispatch.witness import Witness
from dfr.dispatch.zone_watch import ZoneWatch

TRACK_EVERY_S = 1.0
RETRY_S = 3.0
"""A Hold or a Return that failed is sent again after this, so that a failing link is not flooded."""
WAYS = FLIGHT_ORDERS - {Effect.SEND_LAUNCH, Effect.SEND_HOLD, Effect.SEND_RETURN}
"""Effects that are not safe by themselves: when the gate stops one, the flight must be told."""


class FlightDirector:
    """All flights of the site. Used by the engine's loop alone."""

    def __init__(self, site: Site, memory: Memory, fleet: Fleet) -> None:
        self._memory = memory
        self._fleet = fleet
        self._sender = Sender(site, memory, fleet)
        self._overwatch = Overwatch(self._sender, self.happen)
        self._sticks = Sticks(self._sender, self.happen)
        self._retries: dict[str, tuple[float, Request, Event, str]] = {}
        """By asset id: when to tell the flight that an order failed which it will give again, which one, and why."""
        self._seen_since: dict[str, tuple[Event, float]] = {}
        self._adopting: set[str] = set()
        self._tracked_s: dict[str, float] = {}
        self._witness = Witness(memory)
        self.zones = ZoneWatch(self._sender, self.happen)

    @property
    def site(self) -> Site:
        """With the airspace of the zones that hold now."""
        return self._sender.site

    # -- what is known --------------------------------------------------------------------------------------------

    @property
    def surroundings(self) -> Surroundings:
        """What the rooms above know besides the aircraft; they put a new one here."""
        return self._sender.surroundings

    @surroundings.setter
    def surroundings(self, surroundings: Surroundings) -> None:
        self._sender.surroundings = surroundings

    @property
    def traffic_heard(self) -> Callable[[float], TrafficPicture]:
        """All traffic at a moment; `dfr.app` puts the store's here."""
        return self._sender.traffic_heard

    @traffic_heard.setter
    def traffic_heard(self, heard: Callable[[float], TrafficPicture]) -> None:
        self._sender.traffic_heard = heard

    @property
    def traffic(self) -> TrafficWatch:
        return self._overwatch.traffic

    @property
    def energy(self) -> EnergyWatch:
        return self._overwatch.energy

    @property
    def positions(self) -> PositionsActedOn:
        return self._sender.positions

    def picture(self, now_s: float) -> Picture:
        return self._sender.picture(now_s)

    @property
    def fences(self) -> Mapping[str, FencePlan]:
        """What belongs on board, by asset id."""
        return self._sender.plans

    def is_ordered(self, asset_id: str) -> bool:
        """Whether an order for this asset is under way."""
        return self._sender.is_ordered(asset_id)

    def is_loading(self, asset_id: str) -> bool:
        """Whether a fence is being put on board."""
        return self._sender.is_loading(asset_id)

    def order(
        self, asset_id: str, command: Command, origin: Origin, by: str, flight_id: str | None, now_s: float
    ) -> Refused | None:
        """See `Sender.order`."""
        return self._sender.order(asset_id, command, origin, by, flight_id, now_s)

    # -- what happens ---------------------------------------------------------------------------------------------

    def begin(self, flight: Flight, now_s: float) -> Flight:
        """A new flight: launch now when its fence is on board, else put it there first."""
        self._memory.keep_flight(flight, now_s)
        picture = self.picture(now_s)
        plan, on_board = picture.fences.get(flight.asset_id), picture.telemetry[flight.asset_id].fence
        if plan is not None and on_board is not None and on_board.digest == plan.digest:
            return self.happen(flight, Event.FENCE_READY, now_s)
        self._carry_out(flight, (Effect.SEND_FENCE,), Origin.ENGINE, "engine", now_s)
        return self._memory.flights[flight.id]

    def happen(
        self,
        flight: Flight,
        event: Event,
        now_s: float,
        *,
        why: str = "",
        origin: Origin = Origin.ENGINE,
        by: str = "engine",
        orbit: OrbitWish | None = None,
        aside: Waypoint | None = None,
        fly: Fly | None = None,
    ) -> Flight:
        """One event for one flight: the table's new state is journaled, then its effects are carried out."""
        move = step(flight.state, event)
        if not move.applies:
            return flight
        changes: dict[str, object] = {"state": move.state, "sentence": sentence_for(event, why)}
        moved = move.state is not flight.state or FLIGHT_ORDERS & set(move.effects)
        if flight.activity is Activity.FLY and moved and event is not Event.PILOT_FLY:
            changes["activity"] = Activity.HOLD
        if event is Event.AIRBORNE:
            # The first waypoint is straight above the dock: that is where the climb ended.
            changes["leg"] = min(1, len(flight.route) - 1)
        if Effect.SEND_NEXT_LEG in move.effects:
            changes["leg"] = min(flight.leg + 1, len(flight.route) - 1)
        times = dict(flight.times_s)
        for name in MILESTONES.get((move.state, event), MILESTONES.get((move.state, None), ())):
            times.setdefault(name, now_s)
        flight = self._memory.keep_flight(moved_to(flight, now_s, times_s=times, **changes), now_s)
        if move.state.is_over or move.state is FlightState.TAKEN_OVER:
            self._forget(flight)
        if move.state is FlightState.TAKEN_OVER:
            self._fleet.let_go(flight.asset_id)
        if Effect.ALARM in move.effects:
            name = self.site.assets[flight.asset_id].name
            self._memory.raise_alarm(
                severity_of(event), f"{name}: {flight.sentence}", now_s, flight_id=flight.id, asset_id=flight.asset_id
            )
        self._carry_out(flight, move.effects, origin, by, now_s, orbit, aside, fly)
        return self._memory.flights[flight.id]

    def _forget(self, flight: Flight) -> None:
        """No order of ours counts any more for this aircraft."""
        self._retries.pop(flight.asset_id, None)
        self._sender.forget(flight.asset_id)
        self._overwatch.forget(flight)

    def order_ended(self, outcome: Outcome, now_s: float) -> None:
        """The fleet says how an order ended."""
        request = self._sender.ended(outcome)
        flight_id = (request.flight_id if request else None) or ""
        self._memory.keep_outcome(outcome, flight_id)
        flight = self._memory.flights.get(flight_id)
        if request is None or flight is None or flight.state.is_over:
            return
        newest = self._sender.newest(outcome.asset_id)
        if is_flight_order(request.command) and newest is not None and newest.id != request.id:
            return
        telemetry = self._fleet.telemetry()[outcome.asset_id]
        flight = self._note_picture(flight, request.command, outcome, telemetry)
        event = event_of(outcome, request.command, flight, telemetry)
        if event is Event.ARRIVED and flight.state is FlightState.ON_SCENE and self.traffic.is_low(flight.id):
            return  # out of the way of traffic; the flight still says of which
        failed = outcome.kind is OutcomeKind.FAILED
        if event is not None and failed and isinstance(request.command, Hold | ReturnHome):
            self._retries[outcome.asset_id] = (now_s + RETRY_S, request, event, outcome.sentence)
        elif event is not None:
            seen = f" {reason(telemetry, now_s, after=outcome.sentence)}" if event in EXPLAINED else ""
            self.happen(flight, event, now_s, why=f"{outcome.sentence}{seen}" if failed else "")
        elif failed:
            self._memory.raise_alarm(
                Severity.WARNING, outcome.sentence, now_s, flight_id=flight.id, asset_id=flight.asset_id
            )

    def _note_picture(self, flight: Flight, command: Command, outcome: Outcome, telemetry: Telemetry) -> Flight:
        """When the camera was first seen to look at the scene: what all of it was for."""
        seen = outcome.kind is OutcomeKind.DONE and isinstance(command, LookAt) and telemetry.gimbal is not None
        if not seen or flight.state is not FlightState.ON_SCENE or CAMERA_ON_SCENE in flight.times_s:
            return flight
        times = {**flight.times_s, CAMERA_ON_SCENE: outcome.at_s}
        return self._memory.keep_flight(replace(flight, times_s=times), outcome.at_s)

    def watch(self, now_s: float) -> None:
        """One look at every flight that is not over: telemetry, guard, energy, track."""
        picture = self.picture(now_s)
        tracked: list[tuple[Flight, Telemetry]] = []
        look_at_traffic = self.traffic.is_due(picture)
        foreseen = self._overwatch.foresee(picture)
        for flight in self._memory.under_way():
            telemetry = picture.telemetry[flight.asset_id]
            if flight.id in self._adopting:
                event = adopt(flight, telemetry, now_s)
                if event is not None:
                    self._adopting.discard(flight.id)
                    why = ADOPTION.get(event, "")
                    if event in EXPLAINED:
                        why = reason(telemetry, now_s, began=BEGAN_WHILE_AWAY)
                    self.happen(flight, _or_never_lifted(event, flight), now_s, why=why)
                continue
            flight = self._try_again(flight, now_s)
            flight = self._note_lift_off(flight, telemetry, now_s)
            event = observe(flight, telemetry, self._sender.ordered_s(flight))
            if self._has_settled(flight, event, telemetry, now_s) and event is not None:
                began = BEGAN_UNHEARD if flight.state is FlightState.LINK_LOST else ""
                why = reason(telemetry, now_s, began=began) if event in EXPLAINED else ""
                flight = self.happen(flight, _or_never_lifted(event, flight), now_s, why=why)
            flight = self._overwatch.look_for_others(flight, telemetry, now_s)
            flight = self._overwatch.look_for_losses(flight, telemetry, now_s)
            incident = self._memory.incidents.get(flight.incident_id)
            if event is Event.LINK_BACK and incident is not None and incident.state is not IncidentState.OPEN:
                flight = self.happen(flight, Event.INCIDENT_OVER, now_s, why=f"CAD says: {incident.state}.")
            self._overwatch.look_at_energy(flight, picture)
            self._overwatch.guard(flight, picture, foreseen.get(flight.asset_id))
            if look_at_traffic:
                self._overwatch.avoid(self._memory.flights[flight.id], picture)
            self._witness.see(flight, telemetry)
            if in_the_air(telemetry) and now_s - self._tracked_s.get(flight.id, 0.0) >= TRACK_EVERY_S:
                self._tracked_s[flight.id] = now_s
                tracked.append((flight, telemetry))
        self._overwatch.apart.look(self.picture(now_s))
        self._sticks.turn(self._adopting, now_s)
        self._memory.keep_tracks(tracked, now_s)
        self._witness.write(now_s)

    def _note_lift_off(self, flight: Flight, telemetry: Telemetry, now_s: float) -> Flight:
        """Seen off the ground for the first time: from then on the flight has flown, however it ends."""
        up = telemetry.landed is not None and telemetry.landed.value is not LandedState.ON_GROUND
        armed = telemetry.armed is not None and telemetry.armed.value
        flying = flight.state not in (FlightState.PREPARING, FlightState.LINK_LOST)
        if not (up and armed and flying) or LIFTED_OFF in flight.times_s:
            return flight
        times = flight.times_s | {LIFTED_OFF: now_s}
        return self._memory.keep_flight(replace(flight, times_s=times), now_s)

    def _try_again(self, flight: Flight, now_s: float) -> Flight:
        """Tell the flight of a failed Hold or Return when it is time, unless a newer order was given."""
        due_s, request, event, why = self._retries.get(flight.asset_id, (float("inf"), None, None, ""))
        if now_s < due_s or request is None or event is None:
            return flight
        del self._retries[flight.asset_id]
        newest = self._sender.newest(flight.asset_id)
        if newest is None or newest.id != request.id:
            return flight
        return self.happen(flight, event, now_s, why=why)

    def _has_settled(self, flight: Flight, event: Event | None, telemetry: Telemetry, now_s: float) -> bool:
        """Whether it has been seen without a break for as long as it must be."""
        if event is None:
            self._seen_since.pop(flight.id, None)
            return False
        before, since_s = self._seen_since.get(flight.id, (event, now_s))
        since_s = since_s if event is before else now_s
        self._seen_since[flight.id] = event, since_s
        return now_s - since_s >= settles_s(event, flight, telemetry)

    def adopt_from_journal(self, now_s: float) -> None:
        """At start: every flight that the journal says is under way waits for its aircraft to be heard."""
        for flight in self._memory.under_way():
            if flight.asset_id in self.site.assets:
                self._adopting.add(flight.id)
                continue
            self._memory.keep_flight(
                moved_to(
                    flight,
                    now_s,
                    state=FlightState.ABORTED,
                    sentence="Its aircraft is no longer declared in the site file; this service cannot follow it.",
                ),
                now_s,
            )

    def pilot_command(self, flight_id: str, command: PilotCommand, user: str, now_s: float) -> tuple[str, ...]:
        """Check what a pilot asks against table and gate, then do it. Raises NotDone with every reason."""
        flight = self._memory.flights.get(flight_id)
        if flight is None:
            raise NotDone(RefusalKind.UNKNOWN, "Unknown flight", (f"There is no flight {flight_id}.",))
        picture = self.picture(now_s)
        if command.action in CAMERA_ACTIONS:
            return camera_order(command, flight, picture, user, self._sender)
        stick = command.stick if command.action is PilotAction.FLY else None
        known = None if stick is None else self._sticks.hear(flight, stick, user, now_s)
        if known is not None:
            return known
        intent = intent_of(command, flight, picture)
        reasons = against(intent, picture, user, self._sender) if isinstance(intent, Intent) else intent
        if reasons or not isinstance(intent, Intent):
            record = self._sender.refuse(RefusalSubject.COMMAND, "Command refused", reasons, user, flight, now_s)
            if stick is not None:
                self._sticks.refuse(stick, " ".join(reasons))
            raise NotDone(RefusalKind.NOT_NOW, "Command refused", reasons, record)
        if intent.event is not Event.PILOT_LOOK:
            self.traffic.pilot_decides(flight.id)
        after = self.happen(
            intent.flight,
            intent.event,
            now_s,
            why=intent.sentence,
            origin=Origin.PILOT,
            by=user,
            orbit=intent.orbit,
            fly=intent.fly,
        )
        if stick is not None:
            self._sticks.begin(after, stick, user, now_s)
        return (after.sentence,)

    def alarm(self, severity: Severity, sentence: str, asset_id: str, now_s: float) -> None:
        """Tell people something about an aircraft that is on no flight."""
        self._memory.raise_alarm(severity, sentence, now_s, asset_id=asset_id)

    def _carry_out(
        self,
        flight: Flight,
        effects: tuple[Effect, ...],
        origin: Origin,
        by: str,
        now_s: float,
        orbit: OrbitWish | None = None,
        aside: Waypoint | None = None,
        fly: Fly | None = None,
    ) -> None:
        for effect in effects:
            context = replace(self._sender.context(flight, now_s, orbit), aside=aside, fly=fly)
            command = command_for(effect, flight, context)
            if command is None:
                continue
            refused = self.order(flight.asset_id, command, origin, by, flight.id, now_s)
            if refused is None:
                continue
            if effect not in CAMERA_EFFECTS:
                what = RefusalSubject.LAUNCH if effect is Effect.SEND_LAUNCH else RefusalSubject.COMMAND
                self._sender.refuse(what, "Stopped by the gate", refused.reasons, by, flight, now_s)
            why = " ".join(refused.reasons)
            if effect is Effect.SEND_LAUNCH:
                self.happen(flight, Event.LAUNCH_REFUSED, now_s, why=why)
                return
            if effect is Effect.SEND_FENCE:
                self.happen(flight, Event.FENCE_FAILED, now_s, why=why)
                return
            if effect in WAYS:
                self.happen(flight, Event.ORDER_FAILED, now_s, why=why)
                return


ADOPTION = {
    Event.ADOPTED: "The service was started again and took the aircraft over in the air.",
    Event.ON_GROUND: "The service was started again and found the aircraft on the ground.",
}
EXPLAINED = frozenset({Event.FAILSAFE, Event.TAKEOVER})
"""Events of which the autopilot's own words say more."""
LIFTED_OFF = "lifted_off"


def _or_never_lifted(event: Event, flight: Flight) -> Event:
    flown = {LIFTED_OFF, "airborne"} & flight.times_s.keys()
    return Event.NEVER_LIFTED if event is Event.ON_GROUND and not flown else event
