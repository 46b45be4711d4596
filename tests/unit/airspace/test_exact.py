"""Distances in the local frame against GeographicLib's own on the ellipsoid (Karney 2013)."""

import math

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.many import degrees_of_many
from dfr.core.geo import Amsl, LocalFrame, Position
from dfr.core.zone import Zone, ZoneKind

LATITUDES = (0.0, 32.22, 60.0, -60.0)
WGS84 = Geodesic.WGS84  # type: ignore[attr-defined]


def along(start: Position, bearing: float, distance: float) -> Position:
    found = WGS84.Direct(start.latitude_deg, start.longitude_deg, bearing, distance)
    return Position(found["lat2"], found["lon2"])


def geodesic_m(a: Position, b: Position) -> float:
    return float(WGS84.Inverse(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg)["s12"])


def to_edge_m(place: Position, a: Position, b: Position) -> float:
    """From a place to an edge that is straight in longitude and latitude (RFC 7946, 3.1.1), by halving."""

    def at(share: float) -> float:
        latitude = a.latitude_deg + share * (b.latitude_deg - a.latitude_deg)
        return geodesic_m(place, Position(latitude, a.longitude_deg + share * (b.longitude_deg - a.longitude_deg)))

    low, high = 0.0, 1.0
    for _ in range(60):
        third = (high - low) / 3.0
        low, high = (low, high - third) if at(low + third) < at(high - third) else (low + third, high)
    return at((low + high) / 2.0)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(LATITUDES),
    st.floats(0.0, 360.0),
    st.floats(0.0, 30_000.0),
    st.floats(0.0, 360.0),
    st.floats(0.05, 0.95),
    st.floats(1.0, 10_000.0),
)
def test_the_distance_to_a_long_edge_of_a_zone(
    latitude: float, bearing: float, away: float, turn: float, share: float, off: float
) -> None:
    """Within 0.1 m, for edges of 10 km and places as far as 10 km from them, up to 30 km from the frame's origin."""
    origin = Position(latitude, -110.93)
    a = along(origin, bearing, away)
    b = along(a, turn, 10_000.0)
    shape = Polygon([_degrees(p) for p in (a, b, along(b, turn + 90.0, 3000.0), along(a, turn + 90.0, 3000.0))])
    middle = Position(
        a.latitude_deg + share * (b.latitude_deg - a.latitude_deg),
        a.longitude_deg + share * (b.longitude_deg - a.longitude_deg),
    )
    place = along(middle, turn - 90.0, off)
    exact_m = to_edge_m(place, a, b)
    assume(exact_m > 1.0)
    assert _airspace(origin, shape).border_distance(_local(origin, place)) == pytest.approx(exact_m, abs=0.1)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(LATITUDES),
    st.floats(0.0, 360.0),
    st.floats(0.0, 30_000.0),
    st.floats(0.0, 360.0),
    st.floats(1.0, 10_000.0),
)
def test_distances_far_from_the_origin(
    latitude: float, bearing: float, away: float, turn: float, length: float
) -> None:  # fmt: skip
    origin = Position(latitude, 20.0)
    a = along(origin, bearing, away)
    b = along(a, turn, length)
    assert _local(origin, a).distance(_local(origin, b)) == pytest.approx(length, abs=0.1)


def test_an_edge_along_a_parallel_is_no_geodesic() -> None:
    """At 60 degrees north a geodesic of 10 km rises 3.4 m above the parallel that its ends lie on."""
    origin = Position(60.0, 20.0)
    west, east = Position(60.0, 19.91), Position(60.0, 20.09)
    shape = Polygon([_degrees(west), _degrees(east), (20.09, 60.05), (19.91, 60.05)])
    below = Position(59.9995, 20.0)
    assert _airspace(origin, shape).border_distance(_local(origin, below)) == pytest.approx(
        geodesic_m(below, Position(60.0, 20.0)), abs=0.02
    )


@pytest.mark.parametrize("latitude", LATITUDES)
def test_many_places_are_turned_to_degrees_to_a_millimetre(latitude: float) -> None:
    frame = LocalFrame(Position(latitude, -110.93))
    places = np.random.default_rng(1).uniform(-40_000.0, 40_000.0, (30_000, 2))
    off_deg = np.abs(degrees_of_many(frame, places) - frame.array_to_longitude_latitude(places)).max()
    assert 0.0 < off_deg < 1e-8


def test_where_no_polynomial_fits_the_projection_is_asked() -> None:
    frame = LocalFrame(Position(89.9, 0.0))
    places = np.random.default_rng(1).uniform(-40_000.0, 40_000.0, (30_000, 2))
    assert np.array_equal(degrees_of_many(frame, places), frame.array_to_longitude_latitude(places))


def _airspace(origin: Position, closed: Polygon) -> Airspace:
    """A no-fly zone in an operating area of some degrees."""
    half = 1.0 / math.cos(math.radians(origin.latitude_deg))
    west, south = origin.longitude_deg - half, origin.latitude_deg - 1.0
    around = Polygon([(west, south), (west + 2 * half, south), (west + 2 * half, south + 2), (west, south + 2)])
    zones = [
        Zone("area", "area", ZoneKind.OPERATING_AREA, around),
        Zone("closed", "closed", ZoneKind.NO_FLY, closed),
    ]
    return Airspace(zones, FlatGround(Amsl(0.0)), origin)


def _degrees(position: Position) -> tuple[float, float]:
    return position.longitude_deg, position.latitude_deg


def _local(origin: Position, position: Position) -> Point:
    return Point(LocalFrame(origin).to_local(position))
