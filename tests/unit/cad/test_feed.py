"""Priority scales, positions and times that can be used."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfr.cad.feed import NENA_EIDO, PLAIN, Feed, usable_position, utc_seconds
from dfr.core.geo import Position

SCALES = st.tuples(st.integers(-20, 20), st.integers(-20, 20)).filter(lambda ends: ends[0] != ends[1])


@given(SCALES)
def test_the_ends_of_every_scale_are_one_and_five(ends: tuple[int, int]) -> None:
    feed = Feed(*ends)
    assert (feed.normalised(feed.highest), feed.normalised(feed.lowest)) == (1, 5)


@given(SCALES)
def test_a_more_urgent_call_never_ranks_lower(ends: tuple[int, int]) -> None:
    feed = Feed(*ends)
    step = 1 if feed.lowest > feed.highest else -1
    ranks = [feed.normalised(number) for number in range(feed.highest, feed.lowest + step, step)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("feed", "written", "normalised"),
    [(NENA_EIDO, 10, 1), (NENA_EIDO, 5, 3), (NENA_EIDO, 0, 5), (PLAIN, 1, 1), (PLAIN, 2, 2), (Feed(1, 4), 2, 2)],
)
def test_scales_run_both_ways(feed: Feed, written: int, normalised: int) -> None:
    assert feed.normalised(written) == normalised


def test_outside_the_scale_is_an_error() -> None:
    with pytest.raises(ValueError, match="outside the feed's scale"):
        PLAIN.normalised(9)


def test_a_scale_needs_two_ends() -> None:
    with pytest.raises(ValueError, match="two different ends"):
        Feed(3, 3)


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "words"),
    [
        (0.0, 0.0, "geocoder found no place"),
        (-110.9, 32.2, "swapped"),
        (math.nan, -110.9, "finite"),
        (32.2, math.inf, "finite"),
        (32.2, 200.0, "outside -180 to 180"),
    ],
)
def test_a_position_that_cannot_be_used_says_why(latitude_deg: float, longitude_deg: float, words: str) -> None:
    position, note = usable_position(latitude_deg, longitude_deg)
    assert position is None
    assert words in note


def test_a_usable_position_has_no_note() -> None:
    assert usable_position(32.2, -110.9) == (Position(32.2, -110.9), "")


def test_a_time_without_zone_is_no_time() -> None:
    assert utc_seconds("2026-03-01T20:14:08-07:00") == 1772421248.0
    assert utc_seconds("2026-03-02T03:14:08Z") == 1772421248.0
    assert utc_seconds("2026-03-01T20:14:08") is None
    assert utc_seconds("yesterday") is None
