"""When a zone holds: ranges of dates, weekly windows by the clock or by the sun."""

import calendar
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import dawn, dusk, sunrise, sunset

from dfr.core.geo import Position

Period = tuple[float, float]
"""(start_s, end_s): seconds since 1970 UTC, the end not included."""

DAY_S = 86_400.0
_SUN = {"dawn": dawn, "sunrise": sunrise, "sunset": sunset, "dusk": dusk}


class SunEvent(StrEnum):
    """What the sun does at a place on a day. Dawn and dusk are the ends of civil twilight (14 CFR 107.29, ED-318 BMCT
    and EMCT): the sun 6 degrees below the horizon."""

    DAWN = "dawn"
    SUNRISE = "sunrise"
    SUNSET = "sunset"
    DUSK = "dusk"


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From one moment to another, UTC seconds since 1970; None is open on that side. Raises ValueError backwards."""

    start_s: float | None = None
    end_s: float | None = None

    def __post_init__(self) -> None:
        if self.start_s is not None and self.end_s is not None and self.end_s <= self.start_s:
            raise ValueError("A time range ends after it begins.")


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """On these days (0 is Monday) from `start` to `end`. An end that is not after the start is on the next day: from
    22:00 to 06:00 is a night, and from a time to the same time a whole day."""

    days: frozenset[int]
    start: dt.time | SunEvent
    end: dt.time | SunEvent


@dataclass(frozen=True, slots=True)
class Times:
    """Holds while one of `ranges` and one of `weekly` do; an empty list of either means always.

    Clock times are of `time_zone` (IANA name). Raises ValueError for a zone that is not known.
    """

    ranges: tuple[TimeRange, ...] = ()
    weekly: tuple[WeeklyWindow, ...] = ()
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as fault:
            raise ValueError(f"The time zone {self.time_zone!r} is not known; write an IANA name.") from fault

    def __str__(self) -> str:
        """`Monday, Friday 22:00 to 06:00 (America/Phoenix)`: as people say it."""
        zone = ZoneInfo(self.time_zone)
        said = [_range_text(one, zone) for one in self.ranges] + [_window_text(one) for one in self.weekly]
        return f"{'; '.join(said)} ({self.time_zone})" if said else "always"

    def periods(self, from_s: float, to_s: float, place: Position, *, doubtful: bool) -> list[Period]:
        """When it holds between two moments, in order and not touching.

        `doubtful` says whether a window counts whose sun event does not happen there that day (beyond the polar
        circles): True for what forbids, False for what opens.
        """
        ranges = _merged(
            (max(from_s, from_s if r.start_s is None else r.start_s), min(to_s, to_s if r.end_s is None else r.end_s))
            for r in self.ranges or (TimeRange(),)
        )
        if not self.weekly:
            return ranges
        weekly = _merged(self._windows(from_s, to_s, place, doubtful))
        return _merged(
            (max(a[0], b[0]), min(a[1], b[1])) for a in ranges for b in weekly if a[0] < b[1] and b[0] < a[1]
        )

    def holds(self, at_s: float, place: Position, *, doubtful: bool) -> bool:
        """Whether it holds at one moment."""
        return bool(self.periods(at_s, at_s + 1e-3, place, doubtful=doubtful))

    def next_change_s(self, after_s: float, place: Position, *, doubtful: bool) -> float | None:
        """When it next begins or ceases to hold, looked for over eight days; None when it does not."""
        to_s = after_s + 8.0 * DAY_S
        edges = [edge for period in self.periods(after_s, to_s, place, doubtful=doubtful) for edge in period]
        return min((edge for edge in edges if after_s < edge < to_s), default=None)

    def _windows(self, from_s: float, to_s: float, place: Position, doubtful: bool) -> Iterator[Period]:
        zone = ZoneInfo(self.time_zone)
        day = dt.datetime.fromtimestamp(from_s, zone).date() - dt.timedelta(days=1)
        last = dt.datetime.fromtimestamp(to_s, zone).date()
        while day <= last:
            for window in self.weekly:
                if day.weekday() in window.days:
                    yield from _window(window, day, zone, place, doubtful)
            day += dt.timedelta(days=1)


def _range_text(one: TimeRange, zone: ZoneInfo) -> str:
    start, end = (
        "" if at_s is None else dt.datetime.fromtimestamp(at_s, zone).strftime("%Y-%m-%d %H:%M")
        for at_s in (one.start_s, one.end_s)
    )
    if start and end:
        return f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else "always"


def _window_text(window: WeeklyWindow) -> str:
    days = "every day" if len(window.days) == 7 else ", ".join(calendar.day_name[day] for day in sorted(window.days))
    start, end = (at.strftime("%H:%M") if isinstance(at, dt.time) else at.value for at in (window.start, window.end))
    return f"{days} {start} to {end}"


def _window(window: WeeklyWindow, day: dt.date, zone: ZoneInfo, place: Position, doubtful: bool) -> Iterator[Period]:
    start_s, end_s = _moment(window.start, day, zone, place), _moment(window.end, day, zone, place)
    if start_s is not None and end_s is not None and end_s <= start_s:
        end_s = _moment(window.end, day + dt.timedelta(days=1), zone, place)
    if start_s is not None and end_s is not None:
        yield (start_s, end_s)
    elif doubtful:
        midnight = dt.datetime.combine(day, dt.time(), zone).timestamp()
        yield (midnight, midnight + 2.0 * DAY_S)


def _moment(event: dt.time | SunEvent, day: dt.date, zone: ZoneInfo, place: Position) -> float | None:
    if isinstance(event, SunEvent):
        try:
            at: dt.datetime = _SUN[event](Observer(place.latitude_deg, place.longitude_deg), date=day, tzinfo=zone)
        except ValueError:
            return None  # the sun does not do that there on that day
        return at.timestamp()
    return dt.datetime.combine(day, event, zone).timestamp()


def _merged(periods: Sequence[Period] | Iterator[Period]) -> list[Period]:
    merged: list[Period] = []
    for start_s, end_s in sorted(period for period in periods if period[0] < period[1]):
        if merged and start_s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end_s))
        else:
            merged.append((start_s, end_s))
    return merged
