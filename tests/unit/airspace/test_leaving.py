"""The way out of a zone that appeared."""

import pytest
from shapely.geometry import box

from dfr.airspace.leaving import rest_of_way_out
from dfr.airspace.way_out import way_out
from tests.unit.airspace.places import FRAME, airspace, at, disc, no_fly

JUDGED = airspace(no_fly(disc(0, 0, 200)), no_fly(box(400, -1000, 500, 1000), "the wall"))


@pytest.mark.parametrize(
    ("start", "end", "out"),
    [
        ((-100, 0), (-240, 0), True),
        ((-100, 0), (-600, 0), True),
        ((-100, 0), (-210, 0), False),  # not far enough
        ((-100, 0), (240, 0), False),  # through the middle
        ((-190, 0), (-190, 300), True),  # not the nearest, and outwards all the way
        ((100, 0), (600, 0), False),  # out, and through the next one
        ((-300, 0), (-600, 0), False),  # an ordinary way
        ((-100, 0), (-100, 0), False),
    ],
)
def test_only_outwards_counts(start: tuple[float, float], end: tuple[float, float], out: bool) -> None:
    rest = rest_of_way_out(JUDGED, at(*start), at(*end))
    assert (rest is not None) is out
    if rest is not None:
        assert JUDGED.segment(*rest).allowed


def test_a_way_that_ends_outside_is_not_asked_for_all_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine waits for the answer: 20 km outside at a place every 2 m would keep it for seconds."""
    asked: list[int] = []
    distances = JUDGED.border.distances_m
    monkeypatch.setattr(
        JUDGED.border, "distances_m", lambda ways, *far: asked.append(len(ways)) or distances(ways, *far)
    )
    assert rest_of_way_out(JUDGED, at(-100, 0), at(0, 20_000)) is None
    assert rest_of_way_out(JUDGED, at(-1000, 0), at(-2000, 0)) is None
    assert asked == [2, 2]


@pytest.mark.parametrize("start", [(-100, 0), (30, 40), (0, 199), (450, 0)])
def test_the_nearest_way_out_is_one(start: tuple[float, float]) -> None:
    out = way_out(JUDGED, at(*start))
    assert out is not None
    there = at(*FRAME.to_local(out))
    assert JUDGED.point(there).allowed
    assert rest_of_way_out(JUDGED, at(*start), there) is not None


def test_where_everything_is_closed_there_is_none() -> None:
    closed = airspace(no_fly(box(-4000, -4000, 4000, 4000)))
    assert way_out(closed, at(0, 0)) is None
