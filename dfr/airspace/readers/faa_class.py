"""FAA class B, C, D and E airspace, as the FAA publishes it now (LOWER_VAL with unit and datum) and as it did
(LOWALT in feet above mean sea level)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely import STRtree

from dfr.airspace.readers.file import ZoneFile, collect, features_of
from dfr.airspace.readers.geojson import label
from dfr.airspace.readers.geometry import check_place, shape_of
from dfr.airspace.readers.values import (
    FLIGHT_LEVEL,
    FOOT_M,
    Properties,
    is_blank,
    number,
    optional_text,
    properties_of,
    text,
)
from dfr.core.geo import Agl, Altitude, Amsl, Position
from dfr.core.zone import Zone, ZoneKind

_DATUMS: Mapping[str, type[Agl] | type[Amsl]] = {"SFC": Agl, "AGL": Agl, "MSL": Amsl}
_CLASS_E_FLOORS_FT = (700.0, 1200.0)
"""14 CFR 71.71: above the surface. All other floors are above mean sea level."""
_UNLIMITED = -9998.0
_CELL_DIGITS_DEG = 1e-6
"""A tenth of a metre, for the digits that cells lose in a file."""


def read_class_airspace(file: ZoneFile, near: Position | None = None) -> list[Zone]:
    """From the surface (a floor of "SFC" or 0) it is a caution zone, in which the facility map says how high flights
    may be authorised (see `gaps`); above a floor it is a no-fly zone with that bottom, and uncontrolled below.

    Hours of operation are left: airspace that is open part of the day is reckoned with always. Raises ZoneError.
    """
    return collect(file, features_of(file), label, lambda feature: [_zone(feature, near)], numbered=True)


def _zone(feature: Any, near: Position | None) -> Zone:
    properties = properties_of(feature)
    letter = _letter(properties)
    name = re.sub(r"[- ]Afb\b", " AFB", text(properties, "name").title()).replace(
        f" Class {letter}", f" class {letter}"
    )
    bottom, floor = _floor(properties, letter)
    return Zone(
        id="-".join(
            ["class", *name.lower().replace(",", "").split(), floor.lower().replace(" ft", "").replace(" ", "-")]
        ),
        name=f"{name} {'surface area' if bottom is None else f'shelf from {floor}'}",
        kind=ZoneKind.CAUTION if bottom is None else ZoneKind.NO_FLY,
        shape=check_place(shape_of(feature.get("geometry")), near, published=True),
        bottom=bottom,
        top=_top(properties),
        source="FAA class airspace",
        note=optional_text(properties, "note"),
        controlled=bottom is None,
    )


def _letter(properties: Properties) -> str:
    letter = optional_text(properties, "class").upper()
    letter = letter or optional_text(properties, "local_type").upper().removeprefix("CLASS_")[:1]
    if letter not in ("B", "C", "D", "E"):
        raise ValueError(f"its CLASS is {letter!r}; B, C, D and E are known")
    return letter


def _floor(properties: Properties, letter: str) -> tuple[Altitude | None, str]:
    """The floor and how people write it; None with "SFC" or "0" for the surface."""
    if "lower_val" in properties:
        floor = _published(properties, "lower")
        if floor is None:
            raise ValueError("its LOWER_VAL says nothing; where it begins must be known")
        if floor.m <= 0.0:
            return None, "SFC"
        return floor, f"{floor.m / FOOT_M:.0f} ft{' above ground' if isinstance(floor, Agl) else ''}"
    written = str(properties.get("lowalt")).strip().upper()
    if written in ("SFC", "0"):
        return None, written
    floor_ft = number(written, "LOWALT", written=True)
    if floor_ft <= 0.0:
        raise ValueError(f"its LOWALT is {written}; a floor is SFC, 0 or above")
    above_ground = letter == "E" and floor_ft in _CLASS_E_FLOORS_FT
    altitude = Agl(floor_ft * FOOT_M) if above_ground else Amsl(floor_ft * FOOT_M)
    return altitude, f"{written} ft{' above ground' if above_ground else ''}"


def _top(properties: Properties) -> Altitude | None:
    if "upper_val" in properties:
        return _published(properties, "upper")
    return Amsl(number(properties.get("highalt"), "HIGHALT", written=True) * FOOT_M)


def _published(properties: Properties, end: str) -> Altitude | None:
    """An end as the FAA writes it now. None where there is no limit (-9998, written without a unit), and for an upper
    flight level: nothing flies over the top of what forbids."""
    value = properties.get(f"{end}_val")
    if is_blank(value) or number(value, f"{end.upper()}_VAL", written=True) == _UNLIMITED:
        return None
    height = number(value, f"{end.upper()}_VAL", written=True)
    unit = optional_text(properties, f"{end}_uom").upper() or "FT"
    datum = optional_text(properties, f"{end}_code").upper()
    if unit == "FL" or datum == "STD":
        if end == "upper":
            return None
        raise ValueError(f"its LOWER_VAL {FLIGHT_LEVEL}")
    if unit not in ("FT", "M"):
        raise ValueError(f"its {end.upper()}_UOM is {unit!r}; known are FT and FL")
    if datum not in _DATUMS:
        raise ValueError(f"its {end.upper()}_CODE is {datum!r}; known are {', '.join(_DATUMS)} and STD")
    return _DATUMS[datum](height * (FOOT_M if unit == "FT" else 1.0))


def gaps(surface_areas: Sequence[Zone], cells: Sequence[Zone]) -> list[Zone]:
    """No-fly zones where class airspace reaches the ground and the facility map has no cell: nobody allows it there."""
    tree = STRtree([cell.shape for cell in cells])
    found = []
    for area in surface_areas:
        here = tree.query(area.shape, predicate="intersects")
        covered = shapely.union_all([cells[i].shape.buffer(_CELL_DIGITS_DEG, join_style="mitre") for i in here])
        left = area.shape.difference(covered)
        parts = [part for part in shapely.get_parts(left) if part.geom_type == "Polygon" and part.area > 1e-9]
        found += [
            Zone(
                id=f"{area.id}-gap-{count}",
                name=f"{area.name} where the facility map has no cell",
                kind=ZoneKind.NO_FLY,
                shape=part,
                source=area.source,
            )
            for count, part in enumerate(parts, 1)
        ]
    return found
