"""Why not, in sentences for the person who asked."""

import math

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from dfr.airspace.border import Border
from dfr.core.geo import Agl, Altitude
from dfr.core.zone import Zone, altitude_text

_MOST_NAMED = 3


def named(zone: Zone) -> str:
    """A zone's name with its note, as sentences carry it: nobody takes synthetic or old data for true."""
    return f"{zone.name} ({zone.note})" if zone.note else zone.name


def side_reasons(
    border: Border, place: BaseGeometry, distance_m: float, kept_m: float, subject: str
) -> tuple[str, ...]:
    """For a place whose distance to the border (negative: beyond it) is less than what is kept."""
    closing = border.closing(place, kept_m)[:_MOST_NAMED]
    if closing:
        return tuple(_too_near(zone, place, shape, distance_m, kept_m, subject) for zone, shape in closing)
    names = [zone.name for zone in border.opening.zones]
    if len(names) > _MOST_NAMED:
        names = [border.nearest(place).name]
    how = f"{-distance_m:.0f} m outside" if distance_m < 0.0 else f"less than {kept_m:.0f} m from the edge of"
    return (f"{subject} is {how} the operating area, {' and '.join(names)}.",)


def _too_near(
    zone: Zone, place: BaseGeometry, shape: BaseGeometry, distance_m: float, kept_m: float, subject: str
) -> str:
    away_m = float(place.distance(shape))
    if away_m > 0.0:
        return f"{subject} is {away_m:.0f} m from {named(zone)}; {kept_m:.0f} m are kept to it."
    if math.isinf(distance_m):
        return f"{subject} is inside {named(zone)}, and no place around it is free."
    if isinstance(place, Point):
        return f"{subject} is {-distance_m:.0f} m inside {named(zone)}."
    if place.area > 0.0:
        return f"{subject} reaches {-distance_m:.0f} m into {named(zone)}."
    return f"{subject} goes {place.intersection(shape).length:.0f} m through {named(zone)}."


def up_reason(name: str, top: Altitude, beyond_m: float, height_m: float, kept: str, subject: str) -> str:
    """`top` is the ceiling as published, `kept` says what is taken off it, `height_m` is above the ground there."""
    if not math.isfinite(beyond_m):
        return f"{subject} is where the height of the ground is not known, so no height above it can be kept."
    return (
        f"{subject} is {beyond_m:.0f} m too high at {height_m:.0f} m above ground: "
        f"{name} allows {altitude_text(top)}, less {kept}."
    )


def down_reason(zone: Zone | None, bottom: Altitude, beyond_m: float, kept: str, subject: str) -> str:
    """`bottom` is the floor as published; without a zone it is the ground, or what stands on it."""
    if not math.isfinite(beyond_m):
        return f"{subject} is where the height of the ground is not known, so no height above it can be kept."
    if zone is None:
        return f"{subject} is {beyond_m:.0f} m too low: the ground or what stands on it may reach higher."
    return f"{subject} is {beyond_m:.0f} m too low: {named(zone)} asks for {altitude_text(bottom)}, and {kept} more."


def kept_text(height: Altitude, height_margin_m: float, ground_error_m: float) -> str:
    """What is kept to a ceiling or a floor."""
    kept = f"{height_margin_m:.0f} m for the aircraft's altitude"
    return f"{kept} and {ground_error_m:.0f} m for the ground's" if isinstance(height, Agl) else kept
