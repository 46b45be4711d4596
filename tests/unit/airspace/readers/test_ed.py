"""EUROCAE's formats: ED-318 by its own examples and a real Spanish file, ED-269 as real publishers write it."""

import copy
import datetime as dt
import json
from typing import Any

import pytest

from dfr.core.geo import Agl, Amsl, Ellipsoid, Position
from dfr.core.times import SunEvent, TimeRange, Times, WeeklyWindow
from dfr.core.zone import ZoneKind
from tests.unit.airspace.readers.files import CROSSING, DATA, SQUARE, TUCSON, fault, faults, read

ALL_DAYS = frozenset(range(7))
PROPERTIES: dict[str, Any] = {
    "identifier": "ABC1234",
    "country": "FRA",
    "name": [{"text": "Le parc", "lang": "fr"}, {"text": "The park", "lang": "en-GB"}],
    "type": "PROHIBITED",
    "variant": "COMMON",
    "zoneAuthority": [{"purpose": "INFORMATION", "name": [{"text": "The town", "lang": "en"}], "phone": "+33 1"}],
}
LAYER = {"upper": 150, "upperReference": "AGL", "lower": 0, "lowerReference": "AGL", "uom": "m"}
VOLUME: dict[str, Any] = {
    "uomDimensions": "FT",
    "lowerLimit": "100",
    "lowerVerticalReference": "AGL",
    "upperLimit": None,
    "upperVerticalReference": "AGL",
    "horizontalProjection": {"type": "Polygon", "coordinates": [[SQUARE[0], *SQUARE]]},
}
VERSION: dict[str, Any] = {
    "identifier": "LSXX",
    "country": "CHE",
    "name": "The airfield",
    "type": "COMMON",
    "restriction": "REQ_AUTHORISATION",
    "reason": ["AIR_TRAFFIC"],
    "message": "Call before",
    "applicability": [{"permanent": "YES", "startDateTime": None, "endDateTime": None}],
    "zoneAuthority": [{"name": "The tower", "contactName": None, "phone": "0041"}],
    "geometry": [VOLUME],
}


def ed318(properties: dict[str, Any] | None = None, geometry: Any = None, **members: Any) -> str:
    shape = {"type": "Polygon", "coordinates": [SQUARE], "layer": LAYER}
    feature = {
        "type": "Feature",
        "properties": PROPERTIES | (properties or {}),
        "geometry": shape if geometry is None else geometry,
    }
    return json.dumps({"type": "FeatureCollection", "features": [feature]} | members)


def shape(**members: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [SQUARE], "layer": LAYER} | members


def ed269(version: dict[str, Any] | None = None, volume: dict[str, Any] | None = None, key: str = "features") -> str:
    whole = copy.deepcopy(VERSION) | (version or {})
    if volume is not None:
        whole["geometry"] = [VOLUME | volume]
    return json.dumps({"title": "Zones", key: [whole]})


def test_the_examples_of_ed_318() -> None:
    upper, lower, circle = read("ed318", (DATA / "Example_Collection.json").read_bytes())
    assert (upper.id, lower.id, circle.id) == ("FRA-NFZ6547", "FRA-NFZ6547-2", "FRA-ABC1234")
    assert (upper.kind, upper.bottom, upper.top) == (ZoneKind.NO_FLY, Agl(50.0), Agl(150.0))
    assert (lower.bottom, lower.top) == (None, Agl(50.0))
    assert upper.name == "LFPG-2"
    assert upper.authority == "LFPG-UASZoneManager, UASZoneManager@lfpg.fr"
    assert "need an authorisation" in upper.note
    assert upper.times == Times(
        (TimeRange(1546271999.0, 1577807999.0),),
        (
            WeeklyWindow(ALL_DAYS, dt.time(16), dt.time(17)),
            WeeklyWindow(frozenset({6}), dt.time(10), dt.time(12)),
        ),
    )
    west, south, _, north = circle.shape.bounds
    assert north - south == pytest.approx(7000.0 / 111_229.0, rel=2e-3)
    assert west < 2.636866
    assert circle.times is None


def test_a_real_spanish_file() -> None:
    airfield, hotel = read("ed318", (DATA / "spain_aero_two_zones.geojson").read_bytes())
    assert (airfield.id, airfield.name) == ("ESP-LEBZ45", "BADAJOZ/Talavera La Real")
    assert (airfield.bottom, airfield.top, airfield.times) == (Agl(45.0), Agl(900.0), None)
    assert "<" not in airfield.note
    assert hotel.kind is ZoneKind.NO_FLY
    near = read("ed318", (DATA / "spain_aero_two_zones.geojson").read_bytes(), Position(41.4, 2.1))
    assert [zone.id for zone in near] == ["ESP-LEJC90"]


def test_the_invalid_example_has_clear_faults() -> None:
    found = faults("ed318", (DATA / "InvalidExample_GeoZone_2_Layers.json").read_bytes(), name="invalid.json")
    assert len(found) == 2
    assert found[0].startswith("invalid.json, metadata: its validFrom is wrong")
    assert found[1].startswith(
        "invalid.json, feature 0 (LFPG-2): its type is 'REQ_AUTHORISATION'; known are PROHIBITED"
    )


@pytest.mark.parametrize(
    ("word", "kind", "said"),
    [
        ("PROHIBITED", ZoneKind.NO_FLY, ""),
        ("REQ_AUTHORIZATION", ZoneKind.NO_FLY, "need an authorisation"),
        ("CONDITIONAL", ZoneKind.NO_FLY, "bound to conditions"),
        ("USPACE", ZoneKind.NO_FLY, "U-space"),
        ("no_restriction", ZoneKind.CAUTION, ""),
    ],
)
def test_what_is_not_free_is_closed(word: str, kind: ZoneKind, said: str) -> None:
    (zone,) = read("ed318", ed318({"type": word, "restrictionConditions": "only by day"}))
    assert zone.kind is kind
    assert said in zone.note
    assert zone.note.endswith("only by day")
    assert (zone.name, zone.authority) == ("The park", "The town, +33 1")


def test_limits_with_every_unit_and_reference() -> None:
    layer = {"upper": "1000", "upperReference": "WGS84", "lower": "500", "lowerReference": "amsl", "uom": "FT"}
    (zone,) = read("ed318", ed318(geometry=shape(layer=layer)))
    assert (zone.bottom, zone.top) == (Amsl(500 * 0.3048), Ellipsoid(1000 * 0.3048))
    (plain,) = read("ed318", ed318(geometry=shape(layer={"upper": 100, "upperReference": "AGL"})))
    assert (plain.bottom, plain.top) == (None, Agl(100.0))
    (unlimited,) = read("ed318", ed318(geometry={"type": "Polygon", "coordinates": [SQUARE]}))
    assert (unlimited.bottom, unlimited.top) == (None, None)


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (shape(layer=LAYER | {"uom": "fathom"}), "unit uom is 'fathom'"),
        (shape(layer=LAYER | {"upperReference": "STD"}), "upper is over 'STD'"),
        (shape(layer=LAYER | {"upperReference": None}), "upper is over None"),
        (shape(layer=LAYER | {"upper": "high"}), "upper is 'high', not a number"),
        (shape(layer=LAYER | {"lower": 150, "upper": 100}), "not above its lower"),
        (shape(layer=[]) | {"layer": "low"}, "layer is 'low'"),
        (shape(coordinates=[CROSSING]), "crosses itself"),
        ({"type": "Point", "coordinates": SQUARE[0]}, "no radius"),
        ({"type": "Point", "coordinates": SQUARE[0], "extent": {"subType": "Circle"}}, "radius is None"),
        ({"type": "Point", "coordinates": SQUARE[0], "extent": {"subType": "Ellipse", "radius": 5}}, "a Circle"),
        ({"type": "LineString", "coordinates": SQUARE}, "no width"),
        ({"type": "GeometryCollection", "geometries": []}, "no geometries"),
        ({"type": "GeometryCollection", "geometries": [7]}, "not an object"),
        ("{", "a text that is not JSON"),
        (7, "geometry is missing"),
    ],
)
def test_what_is_wrong_with_an_ed_318_shape_is_said(geometry: Any, said: str) -> None:
    assert said in fault("ed318", ed318(geometry=geometry))


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"type": "FORBIDDEN"}, "type is 'FORBIDDEN'"),
        ({"type": None}, "type is None"),
        ({"identifier": ""}, "no identifier"),
        ({"limitedApplicability": "always"}, "a list of objects"),
        ({"limitedApplicability": [{"startDateTime": "soon"}]}, "'soon' is not a date"),
        ({"limitedApplicability": [{"startDateTime": "2020-01-01T00:00:00"}]}, "of which time zone"),
        ({"limitedApplicability": [{"schedule": [{"day": ["FUNDAY"]}]}]}, "on funday"),
        ({"limitedApplicability": [{"schedule": [{"day": ["ANY"], "startTime": "noon"}]}]}, "startTime is 'noon'"),
        ({"limitedApplicability": [{"schedule": [{"day": ["ANY"], "startTime": "10:00"}]}]}, "of which time zone"),
        ({"limitedApplicability": [{"schedule": [{"day": ["ANY"], "endEvent": "MOON"}]}]}, "endEvent is 'MOON'"),
        (
            {"limitedApplicability": [{"schedule": [{"startTime": "10:00Z", "endTime": "11:00+02:00"}]}]},
            "begins by UTC and ends by Etc/GMT-2",
        ),
        (
            {"limitedApplicability": [{"schedule": [{"startTime": "10:00Z"}, {"startTime": "10:00+02:00"}]}]},
            "several time zones",
        ),
        ({"limitedApplicability": [{"schedule": [{"startTime": "10:00+05:30"}]}]}, "no whole hours"),
    ],
)
def test_what_is_wrong_with_an_ed_318_zone_is_said(properties: dict[str, Any], said: str) -> None:
    assert said in fault("ed318", ed318(properties))


def periods(*applicability: dict[str, Any]) -> list[Times | None]:
    return [zone.times for zone in read("ed318", ed318({"limitedApplicability": list(applicability)}))]


def test_periods_become_times() -> None:
    by_sun = {"schedule": [{"day": ["MON", "TUE"], "startEvent": "BMCT", "endEvent": "EMCT"}]}
    between = {"schedule": [{"day": "SAT,SUN", "startEvent": "SR", "endEvent": "SS"}]}
    evening = {"schedule": [{"day": ["ANY"], "startTime": "17:00:00+02:00", "endTime": "23:59:59+02:00"}]}
    opened = {"startDateTime": "2026-01-01T00:00:00+01:00", "schedule": []}
    assert periods(by_sun, between, evening, opened) == [
        Times(weekly=(WeeklyWindow(frozenset({0, 1}), SunEvent.DAWN, SunEvent.DUSK),)),
        Times(weekly=(WeeklyWindow(frozenset({5, 6}), SunEvent.SUNRISE, SunEvent.SUNSET),)),
        Times(weekly=(WeeklyWindow(ALL_DAYS, dt.time(17), dt.time(0)),), time_zone="Etc/GMT-2"),
        Times((TimeRange(1767222000.0, None),)),
    ]


def test_a_period_that_says_nothing_is_always() -> None:
    assert periods() == [None]
    assert periods({"startDateTime": "", "schedule": [{"day": "ANY", "startTime": "", "endTime": ""}]}) == [None]
    assert periods({"schedule": [{"startTime": "10:00Z"}]}, {}) == [None]
    assert periods({"schedule": [{"startTime": "00:00Z", "endTime": "24:00:00Z"}, {"startTime": "10:00Z"}]}) == [None]


def test_metadata_that_is_no_object_is_a_fault() -> None:
    assert "metadata" in fault("ed318", ed318(metadata="today"))
    assert len(faults("ed318", ed318({"type": "X"}, metadata={"validTo": "X", "issued": 3}))) == 3
    assert read("ed318", ed318(metadata={"validFrom": "", "issued": "2026-01-01T00:00:00Z"}))


@pytest.mark.parametrize("key", ["features", "UASZoneList", "UASZoneVersion"])
def test_ed_269_as_it_is_published(key: str) -> None:
    (zone,) = read("ed269", ed269(key=key))
    assert (zone.id, zone.name, zone.kind) == ("CHE-LSXX", "The airfield", ZoneKind.NO_FLY)
    assert (zone.bottom, zone.top) == (Agl(100 * 0.3048), None)
    assert zone.authority == "The tower, 0041"
    assert "need an authorisation" in zone.note
    assert zone.times is None


def test_ed_269_volumes_and_periods_are_zones_of_their_own() -> None:
    circle = {"type": "Circle", "center": SQUARE[0], "radius": "300"}
    applicability = [
        {
            "permanent": "NO",
            "startDateTime": "2022-06-15T09:00:00.00Z",
            "endDateTime": "2023-06-15T09:00:00.00Z",
            "dailyPeriod": [{"day": ["SAT"], "startTime": "17:00:00.00Z", "endTime": "23:59:59.00Z"}],
        },
        {"permanent": "NO", "endDateTime": "2020-01-01T00:00:00Z"},
    ]
    volumes = [VOLUME | {"horizontalProjection": circle, "uomDimensions": "m"}, VOLUME]
    zones = read("ed269", ed269({"geometry": volumes, "applicability": applicability}))
    assert [zone.id for zone in zones] == ["CHE-LSXX", "CHE-LSXX-2", "CHE-LSXX-3", "CHE-LSXX-4"]
    assert zones[0].bottom == Agl(100.0)
    assert zones[0].times == Times(
        (TimeRange(1655283600.0, 1686819600.0),), (WeeklyWindow(frozenset({5}), dt.time(17), dt.time(0)),)
    )
    assert zones[0].shape.contains(zones[2].shape.centroid) is False


@pytest.mark.parametrize(
    ("version", "volume", "said"),
    [
        ({"restriction": "MAYBE"}, None, "restriction is 'MAYBE'"),
        ({"identifier": None}, None, "no identifier"),
        ({"geometry": []}, None, "no list of airspace volumes"),
        ({"geometry": [3]}, None, "not an object"),
        ({"applicability": [{"startDateTime": 3}]}, None, "not a date"),
        ({}, {"uomDimensions": "NM"}, "uomdimensions is 'NM'"),
        ({}, {"uomDimensions": None}, "no unit"),
        ({}, {"lowerVerticalReference": "FL"}, "lowerlimit is over 'FL'"),
        ({}, {"horizontalProjection": None}, "no horizontalProjection"),
        ({}, {"horizontalProjection": {"type": "Circle", "center": SQUARE[0]}}, "radius is None"),
        ({}, {"horizontalProjection": {"type": "Circle", "radius": 5}}, "cannot be read"),
        ({}, {"horizontalProjection": {"type": "Polygon", "coordinates": [CROSSING]}}, "crosses itself"),
    ],
)
def test_what_is_wrong_with_an_ed_269_zone_is_said(
    version: dict[str, Any], volume: dict[str, Any] | None, said: str
) -> None:
    assert said in fault("ed269", ed269(version, volume))


def test_what_is_no_ed_269_file_is_said() -> None:
    assert "no list features or" in fault("ed269", "{}")
    assert "feature 0 (no name): it is '3'" in fault("ed269", '{"features": [3]}')
    assert "has no zones" in fault("ed269", '{"features": []}')
    assert "nothing is near the site" in fault("ed269", ed269(), Position(46.0, 7.0))
    assert read("ed269", ed269(), TUCSON)
