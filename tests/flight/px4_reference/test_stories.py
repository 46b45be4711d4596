"""The built-in autopilot tells the same story as PX4 did, scenario by scenario."""

import copy

import pytest

from sim.autopilot import record
from sim.autopilot.compare import REFERENCE, SCATTERING, compared, scenarios, spread, table
from sim.autopilot.record_more import MORE
from sim.autopilot.story import Row, compare, read_trace


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
        ("mode", "system_status", "MAV_STATE_CRITICAL", "modes"),
        ("ack", "result", "MAV_RESULT_DENIED", "command answers"),
        ("text", "text", "Something else\t", "texts"),
        ("landed", "state", "MAV_LANDED_STATE_IN_AIR", "landed states"),
        ("mission_ack", "result", "MAV_MISSION_ERROR", "mission answers"),
        ("mission_reached", "seq", 9, "items reached"),
    ],
)
def test_a_changed_event_is_noticed(kind: str, field: str, other: str, row: str) -> None:
    trace = read_trace(REFERENCE / f"{'mission' if kind == 'mission_reached' else 'dispatch'}.jsonl.gz")
    changed = copy.deepcopy(trace)
    next(event for event in changed if event["type"] == kind)[field] = other
    assert row in [r.what for r in compare(trace, changed) if not r.agrees]


@pytest.mark.parametrize(("metres", "agrees"), [(1, True), (2, False)])
def test_a_height_in_a_text_is_off_by_a_metre_at_most_and_it_is_said(metres: int, agrees: bool) -> None:
    trace = read_trace(REFERENCE / "dispatch.jsonl.gz")
    changed = copy.deepcopy(trace)
    event = next(event for event in changed if event.get("text", "").startswith("RTL: start return at 769 m"))
    event["text"] = event["text"].replace("769 m", f"{769 - metres} m")
    (row,) = (row for row in compare(trace, changed) if row.what == "texts")
    assert row.agrees is agrees
    assert ("768 m" in row.note) is agrees


def test_what_follows_a_first_disarming_is_compared_too() -> None:
    trace = read_trace(REFERENCE / "denied.jsonl.gz")
    changed = [event for event in copy.deepcopy(trace) if event.get("text") != "Takeoff detected\t"]
    assert "texts" in [row.what for row in compare(trace, changed) if not row.agrees]


def test_a_value_among_px4s_own_is_still_held_to_the_limit_around_their_median() -> None:
    trace = read_trace(REFERENCE / "battery.jsonl.gz")
    what = "1 m to landing detected"

    def row_of(later_s: float) -> Row:
        changed = copy.deepcopy(trace)
        for event in changed:
            event["t"] += later_s if event.get("text") == "Landing detected\t" else 0.0
        (row,) = (row for row in compare(trace, changed, spread()) if row.what == what)
        return row

    assert row_of(0.5).agrees
    assert not row_of(0.5).note
    assert row_of(2.3).agrees
    assert "median of" in row_of(2.3).note
    assert not row_of(5.0).agrees, "PX4 itself took longer at times, and that is no excuse"


def test_only_the_rows_that_scatter_have_an_excuse() -> None:
    assert set(spread()) == set(SCATTERING)
    assert all(max(values) - min(values) > 0.1 * max(values) for values in spread().values())


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
