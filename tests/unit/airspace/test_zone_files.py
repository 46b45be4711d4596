"""Reading zone files: what real files do is read, what cannot be flown safely is told with file and feature."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dfr.airspace.load import load_zones
from dfr.airspace.zone_files import ZoneError, gaps, read_class_airspace, read_facility_map, read_zones
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Ellipsoid, LocalFrame, Position
from dfr.core.zone import ZoneKind

TUCSON = Position(32.22, -110.93)
SQUARE = [[-110.93, 32.22], [-110.92, 32.22], [-110.92, 32.23], [-110.93, 32.23], [-110.93, 32.22]]
GOOD: dict[str, Any] = {"id": "z", "name": "Zone", "kind": "no_fly"}


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def text(*features: tuple[dict[str, Any], Any]) -> str:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": p, "geometry": g} for p, g in features],
        }
    )


def fault(properties: dict[str, Any], geometry: Any) -> str:
    with pytest.raises(ZoneError) as error:
        read_zones(text((properties, geometry)), "zones.geojson", TUCSON)
    assert len(error.value.faults) == 1
    assert error.value.faults[0].startswith("zones.geojson, feature 0 (")
    return error.value.faults[0]


@pytest.mark.parametrize(
    ("datum", "kind"), [("agl", Agl), ("amsl", Amsl), ("ellipsoid", Ellipsoid), ("above_takeoff", AboveTakeoff)]
)
def test_our_own_zones_with_every_datum(datum: str, kind: type) -> None:
    properties = GOOD | {"bottom_m": 10, "bottom_datum": "agl", "top_m": 60.5, "top_datum": datum, "note": "made up"}
    (zone,) = read_zones(text((properties, polygon(SQUARE))), "zones.geojson")
    assert (zone.id, zone.kind, zone.note) == ("z", ZoneKind.NO_FLY, "made up")
    assert zone.bottom == Agl(10.0)
    assert zone.top == kind(60.5)


def test_a_circle_loses_nothing_of_itself() -> None:
    point = {"type": "Point", "coordinates": [-110.93, 32.22]}
    (zone,) = read_zones(text((GOOD | {"radius_m": 200}, point)), "zones.geojson")
    distances = [
        (east**2 + north**2) ** 0.5
        for east, north in LocalFrame(TUCSON).array_to_local([list(c) for c in zone.shape.exterior.coords])  # type: ignore[attr-defined]
    ]
    assert min(distances) >= 200.0
    assert max(distances) < 201.0


def test_a_polygon_with_a_hole_is_kept() -> None:
    hole = [[-110.928, 32.222], [-110.922, 32.222], [-110.922, 32.228], [-110.928, 32.228], [-110.928, 32.222]]
    (zone,) = read_zones(text((GOOD, polygon(SQUARE, hole))), "zones.geojson")
    assert zone.shape.area == pytest.approx(0.01**2 - 0.006**2)


def test_what_is_wrong_with_a_shape_is_said() -> None:
    crossing = [[-110.93, 32.22], [-110.92, 32.23], [-110.92, 32.22], [-110.93, 32.23], [-110.93, 32.22]]
    flat = [[-110.93, 32.22], [-110.92, 32.22], [-110.91, 32.22], [-110.93, 32.22]]
    around = [[-170.0, 32.0], [175.0, 32.0], [175.0, 33.0], [-170.0, 33.0], [-170.0, 32.0]]
    assert "crosses itself" in fault(GOOD, polygon(crossing))
    assert "area is zero" in fault(GOOD, polygon(flat))
    assert "antimeridian" in fault(GOOD, polygon(around))
    assert "swapped" in fault(GOOD, polygon([[y, x] for x, y in SQUARE]))
    with np.errstate(invalid="ignore"):
        assert "not a number" in fault(GOOD, polygon([SQUARE[0], [float("nan"), 32.2], *SQUARE[2:]]))
    assert "cannot be read" in fault(GOOD, polygon([["a", "b"], *SQUARE[1:]]))  # type: ignore[list-item]
    assert "no coordinates" in fault(GOOD, {"type": "Polygon", "coordinates": []})
    assert "missing" in fault(GOOD, None)
    assert "LineString" in fault(GOOD, {"type": "LineString", "coordinates": SQUARE})


def test_swapped_coordinates_that_are_valid_elsewhere_are_found_by_the_site() -> None:
    """Munich written the wrong way round lies in the sea off Somalia."""
    swapped = [[48.13, 11.57], [48.14, 11.57], [48.14, 11.58], [48.13, 11.57]]
    with pytest.raises(ZoneError, match="swapped"):
        read_zones(text((GOOD, polygon(swapped))), "zones.geojson", Position(48.137, 11.575))


def test_what_is_wrong_with_the_properties_is_said() -> None:
    square = polygon(SQUARE)
    assert "kind 'nofly' is unknown; known are operating_area" in fault(GOOD | {"kind": "nofly"}, square)
    assert "top_datum 'msl' is unknown" in fault(GOOD | {"top_m": 5, "top_datum": "msl"}, square)
    assert "top_datum None is unknown" in fault(GOOD | {"top_m": 5}, square)
    assert "without bottom_m" in fault(GOOD | {"bottom_datum": "agl"}, square)
    assert "top_m is '60'" in fault(GOOD | {"top_m": "60", "top_datum": "agl"}, square)
    assert "has no id" in fault({"name": "Zone", "kind": "no_fly"}, square)
    assert "radius_m" in fault(GOOD, {"type": "Point", "coordinates": [-110.93, 32.22]})
    assert "radius_m is -5" in fault(GOOD | {"radius_m": -5}, {"type": "Point", "coordinates": [-110.93, 32.22]})


def test_all_faults_at_once_and_nothing_half_loaded() -> None:
    bad = text((GOOD, polygon(SQUARE)), (GOOD, polygon(SQUARE)), ({"name": "B"}, polygon(SQUARE)))
    with pytest.raises(ZoneError) as error:
        read_zones(bad, "zones.geojson")
    assert len(error.value.faults) == 2
    assert error.value.faults[0] == "zones.geojson, feature 1 (Zone): its id 'z' is there twice."
    with pytest.raises(ZoneError, match="not JSON"):
        read_zones("{", "zones.geojson")
    with pytest.raises(ZoneError, match="no list of features"):
        read_zones("[]", "zones.geojson")


def test_the_facility_map_in_feet_and_zero_is_a_value() -> None:
    cell = {"CEILING": 300, "UNIT": "Feet", "APT1_NAME": "Tucson International Airport", "MAP_EFF": "SYNTHETIC"}
    other = [[x + 0.01, y] for x, y in SQUARE]
    ceiling, zero = read_facility_map(text((cell, polygon(SQUARE)), (cell | {"CEILING": 0}, polygon(other))), "map")
    assert (ceiling.kind, ceiling.top) == (ZoneKind.CEILING, Agl(300 * 0.3048))
    assert ceiling.name == "the 300 ft cell of Tucson International's facility map"
    assert "SYNTHETIC" in ceiling.note
    assert (zero.kind, zero.top) == (ZoneKind.NO_FLY, None)
    for bad in ({"UNIT": "Metres"}, {"CEILING": -5}, {"CEILING": None}, {"CEILING": True}):
        with pytest.raises(ZoneError, match="feature 0"):
            read_facility_map(text((cell | bad, polygon(SQUARE))), "map")


def test_class_airspace_from_the_surface_and_above() -> None:
    base = {"NAME": "TUCSON INTERNATIONAL CLASS C", "CLASS": "C", "HIGHALT": "6600"}
    features = [(base | {"LOWALT": floor}, polygon(SQUARE)) for floor in ("SFC", "0", "4200")]
    surface, zero, shelf = read_class_airspace(text(*features), "class")
    assert surface.name == "Tucson International class C surface area"
    assert (surface.kind, zero.kind, shelf.kind) == (ZoneKind.CAUTION, ZoneKind.CAUTION, ZoneKind.NO_FLY)
    assert shelf.bottom == Amsl(4200 * 0.3048)
    for bad in ({"LOWALT": "700 AGL"}, {"CLASS": "Z"}, {"HIGHALT": None}):
        with pytest.raises(ZoneError, match="feature 0"):
            read_class_airspace(text((base | {"LOWALT": "SFC"} | bad, polygon(SQUARE))), "class")


def test_surface_areas_without_a_cell_are_closed() -> None:
    base = {"NAME": "TUCSON INTERNATIONAL CLASS C", "CLASS": "C", "HIGHALT": "6600", "LOWALT": "SFC"}
    (surface,) = read_class_airspace(text((base, polygon(SQUARE))), "class")
    half = [[-110.93, 32.22], [-110.925, 32.22], [-110.925, 32.23], [-110.93, 32.23], [-110.93, 32.22]]
    cells = read_facility_map(text(({"CEILING": 400}, polygon(half))), "map")
    (gap,) = gaps([surface], cells)
    assert gap.kind is ZoneKind.NO_FLY
    assert gap.shape.bounds == pytest.approx((-110.925, 32.22, -110.92, 32.23), abs=1e-5)
    whole = read_facility_map(text(({"CEILING": 400}, polygon(SQUARE))), "map")
    assert gaps([surface], whole) == []


def test_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(text((GOOD, polygon(SQUARE))))
    (tmp_path / "b.geojson").write_text(text((GOOD | {"kind": "x"}, polygon(SQUARE))))
    names = [("a.geojson", "zones"), ("b.geojson", "zones"), ("c.geojson", "zones"), ("a.geojson", "kml")]
    with pytest.raises(ZoneError) as error:
        load_zones([(tmp_path / name, reader) for name, reader in names])
    assert len(error.value.faults) == 3
    with pytest.raises(ZoneError, match="more than one file"):
        load_zones([(tmp_path / "a.geojson", "zones"), (tmp_path / "a.geojson", "zones")])
