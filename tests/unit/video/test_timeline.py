"""Time stamps that only rise, whatever the camera's clock does."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.video.timeline import CLOCK_HZ, Timeline

stamps = st.none() | st.integers(-(2**40), 2**40)
steps = st.tuples(stamps, st.floats(0, 20), st.booleans())


@settings(deadline=None)
@given(st.lists(steps, min_size=2, max_size=60))
def test_time_never_goes_back(pictures: list[tuple[int | None, float, bool]]) -> None:
    timeline, arrival_s, last = Timeline(), 0.0, -1
    for timestamp, passed_s, restarts in pictures:
        arrival_s += passed_s
        if restarts:
            timeline.restart()
        out = timeline.rewrite(timestamp, arrival_s)
        assert out > last
        last = out


def test_the_cameras_intervals_are_kept_however_unevenly_pictures_arrive() -> None:
    timeline = Timeline()
    out = [timeline.rewrite(5_000_000 + 3000 * n, arrival_s) for n, arrival_s in enumerate([0, 0.2, 0.21, 0.22, 0.9])]
    assert [b - a for a, b in itertools.pairwise(out)] == [3000] * 4


def test_after_a_restart_the_passed_time_takes_the_clocks_place() -> None:
    timeline = Timeline()
    before = timeline.rewrite(900_000, arrival_s=10.0)
    timeline.restart()
    assert timeline.rewrite(17, arrival_s=15.0) == before + 5 * CLOCK_HZ


def test_a_clock_that_jumps_is_not_followed() -> None:
    timeline = Timeline()
    before = timeline.rewrite(0, arrival_s=0.0)
    assert timeline.rewrite(3600 * CLOCK_HZ, arrival_s=0.04) == before + round(0.04 * CLOCK_HZ)
    assert timeline.rewrite(3600 * CLOCK_HZ + 3600, arrival_s=0.08) == before + round(0.04 * CLOCK_HZ) + 3600


def test_pictures_without_time_stamps_get_the_time_they_came() -> None:
    timeline = Timeline()
    assert [timeline.rewrite(None, arrival_s) for arrival_s in (1.0, 1.5, 1.5)] == [0, 45_000, 45_001]
