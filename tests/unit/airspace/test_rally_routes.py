"""Ways around what is closed, with rally points to come back to and fences of their own; all proved from outside."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import fence_area, on_board_fence
from dfr.airspace.route import NoRoute, Route, RouteRequest, plan_hold, plan_route
from dfr.core.fence import FencePlan
from dfr.core.geo import Agl, Amsl, Waypoint, distance_m
from dfr.core.rally import RallyPoint
from tests.unit.airspace.places import FRAME, GROUND_M, HOME, airspace, ceiling, disc, no_fly, place

OWN = RouteRequest(own_fence=True)
WALL = no_fly(box(700, -300, 900, 300), "the prison")


def rally(east_m: float, north_m: float, altitude_m: float = GROUND_M, name: str = "the park") -> RallyPoint:
    return RallyPoint(name.replace(" ", "-"), name, place(east_m, north_m), Amsl(altitude_m))


PARK = rally(1100, 600)


def prove_from_outside(judged: Airspace, route: Route, request: RouteRequest) -> None:
    """Point by point: allowed, in the fence, and wherever Return is triggered it comes down inside."""
    plan: FencePlan = route.fence or on_board_fence(judged, HOME, request.fence_height, request.return_height)
    area = fence_area(plan, FRAME)
    assert plan.max_height is not None
    top_m = HOME.altitude.m + plan.max_height.m
    landings = [(HOME.position, HOME.altitude), *((one.position, one.altitude) for one in route.rally_points)]
    legs = [*pairwise(route.waypoints)]
    for (a, b), reach_m in zip(legs, route.passing_m[1:], strict=True):
        assert judged.segment(a, b).allowed, judged.segment(a, b).reasons
        line = LineString([FRAME.to_local(a.position), FRAME.to_local(b.position)])
        shares = [*np.linspace(0.0, 1.0, 9), max(1.0 - reach_m / max(line.length, 1.0), 0.0)]
        for share in shares:
            here = line.interpolate(share, normalized=True)
            altitude_m = a.altitude.m + (b.altitude.m - a.altitude.m) * share
            assert area.covers(here)
            assert altitude_m <= top_m
            position = FRAME.to_position(here.x, here.y)
            away_m = [distance_m(position, landing) for landing, _ in landings]
            # PX4 takes the nearest, home unless another is 2 m nearer; and the aircraft may be 5 m beside its way.
            for (landing, surface), m in zip(landings, away_m, strict=True):
                if m > min(away_m) + 11.0 or m < 1.0:
                    continue
                at = Amsl(max(altitude_m, surface.m + request.return_height.m))
                back = judged.segment(Waypoint(position, at), Waypoint(landing, at))
                assert back.allowed, back.reasons
                assert area.covers(LineString([here, FRAME.to_local(landing)]))
                assert at.m <= top_m
                assert judged.point(Waypoint(landing, surface)).sideways.margin_m >= 0.0


def planned(judged: Airspace, scene: tuple[float, float], request: RouteRequest, *points: RallyPoint) -> Route:
    route = plan_route(judged, HOME, place(*scene), request, points)
    assert isinstance(route, Route), route
    prove_from_outside(judged, route, request)
    return route


def test_none_is_taken_where_none_is_needed() -> None:
    assert planned(airspace(WALL), (1500, 900), OWN, PARK).rally_points == ()


@pytest.mark.parametrize("request_", [RouteRequest(), OWN])
def test_around_a_block_with_a_place_to_come_down_behind_it(request_: RouteRequest) -> None:
    judged = airspace(WALL)
    assert isinstance(plan_route(judged, HOME, place(1500, 0), request_), NoRoute)
    route = planned(judged, (1500, 0), request_, PARK)
    assert route.rally_points == (PARK,)
    assert len(route.waypoints) > 2
    assert "nearest of its dock and the park" in " ".join(route.sentences)
    assert route.length_m < 1.02 * (math.hypot(675, 325) + 250 + math.hypot(540, 325))


def test_the_way_keeps_to_where_a_hidden_rally_point_is_not_the_nearest() -> None:
    # Nearer to the corners of the block than home is, and not in view from there: a long way round.
    hidden = planned(airspace(WALL), (1500, 0), OWN, rally(1100, -50))
    assert hidden.length_m > 1.4 * planned(airspace(WALL), (1500, 0), OWN, PARK).length_m


def test_of_many_those_few_are_taken_that_do() -> None:
    points = [rally(1100, -50, name="the bad one"), rally(-2000, 0, name="far off"), PARK]
    assert planned(airspace(WALL), (1500, 0), OWN, *points).rally_points == (PARK,)


def test_a_rally_point_on_a_high_roof_or_a_closed_place_is_not_taken() -> None:
    judged = airspace(WALL, no_fly(disc(1100, 600, 30), "the mast"))
    assert isinstance(plan_route(judged, HOME, place(1500, 0), OWN, [PARK]), NoRoute)
    assert isinstance(plan_route(airspace(WALL), HOME, place(1500, 0), OWN, [rally(1100, 600, GROUND_M + 80)]), NoRoute)


def test_a_low_ceiling_is_flown_beneath_with_a_fence_of_its_own() -> None:
    low = ceiling(box(400, -3000, 3000, 3000), 72.0)
    judged = airspace(low)
    assert isinstance(plan_route(judged, HOME, place(1000, 0), RouteRequest()), Route | NoRoute)
    route = planned(judged, (1000, 0), OWN)
    assert route.waypoints[-1].altitude.m <= GROUND_M + 72.0 - 5.0


def test_a_corridor_as_wide_as_twice_what_is_kept_is_flown_through_and_a_narrower_one_is_not() -> None:
    for width_m, passes in ((51.0, True), (49.0, False)):
        half_m = width_m / 2.0
        walls = [no_fly(box(300, half_m, 1200, 3500), "left"), no_fly(box(300, -3500, 1200, -half_m), "right")]
        answer = plan_route(airspace(*walls), HOME, place(1500, 0), OWN)
        assert isinstance(answer, Route) == passes
        if isinstance(answer, Route):
            prove_from_outside(airspace(*walls), answer, OWN)


def test_a_dock_on_a_border_goes_nowhere_and_says_so() -> None:
    for judged in (airspace(no_fly(box(0, -100, 100, 100), "the yard")), airspace(no_fly(disc(0, 0, 50), "the yard"))):
        answer = plan_route(judged, HOME, place(-1000, 0), OWN)
        assert isinstance(answer, NoRoute)
        assert answer.sentence.startswith("Refused: ")
        assert answer.nearest is None


def test_the_zones_that_it_names_are_the_ones_that_close_it() -> None:
    names = ["the prison", "the court", "the depot"]
    walls = [no_fly(box(600 + 200 * i, -3500, 700 + 200 * i, 3500), name) for i, name in enumerate(names)]
    aside = [no_fly(disc(-1000, 500 * i, 100), f"aside {i}") for i in range(5)]
    answer = plan_route(airspace(*walls, *aside), HOME, place(1500, 0), OWN)
    assert isinstance(answer, NoRoute)
    assert answer.sentence.startswith("Refused: the way is closed by the prison, the court and the depot.")
    assert isinstance(plan_route(airspace(*aside), HOME, place(1500, 0), OWN), Route)
    for left in range(3):
        rest = [wall for i, wall in enumerate(walls) if i == left]
        assert isinstance(plan_route(airspace(*rest, *aside), HOME, place(1500, 0), OWN), NoRoute)


def test_the_scene_is_seen_from_as_far_as_its_place_may_be_wrong() -> None:
    route = planned(airspace(), (1500, 0), RouteRequest(scene_error_m=50.0))
    assert distance_m(route.waypoints[-1].position, place(1500, 0)) == pytest.approx(110.0, abs=0.1)


BLOCKS = st.builds(
    lambda east, north, size, wide: box(east, north, east + size, north + size * wide),
    st.floats(-2900, 2900),
    st.floats(-2900, 2900),
    st.floats(20, 700),
    st.floats(0.2, 1.5),
)
PLACES = st.tuples(st.floats(-2900, 2900), st.floats(-2900, 2900))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(BLOCKS, max_size=8),
    st.lists(st.tuples(BLOCKS, st.floats(40, 120)), max_size=3),
    st.lists(PLACES, max_size=4),
    PLACES,
    st.booleans(),
)
def test_every_route_is_proved_and_every_refusal_names_a_place_that_can_be_flown_to(
    closed: list[BaseGeometry],
    low: list[tuple[BaseGeometry, float]],
    points: list[tuple[float, float]],
    scene: tuple[float, float],
    own_fence: bool,
) -> None:
    zones = [no_fly(shape, f"closed {i}") for i, shape in enumerate(closed)]
    zones += [ceiling(shape, height_m, f"cell {i}") for i, (shape, height_m) in enumerate(low)]
    judged = airspace(*zones)
    request = RouteRequest(own_fence=own_fence, minimum_height=Agl(30.0))
    rally_points = [rally(*point, name=f"park {i}") for i, point in enumerate(points)]
    answer = plan_route(judged, HOME, place(*scene), request, rally_points)
    if isinstance(answer, Route):
        prove_from_outside(judged, answer, request)
        return
    assert answer.sentence.startswith("Refused: ")
    assert answer.sentence.endswith(".")
    if answer.nearest is not None:
        way = plan_hold(judged, HOME, answer.nearest, request, rally_points)
        assert way is not None
        assert distance_m(way.waypoints[-1].position, answer.nearest) < 0.1
        prove_from_outside(judged, way, request)
        assert shapely.Point(FRAME.to_local(answer.nearest)).distance(Point(scene)) >= 0.0
