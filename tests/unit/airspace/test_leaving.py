"""The way out of a zone that appeared."""

import pytest
from shapely.geometry import box

from dfr.airspace.leaving import is_way_out
from tests.unit.airspace.places import airspace, disc, no_fly, place

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
    assert is_way_out(JUDGED, place(*start), place(*end)) is out
