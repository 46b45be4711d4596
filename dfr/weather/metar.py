"""METAR and SPECI reports (WMO-No. 306, FM 15 and FM 16; FMH-1 in the United States) into our words. Pure."""

import math
import re
import warnings
from datetime import UTC, datetime, timedelta
from typing import Any

from metar import Metar

from dfr.core.geo import Agl
from dfr.core.weather import Weather, Wind

CLEAR = frozenset({"CLR", "SKC", "NSC", "NCD"})
CEILING_COVERS = frozenset({"BKN", "OVC", "VV"})
ALLOWED_AHEAD = timedelta(hours=1)
"""A report may be timed a little ahead of our clock, never a month."""

_FALLS = {
    "DZ": "drizzle", "RA": "rain", "SN": "snow", "SG": "snow grains", "IC": "ice crystals", "PL": "ice pellets",
    "GR": "hail", "GS": "small hail", "UP": "precipitation",
}  # fmt: skip
_HOW_MUCH = {"-": "light ", "+": "heavy "}
_REPORT = re.compile(r"\b(?:METAR|SPECI)?\s*(?:COR\s+)?[A-Z][A-Z0-9]{3}\s+\d{6}Z\b.*")


class MetarError(ValueError):
    """The text is no METAR; the message is a sentence."""


def report_in(text: str) -> str:
    """The last report of a text file, such as the ones that the National Weather Service serves: a line of date and
    time, then the report. Raises MetarError."""
    found = [match.group() for line in text.splitlines() if (match := _REPORT.search(line))]
    if not found:
        raise MetarError(f"There is no METAR in {text.strip()[:80]!r}.")
    return found[-1].strip(" =")


def parse(report: str, now_s: float) -> Weather:
    """One report. `now_s` tells the month, which a METAR does not write. Raises MetarError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # groups that it does not know are left out: they are not what we look for
            found: Any = Metar.Metar(report, strict=False)
    except Metar.ParserError as error:
        raise MetarError(f"{report[:80]!r} is no METAR: {error}") from error
    if "NIL" in report.split():
        raise MetarError(f"{report[:80]!r} says that there is no report.")
    if found.time is None or not found.station_id:
        raise MetarError(f"{report[:80]!r} says neither a station nor a time.")
    cloud_base, ceiling = _clouds(found.sky, report)
    return Weather(
        observed_s=_observed(found.time, now_s).timestamp(),
        source=f"METAR {found.station_id}",
        wind=_wind(found),
        # "less than" a quarter of a mile counts as a quarter; "ten or more" as ten.
        visibility_m=None if found.vis is None else float(found.vis.value("M")),
        cloud_base=cloud_base,
        ceiling=ceiling,
        precipitation=_precipitation(found.weather),
        thunderstorm=any("TS" in (described or "") for _, described, *_ in found.weather),
        temperature_c=None if found.temp is None else float(found.temp.value("C")),
        altimeter_hpa=None if found.press is None else float(found.press.value("HPA")),
        text=report,
    )


def _observed(said: datetime, now_s: float) -> datetime:
    """The last such day of a month, hour and minute that is not ahead of now."""
    latest = datetime.fromtimestamp(now_s, UTC) + ALLOWED_AHEAD
    first = latest.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(4):  # a 31st is at most three months back
        try:
            observed = first.replace(day=said.day, hour=said.hour, minute=said.minute)
        except ValueError:
            observed = latest + ALLOWED_AHEAD
        if observed <= latest:
            return observed
        first = (first - timedelta(days=1)).replace(day=1)
    raise MetarError(f"No month has had a day {said.day} lately.")


def _wind(found: Any) -> Wind | None:
    if found.wind_speed is None:
        return None
    mean_mps = float(found.wind_speed.value("MPS"))
    gust_mps = None if found.wind_gust is None else float(found.wind_gust.value("MPS"))
    from_deg = None if found.wind_dir is None or mean_mps == 0.0 else float(found.wind_dir.value())
    return Wind(mean_mps, from_deg, gust_mps)


def _clouds(sky: list[Any], report: str) -> tuple[Agl | None, Agl | None]:
    """Base of the lowest layer and the ceiling, above the station."""
    none = Agl(math.inf)
    if not sky:
        # CAVOK: no cloud below 5,000 ft or the highest minimum sector altitude, no cumulonimbus.
        return (none, none) if "CAVOK" in report else (None, None)
    layers = [(cover, height) for cover, height, *_ in sky if cover not in CLEAR]
    if any(height is None for _, height in layers):
        return None, None  # a layer whose height is not written may be the lowest
    bases = [(cover, float(height.value("M"))) for cover, height in layers]
    lowest_m = min((base_m for _, base_m in bases), default=math.inf)
    ceiling_m = min((base_m for cover, base_m in bases if cover in CEILING_COVERS), default=math.inf)
    return Agl(lowest_m), Agl(ceiling_m)


def _precipitation(groups: list[Any]) -> tuple[str, ...]:
    """What falls on the station; what falls in its vicinity (VC) does not fall on it."""
    words = []
    for intensity, described, falling, *_ in groups:
        if not falling or intensity == "VC":
            continue
        kinds = [_FALLS[falling[i : i + 2]] for i in range(0, len(falling), 2) if falling[i : i + 2] in _FALLS]
        freezing = "freezing " if described and "FZ" in described else ""
        if kinds:
            words.append(f"{_HOW_MUCH.get(intensity or '', '')}{freezing}{' and '.join(kinds)}")
    return tuple(words)
