"""Two of ours that would come too near: found in time, one yields by the rule, and what it does keeps them apart."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.airspace.apart import ApartLimits, Member, Precedence, conflicts, entry_s, who_yields
from dfr.airspace.encounter import Manoeuvre, Own

LIMITS = ApartLimits()
FLOOR_M = 730.0


def member(
    name: str,
    place: tuple[float, float, float],
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0),
    precedence: Precedence = Precedence.OUT,
    launched_s: float = 0.0,
    floor_m: float | None = FLOOR_M,
) -> Member:
    return Member(name, name, Own(place, velocity), precedence, launched_s, floor_m=floor_m)


def test_alone_or_far_apart_nobody_is_told_anything() -> None:
    assert conflicts([member("a", (0, 0, 760))], LIMITS) == []
    assert conflicts([member("a", (0, 0, 760)), member("b", (500, 0, 760), (-5, 0, 0))], LIMITS) == []
    assert conflicts([member("a", (0, 0, 760)), member("b", (10, 0, 775))], LIMITS) == []


def test_one_that_flies_at_one_that_stands_is_told_first_and_stops_in_time() -> None:
    stands = member("stands", (0, 0, 760))
    far, near = (conflicts([stands, member("moves", (x, 0, 760), (-10, 0, 0))], LIMITS)[0] for x in (200, 140))
    assert far.manoeuvre is Manoeuvre.GO_ON
    assert near.manoeuvre is Manoeuvre.HOLD
    assert near.yields is not None
    assert near.yields.name == "moves"
    assert near.in_s == pytest.approx(11.0)


def test_head_on_the_later_one_goes_down_for_stopping_does_not_help() -> None:
    first = member("first", (0, 0, 760), (10, 0, 0), launched_s=100.0)
    later = member("later", (200, 0, 760), (-10, 0, 0), launched_s=200.0)
    found = conflicts([first, later], LIMITS)[0]
    assert found.yields == later
    assert found.manoeuvre is Manoeuvre.DESCEND
    assert found.lower_m == pytest.approx(747.5)


def test_too_low_to_go_down_it_stops() -> None:
    first = member("first", (0, 0, 735), (10, 0, 0))
    later = member("later", (200, 0, 735), (-10, 0, 0), launched_s=200.0)
    assert conflicts([first, later], LIMITS)[0].manoeuvre is Manoeuvre.HOLD


def test_crossing_ways_one_stops_and_lets_the_other_pass() -> None:
    crossing = member("crossing", (0, -110, 760), (0, 10, 0), launched_s=1.0)
    found = conflicts([member("first", (-110, 0, 760), (10, 0, 0)), crossing], LIMITS)[0]
    assert found.yields == crossing
    assert found.manoeuvre is Manoeuvre.HOLD


def test_near_each_other_but_leaving_is_let_go() -> None:
    found = conflicts([member("a", (0, 0, 760)), member("b", (20, 0, 760), (5, 0, 0))], LIMITS)
    assert [one.manoeuvre for one in found] == [Manoeuvre.GO_ON]


@pytest.mark.parametrize("turned", [False, True])
def test_the_rule_of_who_yields(turned: bool) -> None:
    moving = (5.0, 0.0, 0.0)
    pairs = [
        (member("y", (0, 0, 0)), member("o", (0, 0, 0), moving, Precedence.HOMEWARD)),
        (member("y", (0, 0, 0), moving, Precedence.HOMEWARD), member("o", (0, 0, 0), moving, Precedence.NOT_STEERED)),
        (member("y", (0, 0, 0), moving), member("o", (0, 0, 0), launched_s=9.0)),
        (member("y", (0, 0, 0), moving, launched_s=9.0), member("o", (0, 0, 0), moving)),
    ]
    for one, two in pairs:
        yields, other = who_yields(two, one) if turned else who_yields(one, two)
        assert (yields.name, other.name) == ("y", "o")


def test_of_two_that_are_not_steered_nobody_is_ordered() -> None:
    a = member("a", (0, 0, 760), (5, 0, 0), Precedence.NOT_STEERED)
    b = member("b", (60, 0, 760), (-5, 0, 0), Precedence.NOT_STEERED)
    found = conflicts([a, b], LIMITS)[0]
    assert found.yields is None
    assert found.manoeuvre is Manoeuvre.GO_ON


NUMBERS = st.floats(-200, 200)
SPEEDS = st.floats(-12, 12)


@settings(max_examples=500, deadline=None)
@given(st.tuples(NUMBERS, NUMBERS, st.floats(-40, 40)), st.tuples(SPEEDS, SPEEDS, st.floats(-3, 3)))
def test_the_moment_of_coming_too_near_is_found(
    apart: tuple[float, float, float], relative: tuple[float, float, float]
) -> None:
    found_s = float(entry_s(np.array([apart]), np.array([relative]), LIMITS)[0])
    for time_s in np.arange(0.0, 20.0, 0.05):
        east, north, up = (p + v * time_s for p, v in zip(apart, relative, strict=True))
        if math.hypot(east, north) < LIMITS.sideways_m - 0.01 and abs(up) < LIMITS.height_m - 0.01:
            assert found_s <= time_s + 1e-6
            return
    if found_s <= 19.0:
        east, north, up = (p + v * (found_s + 1e-6) for p, v in zip(apart, relative, strict=True))
        assert math.hypot(east, north) <= LIMITS.sideways_m + 0.01
        assert abs(up) <= LIMITS.height_m + 0.01
