"""One flight as the journal tells it, for whoever asks afterwards."""

from dataclasses import replace
from itertools import pairwise

from dfr.core.command import Origin, OutcomeKind
from dfr.core.flight import Flight
from dfr.core.geo import distance_m
from dfr.core.incident import Incident
from dfr.core.record import CommandRecord, FlightReport, RefusalRecord, TrackPoint
from dfr.dispatch.memory import REFUSAL, TRACK
from dfr.journal.journal import Journal


def flight_report(journal: Journal, flight: Flight, incident: Incident | None) -> FlightReport:
    """Track, commands with their outcomes, and refusals of a flight, in the order they happened."""
    track: list[TrackPoint] = []
    commands: dict[str, CommandRecord] = {}
    refusals: list[RefusalRecord] = []
    for entry in journal.read(flight_id=flight.id):
        content = entry.content
        match entry.kind:
            case "track":
                track.append(TRACK.validate_json(entry.data))
            case "command":
                commands[content["request_id"]] = CommandRecord(
                    content["request_id"],
                    entry.at_s,
                    content["name"],
                    Origin(content["origin"]),
                    content["requested_by"],
                )
            case "outcome" if content["request_id"] in commands:
                commands[content["request_id"]] = replace(
                    commands[content["request_id"]],
                    outcome=OutcomeKind(content["kind"]),
                    outcome_sentence=content["sentence"],
                    outcome_at_s=entry.at_s,
                )
            case "refusal":
                refusals.append(REFUSAL.validate_json(entry.data))
    flown_m = sum(distance_m(a.position, b.position) for a, b in pairwise(track))
    return FlightReport(
        flight, incident, tuple(track), tuple(commands.values()), tuple(refusals), flown_m if track else None
    )
