"""Our own properties, the same in GeoJSON, KML and shapefiles:

id, name, kind (core/zone.py), bottom_m or bottom_ft with bottom_datum, top_m or top_ft with top_datum (agl, amsl,
ellipsoid, above_takeoff), radius_m of a point, width_m of a line, times (times.py), source, authority, note,
incident_id, controlled (controlled airspace from the surface: true or false).
"""

import json
from typing import Any

from shapely.geometry.base import BaseGeometry

from dfr.airspace.readers.geometry import check_place, shape_of
from dfr.airspace.readers.times import times_of
from dfr.airspace.readers.values import (
    DATUMS,
    FLIGHT_LEVEL,
    FOOT_M,
    Properties,
    is_blank,
    kind_of,
    number,
    one_line,
    optional_text,
    text,
)
from dfr.core.geo import Altitude, Position
from dfr.core.zone import ALLOWING, Zone, ZoneKind

_MEASURES = ("radius", "width", "bottom", "top")
_UNITS = {"m": 1.0, "ft": FOOT_M}


def zone_of(
    properties: Properties,
    geometry: Any,
    near: Position | None,
    default: ZoneKind | None,
    *,
    written: bool = False,
    shape: BaseGeometry | None = None,
) -> Zone:
    """The zone of a feature, of a default kind where it says none. `written` says that the format writes everything as
    text; `shape` is that of the geometry where it is known already. Raises ValueError."""
    measures = {name: value for name, value in properties.items() if name.startswith(_MEASURES)}
    kind = default if default is not None and is_blank(properties.get("kind")) else kind_of(properties)
    shape = shape_of(
        geometry,
        radius_m=_length(measures, "radius", written),
        width_m=_length(measures, "width", written),
        outward=kind not in ALLOWING,
        known=shape,
    )
    incident = properties.get("incident_id")
    return Zone(
        id=text(properties, "id"),
        name=text(properties, "name"),
        kind=kind,
        shape=check_place(shape, near),
        bottom=_altitude(measures, "bottom", written),
        top=_altitude(measures, "top", written),
        source=optional_text(properties, "source"),
        note=optional_text(properties, "note"),
        authority=optional_text(properties, "authority"),
        times=times_of(_times(properties.get("times"), written)),
        incident_id=None if is_blank(incident) else text(properties, "incident_id"),
        controlled=_is_controlled(properties.get("controlled"), written),
    )


def _is_controlled(value: Any, written: bool) -> bool:
    said = value.strip().lower() if written and isinstance(value, str) else value
    if is_blank(said):
        return False
    known = {True: True, False: False, "true": True, "false": False}
    if isinstance(said, bool) or (written and said in known):
        return known[said]
    raise ValueError(f"its controlled is {value!r}; write true or false")


def _altitude(measures: Properties, which: str, written: bool) -> Altitude | None:
    metres = _length(measures, which, written)
    datum = measures.get(f"{which}_datum")
    if metres is None:
        if not is_blank(datum):
            raise ValueError(f"it has {which}_datum without {which}_m")
        return None
    name = datum.lower() if isinstance(datum, str) else datum
    if not isinstance(name, str) or name not in DATUMS:
        raise ValueError(f"its {which}_datum {datum!r} is unknown; known are {', '.join(DATUMS)}")
    return DATUMS[name](metres)


def _length(measures: Properties, which: str, written: bool) -> float | None:
    """Metres of `which_m` or `which_ft`; None where neither is there. Another unit is a fault, never left out."""
    found = None
    for name, value in measures.items():
        if not name.startswith(which) or name == f"{which}_datum" or is_blank(value):
            continue
        if name != which and name[len(which)] != "_":
            continue
        unit = name.removeprefix(which).removeprefix("_")
        if unit == "fl" or (unit in ("", *_UNITS) and str(value).strip().upper().startswith("FL")):
            raise ValueError(f"its {which} {FLIGHT_LEVEL}")
        if unit not in _UNITS:
            raise ValueError(f"it has {name}, whose unit is not known; write {which}_m or {which}_ft")
        if found is not None:
            raise ValueError(f"it has {which}_m and {which}_ft; write one of the two")
        found = number(value, name, written=written) * _UNITS[unit]
    return found


def _times(value: Any, written: bool) -> Any:
    if not (written and isinstance(value, str)):
        return value
    try:
        return json.loads(value) if value.strip() else None
    except (ValueError, RecursionError) as fault:
        raise ValueError(f"its times are not JSON: {one_line(str(fault))}") from fault
