"""Two of ours whose ways meet: one yields, people are told, and it goes on when the other has passed."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from dfr.core.command import GoTo, Hold
from dfr.core.flight import FlightState
from dfr.core.pilot import PilotAction, PilotCommand
from tests.unit.dispatch.small import FRAME, Rig, place

HEIGHT_M = 50.0
"""Above the dock."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    made.ready()
    yield made
    made.journal.close()


def both_under_way(rig: Rig) -> tuple[str, str]:
    """SKY-1 and, launched later, SKY-2, both on the way to scenes far from each other."""
    first = rig.launched(source_id="1", position=place(500.0, 300.0))
    rig.turn()
    second = rig.launched(source_id="2", position=place(-1000.0, 1200.0))
    rig.until(lambda: all(rig.flight(one).state is FlightState.EN_ROUTE for one in (first, second)))
    assert (rig.flight(first).asset_id, rig.flight(second).asset_id) == ("sky-1", "sky-2")
    return first, second


def put(rig: Rig, asset_id: str, here: tuple[float, float], goal: tuple[float, float]) -> None:
    """To a place, in metres of the site, flying to another at its cruise speed."""
    aircraft = rig.fleet.aircraft[asset_id]
    east_m, north_m = FRAME.to_local(aircraft.asset.dock.position)
    aircraft.east_m, aircraft.north_m, aircraft.height_m = here[0] - east_m, here[1] - north_m, HEIGHT_M
    aircraft.goal = (goal[0] - east_m, goal[1] - north_m, HEIGHT_M)


def apart_m(rig: Rig) -> float:
    """Infinite while one is well below the other."""
    places = list(rig.fleet.aircraft.values())
    one, two = (FRAME.to_local(rig.fleet.telemetry()[a.asset.id].kinematics.value.position) for a in places)  # type: ignore[union-attr]
    if abs(places[0].height_m - places[1].height_m) > 10.0:
        return math.inf
    return math.dist(one, two)


def test_crossing_ways_the_later_one_stops_and_goes_on_by_itself(rig: Rig) -> None:
    first, second = both_under_way(rig)
    put(rig, "sky-1", (-120.0, 0.0), (900.0, 0.0))
    put(rig, "sky-2", (0.0, -120.0), (0.0, 900.0))
    rig.until(lambda: rig.flight(second).state is FlightState.HOLDING, 15.0)
    assert rig.flight(first).state is FlightState.EN_ROUTE
    sentence = rig.flight(second).sentence
    assert sentence.startswith("It stops for traffic. SKY-1 comes nearer than 30 m in ")
    assert sentence.endswith("SKY-2 stops where it is.")
    nearest_m = math.inf
    while rig.flight(second).state is FlightState.HOLDING:
        rig.turn()
        nearest_m = min(nearest_m, apart_m(rig))
    assert nearest_m > 30.0
    assert rig.flight(second).state is FlightState.EN_ROUTE
    assert isinstance(rig.fleet.commands("sky-2")[-1], GoTo)


def test_head_on_the_later_one_goes_down_and_then_on(rig: Rig) -> None:
    first, second = both_under_way(rig)
    put(rig, "sky-1", (-150.0, 0.0), (900.0, 0.0))
    put(rig, "sky-2", (150.0, 0.0), (-900.0, 0.0))
    rig.until(lambda: rig.flight(second).state is FlightState.HOLDING, 15.0)
    assert "SKY-2 goes down by" in rig.flight(second).sentence
    nearest_m = math.inf
    while rig.flight(second).state is FlightState.HOLDING:
        rig.turn()
        nearest_m = min(nearest_m, apart_m(rig))
    assert nearest_m > 30.0
    assert rig.flight(first).state is not FlightState.HOLDING
    assert rig.flight(second).state is FlightState.EN_ROUTE


def test_who_is_on_the_way_home_is_let_pass(rig: Rig) -> None:
    first, second = both_under_way(rig)
    rig.director.pilot_command(second, PilotCommand(PilotAction.RETURN), "pilot", rig.now_s)
    put(rig, "sky-1", (-120.0, 0.0), (900.0, 0.0))
    put(rig, "sky-2", (0.0, -120.0), (0.0, 900.0))
    rig.until(lambda: rig.flight(first).state is FlightState.HOLDING, 15.0)
    assert rig.flight(second).state is FlightState.RETURNING


def test_an_order_of_the_pilot_ends_it_and_nothing_goes_on_by_itself(rig: Rig) -> None:
    _, second = both_under_way(rig)
    put(rig, "sky-1", (-120.0, 0.0), (900.0, 0.0))
    put(rig, "sky-2", (0.0, -120.0), (0.0, 900.0))
    rig.until(lambda: rig.flight(second).state is FlightState.HOLDING, 15.0)
    rig.director.pilot_command(second, PilotCommand(PilotAction.HOLD), "pilot", rig.now_s)
    rig.run(30.0)
    assert rig.flight(second).state is FlightState.HOLDING
    flown = [one for one in rig.fleet.commands("sky-2") if isinstance(one, GoTo | Hold)]
    assert isinstance(flown[-1], Hold)


def test_ways_that_do_not_meet_are_left_alone(rig: Rig) -> None:
    first, second = both_under_way(rig)
    put(rig, "sky-1", (0.0, 0.0), (900.0, 0.0))
    put(rig, "sky-2", (0.0, -100.0), (900.0, -100.0))
    rig.run(20.0)
    assert {rig.flight(one).state for one in (first, second)} == {FlightState.EN_ROUTE}
