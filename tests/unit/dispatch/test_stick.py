"""The pilot's stick, from the first word to the hold: what is flown of it; nothing late or lost moves anything."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from dfr.core.command import Fly, Hold, Launch, Origin, Request
from dfr.core.flight import Activity, FlightState
from dfr.core.geo import AboveTakeoff, Amsl
from dfr.core.pilot import PilotAction, PilotCommand, Stick
from dfr.core.regime import NO_REGIME
from dfr.core.telemetry import FlightMode, Kinematics, Velocity
from dfr.dispatch.gate import Authorized, Refused, authorize
from dfr.dispatch.refusal import NotDone
from dfr.dispatch.stick import in_earth_frame
from tests.support.fakes import Fault
from tests.unit.dispatch.small import ORIGIN, Rig, place

S = FlightState
STEP_S = 0.1


def word(sequence: int, hold_id: str = "a", **wanted: float) -> Stick:
    return Stick(hold_id, sequence, **wanted)  # type: ignore[arg-type]


def say(rig: Rig, flight_id: str, stick: Stick, user: str = "ann") -> tuple[str, ...]:
    return rig.director.pilot_command(flight_id, PilotCommand(PilotAction.FLY, stick=stick), user, rig.now_s)


def on_scene(rig: Rig) -> str:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    rig.run(4.0)
    return flight_id


def hold_stick(rig: Rig, flight_id: str, seconds: float, **wanted: float) -> set[str]:
    """What was said to it meanwhile."""
    said: set[str] = set()
    for number in range(round(seconds / STEP_S)):
        said |= set(say(rig, flight_id, word(number, **wanted)))
        rig.turn(STEP_S)
    return said


def flown(rig: Rig) -> list[Fly]:
    return [command for command in rig.fleet.sent("sky-1", Fly) if isinstance(command, Fly)]


@pytest.mark.parametrize(
    ("heading_deg", "north_mps", "east_mps"), [(0.0, 4.0, 1.0), (90.0, -1.0, 4.0), (180.0, -4.0, -1.0)]
)
def test_forward_is_where_the_nose_points(heading_deg: float, north_mps: float, east_mps: float) -> None:
    here = Kinematics(ORIGIN, Amsl(755.0), AboveTakeoff(50.0), Velocity(0.0, 0.0, 0.0), heading_deg)
    fly = in_earth_frame(word(0, forward_mps=4.0, right_mps=1.0, up_mps=2.0, turn_degps=30.0), here)
    assert fly is not None
    assert (fly.velocity.north_mps, fly.velocity.east_mps) == pytest.approx((north_mps, east_mps))
    assert (fly.velocity.down_mps, fly.yaw_rate_degps) == (-2.0, 30.0)
    assert in_earth_frame(word(0), None) is None


def test_held_it_flies_and_let_go_it_holds(rig: Rig) -> None:
    flight_id = on_scene(rig)
    before_m = rig.fleet.aircraft["sky-1"].east_m
    hold_stick(rig, flight_id, 3.0, right_mps=-3.0)
    flight = rig.flight(flight_id)
    assert (flight.state, flight.activity) == (S.ON_SCENE, Activity.FLY)
    assert "by stick" in flight.sentence
    assert rig.fleet.aircraft["sky-1"].mode is FlightMode.OFFBOARD
    assert rig.fleet.aircraft["sky-1"].east_m < before_m - 5.0
    say(rig, flight_id, Stick("a", 99, released=True))
    flight = rig.flight(flight_id)
    assert (flight.state, flight.activity) == (S.ON_SCENE, Activity.HOLD)
    assert "let go" in flight.sentence
    assert isinstance(rig.fleet.commands("sky-1")[-2], Hold)


def test_without_a_word_for_half_a_second_it_holds_and_says_so(rig: Rig) -> None:
    flight_id = on_scene(rig)
    hold_stick(rig, flight_id, 1.0, forward_mps=3.0)
    silent_s = 0.0
    while rig.fleet.aircraft["sky-1"].mode is FlightMode.OFFBOARD:
        rig.turn(STEP_S)
        silent_s += STEP_S
        assert silent_s < 1.0
    assert silent_s == pytest.approx(0.5, abs=0.11)
    flight = rig.flight(flight_id)
    assert flight.activity is Activity.HOLD
    assert "Nothing was heard of the pilot's stick" in flight.sentence
    count = len(flown(rig))
    with pytest.raises(NotDone, match="take it again"):
        say(rig, flight_id, word(500, forward_mps=3.0))
    rig.turn(STEP_S)
    assert len(flown(rig)) == count
    say(rig, flight_id, word(0, "b", forward_mps=3.0))
    assert rig.flight(flight_id).activity is Activity.FLY


def test_an_older_word_neither_moves_it_nor_keeps_the_stick_alive(rig: Rig) -> None:
    flight_id = on_scene(rig)
    say(rig, flight_id, word(5, right_mps=-2.0))
    rig.turn(STEP_S)
    for _ in range(8):
        if rig.flight(flight_id).activity is Activity.FLY:
            say(rig, flight_id, word(4, right_mps=7.0))
        rig.turn(STEP_S)
    assert all(fly.velocity.ground_mps < 2.01 for fly in flown(rig))
    assert rig.flight(flight_id).activity is Activity.HOLD


def test_a_word_that_comes_after_its_release_moves_nothing(rig: Rig) -> None:
    flight_id = on_scene(rig)
    say(rig, flight_id, Stick("late", 2, released=True))
    with pytest.raises(NotDone):
        say(rig, flight_id, word(1, "late", forward_mps=5.0))
    assert not flown(rig)


def test_who_holds_the_stick_keeps_it_from_others(rig: Rig) -> None:
    flight_id = on_scene(rig)
    say(rig, flight_id, word(0, forward_mps=1.0))
    with pytest.raises(NotDone, match="ann flies it by stick"):
        say(rig, flight_id, word(0, "b", forward_mps=-1.0), "bob")
    say(rig, flight_id, word(0, "c", forward_mps=-1.0))
    with pytest.raises(NotDone, match="taken anew"):
        say(rig, flight_id, word(1, forward_mps=1.0))


def test_another_order_ends_it_and_a_return_is_never_held(rig: Rig) -> None:
    flight_id = on_scene(rig)
    hold_stick(rig, flight_id, 0.5, forward_mps=1.0)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "bob", rig.now_s)
    assert rig.flight(flight_id).activity is Activity.HOLD
    rig.turn(STEP_S)
    with pytest.raises(NotDone, match="sends it home"):
        say(rig, flight_id, word(50, forward_mps=1.0))
    rig.run(4.0)
    assert rig.flight(flight_id).state in (S.RETURNING, S.LANDING)


def test_a_held_border_is_slid_along_with_a_sentence_and_never_reached(rig: Rig) -> None:
    flight_id = on_scene(rig)
    aircraft, airspace = rig.fleet.aircraft["sky-1"], rig.site.airspace
    aircraft.east_m, aircraft.north_m = 640.0, 620.0
    rig.turn(STEP_S)
    said, nearest_m = set(), math.inf
    for number in range(200):
        said |= set(say(rig, flight_id, word(number, forward_mps=6.0, right_mps=3.0)))
        rig.turn(STEP_S)
        here = airspace.frame.to_local(place(aircraft.east_m, aircraft.north_m))
        nearest_m = min(nearest_m, math.hypot(here[0] - 800.0, here[1] - 800.0) - 150.0)
    assert rig.flight(flight_id).activity is Activity.FLY, rig.flight(flight_id).sentence
    assert any("border of" in sentence or "the fence on board" in sentence for sentence in said)
    assert nearest_m > airspace.margin_m


def test_an_old_position_is_refused_and_in_flight_it_holds(rig: Rig) -> None:
    flight_id = on_scene(rig)
    hold_stick(rig, flight_id, 0.5, forward_mps=1.0)
    rig.fleet.fail("sky-1", Fault.POSITION_STALLS)
    for number in range(100, 110):
        if rig.flight(flight_id).activity is Activity.FLY:
            say(rig, flight_id, word(number, forward_mps=1.0))
        rig.turn(STEP_S)
    assert rig.flight(flight_id).activity is Activity.HOLD
    with pytest.raises(NotDone, match="not known"):
        say(rig, flight_id, word(0, "b", forward_mps=1.0))
    refusals = len(rig.memory.refusals)
    with pytest.raises(NotDone, match="take it again"):
        say(rig, flight_id, word(1, "b", forward_mps=1.0))
    assert len(rig.memory.refusals) == refusals


def test_offboard_is_ours_while_the_stick_is_held_and_a_take_over_otherwise(rig: Rig) -> None:
    flight_id = on_scene(rig)
    hold_stick(rig, flight_id, 8.0, turn_degps=20.0)
    assert rig.flight(flight_id).activity is Activity.FLY
    say(rig, flight_id, Stick("a", 999, released=True))
    rig.run(4.0)
    rig.fleet.aircraft["sky-1"].mode = FlightMode.OFFBOARD
    rig.run(4.0)
    assert rig.flight(flight_id).state is S.TAKEN_OVER


def test_every_velocity_is_in_the_journal_before_it_is_sent(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    flight_id = on_scene(rig)
    written_first: list[bool] = []
    submit = rig.fleet.submit

    def entries() -> list[dict[str, Any]]:
        return [json.loads(entry.data) for entry in rig.journal.read(kinds=("stick",))]

    def look_first(order: Authorized) -> None:
        if isinstance(order.request.command, Fly):
            begun = 1  # the order itself holds the first one
            written_first.append(len(entries()) + begun == len(written_first) + 1)
        submit(order)

    monkeypatch.setattr(rig.fleet, "submit", look_first)
    hold_stick(rig, flight_id, 5.0, right_mps=-2.0)
    say(rig, flight_id, Stick("a", 999, released=True))
    assert len(written_first) == len(flown(rig)) > 40
    assert all(written_first)
    velocity = flown(rig)[-1].velocity
    wanted = [velocity.north_mps, velocity.east_mps, velocity.down_mps]
    assert entries()[-1]["flown"][:3] == pytest.approx(wanted, abs=0.01)
    assert {entry["flight_id"] for entry in entries()} == {flight_id}


def test_after_a_crash_nobody_holds_the_stick_and_it_holds(rig: Rig) -> None:
    flight_id = on_scene(rig)
    hold_stick(rig, flight_id, 0.5, forward_mps=1.0)
    rig.restart()
    rig.run(2.0)
    assert (rig.flight(flight_id).state, rig.flight(flight_id).activity) == (S.ON_SCENE, Activity.HOLD)
    assert rig.fleet.aircraft["sky-1"].mode is FlightMode.HOLD


def test_the_gate_authorises_the_allowed_part_and_says_why(rig: Rig) -> None:
    flight_id = on_scene(rig)
    down = Request("r", "sky-1", Fly(Velocity(0.0, 0.0, 9.0)), Origin.PILOT, "ann", flight_id)
    answer = authorize(down, rig.director.picture(rig.now_s), rig.now_s)
    assert isinstance(answer, Authorized)
    assert isinstance(answer.request.command, Fly)
    assert 0.0 <= answer.request.command.velocity.down_mps <= 2.5
    fast = Request("r", "sky-1", Fly(Velocity(0.0, -30.0, 0.0)), Origin.PILOT, "ann", flight_id)
    answer = authorize(fast, rig.director.picture(rig.now_s), rig.now_s)
    assert isinstance(answer, Authorized)
    assert isinstance(answer.request.command, Fly)
    assert answer.request.command.velocity.ground_mps <= 12.01


def test_on_the_ground_there_is_nothing_to_fly(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    with pytest.raises(NotDone):
        say(rig, flight_id, word(0, forward_mps=1.0))
    asked = Request("r", "sky-1", Fly(Velocity(1.0, 0.0, 0.0)), Origin.PILOT, "ann", flight_id)
    answer = authorize(asked, rig.director.picture(rig.now_s), rig.now_s)
    assert isinstance(answer, Refused)
    assert any("on the ground" in reason for reason in answer.reasons)
    assert rig.fleet.sent("sky-1", Launch)


@pytest.mark.parametrize("mode", [FlightMode.MANUAL, FlightMode.MISSION])
def test_somebody_else_who_takes_it_from_the_stick_is_left_alone(rig: Rig, mode: FlightMode) -> None:
    flight_id = on_scene(rig)
    hold_stick(rig, flight_id, 5.0, right_mps=-0.5)
    rig.fleet.aircraft["sky-1"].mode = mode
    for number in range(900, 940):
        if rig.flight(flight_id).state is S.ON_SCENE:
            say(rig, flight_id, word(number, right_mps=-0.5))
        rig.turn(STEP_S)
    assert rig.flight(flight_id).state is S.TAKEN_OVER
    count = len(flown(rig))
    with pytest.raises(NotDone, match="take it again"):
        say(rig, flight_id, word(999, right_mps=-0.5))
    rig.turn(STEP_S)
    assert len(flown(rig)) == count


def test_an_autopilot_that_stops_flying_by_velocities_is_held(rig: Rig) -> None:
    flight_id = on_scene(rig)
    hold_stick(rig, flight_id, 2.0, right_mps=-0.5)
    rig.fleet.aircraft["sky-1"].mode = FlightMode.HOLD
    rig.turn(STEP_S)
    flight = rig.flight(flight_id)
    assert (flight.state, flight.activity) == (S.ON_SCENE, Activity.HOLD)
    assert "velocities do not reach it" in flight.sentence


def test_no_faster_than_the_regime_allows(rig: Rig) -> None:
    flight_id = on_scene(rig)
    slow = replace(NO_REGIME, limits=replace(NO_REGIME.limits, greatest_speed_mps=2.0))
    rig.memory.keep_flight(replace(rig.flight(flight_id), regime=slow), rig.now_s)
    said = hold_stick(rig, flight_id, 1.0, right_mps=-8.0)
    assert all(fly.velocity.ground_mps < 2.01 for fly in flown(rig))
    assert any("allows 2.0 m/s" in sentence for sentence in said)


def test_it_is_not_flown_to_where_the_straight_way_home_is_closed_and_may_leave_from_there(rig: Rig) -> None:
    flight_id = on_scene(rig)
    aircraft = rig.fleet.aircraft["sky-1"]
    aircraft.east_m, aircraft.north_m = 1000.0, 720.0
    rig.turn(STEP_S)
    said = hold_stick(rig, flight_id, 20.0, forward_mps=4.0)
    assert any("way home" in sentence for sentence in said)
    assert 720.0 < aircraft.north_m < 750.0
    say(rig, flight_id, Stick("a", 999, released=True))
    aircraft.north_m = 790.0
    rig.turn(STEP_S)
    say(rig, flight_id, word(0, "b", forward_mps=-4.0))
    for number in range(1, 50):
        say(rig, flight_id, word(number, "b", forward_mps=-4.0))
        rig.turn(STEP_S)
    assert aircraft.north_m < 775.0
