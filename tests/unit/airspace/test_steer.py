"""What is allowed of a wanted velocity keeps an aircraft inside, takes nothing along a border and traps nobody."""

import math
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.energy import AnyWind, UnknownDirection
from dfr.airspace.guard import GuardAction, GuardLimits, foresee
from dfr.airspace.steer import SPARE_M, OnBoard, allowed_velocity, nearest_within
from dfr.core.energy import Wind
from dfr.core.geo import Agl, Amsl
from dfr.core.stopping import Stopping
from dfr.core.telemetry import Velocity
from tests.unit.airspace.places import airspace, ceiling, disc, no_fly
from tests.unit.airspace.test_guard import moving

LEAST = Agl(30.0)
MARGIN_M = 15.0
KEPT_M = MARGIN_M + SPARE_M
OPEN = airspace()
SQUARE = airspace(no_fly(box(-100, -100, 100, 100)))
BESIDE_M = -100.0 - KEPT_M - 0.5
STEP_S = 0.1


def allowed(space: Airspace, x: float, y: float, wanted: tuple[float, float], up: float = 0.0, **motion: float):  # type: ignore[no-untyped-def]
    height_m = motion.pop("height", 50.0)
    return allowed_velocity(Velocity(wanted[1], wanted[0], -up), moving(x, y, height_m, **motion), space, LEAST)


def test_far_from_everything_all_of_it_is_allowed() -> None:
    found = allowed(OPEN, 0, 0, (8.0, -5.0), up=2.0)
    assert found.velocity == Velocity(-5.0, 8.0, -2.0)
    assert found.sentence == ""


@pytest.mark.parametrize("x", [-300.0, -130.0, -100.0, -50.0, 0.0, 90.0, 100.0, 120.0])
@pytest.mark.parametrize("speed", [-10.0, 10.0])
def test_along_a_wall_nothing_is_taken_away_its_ends_included(x: float, speed: float) -> None:
    found = allowed(SQUARE, x, BESIDE_M, (speed, 0.0), east=speed)
    assert (found.velocity.east_mps, found.velocity.north_mps) == pytest.approx((speed, 0.0), abs=0.05)
    assert found.sentence == ""


def test_into_a_wall_it_slides_along_it_and_says_so() -> None:
    found = allowed(SQUARE, 0, BESIDE_M, (6.0, 6.0))
    assert found.velocity.east_mps == pytest.approx(6.0, abs=0.1)
    assert 0.0 <= found.velocity.north_mps < 0.5
    assert found.sentence == "It slides along the border of the helipad."


def test_straight_into_a_wall_it_stops_and_away_is_free() -> None:
    found = allowed(SQUARE, 0, -100 - KEPT_M, (0.0, 9.0))
    assert math.hypot(found.velocity.east_mps, found.velocity.north_mps) < 0.1
    assert found.sentence == "The border of the helipad is ahead."
    assert allowed(SQUARE, 0, -100 - KEPT_M, (0.0, -9.0)).velocity.north_mps == pytest.approx(-9.0)


def test_what_creeps_on_towards_a_wall_is_asked_for_the_other_way_and_what_stands_stays() -> None:
    near_m = -100.0 - KEPT_M
    creeping = allowed(SQUARE, 0, near_m, (0.0, 9.0), north=0.6)
    assert creeping.velocity.north_mps == pytest.approx(-0.6, abs=0.05)
    assert allowed(SQUARE, 0, near_m, (0.0, 9.0)).velocity.north_mps == pytest.approx(0.0, abs=0.05)
    assert allowed(SQUARE, 0, near_m, (5.0, 0.0), north=0.2).velocity.east_mps == pytest.approx(5.0, abs=0.1)


FENCE = OnBoard(box(-300, -300, 300, 300), Amsl(760.0))


def by_fence(x: float, y: float, wanted: tuple[float, float], up: float = 0.0, height: float = 50.0):  # type: ignore[no-untyped-def]
    velocity = Velocity(wanted[1], wanted[0], -up)
    return allowed_velocity(velocity, moving(x, y, height), OPEN, LEAST, on_board=FENCE)


def test_along_the_fence_on_board_it_slides_a_little_inside() -> None:
    found = by_fence(300.0 - SPARE_M, 0.0, (5.0, 5.0))
    assert (found.velocity.east_mps, found.velocity.north_mps) == pytest.approx((0.0, 5.0), abs=0.15)
    assert found.sentence == "It slides along the border of the fence on board."
    assert by_fence(300.0 - SPARE_M, 0.0, (-5.0, 0.0)).velocity.east_mps == pytest.approx(-5.0)
    assert by_fence(200.0, 0.0, (5.0, 0.0)).sentence == ""


def test_outside_the_fence_on_board_the_way_in_is_free() -> None:
    assert by_fence(310.0, 0.0, (-5.0, 0.0)).velocity.east_mps == pytest.approx(-5.0)


def test_below_the_lid_of_the_fence_on_board_it_climbs_no_farther() -> None:
    height_m = moving(0, 0, 50.0).altitude.m - 50.0
    lid_m = FENCE.lid.m - height_m
    assert by_fence(0.0, 0.0, (0.0, 0.0), up=3.0, height=lid_m - 2.0).velocity.down_mps == pytest.approx(0.0)
    assert by_fence(0.0, 0.0, (0.0, 0.0), up=3.0, height=lid_m - 25.0).velocity.down_mps == pytest.approx(-3.0)


def test_the_corner_between_two_zones_does_not_trap() -> None:
    corner = airspace(no_fly(box(-200, 0, 0, 300), "the left"), no_fly(box(0, 100, 300, 300), "the upper"))
    into = allowed(corner, KEPT_M + 0.1, 100 - KEPT_M - 0.1, (-5.0, 5.0))
    assert math.hypot(into.velocity.east_mps, into.velocity.north_mps) < 0.2
    out = allowed(corner, KEPT_M + 0.1, 100 - KEPT_M - 0.1, (5.0, -5.0))
    assert (out.velocity.east_mps, out.velocity.north_mps) == pytest.approx((5.0, -5.0))
    one_side = allowed(corner, KEPT_M + 0.1, 100 - KEPT_M - 0.1, (5.0, 5.0))
    assert one_side.velocity.east_mps == pytest.approx(5.0, abs=0.1)


def test_round_the_outer_corner_of_a_zone_it_gets_past() -> None:
    x, y, _ = flown(SQUARE, (-200.0, BESIDE_M), lambda _: (8.0, 1.0), seconds=60.0)
    assert x > 150.0
    assert y > BESIDE_M


def test_near_the_margin_it_may_still_leave() -> None:
    found = allowed(SQUARE, 0, -100 - 8.0, (3.0, -5.0))
    assert (found.velocity.east_mps, found.velocity.north_mps) == pytest.approx((3.0, -5.0))
    assert allowed(SQUARE, 0, -100 - 8.0, (3.0, 5.0)).velocity.north_mps == pytest.approx(0.0, abs=1e-6)


def test_over_the_border_the_stick_does_nothing() -> None:
    found = allowed(SQUARE, 0, 0, (9.0, 0.0))
    assert found.velocity == Velocity(0.0, 0.0, 0.0)
    assert found.sentence


def test_upwards_to_the_lid_and_downwards_to_the_least_height() -> None:
    assert allowed(OPEN, 0, 0, (0.0, 0.0), up=3.0, height=119.9).velocity.down_mps == pytest.approx(0.0, abs=0.1)
    assert allowed(OPEN, 0, 0, (0.0, 0.0), up=-3.0, height=119.9).velocity.down_mps == pytest.approx(3.0)
    assert allowed(OPEN, 0, 0, (0.0, 0.0), up=-3.0, height=30.1).velocity.down_mps == pytest.approx(0.0, abs=0.1)
    assert "least height" in allowed(OPEN, 0, 0, (0.0, 0.0), up=-3.0, height=30.1).sentence
    assert allowed(OPEN, 0, 0, (0.0, 0.0), up=3.0, height=30.1).velocity.down_mps == pytest.approx(-3.0)


def test_a_lower_ceiling_is_a_wall_for_who_is_above_it() -> None:
    low = airspace(ceiling(box(50, -500, 500, 500), 60.0))
    high = allowed(low, 50 - KEPT_M - 0.1, 0, (6.0, 6.0), height=70.0)
    assert high.velocity.east_mps < 0.2
    assert high.velocity.north_mps == pytest.approx(6.0, abs=0.1)
    assert allowed(low, 50 - KEPT_M - 0.1, 0, (6.0, 6.0), height=45.0).velocity.east_mps == pytest.approx(6.0)


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(st.floats(-10, 10), st.floats(-10, 10)),
    st.lists(st.tuples(st.floats(0, 2 * math.pi), st.floats(0, 8)), min_size=1, max_size=8),
)
def test_the_nearest_of_what_fits(asked: tuple[float, float], lines: list[tuple[float, float]]) -> None:
    normals = np.array([(math.cos(a), math.sin(a)) for a, _ in lines])
    most = np.array([m for _, m in lines])
    found = nearest_within(np.array(asked), normals, most)
    assert np.all(normals @ found <= most + 1e-6)
    grid = np.stack(np.meshgrid(np.linspace(-10, 10, 81), np.linspace(-10, 10, 81)), axis=-1).reshape(-1, 2)
    fits = grid[np.all(grid @ normals.T <= most, axis=1)]
    if len(fits):
        best_m = np.hypot(*(fits - asked).T).min()
        assert math.hypot(*(found - asked)) <= best_m + 1e-6


def flown(space, start, pilot, *, seconds, stops=None, limits=None, wind=None, worst=None):  # type: ignore[no-untyped-def]
    """Fly as a pilot wants, with latency, reaction and the braking model; the end, and the least distance kept."""
    stops, limits = stops or Stopping(), limits or GuardLimits()
    delay = max(1, round((limits.latency_s + stops.reaction_s) / STEP_S))
    orders = deque([(0.0, 0.0)] * delay)
    (x, y), v, least_m = start, np.zeros(2), math.inf
    for turn in range(round(seconds / STEP_S)):
        wanted = pilot(turn * STEP_S)
        found = allowed_velocity(
            Velocity(wanted[1], wanted[0], 0.0), moving(x, y, east=v[0], north=v[1]), space, LEAST, stops, limits, wind
        )
        if wanted == (0.0, 0.0):
            # Not on, and not back: only against what it still moves.
            against = np.array([found.velocity.east_mps, found.velocity.north_mps])
            assert against @ v <= 1e-9
            assert math.hypot(*against) <= math.hypot(*v) + 1e-9
        orders.append((found.velocity.east_mps, found.velocity.north_mps))
        change = np.array(orders.popleft()) - v
        step_mps = stops.deceleration_mps2 * STEP_S
        v = v + change * min(1.0, step_mps / max(math.hypot(*change), 1e-9))
        x, y = x + v[0] * STEP_S, y + v[1] * STEP_S
        least_m = min(least_m, space.border_distance(Point(x, y)))
    return x, y, least_m


BOXES = st.tuples(st.floats(-220, 220), st.floats(-220, 220), st.floats(2, 120), st.floats(2, 120))
ORDERS = st.lists(
    st.tuples(st.floats(-12, 12), st.floats(-12, 12)).filter(lambda one: math.hypot(*one) <= 12.0),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(BOXES, max_size=3),
    st.lists(st.tuples(st.floats(-250, 250), st.floats(-250, 250), st.floats(5, 80)), max_size=2),
    ORDERS,
    st.sampled_from([2.0, 3.5, 6.0]),
    st.tuples(st.floats(0.1, 0.8), st.floats(0.3, 1.5), st.floats(1.5, 4.0)),
)
def test_whatever_is_wanted_it_never_comes_nearer_than_the_margin(
    boxes: list[tuple[float, float, float, float]],
    discs: list[tuple[float, float, float]],
    orders: list[tuple[float, float]],
    every_s: float,
    stops: tuple[float, float, float],
) -> None:
    zones = [no_fly(box(e, n, e + w, n + h)) for e, n, w, h in boxes] + [no_fly(disc(*one)) for one in discs]
    space = airspace(*zones)
    if space.border_distance(Point(0, 0)) < KEPT_M:
        return

    def pilot(time_s: float) -> tuple[float, float]:
        return orders[int(time_s / every_s) % len(orders)]

    latency_s, reaction_s, deceleration_mps2 = stops
    limits, stopping = GuardLimits(latency_s), Stopping(reaction_s, deceleration_mps2)
    _, _, least_m = flown(space, (0.0, 0.0), pilot, seconds=25.0, stops=stopping, limits=limits)
    assert least_m >= MARGIN_M


@pytest.mark.parametrize("wind", [Wind(10.0, 0.0), UnknownDirection(10.0)])
def test_a_wind_towards_the_wall_is_kept_from_it_and_the_guard_lets_it_slide(wind: AnyWind) -> None:
    _, y, _ = flown(SQUARE, (-90.0, -160.0), lambda _: (0.5, 8.0), seconds=60.0, wind=wind)
    assert -100 - KEPT_M - 3.5 <= y <= -100 - KEPT_M - 2.5
    assert foresee(moving(0, y, east=8.0), SQUARE, wind=wind).action in (GuardAction.CLEAR, GuardAction.WARN)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-4, 4), min_size=1, max_size=5), st.floats(32, 115), st.floats(0.1, 0.8), st.floats(0.3, 1.5))
def test_up_and_down_it_stays_between_the_least_height_and_the_lid(
    climbs: list[float], height_m: float, latency_s: float, reaction_s: float
) -> None:
    limits, stops = GuardLimits(latency_s), Stopping(reaction_s)
    orders = deque([0.0] * max(1, round((latency_s + reaction_s) / STEP_S)))
    up_mps = 0.0
    for turn in range(250):
        wanted = Velocity(0.0, 0.0, -climbs[turn // 35 % len(climbs)])
        found = allowed_velocity(wanted, moving(0, 0, height_m, up=up_mps), OPEN, LEAST, stops, limits)
        orders.append(-found.velocity.down_mps)
        step_mps = limits.climb_deceleration_mps2 * STEP_S
        up_mps += max(-step_mps, min(step_mps, orders.popleft() - up_mps))
        height_m += up_mps * STEP_S
        assert 30.0 - 0.05 <= height_m <= 121.92 - 2.0 + 0.05
