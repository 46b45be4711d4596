"""What the FAA publishes: the UAS Facility Map and class airspace, of today and of 2014."""

from typing import Any

import pytest

from dfr.airspace.readers.faa_class import gaps
from dfr.core.geo import Agl, Amsl, Position
from dfr.core.zone import ZoneKind
from tests.unit.airspace.readers.files import CROSSING, DATA, SQUARE, TUCSON, fault, faults, polygon, read, text

FOOT_M = 0.3048
CELL = {"CEILING": 300, "UNIT": "Feet", "APT1_NAME": "Tucson International Airport", "MAP_EFF": "SYNTHETIC"}
OLD = {"NAME": "TUCSON INTERNATIONAL CLASS C", "CLASS": "C", "LOWALT": "SFC", "HIGHALT": "6600"}
NOW: dict[str, Any] = {
    "NAME": "ABERDEEN CLASS E2",
    "CLASS": "E",
    "LOCAL_TYPE": "CLASS_E2",
    "UPPER_VAL": -9998,
    "UPPER_UOM": None,
    "UPPER_CODE": None,
    "LOWER_VAL": 0,
    "LOWER_UOM": "FT",
    "LOWER_CODE": "SFC",
}
HALF = [[-110.93, 32.22], [-110.925, 32.22], [-110.925, 32.23], [-110.93, 32.23], [-110.93, 32.22]]


def one(properties: dict[str, Any]) -> Any:
    (zone,) = read("faa_class", text((properties, polygon(SQUARE))))
    return zone


def test_the_facility_map_in_feet_and_zero_is_a_value() -> None:
    other = [[x + 0.01, y] for x, y in SQUARE]
    cells = text((CELL, polygon(SQUARE)), (CELL | {"CEILING": "0"}, polygon(other)))
    ceiling, zero = read("faa_facility_map", cells)
    assert (ceiling.kind, ceiling.top) == (ZoneKind.CEILING, Agl(300 * FOOT_M))
    assert ceiling.name == "the 300 ft cell of Tucson International's facility map"
    assert "SYNTHETIC" in ceiling.note
    assert (zero.kind, zero.top) == (ZoneKind.NO_FLY, None)


@pytest.mark.parametrize("bad", [{"UNIT": "Metres"}, {"CEILING": -5}, {"CEILING": None}, {"CEILING": True}])
def test_what_is_wrong_with_a_cell_is_said(bad: dict[str, Any]) -> None:
    assert "feature 0" in fault("faa_facility_map", text((CELL | bad, polygon(SQUARE))))


def test_a_cell_that_is_there_for_two_airports_counts_twice() -> None:
    cells = read("faa_facility_map", text((CELL, polygon(SQUARE)), (CELL | {"CEILING": 100}, polygon(SQUARE))))
    assert [cell.id for cell in cells] == ["facility-map-32.2250--110.9250", "facility-map-32.2250--110.9250-2"]


def test_the_airspace_of_2014_from_the_surface_and_above() -> None:
    for floor in ("SFC", "0"):
        assert one(OLD | {"LOWALT": floor}).kind is ZoneKind.CAUTION
    assert one(OLD).name == "Tucson International class C surface area"
    shelf = one(OLD | {"LOWALT": "4200"})
    assert (shelf.kind, shelf.bottom, shelf.top) == (ZoneKind.NO_FLY, Amsl(4200 * FOOT_M), Amsl(6600 * FOOT_M))
    assert shelf.name == "Tucson International class C shelf from 4200 ft"
    assert shelf.id == "class-tucson-international-class-c-4200"


def test_class_e_begins_at_the_surface_or_above_the_ground() -> None:
    surface = one(NOW)
    assert (surface.kind, surface.bottom, surface.top) == (ZoneKind.CAUTION, None, None)
    assert surface.name.endswith("surface area")
    above = one(NOW | {"LOCAL_TYPE": "CLASS_E5", "LOWER_VAL": 700})
    assert (above.kind, above.bottom) == (ZoneKind.NO_FLY, Agl(700 * FOOT_M))
    assert one(OLD | {"CLASS": "E", "LOWALT": "1200"}).bottom == Agl(1200 * FOOT_M)
    assert one(OLD | {"CLASS": "E", "LOWALT": "3500"}).bottom == Amsl(3500 * FOOT_M)


def test_the_airspace_of_today() -> None:
    shelf = one(
        NOW
        | {
            "CLASS": None,
            "LOCAL_TYPE": "CLASS_B",
            "NAME": "SAN FRANCISCO CLASS B",
            "LOWER_VAL": "6000",
            "LOWER_CODE": "MSL",
            "UPPER_VAL": 10000,
            "UPPER_UOM": "FT",
            "UPPER_CODE": "MSL",
        }
    )
    assert (shelf.kind, shelf.bottom, shelf.top) == (ZoneKind.NO_FLY, Amsl(6000 * FOOT_M), Amsl(10000 * FOOT_M))
    assert shelf.name == "San Francisco class B shelf from 6000 ft"
    assert one(NOW | {"UPPER_VAL": 180, "UPPER_UOM": "FL", "UPPER_CODE": "STD"}).top is None


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        (OLD | {"LOWALT": "700 AGL"}, "LOWALT is '700 AGL'"),
        (OLD | {"LOWALT": "-100"}, "SFC, 0 or above"),
        (OLD | {"CLASS": "Z"}, "CLASS is 'Z'"),
        (OLD | {"HIGHALT": None}, "HIGHALT"),
        (OLD | {"LOWALT": "7000"}, "not above its lower"),
        (NOW | {"LOWER_VAL": None}, "LOWER_VAL says nothing"),
        (NOW | {"LOWER_VAL": 100, "LOWER_CODE": "XYZ"}, "LOWER_CODE is 'XYZ'"),
        (NOW | {"LOWER_VAL": 100, "LOWER_UOM": "SM"}, "LOWER_UOM is 'SM'"),
        (NOW | {"LOWER_VAL": 65, "LOWER_UOM": "FL", "LOWER_CODE": "STD"}, "flight level"),
        (NOW | {"NAME": ""}, "has no name"),
    ],
)
def test_what_is_wrong_with_class_airspace_is_said(properties: dict[str, Any], said: str) -> None:
    assert said in fault("faa_class", text((properties, polygon(SQUARE))))


def test_sectors_of_one_name_are_numbered() -> None:
    zones = read("faa_class", text(*((OLD, polygon(SQUARE)) for _ in range(3))))
    assert [zone.id[-5:] for zone in zones] == ["c-sfc", "sfc-2", "sfc-3"]


def test_a_real_file_near_the_site_alone() -> None:
    content = (DATA / "faa_class_2014.geojson").read_bytes()
    everywhere, near = read("faa_class", content), read("faa_class", content, TUCSON)
    assert len(everywhere) == 6
    assert {zone.name for zone in everywhere} - {zone.name for zone in near} == {
        "Phoenix, Luke AFB class D surface area"
    }
    assert "Tucson Davis-Monthan AFB class C surface area" in {zone.name for zone in near}
    assert "nothing is near the site" in fault("faa_class", content, Position(48.0, 11.0))


def test_a_published_file_with_swapped_coordinates_is_found_by_the_site() -> None:
    swapped = polygon([[y, x] for x, y in [[11.5, 48.1], [11.6, 48.1], [11.6, 48.2]]])
    assert "swapped" in fault("faa_class", text((OLD, swapped)), Position(48.137, 11.575))
    assert len(faults("faa_class", text((OLD, swapped), (OLD, polygon(CROSSING))), Position(48.137, 11.575))) == 2


def test_surface_areas_without_a_cell_are_closed() -> None:
    (surface,) = read("faa_class", text((OLD, polygon(SQUARE))))
    cells = read("faa_facility_map", text(({"CEILING": 400}, polygon(HALF))))
    (gap,) = gaps([surface], cells)
    assert gap.kind is ZoneKind.NO_FLY
    assert gap.shape.bounds == pytest.approx((-110.925, 32.22, -110.92, 32.23), abs=1e-5)
    whole = read("faa_facility_map", text(({"CEILING": 400}, polygon(SQUARE))))
    assert gaps([surface], whole) == []
    (all_of_it,) = gaps([surface], [])
    assert all_of_it.shape.equals(surface.shape)
