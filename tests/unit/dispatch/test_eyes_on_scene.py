"""The seconds to the scene: a launch that is over in mid-climb, a guard for it, corners that are not stopped at."""

import pytest

from dfr.core.command import GoTo, Launch, Request
from dfr.core.flight import FlightState
from dfr.core.geo import AboveTakeoff, Amsl, Waypoint
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.dispatch.gate import Authorized
from dfr.dispatch.orders import command_for
from dfr.dispatch.refusal import NotDone
from dfr.dispatch.sentences import CAMERA_ON_SCENE
from dfr.dispatch.table import Effect
from tests.unit.dispatch.small import AIRFRAME, Rig, a_flight, place
from tests.unit.dispatch.test_decisions import CLOCK, context
from tests.unit.dispatch.test_gate import on_dock

S = FlightState
CLEAR_M, HEIGHT_M = 25.0, 55.0
"""Above the dock, which is 5 m above the ground: 30 m above the ground, and 60 m."""


def test_the_way_begins_in_mid_climb_and_the_climb_goes_on_along_it(rig: Rig) -> None:
    heights: list[float] = []

    def look(request: Request) -> None:
        if isinstance(request.command, GoTo):
            heights.append(rig.fleet.aircraft[request.asset_id].height_m)

    rig.fleet.before_submit = look
    rig.ready()
    flight_id = rig.launched()
    flight = rig.until_state(flight_id, S.EN_ROUTE)
    (launch,) = rig.fleet.sent(flight.asset_id, Launch)
    assert launch == Launch(AboveTakeoff(pytest.approx(HEIGHT_M)), AboveTakeoff(pytest.approx(CLEAR_M)))
    assert CLEAR_M <= heights[0] < HEIGHT_M - 5.0
    on_scene = rig.until_state(flight_id, S.ON_SCENE)
    assert rig.fleet.aircraft[flight.asset_id].height_m == pytest.approx(HEIGHT_M, abs=2.0)
    assert on_scene.times_s["airborne"] < on_scene.times_s["on_scene"]
    assert CAMERA_ON_SCENE not in on_scene.times_s, "no gimbal was heard, so nobody has seen where it looks"


def test_a_climb_that_does_not_go_on_is_stopped(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    flight = rig.until_state(flight_id, S.EN_ROUTE)
    rig.fleet.aircraft[flight.asset_id].height_m = 8.0
    held = rig.until_state(flight_id, S.HOLDING, 5.0)
    assert "does not climb as planned" in held.sentence


def test_a_flight_goes_on_from_below_the_least_height_only_after_a_climb(rig: Rig) -> None:
    rig.ready()
    flight_id = rig.launched()
    flight = rig.until_state(flight_id, S.EN_ROUTE)
    aircraft = rig.fleet.aircraft[flight.asset_id]
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.HOLD), "pat", rig.now_s)
    rig.run(5.0)
    aircraft.height_m = 10.0
    rig.run(1.0)
    with pytest.raises(NotDone) as refused:
        rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RESUME), "pat", rig.now_s)
    assert "m too low to go on" in str(refused.value)
    assert "m above take-off first, then resume." in str(refused.value)
    assert rig.flight(flight_id).state is S.HOLDING
    up = PilotCommand(PilotAction.MOVE, height=AboveTakeoff(30.0))
    rig.director.pilot_command(flight_id, up, "pat", rig.now_s)
    rig.until(lambda: aircraft.height_m > 29.0, 30.0)
    rig.run(2.0)
    rig.director.pilot_command(flight_id, PilotCommand(PilotAction.RESUME), "pat", rig.now_s)
    rig.run(3.0)
    assert rig.flight(flight_id).state is S.EN_ROUTE
    rig.until_state(flight_id, S.ON_SCENE)


def test_the_gate_passes_no_launch_that_turns_to_the_scene_too_low() -> None:
    case = on_dock()
    well = Launch(AboveTakeoff(HEIGHT_M), AboveTakeoff(CLEAR_M + 1.0))
    assert isinstance(case.ask(well), Authorized)
    (reason,) = case.reasons(Launch(AboveTakeoff(HEIGHT_M), AboveTakeoff(12.0)))
    assert reason.startswith("It would turn to the scene ")


def test_a_home_that_is_reported_higher_than_the_dock_makes_the_straight_climb_no_shorter_than_the_least() -> None:
    flight = a_flight(S.PREPARING, CLOCK, clear_altitude=Amsl(725.0))
    home = context().home
    assert home is not None
    for off_m, clear_m in ((0.0, 20.0), (-4.0, 24.0), (14.0, 10.0)):
        moved = Waypoint(home.position, Amsl(home.altitude.m + off_m))
        launch = command_for(Effect.SEND_LAUNCH, flight, context(home=moved))
        assert isinstance(launch, Launch)
        assert launch.clear_height == AboveTakeoff(clear_m)


def test_a_clear_height_near_the_end_of_the_climb_is_none() -> None:
    """An autopilot ends its climb up to a metre below: the launch would be waited for in vain."""
    home = context().home
    assert home is not None
    for left_m, clears in ((0.2, False), (1.9, False), (2.5, True)):
        top = a_flight(S.PREPARING, CLOCK).route[0].altitude
        flight = a_flight(S.PREPARING, CLOCK, clear_altitude=Amsl(top.m - left_m))
        launch = command_for(Effect.SEND_LAUNCH, flight, context())
        assert isinstance(launch, Launch)
        assert (launch.clear_height is not None) is clears


def test_a_corner_is_passed_as_planned_and_the_scene_arrived_at_as_the_site_says() -> None:
    route = tuple(Waypoint(place(east, 0.0), Amsl(760.0)) for east in (0.0, 300.0, 600.0))
    flight = a_flight(S.EN_ROUTE, CLOCK, route=route, passing_m=(5.0, 30.0, 5.0), leg=1)
    assert command_for(Effect.SEND_LEG, flight, context()) == GoTo(route[1], AIRFRAME.asked_mps, 30.0)
    last = a_flight(S.EN_ROUTE, CLOCK, route=route, passing_m=(5.0, 30.0, 5.0), leg=2)
    assert command_for(Effect.SEND_LEG, last, context()) == GoTo(route[2], AIRFRAME.asked_mps, 15.0)
    unplanned = a_flight(S.EN_ROUTE, CLOCK, route=route, leg=1)
    assert command_for(Effect.SEND_LEG, unplanned, context()) == GoTo(route[1], AIRFRAME.asked_mps, 5.0)
