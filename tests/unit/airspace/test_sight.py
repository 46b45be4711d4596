"""The ray of a pixel against the ground."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.airspace.sight import REACH_M, ground_point, sight
from dfr.core.attitude import from_angles
from dfr.core.geo import Amsl, Position, Waypoint, bearing_deg, destination, distance_m

ORIGIN = Position(32.22, -110.92)
EYE = Waypoint(ORIGIN, Amsl(760.0))


def flat(_: Position) -> Amsl:
    return Amsl(700.0)


def off_deg(a: float, b: float) -> float:
    return abs((a - b + 180.0) % 360.0 - 180.0)


@given(st.floats(-85.0, -5.0), st.floats(0.0, 359.9))
def test_the_middle_lies_where_the_angles_point(pitch_deg: float, yaw_deg: float) -> None:
    place = ground_point(EYE, from_angles(0.0, pitch_deg, yaw_deg), flat)
    assert place is not None
    assert distance_m(ORIGIN, place) == pytest.approx(60.0 / math.tan(math.radians(-pitch_deg)), rel=0.005, abs=0.1)
    assert off_deg(bearing_deg(ORIGIN, place), yaw_deg) < 0.3


@pytest.mark.parametrize("pitch_deg", [0.0, 10.0, -1.0])
def test_above_the_horizon_or_beyond_reach_there_is_no_place(pitch_deg: float) -> None:
    assert ground_point(EYE, from_angles(0.0, pitch_deg, 90.0), flat) is None


def test_rising_ground_is_met_earlier() -> None:
    """A slope of one in ten upwards to the east, 60 m below the eye."""

    def slope(place: Position) -> Amsl:
        east_m = distance_m(ORIGIN, Position(ORIGIN.latitude_deg, place.longitude_deg))
        return Amsl(700.0 + 0.1 * east_m)

    place = ground_point(EYE, from_angles(0.0, -45.0, 90.0), slope)
    assert place is not None
    assert distance_m(ORIGIN, place) == pytest.approx(60.0 / 1.1, abs=0.3)


def test_a_pixel_to_the_right_lies_to_the_right() -> None:
    down_north = from_angles(0.0, -90.0, 0.0)
    place = ground_point(EYE, down_north, flat, 90.0, 60.0, (1.0, 0.0))
    assert place is not None
    assert distance_m(ORIGIN, place) == pytest.approx(60.0, abs=0.3)
    assert off_deg(bearing_deg(ORIGIN, place), 90.0) < 0.5


def test_the_outline_holds_the_middle_and_the_error_grows_with_the_distance() -> None:
    near = sight(EYE, from_angles(0.0, -60.0, 90.0), flat, 2.0, 66.0)
    far = sight(EYE, from_angles(0.0, -10.0, 90.0), flat, 2.0, 66.0)
    assert near.center is not None
    assert far.center is not None
    assert near.error_m is not None
    assert far.error_m is not None
    assert 3.0 < near.error_m < 10.0 < far.error_m
    assert len(near.outline) == 4
    latitudes = [corner.latitude_deg for corner in near.outline]
    assert min(latitudes) < near.center.latitude_deg < max(latitudes)
    longest = max(distance_m(ORIGIN, corner) for corner in far.outline)
    assert longest == pytest.approx(REACH_M, rel=0.01), "its upper corners see the sky"


def test_at_the_horizon_there_is_an_outline_and_no_middle() -> None:
    level = sight(EYE, from_angles(0.0, 0.0, 0.0), flat, 2.0, 66.0)
    assert level.center is None
    assert level.error_m is None
    assert len(level.outline) == 4


def test_the_ground_point_agrees_with_the_geodesic() -> None:
    place = ground_point(EYE, from_angles(0.0, -6.0, 45.0), flat)
    assert place is not None
    expected = destination(ORIGIN, 45.0, 60.0 / math.tan(math.radians(6.0)))
    assert distance_m(place, expected) < 2.0
