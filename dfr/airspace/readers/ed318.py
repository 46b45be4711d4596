"""EUROCAE ED-318 UAS geographical zones: GeoJSON with a layer in each geometry. And what Spain publishes under that
name, where the layer and the zone stand in the properties and the geometry is JSON in a text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dfr.airspace.readers.ed import (
    AUTHORISATION,
    CONDITIONAL,
    NO_RESTRICTION,
    PROHIBITED,
    USPACE,
    Restriction,
    authority_of,
    limits_of,
    note_of,
    periods_of,
    restriction_of,
)
from dfr.airspace.readers.file import ZoneError, ZoneFile, collect, features_of, json_of
from dfr.airspace.readers.geojson import label
from dfr.airspace.readers.geometry import check_place, shape_of
from dfr.airspace.readers.times import moment_s
from dfr.airspace.readers.values import Properties, is_blank, lowered, number, one_line, properties_of, words_of
from dfr.core.geo import Altitude, Position
from dfr.core.times import Times
from dfr.core.zone import Zone

TYPES: Mapping[str, Restriction] = {
    "PROHIBITED": PROHIBITED,
    "REQ_AUTHORIZATION": AUTHORISATION,
    "CONDITIONAL": CONDITIONAL,
    "NO_RESTRICTION": NO_RESTRICTION,
    "USPACE": USPACE,
}


def read_ed318(file: ZoneFile, near: Position | None = None) -> list[Zone]:
    """One zone for each layer and each period. All that is not NO_RESTRICTION closes its place: an authorisation or a
    condition is a matter of people. Raises ZoneError."""
    features = features_of(file)
    faults = _metadata_faults(file)
    try:
        zones = collect(file, features, label, lambda feature: _zones(feature, near), numbered=True)
    except ZoneError as error:
        raise ZoneError([*faults, *error.faults]) from error
    if faults:
        raise ZoneError(faults)
    return zones


@dataclass(frozen=True)
class _Layer:
    geometry: Any
    bottom: Altitude | None
    top: Altitude | None
    radius_m: float | None


def _zones(feature: Any, near: Position | None) -> list[Zone]:
    properties = _flat(properties_of(feature))
    restriction = restriction_of(properties.get("type"), TYPES, "type")
    identifier, country = (one_line(str(properties.get(name) or "")) for name in ("identifier", "country"))
    if not identifier:
        raise ValueError("it has no identifier")
    name = words_of(properties.get("name")) or identifier
    reason = properties.get("reason") or properties.get("reasons")
    note = note_of(
        restriction,
        ", ".join(str(word) for word in reason) if isinstance(reason, list) else reason,
        properties.get("restrictionconditions"),
        properties.get("message"),
    )
    layers = _layers(feature.get("geometry"), properties.get("verticallayer"))
    periods: list[Times | None] = periods_of(properties.get("limitedapplicability"), ("schedule",))
    return [
        Zone(
            id="-".join(part for part in (country, identifier) if part),
            name=name,
            kind=restriction.kind,
            shape=check_place(shape_of(layer.geometry, radius_m=layer.radius_m), near, published=True),
            bottom=layer.bottom,
            top=layer.top,
            source="ED-318",
            note=note,
            authority=authority_of(properties.get("zoneauthority")),
            times=times,
        )
        for layer in layers
        for times in periods
    ]


def _flat(properties: Properties) -> Properties:
    """With what the Spanish file keeps one level deeper."""
    inner = properties.get("uaszone")
    return {**properties, **lowered(inner)} if isinstance(inner, dict) else properties


def _layers(geometry: Any, vertical: Any) -> list[_Layer]:
    if isinstance(geometry, str):
        try:
            geometry = json.loads(geometry)
        except (ValueError, RecursionError) as fault:
            raise ValueError(f"its geometry is a text that is not JSON: {one_line(str(fault))}") from fault
    if not isinstance(geometry, dict):
        raise ValueError("its geometry is missing")
    parts = geometry.get("geometries") if geometry.get("type") == "GeometryCollection" else [geometry]
    if not isinstance(parts, list) or not parts:
        raise ValueError("its geometry collection has no geometries")
    return [_layer(part, part.get("layer") or geometry.get("layer") or vertical) for part in parts if _is_object(part)]


def _is_object(part: Any) -> bool:
    if not isinstance(part, dict):
        raise ValueError(f"one of its geometries is {str(part)[:80]!r}, not an object")
    return True


def _layer(geometry: Mapping[str, Any], layer: Any) -> _Layer:
    if layer is not None and not isinstance(layer, dict):
        raise ValueError(f"its layer is {str(layer)[:80]!r}, not an object")
    bottom, top = limits_of(lowered(layer or {}), ("lower", "upper", "uom"))
    extent = geometry.get("extent")
    if extent is None:
        return _Layer(geometry, bottom, top, None)
    if not isinstance(extent, dict) or str(extent.get("subType", "")).lower() != "circle":
        raise ValueError(f"its extent is {str(extent)[:80]!r}; a Circle with a radius is known")
    return _Layer(geometry, bottom, top, number(extent.get("radius"), "radius", written=True))


def _metadata_faults(file: ZoneFile) -> list[str]:
    """A collection whose dates cannot be read may be anything."""
    metadata = json_of(file).get("metadata")
    if metadata is None:
        return []
    if not isinstance(metadata, dict):
        return [f"{file.name}, metadata: it is {str(metadata)[:80]!r}, not an object."]
    faults = []
    for name in ("validFrom", "validTo", "issued"):
        try:
            if not is_blank(metadata.get(name)):
                moment_s(metadata[name], "UTC")
        except ValueError as fault:
            faults.append(f"{file.name}, metadata: its {name} is wrong: {fault}.")
    return faults
