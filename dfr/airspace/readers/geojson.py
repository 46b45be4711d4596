"""Our own GeoJSON (RFC 7946), read and written. The properties are those of own.py."""

import json
from collections.abc import Iterable
from typing import Any

from shapely.geometry import mapping

from dfr.airspace.readers.file import ZoneFile, collect, features_of
from dfr.airspace.readers.geometry import plain_polygons
from dfr.airspace.readers.own import zone_of
from dfr.airspace.readers.times import times_to_json
from dfr.airspace.readers.values import DATUMS, properties_of, words_of
from dfr.core.geo import Altitude, Position
from dfr.core.zone import Zone


def read_zones(file: ZoneFile, near: Position | None = None) -> list[Zone]:
    """The zones of a FeatureCollection. Raises ZoneError."""

    features = features_of(file)
    geometries = [feature.get("geometry") if isinstance(feature, dict) else None for feature in features]
    shapes = plain_polygons(geometries)

    def make(numbered: tuple[int, Any]) -> list[Zone]:
        index, feature = numbered
        return [zone_of(properties_of(feature), geometries[index], near, file.kind, shape=shapes[index])]

    return collect(file, list(enumerate(features)), lambda index, numbered: label(index, numbered[1]), make)


def label(index: int, feature: Any) -> str:
    """What a person finds a feature by: `feature 3 (Reid Park)`, counted from 0."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    named = properties if isinstance(properties, dict) else {}
    named = named["UASZone"] if isinstance(named.get("UASZone"), dict) else named
    names = (words_of(named.get(key)) for key in ("name", "NAME", "id", "identifier"))
    return f"feature {index} ({next(filter(None, names), 'no name')[:80]})"


def write_zones(zones: Iterable[Zone], **members: Any) -> str:
    """A FeatureCollection that `read_zones` reads back as the same zones; `members` stand beside its features."""
    features = [{"type": "Feature", "properties": _properties(zone), "geometry": mapping(zone.shape)} for zone in zones]
    lines = ",\n".join(json.dumps(feature) for feature in features)
    head = "".join(f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in members.items())
    return f'{{"type": "FeatureCollection",\n{head}"features": [\n{lines}\n]}}\n'


def _properties(zone: Zone) -> dict[str, Any]:
    properties: dict[str, Any] = {"id": zone.id, "name": zone.name, "kind": zone.kind.value}
    properties |= _altitude("bottom", zone.bottom) | _altitude("top", zone.top)
    if zone.times is not None:
        properties["times"] = times_to_json(zone.times)
    for name in ("source", "authority", "note", "incident_id", "controlled"):
        if value := getattr(zone, name):
            properties[name] = value
    return properties


def _altitude(which: str, altitude: Altitude | None) -> dict[str, Any]:
    if altitude is None:
        return {}
    (datum,) = (name for name, kind in DATUMS.items() if isinstance(altitude, kind))
    return {f"{which}_m": altitude.m, f"{which}_datum": datum}
