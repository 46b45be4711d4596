"""What an aircraft in the air loses: told once, loudly, and nothing is decided by what is not known any more."""

from dataclasses import replace
from pathlib import Path

import pytest

from dfr.core.command import Command, GoTo, Hold, ReturnHome
from dfr.core.flight import FlightState
from dfr.core.onboard import FixKind, SatelliteFix
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.core.telemetry import OLDEST_POSITION_S, FlightMode, LandedState, Telemetry, Timed
from dfr.dispatch.acted import PositionsActedOn
from dfr.dispatch.clock_watch import ClockWatch
from dfr.dispatch.losses import BLIND_S, MOTOR_ACTS_S, SILENT_RETURN_S, UNANSWERED_S
from dfr.dispatch.refusal import NotDone
from tests.support.fakes import FakeFleet, Fault
from tests.unit.dispatch.small import SCENE, Rig
from tests.unit.dispatch.test_careful import seen_otherwise

S = FlightState


def flying(folder: Path, state: FlightState = S.EN_ROUTE) -> tuple[Rig, str]:
    rig = Rig(folder)
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, state)
    return rig, flight_id


def alarms(rig: Rig, words: str) -> list[str]:
    return [alarm.sentence for alarm in rig.memory.alarms if words in alarm.sentence]


def sent_since(fleet: FakeFleet, before: int) -> list[Command]:
    return [request.command for request in fleet.submitted[before:]]


@pytest.mark.parametrize("state", [S.EN_ROUTE, S.ON_SCENE])
def test_positions_that_stop_stop_the_aircraft_and_are_told_once(tmp_path: Path, state: FlightState) -> None:
    rig, flight_id = flying(tmp_path, state)
    before = len(rig.fleet.submitted)
    rig.fleet.fail("sky-1", Fault.POSITION_STALLS)
    rig.run(BLIND_S - 0.5)
    assert sent_since(rig.fleet, before) == []
    rig.run(1.5)
    assert next(type(command) for command in sent_since(rig.fleet, before)) is Hold
    assert rig.flight(flight_id).state is (S.ON_SCENE if state is S.ON_SCENE else S.HOLDING)
    rig.run(20.0)
    (told,) = alarms(rig, "Where it is, is not known")
    assert "s old" in told


def test_without_satellites_a_position_is_a_guess(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig, flight_id = flying(tmp_path)
    seen_otherwise(rig.fleet, "sky-1", monkeypatch, satellite_fix=Timed(SatelliteFix(FixKind.NONE), rig.now_s))
    rig.run(BLIND_S + 1.0)
    assert len(alarms(rig, "satellite fix")) == 1
    assert rig.flight(flight_id).state is S.HOLDING
    with pytest.raises(NotDone) as refused:
        rig.director.pilot_command(flight_id, PilotCommand(PilotAction.MOVE, to=SCENE), "pat", rig.now_s)
    assert "not known now" in str(refused.value)
    with pytest.raises(NotDone) as refused:
        rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RESUME), "pat", rig.now_s)
    assert "a guess" in str(refused.value)


def test_an_autopilot_that_lands_for_want_of_a_position_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order could only take the word from its failsafe."""
    rig, flight_id = flying(tmp_path)
    before = len(rig.fleet.sent("sky-1", Hold))
    lands = {
        "satellite_fix": Timed(SatelliteFix(FixKind.NONE), rig.now_s),
        "mode": Timed(FlightMode.LAND, rig.now_s + 60.0),
    }
    seen_otherwise(rig.fleet, "sky-1", monkeypatch, **lands)
    rig.run(BLIND_S + 2.0)
    assert len(rig.fleet.sent("sky-1", Hold)) == before
    assert rig.flight(flight_id).state is S.LANDING
    assert alarms(rig, "It lands where it is.")


def test_a_failed_motor_is_the_aircrafts_own_to_act_on_and_ours_when_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, flight_id = flying(tmp_path)
    seen_otherwise(rig.fleet, "sky-1", monkeypatch, motors_ok=Timed(False, rig.now_s))
    rig.run(MOTOR_ACTS_S - 1.0)
    assert len(alarms(rig, "A motor fails")) == 1
    assert rig.fleet.sent("sky-1", Hold) == rig.fleet.sent("sky-1", ReturnHome) == []
    rig.run(2.0)
    assert rig.flight(flight_id).state is S.RETURNING
    assert len(rig.fleet.sent("sky-1", ReturnHome)) == 1
    assert len(alarms(rig, "does nothing about it")) == 1


def test_an_aircraft_that_lands_on_a_failed_motor_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, flight_id = flying(tmp_path)
    lands = {"motors_ok": Timed(False, rig.now_s), "mode": Timed(FlightMode.LAND, rig.now_s + 60.0)}
    seen_otherwise(rig.fleet, "sky-1", monkeypatch, **lands)
    rig.run(MOTOR_ACTS_S + 2.0)
    assert rig.fleet.sent("sky-1", Hold) == rig.fleet.sent("sky-1", ReturnHome) == []
    assert rig.flight(flight_id).state in (S.RETURNING, S.LANDING)


def test_orders_that_do_not_arrive_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig, flight_id = flying(tmp_path)
    before = len(rig.fleet.submitted)
    seen_otherwise(rig.fleet, "sky-1", monkeypatch, unanswered_since_s=rig.now_s)
    rig.run(UNANSWERED_S - 1.0)
    assert not alarms(rig, "does not answer")
    rig.run(6.0)
    assert len(alarms(rig, "does not answer")) == 1
    assert rig.flight(flight_id).state is S.EN_ROUTE, "it goes on; its own failsafe decides"
    assert sent_since(rig.fleet, before) == []


def test_a_long_silence_is_answered_by_a_return_that_may_be_heard(tmp_path: Path) -> None:
    rig, flight_id = flying(tmp_path)
    rig.fleet.fail("sky-1", Fault.LOSES_LINK)
    rig.until_state(flight_id, S.LINK_LOST, 2.0)
    before = len(rig.fleet.submitted)
    rig.run(SILENT_RETURN_S - 1.0)
    assert sent_since(rig.fleet, before) == []
    rig.run(2.0)
    assert sent_since(rig.fleet, before) == [ReturnHome()]
    rig.run(SILENT_RETURN_S)
    assert sent_since(rig.fleet, before) == [ReturnHome(), ReturnHome()]
    assert rig.flight(flight_id).state is S.LINK_LOST


def test_a_whole_flight_acts_on_no_old_position(tmp_path: Path) -> None:
    rig, flight_id = flying(tmp_path, S.ON_SCENE)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.until_state(flight_id, S.COMPLETED)
    positions = rig.director.positions
    assert positions.count > 50
    assert (positions.too_old, positions.oldest_s <= OLDEST_POSITION_S) == (0, True)


def test_an_old_position_would_be_counted(tmp_path: Path) -> None:
    rig, _ = flying(tmp_path)
    telemetry = rig.fleet.telemetry()["sky-1"]
    counted = PositionsActedOn()
    counted.judged(telemetry, rig.now_s)
    counted.judged(telemetry, rig.now_s + 0.6)
    counted.sent(Hold(), Telemetry("sky-1"), rig.now_s)
    assert (counted.count, counted.too_old) == (2, 1)
    counted.sent(GoTo(rig.flight(next(iter(rig.memory.flights))).stand_off, 5.0), Telemetry("sky-1"), rig.now_s)
    assert counted.too_old == 2


def test_what_never_left_the_ground_is_aborted_and_what_did_is_completed(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.ready()
    flight_id = rig.launched()
    rig.fleet.fail("sky-1", Fault.NEVER_ANSWERS)
    rig.fleet.aircraft["sky-1"].landed = LandedState.ON_GROUND
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    aircraft = rig.fleet.aircraft["sky-1"]
    aircraft.armed, aircraft.goal, aircraft.height_m = False, None, 0.0
    rig.run(6.0)
    assert rig.flight(flight_id).state is S.ABORTED
    assert "never lifted off" in rig.flight(flight_id).sentence


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_machine_clock_that_is_set_in_flight_is_told_and_disturbs_nothing(tmp_path: Path, jump_s: float) -> None:
    watch = ClockWatch()
    assert watch.look(0.0, 0.2) == ""
    said = watch.look(1.0, jump_s)
    assert "3600.0 s" in said
    assert ("ahead" in said) is (jump_s > 0)
    assert watch.look(2.0, jump_s) == ""
    assert watch.look(2.5, 0.0) == "", "looked at once a second"
    assert "right again" in watch.look(3.5, 0.1)


def test_after_a_wrong_clock_an_old_launch_is_not_carried_out(tmp_path: Path) -> None:
    """The journal's times lie in the future when the clock was set back before the restart."""
    rig = Rig(tmp_path)
    flight_id = rig.launched()
    rig.clock.advance(-3600.0)
    rig.restart()
    rig.run(5.0)
    assert rig.flight(flight_id).state is S.ABORTED


def test_a_move_on_the_way_is_no_arrival(tmp_path: Path) -> None:
    rig, flight_id = flying(tmp_path)
    route = rig.flight(flight_id).route
    aside = replace(route[-1], position=rig.fleet.telemetry()["sky-1"].kinematics.value.position)  # type: ignore[union-attr]
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.MOVE, to=aside.position), "pat", rig.now_s)
    rig.run(20.0)
    moved = rig.flight(flight_id)
    assert (moved.state, moved.route) == (S.HOLDING, route)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RESUME), "pat", rig.now_s)
    rig.until_state(flight_id, S.ON_SCENE)
