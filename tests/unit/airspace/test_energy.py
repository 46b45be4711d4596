"""What a flight takes in time and energy, in wind, and what is left for the scene."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.airspace import energy
from dfr.airspace.charge import reckon, resting_cell_v
from dfr.airspace.energy import CALM, Trip, TripLimits, UnknownDirection, estimate_trip, leg_seconds, power_w
from dfr.core.energy import Wind
from dfr.core.geo import Position, destination
from dfr.core.telemetry import Battery
from tests.support.airframes import BATTERY, HOVER_W, airframe

HOME = Position(32.22, -110.92)
FLAT = airframe("x", 10.0, 3.0, 1.5)
"""Draws the same whatever it flies: energy is time."""
REAL = airframe(
    "y", 12.0, 4.0, 2.0, base_w=70.0, induced_w=160.0, parasitic_w_per_mps3=0.032, climb_j_per_m=29.0,
    descent_j_per_m=10.0, max_airspeed_mps=16.0,
)  # fmt: skip
LIMITS = TripLimits()


def trip(frame: object = FLAT, charge: float = 1.0, metres: float = 1000.0, track: float = 0.0, **rest: object) -> Trip:
    return estimate_trip(frame, charge, (HOME, destination(HOME, track, metres)), 45.0, **rest)  # type: ignore[arg-type]


def test_a_long_leg_cruises_and_a_short_one_only_speeds_up_and_stops() -> None:
    assert leg_seconds(1000.0, 10.0, 2.0) == pytest.approx(105.0)
    assert leg_seconds(18.0, 10.0, 2.0) == pytest.approx(6.0)
    assert leg_seconds(0.0, 10.0, 2.0) == 0.0


@given(st.floats(0.1, 5000), st.floats(1, 20), st.floats(0.5, 5))
def test_a_leg_takes_longer_than_at_full_speed_and_longer_when_it_is_longer(
    length: float, speed: float, acceleration: float
) -> None:
    seconds = leg_seconds(length, speed, acceleration)
    assert seconds >= length / speed
    assert leg_seconds(length + 1.0, speed, acceleration) > seconds


def test_there_on_the_scene_and_back_use_what_the_reserve_leaves() -> None:
    there = trip()
    assert there.possible
    assert there.seconds_to_scene == pytest.approx(15.0 + 105.0, rel=1e-3)
    assert there.seconds_to_scene + there.seconds_on_scene + 105.0 + 45.0 == pytest.approx(0.8 * 1200.0, rel=1e-3)
    assert there.minutes_on_scene == pytest.approx(there.seconds_on_scene / 60.0)


def test_an_empty_battery_does_not_go_and_says_why() -> None:
    empty = trip(charge=0.3)
    assert not empty.possible
    assert empty.seconds_on_scene == 0.0
    assert empty.sentence == "The battery at 30% flies 2 min before its reserve of 20%; there and back takes 4 min."
    short = trip(charge=0.44)
    assert not short.possible
    assert short.sentence.endswith("which leaves 18 s on the scene where 60 s are asked for.")


def test_who_cannot_stay_the_asked_time_does_not_go() -> None:
    assert trip(charge=0.7, asked_on_scene_s=300.0).possible
    refused = trip(charge=0.7, asked_on_scene_s=600.0)
    assert not refused.possible
    assert refused.sentence.endswith("which leaves 6 min on the scene where 10 min are asked for.")


def test_a_wind_that_cannot_be_flown_against_is_said() -> None:
    assert "too fast" in trip(wind=UnknownDirection(14.5)).sentence
    assert "too fast" in trip(wind=Wind(0.0, 15.0)).sentence
    assert trip(REAL, wind=UnknownDirection(8.0)).sentence == ""
    assert "in 8 m/s of wind" in trip(REAL, 0.4, wind=UnknownDirection(8.0)).sentence


def test_a_wind_that_is_only_feared_costs_energy_and_not_the_time_that_is_told() -> None:
    calm, feared = trip(), trip(wind=UnknownDirection(8.0))
    assert feared.seconds_to_scene == calm.seconds_to_scene
    assert feared.seconds_on_scene < calm.seconds_on_scene


def test_the_rotor_needs_less_at_a_walk_and_more_at_speed_and_plans_do_not_count_on_less() -> None:
    hover = power_w(REAL.power, 0.0)
    assert hover == REAL.power.hover_w == 230.0
    assert power_w(REAL.power, 8.0) < hover < power_w(REAL.power, 16.0)
    assert energy.planned_power_w(REAL.power, 8.0) == hover
    assert power_w(REAL.power, 0.0, 4.0) == pytest.approx(hover + 4.0 * 29.0)
    assert power_w(REAL.power, 0.0, -2.0) == pytest.approx(hover - 20.0)
    assert energy.planned_power_w(REAL.power, 0.0, -2.0) == hover
    assert FLAT.endurance_s == pytest.approx(1200.0)
    # Glauert at twice the induced speed of hovering.
    assert energy.induced_share(12.0, 6.0) == pytest.approx(math.sqrt(math.sqrt(5.0) - 2.0))


def test_wind_from_behind_and_from_ahead() -> None:
    north = Wind(6.0, 0.0)
    assert energy.ground_speed_mps(REAL, north, 0.0) == 12.0
    assert energy.ground_speed_mps(REAL, north, 180.0) == pytest.approx(10.0)
    assert energy.ground_speed_mps(REAL, Wind(0.0, 12.0), 0.0) == pytest.approx(math.sqrt(16.0**2 - 12.0**2))
    assert energy.ground_speed_mps(REAL, Wind(0.0, 16.0), 0.0) is None


speeds = st.floats(0.0, 14.0)


@given(speeds, speeds, st.floats(10.0, 4000.0), st.sampled_from([FLAT, REAL]))
def test_more_wind_against_never_makes_a_way_shorter_or_cheaper(
    one: float, other: float, m: float, frame: object
) -> None:
    less, more = sorted((one, other))
    a, b = (energy.leg(frame, m, 0.0, UnknownDirection(wind), LIMITS) for wind in (less, more))  # type: ignore[arg-type]
    assert a.seconds <= b.seconds
    assert a.energy_wh <= b.energy_wh + 1e-9


@given(speeds, speeds, st.floats(10.0, 3000.0), st.floats(0.25, 1.0), st.sampled_from([FLAT, REAL]))
def test_more_feared_wind_never_leaves_more_time(
    one: float, other: float, m: float, charge: float, frame: object
) -> None:
    less, more = sorted((one, other))
    a, b = (trip(frame, charge, m, wind=UnknownDirection(wind)) for wind in (less, more))
    assert a.seconds_on_scene >= b.seconds_on_scene - 1e-6
    assert a.possible or not b.possible


@given(st.floats(0.0, 359.0), st.floats(0.0, 359.0), st.floats(0.0, 12.0), st.floats(10.0, 3000.0))
def test_the_worst_case_is_no_better_than_any_wind_of_its_speed(
    track: float, towards: float, speed: float, metres: float
) -> None:
    wind = Wind(speed * math.cos(math.radians(towards)), speed * math.sin(math.radians(towards)))
    feared = energy.leg(REAL, metres, track, UnknownDirection(speed), LIMITS)
    known = energy.leg(REAL, metres, track, wind, LIMITS)
    assert known.seconds <= feared.seconds + 1e-6
    assert known.energy_wh <= feared.energy_wh + 1e-6


@given(st.floats(0.2, 1.0), st.floats(0.2, 1.0), st.floats(10.0, 3000.0))
def test_less_charge_never_leaves_more_time(one: float, other: float, metres: float) -> None:
    less, more = sorted((one, other))
    assert trip(REAL, less, metres).seconds_on_scene <= trip(REAL, more, metres).seconds_on_scene


def test_return_climbs_to_its_height_and_a_high_one_lands_longer() -> None:
    def home(height_m: float) -> energy.Cost:
        return energy.way_home(REAL, destination(HOME, 90.0, 500.0), HOME, height_m, 45.0, CALM, LIMITS)

    assert home(25.0).seconds - home(45.0).seconds == pytest.approx(20.0 / 4.0)
    assert home(85.0).seconds - home(45.0).seconds == pytest.approx(40.0 / 2.0)
    assert home(25.0).energy_wh > home(45.0).energy_wh


# -- the battery's three witnesses ----------------------------------------------------------------------------------

PACK = replace(BATTERY, resistance_ohm=0.1)


def test_the_sag_of_the_load_is_added_back() -> None:
    assert resting_cell_v(Battery(0.5, 14.0, current_a=20.0), PACK, 0.0) == pytest.approx(16.0 / 4)
    assert resting_cell_v(Battery(0.5, 14.0), PACK, 140.0) == pytest.approx(15.0 / 4)
    assert resting_cell_v(Battery(0.5), PACK, 140.0) is None


@pytest.mark.parametrize(
    ("battery", "fraction", "sentence"),
    [
        (Battery(0.6, 15.3), 0.6, ""),
        (Battery(0.6), 0.6, ""),
        (Battery(0.6, 14.76), 0.2, "its voltage of 14.8 V under load says 20%, its gauge 60%"),
        (Battery(0.6, 15.3, consumed_mah=3500.0), 0.3, "3500 mAh drawn leave 30%, its gauge says 60%"),
        (Battery(0.6, 14.76, consumed_mah=3500.0), 0.2, "its voltage of 14.8 V under load says 20%, its gauge 60%"),
        (Battery(0.3, 16.2, consumed_mah=100.0), 0.3, ""),
        (Battery(0.6, 12.0), 0.0, "its voltage of 12.0 V under load says 0%, its gauge 60%"),
    ],
)
def test_the_most_pessimistic_counts(battery: Battery, fraction: float, sentence: str) -> None:
    charge = reckon(battery, BATTERY, HOVER_W)
    assert charge.fraction == pytest.approx(fraction, abs=1e-6)
    assert charge.sentence == sentence
