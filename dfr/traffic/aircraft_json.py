"""`aircraft.json` as dump1090-fa, readsb and tar1090 write it. Pure: a document in, intruders out."""

import json
import math
from typing import Any

from dfr.core.geo import Ellipsoid, Position
from dfr.core.traffic import DROPPED_S, Intruder, PressureAltitude
from dfr.traffic import units

CLOCK_OFF_S = 60.0
"""A receiver whose own clock differs by more than this is not believed about the time, only about ages."""


def parse(text: str | bytes, source: str, now_s: float) -> tuple[tuple[Intruder, ...], int, float]:
    """(aircraft with a position, entries that could not be read, the document's age in seconds).

    Raises ValueError with a sentence when the document is none.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ValueError(f"It does not send JSON: {error}.") from error
    entries = document.get("aircraft") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError('It sends JSON without a list "aircraft".')
    age_s = _age_s(document.get("now"), now_s)
    found, bad = [], 0
    for entry in entries:
        try:
            intruder = _intruder(entry, source, now_s - age_s)
        except (KeyError, TypeError, ValueError, AttributeError):
            bad += 1
            continue
        if intruder is not None:
            found.append(intruder)
    return tuple(found), bad, age_s


def _age_s(written: Any, now_s: float) -> float:
    """How old the document is by the receiver's own clock, where that can be believed."""
    if not isinstance(written, int | float) or isinstance(written, bool) or not math.isfinite(written):
        return 0.0
    age_s = now_s - written
    return age_s if 0.0 <= age_s <= CLOCK_OFF_S else 0.0


def _intruder(entry: dict[str, Any], source: str, written_s: float) -> Intruder | None:
    """None for an aircraft that says no position, or an old one."""
    if entry.get("lat") is None or entry.get("lon") is None:
        return None
    seen_pos_s = _number(entry, "seen_pos") or 0.0
    if seen_pos_s > DROPPED_S:
        return None
    on_ground = entry.get("alt_baro") == "ground"
    altitude: Ellipsoid | PressureAltitude | None = None
    error_m = 0.0
    if (height_ft := _number(entry, "alt_geom")) is not None:
        gva = _number(entry, "gva")
        altitude, error_m = units.geometric(height_ft, None if gva is None else int(gva))
    elif not on_ground and (height_ft := _number(entry, "alt_baro")) is not None:
        altitude, error_m = units.pressure(height_ft)
    climb = _number(entry, "geom_rate")
    climb = _number(entry, "baro_rate") if climb is None else climb
    nac_p = _number(entry, "nac_p")
    return Intruder(
        id=str(entry["hex"]).strip().lower(),
        position=Position(float(entry["lat"]), float(entry["lon"])),
        position_error_m=units.POSITION_ERRORS_M.get(int(nac_p or 0), units.UNKNOWN_POSITION_ERROR_M),
        seen_s=written_s - seen_pos_s,
        source=source,
        callsign=str(entry.get("flight") or entry.get("r") or "").strip(),
        category=units.category(str(entry.get("category") or "")),
        altitude=altitude,
        altitude_error_m=error_m,
        velocity=units.velocity(_number(entry, "gs"), _number(entry, "track")),
        climb_mps=None if climb is None else climb * units.FOOT_A_MINUTE_MPS,
        on_ground=on_ground,
    )


def _number(entry: dict[str, Any], key: str) -> float | None:
    """None when it is not there. Raises ValueError for what is no finite number."""
    value = entry.get(key)
    if value is None or value == "ground":
        return None
    if isinstance(value, bool) or not math.isfinite(number := float(value)):
        raise ValueError(f"{key} is {value!r}.")
    return number
