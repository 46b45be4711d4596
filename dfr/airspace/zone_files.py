"""Readers of zone files: text in, zones out. A file with anything wrong in it gives no zones, but all its faults."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from dfr.airspace.layers import to_degrees
from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Ellipsoid, LocalFrame, Position, distance_m
from dfr.core.zone import Zone, ZoneKind

FOOT_M = 0.3048

_DATUMS: Mapping[str, type[Altitude]] = {
    "agl": Agl,
    "amsl": Amsl,
    "ellipsoid": Ellipsoid,
    "above_takeoff": AboveTakeoff,
}
_ELSEWHERE_M = 300_000.0
Properties = Mapping[str, Any]


class ZoneError(ValueError):
    """What is wrong with zone files: one sentence a fault in `faults`, each naming file and feature."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def read_zones(text: str, file: str, near: Position | None = None) -> list[Zone]:
    """Our own GeoJSON. Properties: id, name, kind, bottom_m with bottom_datum, top_m with top_datum, source, note.

    A Point with radius_m is a circle. With `near`, a shape that lies elsewhere on the earth is a fault (swapped
    coordinates mostly). Raises ZoneError.
    """

    def zone(properties: Properties, geometry: BaseGeometry) -> Zone:
        return Zone(
            id=_text(properties, "id"),
            name=_text(properties, "name"),
            kind=_kind(properties),
            shape=geometry,
            bottom=_altitude(properties, "bottom"),
            top=_altitude(properties, "top"),
            source=str(properties.get("source") or ""),
            note=str(properties.get("note") or ""),
        )

    return _read(text, file, near, zone)


def read_facility_map(text: str, file: str, near: Position | None = None) -> list[Zone]:
    """FAA UAS Facility Map: cells with CEILING in feet above ground; a cell of 0 is a no-fly zone. Raises ZoneError."""

    def zone(properties: Properties, geometry: BaseGeometry) -> Zone:
        unit = str(properties.get("UNIT", "Feet"))
        if unit.lower() not in ("feet", "ft"):
            raise ValueError(f"its UNIT is {unit!r}; only feet are known")
        ceiling_ft = _number(properties, "CEILING")
        if ceiling_ft < 0.0:
            raise ValueError(f"its CEILING is {ceiling_ft:g} ft, which is below the ground")
        airport = str(properties.get("APT1_NAME") or "an unnamed airport").removesuffix(" Airport")
        center = geometry.centroid
        effective = str(properties.get("MAP_EFF") or "")
        return Zone(
            id=f"facility-map-{center.y:.4f}-{center.x:.4f}",
            name=f"the {ceiling_ft:.0f} ft cell of {airport}'s facility map",
            kind=ZoneKind.CEILING if ceiling_ft > 0.0 else ZoneKind.NO_FLY,
            shape=geometry,
            top=Agl(ceiling_ft * FOOT_M) if ceiling_ft > 0.0 else None,
            source="FAA UAS Facility Map",
            note="SYNTHETIC: not FAA data, not for flight" if effective == "SYNTHETIC" else "",
        )

    return _read(text, file, near, zone)


def read_class_airspace(text: str, file: str, near: Position | None = None) -> list[Zone]:
    """FAA class B, C, D airspace: NAME, CLASS, LOWALT and HIGHALT in feet above mean sea level; a floor of "SFC" or "0"
    is the surface.

    From the surface it is a caution zone, in which the facility map says how high one may fly (see `gaps`); above
    a floor it is a no-fly zone with that bottom. Raises ZoneError.
    """

    def zone(properties: Properties, geometry: BaseGeometry) -> Zone:
        letter = _text(properties, "CLASS").upper()
        if letter not in ("B", "C", "D"):
            raise ValueError(f"its CLASS is {letter!r}; B, C and D are known")
        name = _text(properties, "NAME").title().replace(f" Class {letter}", f" class {letter}")
        name = name.replace("-Afb", " AFB").replace("Davis-Monthan AFB", "Davis-Monthan AFB")
        floor = str(properties.get("LOWALT")).strip().upper()
        surface = floor in ("SFC", "0")
        bottom = None if surface else Amsl(_number({"LOWALT": _as_number(floor)}, "LOWALT") * FOOT_M)
        top = Amsl(_number({"HIGHALT": _as_number(properties.get("HIGHALT"))}, "HIGHALT") * FOOT_M)
        return Zone(
            id="-".join(["class", *name.lower().replace(",", "").split(), floor.lower()]),
            name=f"{name} {'surface area' if surface else f'shelf from {floor} ft'}",
            kind=ZoneKind.CAUTION if surface else ZoneKind.NO_FLY,
            shape=geometry,
            bottom=bottom,
            top=top,
            source="FAA class airspace",
            note=str(properties.get("note") or ""),
        )

    return _read(text, file, near, zone)


def gaps(surface_areas: Sequence[Zone], cells: Sequence[Zone]) -> list[Zone]:
    """No-fly zones where class airspace reaches the ground and the facility map has no cell: nobody allows it there."""
    # A tenth of a metre wider, for the digits that cells lose in a file.
    covered = shapely.union_all([cell.shape.buffer(1e-6, join_style="mitre") for cell in cells])
    found = []
    for area in surface_areas:
        left = area.shape.difference(covered)
        parts = [part for part in shapely.get_parts(left) if part.geom_type == "Polygon" and part.area > 1e-9]
        found += [
            Zone(
                id=f"{area.id}-gap-{number}",
                name=f"{area.name} where the facility map has no cell",
                kind=ZoneKind.NO_FLY,
                shape=part,
                source=area.source,
            )
            for number, part in enumerate(parts, 1)
        ]
    return found


Reader = Callable[[str, str, Position | None], list[Zone]]
READERS: Mapping[str, Reader] = {
    "zones": read_zones,
    "faa_facility_map": read_facility_map,
    "faa_class": read_class_airspace,
}


def _read(text: str, file: str, near: Position | None, make: Callable[[Properties, BaseGeometry], Zone]) -> list[Zone]:
    zones: list[Zone] = []
    faults: list[str] = []
    seen: set[str] = set()
    for index, feature in enumerate(_features(text, file)):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        try:
            zone = make(properties, _geometry(feature, properties, near))
            if zone.id in seen:
                raise ValueError(f"its id {zone.id!r} is there twice")
            seen.add(zone.id)
            zones.append(zone)
        except ValueError as fault:
            label = properties.get("name") or properties.get("NAME") or properties.get("id") or "no name"
            faults.append(f"{file}, feature {index} ({label}): {fault}.")
    if faults:
        raise ZoneError(faults)
    return zones


def _features(text: str, file: str) -> list[Any]:
    try:
        document = json.loads(text)
    except ValueError as fault:
        raise ZoneError([f"{file} is not JSON: {fault}."]) from fault
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ZoneError([f"{file} is not a GeoJSON FeatureCollection: it has no list of features."])
    return features


def _geometry(feature: Any, properties: Properties, near: Position | None) -> BaseGeometry:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    geometry = geometry if isinstance(geometry, dict) else {}
    kind = geometry.get("type")
    if kind not in ("Polygon", "MultiPolygon", "Point"):
        raise ValueError(f"its geometry is {kind or 'missing'}; Polygon, MultiPolygon or Point with radius_m are known")
    try:
        read = shapely.force_2d(shape(geometry))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, shapely.errors.ShapelyError) as fault:
        raise ValueError(f"its coordinates cannot be read: {fault}") from fault
    _check_coordinates(read, near)
    if isinstance(read, Point):
        return _circle(read, properties)
    if read.convex_hull.area < 1e-12:
        raise ValueError("its area is zero")
    if not read.is_valid:
        raise ValueError(f"its outline is not valid: {explain_validity(read)} (a ring that crosses itself?)")
    return read


def _check_coordinates(read: BaseGeometry, near: Position | None) -> None:
    coordinates = shapely.get_coordinates(read)
    if len(coordinates) == 0:
        raise ValueError("it has no coordinates")
    if not all(math.isfinite(value) for value in coordinates.ravel()):
        raise ValueError("a coordinate is not a number")
    west, south, east, north = (float(value) for value in read.bounds)
    if south < -90.0 or north > 90.0:
        raise ValueError("a latitude is beyond 90 degrees; are the two swapped? GeoJSON has longitude first")
    if west < -180.0 or east > 180.0:
        raise ValueError("a longitude is beyond 180 degrees")
    if east - west > 180.0:
        raise ValueError("it crosses the antimeridian, which is not supported: split it at 180 degrees")
    if near is not None:
        here = Position((south + north) / 2.0, (west + east) / 2.0)
        apart_m = distance_m(here, near)
        if apart_m > _ELSEWHERE_M and not read.intersects(Point(near.longitude_deg, near.latitude_deg)):
            raise ValueError(f"it lies {apart_m / 1000.0:.0f} km from the site; are latitude and longitude swapped?")


def _circle(center: Point, properties: Properties) -> BaseGeometry:
    radius_m = _number(properties, "radius_m")
    if radius_m <= 0.0:
        raise ValueError(f"its radius_m is {radius_m:g}; a circle needs more than 0")
    # The polygon is drawn around the circle, so that nothing of the circle is lost.
    ring = Point(0.0, 0.0).buffer(radius_m / math.cos(math.pi / 64.0), quad_segs=16)
    return to_degrees(ring, LocalFrame(Position(center.y, center.x)))


def _text(properties: Properties, key: str) -> str:
    value = properties.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"it has no {key}")
    return value.strip()


def _kind(properties: Properties) -> ZoneKind:
    value = _text(properties, "kind")
    if value not in list(ZoneKind):
        raise ValueError(f"its kind {value!r} is unknown; known are {', '.join(ZoneKind)}")
    return ZoneKind(value)


def _number(properties: Properties, key: str) -> float:
    value = properties.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"its {key} is {value!r}, not a number")
    return float(value)


def _as_number(value: object) -> object:
    try:
        return float(str(value))
    except ValueError:
        return value


def _altitude(properties: Properties, which: str) -> Altitude | None:
    if properties.get(f"{which}_m") is None:
        if properties.get(f"{which}_datum") is not None:
            raise ValueError(f"it has {which}_datum without {which}_m")
        return None
    metres = _number(properties, f"{which}_m")
    datum = properties.get(f"{which}_datum")
    if datum not in _DATUMS:
        raise ValueError(f"its {which}_datum {datum!r} is unknown; known are {', '.join(_DATUMS)}")
    return _DATUMS[str(datum)](metres)
