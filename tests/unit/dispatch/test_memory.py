"""Memory: what was kept is there again after the service died, whatever it was."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.core.clock import ManualClock
from dfr.core.command import Launch, Origin, Outcome, OutcomeKind, Request, UploadFence
from dfr.core.fence import FencePlan, FencePolygon
from dfr.core.flight import Activity, Candidate, Decision, Flight, FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Position, Waypoint
from dfr.core.incident import Incident, IncidentState
from dfr.core.record import RefusalRecord, RefusalSubject, Severity
from dfr.dispatch.memory import KEPT_ALARMS, KEPT_REFUSALS, Change, Memory, moved_to, new_id
from dfr.journal.journal import Journal
from tests.unit.dispatch.small import SCENE, Rig, a_flight, place

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TIMES = st.floats(1.7e9, 1.9e9)
IDS = st.sampled_from(["a", "b", "c"])
POSITIONS = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))
AMSL = st.builds(Amsl, st.floats(-100, 5000))
WAYPOINTS = st.builds(Waypoint, POSITIONS, AMSL)
INCIDENTS = st.builds(
    Incident, IDS, TEXTS, TEXTS, TEXTS, st.integers(1, 5), st.none() | POSITIONS, TIMES, TIMES,
    state=st.sampled_from(IncidentState), source_priority=TEXTS, source_updated_s=st.none() | TIMES,
    uncertainty_m=st.none() | st.floats(0, 1e5), address=TEXTS, description=TEXTS, note=TEXTS,
    extra=st.dictionaries(TEXTS, TEXTS, max_size=2),
)  # fmt: skip
CANDIDATES = st.builds(Candidate, TEXTS, TEXTS, st.booleans(), TEXTS, st.none() | st.floats(0, 1e4))
FLIGHTS = st.builds(
    Flight, IDS, IDS, IDS, st.sampled_from(FlightState), TIMES,
    st.builds(Decision, TEXTS, TEXTS, st.lists(CANDIDATES, max_size=2).map(tuple), TEXTS), POSITIONS,
    st.lists(WAYPOINTS, min_size=1, max_size=3).map(tuple), leg=st.integers(0, 5), look_at=st.none() | POSITIONS,
    activity=st.sampled_from(Activity), sentence=TEXTS, times_s=st.dictionaries(TEXTS, TIMES, max_size=3),
)  # fmt: skip
REFUSALS = st.builds(
    RefusalRecord, IDS, TIMES, st.sampled_from(RefusalSubject), TEXTS, st.lists(TEXTS, max_size=3).map(tuple), TEXTS,
    st.none() | IDS, st.none() | IDS, st.none() | IDS,
)  # fmt: skip
ALARMS = st.tuples(st.sampled_from(Severity), TEXTS, TIMES, st.none() | IDS, st.none() | IDS)
STEPS = st.lists(INCIDENTS | FLIGHTS | REFUSALS | ALARMS | IDS, max_size=8)


def remembered(memory: Memory) -> tuple[object, ...]:
    return memory.incidents, memory.flights, list(memory.refusals), list(memory.alarms), memory.decided


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_everything_is_there_again_after_reopening_the_journal(steps: list[object]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        told: list[Change] = []
        with Journal(path) as journal:
            memory = Memory(journal, told.append)
            for step in steps:
                keep(memory, step)
            before = remembered(memory)
            by_source = {
                (i.source, i.source_id): memory.incident_of(i.source, i.source_id) for i in memory.incidents.values()
            }
        with Journal(path) as journal:
            again = Memory(journal)
            assert remembered(again) == before
            assert {key: again.incident_of(*key) for key in by_source} == by_source
            assert journal.verify() == []
        assert len(told) == sum(not isinstance(step, str) for step in steps)


def keep(memory: Memory, step: object) -> None:
    match step:
        case Incident():
            memory.keep_incident(step, step.updated_s)
        case Flight():
            memory.keep_flight(step, step.state_since_s)
        case RefusalRecord():
            memory.keep_refusal(step)
        case str():
            memory.keep_decision(replace(AN_INCIDENT, id=step), ("decided",), 0.0)
        case (severity, sentence, at_s, flight_id, asset_id):
            memory.raise_alarm(severity, sentence, at_s, flight_id=flight_id, asset_id=asset_id)


AN_INCIDENT = Incident("a", "cad", "1", "ROBBERY", 1, SCENE, 0.0, 0.0)


def test_nothing_is_shown_before_it_is_in_the_journal(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        missing: list[Change] = []

        def look(change: Change) -> None:
            newest = list(journal.read())[-1]
            if change.id not in (newest.content.get("id"),):
                missing.append(change)

        memory = Memory(journal, look)
        memory.keep_incident(AN_INCIDENT, 0.0)
        memory.raise_alarm(Severity.NOTICE, "Look.", 0.0)
        assert missing == []


def test_lists_for_people_are_bounded_and_keep_the_newest(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        memory = Memory(journal)
        journal.append = lambda *_, **__: None  # type: ignore[method-assign, assignment, return-value]
        for number in range(KEPT_ALARMS + 5):
            memory.raise_alarm(Severity.NOTICE, str(number), 0.0)
        for number in range(KEPT_REFUSALS + 5):
            memory.keep_refusal(RefusalRecord(str(number), 0.0, RefusalSubject.CALL, "", (), ""))
        assert [memory.alarms[0].sentence, memory.alarms[-1].sentence] == ["5", str(KEPT_ALARMS + 4)]
        assert [memory.refusals[0].id, memory.refusals[-1].id] == ["5", str(KEPT_REFUSALS + 4)]


def test_a_flight_that_is_under_way_is_shown_however_many_came_after_it(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        memory = Memory(journal)
        for number in range(6):
            state = FlightState.ON_SCENE if number in (1, 5) else FlightState.COMPLETED
            memory.keep_flight(a_flight(state, ManualClock(), id=f"flight-{number}"), 1000.0 + number)
        assert [flight.id for flight in memory.newest_flights(2)] == ["flight-1", "flight-4", "flight-5"]


def test_a_fence_is_written_out_once_and_named_after_that(tmp_path: Path) -> None:
    corners = (place(0, 0), place(100, 0), place(0, 100))
    plan = FencePlan((FencePolygon(corners, True),), max_height=AboveTakeoff(50.0))
    with Journal(tmp_path / "journal.sqlite") as journal:
        memory = Memory(journal)
        for number in range(3):
            memory.keep_request(Request(f"r{number}", "sky-1", UploadFence(plan), Origin.ENGINE, "standby"), 0.0)
        (fence,) = journal.read(kinds=("fence",))
        assert fence.content["digest"] == plan.digest
        assert len(fence.content["plan"]["polygons"][0]["corners"]) == 3
        assert [e.content["command"] for e in journal.read(kinds=("command",))] == [{"digest": plan.digest}] * 3


def test_commands_and_outcomes_are_written_with_who_and_why(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        memory = Memory(journal)
        memory.keep_request(Request("r", "sky-1", Launch(AboveTakeoff(45.0)), Origin.PILOT, "pat", "flight-1"), 10.0)
        memory.keep_outcome(Outcome("r", "sky-1", OutcomeKind.FAILED, "It does not arm.", 12.0), "flight-1")
        command, outcome = journal.read(flight_id="flight-1")
        assert (command.at_s, command.content["name"], command.content["command"]) == (
            10.0,
            "Launch",
            {"height": {"m": 45.0}, "clear_height": None},
        )
        assert (command.content["origin"], command.content["requested_by"]) == ("pilot", "pat")
        assert (outcome.at_s, outcome.content["kind"], outcome.content["sentence"]) == (
            12.0,
            "failed",
            "It does not arm.",
        )


def test_a_state_knows_since_when(rig: Rig) -> None:
    flight = a_flight(FlightState.EN_ROUTE, rig.clock)
    rig.clock.advance(5.0)
    assert moved_to(flight, rig.now_s, leg=1).state_since_s == flight.state_since_s
    assert moved_to(flight, rig.now_s, state=FlightState.EN_ROUTE).state_since_s == flight.state_since_s
    assert moved_to(flight, rig.now_s, state=FlightState.ON_SCENE).state_since_s == rig.now_s


def test_ids_say_what_they_name_and_differ() -> None:
    ids = {new_id("flight") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(one.startswith("flight-") for one in ids)
