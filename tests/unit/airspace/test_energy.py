"""How long a flight takes, and what is left for the scene."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.airspace.energy import TripLimits, estimate_trip, leg_seconds
from dfr.core.asset import Airframe

FRAME = Airframe("x", cruise_mps=10.0, climb_mps=3.0, descent_mps=1.5, endurance_s=1200.0, reserve_fraction=0.2)


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
    trip = estimate_trip(FRAME, 1.0, outbound_m=1000.0, climb_m=45.0)
    assert trip.possible
    assert trip.seconds_to_scene == pytest.approx(15.0 + 105.0)
    assert trip.seconds_to_scene + trip.seconds_on_scene + 105.0 + 45.0 == pytest.approx(0.8 * 1200.0)
    assert trip.minutes_on_scene == pytest.approx(trip.seconds_on_scene / 60.0)


def test_an_empty_battery_does_not_go_and_says_why() -> None:
    trip = estimate_trip(FRAME, 0.3, outbound_m=1000.0, climb_m=45.0)
    assert not trip.possible
    assert trip.seconds_on_scene == 0.0
    assert trip.sentence == ("The battery at 30% flies 2 min before its reserve of 20%; there and back takes 4 min.")
    short = estimate_trip(FRAME, 0.44, outbound_m=1000.0, climb_m=45.0)
    assert not short.possible
    assert short.sentence.endswith("which leaves 18 s on the scene where 60 s are asked for.")


def test_wind_lengthens_both_ways_and_may_be_too_strong() -> None:
    calm = estimate_trip(FRAME, 1.0, 2000.0, 45.0)
    windy = estimate_trip(FRAME, 1.0, 2000.0, 45.0, limits=TripLimits(wind_mps=5.0))
    assert windy.seconds_to_scene > calm.seconds_to_scene
    assert windy.seconds_on_scene < calm.seconds_on_scene
    assert "as fast as the aircraft" in estimate_trip(FRAME, 1.0, 1.0, 1.0, limits=TripLimits(wind_mps=10.0)).sentence
