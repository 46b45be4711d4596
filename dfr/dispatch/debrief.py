"""One flight as the journal tells it, for whoever asks afterwards."""

from dataclasses import replace
from itertools import pairwise

from dfr.core.camera import KeptPhotograph, Photograph
from dfr.core.command import Origin, OutcomeKind
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import distance_m
from dfr.core.incident import Incident
from dfr.core.look import HorizonProof, LookSample
from dfr.core.record import CommandRecord, FlightReport, RefusalRecord, TrackPoint
from dfr.dispatch.horizon import prove_flight
from dfr.dispatch.memory import KEPT_PHOTOGRAPH, PHOTOGRAPH, REFUSAL, TRACK
from dfr.dispatch.witness import decode
from dfr.journal.journal import Journal

KINDS = ("track", "command", "outcome", "refusal", "photograph", "photograph_file")


def flight_report(journal: Journal, flight: Flight, incident: Incident | None) -> FlightReport:
    """Track, commands with their outcomes, refusals, photographs, and the proof of where the camera looked."""
    track: list[TrackPoint] = []
    commands: dict[str, CommandRecord] = {}
    refusals: list[RefusalRecord] = []
    photographs: list[Photograph] = []
    kept: list[KeptPhotograph] = []
    for entry in journal.read(kinds=KINDS, flight_id=flight.id):
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
            case "photograph":
                photographs.append(PHOTOGRAPH.validate_json(entry.data))
            case "photograph_file":
                kept.append(KEPT_PHOTOGRAPH.validate_json(entry.data))
    flown_m = sum(distance_m(a.position, b.position) for a, b in pairwise(track))
    return FlightReport(
        flight,
        incident,
        tuple(track),
        tuple(commands.values()),
        tuple(refusals),
        flown_m if track else None,
        horizon_proof(journal, flight),
        tuple(photographs),
        tuple(kept),
    )


def horizon_proof(journal: Journal, flight: Flight) -> tuple[HorizonProof, ...]:
    """Whether the camera looked at the horizon on the way out and home; under way: up to the last sample."""
    states: list[tuple[float, FlightState]] = []
    samples: list[LookSample] = []
    for entry in journal.read(kinds=("flight", "look"), flight_id=flight.id):
        if entry.kind == "look":
            samples += decode(entry.content)
            continue
        state = FlightState(entry.content["state"])
        if not states or states[-1][1] is not state:
            states.append((entry.at_s, state))
    if not states:
        return ()
    return prove_flight(states, samples, samples[-1].at_s if samples else states[-1][0])
