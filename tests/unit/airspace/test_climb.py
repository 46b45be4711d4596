"""Climbing on the way: every point of it is inside, high enough, and safe to come home from."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.climb import TOO_LOW_M, clear_altitude, too_low
from dfr.airspace.fence import fence_area, on_board_fence
from dfr.airspace.ground import GroundPoint, SurveyedGround
from dfr.airspace.route import Route, RouteRequest, plan_route
from dfr.core.geo import AboveTakeoff, Agl, Amsl, FloatArray, Position, Waypoint
from dfr.core.telemetry import Kinematics, Velocity
from dfr.core.zone import ZoneKind
from tests.unit.airspace.places import AREA, FRAME, GROUND_M, HOME, ORIGIN, airspace, no_fly, place, zone

LEAST = Agl(30.0)


class Hill:
    """Flat ground with one cone on it, known exactly."""

    error_m = 0.0

    def __init__(self, east_m: float, north_m: float, top_m: float, radius_m: float) -> None:
        self._center, self._top_m, self._radius_m = np.array([east_m, north_m]), top_m, radius_m

    def altitudes_m(self, longitude_latitude_deg: FloatArray) -> FloatArray:
        away_m = np.hypot(*(FRAME.array_to_local(longitude_latitude_deg) - self._center).T)
        return np.asarray(GROUND_M + self._top_m * np.clip(1.0 - away_m / self._radius_m, 0.0, 1.0))

    def knows(self, position: Position) -> bool:
        return True

    def altitude(self, position: Position) -> Amsl:
        return Amsl(float(self.altitudes_m(np.array([[position.longitude_deg, position.latitude_deg]]))[0]))


def clear_m(judged: Airspace, length_m: float, end_m: float, least_m: float = 10.0) -> float:
    """Above the ground at the dock."""
    leg = LineString([(0, 0), (length_m, 0)])
    least, end = Amsl(GROUND_M + least_m), Amsl(GROUND_M + end_m)
    return clear_altitude(judged, leg, end, LEAST, least, end).m - GROUND_M


def test_over_flat_ground_it_turns_at_the_least_height() -> None:
    assert clear_m(airspace(), 900.0, 60.0) == pytest.approx(30.0)
    assert clear_m(airspace(error_m=12.0), 900.0, 60.0) == pytest.approx(42.0)
    assert clear_m(airspace(), 900.0, 60.0, least_m=35.0) == pytest.approx(35.0)
    assert clear_m(airspace(), 900.0, 30.0) == pytest.approx(30.0), "no higher than the way itself"
    assert clear_m(airspace(), 0.0, 60.0) == pytest.approx(60.0), "straight up when there is no way to climb along"


def test_a_hill_on_the_way_is_climbed_over_before_it() -> None:
    judged = Airspace([AREA], Hill(200.0, 0.0, 25.0, 150.0), ORIGIN)
    # The line from here to 60 m at 900 m just keeps 30 m above the hill's 25 m, 200 m out.
    assert clear_m(judged, 900.0, 60.0) == pytest.approx((55.0 - 60.0 * 200 / 900) / (1 - 200 / 900), abs=0.5)
    assert clear_m(judged, 900.0, 55.0) == pytest.approx(55.0, abs=0.1)


BLOCKS = st.builds(
    lambda east, north, size: box(east, north, east + size, north + size * 0.7),
    st.floats(-2500, 2500),
    st.floats(-2500, 2500),
    st.floats(30, 500),
)


@settings(max_examples=60, deadline=None)
@example(closed=[], private=[], scene=(0.0, -198.0), hill=(0.0, -102.0, 27.0, 100.0))
@given(
    st.lists(BLOCKS, max_size=5),
    st.lists(BLOCKS, max_size=3),
    st.tuples(st.floats(-2800, 2800), st.floats(-2800, 2800)),
    st.tuples(st.floats(-800, 800), st.floats(-800, 800), st.floats(0, 40), st.floats(100, 600)),
)
def test_every_point_of_the_climb_is_inside_high_enough_and_safe_to_return_from(
    closed: list[BaseGeometry],
    private: list[BaseGeometry],
    scene: tuple[float, float],
    hill: tuple[float, float, float, float],
) -> None:
    zones = [AREA, *(no_fly(shape, f"closed {i}") for i, shape in enumerate(closed))]
    zones += [zone(ZoneKind.PRIVACY, shape, f"private {i}") for i, shape in enumerate(private)]
    judged = Airspace(zones, Hill(*hill), ORIGIN)
    request = RouteRequest()
    home = Waypoint(HOME.position, Amsl(judged.ground.altitude(HOME.position).m + 10.0))
    route = plan_route(judged, home, place(*scene), request)
    assume(isinstance(route, Route))
    assert isinstance(route, Route)
    plan = on_board_fence(judged, home, request.fence_height, request.return_height)
    assert plan.max_height is not None
    area = fence_area(plan, judged.frame)
    start = Waypoint(route.waypoints[0].position, route.clear_altitude)
    assert home.altitude.m + request.clear_height.m <= start.altitude.m + 1e-6 <= route.waypoints[0].altitude.m + 1e-5
    legs = list(pairwise((start, *route.waypoints[1:])))
    flown: list[Waypoint] = [Waypoint(home.position, home.altitude), start]
    for (a, b), reach_m in zip(legs, route.passing_m[1:], strict=True):
        assert judged.segment(a, b).allowed
        line = LineString([judged.frame.to_local(a.position), judged.frame.to_local(b.position)])
        for share in np.linspace(0.0, 1.0, 12):
            here = line.interpolate(share, normalized=True)
            altitude_m = a.altitude.m + (b.altitude.m - a.altitude.m) * share
            floor_m = judged.floors_m(np.array([[here.x, here.y]]), request.minimum_height)[0]
            assert altitude_m >= floor_m - 1.0, "between the places that are looked at, a cone's side is straight"
            assert area.covers(here)
            assert altitude_m <= home.altitude.m + plan.max_height.m
            flown.append(Waypoint(judged.frame.to_position(here.x, here.y), Amsl(altitude_m)))
        # Where the corner is cut from, the way home is still the straight one.
        cut = line.interpolate(line.length - reach_m)
        flown.append(Waypoint(judged.frame.to_position(cut.x, cut.y), b.altitude))
    for here in flown:
        up = Amsl(max(here.altitude.m, home.altitude.m + request.return_height.m))
        climb, above_home = Waypoint(here.position, up), Waypoint(home.position, up)
        assert judged.segment(climb, above_home).allowed
        assert up.m <= home.altitude.m + plan.max_height.m
        back = LineString([judged.frame.to_local(here.position), judged.frame.to_local(home.position)])
        if here.altitude < route.waypoints[0].altitude and back.length > 1.0:
            assert float(judged.floors_m(np.array(back.segmentize(20.0).coords), request.minimum_height).max()) <= (
                up.m + 1.0
            )


def moving(east_m: float, altitude_m: float, speed_mps: float) -> Kinematics:
    where = place(east_m, 0.0)
    height = AboveTakeoff(altitude_m - HOME.altitude.m)
    return Kinematics(where, Amsl(altitude_m), height, Velocity(0.0, speed_mps, 0.0), 90.0)


def test_a_climb_that_falls_behind_is_seen_before_the_hill() -> None:
    judged = Airspace([AREA], Hill(200.0, 0.0, 25.0, 150.0), ORIGIN)
    assert too_low(moving(0.0, GROUND_M + 45.0, 9.0), judged, LEAST) == ""
    assert too_low(moving(0.0, GROUND_M + 30.0 - TOO_LOW_M + 0.5, 0.0), judged, LEAST) == ""
    sentence = too_low(moving(120.0, GROUND_M + 40.0, 9.0), judged, LEAST)
    assert "does not climb as planned" in sentence
    assert too_low(moving(120.0, GROUND_M + 40.0, 0.0), judged, LEAST) == "", "standing there it is high enough"


def test_a_corner_is_cut_where_the_triangle_is_free_and_nothing_private_is_in_it() -> None:
    school = zone(ZoneKind.PRIVACY, Point(700, 0).buffer(100), "a school")
    route = plan_route(airspace(school), HOME, place(1500, 0))
    assert isinstance(route, Route)
    assert len(route.waypoints) > 2
    assert len(route.passing_m) == len(route.waypoints)
    places = [FRAME.to_local(waypoint.position) for waypoint in route.waypoints]
    for index, reach_m in enumerate(route.passing_m[1:-1], start=1):
        leg = LineString(places[index - 1 : index + 1])
        start = leg.interpolate(leg.length - reach_m)
        cut = LineString([start, places[index + 1]])
        assert reach_m == 5.0 or cut.distance(Point(700, 0)) > 99.0


def test_rising_ground_is_never_nearer_than_the_least_height_on_the_climb() -> None:
    corners = [(-4000, -4000), (4000, -4000), (-4000, 4000), (4000, 4000), (0, 0), (1000, 0), (0, 2000)]
    slope = SurveyedGround([GroundPoint(place(e, n), Amsl(GROUND_M + e * 0.01)) for e, n in corners], ORIGIN)
    route = plan_route(Airspace([AREA], slope, ORIGIN), HOME, place(2000, 0))
    assert isinstance(route, Route)
    assert GROUND_M + 30.0 <= route.clear_altitude.m < route.waypoints[-1].altitude.m
