"""Day, civil twilight and night: half an hour around sunrise and sunset, also where there is none."""

import datetime as dt

import pytest

from dfr.core.daylight import Daylight, darkest, daylight
from dfr.core.geo import Position

TUCSON = Position(32.22, -110.92)
TROMSO = Position(69.65, 18.96)


def at_s(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        # Sunrise is at about 07:25 there, sunset at 17:41.
        ("2027-01-15T06:50:00-07:00", Daylight.NIGHT),
        ("2027-01-15T07:00:00-07:00", Daylight.TWILIGHT),
        ("2027-01-15T07:22:00-07:00", Daylight.TWILIGHT),
        ("2027-01-15T07:28:00-07:00", Daylight.DAY),
        ("2027-01-15T17:38:00-07:00", Daylight.DAY),
        ("2027-01-15T17:44:00-07:00", Daylight.TWILIGHT),
        ("2027-01-15T18:09:00-07:00", Daylight.TWILIGHT),
        ("2027-01-15T18:14:00-07:00", Daylight.NIGHT),
    ],
)
def test_half_an_hour_around_sunrise_and_sunset(local: str, expected: Daylight) -> None:
    assert daylight(TUCSON, at_s(local)) is expected


def test_where_the_sun_does_not_set_or_rise() -> None:
    assert {daylight(TROMSO, at_s(f"2027-06-21T{hour:02}:00:00+00:00")) for hour in range(24)} == {Daylight.DAY}
    assert {daylight(TROMSO, at_s(f"2027-12-21T{hour:02}:00:00+00:00")) for hour in range(24)} == {Daylight.NIGHT}


def test_the_darkest_of_a_stretch_counts() -> None:
    from_s = at_s("2027-01-15T17:20:00-07:00")
    assert darkest(TUCSON, from_s, from_s + 600.0) is Daylight.DAY
    assert darkest(TUCSON, from_s, from_s + 1800.0) is Daylight.TWILIGHT
    assert darkest(TUCSON, from_s, from_s + 3600.0) is Daylight.NIGHT
