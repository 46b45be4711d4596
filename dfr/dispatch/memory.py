"""What the engine knows and must not forget: every change is in the journal before anybody sees it."""

import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from dfr.core.camera import KeptPhotograph, Photograph
from dfr.core.command import Command, Outcome, Request, UploadFence
from dfr.core.flight import Flight
from dfr.core.incident import Incident
from dfr.core.record import Alarm, RefusalRecord, Severity, TrackPoint
from dfr.core.telemetry import Telemetry
from dfr.core.temporary_zone import TemporaryZone
from dfr.journal.entry import Draft, Entry
from dfr.journal.journal import Journal

KEPT_REFUSALS = 500
KEPT_ALARMS = 100

Change = Incident | Flight | RefusalRecord | Alarm | TemporaryZone
_INCIDENT, _FLIGHT = TypeAdapter(Incident), TypeAdapter(Flight)
TRACK = TypeAdapter(TrackPoint)
PHOTOGRAPH, KEPT_PHOTOGRAPH = TypeAdapter(Photograph), TypeAdapter(KeptPhotograph)
REFUSAL, _ALARM = TypeAdapter(RefusalRecord), TypeAdapter(Alarm)
_ZONE = TypeAdapter(TemporaryZone)


def new_id(prefix: str) -> str:
    """A short unique id that says what it names: `flight-3f9a2c71b04d`."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


class Memory:
    """Incidents, flights, refusals and alarms, rebuilt from the journal at start."""

    def __init__(self, journal: Journal, on_change: Callable[[Change], None] = lambda change: None) -> None:
        self._journal = journal
        self.on_change = on_change
        self.on_photograph: Callable[[Flight, Photograph], None] = lambda flight, photograph: None
        self.incidents: dict[str, Incident] = {}
        self.flights: dict[str, Flight] = {}
        self.refusals: deque[RefusalRecord] = deque(maxlen=KEPT_REFUSALS)
        self.alarms: deque[Alarm] = deque(maxlen=KEPT_ALARMS)
        self.decided: set[str] = set()
        """Incidents about which it was decided whether an aircraft goes: one incident launches once."""
        self.temporary_zones: dict[str, TemporaryZone] = {}
        """Those that people added, the ended and lifted ones too."""
        self._by_source: dict[tuple[str, str], str] = {}
        self._fences_told: set[str] = set()
        for entry in journal.read(kinds=("incident", "decision", "flight", "refusal", "alarm", "temporary_zone")):
            self._restore(entry)

    def incident_of(self, source: str, source_id: str) -> Incident | None:
        incident_id = self._by_source.get((source, source_id))
        return None if incident_id is None else self.incidents[incident_id]

    def flights_of(self, incident_id: str) -> list[Flight]:
        return [flight for flight in self.flights.values() if flight.incident_id == incident_id]

    def under_way(self) -> list[Flight]:
        return [flight for flight in self.flights.values() if not flight.state.is_over]

    def newest_flights(self, count: int) -> tuple[Flight, ...]:
        """So many, and before them every older one that is under way."""
        flights = tuple(self.flights.values())
        older = (flight for flight in flights[:-count] if not flight.state.is_over)
        return (*older, *flights[-count:])

    def keep_raw_call(self, raw: str, received_by: str, now_s: float) -> None:
        """What CAD sent, to the letter, before anything is made of it."""
        self._journal.append("call", {"raw": raw, "received_by": received_by}, at_s=now_s)

    def keep_incident(self, incident: Incident, now_s: float) -> Incident:
        content = _INCIDENT.dump_python(incident, mode="json")
        self._journal.append("incident", content, at_s=now_s, incident_id=incident.id)
        self._put(incident)
        self.on_change(incident)
        return incident

    def keep_decision(
        self, incident: Incident, sentences: tuple[str, ...], now_s: float, asset_id: str | None = None
    ) -> None:
        """What the policy and the choice said of this incident, before anything is done about it.

        With the asset that is to go it counts after a restart only together with the flight: see `_restore`.
        """
        content = {"sentences": sentences, "asset_id": asset_id}
        self._journal.append("decision", content, at_s=now_s, incident_id=incident.id)
        self.decided.add(incident.id)

    def keep_flight(self, flight: Flight, now_s: float) -> Flight:
        self._journal.append(
            "flight",
            _FLIGHT.dump_python(flight, mode="json"),
            at_s=now_s,
            incident_id=flight.incident_id,
            flight_id=flight.id,
            asset_id=flight.asset_id,
        )
        self.flights[flight.id] = flight
        self.decided.add(flight.incident_id)
        self.on_change(flight)
        return flight

    def keep_request(self, request: Request, now_s: float) -> None:
        """A command, before it is sent."""
        content = {"name": type(request.command).__name__, "command": self._described(request.command, now_s)} | {
            "request_id": request.id,
            "origin": request.origin,
            "requested_by": request.requested_by,
        }
        self._journal.append(
            "command", content, at_s=now_s, flight_id=request.flight_id or "", asset_id=request.asset_id
        )

    def _described(self, command: Command, now_s: float) -> dict[str, Any]:
        """The command as plain data; a fence, which is large and sent often, by its digest after the first time."""
        if not isinstance(command, UploadFence):
            return asdict(command)
        digest = command.plan.digest
        if digest not in self._fences_told:
            self._fences_told.add(digest)
            self._journal.append("fence", {"digest": digest, "plan": asdict(command.plan)}, at_s=now_s)
        return {"digest": digest}

    def keep_outcome(self, outcome: Outcome, flight_id: str) -> None:
        content = {"request_id": outcome.request_id, "kind": outcome.kind, "sentence": outcome.sentence}
        self._journal.append("outcome", content, at_s=outcome.at_s, flight_id=flight_id, asset_id=outcome.asset_id)

    def keep_tracks(self, seen: Sequence[tuple[Flight, Telemetry]], now_s: float) -> None:
        """Where each aircraft is, how it moves and where its camera looks: one point of each flight's track."""
        points = ((flight, _track_point(telemetry)) for flight, telemetry in seen)
        self._journal.append_all(
            [
                Draft("track", TRACK.dump_python(point, mode="json"), now_s, "", flight.id, flight.asset_id)
                for flight, point in points
                if point is not None
            ]
        )

    def keep_looks(self, batches: Sequence[tuple[Flight, dict[str, Any]]], now_s: float) -> None:
        """How each aircraft and its camera were turned, as `dfr.dispatch.witness` writes it."""
        self._journal.append_all(
            [Draft("look", content, now_s, "", flight.id, flight.asset_id) for flight, content in batches]
        )

    def keep_photograph(self, flight: Flight, photograph: Photograph) -> None:
        content = PHOTOGRAPH.dump_python(photograph, mode="json")
        self._journal.append("photograph", content, at_s=photograph.at_s, flight_id=flight.id, asset_id=flight.asset_id)
        self.on_photograph(flight, photograph)

    def keep_photograph_file(self, flight: Flight, kept: KeptPhotograph, now_s: float) -> None:
        """The digest of its file, or why there is none."""
        content = KEPT_PHOTOGRAPH.dump_python(kept, mode="json")
        self._journal.append("photograph_file", content, at_s=now_s, flight_id=flight.id, asset_id=flight.asset_id)

    def keep_refusal(self, refusal: RefusalRecord) -> RefusalRecord:
        self._journal.append(
            "refusal",
            REFUSAL.dump_python(refusal, mode="json"),
            at_s=refusal.at_s,
            incident_id=refusal.incident_id or "",
            flight_id=refusal.flight_id or "",
            asset_id=refusal.asset_id or "",
        )
        self.refusals.append(refusal)
        self.on_change(refusal)
        return refusal

    def keep_temporary_zone(self, zone: TemporaryZone, now_s: float) -> TemporaryZone:
        """Added, or lifted."""
        content = _ZONE.dump_python(zone, mode="json")
        self._journal.append("temporary_zone", content, at_s=now_s, incident_id=zone.incident_id or "")
        self.temporary_zones[zone.id] = zone
        self.on_change(zone)
        return zone

    def raise_alarm(
        self,
        severity: Severity,
        sentence: str,
        now_s: float,
        *,
        flight_id: str | None = None,
        asset_id: str | None = None,
    ) -> Alarm:
        alarm = Alarm(new_id("alarm"), severity, sentence, now_s, asset_id, flight_id)
        content = _ALARM.dump_python(alarm, mode="json")
        self._journal.append("alarm", content, at_s=now_s, flight_id=flight_id or "", asset_id=asset_id or "")
        self.alarms.append(alarm)
        self.on_change(alarm)
        return alarm

    def note(self, kind: str, content: dict[str, Any], now_s: float, *, flight_id: str = "") -> None:
        """Anything else that belongs in the record: service started, engine stopped."""
        self._journal.append(kind, content, at_s=now_s, flight_id=flight_id)

    def _put(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident
        self._by_source[incident.source, incident.source_id] = incident.id

    def _restore(self, entry: Entry) -> None:
        match entry.kind:
            case "incident":
                self._put(_INCIDENT.validate_json(entry.data))
            case "decision" if not entry.content.get("asset_id"):
                self.decided.add(entry.incident_id)
            case "flight":
                flight = _FLIGHT.validate_json(entry.data)
                self.flights[flight.id] = flight
                self.decided.add(flight.incident_id)
            case "refusal":
                self.refusals.append(REFUSAL.validate_json(entry.data))
            case "temporary_zone":
                zone = _ZONE.validate_json(entry.data)
                self.temporary_zones[zone.id] = zone
            case "alarm":
                self.alarms.append(_ALARM.validate_json(entry.data))


def _track_point(telemetry: Telemetry) -> TrackPoint | None:
    if telemetry.kinematics is None:
        return None
    kinematics = telemetry.kinematics.value
    return TrackPoint(
        at_s=telemetry.kinematics.at_s,
        position=kinematics.position,
        altitude=kinematics.altitude,
        height=kinematics.height,
        ground_speed_mps=kinematics.velocity.ground_mps,
        battery_fraction=None if telemetry.battery is None else telemetry.battery.value.remaining_fraction,
        gimbal=None if telemetry.gimbal is None else telemetry.gimbal.value,
    )


def moved_to(flight: Flight, now_s: float, **changes: Any) -> Flight:
    """The flight with changed fields; `state_since_s` follows a changed state."""
    if "state" in changes and changes["state"] != flight.state:
        changes["state_since_s"] = now_s
    return replace(flight, **changes)
