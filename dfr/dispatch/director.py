"""Carries the flight table out: events in, commands through the gate and out, journaled before they are sent."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

from dfr.airspace.climb import too_low
from dfr.airspace.guard import GuardAction, GuardVerdict, foresee_each
from dfr.core.command import (
    CameraCommand,
    Command,
    Hold,
    LookAt,
    Origin,
    Outcome,
    OutcomeKind,
    Request,
    ReturnHome,
    TurnCamera,
)
from dfr.core.fence import FencePlan
from dfr.core.flight import Activity, Flight, FlightState
from dfr.core.geo import Waypoint
from dfr.core.incident import IncidentState
from dfr.core.pilot import PilotCommand
from dfr.core.record import RefusalRecord, RefusalSubject, Severity
from dfr.core.telemetry import Kinematics, LandedState, LinkState, Telemetry, Timed
from dfr.core.traffic import TrafficPicture
from dfr.dispatch.acted import PositionsActedOn
from dfr.dispatch.camera import CAMERA_ACTIONS, camera_command
from dfr.dispatch.energy import must_go_home
from dfr.dispatch.energy_watch import EnergyWatch
from dfr.dispatch.fences import FenceBook
from dfr.dispatch.gate import Refused, authorize
from dfr.dispatch.losses import Losses
from dfr.dispatch.memory import Memory, moved_to, new_id
from dfr.dispatch.observe import adopt, event_of, in_the_air, observe
from dfr.dispatch.orders import CAMERA_EFFECTS, OrbitWish, OrderContext, command_for, looked_at
from dfr.dispatch.picture import Picture, Site
from dfr.dispatch.pilot import Intent, intent_of
from dfr.dispatch.ports import Fleet
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.dispatch.resume import resume_reasons
from dfr.dispatch.sentences import CAMERA_ON_SCENE, MILESTONES, sentence_for
from dfr.dispatch.surroundings import Surroundings
from dfr.dispatch.table import COMMANDED, Effect, Event, step
from dfr.dispatch.takeover import Takeovers, reason
from dfr.dispatch.traffic import EncounterRecord, Move, TrafficWatch
from dfr.dispatch.witness import Witness

TRACK_EVERY_S = 1.0
GROUND_SETTLES_S = 1.0
"""A flight is over when its aircraft has been on the ground, disarmed, for this long: one odd message ends nothing."""
RETRY_S = 3.0
"""A Hold or a Return that failed is sent again after this, so that a failing link is not flooded."""
WAYS = frozenset({Effect.SEND_LEG, Effect.SEND_NEXT_LEG, Effect.SEND_MOVE, Effect.SEND_ORBIT, Effect.SEND_ASIDE})
"""Effects that are not safe by themselves: when the gate stops one, the flight must be told."""


class FlightDirector:
    """All flights of the site. Used by the engine's loop alone."""

    def __init__(self, site: Site, memory: Memory, fleet: Fleet) -> None:
        self.site = site
        self.surroundings = Surroundings()
        """What the rooms above know besides the aircraft; they put a new one here."""
        self.traffic_heard: Callable[[float], TrafficPicture] = lambda now_s: TrafficPicture()
        """All traffic at a moment; `dfr.app` puts the store's here."""
        self.traffic = TrafficWatch()
        self._memory = memory
        self._fleet = fleet
        self.energy = EnergyWatch(site.settings.worst_wind_mps, site.settings.return_height)
        self._sent: dict[str, Request] = {}
        """Every request whose outcome is awaited, by request id."""
        self._orders: dict[str, Request] = {}
        """The newest flight order, by asset id."""
        self._ordered_s: dict[str, float] = {}
        self._retries: dict[str, tuple[float, Request, Event, str]] = {}
        """By asset id: when to tell the flight that an order failed which it will give again, which one, and why."""
        self._grounded_s: dict[str, float] = {}
        self._adopting: set[str] = set()
        self._tracked_s: dict[str, float] = {}
        self._witness = Witness(memory)
        self._turned: dict[str, Timed[TurnCamera]] = {}
        self._fences = FenceBook(site)
        self._losses = Losses()
        self._takeovers = Takeovers()
        self.positions = PositionsActedOn()

    # -- what is known --------------------------------------------------------------------------------------------

    def picture(self, now_s: float) -> Picture:
        telemetry = self._fleet.telemetry()
        flights = {flight.asset_id: flight for flight in self._memory.under_way()}
        around = self.surroundings
        return Picture(
            now_s,
            self.site,
            telemetry,
            flights,
            self._fences.plans,
            self._fences.problems,
            weather=around.weather,
            streams=around.streams,
            traffic=self.traffic_heard(now_s),
            turned=self._turned,
        )

    @property
    def fences(self) -> Mapping[str, FencePlan]:
        """What belongs on board, by asset id."""
        return self._fences.plans

    def prepare_next(self) -> None:
        """Idle work, a little of it: see `FenceBook.prepare_next`."""
        self._fences.prepare_next()

    def is_ordered(self, asset_id: str) -> bool:
        """Whether an order for this asset is under way."""
        return any(request.asset_id == asset_id for request in self._sent.values())

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
    ) -> Flight:
        """One event for one flight: the table's new state is journaled, then its effects are carried out."""
        move = step(flight.state, event)
        if not move.applies:
            return flight
        changes: dict[str, object] = {"state": move.state, "sentence": sentence_for(event, why)}
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
                _severity(event), f"{name}: {flight.sentence}", now_s, flight_id=flight.id, asset_id=flight.asset_id
            )
        self._carry_out(flight, move.effects, origin, by, now_s, orbit, aside)
        return self._memory.flights[flight.id]

    def _forget(self, flight: Flight) -> None:
        """No order of ours counts any more for this aircraft."""
        self._orders.pop(flight.asset_id, None)
        self._retries.pop(flight.asset_id, None)
        self._takeovers.forget(flight.asset_id)
        self._losses.forget(flight)

    def order_ended(self, outcome: Outcome, now_s: float) -> None:
        """The fleet says how an order ended."""
        request = self._sent.pop(outcome.request_id, None)
        flight_id = (request.flight_id if request else None) or ""
        self._memory.keep_outcome(outcome, flight_id)
        flight = self._memory.flights.get(flight_id)
        if request is None or flight is None or flight.state.is_over:
            return
        newest = self._orders.get(outcome.asset_id)
        if _is_flight_order(request.command) and newest is not None and newest.id != request.id:
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
            seen = f" {reason(telemetry, now_s)}" if event in EXPLAINED else ""
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
        foreseen = self._foresee(picture)
        for flight in self._memory.under_way():
            telemetry = picture.telemetry[flight.asset_id]
            if flight.id in self._adopting:
                event = adopt(flight, telemetry, now_s)
                if event is not None:
                    self._adopting.discard(flight.id)
                    why = ADOPTION.get(event, "")
                    if event in EXPLAINED:
                        why = reason(telemetry, now_s, was_away=True)
                    self.happen(flight, _or_never_lifted(event, flight), now_s, why=why)
                continue
            flight = self._try_again(flight, now_s)
            flight = self._note_lift_off(flight, telemetry, now_s)
            event = observe(flight, telemetry, self._ordered_s.get(flight.asset_id, flight.state_since_s))
            if self._has_settled(flight, event, now_s) and event is not None:
                why = reason(telemetry, now_s) if event in EXPLAINED else ""
                flight = self.happen(flight, _or_never_lifted(event, flight), now_s, why=why)
            flight = self._look_for_others(flight, telemetry, now_s)
            flight = self._look_for_losses(flight, telemetry, now_s)
            incident = self._memory.incidents.get(flight.incident_id)
            if event is Event.LINK_BACK and incident is not None and incident.state is not IncidentState.OPEN:
                flight = self.happen(flight, Event.INCIDENT_OVER, now_s, why=f"CAD says: {incident.state}.")
            self._look_at_energy(flight, picture)
            self._guard(flight, picture, foreseen.get(flight.asset_id))
            if look_at_traffic:
                self._avoid(self._memory.flights[flight.id], picture)
            self._witness.see(flight, telemetry)
            if in_the_air(telemetry) and now_s - self._tracked_s.get(flight.id, 0.0) >= TRACK_EVERY_S:
                self._tracked_s[flight.id] = now_s
                tracked.append((flight, telemetry))
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

    def _look_for_others(self, flight: Flight, telemetry: Telemetry, now_s: float) -> Flight:
        """Another ground station that flies it within modes of ours."""
        if flight.state not in COMMANDED or telemetry.link is not LinkState.ONLINE:
            return flight
        why = self._takeovers.look(flight.asset_id, telemetry, flight.state_since_s)
        return self.happen(flight, Event.TAKEOVER, now_s, why=why) if why else flight

    def _look_for_losses(self, flight: Flight, telemetry: Telemetry, now_s: float) -> Flight:
        name = self.site.assets[flight.asset_id].name
        loss = self._losses.look(flight, telemetry, name, now_s)
        return flight if loss is None else self.happen(flight, loss[0], now_s, why=loss[1])

    def _try_again(self, flight: Flight, now_s: float) -> Flight:
        """Tell the flight of a failed Hold or Return when it is time, unless a newer order was given."""
        due_s, request, event, why = self._retries.get(flight.asset_id, (float("inf"), None, None, ""))
        if now_s < due_s or request is None or event is None:
            return flight
        del self._retries[flight.asset_id]
        newest = self._orders.get(flight.asset_id)
        if newest is None or newest.id != request.id:
            return flight
        return self.happen(flight, event, now_s, why=why)

    def _has_settled(self, flight: Flight, event: Event | None, now_s: float) -> bool:
        """Lying on the ground must be seen without a break; everything else counts at once."""
        if event is not Event.ON_GROUND:
            self._grounded_s.pop(flight.id, None)
            return True
        return now_s - self._grounded_s.setdefault(flight.id, now_s) >= GROUND_SETTLES_S

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
            return self._camera_order(command, flight, picture, user)
        intent = intent_of(command, flight, picture)
        reasons = self._against(intent, picture, user, now_s) if isinstance(intent, Intent) else intent
        if reasons or not isinstance(intent, Intent):
            record = self._refuse(RefusalSubject.COMMAND, "Command refused", reasons, user, flight, now_s)
            raise NotDone(RefusalKind.NOT_NOW, "Command refused", reasons, record)
        if intent.event is not Event.PILOT_LOOK:
            self.traffic.pilot_decides(flight.id)
        after = self.happen(
            intent.flight, intent.event, now_s, why=intent.sentence, origin=Origin.PILOT, by=user, orbit=intent.orbit
        )
        return (after.sentence,)

    def _camera_order(self, command: PilotCommand, flight: Flight, picture: Picture, user: str) -> tuple[str, ...]:
        """What changes nothing of the flight goes to the gate at once. Raises NotDone with every reason."""
        now_s = picture.now_s
        order = camera_command(command, flight, picture)
        if not isinstance(order, tuple):
            refused = self.order(flight.asset_id, order, Origin.PILOT, user, flight.id, now_s)
            if refused is None:
                return ()
            order = refused.reasons
        record = self._refuse(RefusalSubject.COMMAND, "Command refused", order, user, flight, now_s)
        raise NotDone(RefusalKind.NOT_NOW, "Command refused", order, record)

    def alarm(self, severity: Severity, sentence: str, asset_id: str, now_s: float) -> None:
        """Tell people something about an aircraft that is on no flight."""
        self._memory.raise_alarm(severity, sentence, now_s, asset_id=asset_id)

    # -- what is sent ---------------------------------------------------------------------------------------------

    def order(
        self, asset_id: str, command: Command, origin: Origin, by: str, flight_id: str | None, now_s: float
    ) -> Refused | None:
        """Through the gate, into the journal, onto the wire: the only way a command leaves. None when it was sent."""
        request = Request(new_id("request"), asset_id, command, origin, by, flight_id)
        picture = self.picture(now_s)
        answer = authorize(request, picture, now_s)
        if isinstance(answer, Refused):
            return answer
        self.positions.sent(command, picture.telemetry[asset_id], now_s)
        self._memory.keep_request(request, now_s)
        self._sent[request.id] = request
        if flight_id is not None and _is_flight_order(command):
            self._orders[asset_id] = request
            self._ordered_s[asset_id] = now_s
            self._takeovers.ordered(asset_id, command, picture.telemetry[asset_id], now_s)
        if isinstance(command, TurnCamera):
            self._turned[asset_id] = Timed(command, now_s)
        self._fleet.submit(answer)
        return None

    def _carry_out(
        self,
        flight: Flight,
        effects: tuple[Effect, ...],
        origin: Origin,
        by: str,
        now_s: float,
        orbit: OrbitWish | None = None,
        aside: Waypoint | None = None,
    ) -> None:
        for effect in effects:
            command = command_for(effect, flight, replace(self._context(flight, now_s, orbit), aside=aside))
            if command is None:
                continue
            refused = self.order(flight.asset_id, command, origin, by, flight.id, now_s)
            if refused is None:
                continue
            if effect not in CAMERA_EFFECTS:
                what = RefusalSubject.LAUNCH if effect is Effect.SEND_LAUNCH else RefusalSubject.COMMAND
                self._refuse(what, "Stopped by the gate", refused.reasons, by, flight, now_s)
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

    def _context(self, flight: Flight, now_s: float, orbit: OrbitWish | None) -> OrderContext:
        picture = self.picture(now_s)
        here = picture.telemetry[flight.asset_id].position_now(now_s)
        return OrderContext(
            airframe=self.site.assets[flight.asset_id].airframe,
            settings=self.site.settings,
            fence=picture.fences.get(flight.asset_id),
            home=picture.home(flight.asset_id),
            altitude=None if here is None else here.altitude,
            ground=picture.ground(looked_at(flight)),
            orbit=orbit or OrbitWish(),
        )

    def _against(self, intent: Intent, picture: Picture, user: str, now_s: float) -> tuple[str, ...]:
        """What table and gate have against a pilot's intent, before anything is changed."""
        move = step(intent.flight.state, intent.event)
        if not move.applies:
            state = intent.flight.state.replace("_", " ")
            return (f"That does nothing while the flight is {state}.",)
        after = replace(intent.flight, state=move.state)
        hypothetical = replace(picture, flights={**picture.flights, after.asset_id: after})
        reasons: list[str] = []
        if intent.event is Event.PILOT_RESUME and move.state is FlightState.EN_ROUTE:
            reasons += resume_reasons(after, hypothetical)
        for effect in move.effects:
            # A camera that cannot be turned is no reason against flying safely.
            if effect in CAMERA_EFFECTS and intent.event is not Event.PILOT_LOOK:
                continue
            command = command_for(effect, after, self._context(after, now_s, intent.orbit))
            if command is None:
                continue
            request = Request("asked", after.asset_id, command, Origin.PILOT, user, after.id)
            answer = authorize(request, hypothetical, now_s)
            if isinstance(answer, Refused):
                reasons += answer.reasons
        return tuple(dict.fromkeys(reasons))

    def _look_at_energy(self, flight: Flight, picture: Picture) -> None:
        telemetry = picture.telemetry[flight.asset_id]
        if not in_the_air(telemetry) or flight.state.is_over:
            self.energy.forget(flight.asset_id)
        elif telemetry.link is LinkState.ONLINE:
            _, news = self.energy.look(self.site.assets[flight.asset_id], telemetry, picture.now_s, picture.weather)
            for sentence in news:
                self._memory.raise_alarm(
                    Severity.WARNING, sentence, picture.now_s, flight_id=flight.id, asset_id=flight.asset_id
                )

    def _foresee(self, picture: Picture) -> dict[str, GuardVerdict]:
        """Where every flight would come to rest, judged together, by asset id; without a position of now it is not."""
        here = {asset_id: picture.telemetry[asset_id].position_now(picture.now_s) for asset_id in picture.flights}
        known = {asset_id: kinematics for asset_id, kinematics in here.items() if kinematics is not None}
        stops = [self.site.assets[asset_id].airframe.stopping for asset_id in known]
        verdicts = foresee_each(tuple(known.values()), self.site.airspace, stops, self.site.settings.guard)
        return dict(zip(known, verdicts, strict=True))

    def _guard(self, flight: Flight, picture: Picture, verdict: GuardVerdict | None) -> None:
        """Acts before the line: the predicted stopping point, and what the battery leaves."""
        telemetry = picture.telemetry[flight.asset_id]
        here = telemetry.position_now(picture.now_s)
        # Without a position of this moment it cannot judge: `losses.py` says so and stops the aircraft.
        if flight.state not in COMMANDED or here is None or verdict is None or telemetry.link is not LinkState.ONLINE:
            return
        if not in_the_air(telemetry):
            return
        self.positions.judged(telemetry, picture.now_s)
        low = must_go_home(self.site.assets[flight.asset_id], self.energy.of(flight.asset_id))
        if low:
            self.happen(flight, Event.ENERGY_LOW, picture.now_s, why=low, origin=Origin.GUARD, by="guard")
            return
        low = self._too_low(flight, here)
        if low:
            self.happen(flight, Event.GUARD_HOLD, picture.now_s, why=low, origin=Origin.GUARD, by="guard")
            return
        if verdict.action is GuardAction.RETURN:
            event = Event.GUARD_RETURN
        elif verdict.action is GuardAction.HOLD and not self._is_holding(flight.asset_id):
            event = Event.GUARD_HOLD
        else:
            return
        self.happen(flight, event, picture.now_s, why=verdict.sentence, origin=Origin.GUARD, by="guard")

    def _too_low(self, flight: Flight, kinematics: Kinematics) -> str:
        """On the planned way the least height above the ground is kept, also by a climb that falls behind."""
        if flight.state is not FlightState.EN_ROUTE or flight.leg == 0 or flight.activity is Activity.MOVE:
            return ""
        if self._is_holding(flight.asset_id):
            return ""
        settings = self.site.settings
        stopping = self.site.assets[flight.asset_id].airframe.stopping
        return too_low(kinematics, self.site.airspace, settings.minimum_height, stopping, settings.guard)

    def _avoid(self, flight: Flight, picture: Picture) -> None:
        """Other aircraft: stop or go down when one comes too near, tell, and go on when it is gone."""
        order = self._orders.get(flight.asset_id)
        ours = order is not None and isinstance(order.command, ReturnHome)
        low = must_go_home(self.site.assets[flight.asset_id], self.energy.of(flight.asset_id))
        for answer in self.traffic.look(flight, picture, ours and not low):
            now_s = picture.now_s
            if isinstance(answer, Move):
                self.happen(
                    flight, answer.event, now_s, why=answer.why, origin=Origin.GUARD, by="traffic", aside=answer.to
                )
            elif isinstance(answer, EncounterRecord):
                self._memory.note("encounter", asdict(answer), now_s)
            else:
                self._memory.raise_alarm(
                    answer.severity, answer.sentence, now_s, flight_id=flight.id, asset_id=flight.asset_id
                )

    def _is_holding(self, asset_id: str) -> bool:
        order = self._orders.get(asset_id)
        return order is not None and order.id in self._sent and isinstance(order.command, Hold)

    def _refuse(
        self,
        subject: RefusalSubject,
        title: str,
        reasons: tuple[str, ...],
        by: str,
        flight: Flight,
        now_s: float,
    ) -> RefusalRecord:
        record = RefusalRecord(
            new_id("refusal"), now_s, subject, title, reasons, by, flight.incident_id, flight.id, flight.asset_id
        )
        return self._memory.keep_refusal(record)


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


def _is_flight_order(command: Command) -> bool:
    """Whether it moves the aircraft; camera orders run beside those."""
    return not isinstance(command, CameraCommand)


def _severity(event: Event) -> Severity:
    if event in (Event.TRAFFIC_RESUME, Event.TRAFFIC_HOME):
        return Severity.NOTICE
    return Severity.CRITICAL if event in CRITICAL else Severity.WARNING


CRITICAL = frozenset({
    Event.LINK_LOST, Event.GUARD_RETURN, Event.RETURN_FAILED, Event.FAILSAFE, Event.TAKEOVER, Event.POSITION_LOST,
    Event.MOTOR_FAILED, Event.MOTOR_IGNORED, Event.UPLINK_LOST, Event.STILL_SILENT, Event.TRAFFIC_HOLD,
    Event.TRAFFIC_DESCEND,
})  # fmt: skip
