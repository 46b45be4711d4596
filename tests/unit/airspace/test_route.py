"""Ways from a dock to a scene, and home again from anywhere on them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.fence import fence_area, on_board_fence
from dfr.airspace.ground import GroundPoint, SurveyedGround
from dfr.airspace.route import NoRoute, Route, RouteRequest, plan_route
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Position, Waypoint, distance_m
from dfr.core.zone import ZoneKind
from tests.unit.airspace.places import (
    AREA,
    FRAME,
    GROUND_M,
    HOME,
    ORIGIN,
    airspace,
    ceiling,
    disc,
    no_fly,
    place,
    zone,
)


def found(judged: Airspace, scene: Position, request: RouteRequest | None = None) -> Route:
    route = plan_route(judged, HOME, scene, request)
    assert isinstance(route, Route), route
    return route


def refused(judged: Airspace, scene: Position, request: RouteRequest | None = None) -> NoRoute:
    route = plan_route(judged, HOME, scene, request)
    assert isinstance(route, NoRoute), route
    return route


def test_the_straight_way_to_a_stand_off() -> None:
    route = found(airspace(), place(1000, 0))
    assert len(route.waypoints) == 2
    assert distance_m(route.waypoints[0].position, HOME.position) < 0.01
    assert distance_m(route.waypoints[-1].position, place(1000, 0)) == pytest.approx(60.0, abs=0.1)
    assert route.length_m == pytest.approx(940.0, abs=0.1)
    assert {w.altitude for w in route.waypoints} == {Amsl(GROUND_M + 60.0)}
    assert route.transit_height == AboveTakeoff(50.0)
    assert route.return_height == AboveTakeoff(50.0)
    assert route.scene_altitude == Amsl(GROUND_M)


def test_a_scene_nearer_than_the_stand_off_is_seen_from_where_it_fits() -> None:
    route = found(airspace(), place(20, 0))
    assert distance_m(route.waypoints[-1].position, place(20, 0)) == pytest.approx(60.0, abs=0.1)


def test_the_height_gives_way_to_a_ceiling_and_says_so() -> None:
    route = found(airspace(ceiling(box(400, -3000, 3000, 3000), 62.0)), place(1000, 0), RouteRequest(height=Agl(70.0)))
    assert GROUND_M + 54.0 <= route.waypoints[-1].altitude.m <= GROUND_M + 57.0
    assert any(sentence.startswith("Lower than the 70 m asked for") for sentence in route.sentences)


def test_a_ceiling_below_the_minimum_height_closes_the_way() -> None:
    request = RouteRequest(minimum_height=Agl(60.0))
    refusal = refused(airspace(ceiling(box(400, -3000, 3000, 3000), 58.0)), place(1000, 0), request)
    assert "the cell" in refusal.sentence
    assert refusal.nearest is not None
    assert FRAME.to_local(refusal.nearest)[0] < 400.0


def test_a_return_that_would_be_too_high_closes_the_way() -> None:
    request = RouteRequest(return_height=AboveTakeoff(110.0), fence_height=AboveTakeoff(115.0))
    assert "coming home at 110 m" in refused(airspace(), place(1000, 0), request).sentence


def test_a_scene_in_a_no_fly_zone_is_refused_like_a_colleague_would() -> None:
    refusal = refused(airspace(no_fly(disc(1500, 0, 400), "the hospital")), place(1500, 0))
    assert refusal.sentence.startswith("Refused: the scene is 400 m inside the hospital. Nearest place you may hold: ")
    assert refusal.nearest is not None
    assert distance_m(refusal.nearest, place(1500, 0)) < 500.0
    assert airspace(no_fly(disc(1500, 0, 400))).point(Waypoint(refusal.nearest, Amsl(GROUND_M + 50))).allowed


def test_a_scene_outside_the_operating_area_is_refused() -> None:
    refusal = refused(airspace(), place(4000, 0))
    assert refusal.sentence.startswith("Refused: the scene is 1000 m outside the operating area, the area.")
    assert refusal.nearest is not None
    assert FRAME.to_local(refusal.nearest)[0] > 2900.0


def test_a_scene_behind_a_zone_is_not_flown_to_for_return_flies_straight() -> None:
    refusal = refused(airspace(no_fly(box(700, -300, 900, 300), "the prison")), place(1500, 0))
    assert refusal.sentence.startswith(
        "Refused: the straight way there and home is closed by the prison. There is a way"
    )
    assert refusal.nearest is not None
    wall = refused(airspace(no_fly(box(700, -4000, 900, 4000), "the wall")), place(1500, 0))
    assert wall.sentence.startswith("Refused: the way is closed by the wall.")


def test_another_bearing_is_taken_when_the_nearest_one_is_closed() -> None:
    judged = airspace(no_fly(disc(940, 0, 20), "a mast"))
    route = found(judged, place(1000, 0))
    assert distance_m(route.waypoints[-1].position, place(1000, 0)) == pytest.approx(60.0, abs=0.1)
    assert judged.open.covers(LineString([FRAME.to_local(w.position) for w in route.waypoints]))


def test_private_areas_are_gone_round_when_that_costs_little() -> None:
    school = zone(ZoneKind.PRIVACY, disc(700, 0, 100), "a school")
    route = found(airspace(school), place(1500, 0))
    assert len(route.waypoints) > 2
    assert "Goes round private areas." in route.sentences
    flown = LineString([FRAME.to_local(w.position) for w in route.waypoints])
    assert flown.distance(Point(700, 0)) > 100.0
    assert flown.length < 1.1 * 1440.0


def test_the_way_round_a_round_private_area_has_few_corners() -> None:
    """PX4 flies legs of a few metres at a walk."""
    route = found(airspace(zone(ZoneKind.PRIVACY, disc(700, 5, 70), "the school")), place(1500, 0))
    assert "Goes round private areas." in route.sentences
    assert 3 <= len(route.waypoints) <= 5


def test_private_areas_are_flown_over_when_there_is_no_other_way() -> None:
    wide = zone(ZoneKind.PRIVACY, box(600, -2900, 800, 2900), "the reservation")
    route = found(airspace(wide), place(1500, 0))
    assert "Flies over the reservation with the camera on the horizon." in route.sentences


def test_rising_ground_lifts_the_flight() -> None:
    corners = [(-4000, -4000), (4000, -4000), (-4000, 4000), (4000, 4000), (0, 0), (1000, 0), (0, 2000)]
    slope = SurveyedGround([GroundPoint(place(e, n), Amsl(GROUND_M + e * 0.01)) for e, n in corners], ORIGIN)
    route = plan_route(Airspace([AREA], slope, ORIGIN), HOME, place(2000, 0))
    assert isinstance(route, Route)
    assert route.waypoints[-1].altitude.m == pytest.approx(GROUND_M + 20.0 + 60.0, abs=1.0)
    back = plan_route(Airspace([AREA], slope, ORIGIN), HOME, place(-2000, 0))
    assert isinstance(back, Route)
    assert back.waypoints[-1].altitude.m >= GROUND_M + 30.0


BLOCKS = st.builds(
    lambda east, north, size: box(east, north, east + size, north + size * 0.7),
    st.floats(-2900, 2900),
    st.floats(-2900, 2900),
    st.floats(30, 600),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(BLOCKS, max_size=8), st.lists(BLOCKS, max_size=3), st.integers(0, 10_000))
def test_every_route_is_allowed_and_so_is_coming_home_from_all_of_it(
    closed: list[BaseGeometry], private: list[BaseGeometry], seed: int
) -> None:
    chance = random.Random(seed)
    zones = [no_fly(shape, f"closed {i}") for i, shape in enumerate(closed)]
    zones += [zone(ZoneKind.PRIVACY, shape, f"private {i}") for i, shape in enumerate(private)]
    judged = airspace(*zones)
    scene = place(chance.uniform(-2900, 2900), chance.uniform(-2900, 2900))
    route = plan_route(judged, HOME, scene)
    if isinstance(route, NoRoute):
        assert route.sentence.endswith(".")
        if route.nearest is not None:
            assert judged.point(Waypoint(route.nearest, Amsl(GROUND_M + 50.0))).allowed
        return
    fence = fence_area(on_board_fence(judged, HOME), FRAME)
    up = Amsl(HOME.altitude.m + route.return_height.m)
    for a, b in zip(route.waypoints, route.waypoints[1:], strict=False):
        assert judged.segment(a, b).allowed
        (ax, ay), (bx, by) = FRAME.to_local(a.position), FRAME.to_local(b.position)
        for share in (0.0, 0.3, 0.7, 1.0):
            here = place(ax + (bx - ax) * share, ay + (by - ay) * share)
            if distance_m(here, HOME.position) > 1.0:
                assert judged.segment(Waypoint(here, up), Waypoint(HOME.position, up)).allowed
                assert fence.covers(LineString((FRAME.to_local(here), (0.0, 0.0))))
