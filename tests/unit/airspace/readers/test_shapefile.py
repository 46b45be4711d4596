"""Shapefiles, with the projection that they name and with none."""

import io
import zipfile
from typing import Any

import pytest
import shapefile
from pyproj import CRS, Transformer
from shapely.geometry import Point, Polygon

from dfr.airspace.load import load_zones, zone_file
from dfr.airspace.readers import READERS, ZoneError, ZoneFile
from dfr.core.geo import Agl
from dfr.core.zone import Zone, ZoneKind
from tests.unit.airspace.readers.files import CROSSING, SMALL, SQUARE, TUCSON

WGS84 = CRS.from_epsg(4326).to_wkt("WKT1_ESRI")
UTM_12N = CRS.from_epsg(32612).to_wkt("WKT1_ESRI")
ARIZONA_FT = CRS.from_epsg(2223).to_wkt("WKT1_ESRI")
NAD27 = CRS.from_epsg(4267).to_wkt("WKT1_ESRI")
ROW = {
    "id": "z",
    "name": "Zone",
    "kind": "no_fly",
    "top_m": "60",
    "top_datum": "agl",
    "bottom_dat": "",
    "width_m": "",
    "radius_m": "",
}


def parts(
    *rows: dict[str, str], rings: list[Any] | None = None, kind: int = shapefile.POLYGON, prj: str | None = WGS84
) -> dict[str, bytes]:
    """A shapefile of one shape for each row."""
    streams = {name: io.BytesIO() for name in ("shp", "shx", "dbf")}
    with shapefile.Writer(**streams, shapeType=kind) as writer:
        for name in ROW:
            writer.field(name, "C", 40)
        for row in rows or ({},):
            shape = rings if rings is not None else [SQUARE[::-1]]
            match kind:
                case shapefile.POLYGON | shapefile.POLYGONZ:
                    (writer.poly if kind == shapefile.POLYGON else writer.polyz)(shape)
                case shapefile.POLYLINE:
                    writer.line(shape)
                case shapefile.POINT:
                    writer.point(*shape)
                case _:
                    writer.null()
            writer.record(**(ROW | row))
    found = {f".{name}": stream.getvalue() for name, stream in streams.items()}
    return found if prj is None else found | {".prj": prj.encode()}


def read(found: dict[str, bytes], near: Any = None) -> list[Zone]:
    beside = {suffix: content for suffix, content in found.items() if suffix != ".shp"}
    return READERS["shapefile"](ZoneFile("zones.shp", found[".shp"], beside), near)


def fault(found: dict[str, bytes]) -> str:
    with pytest.raises(ZoneError) as error:
        read(found)
    return error.value.faults[0]


def test_a_polygon_with_a_hole() -> None:
    (zone,) = read(parts(rings=[SQUARE[::-1], SMALL]), TUCSON)
    assert (zone.id, zone.kind, zone.top) == ("z", ZoneKind.NO_FLY, Agl(60.0))
    assert zone.shape.equals(Polygon(SQUARE, [SMALL]))


def test_a_clockwise_hole_and_heights_are_read() -> None:
    assert read(parts(kind=shapefile.POLYGONZ, rings=[[[x, y, 700.0] for x, y in SQUARE[::-1]]]))[0].shape.equals(
        Polygon(SQUARE)
    )


@pytest.mark.parametrize(("prj", "epsg"), [(UTM_12N, 32612), (ARIZONA_FT, 2223)])
def test_a_projection_is_undone(prj: str, epsg: int) -> None:
    there = Transformer.from_crs(4326, epsg, always_xy=True)
    ring = [list(there.transform(x, y)) for x, y in SQUARE[::-1]]
    (zone,) = read(parts(rings=[ring], prj=prj), TUCSON)
    assert zone.shape.symmetric_difference(Polygon(SQUARE)).area < 1e-9


def test_lines_and_points() -> None:
    (line,) = read(parts({"width_m": "80"}, kind=shapefile.POLYLINE, rings=[SQUARE[:3]]))
    assert line.shape.contains(Point(-110.925, 32.2203))
    (circle,) = read(parts({"radius_m": "50"}, kind=shapefile.POINT, rings=SQUARE[0]))
    assert circle.shape.contains(Point(-110.93, 32.2204))


def test_all_of_it_in_a_zip(tmp_path: Any) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for suffix, content in parts().items():
            packed.writestr(f"zones/Zones{suffix.upper()}", content)
    zones = READERS["shapefile"](ZoneFile("zones.zip", stream.getvalue()), None)
    assert zones == read(parts())
    with zipfile.ZipFile(stream, "a") as packed:
        packed.writestr("other.shp", b"")
    with pytest.raises(ZoneError, match=r"2 \.shp files"):
        READERS["shapefile"](ZoneFile("zones.zip", stream.getvalue()), None)
    for suffix, content in parts().items():
        (tmp_path / f"zones{suffix}").write_bytes(content)
    assert load_zones([(tmp_path / "zones.shp", "shapefile")]) == zones
    assert set(zone_file(tmp_path / "zones.shp").beside) == {".shx", ".dbf", ".prj"}


def test_without_a_projection_it_is_not_taken_for_wgs_84() -> None:
    assert "has no .prj file: without it nobody knows where on earth it lies" in fault(parts(prj=None))
    assert ".prj file is not understood" in fault(parts(prj="GEOGCS[]"))
    assert "convert it to WGS 84" in fault(parts(prj=NAD27))
    assert ".prj file is not understood" in fault(parts(prj=CRS.from_epsg(5773).to_wkt("WKT1_GDAL")))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({name: content for name, content in parts().items() if name != ".dbf"}, "no .dbf file"),
        (parts() | {".shp": b""}, "not a shapefile"),
        (parts() | {".dbf": b"x" * 40}, "not a shapefile"),
        (parts() | {".dbf": parts({}, {"id": "y"})[".dbf"]}, "damaged"),
        (parts(kind=shapefile.NULL), "no shape"),
        (parts({"kind": ""}), "record 0 (Zone): it has no kind"),
        (parts({"top_m": "high"}), "top_m is 'high'"),
        (parts({"top_datum": "msl"}), "top_datum 'msl'"),
        (parts(kind=shapefile.POLYLINE, rings=[SQUARE[:3]]), "no width"),
        (parts(rings=[CROSSING]), "crosses itself"),
        (parts({}, {}), "record 1 (Zone): its id 'z' is there twice"),
        (parts(rings=[[[y, x] for x, y in SQUARE]]), "swapped"),
    ],
)
def test_what_is_wrong_with_a_shapefile_is_said(found: dict[str, bytes], said: str) -> None:
    assert said in fault(found)
