"""The ground between known points, and the error that it states."""

import random

import numpy as np
import pytest

from dfr.airspace.ground import GroundPoint, SurveyedGround
from dfr.airspace.ground_files import read_ground_points
from dfr.core.geo import Amsl
from tests.unit.airspace.places import ORIGIN, place


def hills(east_m: float, north_m: float) -> float:
    return 700.0 + 0.01 * east_m + 12.0 * np.sin(east_m / 900.0) * np.cos(north_m / 1100.0)


def survey(count: int) -> list[GroundPoint]:
    chance = random.Random(7)
    spots = [(chance.uniform(-3000, 3000), chance.uniform(-3000, 3000)) for _ in range(count)]
    return [GroundPoint(place(e, n), Amsl(hills(e, n)), f"{e:.0f}") for e, n in spots]


def test_passes_through_the_known_points() -> None:
    points = survey(40)
    ground = SurveyedGround(points, ORIGIN)
    for point in points:
        assert ground.altitude(point.position).m == pytest.approx(point.altitude.m, abs=0.01)


def test_a_plane_is_found_exactly_and_has_no_error() -> None:
    spots = [(0, 0), (1000, 0), (0, 1000), (1000, 1000), (400, 600), (700, 200), (300, 300)]
    ground = SurveyedGround([GroundPoint(place(e, n), Amsl(700 + e * 0.02 - n * 0.01)) for e, n in spots], ORIGIN)
    assert ground.altitude(place(500, 500)).m == pytest.approx(705.0, abs=0.01)
    assert ground.error_m == pytest.approx(0.0, abs=0.01)


def test_the_stated_error_covers_nearly_all_misses() -> None:
    ground = SurveyedGround(survey(60), ORIGIN)
    chance = random.Random(8)
    spots = [(chance.uniform(-2200, 2200), chance.uniform(-2200, 2200)) for _ in range(400)]  # among the points
    misses = [abs(ground.altitude(place(e, n)).m - hills(e, n)) for e, n in spots]
    assert np.mean(np.array(misses) <= ground.error_m) >= 0.95


def test_more_points_make_the_error_smaller() -> None:
    assert SurveyedGround(survey(120), ORIGIN).error_m < SurveyedGround(survey(20), ORIGIN).error_m / 2


def test_too_few_points_and_twice_the_same_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 6"):
        SurveyedGround(survey(5), ORIGIN)
    points = survey(8)
    with pytest.raises(ValueError, match="at the same place"):
        SurveyedGround([*points, points[3]], ORIGIN)


def test_a_bad_row_is_named() -> None:
    text = "latitude_deg,longitude_deg,altitude_amsl_m,name\n32.2,-110.9,750,a\n-110.9,32.2,750,swapped\n"
    with pytest.raises(ValueError, match=r"ground\.csv, line 3: .*swapped"):
        read_ground_points(text, "ground.csv")
