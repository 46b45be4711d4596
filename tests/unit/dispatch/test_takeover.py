"""Somebody else flies it: seen within our own modes too, left alone, and taken back only when a person asks."""

from dataclasses import replace
from pathlib import Path

import pytest

from dfr.core.flight import FlightState
from dfr.core.geo import Position
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.core.telemetry import FlightMode, StatusText, Telemetry, Timed
from dfr.dispatch.refusal import NotDone
from dfr.dispatch.takeover import BEGAN_UNHEARD, BEGAN_WHILE_AWAY, reason
from tests.support.fakes import FakeFleet
from tests.unit.dispatch.small import Rig, place

S, M, A = FlightState, FlightMode, PilotAction
ELSEWHERE = place(-300.0, 100.0)


class Elsewhere:
    """What the autopilot tells besides, from now on: written over each telemetry with the time of asking."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rig = rig
        self.setpoint: Position | None = None
        self.mode: FlightMode | None = None
        self.foreign: Timed[str] | None = None
        tell = rig.fleet.telemetry

        def telemetry() -> dict[str, Telemetry]:
            known = dict(tell())
            changes: dict[str, object] = {"foreign_order": self.foreign}
            if self.setpoint is not None:
                changes["setpoint"] = Timed(self.setpoint, rig.now_s)
            if self.mode is not None:
                changes["mode"] = Timed(self.mode, rig.now_s)
            known["sky-1"] = replace(known["sky-1"], **changes)  # type: ignore[arg-type]
            return known

        monkeypatch.setattr(rig.fleet, "telemetry", telemetry)


def flying(folder: Path, monkeypatch: pytest.MonkeyPatch, state: FlightState) -> tuple[Rig, str, Elsewhere]:
    rig = Rig(folder)
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, state)
    seen = Elsewhere(rig, monkeypatch)
    seen.setpoint = rig.flight(flight_id).route[rig.flight(flight_id).leg].position
    rig.run(5.0)
    assert rig.flight(flight_id).state is state
    return rig, flight_id, seen


def until_taken(rig: Rig, flight_id: str) -> str:
    return rig.until_state(flight_id, S.TAKEN_OVER, 6.0).sentence


@pytest.mark.parametrize("state", [S.EN_ROUTE, S.ON_SCENE])
def test_a_place_that_this_service_did_not_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: FlightState
) -> None:
    rig, flight_id, seen = flying(tmp_path, monkeypatch, state)
    seen.setpoint = ELSEWHERE
    assert "from where this service sent it" in until_taken(rig, flight_id)


def test_a_command_of_another_station_that_was_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig, flight_id, seen = flying(tmp_path, monkeypatch, S.ON_SCENE)
    seen.foreign = Timed("DO_REPOSITION from another ground station (system 255)", rig.now_s)
    assert "system 255" in until_taken(rig, flight_id)


def test_an_orbit_that_was_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig, flight_id, seen = flying(tmp_path, monkeypatch, S.ON_SCENE)
    seen.mode = M.ORBIT
    assert "is in orbit now" in until_taken(rig, flight_id)


def test_our_orbit_that_somebody_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig, flight_id, seen = flying(tmp_path, monkeypatch, S.ON_SCENE)
    rig.director.pilot_command(flight_id, PilotCommand(A.ORBIT), "pat", rig.now_s)
    rig.run(8.0)
    assert rig.flight(flight_id).state is S.ON_SCENE
    seen.mode = M.HOLD
    assert "left the mode" in until_taken(rig, flight_id)


@pytest.mark.parametrize("mode", [M.MANUAL, M.MISSION, M.OFFBOARD, M.OTHER])
def test_a_mode_that_is_never_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: FlightMode) -> None:
    rig, flight_id, seen = flying(tmp_path, monkeypatch, S.EN_ROUTE)
    seen.mode = mode
    until_taken(rig, flight_id)


def test_an_order_of_ours_that_is_on_its_way_is_no_take_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setpoint before the order stays for a moment, and a stop settles somewhere between."""
    rig, flight_id, seen = flying(tmp_path, monkeypatch, S.EN_ROUTE)
    rig.director.pilot_command(flight_id, PilotCommand(A.HOLD), "pat", rig.now_s)
    rig.run(1.0)
    seen.setpoint = place(200.0, 100.0)
    rig.run(20.0)
    assert rig.flight(flight_id).state is S.HOLDING
    seen.setpoint = ELSEWHERE
    until_taken(rig, flight_id)


def test_nothing_goes_out_until_a_person_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig, flight_id, seen = flying(tmp_path, monkeypatch, S.EN_ROUTE)
    let_go: list[str] = []
    monkeypatch.setattr(rig.fleet, "let_go", let_go.append)
    seen.mode = M.MANUAL
    until_taken(rig, flight_id)
    assert let_go == ["sky-1"], "what was under way is ended too"
    before, beats = len(rig.fleet.submitted), len(rig.fleet.heartbeats_s)
    rig.fleet.aircraft["sky-1"].battery_fraction = 0.2
    rig.fleet.aircraft["sky-1"].fence = None
    for mode in (M.MANUAL, M.HOLD, M.MISSION, M.ORBIT, M.OFFBOARD, M.OTHER):
        seen.mode, seen.setpoint = mode, ELSEWHERE
        rig.run(10.0)
    assert len(rig.fleet.submitted) == before
    assert beats == len(rig.fleet.heartbeats_s), "the engine's loop beats, whoever flies"
    for action in (A.MOVE, A.ORBIT, A.LOOK):
        with pytest.raises(NotDone):
            rig.director.pilot_command(flight_id, PilotCommand(action, to=ELSEWHERE), "pat", rig.now_s)
    assert len(rig.fleet.submitted) == before


@pytest.mark.parametrize(("action", "state"), [(A.HOLD, S.HOLDING), (A.RESUME, S.HOLDING), (A.RETURN, S.RETURNING)])
def test_a_person_takes_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: PilotAction, state: FlightState
) -> None:
    rig, flight_id, seen = flying(tmp_path, monkeypatch, S.EN_ROUTE)
    seen.foreign = Timed("DO_SET_MODE from another ground station (system 255)", rig.now_s)
    until_taken(rig, flight_id)
    rig.director.pilot_command(flight_id, PilotCommand(action), "pat", rig.now_s)
    rig.run(8.0)
    assert rig.flight(flight_id).state is state, "what was ordered before does not take it away again"


def test_a_return_of_somebody_else_is_followed_home_and_says_that_no_failsafe_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, flight_id, seen = flying(tmp_path, monkeypatch, S.ON_SCENE)
    seen.mode = M.RETURN
    flight = rig.until_state(flight_id, S.RETURNING, 6.0)
    assert "names no failsafe" in flight.sentence


def test_a_failsafe_is_named(tmp_path: Path) -> None:
    telemetry = Rig(tmp_path).fleet.telemetry()["sky-1"]
    said = StatusText(2, "Failsafe activated", 100.0)
    home = replace(telemetry, mode=Timed(M.RETURN, 101.0), texts=(said,))
    assert reason(home, 102.0) == "It flies home. The autopilot says: 'Failsafe activated'."
    assert "names no failsafe" in reason(home, 200.0)
    assert reason(home, 200.0, after="PX4 does not do it. It flies home.").startswith("It names no failsafe")
    for began in (BEGAN_WHILE_AWAY, BEGAN_UNHEARD):
        assert reason(home, 200.0, began=began) == f"It flies home. Why is not known: {began}"
    deaf = reason(replace(home, unanswered_since_s=180.0), 200.0)
    assert deaf == "It flies home. It hears nothing of this service, so it is most likely its own link-loss failsafe."


def test_the_fake_tells_no_setpoint_and_is_never_taken_for_taken(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    assert isinstance(rig.fleet, FakeFleet)
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    rig.run(30.0)
    assert rig.flight(flight_id).state is S.ON_SCENE
