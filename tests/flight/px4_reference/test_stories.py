"""The built-in autopilot tells the same story as PX4 did, scenario by scenario."""

import copy

import pytest

from sim.autopilot import record
from sim.autopilot.compare import REFERENCE, compared, scenarios, table
from sim.autopilot.record_more import MORE
from sim.autopilot.story import compare, read_trace


@pytest.mark.parametrize("scenario", scenarios())
def test_the_built_in_autopilot_tells_px4s_story(scenario: str) -> None:
    rows = compared(scenario)
    assert all(row.agrees for row in rows), table(scenario, rows)


def test_every_first_scenario_has_its_flight_and_every_flight_its_scenario() -> None:
    assert {*record.SCENARIOS} <= {*scenarios()} <= {*record.SCENARIOS, *MORE}


@pytest.mark.parametrize("scenario", scenarios())
def test_every_flight_agrees_with_itself(scenario: str) -> None:
    trace = read_trace(REFERENCE / f"{scenario}.jsonl.gz")
    assert all(row.agrees for row in compare(trace, copy.deepcopy(trace)))


@pytest.mark.parametrize(
    ("kind", "field", "other", "row"),
    [
        ("mode", "mode", "RTL", "modes"),
        ("ack", "result", "MAV_RESULT_DENIED", "command answers"),
        ("text", "text", "Something else\t", "texts"),
        ("landed", "state", "MAV_LANDED_STATE_IN_AIR", "landed states"),
        ("mission_ack", "result", "MAV_MISSION_ERROR", "mission answers"),
    ],
)
def test_a_changed_event_is_noticed(kind: str, field: str, other: str, row: str) -> None:
    trace = read_trace(REFERENCE / "dispatch.jsonl.gz")
    changed = copy.deepcopy(trace)
    next(event for event in changed if event["type"] == kind)[field] = other
    assert row in [r.what for r in compare(trace, changed) if not r.agrees]


def test_a_flight_at_another_pace_is_noticed() -> None:
    trace = read_trace(REFERENCE / "dispatch.jsonl.gz")
    slower = [
        event | {"t": event["t"] * 1.3} | ({"after": event["after"] * 1.3} if "after" in event else {})
        for event in copy.deepcopy(trace)
    ]
    differing = {row.what for row in compare(trace, slower) if not row.agrees}
    assert {"to on scene", "return to landing", "landing down to 1 m"} <= differing


def test_a_longer_way_past_the_fence_is_noticed() -> None:
    trace = read_trace(REFERENCE / "fence_return.jsonl.gz")
    farther = copy.deepcopy(trace)
    farthest = max((event for event in farther if event["type"] == "pos"), key=lambda event: event["lat"])
    farthest["lat"] += 5 / 111320
    assert "past the fence" in [row.what for row in compare(trace, farther) if not row.agrees]
