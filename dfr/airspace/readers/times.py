"""When a zone holds, as our own files write it:

{"time_zone": "America/Phoenix",
 "ranges": [{"start": "2026-07-04T18:00:00", "end": "2026-07-05T01:00:00"}],
 "weekly": [{"days": ["mon", "tue"], "start": "07:30", "end": "sunset"}]}
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from dfr.core.times import SunEvent, TimeRange, Times, WeeklyWindow

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def times_of(value: Any) -> Times | None:
    """None where nothing is said. A name that nobody knows is a fault: it would make the zone hold at all times.

    Raises ValueError.
    """
    if value is None:
        return None
    told = _object(value, "times", {"time_zone", "ranges", "weekly"})
    zone = told.get("time_zone")
    if zone is not None and not isinstance(zone, str):
        raise ValueError(f"its time_zone is {zone!r}, not a name such as America/Phoenix")
    checked = Times(time_zone=zone or "UTC")
    ranges = tuple(_range(entry, zone) for entry in _list(told.get("ranges"), "ranges"))
    weekly = tuple(_window(entry) for entry in _list(told.get("weekly"), "weekly"))
    if not ranges and not weekly:
        raise ValueError("its times have neither ranges nor weekly windows")
    if zone is None and any(isinstance(edge, dt.time) for window in weekly for edge in (window.start, window.end)):
        raise ValueError("its weekly windows are by the clock, and no time_zone says by which")
    return Times(ranges, weekly, checked.time_zone)


def times_to_json(times: Times) -> dict[str, Any]:
    """What `times_of` reads back as the same."""
    return {
        "time_zone": times.time_zone,
        "ranges": [
            {
                name: dt.datetime.fromtimestamp(at_s, dt.UTC).isoformat()
                for name, at_s in (("start", one.start_s), ("end", one.end_s))
                if at_s is not None
            }
            for one in times.ranges
        ],
        "weekly": [
            {
                "days": [DAYS[day] for day in sorted(one.days)],
                "start": _edge_text(one.start),
                "end": _edge_text(one.end),
            }
            for one in times.weekly
        ],
    }


def moment_s(value: Any, time_zone: str | None = None) -> float:
    """Seconds since 1970 of an ISO 8601 date and time. Without an offset of its own it is of the time zone.

    Raises ValueError, also when neither says of which zone it is.
    """
    try:
        at = dt.datetime.fromisoformat(value.strip())
        if at.tzinfo is None and time_zone is not None:
            at = at.replace(tzinfo=ZoneInfo(time_zone))
        if at.tzinfo is not None:
            return at.timestamp()
    except (AttributeError, ValueError, OverflowError) as fault:
        raise ValueError(f"{value!r} is not a date and time such as 2026-07-04T18:00:00Z") from fault
    raise ValueError(f"{value!r} does not say of which time zone it is; write 2026-07-04T18:00:00Z")


def _range(value: Any, time_zone: str | None) -> TimeRange:
    told = _object(value, "a time range", {"start", "end"})
    start, end = told.get("start"), told.get("end")
    if start is None and end is None:
        raise ValueError("a time range has neither start nor end")
    return TimeRange(
        None if start is None else moment_s(start, time_zone), None if end is None else moment_s(end, time_zone)
    )


def _window(value: Any) -> WeeklyWindow:
    told = _object(value, "a weekly window", {"days", "start", "end"})
    days = _list(told.get("days"), "days")
    unknown = [day for day in days if not isinstance(day, str) or day.lower() not in DAYS]
    if unknown or not days:
        raise ValueError(f"a weekly window's days are {days!r}; write some of {', '.join(DAYS)}")
    return WeeklyWindow(
        frozenset(DAYS.index(day.lower()) for day in days), _edge(told.get("start")), _edge(told.get("end"))
    )


def _edge(value: Any) -> dt.time | SunEvent:
    if isinstance(value, str) and value.lower() in list(SunEvent):
        return SunEvent(value.lower())
    try:
        edge = dt.time(0) if value == "24:00" else dt.time.fromisoformat(value)
    except (TypeError, ValueError):
        edge = None
    if edge is None or edge.tzinfo is not None:
        raise ValueError(
            f"a weekly window begins or ends at {value!r}; write a time such as 07:30, or {', '.join(SunEvent)}"
        )
    return edge


def _edge_text(edge: dt.time | SunEvent) -> str:
    return edge.value if isinstance(edge, SunEvent) else edge.isoformat()


def _object(value: Any, what: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is {value!r}; it is an object with {', '.join(sorted(known))}")
    unknown = set(value) - known
    if unknown:
        raise ValueError(
            f"{what} has {', '.join(sorted(unknown))}, which nobody knows; known are {', '.join(sorted(known))}"
        )
    return value


def _list(value: Any, what: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"its {what} are {value!r}; write a list")
    return value
