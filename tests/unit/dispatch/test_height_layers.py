"""A flight whose way meets another's flies in another layer; one that meets nobody flies at the usual height."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dfr.core.flight import FlightState
from dfr.dispatch.height_layers import ways_under_way
from tests.unit.dispatch.small import FRAME, SCENE, Rig, place

FAR_AWAY = place(-1500.0, 1000.0)


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
    assert "than usual, for its way meets another's" in rig.flight(second).decision.sentence
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
