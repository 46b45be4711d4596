"""EUROCAE ED-269 UAS geographical zones, the older format: a list of UASZoneVersion, each with airspace volumes."""

from collections.abc import Mapping
from typing import Any

from dfr.airspace.readers.ed import (
    AUTHORISATION,
    CONDITIONAL,
    NO_RESTRICTION,
    PROHIBITED,
    Restriction,
    authority_of,
    limits_of,
    note_of,
    periods_of,
    restriction_of,
)
from dfr.airspace.readers.file import ZoneError, ZoneFile, collect, json_of
from dfr.airspace.readers.geometry import check_place, shape_of
from dfr.airspace.readers.values import is_blank, lowered, number, one_line, words_of
from dfr.core.geo import Position
from dfr.core.zone import Zone

RESTRICTIONS: Mapping[str, Restriction] = {
    "PROHIBITED": PROHIBITED,
    "REQ_AUTHORISATION": AUTHORISATION,
    "REQ_AUTHORIZATION": AUTHORISATION,
    "CONDITIONAL": CONDITIONAL,
    "NO_RESTRICTION": NO_RESTRICTION,
}
_LISTS = ("features", "UASZoneList", "UASZoneVersion")


def read_ed269(file: ZoneFile, near: Position | None = None) -> list[Zone]:
    """One zone for each volume and each period; identifiers repeat in real files and are numbered. All that is not
    NO_RESTRICTION closes its place. Raises ZoneError."""
    return collect(file, _versions(file), _label, lambda version: _zones(version, near), numbered=True)


def _versions(file: ZoneFile) -> list[Any]:
    document = json_of(file)
    if isinstance(document, dict):
        document = next((document[name] for name in _LISTS if isinstance(document.get(name), list)), None)
    if not isinstance(document, list):
        raise ZoneError([f"{file.name} is not an ED-269 file: it has no list {' or '.join(_LISTS)}."])
    return document


def _label(index: int, version: Any) -> str:
    named = version if isinstance(version, dict) else {}
    name = words_of(named.get("name")) or words_of(named.get("identifier")) or "no name"
    return f"feature {index} ({name[:80]})"


def _zones(version: Any, near: Position | None) -> list[Zone]:
    if not isinstance(version, dict):
        raise ValueError(f"it is {str(version)[:80]!r}, not an object")
    properties = lowered(version)
    restriction = restriction_of(properties.get("restriction"), RESTRICTIONS, "restriction")
    identifier, country = (one_line(str(properties.get(name) or "")) for name in ("identifier", "country"))
    if not identifier:
        raise ValueError("it has no identifier")
    volumes = properties.get("geometry")
    if not isinstance(volumes, list) or not volumes:
        raise ValueError("it has no list of airspace volumes (geometry)")
    periods = periods_of(properties.get("applicability"), ("schedule", "dailyperiod"))
    found = []
    for volume in volumes:
        if not isinstance(volume, dict):
            raise ValueError(f"an airspace volume is {str(volume)[:80]!r}, not an object")
        limits = lowered(volume)
        if not is_blank(limits.get("lowerlimit")) or not is_blank(limits.get("upperlimit")):
            _require_unit(limits)
        bottom, top = limits_of(limits, ("lowerlimit", "upperlimit", "uomdimensions"))
        found += [
            Zone(
                id="-".join(part for part in (country, identifier) if part),
                name=words_of(properties.get("name")) or identifier,
                kind=restriction.kind,
                shape=check_place(_shape(limits.get("horizontalprojection")), near, published=True),
                bottom=bottom,
                top=top,
                source="ED-269",
                note=note_of(restriction, properties.get("restrictionconditions"), properties.get("message")),
                authority=authority_of(properties.get("zoneauthority")),
                times=times,
            )
            for times in periods
        ]
    return found


def _require_unit(limits: Mapping[str, Any]) -> None:
    if is_blank(limits.get("uomdimensions")):
        raise ValueError("its heights have no unit (uomDimensions); known are m and ft")


def _shape(projection: Any) -> Any:
    """The area of a horizontal projection. A radius is metres: taken so where it might be feet, it is the larger."""
    if not isinstance(projection, dict):
        raise ValueError("an airspace volume has no horizontalProjection")
    if str(projection.get("type", "")).lower() != "circle":
        return shape_of(projection)
    center = projection.get("center", projection.get("coordinates"))
    return shape_of(
        {"type": "Point", "coordinates": center}, radius_m=number(projection.get("radius"), "radius", written=True)
    )
