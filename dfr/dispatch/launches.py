"""Who is sent for an incident, by a rule or by a person. One incident launches once, whoever asks and however often."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future

from dfr.core.flight import Decision, Flight, FlightState
from dfr.core.incident import Incident, IncidentState
from dfr.core.record import RefusalRecord, RefusalSubject, Severity
from dfr.core.regime import Regime
from dfr.core.zone import ZoneKind
from dfr.dispatch.choice import Choice
from dfr.dispatch.choosing import Choosing, Wish
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.memory import Memory, moved_to, new_id
from dfr.dispatch.policy import PolicyAction, decide
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.dispatch.zone_watch import CHANGING

log = logging.getLogger(__name__)

BEING_CHOSEN = "An aircraft is being chosen."
WAITS_FOR_FENCES = "The zones have just changed; it is decided when the fences are made, in seconds."
FAILED = (
    "Choosing or sending an aircraft failed (the log says where). Look whether one flies, and send one by hand if none "
    "does."
)


class Launches:
    """Used by the engine's loop alone."""

    def __init__(self, memory: Memory, director: FlightDirector, worker: Executor, wake: Callable[[], None]) -> None:
        self.memory = memory
        self.director = director
        self.choosing = Choosing(director, worker, wake)
        self._by_rule: dict[str, ByRule] = {}
        """By the id of the incident for which an aircraft is being chosen."""

    def being_decided(self, incident_id: str) -> "Future[str] | None":
        """What will be decided about it by rule, in a sentence; None when nobody is being chosen."""
        asker = self._by_rule.get(incident_id)
        return None if asker is None else asker.decided

    def by_rule(self, incident: Incident, now_s: float) -> str:
        """Decide about an incident, or begin to; the sentence says which: `being_decided`."""
        verdict = decide(self.director.site.rules, incident)
        if verdict.action is not PolicyAction.AUTO:
            self.memory.keep_decision(incident, (verdict.sentence,), now_s)
            return verdict.sentence
        if incident.id not in self._by_rule:
            self._by_rule[incident.id] = ByRule(self, incident)
            self._ask(self._by_rule[incident.id])
        waits = WAITS_FOR_FENCES if self.director.zones.is_changing else BEING_CHOSEN
        return f"{verdict.sentence} {waits}"

    def by_hand(self, incident: Incident, asset_id: str | None, regime: Regime, user: str) -> Future[Flight]:
        """Before what rules ask for. To cancel it before it is done is to launch nothing."""
        asker = ByHand(self, incident.id, asset_id, regime, user)
        self._ask(asker)
        return asker.flight

    def _ask(self, asker: "ByRule | ByHand") -> None:
        self.choosing.ask(asker)
        # What is shown of it is another now: `CallDesk.shown`.
        self.memory.on_change(self.memory.incidents[asker.incident_id])

    def rule_is_done(self, incident_id: str) -> None:
        del self._by_rule[incident_id]

    def flying(self, incident: Incident) -> list[Flight]:
        return [flight for flight in self.memory.flights_of(incident.id) if not flight.state.is_over]

    def in_jurisdiction(self, incident: Incident) -> bool:
        assert incident.position is not None
        return bool(self.director.site.airspace.zones_at(incident.position, ZoneKind.OPERATING_AREA))

    def against_launch_by_hand(self, incident: Incident) -> tuple[str, ...]:
        reasons = []
        if incident.state is not IncidentState.OPEN:
            reasons.append(f"The incident is {incident.state}.")
        if incident.position is None:
            reasons.append("The incident has no usable position.")
        elif not self.in_jurisdiction(incident):
            reasons.append("The incident is outside this site's operating area.")
        if self.flying(incident):
            reasons.append("An aircraft is already on this incident.")
        verdict = decide(self.director.site.rules, incident)
        if verdict.action is PolicyAction.NEVER:
            reasons.append(verdict.sentence)
        if self.director.zones.is_changing:
            reasons.append(CHANGING)
        return tuple(reasons)

    def begin(self, incident: Incident, choice: Choice, regime: Regime, rule: str, by: str, now_s: float) -> Flight:
        assert choice.best is not None
        assert incident.position is not None
        flight = Flight(
            id=new_id("flight"),
            incident_id=incident.id,
            asset_id=choice.best.asset.id,
            state=FlightState.PREPARING,
            state_since_s=now_s,
            decision=Decision(rule, choice.sentence, choice.candidates, by),
            scene=incident.position,
            route=choice.best.route.waypoints,
            clear_altitude=choice.best.route.clear_altitude,
            passing_m=choice.best.route.passing_m,
            fence=choice.best.fence,
            look_at=incident.position,
            regime=regime,
            sentence="Chosen; the fence is checked.",
            times_s={"call": incident.received_s, "requested": now_s},
        )
        return self.director.begin(moved_to(flight, now_s), now_s)

    def kept_refusal(
        self,
        subject: RefusalSubject,
        title: str,
        sentences: tuple[str, ...],
        by: str,
        incident: Incident,
        now_s: float,
    ) -> RefusalRecord:
        record = RefusalRecord(new_id("refusal"), now_s, subject, title, sentences, by, incident.id)
        return self.memory.keep_refusal(record)

    def refuse_by_hand(self, sentences: tuple[str, ...], user: str, incident: Incident, now_s: float) -> NotDone:
        record = self.kept_refusal(RefusalSubject.LAUNCH, "Launch refused", sentences, user, incident, now_s)
        return NotDone(RefusalKind.NOT_NOW, "Launch refused", sentences, record)


class ByRule:
    """A rule says that an aircraft flies by itself. Everybody who reports the call meanwhile gets the same answer."""

    def __init__(self, launches: Launches, incident: Incident) -> None:
        self._launches = launches
        self.incident_id = incident.id
        self.urgency = incident.priority
        self.decided: Future[str] = Future()

    @property
    def _incident(self) -> Incident:
        return self._launches.memory.incidents[self.incident_id]

    def wish(self, now_s: float) -> Wish | None:
        incident, launches = self._incident, self._launches
        if incident.state is not IncidentState.OPEN:
            self._settle(f"The call is {incident.state}; no aircraft was sent.")
            return None
        if launches.memory.flights_of(incident.id):
            self._settle("An aircraft was sent by hand meanwhile.")
            return None
        assert incident.position is not None  # it is kept when a report has none
        if not launches.in_jurisdiction(incident):
            sentence = f"The call was moved to {incident.position}, outside this site's operating area."
            self._nobody((sentence,), now_s)
            return None
        verdict = decide(launches.director.site.rules, incident)
        if verdict.action is not PolicyAction.AUTO:
            launches.memory.keep_decision(incident, (verdict.sentence,), now_s)
            self._settle(verdict.sentence)
            return None
        regimes = launches.director.site.regimes
        regime = regimes.named(verdict.regime) or regimes.default
        return Wish(incident.position, regime, None, verdict.minutes_on_scene * 60.0)

    def take(self, wish: Wish, choice: Choice, now_s: float) -> None:
        incident, launches = self._incident, self._launches
        verdict = decide(launches.director.site.rules, incident)
        chosen = None if choice.best is None else choice.best.asset.id
        launches.memory.keep_decision(incident, (verdict.sentence, choice.sentence), now_s, chosen)
        said = f"{verdict.sentence} {choice.sentence}"
        if choice.best is None:
            self._nobody((verdict.sentence, choice.sentence), now_s)
            return
        flight = launches.begin(incident, choice, wish.regime, verdict.rule, "policy", now_s)
        self._settle(f"{verdict.sentence} {flight.sentence}" if flight.state is FlightState.ABORTED else said)

    def fail(self, error: Exception, now_s: float) -> None:
        """Left undecided: the next report of this call is acted on."""
        log.error("No aircraft could be chosen for %s", self.incident_id, exc_info=error)
        self._launches.memory.raise_alarm(Severity.CRITICAL, f"{self._incident.type}: {FAILED}", now_s)
        if not self.decided.done():
            self._settle(FAILED)

    def _nobody(self, sentences: tuple[str, ...], now_s: float) -> None:
        incident, launches = self._incident, self._launches
        launches.kept_refusal(RefusalSubject.LAUNCH, "Nobody can go", sentences, "policy", incident, now_s)
        launches.memory.raise_alarm(Severity.WARNING, f"{incident.type}: {sentences[-1]}", now_s)
        self._settle(" ".join(sentences))

    def _settle(self, sentence: str) -> None:
        self._launches.rule_is_done(self.incident_id)
        self._launches.memory.on_change(self._incident)
        self.decided.set_result(sentence)


class ByHand:
    """A person sends an aircraft; it goes before those that rules ask for, as somebody waits for it."""

    urgency = 0

    def __init__(self, launches: Launches, incident_id: str, asset_id: str | None, regime: Regime, user: str) -> None:
        self._launches = launches
        self.incident_id = incident_id
        self._asset_id = asset_id
        self._regime = regime
        self._user = user
        self.flight: Future[Flight] = Future()

    @property
    def _incident(self) -> Incident:
        return self._launches.memory.incidents[self.incident_id]

    def wish(self, now_s: float) -> Wish | None:
        if self.flight.cancelled():
            self._launches.memory.on_change(self._incident)
            return None
        incident = self._incident
        reasons = self._launches.against_launch_by_hand(incident)
        if reasons:
            raise self._launches.refuse_by_hand(reasons, self._user, incident, now_s)
        assert incident.position is not None  # against_launch_by_hand has looked
        return Wish(incident.position, self._regime, self._asset_id)

    def take(self, wish: Wish, choice: Choice, now_s: float) -> None:
        incident, launches = self._incident, self._launches
        by_hand = f"{self._user} sends an aircraft by hand, under {wish.regime.name}."
        launches.memory.keep_decision(incident, (by_hand, choice.sentence), now_s)
        if choice.best is None:
            raise launches.refuse_by_hand((choice.sentence,), self._user, incident, now_s)
        self.flight.set_result(launches.begin(incident, choice, wish.regime, "by hand", self._user, now_s))
        launches.memory.on_change(incident)

    def fail(self, error: Exception, now_s: float) -> None:
        if not isinstance(error, NotDone):
            log.error("No aircraft could be chosen by hand for %s", self.incident_id, exc_info=error)
        self._launches.memory.on_change(self._incident)
        if not self.flight.done():
            self.flight.set_exception(error)
