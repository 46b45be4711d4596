"""When a flight is on scene, and what the airframe could do at best."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.airspace.bound import Performance, fastest_seconds
from dfr.airspace.profile import phases_to_scene
from dfr.fleet.firmware import FirmwareError, load_airframe, load_parameters
from dfr.fleet.performance import NAMES, performance_of
from tests.support.airframes import airframe

FIRMWARE = Path(__file__).parents[3] / "firmware_configs" / "x500_sitl"
FRAME = replace(airframe("x", 10.0, 4.0, 2.0), lift_off_s=2.0)
BEST = Performance(arming_s=1.0, climb_mps=5.0, speed_mps=10.0, acceleration_mps2=3.0)


def test_the_bound_is_arming_climbing_speeding_up_cruising_and_stopping() -> None:
    assert fastest_seconds(BEST, 50.0, 940.0) == pytest.approx(1.0 + 10.0 + 94.0 + 10.0 / 3.0)
    assert fastest_seconds(BEST, 50.0, 12.0) == pytest.approx(1.0 + 10.0 + 2.0 * math.sqrt(12.0 / 3.0))
    assert fastest_seconds(BEST, 0.0, 0.0) == pytest.approx(1.0)


def test_the_bound_comes_from_the_airframes_own_parameters() -> None:
    file = load_parameters(FIRMWARE)
    values = {parameter.name: parameter.value for parameter in file.parameters}
    assert performance_of(file) == Performance(*(float(values[name]) for name in NAMES))
    fewer = replace(file, parameters=tuple(p for p in file.parameters if p.name != "MPC_ACC_HOR"))
    with pytest.raises(FirmwareError, match="MPC_ACC_HOR"):
        performance_of(fewer)


def test_a_climb_on_the_way_costs_nothing_but_its_straight_part() -> None:
    whole = phases_to_scene(FRAME, 60.0, 60.0, (900.0,))
    on_the_way = phases_to_scene(FRAME, 20.0, 60.0, (900.0,))
    assert (whole.lift_off_s, whole.climb_s, on_the_way.climb_s) == (2.0, 15.0, 5.0)
    assert whole.transit_s == on_the_way.transit_s == pytest.approx(95.0)
    near = phases_to_scene(FRAME, 20.0, 60.0, (30.0,))
    assert near.transit_s == pytest.approx(10.0), "what is left to climb takes longer than so short a way"


def test_a_corner_that_is_cut_costs_less_than_one_that_is_stopped_at() -> None:
    stopped = phases_to_scene(FRAME, 20.0, 20.0, (400.0, 500.0), (5.0, 5.0)).seconds
    cut = phases_to_scene(FRAME, 20.0, 20.0, (400.0, 500.0), (40.0, 5.0)).seconds
    straight = phases_to_scene(FRAME, 20.0, 20.0, (900.0,)).seconds
    assert straight <= cut < stopped


def test_a_wind_as_fast_as_the_aircraft_is_no_way() -> None:
    with pytest.raises(ValueError, match="as fast as the aircraft"):
        phases_to_scene(FRAME, 20.0, 60.0, (900.0,), headwind_mps=10.0)


@given(st.floats(10, 100), st.floats(10, 100), st.floats(1, 4000), st.floats(0, 30))
def test_no_flight_is_planned_sooner_than_the_bound_but_for_the_climb_and_the_last_metres(
    clear_m: float, height_m: float, length_m: float, arrival_m: float
) -> None:
    airframe, best = load_airframe(FIRMWARE), performance_of(load_parameters(FIRMWARE))
    clear_m = min(clear_m, height_m)
    planned = phases_to_scene(airframe, clear_m, height_m, (length_m,), arrival_m=arrival_m)
    assert planned.seconds >= planned.lift_off_s + planned.climb_s
    ahead_s = (height_m - clear_m) / best.climb_mps + math.sqrt(arrival_m)
    assert planned.seconds >= fastest_seconds(best, height_m, length_m) - ahead_s - 1e-6
