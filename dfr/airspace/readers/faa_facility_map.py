"""FAA UAS Facility Map: cells of 30 arc seconds with the height up to which flights may be authorised."""

from typing import Any

from dfr.airspace.readers.file import ZoneFile, collect, features_of
from dfr.airspace.readers.geojson import label
from dfr.airspace.readers.geometry import check_place, shape_of
from dfr.airspace.readers.values import FOOT_M, number, optional_text, properties_of
from dfr.core.geo import Agl, Position
from dfr.core.zone import Zone, ZoneKind


def read_facility_map(file: ZoneFile, near: Position | None = None) -> list[Zone]:
    """CEILING is in feet above ground; a cell of 0 is a no-fly zone. Raises ZoneError."""
    return collect(file, features_of(file), label, lambda feature: [_zone(feature, near)], numbered=True)


def _zone(feature: Any, near: Position | None) -> Zone:
    properties = properties_of(feature)
    unit = optional_text(properties, "unit") or "Feet"
    if unit.lower() not in ("feet", "ft"):
        raise ValueError(f"its UNIT is {unit!r}; only feet are known")
    ceiling_ft = number(properties.get("ceiling"), "CEILING", written=True)
    if ceiling_ft < 0.0:
        raise ValueError(f"its CEILING is {ceiling_ft:g} ft, which is below the ground")
    airport = (optional_text(properties, "apt1_name") or "an unnamed airport").removesuffix(" Airport")
    shape = check_place(shape_of(feature.get("geometry")), near, published=True)
    west, south, east, north = shape.bounds
    effective = optional_text(properties, "map_eff")
    return Zone(
        id=f"facility-map-{(south + north) / 2.0:.4f}-{(west + east) / 2.0:.4f}",
        name=f"the {ceiling_ft:.0f} ft cell of {airport}'s facility map",
        kind=ZoneKind.CEILING if ceiling_ft > 0.0 else ZoneKind.NO_FLY,
        shape=shape,
        top=Agl(ceiling_ft * FOOT_M) if ceiling_ft > 0.0 else None,
        source="FAA UAS Facility Map",
        note="SYNTHETIC: not FAA data, not for flight" if effective == "SYNTHETIC" else "",
    )
