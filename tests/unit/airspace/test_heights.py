"""Altitudes along a way: inside the corridor everywhere, and never changed more often than must be."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.airspace.heights import Corridor, Knot, knots, levels


def corridor(floors_m: list[float], lids_m: list[float], step_m: float = 100.0) -> Corridor:
    return Corridor(np.arange(len(floors_m)) * step_m, np.array(floors_m), np.array(lids_m))


def altitude_at(flown: list[Knot], at_m: float) -> float:
    return float(np.interp(at_m, [m for m, _ in flown], [altitude_m for _, altitude_m in flown]))


def test_one_altitude_where_one_fits() -> None:
    assert knots(corridor([30, 50, 40], [80, 80, 60]), 45.0, 0.3, 0.15) == [(0.0, 50.0), (200.0, 50.0)]
    assert knots(corridor([30, 50, 40], [80, 80, 60]), 90.0, 0.3, 0.15) == [(0.0, 60.0), (200.0, 60.0)]


def test_a_climb_ends_where_it_is_needed() -> None:
    flown = knots(corridor([30] * 8 + [70] * 4, [60] * 5 + [90] * 7), 50.0, 0.5, 0.25)
    assert flown == [(0.0, 50.0), (760.0, 50.0), (800.0, 70.0), (1100.0, 70.0)]


def test_a_descent_ends_at_the_end() -> None:
    flown = knots(corridor([60] * 8 + [30] * 4, [90] * 11 + [40]), 40.0, 0.5, 0.25)
    assert flown == [(0.0, 60.0), (1020.0, 60.0), (1100.0, 40.0)]


def test_without_room_for_a_slope_it_climbs_standing() -> None:
    flown = knots(corridor([30, 30, 90], [60, 95, 120]), 50.0, 0.1, 0.1)
    assert flown == [(0.0, 50.0), (100.0, 50.0), (100.0, 90.0), (200.0, 90.0)] or flown == [
        (0.0, 50.0), (200.0, 50.0), (200.0, 90.0),
    ]  # fmt: skip


def test_no_way_where_floor_and_lid_cross_or_jump_past_each_other() -> None:
    assert knots(corridor([30, 61, 30], [60, 60, 60]), 50.0, 0.3, 0.3) is None
    assert knots(corridor([30, 70], [60, 90], step_m=5.0), 50.0, 0.3, 0.3) is None


def fewest(floors_m: list[float], lids_m: list[float]) -> float:
    """By brute force: the least number of pieces with one altitude each."""
    best = [0.0]
    for end in range(1, len(floors_m) + 1):
        pieces = [
            best[start] + 1.0
            for start in range(end)
            if max(floors_m[start:end]) <= min(lids_m[start:end])
        ]  # fmt: skip
        best.append(min(pieces, default=float("inf")))
    return best[-1]


BANDS = st.lists(st.tuples(st.integers(0, 100), st.integers(5, 60)), min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(BANDS, st.integers(0, 150))
def test_as_few_changes_as_can_be_and_always_inside(bands: list[tuple[int, int]], wanted_m: int) -> None:
    floors_m = [float(floor) for floor, _ in bands]
    lids_m = [float(floor + room) for floor, room in bands]
    made = corridor(floors_m, lids_m)
    pieces = levels(made, wanted_m)
    assert pieces is not None
    assert len(pieces) == fewest(floors_m, lids_m)
    flown = knots(made, wanted_m, 0.3, 0.15)
    if flown is None:
        return
    assert [m for m, _ in flown] == sorted(m for m, _ in flown)
    for at_m, floor_m, lid_m in zip(made.along_m, floors_m, lids_m, strict=True):
        standing = [altitude_m for m, altitude_m in flown if m == at_m]
        for altitude_m in standing or [altitude_at(flown, at_m)]:
            assert floor_m - 1e-6 <= altitude_m <= lid_m + 1e-6
    for (a_m, low_m), (b_m, high_m) in pairwise(flown):
        if b_m > a_m:
            assert abs(high_m - low_m) <= (0.3 if high_m > low_m else 0.15) * (b_m - a_m) + 1e-6
    assert flown[-1][1] == pytest.approx(pieces[-1].altitude_m)
