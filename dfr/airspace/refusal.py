"""Why not, in sentences for the person who asked."""

import math
from collections.abc import Callable

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from dfr.airspace.border import Border
from dfr.core.geo import Agl, Altitude
from dfr.core.zone import Zone, ZoneKind, altitude_text

FACILITY_MAP = "FAA UAS Facility Map"
CLASS_AIRSPACE = "FAA class airspace"
"""What the readers of these files give as the source of a zone."""
_FOOT_M = 0.3048
_MOST_NAMED = 3


def named(zone: Zone) -> str:
    """A zone's name with its note, as sentences carry it: nobody takes synthetic or old data for true."""
    return f"{zone.name} ({zone.note})" if zone.note else zone.name


def closed_cell(cell: Zone, around: tuple[Zone, ...]) -> str:
    """A facility map's cell of 0 ft by the surface area that it closes, when that is one of the zones around it.

    Where surface areas overlap it is the one whose name the cell's has more words of, then the smaller one.
    """
    areas = [zone for zone in around if zone.source == CLASS_AIRSPACE and zone.kind is ZoneKind.CAUTION]
    if not areas:
        return named(cell)
    area = min(areas, key=lambda area: (-len(_words(area) & _words(cell)), area.shape.area))
    note = f"; {cell.note}" if cell.note else ""
    return f"{area.name} (ceiling 0 ft on the facility map{note})"


def _words(zone: Zone) -> set[str]:
    return set(zone.name.lower().replace("-", " ").replace("'s ", " ").split())


def as_published(height: Altitude, zone: Zone | None) -> str:
    """A height as its source writes it: a facility map in feet."""
    if zone is not None and zone.source == FACILITY_MAP:
        return f"{height.m / _FOOT_M:.0f} ft ({height.m:.0f} m) above ground"
    return altitude_text(height)


def side_reasons(
    border: Border, place: BaseGeometry, distance_m: float, kept_m: float, subject: str, name: Callable[[Zone], str]
) -> tuple[str, ...]:
    """For a place whose distance to the border (negative: beyond it) is less than what is kept. `name` says how a zone
    that is forbidden is called."""
    closing = border.closing(place, kept_m)
    closing = [pair for pair in closing if pair[1].intersects(place)] or closing
    if closing := closing[:_MOST_NAMED]:
        reasons = [_too_near(name(zone), place, shape, distance_m, kept_m, subject) for zone, shape in closing]
        return tuple(dict.fromkeys(reasons))
    names = [zone.name for zone in border.opening.zones]
    if len(names) > _MOST_NAMED:
        names = [border.nearest(place).name]
    how = f"{-distance_m:.0f} m outside" if distance_m < 0.0 else f"less than {kept_m:.0f} m from the edge of"
    return (f"{subject} is {how} the operating area, {' and '.join(names)}.",)


def _too_near(
    name: str, place: BaseGeometry, shape: BaseGeometry, distance_m: float, kept_m: float, subject: str
) -> str:
    away_m = float(place.distance(shape))
    if away_m > 0.0:
        return f"{subject} is {away_m:.0f} m from {name}; {kept_m:.0f} m are kept to it."
    if math.isinf(distance_m):
        return f"{subject} is inside {name}, and no place around it is free."
    if isinstance(place, Point):
        return f"{subject} is {-distance_m:.0f} m inside {name}."
    if place.area > 0.0:
        return f"{subject} reaches {-distance_m:.0f} m into {name}."
    return f"{subject} goes {place.intersection(shape).length:.0f} m through {name}."


def up_reason(name: str, top: str, beyond_m: float, height_m: float, kept: str, subject: str) -> str:
    """`top` is the ceiling as published, `kept` says what is taken off it, `height_m` is above the ground there."""
    if not math.isfinite(beyond_m):
        return f"{subject} is where the height of the ground is not known, so no height above it can be kept."
    return f"{subject} is {beyond_m:.0f} m too high at {height_m:.0f} m above ground: {name} allows {top}, less {kept}."


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
