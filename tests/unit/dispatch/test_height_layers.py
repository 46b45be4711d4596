"""A flight that would meet another flies in another layer; one that meets nobody flies at the usual height."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dfr.airspace.route import NoRoute, Route, RouteRequest, plan_route
from dfr.core.flight import FlightState
from dfr.core.geo import Waypoint
from dfr.core.pilot import PilotAction, PilotCommand
from dfr.dispatch.height_layers import LayeredRoute, plan_layered
from dfr.dispatch.ways import ways_under_way
from tests.unit.dispatch.small import FRAME, SCENE, SKY_2, Rig, place

FAR_AWAY = place(-1500.0, 1000.0)
BEYOND_THE_FIRST = place(500.0, 400.0)
"""The dock of SKY-1 is on the way there from that of SKY-2."""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    made.ready()
    yield made
    made.journal.close()


def holds_at_m(rig: Rig, flight_id: str) -> float:
    return rig.flight(flight_id).route[-1].altitude.m


def test_to_the_same_place_the_second_one_flies_in_another_layer(rig: Rig) -> None:
    first = rig.launched(source_id="1")
    rig.turn()
    second = rig.launched(source_id="2", position=SCENE)
    assert rig.flight(second).asset_id == "sky-2"
    assert holds_at_m(rig, first) == pytest.approx(760.0)
    assert holds_at_m(rig, second) != pytest.approx(760.0)
    assert abs(holds_at_m(rig, second) - 760.0) >= 10.0
    assert "than usual, for it would meet another" in rig.flight(second).decision.sentence
    rig.until(lambda: {rig.flight(one).state for one in (first, second)} == {FlightState.ON_SCENE}, 400.0)


def test_ways_that_do_not_meet_keep_the_usual_height(rig: Rig) -> None:
    first = rig.launched(source_id="1")
    rig.turn()
    second = rig.launched(source_id="2", position=FAR_AWAY)
    assert holds_at_m(rig, first) == holds_at_m(rig, second) == pytest.approx(760.0)
    assert "than usual" not in rig.flight(second).decision.sentence


def test_a_launch_column_is_no_way_through_at_any_height_of_it(rig: Rig) -> None:
    launched = rig.launched()
    ways = ways_under_way(rig.director.picture(rig.now_s), FRAME, rig.flight(launched).route)
    assert len(ways) == 1
    column = ways[0][np.hypot(ways[0][:, 0], ways[0][:, 1]) < 1.0]
    for altitude_m in range(705, 761, 5):
        assert np.any((column[:, 2] <= altitude_m) & (altitude_m <= column[:, 3]))


def test_alone_it_flies_at_the_usual_height(rig: Rig) -> None:
    assert holds_at_m(rig, rig.launched()) == pytest.approx(760.0)


def test_who_will_have_landed_by_then_is_not_flown_above(rig: Rig) -> None:
    """The second one's way leads past the dock of the first, minutes after that one has come down."""
    first = rig.launched(source_id="1")
    rig.until_state(first, FlightState.ON_SCENE)
    assert meets_the_first(rig), "it might stay on its scene until then, and come home at any time"
    rig.director.pilot_command(first, PilotCommand(PilotAction.RETURN), "pat", rig.now_s)
    rig.until_state(first, FlightState.LANDING)
    assert not meets_the_first(rig)


def meets_the_first(rig: Rig) -> bool:
    """Whether SKY-2 would fly in another layer past the dock of SKY-1."""
    picture, home = rig.director.picture(rig.now_s), Waypoint(SKY_2.dock.position, SKY_2.dock.altitude)
    request, airspace = picture.site.settings.plain_route_request, picture.site.airspace

    def plan(one: RouteRequest) -> Route | NoRoute:
        return plan_route(airspace, home, BEYOND_THE_FIRST, one)

    layered = plan_layered(plan, request, home, SKY_2.airframe, picture)
    assert isinstance(layered, LayeredRoute)
    return layered.layer_m != 0.0
