"""When a zone holds."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.core.geo import Position
from dfr.core.times import SunEvent, TimeRange, Times, WeeklyWindow

TUCSON = Position(32.2217, -110.9265)
TROMSO = Position(69.65, 18.96)
EVERY_DAY = frozenset(range(7))


def local_s(text: str, zone: str = "America/Phoenix") -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def test_a_range_ends_when_it_says() -> None:
    times = Times((TimeRange(100.0, 200.0),))
    assert [times.holds(at_s, TUCSON, doubtful=True) for at_s in (99.9, 100.0, 199.9, 200.0)] == [
        False,
        True,
        True,
        False,
    ]
    assert times.next_change_s(0.0, TUCSON, doubtful=True) == 100.0
    assert times.next_change_s(150.0, TUCSON, doubtful=True) == 200.0
    assert times.next_change_s(200.0, TUCSON, doubtful=True) is None


def test_an_open_range_never_ends() -> None:
    assert Times((TimeRange(100.0, None),)).holds(9e9, TUCSON, doubtful=True)
    with pytest.raises(ValueError, match="ends after it begins"):
        TimeRange(2.0, 1.0)


def test_a_night_window_goes_past_midnight_and_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = Times(weekly=(WeeklyWindow(frozenset({4}), dt.time(22), dt.time(6)),), time_zone="America/Phoenix")
    assert friday_night.holds(local_s("2026-11-27T23:59:59"), TUCSON, doubtful=True)
    assert friday_night.holds(local_s("2026-11-28T00:00:00"), TUCSON, doubtful=True)
    assert friday_night.holds(local_s("2026-11-28T05:59:59"), TUCSON, doubtful=True)
    assert not friday_night.holds(local_s("2026-11-28T06:00:00"), TUCSON, doubtful=True)
    assert not friday_night.holds(local_s("2026-11-27T05:00:00"), TUCSON, doubtful=True)
    assert not friday_night.holds(local_s("2026-11-28T23:00:00"), TUCSON, doubtful=True)


def test_a_window_that_ends_at_midnight_reaches_it() -> None:
    evening = Times(weekly=(WeeklyWindow(EVERY_DAY, dt.time(20), dt.time(0)),), time_zone="America/Phoenix")
    assert evening.holds(local_s("2026-11-28T23:59:59"), TUCSON, doubtful=True)
    assert not evening.holds(local_s("2026-11-29T00:00:00"), TUCSON, doubtful=True)
    whole = Times(weekly=(WeeklyWindow(EVERY_DAY, dt.time(0), dt.time(0)),))
    assert whole.periods(0.0, 1e6, TUCSON, doubtful=True) == [(0.0, 1e6)]


def test_daylight_follows_the_sun_at_the_place() -> None:
    # US Naval Observatory for Tucson, 28 November 2026: sunrise 07:04, sunset 17:18 local.
    day = Times(weekly=(WeeklyWindow(EVERY_DAY, SunEvent.SUNRISE, SunEvent.SUNSET),), time_zone="America/Phoenix")
    ((start_s, end_s),) = day.periods(
        local_s("2026-11-28T00:00:00"), local_s("2026-11-29T00:00:00"), TUCSON, doubtful=True
    )
    assert start_s == pytest.approx(local_s("2026-11-28T07:04:00"), abs=120.0)
    assert end_s == pytest.approx(local_s("2026-11-28T17:18:00"), abs=120.0)
    twilight = Times(weekly=(WeeklyWindow(EVERY_DAY, SunEvent.DAWN, SunEvent.DUSK),), time_zone="America/Phoenix")
    assert twilight.holds(start_s - 1200.0, TUCSON, doubtful=True)
    assert not twilight.holds(start_s - 2400.0, TUCSON, doubtful=True)


def test_where_the_sun_does_not_rise_what_forbids_holds_and_what_opens_does_not() -> None:
    day = Times(weekly=(WeeklyWindow(EVERY_DAY, SunEvent.SUNRISE, SunEvent.SUNSET),), time_zone="Europe/Oslo")
    noon_s = local_s("2026-12-21T12:00:00", "Europe/Oslo")
    assert day.holds(noon_s, TROMSO, doubtful=True)
    assert not day.holds(noon_s, TROMSO, doubtful=False)


def test_a_clock_that_is_set_back_keeps_the_window_on_the_clock() -> None:
    # 1 November 2026 in New York: 02:00 becomes 01:00.
    night = Times(weekly=(WeeklyWindow(EVERY_DAY, dt.time(22), dt.time(6)),), time_zone="America/New_York")
    place = Position(40.7, -74.0)
    ((start_s, end_s),) = night.periods(
        local_s("2026-10-31T12:00:00", "America/New_York"),
        local_s("2026-11-01T12:00:00", "America/New_York"),
        place,
        doubtful=True,
    )
    assert end_s - start_s == 9 * 3600.0


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="IANA"):
        Times(time_zone="Tucson/Downtown")


@settings(deadline=None)
@given(
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    days=st.frozensets(st.integers(0, 6)),
    at_min=st.integers(0, 14 * 1440),
)
def test_any_window_holds_just_when_the_clock_and_the_day_say_so(
    start: int, end: int, days: frozenset[int], at_min: int
) -> None:
    times = Times(weekly=(WeeklyWindow(days, dt.time(*divmod(start, 60)), dt.time(*divmod(end, 60))),))
    # 1 January 1970 was a Thursday.
    day, minute = (3 + at_min // 1440) % 7, at_min % 1440
    yesterday = (day - 1) % 7
    if start < end:
        wanted = day in days and start <= minute < end
    else:
        wanted = (day in days and minute >= start) or (yesterday in days and minute < end)
    assert times.holds(at_min * 60.0, TUCSON, doubtful=True) == wanted


@settings(deadline=None)
@given(edges=st.lists(st.tuples(st.floats(0, 1e6), st.floats(1, 1e5)), max_size=5))
def test_periods_are_in_order_and_do_not_touch(edges: list[tuple[float, float]]) -> None:
    times = Times(tuple(TimeRange(start_s, start_s + long_s) for start_s, long_s in edges))
    periods = times.periods(0.0, 2e6, TUCSON, doubtful=True)
    assert all(a[1] < b[0] for a, b in pairwise(periods))
    assert all(any(start_s <= s < end_s for start_s, end_s in periods) for s, _ in edges)


def test_times_are_said_as_people_say_them() -> None:
    assert str(Times()) == "always"
    night = WeeklyWindow(frozenset({0, 4}), dt.time(22), SunEvent.SUNRISE)
    assert str(Times(weekly=(night,), time_zone="America/Phoenix")) == (
        "Monday, Friday 22:00 to sunrise (America/Phoenix)"
    )
    ranges = (TimeRange(0.0, 5400.0), TimeRange(86_400.0, None), TimeRange(None, 60.0))
    assert str(Times(ranges)) == (
        "1970-01-01 00:00 to 1970-01-01 01:30; from 1970-01-02 00:00; until 1970-01-01 00:01 (UTC)"
    )
