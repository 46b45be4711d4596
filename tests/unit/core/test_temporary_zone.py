"""Zones that people add."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import Point

from dfr.core.geo import Position, destination
from dfr.core.temporary_zone import TemporaryZone
from dfr.core.zone import ZoneKind

HERE = Position(32.22, -110.92)
SQUARE = tuple(destination(HERE, bearing, 300.0) for bearing in (45.0, 135.0, 225.0, 315.0))


def a_zone(**changes: Any) -> TemporaryZone:
    values: dict[str, Any] = {
        "id": "zone-1",
        "name": "the fire",
        "start_s": 100.0,
        "end_s": 700.0,
        "made_by": "anna",
        "made_s": 100.0,
        "center": HERE,
        "radius_m": 200.0,
    }
    return TemporaryZone(**(values | changes))


def test_a_circle_loses_nothing_of_itself_and_holds_for_its_time() -> None:
    zone = a_zone().zone
    assert zone.kind is ZoneKind.TEMPORARY
    for bearing in range(0, 360, 7):
        edge = destination(HERE, float(bearing), 199.9)
        assert zone.shape.covers(Point(edge.longitude_deg, edge.latitude_deg))
    assert zone.times is not None
    assert [zone.times.holds(at_s, HERE, doubtful=True) for at_s in (99.0, 100.0, 699.0, 700.0)] == [
        False,
        True,
        True,
        False,
    ]


def test_corners_make_a_polygon() -> None:
    zone = a_zone(corners=SQUARE, center=None, radius_m=None, incident_id="incident-1").zone
    area_m2, _ = Geod(ellps="WGS84").geometry_area_perimeter(zone.shape)
    assert abs(area_m2) == pytest.approx(2 * 300.0**2, rel=1e-3)
    assert zone.incident_id == "incident-1"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "no name"),
        ({"end_s": 100.0}, "ends before it begins"),
        ({"end_s": float("nan")}, "ends before it begins"),
        ({"end_s": 100.0 + 91 * 86_400.0}, "more than 90 days"),
        ({"center": None}, "either corners, or a centre"),
        ({"corners": SQUARE}, "either corners, or a centre"),
        ({"radius_m": None}, "is missing"),
        ({"radius_m": 5.0}, "is 5 m"),
        ({"radius_m": float("nan")}, "is nan m"),
        ({"center": None, "corners": SQUARE[:2]}, "needs at least three"),
        ({"center": None, "corners": (SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3])}, "crosses itself"),
        ({"center": None, "corners": (HERE, HERE, HERE)}, "crosses itself|no area"),
    ],
)
def test_what_is_no_zone_is_refused_with_a_sentence(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        a_zone(**changes)


def test_it_is_over_when_its_time_is_or_when_it_was_lifted() -> None:
    assert not a_zone().is_over(699.0)
    assert a_zone().is_over(700.0)
    assert a_zone(lifted_s=200.0, lifted_by="bo").is_over(201.0)


@settings(deadline=None, max_examples=50)
@given(radius_m=st.floats(10.0, 60_000.0), latitude=st.floats(-70.0, 70.0), bearing=st.floats(0.0, 360.0))
def test_any_circle_covers_what_lies_within_its_radius_and_hardly_more(
    radius_m: float, latitude: float, bearing: float
) -> None:
    center = Position(latitude, 20.0)
    shape = a_zone(center=center, radius_m=radius_m).zone.shape
    inside, outside = (destination(center, bearing, radius_m * share) for share in (0.9985, 1.01))
    assert shape.covers(Point(inside.longitude_deg, inside.latitude_deg))
    assert not shape.covers(Point(outside.longitude_deg, outside.latitude_deg))
