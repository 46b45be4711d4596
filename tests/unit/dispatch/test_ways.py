"""Two flights whose ways do not meet, in place or in time, are never near to each other while both fly as planned."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.airspace.apart import ApartLimits
from dfr.core.geo import Amsl, FloatArray, Waypoint
from dfr.dispatch.ways import BEFORE_LAUNCH, FOREVER_S, LAUNCH_TAKES_S, NOW, SLACK_S, Pace, Window, meets, way
from tests.unit.dispatch.small import FRAME, place

LIMITS = ApartLimits()
PACE = Pace(fastest_mps=12.0, slowest_mps=5.0, fastest_climb_mps=4.0, slowest_climb_mps=2.0)
HEIGHT_TOLERANCE_M = 2.0
"""A way tells its heights every ten metres; a leg that climbs is a little higher or lower between."""
RETURN_M = 45.0
GROUND_M = 700.0


@dataclass(frozen=True)
class Plan:
    """From a dock to a place: launched at once or some time later, at some speed; then home again after some stay."""

    dock: tuple[float, float]
    scene: tuple[float, float]
    height_m: float
    speed_mps: float
    climb_mps: float
    waits_s: float
    stays_s: float

    @property
    def home(self) -> Waypoint:
        return Waypoint(place(*self.dock), Amsl(GROUND_M))

    def way(self) -> FloatArray:
        top, end = (Waypoint(place(*p), Amsl(GROUND_M + self.height_m)) for p in (self.dock, self.scene))
        return way((self.home, top, end), None, self.home, RETURN_M, FRAME, PACE, BEFORE_LAUNCH)

    def flown(self, times_s: FloatArray) -> FloatArray:
        """(n, 3) east, north, height at each time; NaN while it is not in the air."""
        back_m = max(self.height_m, RETURN_M)
        dock, scene = np.array(self.dock), np.array(self.scene)
        away_m = float(np.hypot(*(scene - dock)))
        pieces = [
            (self.height_m / self.climb_mps, (*dock, 0.0), (*dock, self.height_m)),
            (away_m / self.speed_mps, (*dock, self.height_m), (*scene, self.height_m)),
            (self.stays_s, (*scene, self.height_m), (*scene, self.height_m)),
            ((back_m - self.height_m) / self.climb_mps, (*scene, self.height_m), (*scene, back_m)),
            (away_m / self.speed_mps, (*scene, back_m), (*dock, back_m)),
            (back_m / 1.0, (*dock, back_m), (*dock, 0.0)),
        ]
        ends = np.cumsum([self.waits_s, *(seconds for seconds, _, _ in pieces)])
        knots = np.array([pieces[0][1], *(end for _, _, end in pieces)], dtype=float)
        columns = [np.interp(times_s, ends, knots[:, axis], left=np.nan, right=np.nan) for axis in range(3)]
        return np.column_stack(columns)


def near(one: Plan, two: Plan) -> bool:
    times_s = np.arange(0.0, 900.0, 0.5)
    a, b = one.flown(times_s), two.flown(times_s)
    sideways_m = np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1])
    in_height_m = np.abs(a[:, 2] - b[:, 2])
    too_near = (sideways_m < LIMITS.sideways_m) & (in_height_m < LIMITS.height_m - HEIGHT_TOLERANCE_M)
    return bool(np.any(too_near))


def plans() -> st.SearchStrategy[Plan]:
    places = st.tuples(st.floats(-600.0, 600.0), st.floats(-600.0, 600.0))
    return st.builds(
        Plan,
        dock=places,
        scene=places,
        height_m=st.sampled_from([30.0, 45.0, 60.0, 75.0]),
        speed_mps=st.floats(PACE.slowest_mps, PACE.fastest_mps),
        climb_mps=st.floats(PACE.slowest_climb_mps, PACE.fastest_climb_mps),
        waits_s=st.floats(0.0, LAUNCH_TAKES_S),
        stays_s=st.floats(0.0, 200.0),
    )


@given(plans(), plans())
@settings(max_examples=400, deadline=None)
def test_who_does_not_meet_is_never_near(one: Plan, two: Plan) -> None:
    if not meets(one.way(), [two.way()], LIMITS):
        assert not near(one, two)


@given(plans(), plans(), st.floats(0.0, 2.0 * math.pi), st.floats(29.0, 45.0))
@settings(max_examples=400, deadline=None)
def test_nor_is_who_flies_beside_it(one: Plan, two: Plan, angle: float, aside_m: float) -> None:
    """From a dock to a scene that are just as far beside the other's as two are kept apart."""
    east_m, north_m = aside_m * math.cos(angle), aside_m * math.sin(angle)
    beside = replace(
        two,
        dock=(one.dock[0] + east_m, one.dock[1] + north_m),
        scene=(one.scene[0] + east_m, one.scene[1] + north_m),
    )
    if not meets(one.way(), [beside.way()], LIMITS):
        assert not near(one, beside)


@given(plans(), plans())
@settings(max_examples=200, deadline=None)
def test_nor_is_who_flies_to_the_same_place_in_another_layer(one: Plan, two: Plan) -> None:
    there = replace(two, scene=one.scene)
    if not meets(one.way(), [there.way()], LIMITS):
        assert not near(one, there)


def test_two_that_cross_at_the_same_time_meet() -> None:
    """So the test above can fail."""
    east = Plan((-300.0, 0.0), (300.0, 0.0), 60.0, 10.0, 3.0, 0.0, 60.0)
    north = Plan((0.0, -300.0), (0.0, 300.0), 60.0, 10.0, 3.0, 0.0, 60.0)
    assert near(east, north)
    assert meets(east.way(), [north.way()], LIMITS) > 0


def leg(start: tuple[float, float], end: tuple[float, float], begins: Window, stays: bool = False) -> FloatArray:
    """From the start, where it is when it begins, to the end, and straight on down there."""
    corners = tuple(Waypoint(place(*p), Amsl(GROUND_M + 60.0)) for p in (start, end))
    home = Waypoint(place(*end), Amsl(GROUND_M))
    return way(corners, None, home, RETURN_M, FRAME, PACE, begins, stays=stays)


@pytest.mark.parametrize(("later_s", "meet"), [(0.0, True), (30.0, True), (120.0, False), (600.0, False)])
def test_ways_that_cross_minutes_apart_do_not_meet(later_s: float, meet: bool) -> None:
    east = leg((-200.0, 0.0), (600.0, 0.0), NOW)
    north = leg((0.0, -200.0), (0.0, 600.0), Window(later_s, later_s))
    assert bool(meets(east, [north], LIMITS)) is meet


def test_who_may_wait_anywhere_is_met_at_any_time() -> None:
    east = leg((-200.0, 0.0), (600.0, 0.0), NOW.without_end())
    north = leg((0.0, -200.0), (0.0, 600.0), Window(600.0, 600.0))
    assert meets(east, [north], LIMITS) > 0


def test_what_is_not_known_grows_with_the_way() -> None:
    places = leg((0.0, 0.0), (1000.0, 0.0), NOW)
    on_the_way = places[places[:, 0] < 999.0]
    windows_s = on_the_way[:, 5] - on_the_way[:, 4]
    assert np.all(np.diff(windows_s) > 0.0)
    assert windows_s[-1] == pytest.approx(on_the_way[-1, 0] * (1.0 / 5.0 - 1.0 / 12.0))


def test_on_scene_and_on_the_way_home_there_is_no_end() -> None:
    places = leg((0.0, 0.0), (300.0, 0.0), NOW, stays=True)
    assert places[0, 5] == 0.0
    assert places[-1, 5] == FOREVER_S
    assert not np.any(np.isnan(places))


@pytest.mark.parametrize("gap_s", [-1.0, 1.0])
def test_windows_are_longer_by_the_slack_at_both_ends(gap_s: float) -> None:
    here = ((0.0, 0.0), (0.5, 0.0))
    first = leg(*here, NOW)
    ends_s = float(first[:, 5].max())
    second = leg(*here, Window(ends_s + 2.0 * SLACK_S + gap_s, math.inf))
    assert bool(meets(first, [second], LIMITS)) is (gap_s < 0.0)
