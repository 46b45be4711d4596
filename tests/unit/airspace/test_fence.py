"""The fence on board never allows more than the zones do, and fits on board."""

import random

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import MOST_POINTS, FenceError, fence_area, on_board_fence
from dfr.airspace.ground import GroundPoint, SurveyedGround
from dfr.core.fence import FencePlan
from dfr.core.geo import AboveTakeoff, Amsl, Waypoint
from dfr.core.zone import Zone, ZoneKind
from tests.unit.airspace.places import AREA, FRAME, GROUND_M, HOME, ORIGIN, airspace, ceiling, disc, no_fly, place, zone


def points_on_board(plan: FencePlan) -> int:
    return sum(len(polygon.corners) for polygon in plan.polygons) + len(plan.circles)


def test_without_zones_it_is_the_area_less_the_margin() -> None:
    plan = on_board_fence(airspace(), HOME)
    assert [polygon.inclusion for polygon in plan.polygons] == [True]
    area = fence_area(plan, FRAME)
    assert box(-2985, -2985, 2985, 2985).covers(area)
    assert area.area > 0.99 * 5970**2


def test_a_helipad_becomes_a_circle_that_covers_it_with_the_margin() -> None:
    plan = on_board_fence(airspace(no_fly(disc(1000, 0, 150))), HOME)
    (circle,) = plan.circles
    assert not circle.inclusion
    assert Point(FRAME.to_local(circle.center)).buffer(circle.radius_m).covers(disc(1000, 0, 164.9))
    assert circle.radius_m < 185.0


def test_a_zone_across_the_area_cuts_it_and_home_stays_inside() -> None:
    plan = on_board_fence(airspace(no_fly(box(800, -4000, 900, 4000))), HOME)
    area = fence_area(plan, FRAME)
    assert area.covers(Point(0, 0))
    assert area.bounds[2] <= 785.0


def test_the_height_is_chosen_so_that_most_can_be_used() -> None:
    low_everywhere = airspace(ceiling(box(-4000, -4000, 4000, 4000), 75.0))
    plan = on_board_fence(low_everywhere, HOME)
    assert plan.max_height is not None
    assert plan.max_height.m <= 65.0
    assert fence_area(plan, FRAME).area > 0.99 * 5970**2
    low_corner = airspace(ceiling(box(2000, 2000, 4000, 4000), 50.0))
    assert not fence_area(on_board_fence(low_corner, HOME), FRAME).intersects(box(1990, 1990, 4000, 4000))


def test_home_where_nothing_may_start_is_a_sentence() -> None:
    with pytest.raises(FenceError, match="helipad"):
        on_board_fence(airspace(no_fly(disc(0, 0, 100))), HOME)
    with pytest.raises(FenceError, match="the area"):
        on_board_fence(airspace(), Waypoint(place(5000, 0), HOME.altitude))
    with pytest.raises(FenceError, match="the cell allows 35 m above this dock"):
        on_board_fence(airspace(ceiling(disc(0, 0, 300), 45.0)), HOME)


def test_a_home_that_trembles_keeps_its_fence() -> None:
    judged = airspace(no_fly(disc(1000, 0, 150)))
    plan = on_board_fence(judged, HOME)
    moved = Waypoint(place(0.2, -0.2), Amsl(HOME.altitude.m + 0.3))
    assert on_board_fence(judged, moved).digest == plan.digest


def test_hundreds_of_zones_fit_on_board_by_giving_up_area() -> None:
    chance = random.Random(3)
    zones = []
    for number in range(150):
        east, north = chance.uniform(-3000, 3000), chance.uniform(-3000, 3000)
        if abs(east) + abs(north) > 250:
            zones.append(no_fly(box(east, north, east + 40, north + 60), f"block {number}"))
    judged = airspace(*zones)
    plan = on_board_fence(judged, HOME)
    assert points_on_board(plan) <= MOST_POINTS
    assert judged.free.covers(fence_area(plan, FRAME))


def _shape(kind: int, east: float, north: float, size: float) -> BaseGeometry:
    if kind == 0:
        return disc(east, north, size)
    if kind == 1:
        return box(east, north, east + size, north + size / 3)
    if kind == 2:
        return Polygon([(east, north), (east + size, north + size / 9), (east + size / 5, north + size)])
    return disc(east, north, size).difference(disc(east, north, size / 2))


AREAS = st.builds(_shape, st.integers(0, 3), st.floats(-3200, 3200), st.floats(-3200, 3200), st.floats(20, 900))
HEIGHTS = st.floats(30, 140)


def _bumpy() -> SurveyedGround:
    chance = random.Random(5)
    spots = [(chance.uniform(-4000, 4000), chance.uniform(-4000, 4000)) for _ in range(40)]
    points = [GroundPoint(place(e, n), Amsl(GROUND_M + e * 0.004 + chance.uniform(-3, 3))) for e, n in spots]
    return SurveyedGround(points, ORIGIN)


BUMPY = _bumpy()


@settings(max_examples=40, deadline=None)
@given(st.lists(AREAS, max_size=8), st.lists(st.tuples(AREAS, HEIGHTS), max_size=5), st.integers(0, 2**32 - 1))
def test_what_the_fence_allows_the_zones_allow(
    closed: list[BaseGeometry], low: list[tuple[BaseGeometry, float]], seed: int
) -> None:
    """Against the zones themselves: in the operating area, in no no-fly zone, below every published ceiling."""
    zones: list[Zone] = [AREA]
    zones += [no_fly(shape, f"closed {i}") for i, shape in enumerate(closed)]
    zones += [ceiling(shape, height, f"low {i}") for i, (shape, height) in enumerate(low)]
    zones.append(zone(ZoneKind.CEILING, box(-900, -2900, 900, -2000), "amsl", top=Amsl(GROUND_M + 70.0)))
    judged = Airspace(zones, BUMPY, ORIGIN)
    try:
        plan = on_board_fence(judged, HOME)
    except FenceError:
        return
    assert points_on_board(plan) <= MOST_POINTS
    assert plan.max_height is not None
    top_m = HOME.altitude.m + plan.max_height.m
    area = fence_area(plan, FRAME)
    assert area.covers(Point(0, 0))
    places = np.random.default_rng(seed).uniform(-3300, 3300, (400, 2))
    places = np.concatenate((places, shapely.get_coordinates(area)))
    allowed = places[shapely.intersects_xy(area, places)]
    ground_m = judged.ground_m(allowed)
    assert shapely.contains_xy(box(-3000, -3000, 3000, 3000), allowed).all()
    for shape in closed:
        assert not shapely.contains_xy(shape, allowed).any()
    for shape, height_m in low:
        beneath = shapely.contains_xy(shape, allowed)
        assert (top_m <= ground_m[beneath] + height_m).all()
    assert (top_m <= ground_m + judged.default_ceiling.m).all()
    assert top_m <= GROUND_M + 70.0 or not shapely.contains_xy(box(-900, -2900, 900, -2000), allowed).any()


def test_a_plan_says_what_height_it_was_made_with() -> None:
    assert on_board_fence(airspace(), HOME, AboveTakeoff(60.0)).max_height <= AboveTakeoff(60.0)  # type: ignore[operator]
