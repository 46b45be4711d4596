"""Day, civil twilight and night at a place, by the sun (14 CFR 107.29(c): half an hour around sunrise and sunset)."""

import datetime as dt
import math
from enum import StrEnum
from functools import lru_cache

from astral import Observer
from astral.sun import elevation

from dfr.core.geo import Position

TWILIGHT_S = 1800.0
_HORIZON_DEG = -0.833
"""The sun's upper edge on the horizon, refraction counted: sunrise and sunset of the almanacs."""


class Daylight(StrEnum):
    DAY = "day"
    TWILIGHT = "twilight"
    """The sun is down for less than 30 minutes, or will be up within 30."""
    NIGHT = "night"


def daylight(place: Position, at_s: float) -> Daylight:
    """At a moment, UTC seconds since 1970. Beyond the polar circles too, where it may be one of them for months."""
    if _is_up(place, at_s):
        return Daylight.DAY
    near = _is_up(place, at_s - TWILIGHT_S) or _is_up(place, at_s + TWILIGHT_S)
    return Daylight.TWILIGHT if near else Daylight.NIGHT


def darkest(place: Position, from_s: float, to_s: float) -> Daylight:
    """The darkest of two moments and every quarter of an hour between."""
    # Asked by every aircraft every second, and the sun is slow: whole minutes, a little earlier and a little later.
    return _darkest(place, from_s // 60.0 * 60.0, math.ceil(to_s / 60.0) * 60.0)


@lru_cache(maxsize=1024)
def _darkest(place: Position, from_s: float, to_s: float) -> Daylight:
    steps = max(int((to_s - from_s) // 900.0) + 1, 1)
    found = {daylight(place, from_s + (to_s - from_s) * step / steps) for step in range(steps + 1)}
    return max(found, key=list(Daylight).index)


def _is_up(place: Position, at_s: float) -> bool:
    observer = Observer(place.latitude_deg, place.longitude_deg)
    moment = dt.datetime.fromtimestamp(at_s, dt.UTC)
    return float(elevation(observer, moment, with_refraction=False)) > _HORIZON_DEG
