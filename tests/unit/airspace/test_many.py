"""What is judged for many at once, or over thousands of zones, is what is judged for one."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.core.geo import Agl, Amsl, Waypoint
from dfr.core.zone import Zone, ZoneKind
from tests.support.many_zones import FRAME as WIDE
from tests.support.many_zones import HALF_M, many_zones_airspace
from tests.unit.airspace.places import AREA, FRAME, GROUND_M, ORIGIN, disc, zone

HALF = 600.0
PLACE = st.tuples(st.floats(-HALF, HALF), st.floats(-HALF, HALF))
ENDS = st.tuples(PLACE, PLACE)
Ends = tuple[tuple[float, float], tuple[float, float]]
KINDS = (ZoneKind.NO_FLY, ZoneKind.TEMPORARY, ZoneKind.CEILING, ZoneKind.FLOOR, ZoneKind.CORRIDOR, ZoneKind.NO_FLY)


@st.composite
def any_zone(draw: st.DrawFn, number: int = 0) -> Zone:
    kind = draw(st.sampled_from(KINDS))
    (east, north), size = draw(PLACE), draw(st.floats(5.0, 300.0))
    shape = draw(
        st.sampled_from(
            [
                disc(east, north, size),
                box(east, north, east + size, north + 40.0),
                disc(east, north, size).difference(disc(east, north, size / 2.0)),
                Polygon([(east, north), (east + 3.0 * size, north + 2.0), (east + 2.0 * size, north - 4.0)]),
            ]
        )
    )
    height = draw(st.sampled_from([Agl(30.0), Agl(60.0), Amsl(GROUND_M + 45.0), None]))
    top = height if kind in (ZoneKind.CORRIDOR, ZoneKind.CEILING) else None
    bottom = height if kind in (ZoneKind.FLOOR, ZoneKind.NO_FLY, ZoneKind.TEMPORARY) else None
    if kind is ZoneKind.CEILING:
        top = top or Agl(50.0)
    if kind is ZoneKind.FLOOR:
        bottom = bottom or Agl(20.0)
    return zone(kind, shape, f"{kind} {draw(st.integers(0, 10**9))}", top=top, bottom=bottom)


SMALL_AREA = zone(ZoneKind.OPERATING_AREA, box(-400, -400, 300, 400), "small")


@settings(max_examples=60, deadline=None)
@given(st.lists(any_zone(), max_size=8), st.integers(0, 2**32 - 1))
def test_many_places_are_judged_as_each_by_itself(zones: list[Zone], seed: int) -> None:
    judged = Airspace([SMALL_AREA, *zones], FlatGround(Amsl(GROUND_M), 2.0), ORIGIN)
    random = np.random.default_rng(seed)
    places, heights = random.uniform(-HALF, HALF, (60, 2)), random.uniform(0.0, 130.0, 60)
    found = judged.inside(places, GROUND_M + heights)
    for place, height, allowed in zip(places, heights, found, strict=True):
        verdict = judged.point(Waypoint(FRAME.to_position(*place), Amsl(GROUND_M + height)))
        assert verdict.allowed == allowed or abs(verdict.margin_m) < 1e-3


@settings(max_examples=60, deadline=None)
@given(st.lists(any_zone(), max_size=8), st.lists(st.tuples(PLACE, PLACE), min_size=1, max_size=8))
def test_many_ways_are_measured_as_each_by_itself(
    zones: list[Zone], ends: list[tuple[tuple[float, float], ...]]
) -> None:
    judged = Airspace([SMALL_AREA, *zones], FlatGround(Amsl(GROUND_M), 2.0), ORIGIN)
    ways = np.array([LineString(pair) if pair[0] != pair[1] else Point(pair[0]) for pair in ends], dtype=object)
    alone_m = np.array([judged.border_distance(way) for way in ways])
    assert judged.border_distances(ways) == pytest.approx(alone_m, abs=1e-6)
    assert judged.border_distances(ways, 50.0) == pytest.approx(np.minimum(alone_m, 50.0), abs=1e-6)
    assert judged.published_lids_m(ways) == pytest.approx([judged.published_lid(way).altitude.m for way in ways])


@settings(max_examples=100, deadline=None)
@given(st.lists(any_zone(), max_size=8), ENDS)
def test_the_distance_to_the_border_is_that_to_everything_united(zones: list[Zone], ends: Ends) -> None:
    judged = Airspace([SMALL_AREA, *zones], FlatGround(Amsl(GROUND_M)), ORIGIN)
    place, other = (Point(end) for end in ends)
    for what in (place, LineString((place, other))) if place != other else (place,):
        if judged.free.covers(what):
            assert judged.border_distance(what) == pytest.approx(what.distance(judged.free.boundary), abs=0.05)
        else:
            assert judged.border_distance(what) <= 0.0
    if not judged.free.covers(place) and not judged.free.is_empty:
        assert -judged.border_distance(place) == pytest.approx(place.distance(judged.free), abs=0.05)


def test_ten_thousand_zones_are_judged_as_they_are_united_around_a_place() -> None:
    judged = many_zones_airspace()
    random = np.random.default_rng(4)
    places = random.uniform(-HALF_M, HALF_M, (60, 2))
    heights = judged.ground_m(places) + random.uniform(0.0, 130.0, 60)
    found = judged.inside(places, heights)
    assert 5 < np.count_nonzero(found) < 55
    for place, height, allowed in zip(places, heights, found, strict=True):
        opened = judged.open_near(Point(place), 50.0)
        sideways = bool(opened.covers(Point(place)))
        verdict = judged.point(Waypoint(WIDE.to_position(*place), Amsl(float(height))))
        assert verdict.allowed == allowed
        assert (verdict.sideways.margin_m >= 0.0) == sideways or abs(verdict.sideways.margin_m) < 0.2


def test_no_verdict_unites_ten_thousand_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    united: list[int] = []
    plain = shapely.union_all
    monkeypatch.setattr(
        shapely, "union_all", lambda shapes, **more: united.append(len(shapes)) or plain(shapes, **more)
    )
    judged = many_zones_airspace()
    ways = np.array([LineString([(e, 0), (e + 60, 30)]) for e in range(-20_000, 20_000, 400)], dtype=object)
    judged.point(Waypoint(WIDE.to_position(3000.0, 2000.0), Amsl(800.0)))
    judged.border_distances(ways, 250.0)
    judged.published_lids_m(ways)
    opening = len(judged.operating.zones)
    assert max(united) <= opening < 400


def test_an_area_of_one_kind_only_and_nothing_to_judge() -> None:
    judged = Airspace([AREA], FlatGround(Amsl(GROUND_M)), ORIGIN)
    assert judged.inside(np.zeros((0, 2)), np.zeros(0)).shape == (0,)
    assert judged.inside(np.array([[0.0, 0.0], [9000.0, 0.0]]), np.array([750.0, 750.0])).tolist() == [True, False]
