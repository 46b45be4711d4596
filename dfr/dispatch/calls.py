"""Takes calls in: merges what CAD reports into incidents, lets the policy decide, and begins flights."""

from dataclasses import dataclass, replace

from dfr.core.flight import Decision, Flight, FlightState
from dfr.core.incident import Incident, IncidentState
from dfr.core.record import RefusalRecord, RefusalSubject, Severity
from dfr.core.regime import Regime
from dfr.core.report import Report
from dfr.core.zone import ZoneKind
from dfr.dispatch.choice import Choice, choose
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.memory import Memory, moved_to, new_id
from dfr.dispatch.picture import Site
from dfr.dispatch.policy import PolicyAction, decide
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.dispatch.table import Event


@dataclass(frozen=True, slots=True)
class CallTaken:
    """What became of a report."""

    incident: Incident
    flight_id: str | None
    created: bool
    duplicate: bool
    sentence: str


class CallDesk:
    """Used by the engine's loop alone."""

    def __init__(self, memory: Memory, director: FlightDirector) -> None:
        self._memory = memory
        self._director = director

    @property
    def _site(self) -> Site:
        return self._director.site

    def take(self, report: Report, raw: str, received_by: str, now_s: float) -> CallTaken:
        """Merge one report and act on it. One incident launches once, however often CAD repeats itself.

        Raises NotDone for a new call that has no usable position or lies outside the jurisdiction; it is kept.
        """
        self._memory.keep_raw_call(raw, received_by, now_s)
        known = self._memory.incident_of(report.source, report.source_id)
        if known is None:
            return self._take_new(report, received_by, now_s)
        if _is_older(report, known):
            return self._taken(known, True, "This report is older than what is known of the call; nothing was changed.")
        if not _says_something_new(report, known) and known.id in self._memory.decided:
            return self._taken(known, True, "This call is known already, just as it was reported; nothing was changed.")
        return self._revise(known, report, received_by, now_s)

    def launch_by_hand(
        self, incident_id: str, asset_id: str | None, user: str, now_s: float, regime_id: str = ""
    ) -> Flight:
        """A person sends an aircraft, under a regime of the site or its default. Raises NotDone with every reason."""
        incident = self._memory.incidents.get(incident_id)
        if incident is None:
            raise NotDone(RefusalKind.UNKNOWN, "Unknown incident", (f"There is no incident {incident_id}.",))
        if asset_id is not None and asset_id not in self._site.assets:
            raise NotDone(RefusalKind.UNKNOWN, "Unknown aircraft", (f"This site has no aircraft {asset_id}.",))
        regime = self._site.regimes.named(regime_id)
        if regime is None:
            known = ", ".join(one.id for one in self._site.regimes.may_use)
            why = f"This site may not fly under a regime {regime_id}; it may under {known}."
            raise NotDone(RefusalKind.UNKNOWN, "Unknown regime", (why,))
        reasons = self._against_launch(incident)
        if reasons:
            self._refuse(RefusalSubject.LAUNCH, "Launch refused", reasons, user, incident, now_s, RefusalKind.NOT_NOW)
        assert incident.position is not None  # _against_launch has looked
        picture = self._director.picture(now_s).for_incident(incident.id)
        choice = choose(incident.position, picture, asset_id, regime=regime)
        by_hand = f"{user} sends an aircraft by hand, under {regime.name}."
        self._memory.keep_decision(incident, (by_hand, choice.sentence), now_s)
        if choice.best is None:
            sentences = (choice.sentence,)
            self._refuse(RefusalSubject.LAUNCH, "Launch refused", sentences, user, incident, now_s, RefusalKind.NOT_NOW)
        return self._begin(incident, choice, regime, "by hand", user, now_s)

    def keep_unreadable(self, title: str, sentence: str, raw: str, received_by: str, now_s: float) -> str:
        """A document that is no report: kept whole, with why. The kept refusal's id."""
        self._memory.keep_raw_call(raw, received_by, now_s)
        record = RefusalRecord(new_id("refusal"), now_s, RefusalSubject.CALL, title, (sentence,), received_by)
        return self._memory.keep_refusal(record).id

    def decide_what_was_cut_short(self, now_s: float, within_s: float = 60.0) -> None:
        """After a restart: incidents that were taken in and not decided yet, if they are fresh."""
        for incident in list(self._memory.incidents.values()):
            undecided = incident.id not in self._memory.decided and incident.state is IncidentState.OPEN
            fresh = now_s - incident.received_s < within_s
            if undecided and fresh and incident.position is not None and self._in_jurisdiction(incident):
                self._decide(incident, now_s)

    # -- reports --------------------------------------------------------------------------------------------------

    def _take_new(self, report: Report, received_by: str, now_s: float) -> CallTaken:
        incident = _incident(report, new_id("incident"), now_s)
        self._memory.keep_incident(incident, now_s)
        if incident.state is not IncidentState.OPEN:
            return self._taken(
                incident, False, f"Kept: the call was {incident.state} when it was first heard of.", True
            )
        return self._taken(incident, False, self._act(incident, received_by, now_s), True)

    def _act(self, incident: Incident, received_by: str, now_s: float) -> str:
        """Decide about an open incident that is not decided yet. Raises NotDone when it cannot be acted on."""
        if incident.position is None:
            reason = incident.note or "The call has no position."
            sentence = f"{reason} It is kept and shown; send it again with a position, and it is decided then."
            self._refuse_call("No usable position", sentence, incident, received_by, now_s)
        if not self._in_jurisdiction(incident):
            sentence = f"The call at {incident.position} is outside this site's operating area. It is kept and shown."
            self._refuse_call("Outside the jurisdiction", sentence, incident, received_by, now_s)
        return self._decide(incident, now_s)

    def _revise(self, known: Incident, report: Report, received_by: str, now_s: float) -> CallTaken:
        revised = replace(
            _incident(report, known.id, now_s),
            received_s=known.received_s,
            position=report.position or known.position,
            uncertainty_m=report.uncertainty_m if report.position else known.uncertainty_m,
        )
        self._memory.keep_incident(revised, now_s)
        if revised.state is not IncidentState.OPEN:
            sentences = [f"The call is {revised.state}."]
            for flight in self._flying(revised):
                after = self._director.happen(flight, Event.INCIDENT_OVER, now_s, why=f"CAD says: {revised.state}.")
                name = self._site.assets[flight.asset_id].name
                called = (
                    f"{name} is called home." if after is not flight else f"{name} is left as it is: {flight.sentence}"
                )
                sentences.append(called)
            return self._taken(revised, False, " ".join(sentences))
        moved = revised.position != known.position
        if moved and self._flying(revised):
            self._tell_moved(revised, now_s)
            return self._taken(revised, False, "The call's location changed; the pilot is told.")
        graver = (revised.type, revised.priority) != (known.type, known.priority)
        never_sent = not self._memory.flights_of(revised.id)
        if revised.id not in self._memory.decided or (graver and never_sent):
            return self._taken(revised, False, self._act(revised, received_by, now_s))
        return self._taken(revised, False, "The call was updated.")

    def _tell_moved(self, incident: Incident, now_s: float) -> None:
        for flight in self._flying(incident):
            sentence = f"CAD moved the call to {incident.position}; {flight.asset_id} still flies to {flight.scene}."
            self._memory.raise_alarm(Severity.WARNING, sentence, now_s, flight_id=flight.id, asset_id=flight.asset_id)

    def _flying(self, incident: Incident) -> list[Flight]:
        return [flight for flight in self._memory.flights_of(incident.id) if not flight.state.is_over]

    def _in_jurisdiction(self, incident: Incident) -> bool:
        assert incident.position is not None
        return bool(self._site.airspace.zones_at(incident.position, ZoneKind.OPERATING_AREA))

    def _taken(self, incident: Incident, duplicate: bool, sentence: str, created: bool = False) -> CallTaken:
        flights = self._memory.flights_of(incident.id)
        return CallTaken(incident, flights[-1].id if flights else None, created, duplicate, sentence)

    # -- decisions ------------------------------------------------------------------------------------------------

    def _decide(self, incident: Incident, now_s: float) -> str:
        verdict = decide(self._site.rules, incident)
        if verdict.action is not PolicyAction.AUTO:
            self._memory.keep_decision(incident, (verdict.sentence,), now_s)
            return verdict.sentence
        if self._director.zones.is_changing:
            # Left undecided: `decide_what_was_cut_short` follows as soon as the fences are made.
            return (
                f"{verdict.sentence} The zones have just changed; it is decided when the fences are made, in seconds."
            )
        assert incident.position is not None
        regime = self._site.regimes.named(verdict.regime) or self._site.regimes.default
        picture = self._director.picture(now_s).for_incident(incident.id)
        choice = choose(incident.position, picture, None, verdict.minutes_on_scene * 60.0, regime)
        chosen = None if choice.best is None else choice.best.asset.id
        self._memory.keep_decision(incident, (verdict.sentence, choice.sentence), now_s, chosen)
        if choice.best is None:
            record = self._record(
                RefusalSubject.LAUNCH, "Nobody can go", (verdict.sentence, choice.sentence), "policy", incident, now_s
            )
            self._memory.keep_refusal(record)
            self._memory.raise_alarm(Severity.WARNING, f"{incident.type}: {choice.sentence}", now_s)
            return f"{verdict.sentence} {choice.sentence}"
        flight = self._begin(incident, choice, regime, verdict.rule, "policy", now_s)
        if flight.state is FlightState.ABORTED:
            return f"{verdict.sentence} {flight.sentence}"
        return f"{verdict.sentence} {choice.sentence}"

    def _begin(self, incident: Incident, choice: Choice, regime: Regime, rule: str, by: str, now_s: float) -> Flight:
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
        return self._director.begin(moved_to(flight, now_s), now_s)

    def _against_launch(self, incident: Incident) -> tuple[str, ...]:
        reasons = []
        if incident.state is not IncidentState.OPEN:
            reasons.append(f"The incident is {incident.state}.")
        if incident.position is None:
            reasons.append("The incident has no usable position.")
        elif not self._in_jurisdiction(incident):
            reasons.append("The incident is outside this site's operating area.")
        if self._flying(incident):
            reasons.append("An aircraft is already on this incident.")
        verdict = decide(self._site.rules, incident)
        if verdict.action is PolicyAction.NEVER:
            reasons.append(verdict.sentence)
        return tuple(reasons)

    # -- refusals -------------------------------------------------------------------------------------------------

    def _refuse_call(self, title: str, sentence: str, incident: Incident, by: str, now_s: float) -> None:
        """Kept with its sentence, which is shown beside the incident, and raised to who sent it."""
        self._memory.keep_incident(replace(incident, note=sentence), now_s)
        self._refuse(RefusalSubject.CALL, title, (sentence,), by, incident, now_s, RefusalKind.UNUSABLE)

    def _refuse(
        self,
        subject: RefusalSubject,
        title: str,
        sentences: tuple[str, ...],
        by: str,
        incident: Incident,
        now_s: float,
        kind: RefusalKind,
    ) -> None:
        record = self._record(subject, title, sentences, by, incident, now_s)
        raise NotDone(kind, title, sentences, self._memory.keep_refusal(record))

    def _record(
        self,
        subject: RefusalSubject,
        title: str,
        sentences: tuple[str, ...],
        by: str,
        incident: Incident,
        now_s: float,
    ) -> RefusalRecord:
        return RefusalRecord(new_id("refusal"), now_s, subject, title, sentences, by, incident.id)


def _incident(report: Report, incident_id: str, now_s: float) -> Incident:
    return Incident(
        id=incident_id,
        source=report.source,
        source_id=report.source_id,
        type=report.type,
        priority=report.priority,
        position=report.position,
        received_s=now_s,
        updated_s=now_s,
        state=report.status,
        source_priority=report.source_priority,
        source_updated_s=report.source_updated_s,
        uncertainty_m=report.uncertainty_m,
        address=report.address,
        description=report.description,
        note=report.note,
    )


def _is_older(report: Report, known: Incident) -> bool:
    return (
        report.source_updated_s is not None
        and known.source_updated_s is not None
        and report.source_updated_s < known.source_updated_s
    )


def _says_something_new(report: Report, known: Incident) -> bool:
    said = _incident(report, known.id, known.updated_s)
    # The note is ours to write; what stays the same is no news.
    kept = {"received_s": known.received_s, "source_updated_s": known.source_updated_s, "note": known.note}
    return replace(said, **kept) != known  # type: ignore[arg-type]
