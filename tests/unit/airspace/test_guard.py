"""The guard stops an aircraft before the line, and only when it must."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from dfr.airspace.energy import AnyWind, UnknownDirection
from dfr.airspace.guard import GuardAction, GuardLimits, foresee, foresee_each
from dfr.core.energy import Wind
from dfr.core.geo import AboveTakeoff, Amsl
from dfr.core.stopping import Stopping
from dfr.core.telemetry import Kinematics, Velocity
from tests.unit.airspace.places import FRAME, GROUND_M, airspace, ceiling, disc, no_fly, place

OPEN = airspace()
PAD = airspace(no_fly(disc(0, 0, 100)))


def moving(
    east_m: float, north_m: float, height_m: float = 50.0, *, east: float = 0.0, north: float = 0.0, up: float = 0.0
) -> Kinematics:
    return Kinematics(
        place(east_m, north_m),
        Amsl(GROUND_M + height_m),
        AboveTakeoff(height_m - 10.0),
        Velocity(north, east, -up),
        None,
    )


def test_far_from_everything_is_clear() -> None:
    assert foresee(moving(0, 0, east=10), OPEN).action is GuardAction.CLEAR


def test_approaching_it_warns_first_and_holds_in_time() -> None:
    actions = [foresee(moving(east, 0, east=10), OPEN).action for east in range(2800, 3000, 5)]
    order = [GuardAction.CLEAR, GuardAction.WARN, GuardAction.HOLD]
    assert list(dict.fromkeys(actions)) == order
    assert foresee(moving(2945, 0, east=10), OPEN).action is not GuardAction.HOLD  # stops 20 m before the border
    assert foresee(moving(2955, 0, east=10), OPEN).action is GuardAction.HOLD  # would stop 10 m before it


def test_along_the_border_or_away_from_it_is_not_stopped() -> None:
    assert foresee(moving(2990, 0, north=10), OPEN).action is GuardAction.WARN
    assert foresee(moving(2990, 0, east=-10), OPEN).action is GuardAction.WARN


def test_through_a_small_zone_and_out_again_is_stopped() -> None:
    """The stopping point lies beyond the zone, the way to it through the zone."""
    assert foresee(moving(-118, 0, east=30), PAD).action is GuardAction.HOLD
    slow = Stopping(reaction_s=12.0)
    assert foresee(moving(-300, 0, east=30), PAD, slow).action is GuardAction.HOLD


def test_over_the_border_it_returns() -> None:
    verdict = foresee(moving(3004, 0), OPEN)
    assert verdict.action is GuardAction.RETURN
    assert verdict.sentence == "It is 4 m over the border."
    assert foresee(moving(0, 0, 125), OPEN).action is GuardAction.RETURN
    assert foresee(moving(0, 0, 125), OPEN).sentence == "It is 3 m above the ceiling."


def test_climbing_towards_a_ceiling_and_flying_beneath_a_lower_one() -> None:
    assert foresee(moving(0, 0, 113, up=3), OPEN).action is GuardAction.WARN
    assert foresee(moving(0, 0, 116, up=3), OPEN).action is GuardAction.HOLD
    assert foresee(moving(0, 0, 116.9), OPEN).action is GuardAction.CLEAR
    assert foresee(moving(0, 0, 120.5, up=0.2), OPEN).action is GuardAction.HOLD, "it creeps"
    assert foresee(moving(0, 0, 120.5, up=0.02), OPEN).action is GuardAction.WARN
    low = airspace(ceiling(box(50, -500, 500, 500), 60.0))
    assert foresee(moving(20, 0, 70, east=10), low).action is GuardAction.HOLD
    assert foresee(moving(20, 0, 50, east=10), low).action is GuardAction.CLEAR


def test_what_also_brakes_sideways_stops_climbing_later() -> None:
    """A climb of 2 m/s that ends in 1 s by itself, 4 s of braking sideways (reckoned with as 2.5 s)."""
    still, fast, walking = (foresee(moving(0, 0, 100, east=east, up=2), OPEN).margin_m for east in (0.0, 8.0, 1.0))
    assert still - fast == pytest.approx(1.5)
    assert walking == pytest.approx(still)


@settings(max_examples=30, deadline=None)
@given(st.floats(-400, 400), st.floats(-400, 400), st.floats(0, 2 * math.pi), st.floats(0, 15), st.floats(0.1, 0.4))
def test_who_is_stopped_when_told_stays_out(
    east: float, north: float, bearing: float, speed: float, step: float
) -> None:
    """An aircraft that obeys with the assumed latency and deceleration never comes into the zone from outside."""
    limits, stops = GuardLimits(), Stopping()
    x, y = east, north
    if math.hypot(x, y) < 100.0 + 15.0 + 40.0 + 15.0:  # starts where it is not stopped yet
        return
    told_s = math.inf
    time_s = 0.0
    while time_s < 60.0 and speed > 0.01:
        vx, vy = math.cos(bearing) * speed, math.sin(bearing) * speed
        if told_s == math.inf and foresee(moving(x, y, east=vx, north=vy), PAD).action is GuardAction.HOLD:
            told_s = time_s
        if time_s >= told_s + limits.latency_s + stops.reaction_s:
            speed = max(0.0, speed - stops.deceleration_mps2 * step)
        x, y = x + vx * step, y + vy * step
        time_s += step
        assert Point(x, y).distance(Point(0, 0)) > 100.0
        if math.hypot(x, y) > 600.0:
            return


METRES = st.floats(-3200, 3200).map(lambda metres: round(metres, 3))  # shorter ways than a millimetre are none
RANDOM_PLACE = st.tuples(METRES, METRES)
MANY = airspace(
    no_fly(disc(0, 0, 100)),
    no_fly(disc(1500, 1500, 300), "the prison"),
    ceiling(box(-2000, -2000, 500, 2000), 60.0),
    ceiling(box(-1000, -3000, 1000, 3000), 45.0, "the lower cell"),
    error_m=3.0,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(RANDOM_PLACE, RANDOM_PLACE), min_size=1, max_size=6))
def test_many_ways_at_once_are_judged_as_each_by_itself(ends: list[tuple[tuple[float, float], ...]]) -> None:
    ways = np.array([LineString(pair) if pair[0] != pair[1] else Point(pair[0]) for pair in ends], dtype=object)
    alone_m = [MANY.border_distance(way) for way in ways]
    assert MANY.border_distances(ways) == pytest.approx(alone_m, abs=1e-6)
    assert MANY.published_lids_m(ways) == pytest.approx([MANY.published_lid(way).altitude.m for way in ways])


def test_nobody_in_the_air_is_nothing_to_judge() -> None:
    assert foresee_each([], OPEN, []) == []


def test_the_frame_of_these_tests_is_the_airspaces() -> None:
    assert OPEN.frame.to_local(place(123, 456)) == pytest.approx((123, 456), abs=1e-3)
    assert OPEN.frame == FRAME


def test_a_wind_towards_the_border_stops_it_sooner() -> None:
    """10 m/s push it 3 m on while it stops: from its back always, from any side as far as they lead to the border."""
    near = moving(2948, 0, east=10)  # without a wind it comes to rest 17 m before the border
    assert foresee(near, OPEN).action is not GuardAction.HOLD
    assert foresee(near, OPEN, wind=UnknownDirection(10.0)).action is GuardAction.HOLD
    assert foresee(near, OPEN, wind=Wind(0.0, 10.0)).action is GuardAction.HOLD
    assert foresee(near, OPEN, wind=Wind(0.0, -10.0)).action is not GuardAction.HOLD
    assert foresee(moving(2985, 0), OPEN, wind=UnknownDirection(10.0)).action is not GuardAction.HOLD  # it stands


def test_each_is_pushed_by_its_own_wind() -> None:
    near = moving(2948, 0, east=10)
    winds: list[AnyWind | None] = [UnknownDirection(10.0), None, Wind(0.0, -10.0)]
    together = foresee_each([near] * 3, OPEN, [Stopping()] * 3, None, winds)
    assert together == [foresee(near, OPEN, wind=wind) for wind in winds]
