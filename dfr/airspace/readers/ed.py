"""What EUROCAE ED-269 and ED-318 share: what a UAS geographical zone does, between which heights, and when."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dfr.airspace.readers.times import DAYS, moment_s
from dfr.airspace.readers.values import FOOT_M, Properties, is_blank, lowered, number, words_of
from dfr.core.geo import Agl, Altitude, Amsl, Ellipsoid
from dfr.core.times import SunEvent, TimeRange, Times, WeeklyWindow
from dfr.core.zone import ZoneKind

UNITS: Mapping[str, float] = {"M": 1.0, "FT": FOOT_M}
_REFERENCES: Mapping[str, type[Agl] | type[Amsl] | type[Ellipsoid]] = {"AGL": Agl, "AMSL": Amsl, "WGS84": Ellipsoid}
_EVENTS = {
    "BMCT": SunEvent.DAWN,
    "SR": SunEvent.SUNRISE,
    "SS": SunEvent.SUNSET,
    "EECT": SunEvent.DUSK,
    "EMCT": SunEvent.DUSK,
}
_SPLIT = re.compile(r"[,;\s]+")


@dataclass(frozen=True)
class Restriction:
    """What an authority's word for a zone does here, and the sentence that says so."""

    kind: ZoneKind
    sentence: str = ""


NO_RESTRICTION = Restriction(ZoneKind.CAUTION)
PROHIBITED = Restriction(ZoneKind.NO_FLY)
AUTHORISATION = Restriction(
    ZoneKind.NO_FLY, "Flights need an authorisation: with one, make this zone a caution zone in a file of your own"
)
CONDITIONAL = Restriction(
    ZoneKind.NO_FLY,
    "Flights are bound to conditions that nothing here can check: who keeps them makes this a caution zone",
)
USPACE = Restriction(ZoneKind.NO_FLY, "U-space: flights need its services, and nothing here uses them")


def restriction_of(value: Any, known: Mapping[str, Restriction], name: str) -> Restriction:
    """Raises ValueError for a word that is not known: it could mean anything."""
    word = value.strip().upper() if isinstance(value, str) else value
    if not isinstance(word, str) or word not in known:
        raise ValueError(f"its {name} is {value!r}; known are {', '.join(known)}")
    return known[word]


def limits_of(layer: Properties, names: tuple[str, str, str]) -> tuple[Altitude | None, Altitude | None]:
    """(bottom, top) of a layer whose lower limit, upper limit and unit have these names. A lower limit at or below the
    surface is none: the zone is closed from the ground up. Raises ValueError."""
    lower, upper, unit = names
    value = layer.get(unit)
    word = "M" if is_blank(value) else str(value).strip().upper()  # ED-318: metres where nothing is said
    if word not in UNITS:
        raise ValueError(f"its unit {unit} is {value!r}; known are m and ft")
    bottom, top = (_limit(layer, name, UNITS[word]) for name in (lower, upper))
    return (None if bottom is not None and not isinstance(bottom, Ellipsoid) and bottom.m <= 0.0 else bottom), top


def _limit(layer: Properties, name: str, unit_m: float) -> Altitude | None:
    value = layer.get(name)
    if is_blank(value):
        return None
    metres = number(value, name, written=True) * unit_m
    stem = name.removesuffix("limit")
    reference = layer.get(f"{stem}reference", layer.get(f"{stem}verticalreference"))
    word = reference.strip().upper() if isinstance(reference, str) else ""
    if word not in _REFERENCES:
        raise ValueError(f"its {name} is over {reference!r}; known are {', '.join(_REFERENCES)}")
    return _REFERENCES[word](metres)


def periods_of(value: Any, schedule_names: tuple[str, ...]) -> list[Times | None]:
    """When a zone holds: one entry for each period, None for always. A zone without periods holds always.

    Raises ValueError.
    """
    if is_blank(value) or value == []:
        return [None]
    periods = [_period(lowered(entry), schedule_names) for entry in _objects(value, "periods")]
    return [None] if None in periods else periods


def _period(period: Properties, schedule_names: tuple[str, ...]) -> Times | None:
    permanent = str(period.get("permanent") or "").strip().upper() == "YES"
    edges = [
        None if permanent or is_blank(period.get(name)) else moment_s(period[name])
        for name in ("startdatetime", "enddatetime")
    ]
    ranges = () if edges == [None, None] else (TimeRange(edges[0], edges[1]),)
    schedule: Any = next((period[name] for name in schedule_names if not is_blank(period.get(name))), [])
    days = [_Day.of(lowered(entry)) for entry in _objects(schedule, "daily periods")]
    if any(day.is_always for day in days):
        days = []
    zones = {day.time_zone for day in days if day.time_zone}
    if len(zones) > 1:
        raise ValueError(f"its daily periods are of several time zones: {', '.join(sorted(zones))}")
    if not ranges and not days:
        return None
    return Times(ranges, tuple(day.window for day in days), zones.pop() if zones else "UTC")


@dataclass(frozen=True)
class _Day:
    window: WeeklyWindow
    time_zone: str

    @property
    def is_always(self) -> bool:
        return len(self.window.days) == 7 and self.window.start == self.window.end == dt.time(0)

    @classmethod
    def of(cls, entry: Properties) -> "_Day":
        (start, start_zone), (end, end_zone) = _edge(entry, "start"), _edge(entry, "end")
        if start_zone and end_zone and start_zone != end_zone:
            raise ValueError(f"a daily period begins by {start_zone} and ends by {end_zone}")
        return cls(WeeklyWindow(_days(entry.get("day")), start, end), start_zone or end_zone)


def _days(value: Any) -> frozenset[int]:
    words = _SPLIT.split(value.strip()) if isinstance(value, str) else value if isinstance(value, list) else []
    names = [str(word).strip().lower() for word in words if not is_blank(word)]
    unknown = [name for name in names if name not in (*DAYS, "any")]
    if unknown:
        raise ValueError(f"a daily period is on {', '.join(unknown)}; known are {', '.join(DAYS).upper()} and ANY")
    return frozenset(range(7)) if "any" in names or not names else frozenset(DAYS.index(name) for name in names)


def _edge(entry: Properties, which: str) -> tuple[dt.time | SunEvent, str]:
    """Where a daily period begins or ends, and the time zone that it names; midnight where it says neither."""
    event, value = entry.get(f"{which}event"), entry.get(f"{which}time")
    if not is_blank(event):
        word = str(event).strip().upper()
        if word not in _EVENTS:
            raise ValueError(f"a daily period's {which}Event is {event!r}; known are {', '.join(_EVENTS)}")
        return _EVENTS[word], ""
    if is_blank(value):
        return dt.time(0), ""
    written = str(value).strip()
    try:
        at = dt.time.fromisoformat(re.sub(r"^24:00(:00(\.0+)?)?", "00:00", written))
    except ValueError as fault:
        raise ValueError(f"a daily period's {which}Time is {value!r}, not a time such as 16:00:00Z") from fault
    if at.tzinfo is None:
        raise ValueError(f"a daily period's {which}Time {written} does not say of which time zone; write {written}Z")
    clock = at.replace(tzinfo=None)
    # 23:59 and 23:59:59 are how the end of a day is written: the last minute belongs to it.
    if which == "end" and (clock.hour, clock.minute) == (23, 59):
        clock = dt.time(0)
    return clock, _zone_name(at.utcoffset())


def _zone_name(offset: dt.timedelta | None) -> str:
    hours, rest = divmod(offset or dt.timedelta(), dt.timedelta(hours=1))
    if rest:
        raise ValueError("a daily period's time zone is no whole hours from UTC")
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"  # the names of these zones count westward


def authority_of(value: Any) -> str:
    """Who is asked about a zone, with telephone and address as far as they are given."""
    entry = next((one for one in value if isinstance(one, dict)), {}) if isinstance(value, list) else {}
    found = [words_of(entry.get(name)) for name in ("name", "service", "contactName", "phone", "email", "siteURL")]
    return ", ".join(dict.fromkeys(word for word in found if word))


def note_of(restriction: Restriction, *texts: Any) -> str:
    """What is shown beside a zone: what it asks for, and the authority's own words, shortened."""
    words = [restriction.sentence, *(words_of(text) for text in texts)]
    return ". ".join(word.rstrip(".") for word in words if word)[:600]


def _objects(value: Any, what: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ValueError(f"its {what} are {str(value)[:80]!r}; a list of objects is meant")
    return value
