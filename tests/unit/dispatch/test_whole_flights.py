"""Whole flights with aircraft that fail in named ways: what the table promises, as people would see it."""

from itertools import pairwise
from pathlib import Path

import pytest

from dfr.core.command import GoTo, Hold, Launch, LookAt, LookAtHorizon, Orbit, OutcomeKind, ReturnHome, UploadFence
from dfr.core.flight import FlightState
from dfr.core.geo import AboveTakeoff, distance_m
from dfr.core.incident import IncidentState
from dfr.core.pilot import LookTarget, Offset, PilotAction, PilotCommand
from dfr.core.telemetry import FlightMode
from dfr.dispatch.debrief import flight_report
from dfr.dispatch.refusal import NotDone
from tests.support.fakes import Fault
from tests.unit.dispatch.small import BEHIND_HELIPAD, NO_FLY_SCENE, SCENE, Rig, place, small_site

S = FlightState


def test_a_call_becomes_a_flight_there_and_back(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    assert rig.flight(flight_id).state is S.LAUNCHING
    on_scene = rig.until_state(flight_id, S.ON_SCENE)
    aircraft = rig.fleet.aircraft[on_scene.asset_id]
    here = aircraft.frame.to_position(aircraft.east_m, aircraft.north_m)
    assert distance_m(here, SCENE) == pytest.approx(rig.site.settings.stand_off_m, abs=6.0)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    over = rig.until_state(flight_id, S.COMPLETED)
    order = ["requested", "takeoff_sent", "airborne", "on_scene", "returning", "landing", "landed", "ended"]
    assert set(order) <= set(over.times_s)
    assert all(over.times_s[a] <= over.times_s[b] for a, b in pairwise(order))
    kinds = [type(command) for command in rig.fleet.commands("sky-1") if not isinstance(command, LookAt)]
    assert kinds == [UploadFence, Launch, LookAtHorizon, LookAtHorizon, GoTo, LookAtHorizon, ReturnHome]


def test_the_camera_looks_at_the_horizon_until_on_scene_and_on_the_way_home(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    looks: list[tuple[S, bool]] = []
    rig.fleet.before_submit = lambda request: looks.extend(
        [(rig.flight(flight_id).state, isinstance(request.command, LookAt))]
        if isinstance(request.command, LookAt | LookAtHorizon)
        else []
    )
    rig.until_state(flight_id, S.ON_SCENE)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.until_state(flight_id, S.COMPLETED)
    assert {state for state, at_target in looks if at_target} == {S.ON_SCENE}
    assert looks[-1] == (S.RETURNING, False)


def test_every_command_is_in_the_journal_before_it_is_sent(rig: Rig) -> None:
    missing: list[str] = []

    def look(request: object) -> None:
        told = [entry.content["request_id"] for entry in rig.journal.read(kinds=("command",))]
        if request.id not in told:  # type: ignore[attr-defined]
            missing.append(request.id)  # type: ignore[attr-defined]

    rig.fleet.before_submit = look
    rig.ready()
    rig.until_state(rig.launched(), S.ON_SCENE)
    assert len(rig.fleet.submitted) >= 6
    assert missing == []


def test_without_its_fence_it_waits_for_it_and_then_launches(rig: Rig) -> None:
    flight_id = rig.launched()
    assert rig.flight(flight_id).state is S.PREPARING
    assert not rig.fleet.sent("sky-1", Launch)
    rig.until_state(flight_id, S.LAUNCHING, 5.0)
    assert rig.fleet.sent("sky-1", Launch)


def test_a_fence_that_fails_keeps_it_on_the_ground(rig: Rig) -> None:
    rig.fleet.fail("sky-1", Fault.FENCE_FAILS)
    flight = rig.until_state(rig.launched(), S.ABORTED, 5.0)
    assert "dropped the fence" in flight.sentence
    assert not rig.fleet.sent("sky-1", Launch)
    assert any("SKY-1" in alarm.sentence for alarm in rig.memory.alarms)


def test_an_aircraft_that_does_not_arm_is_aborted_on_the_ground(rig: Rig) -> None:
    rig.ready()
    rig.fleet.fail("sky-1", Fault.REFUSES_LAUNCH)
    flight = rig.until_state(rig.launched(), S.ABORTED, 10.0)
    assert "does not arm" in flight.sentence
    assert "ended" in flight.times_s
    assert "airborne" not in flight.times_s
    assert rig.memory.alarms[-1].flight_id == flight.id


def test_a_climb_that_stops_is_called_home(rig: Rig) -> None:
    rig.ready()
    rig.fleet.fail("sky-1", Fault.STOPS_CLIMBING)
    flight_id = rig.launched()
    rig.until_state(flight_id, S.RETURNING, 30.0)
    assert rig.fleet.sent("sky-1", ReturnHome)
    rig.fleet.mend("sky-1", Fault.STOPS_CLIMBING)
    rig.until(lambda: rig.flight(flight_id).state.is_over)


def test_a_dropped_waypoint_makes_it_hold_with_an_alarm_and_the_pilot_goes_on(rig: Rig) -> None:
    rig.ready()
    rig.fleet.fail("sky-1", Fault.DROPS_GOTO)
    flight_id = rig.launched()
    flight = rig.until_state(flight_id, S.HOLDING, 60.0)
    assert "did not begin to move" in flight.sentence
    assert rig.memory.alarms[-1].flight_id == flight_id
    rig.fleet.mend("sky-1", Fault.DROPS_GOTO)
    rig.run(1.0)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RESUME), "pat", rig.now_s)
    rig.until_state(flight_id, S.ON_SCENE)


def test_an_ignored_return_is_told_again_with_an_alarm_each_time_and_then_works(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    rig.fleet.fail("sky-1", Fault.IGNORES_RETURN)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.run(7.0)
    sent = len(rig.fleet.sent("sky-1", ReturnHome))
    assert 2 <= sent <= 4, "told again, and not in a flood"
    assert "told again" in rig.memory.alarms[-1].sentence
    rig.fleet.mend("sky-1", Fault.IGNORES_RETURN)
    rig.until_state(flight_id, S.COMPLETED)


def test_a_lost_link_sends_nothing_and_the_failsafe_brings_it_home(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    rig.run(5.0)
    rig.fleet.fail("sky-1", Fault.LOSES_LINK)
    rig.until_state(flight_id, S.LINK_LOST, 2.0)
    sent = len(rig.fleet.commands("sky-1"))
    rig.run(20.0)
    assert len(rig.fleet.commands("sky-1")) == sent
    rig.fleet.mend("sky-1", Fault.LOSES_LINK)
    rig.until_state(flight_id, S.RETURNING, 5.0)
    rig.until_state(flight_id, S.COMPLETED)
    assert not rig.fleet.sent("sky-1", ReturnHome)


def test_a_link_that_comes_back_before_the_failsafe_makes_it_hold_until_the_pilot_decides(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    rig.fleet.fail("sky-1", Fault.LOSES_LINK)
    rig.until_state(flight_id, S.LINK_LOST, 2.0)
    rig.run(2.0)
    rig.fleet.mend("sky-1", Fault.LOSES_LINK)
    rig.until_state(flight_id, S.HOLDING, 5.0)
    rig.run(20.0)
    assert rig.flight(flight_id).state is S.HOLDING
    assert isinstance(rig.fleet.commands("sky-1")[-1], Hold | LookAtHorizon)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RESUME), "pat", rig.now_s)
    rig.until_state(flight_id, S.ON_SCENE)


def test_a_failsafe_is_followed_and_not_commanded(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    rig.run(10.0)
    rig.fleet.fail("sky-1", Fault.FAILS_SAFE)
    rig.until_state(flight_id, S.RETURNING, 2.0)
    rig.until_state(flight_id, S.COMPLETED)
    assert not rig.fleet.sent("sky-1", ReturnHome)
    assert not rig.fleet.sent("sky-1", Hold), "a hold would have ended the autopilot's own way home"


@pytest.mark.parametrize("when", [S.LAUNCHING, S.EN_ROUTE, S.ON_SCENE, S.RETURNING])
def test_taken_over_nothing_is_sent_until_a_pilot_asks(rig: Rig, when: FlightState) -> None:
    rig.ready()
    flight_id = rig.launched()
    if when is S.RETURNING:
        rig.until_state(flight_id, S.EN_ROUTE)
        rig.run(10.0)
        rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.until_state(flight_id, when)
    rig.run(5.0)
    sent = len(rig.fleet.commands("sky-1"))
    rig.fleet.fail("sky-1", Fault.TAKEN_OVER)
    rig.until_state(flight_id, S.TAKEN_OVER, 20.0)
    assert len(rig.fleet.commands("sky-1")) == sent
    rig.fleet.fail("sky-1", Fault.EMPTY_BATTERY)
    rig.call(status=IncidentState.CANCELLED)
    rig.run(30.0)
    assert len(rig.fleet.commands("sky-1")) == sent
    rig.fleet.mend("sky-1", Fault.TAKEN_OVER)
    rig.run(10.0)
    assert rig.flight(flight_id).state is S.TAKEN_OVER
    assert len(rig.fleet.commands("sky-1")) == sent
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.until_state(flight_id, S.COMPLETED)


def test_a_low_battery_sends_it_home(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    rig.fleet.aircraft["sky-1"].battery_fraction = 0.21
    flight = rig.until_state(flight_id, S.RETURNING, 2.0)
    assert "battery is at 21%" in flight.sentence
    assert rig.fleet.submitted[-1].requested_by == "guard"
    rig.until_state(flight_id, S.COMPLETED)


def test_what_it_will_have_on_the_scene_is_known_all_the_way_there(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    rig.run(5.0)
    under_way = rig.director.energy.of("sky-1")
    assert under_way is not None
    rig.until_state(flight_id, S.ON_SCENE)
    rig.turn()
    there = rig.director.energy.of("sky-1")
    assert there is not None
    assert there.on_scene_s == there.left_s
    assert under_way.on_scene_s < under_way.left_s - 20.0
    # The fake's gauge stands still, so the way there has cost nothing in the end.
    assert 0.0 < there.on_scene_s - under_way.on_scene_s < 80.0


def test_the_guard_stops_a_runaway_before_the_line(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched(position=place(1700.0, 0.0))
    rig.until_state(flight_id, S.ON_SCENE)
    rig.fleet.fail("sky-1", Fault.RUNS_AWAY)
    while not rig.fleet.sent("sky-1", Hold):
        rig.turn(0.1)
    rig.run(2.0)
    assert rig.fleet.aircraft["sky-1"].east_m < 2000.0 - rig.site.airspace.margin_m
    assert "Stopped before the line" in rig.flight(flight_id).sentence
    assert rig.memory.alarms


def test_a_cancelled_call_brings_its_aircraft_home(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    taken = rig.call(status=IncidentState.CANCELLED)
    assert rig.flight(flight_id).state is S.RETURNING
    assert "called home" in taken.sentence
    rig.until_state(flight_id, S.COMPLETED)


def test_a_call_cancelled_before_lift_off_leaves_nobody_in_the_air(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    assert rig.fleet.aircraft["sky-1"].on_ground
    rig.call(status=IncidentState.CANCELLED)
    rig.run(60.0)
    aircraft = rig.fleet.aircraft["sky-1"]
    assert rig.flight(flight_id).state.is_over
    assert aircraft.on_ground
    assert not aircraft.armed


def test_a_pilot_may_call_a_launch_back_before_lift_off(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.run(60.0)
    assert rig.flight(flight_id).state.is_over
    assert rig.fleet.aircraft["sky-1"].on_ground


def test_an_aircraft_that_never_answers_blocks_no_other(rig: Rig) -> None:
    rig.ready()
    rig.fleet.fail("sky-1", Fault.NEVER_ANSWERS)
    stuck = rig.launched(source_id="1")
    other = rig.launched(source_id="2")
    assert (rig.flight(stuck).asset_id, rig.flight(other).asset_id) == ("sky-1", "sky-2")
    rig.until_state(other, S.ON_SCENE)
    assert rig.flight(stuck).state is S.LAUNCHING


def test_the_pilot_orbits_moves_looks_and_holds_on_scene(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)

    def ask(**values: object) -> tuple[str, ...]:
        answer = rig.director.pilot_command(flight_id, PilotCommand(**values), "pat", rig.now_s)  # type: ignore[arg-type]
        rig.run(1.0)
        return answer

    ask(action=PilotAction.ORBIT, radius_m=40.0)
    orbit = rig.fleet.sent("sky-1", Orbit)[-1]
    assert isinstance(orbit, Orbit)
    assert (orbit.radius_m, orbit.center) == (40.0, SCENE)
    assert rig.fleet.aircraft["sky-1"].mode is FlightMode.ORBIT
    ask(action=PilotAction.LOOK, look_at=place(520.0, 320.0))
    assert rig.fleet.sent("sky-1", LookAt)[-1].position == place(520.0, 320.0)  # type: ignore[union-attr]
    ask(action=PilotAction.LOOK, look_at=LookTarget.HORIZON)
    assert isinstance(rig.fleet.commands("sky-1")[-1], LookAtHorizon)
    ask(action=PilotAction.HOLD)
    assert rig.fleet.sent("sky-1", Hold)
    before = rig.fleet.aircraft["sky-1"]
    start_north_m = before.north_m
    ask(action=PilotAction.MOVE, to=Offset(0.0, 30.0), height=AboveTakeoff(40.0))
    rig.run(15.0)
    assert rig.fleet.aircraft["sky-1"].north_m == pytest.approx(start_north_m + 30.0, abs=1.0)
    assert rig.fleet.aircraft["sky-1"].height_m == pytest.approx(40.0, abs=0.5)
    assert rig.flight(flight_id).state is S.ON_SCENE


def test_a_pilot_who_asks_for_a_place_in_a_no_fly_zone_is_told_and_nothing_moves(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    before = rig.until_state(flight_id, S.ON_SCENE)
    sent = len(rig.fleet.submitted)
    command = PilotCommand(PilotAction.MOVE, to=NO_FLY_SCENE)
    with pytest.raises(NotDone) as caught:
        rig.director.pilot_command(flight_id, command, "pat", rig.now_s)
    assert "the helipad" in str(caught.value)
    assert caught.value.record in rig.memory.refusals
    assert rig.flight(flight_id) == before
    assert len(rig.fleet.submitted) == sent


def test_scenes_that_cannot_be_reached_send_nobody(rig: Rig) -> None:
    rig.ready()
    for number, scene in enumerate((NO_FLY_SCENE, BEHIND_HELIPAD)):
        taken = rig.call(source_id=str(number), position=scene)
        assert taken.flight_id is None
        assert "the helipad" in taken.sentence
        assert "the helipad" in " ".join(rig.memory.refusals[-1].sentences)
    rig.run(5.0)
    assert not rig.fleet.sent("sky-1", Launch)


@pytest.mark.parametrize("when", [S.PREPARING, S.LAUNCHING, S.EN_ROUTE, S.ON_SCENE, S.RETURNING, S.LANDING])
def test_a_service_that_dies_adopts_the_flight_and_finishes_it(rig: Rig, when: FlightState) -> None:
    if when is not S.PREPARING:
        rig.ready()
    flight_id = rig.launched()
    if when in (S.RETURNING, S.LANDING):
        rig.until_state(flight_id, S.ON_SCENE)
        rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.until_state(flight_id, when)
    rig.restart()
    if when in (S.PREPARING, S.LAUNCHING, S.EN_ROUTE, S.ON_SCENE):
        rig.until_state(flight_id, S.ON_SCENE)
        rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.until_state(flight_id, S.COMPLETED)
    assert list(rig.memory.flights) == [flight_id]


def test_a_restart_that_finds_it_down_ends_the_flight(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.EN_ROUTE)
    rig.fleet.fail("sky-1", Fault.FAILS_SAFE)
    while not rig.fleet.aircraft["sky-1"].on_ground:
        rig.fleet.step(0.5)
    rig.restart()
    flight = rig.until_state(flight_id, S.COMPLETED, 2.0)
    assert "found the aircraft on the ground" in flight.sentence


def test_an_old_launch_is_not_carried_out_after_a_restart(rig: Rig) -> None:
    flight_id = rig.launched()
    rig.fleet.clock.advance(3600.0)
    rig.restart()
    rig.run(5.0)
    assert rig.flight(flight_id).state is S.ABORTED
    assert not rig.fleet.sent("sky-1", Launch)


def test_a_flight_of_an_aircraft_that_is_no_longer_declared_ends(tmp_path: Path, rig: Rig) -> None:
    flight_id = rig.launched()
    rig.site = small_site(*(one for one in rig.site.assets.values() if one.id != "sky-1"))
    rig.restart()
    assert rig.flight(flight_id).state is S.ABORTED
    assert "no longer declared" in rig.flight(flight_id).sentence


def test_the_report_of_a_flight_tells_track_commands_and_outcomes(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    rig.until_state(flight_id, S.ON_SCENE)
    with pytest.raises(NotDone):
        rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RESUME), "pat", rig.now_s)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    over = rig.until_state(flight_id, S.COMPLETED)
    report = flight_report(rig.journal, over, rig.memory.incidents[over.incident_id])
    assert [c.command for c in report.commands][:1] == ["Launch"]
    assert all(c.outcome is OutcomeKind.DONE for c in report.commands)
    assert report.commands[-1].requested_by == "pat"
    assert [r.requested_by for r in report.refusals] == ["pat"]
    assert all(b.at_s - a.at_s >= 0.9 for a, b in pairwise(report.track))
    assert report.distance_flown_m == pytest.approx(2 * 523.0, rel=0.05)
