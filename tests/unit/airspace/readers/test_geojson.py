"""Our own zone files: what real files do is read, what cannot be flown safely is told with file and feature."""

from datetime import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import Point, Polygon

from dfr.airspace.load import load_zones
from dfr.airspace.readers import ZoneError
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Ellipsoid, LocalFrame, Position
from dfr.core.times import SunEvent, TimeRange, WeeklyWindow
from dfr.core.zone import ZoneKind
from tests.unit.airspace.readers.files import CROSSING, SMALL, SQUARE, TUCSON, faults, polygon, read, text

GOOD: dict[str, Any] = {"id": "z", "name": "Zone", "kind": "no_fly"}
POINT = {"type": "Point", "coordinates": [-110.93, 32.22]}
LINE = {"type": "LineString", "coordinates": [[-110.93, 32.22], [-110.92, 32.22], [-110.92, 32.23]]}


def fault(properties: dict[str, Any], geometry: Any) -> str:
    (found,) = faults("zones", text((properties, geometry)), TUCSON, "zones.geojson")
    assert found.startswith("zones.geojson, feature 0 (")
    return found


@pytest.mark.parametrize(
    ("datum", "kind"), [("agl", Agl), ("amsl", Amsl), ("ellipsoid", Ellipsoid), ("above_takeoff", AboveTakeoff)]
)
def test_our_own_zones_with_every_datum(datum: str, kind: type) -> None:
    properties = GOOD | {"bottom_m": 10, "bottom_datum": "amsl", "top_m": 60.5, "top_datum": datum, "note": "made up"}
    (zone,) = read("zones", text((properties, polygon(SQUARE))))
    assert (zone.id, zone.kind, zone.note) == ("z", ZoneKind.NO_FLY, "made up")
    assert zone.bottom == Amsl(10.0)
    assert zone.top == kind(60.5)


def test_feet_are_told_as_feet() -> None:
    (zone,) = read("zones", text((GOOD | {"bottom_ft": 700, "bottom_datum": "AGL"}, polygon(SQUARE))))
    assert zone.bottom == Agl(700 * 0.3048)


@pytest.mark.parametrize("kind", list(ZoneKind))
def test_every_kind_is_read(kind: ZoneKind) -> None:
    limits: dict[ZoneKind, dict[str, Any]] = {
        ZoneKind.CEILING: {"top_m": 60, "top_datum": "agl"},
        ZoneKind.FLOOR: {"bottom_m": 60, "bottom_datum": "agl"},
        ZoneKind.TEMPORARY: {"incident_id": "incident-1"},
    }
    (zone,) = read("zones", text((GOOD | {"kind": kind.value} | limits.get(kind, {}), polygon(SQUARE))))
    assert zone.kind is kind
    assert (zone.incident_id == "incident-1") == (kind is ZoneKind.TEMPORARY)


@pytest.mark.parametrize(("written", "read_as"), [(True, True), (False, False), (None, False), ("", False)])
def test_controlled_airspace_says_so(written: object, read_as: bool) -> None:
    (zone,) = read("zones", text((GOOD | {"controlled": written}, polygon(SQUARE))))
    assert zone.controlled is read_as
    assert "write true or false" in fault(GOOD | {"controlled": "maybe"}, polygon(SQUARE))


def distances_m(zone_shape: Any) -> list[float]:
    frame = LocalFrame(Position(32.22, -110.93))
    points = frame.array_to_local([list(c) for c in zone_shape.exterior.coords])
    return [float(np.hypot(east, north)) for east, north in points]


def test_a_circle_that_forbids_loses_nothing_and_one_that_opens_gains_nothing() -> None:
    (closed,) = read("zones", text((GOOD | {"radius_m": 200}, POINT)))
    (opened,) = read("zones", text((GOOD | {"radius_m": 200, "kind": "operating_area"}, POINT)))
    disc = Point(0.0, 0.0).buffer(200.0, quad_segs=1000)
    frame = LocalFrame(TUCSON)
    outer, inner = (
        Polygon(frame.array_to_local([list(c) for c in zone.shape.exterior.coords]))  # type: ignore[attr-defined]
        for zone in (closed, opened)
    )
    assert outer.contains(disc)
    assert disc.buffer(0.001).contains(inner)
    assert max(distances_m(closed.shape)) < 201.0
    assert min(distances_m(opened.shape)) > 199.9


def test_a_line_with_a_width_is_an_area() -> None:
    (zone,) = read("zones", text((GOOD | {"kind": "corridor", "width_m": 100}, LINE)))
    assert zone.shape.contains(Point(-110.925, 32.2204))
    assert not zone.shape.contains(Point(-110.925, 32.2206))
    several = {"type": "MultiLineString", "coordinates": [LINE["coordinates"], [[-110.9, 32.2], [-110.9, 32.3]]]}
    (apart,) = read("zones", text((GOOD | {"width_ft": 300}, several)))
    assert apart.shape.geom_type == "MultiPolygon"


def test_a_polygon_with_a_hole_is_kept() -> None:
    (zone,) = read("zones", text((GOOD, polygon(SQUARE, SMALL))))
    assert zone.shape.area == pytest.approx(0.01**2 - 0.006**2)


@pytest.mark.parametrize(
    "ring",
    [
        SQUARE[:-1],
        SQUARE[::-1],
        [place for place in SQUARE for _ in range(3)],
        [[*place, 712.5] for place in SQUARE],
        [[*SQUARE[0], 3.0], *SQUARE[1:]],
    ],
    ids=["unclosed", "clockwise", "doubled", "with heights", "with some heights"],
)
def test_what_real_outlines_do(ring: list[list[float]]) -> None:
    (zone,) = read("zones", text((GOOD, polygon(ring))))
    assert zone.shape.equals(Polygon(SQUARE))


def test_what_real_files_do() -> None:
    plain = text((GOOD, polygon(SQUARE)))
    shouted = text(({"ID": "z", "Name": "Zone", "KIND": "NO_FLY", "colour": "red", "Top_M": None}, polygon(SQUARE)))
    for content in (plain.encode("utf-8-sig"), plain.encode("utf-16"), shouted.encode()):
        assert read("zones", content) == read("zones", plain)


def test_outlines_that_touch_themselves_are_read_and_those_that_cross_are_not() -> None:
    pinched = [[0.0, 0.0], [0.01, 0.01], [0.02, 0.0], [0.02, 0.02], [0.01, 0.01], [0.0, 0.02], [0.0, 0.0]]
    (zone,) = read("zones", text((GOOD, polygon(pinched))))
    assert zone.shape.geom_type == "MultiPolygon"
    assert zone.shape.area == pytest.approx(0.0002)
    twisted = [[0.0, 0.0], [0.01, 0.01], [0.02, 0.02], [0.02, 0.0], [0.01, 0.01], [0.0, 0.03], [0.0, 0.0]]
    (found,) = faults("zones", text((GOOD, polygon(twisted))))
    assert "crosses itself" in found
    beside = [[x + 0.005, y] for x, y in SQUARE]
    (joined,) = read("zones", text((GOOD, {"type": "MultiPolygon", "coordinates": [[SQUARE], [beside]]})))
    assert joined.shape.area == pytest.approx(0.015 * 0.01)


def test_what_is_wrong_with_a_shape_is_said() -> None:
    flat = [[-110.93, 32.22], [-110.92, 32.22], [-110.91, 32.22], [-110.92, 32.22], [-110.93, 32.22]]
    around = [[-170.0, 32.0], [175.0, 32.0], [175.0, 33.0], [-170.0, 33.0], [-170.0, 32.0]]
    assert "crosses itself" in fault(GOOD, polygon(CROSSING))
    assert "area is zero" in fault(GOOD, polygon(flat))
    assert "2 different points" in fault(GOOD, polygon([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[0]]))
    assert "antimeridian" in fault(GOOD, polygon(around))
    assert "swapped" in fault(GOOD, polygon([[y, x] for x, y in SQUARE]))
    assert "beyond 180" in fault(GOOD, polygon([[x + 360.0, y] for x, y in SQUARE]))
    for bad in ("NaN", "Infinity", "1e999"):
        assert "not a number" in fault(GOOD, polygon([SQUARE[0], [float(bad), 32.2], *SQUARE[2:]]))
    assert "cannot be read" in fault(GOOD, polygon([["a", "b"], *SQUARE[1:]]))  # type: ignore[list-item]
    assert "cannot be read" in fault(GOOD, polygon([[10**400, 32.0], *SQUARE[1:]]))
    assert "cannot be read" in fault(GOOD, polygon([[1.0], [2.0], [3.0]]))
    assert "no coordinates" in fault(GOOD, {"type": "Polygon", "coordinates": []})
    assert "missing" in fault(GOOD, None)
    assert "GeometryCollection" in fault(GOOD, {"type": "GeometryCollection", "geometries": []})


def test_what_is_wrong_with_a_circle_or_a_line_is_said() -> None:
    assert "no radius" in fault(GOOD, POINT)
    assert "radius is -5 m" in fault(GOOD | {"radius_m": -5}, POINT)
    assert "radius is 1e+06 m" in fault(GOOD | {"radius_m": 1e6}, POINT)
    assert "a circle is a Point" in fault(GOOD | {"radius_m": 5}, polygon(SQUARE))
    assert "no width" in fault(GOOD, LINE)
    assert "only lines have one" in fault(GOOD | {"width_m": 5}, polygon(SQUARE))
    assert "width is 0 m" in fault(GOOD | {"width_m": 0}, LINE)
    assert "one place only" in fault(GOOD | {"width_m": 9}, {"type": "LineString", "coordinates": [SQUARE[0]] * 3})
    assert "antimeridian" in fault(GOOD | {"radius_m": 9000}, {"type": "Point", "coordinates": [179.99, 10.0]})


def test_swapped_coordinates_that_are_valid_elsewhere_are_found_by_the_site() -> None:
    """Munich written the wrong way round lies in the sea off Somalia."""
    swapped = [[48.13, 11.57], [48.14, 11.57], [48.14, 11.58], [48.13, 11.57]]
    with pytest.raises(ZoneError, match="swapped"):
        read("zones", text((GOOD, polygon(swapped))), Position(48.137, 11.575))


def test_a_zone_of_the_sites_own_may_not_lie_far_away() -> None:
    near = Position(33.5, -110.93)
    assert read("zones", text((GOOD, polygon(SQUARE))), near)
    assert "423 km from the site" in faults("zones", text((GOOD, polygon(SQUARE))), Position(36.04, -110.93))[0]


def test_a_zone_that_reaches_the_site_from_far_away_is_read() -> None:
    wide = [[-125.0, 31.0], [-109.0, 31.0], [-109.0, 40.0], [-125.0, 40.0]]
    assert read("zones", text((GOOD, polygon(wide))), TUCSON)


def test_what_is_wrong_with_the_properties_is_said() -> None:
    square = polygon(SQUARE)
    assert "kind 'nofly' is unknown; known are operating_area" in fault(GOOD | {"kind": "nofly"}, square)
    assert "top_datum 'msl' is unknown" in fault(GOOD | {"top_m": 5, "top_datum": "msl"}, square)
    assert "top_datum None is unknown" in fault(GOOD | {"top_m": 5}, square)
    assert "without bottom_m" in fault(GOOD | {"bottom_datum": "agl"}, square)
    assert "top_m is '60'" in fault(GOOD | {"top_m": "60", "top_datum": "agl"}, square)
    assert "top_m is True" in fault(GOOD | {"top_m": True, "top_datum": "agl"}, square)
    assert "not a number" in fault(GOOD | {"top_m": 10**400, "top_datum": "agl"}, square)
    assert "top_yd, whose unit is not known" in fault(GOOD | {"top_yd": 5, "top_datum": "agl"}, square)
    assert "bottom, whose unit is not known" in fault(GOOD | {"bottom": 5, "bottom_datum": "agl"}, square)
    assert "write one of the two" in fault(GOOD | {"top_m": 5, "top_ft": 5, "top_datum": "agl"}, square)
    for level in ({"top_fl": 65}, {"top": "FL65"}, {"top_ft": "FL065"}):
        assert "flight level" in fault(GOOD | level | {"top_datum": "amsl"}, square)
    assert "says top_m twice" in fault(GOOD | {"top_m": 5, "TOP_M": 50, "top_datum": "agl"}, square)
    assert "has no id" in fault({"name": "Zone", "kind": "no_fly"}, square)
    assert "has no kind" in fault({"name": "Zone", "id": "z"}, square)


def test_limits_that_contradict_each_other_are_said() -> None:
    square, agl = polygon(SQUARE), {"bottom_datum": "agl", "top_datum": "agl"}
    assert "not above its lower" in fault(GOOD | agl | {"bottom_m": 50, "top_m": 40}, square)
    assert "not above its lower" in fault(GOOD | agl | {"bottom_m": 50, "top_m": 50}, square)
    assert "a ceiling has a top" in fault(GOOD | {"kind": "ceiling"}, square)
    assert "a ceiling has a top" in fault(GOOD | agl | {"kind": "ceiling", "bottom_m": 1, "top_m": 50}, square)
    assert "a floor has a bottom" in fault(GOOD | {"kind": "floor", "top_m": 50, "top_datum": "agl"}, square)
    assert "only a temporary zone" in fault(GOOD | {"incident_id": "incident-1"}, square)


def test_times_are_read() -> None:
    times = {
        "time_zone": "America/Phoenix",
        "ranges": [{"start": "2026-07-04T18:00:00", "end": "2026-07-05T08:00:00Z"}, {"end": "2020-01-01T00:00:00Z"}],
        "weekly": [
            {"days": ["Mon", "tue"], "start": "07:30", "end": "sunset"},
            {"days": ["sun"], "start": "22:00", "end": "24:00"},
        ],
    }
    (zone,) = read("zones", text((GOOD | {"times": times}, polygon(SQUARE))))
    assert zone.times is not None
    assert zone.times.time_zone == "America/Phoenix"
    assert zone.times.ranges == (TimeRange(1783213200.0, 1783238400.0), TimeRange(None, 1577836800.0))
    assert zone.times.weekly == (
        WeeklyWindow(frozenset({0, 1}), time(7, 30), SunEvent.SUNSET),
        WeeklyWindow(frozenset({6}), time(22), time(0)),
    )


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([], "times is []"),
        ({}, "neither ranges nor weekly"),
        ({"weekley": []}, "weekley, which nobody knows"),
        ({"time_zone": "Tucson", "ranges": [{"end": "2026-07-04T18:00:00Z"}]}, "'Tucson' is not known"),
        ({"ranges": [{}]}, "neither start nor end"),
        ({"ranges": [{"start": "2026-07-04T18:00:00"}]}, "does not say of which time zone"),
        ({"ranges": [{"start": "soon"}]}, "'soon' is not a date"),
        ({"ranges": [{"start": "2026-07-04T18:00:00Z", "end": "2026-07-03T18:00:00Z"}]}, "ends after it begins"),
        ({"weekly": [{"days": ["mon"], "start": "07:30", "end": "08:00"}]}, "no time_zone says by which"),
        ({"weekly": [{"days": ["monday"], "start": "sunset", "end": "dusk"}]}, "days are ['monday']"),
        ({"weekly": [{"days": [], "start": "sunset", "end": "dusk"}]}, "days are []"),
        ({"weekly": [{"days": ["mon"], "start": "noon", "end": "dusk"}]}, "begins or ends at 'noon'"),
        ({"weekly": [{"days": ["mon"], "start": "07:30Z", "end": "dusk"}]}, "begins or ends at '07:30Z'"),
        ({"weekly": {"days": ["mon"]}}, "write a list"),
    ],
)
def test_what_is_wrong_with_times_is_said(times: Any, said: str) -> None:
    assert said in fault(GOOD | {"times": times}, polygon(SQUARE))


def test_all_faults_at_once_and_nothing_half_loaded() -> None:
    bad = text((GOOD, polygon(SQUARE)), (GOOD, polygon(SQUARE)), ({"name": "B"}, polygon(SQUARE)))
    found = faults("zones", bad, name="zones.geojson")
    assert len(found) == 2
    assert found[0] == "zones.geojson, feature 1 (Zone): its id 'z' is there twice."
    for content, said in (
        ("{", "not JSON"),
        (b"\xff\xfe\x00\xd8", "not JSON"),
        ("[]", "no list of features"),
        ("[" * 100_000, "nested too deeply"),
        ('{"features": []}', "has no features"),
        ('{"features": [3]}', "has no kind"),
    ):
        assert said in faults("zones", content)[0]


def test_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(text((GOOD, polygon(SQUARE))))
    (tmp_path / "b.geojson").write_text(text((GOOD | {"kind": "x"}, polygon(SQUARE))))
    names = [("a.geojson", "zones"), ("b.geojson", "zones"), ("c.geojson", "zones"), ("a.geojson", "word")]
    with pytest.raises(ZoneError) as error:
        load_zones([(tmp_path / name, reader) for name, reader in names])
    assert len(error.value.faults) == 3
    with pytest.raises(ZoneError, match="more than one file"):
        load_zones([(tmp_path / "a.geojson", "zones"), (tmp_path / "a.geojson", "zones")])


def test_what_cannot_be_printed_does_not_reach_a_map() -> None:
    (zone,) = read("zones", text((GOOD | {"name": "Reid\n\x07 Park"}, polygon(SQUARE))))
    assert zone.name == "Reid Park"
    assert "has no name" in fault(GOOD | {"name": "\ud800\x07"}, polygon(SQUARE))
