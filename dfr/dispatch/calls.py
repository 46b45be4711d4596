"""Takes calls in: merges what CAD reports into incidents, and lets it be decided about them."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

from dfr.core.flight import Flight
from dfr.core.incident import Incident, IncidentState
from dfr.core.record import RefusalRecord, RefusalSubject, Severity
from dfr.core.report import Report
from dfr.dispatch.beside import Beside
from dfr.dispatch.director import FlightDirector
from dfr.dispatch.launches import BEING_CHOSEN, Launches
from dfr.dispatch.memory import Memory, new_id
from dfr.dispatch.policy import PolicyAction, decide
from dfr.dispatch.refusal import NotDone, RefusalKind
from dfr.dispatch.table import Event

CUT_SHORT = (
    "The service stopped before it was decided about this call, and no aircraft was sent. Send one by hand if it is "
    "still needed."
)


@dataclass(frozen=True, slots=True)
class CallTaken:
    """What became of a report. It is kept, whatever else."""

    incident: Incident
    flight_id: str | None
    created: bool
    duplicate: bool
    sentence: str
    decided: "Future[str] | None" = None
    """While an aircraft is being chosen: what will be decided, in a sentence; see `CallDesk.as_decided`."""


class CallDesk:
    """Used by the engine's loop alone, which calls `tend` at every turn, and when the worker calls `wake`."""

    def __init__(
        self,
        memory: Memory,
        director: FlightDirector,
        wake: Callable[[], None] = lambda: None,
        worker: Executor | None = None,
    ) -> None:
        self._memory = memory
        self._director = director
        self._launches = Launches(memory, director, worker or Beside(), wake)

    def tend(self, now_s: float) -> None:
        """Begin the flights whose aircraft were chosen beside the loop, and let the next be chosen."""
        self._launches.choosing.tend(now_s)

    def take(self, report: Report, raw: str, received_by: str, now_s: float) -> CallTaken:
        """Merge one report and act on it. One incident launches once, however often CAD repeats itself.

        Raises NotDone for a new call that has no usable position or lies outside the jurisdiction; it is kept.
        """
        self._memory.keep_raw_call(raw, received_by, now_s)
        taken = self._take(report, received_by, now_s)
        self.tend(now_s)
        return taken

    def as_decided(self, taken: CallTaken) -> CallTaken:
        """The same, for a report of which `decided` is done."""
        assert taken.decided is not None
        incident = self._memory.incidents[taken.incident.id]
        return self._taken(incident, taken.duplicate, taken.decided.result(), taken.created)

    def shown(self, incidents: Iterable[Incident]) -> tuple[Incident, ...]:
        """As people see them: those too for which an aircraft is being chosen. The journal knows nothing of that."""
        chosen_for = self._launches.choosing.incident_ids
        return tuple(
            replace(one, note=f"{one.note} {BEING_CHOSEN}".strip()) if one.id in chosen_for else one
            for one in incidents
        )

    def launch_by_hand(
        self, incident_id: str, asset_id: str | None, user: str, now_s: float, regime_id: str = ""
    ) -> Future[Flight]:
        """A person sends an aircraft, under a regime of the site or its default. Raises NotDone with every reason, and
        so does the future; whoever cancels it before it is done launches nothing."""
        site = self._director.site
        incident = self._memory.incidents.get(incident_id)
        if incident is None:
            raise NotDone(RefusalKind.UNKNOWN, "Unknown incident", (f"There is no incident {incident_id}.",))
        if asset_id is not None and asset_id not in site.assets:
            raise NotDone(RefusalKind.UNKNOWN, "Unknown aircraft", (f"This site has no aircraft {asset_id}.",))
        regime = site.regimes.named(regime_id)
        if regime is None:
            known = ", ".join(one.id for one in site.regimes.may_use)
            why = f"This site may not fly under a regime {regime_id}; it may under {known}."
            raise NotDone(RefusalKind.UNKNOWN, "Unknown regime", (why,))
        if reasons := self._launches.against_launch_by_hand(incident):
            raise self._launches.refuse_by_hand(reasons, user, incident, now_s)
        flight = self._launches.by_hand(incident, asset_id, regime, user)
        self.tend(now_s)
        return flight

    def keep_unreadable(self, title: str, sentence: str, raw: str, received_by: str, now_s: float) -> str:
        """A document that is no report: kept whole, with why. The kept refusal's id."""
        self._memory.keep_raw_call(raw, received_by, now_s)
        record = RefusalRecord(new_id("refusal"), now_s, RefusalSubject.CALL, title, (sentence,), received_by)
        return self._memory.keep_refusal(record).id

    def decide_what_was_cut_short(self, now_s: float, within_s: float = 60.0) -> None:
        """After a restart: incidents that were taken in and not decided yet; of those that are not fresh it is told."""
        for incident in list(self._memory.incidents.values()):
            undecided = incident.id not in self._memory.decided and incident.state is IncidentState.OPEN
            if not undecided or incident.position is None or not self._launches.in_jurisdiction(incident):
                continue
            if now_s - incident.received_s < within_s:
                self._launches.by_rule(incident, now_s)
            elif incident.note != CUT_SHORT and self._flies_by_itself(incident):
                self._memory.keep_incident(replace(incident, note=CUT_SHORT), now_s)
                self._memory.raise_alarm(Severity.WARNING, f"{incident.type}: {CUT_SHORT}", now_s)
        self.tend(now_s)

    def _flies_by_itself(self, incident: Incident) -> bool:
        return decide(self._director.site.rules, incident).action is PolicyAction.AUTO

    # -- reports --------------------------------------------------------------------------------------------------

    def _take(self, report: Report, received_by: str, now_s: float) -> CallTaken:
        known = self._memory.incident_of(report.source, report.source_id)
        if known is None:
            return self._take_new(report, received_by, now_s)
        if _is_older(report, known):
            return self._taken(known, True, "This report is older than what is known of the call; nothing was changed.")
        if not _says_something_new(report, known):
            if known.id in self._memory.decided:
                why = "This call is known already, just as it was reported; nothing was changed."
                return self._taken(known, True, why)
            if self._launches.being_decided(known.id) is not None:
                return self._taken(known, True, f"This call is known already, just as it was reported. {BEING_CHOSEN}")
        return self._revise(known, report, received_by, now_s)

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
        if not self._launches.in_jurisdiction(incident):
            sentence = f"The call at {incident.position} is outside this site's operating area. It is kept and shown."
            self._refuse_call("Outside the jurisdiction", sentence, incident, received_by, now_s)
        return self._launches.by_rule(incident, now_s)

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
            for flight in self._launches.flying(revised):
                after = self._director.happen(flight, Event.INCIDENT_OVER, now_s, why=f"CAD says: {revised.state}.")
                name = self._director.site.assets[flight.asset_id].name
                called = (
                    f"{name} is called home." if after is not flight else f"{name} is left as it is: {flight.sentence}"
                )
                sentences.append(called)
            return replace(self._taken(revised, False, " ".join(sentences)), decided=None)
        moved = revised.position != known.position
        if moved and self._launches.flying(revised):
            self._tell_moved(revised, now_s)
            return self._taken(revised, False, "The call's location changed; the pilot is told.")
        graver = (revised.type, revised.priority) != (known.type, known.priority)
        never_sent = not self._memory.flights_of(revised.id)
        if revised.id not in self._memory.decided or (graver and never_sent):
            return self._taken(revised, False, self._act(revised, received_by, now_s))
        return self._taken(revised, False, "The call was updated.")

    def _tell_moved(self, incident: Incident, now_s: float) -> None:
        for flight in self._launches.flying(incident):
            sentence = f"CAD moved the call to {incident.position}; {flight.asset_id} still flies to {flight.scene}."
            self._memory.raise_alarm(Severity.WARNING, sentence, now_s, flight_id=flight.id, asset_id=flight.asset_id)

    def _taken(self, incident: Incident, duplicate: bool, sentence: str, created: bool = False) -> CallTaken:
        flights, decided = self._memory.flights_of(incident.id), self._launches.being_decided(incident.id)
        return CallTaken(incident, flights[-1].id if flights else None, created, duplicate, sentence, decided)

    def _refuse_call(self, title: str, sentence: str, incident: Incident, by: str, now_s: float) -> None:
        """Kept with its sentence, which is shown beside the incident, and raised to who sent it."""
        self._memory.keep_incident(replace(incident, note=sentence), now_s)
        record = self._launches.kept_refusal(RefusalSubject.CALL, title, (sentence,), by, incident, now_s)
        raise NotDone(RefusalKind.UNUSABLE, title, (sentence,), record)


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
