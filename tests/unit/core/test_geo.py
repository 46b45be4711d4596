"""Places: the local frame against the ellipsoid, and altitudes that keep their datum."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Geod

from dfr.core.geo import (
    AboveTakeoff,
    Agl,
    Amsl,
    Ellipsoid,
    LocalFrame,
    Position,
    bearing_deg,
    destination,
    distance_m,
)

GEOD = Geod(ellps="WGS84")
ORIGINS = st.sampled_from(
    [
        Position(32.226, -110.92),
        Position(0.0, 0.0),
        Position(-33.9, 179.99),
        Position(70.0, 25.0),
        Position(-45.0, -180),
    ]
)
METRES = st.floats(-21_000.0, 21_000.0)
"""In both directions: within 30 km of the origin."""
DATUMS = (Amsl, Agl, AboveTakeoff, Ellipsoid)


@given(ORIGINS, METRES, METRES)
def test_there_and_back_within_a_millimetre(origin: Position, east_m: float, north_m: float) -> None:
    frame = LocalFrame(origin)
    back = frame.to_local(frame.to_position(east_m, north_m))
    assert math.dist(back, (east_m, north_m)) < 1e-3
    assert -180.0 <= frame.to_position(east_m, north_m).longitude_deg <= 180.0


@given(ORIGINS, METRES, METRES)
def test_a_distance_from_the_origin_is_true(origin: Position, east_m: float, north_m: float) -> None:
    away_m = math.hypot(east_m, north_m)
    position = LocalFrame(origin).to_position(east_m, north_m)
    geodesic_m = GEOD.inv(origin.longitude_deg, origin.latitude_deg, position.longitude_deg, position.latitude_deg)[2]
    assert away_m == pytest.approx(geodesic_m, rel=1e-8, abs=1e-3)


@given(ORIGINS, METRES, METRES, METRES, METRES)
def test_lengths_within_30_km_agree_with_the_ellipsoid(
    origin: Position, east_m: float, north_m: float, to_east_m: float, to_north_m: float
) -> None:
    """The docstring promises 4 parts in a million."""
    length_m = math.dist((east_m, north_m), (to_east_m, to_north_m))
    assume(length_m > 1.0)
    frame = LocalFrame(origin)
    a, b = frame.to_position(east_m, north_m), frame.to_position(to_east_m, to_north_m)
    geodesic_m = GEOD.inv(a.longitude_deg, a.latitude_deg, b.longitude_deg, b.latitude_deg)[2]
    assert length_m == pytest.approx(geodesic_m, rel=4e-6, abs=1e-4)
    assert distance_m(a, b) == pytest.approx(geodesic_m, abs=1e-6)


@given(ORIGINS, st.lists(st.tuples(METRES, METRES), min_size=1, max_size=5))
def test_arrays_say_the_same_as_single_places(origin: Position, places: list[tuple[float, float]]) -> None:
    frame = LocalFrame(origin)
    degrees = frame.array_to_longitude_latitude(places)
    for (east_m, north_m), (longitude, latitude) in zip(places, degrees, strict=True):
        one = frame.to_position(east_m, north_m)
        assert (one.longitude_deg, one.latitude_deg) == pytest.approx((longitude, latitude), abs=1e-12)
    assert np.allclose(frame.array_to_local(degrees), places, atol=1e-3)


@given(ORIGINS, st.floats(0.0, 359.9), st.floats(1.0, 30_000.0))
def test_a_destination_lies_where_it_was_asked_for(origin: Position, bearing: float, distance: float) -> None:
    there = destination(origin, bearing, distance)
    assert distance_m(origin, there) == pytest.approx(distance, abs=1e-3)
    turn = (bearing_deg(origin, there) - bearing + 180.0) % 360.0 - 180.0
    assert abs(turn) < 0.01


@given(ORIGINS, ORIGINS)
def test_bearings_are_compass_bearings(a: Position, b: Position) -> None:
    assert 0.0 <= bearing_deg(a, b) < 360.0


BAD = st.sampled_from([math.nan, math.inf, -math.inf])


@given(BAD | st.floats(max_value=-90.0001) | st.floats(min_value=90.0001), st.floats(-180.0, 180.0))
def test_a_latitude_that_is_none_is_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(ValueError, match=r"\d|nan|inf"):
        Position(latitude, longitude)


@given(st.floats(-90.0, 90.0), BAD | st.floats(max_value=-180.0001) | st.floats(min_value=180.0001))
def test_a_longitude_that_is_none_is_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(ValueError, match=r"\d|nan|inf"):
        Position(latitude, longitude)


@given(st.floats(-90.0, 90.0), st.floats(-180.0, 180.0))
def test_every_place_on_earth_is_a_position(latitude: float, longitude: float) -> None:
    assert Position(latitude, longitude) == Position(latitude, longitude)


def test_swapped_coordinates_are_suspected_in_words() -> None:
    with pytest.raises(ValueError, match="swapped"):
        Position(-110.9, 32.2)


@pytest.mark.parametrize(("one", "other"), list(permutations(DATUMS, 2)))
def test_altitudes_of_two_datums_are_not_compared(one: type[Amsl], other: type[Amsl]) -> None:
    a, b = one(10.0), other(10.0)
    assert a != b
    for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
        assert getattr(a, compare)(b) is NotImplemented
    with pytest.raises(TypeError):
        max(a, b)
    with pytest.raises(TypeError):
        sorted([a, b])


@pytest.mark.parametrize("datum", DATUMS)
def test_altitudes_of_one_datum_are(datum: type[Amsl]) -> None:
    assert datum(1.0) < datum(2.0)
    assert max(datum(1.0), datum(2.0)) == datum(2.0)
    with pytest.raises(TypeError):
        datum(1.0) < 2.0  # type: ignore[operator]  # noqa: B015
