"""Ground heights from tiles: right between the cells, in any map projection, unknown where there are none."""

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from rasterio.transform import Affine, from_origin
from shapely.geometry import Point, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import GroundPoint, SurveyedGround
from dfr.airspace.ground_files import (
    GEOID_ERROR_M,
    OTHER_DATUM_ERROR_M,
    SRTM_ERROR_M,
    Declared,
    GroundError,
    VerticalDatum,
    load_ground,
    read_tile,
)
from dfr.airspace.terrain import Terrain, Tile, closed_where_unknown
from dfr.airspace.terrain_make import make_tile
from dfr.core.geo import Agl, Amsl, FloatArray, Position
from dfr.core.zone import Zone, ZoneKind

ORIGIN = Position(32.2, -110.9)
WEST, NORTH, CELL_DEG = -111.0, 32.3, 0.01
GRID = from_origin(WEST, NORTH, CELL_DEG, CELL_DEG)
EGM96 = "EPSG:4326+5773"
UTM_NAVD88 = "EPSG:32612+5703"


def plane_m(longitude_latitude_deg: FloatArray) -> FloatArray:
    """A slope, which bilinear interpolation follows exactly where the tile's map is longitude and latitude."""
    east_deg, north_deg = longitude_latitude_deg.T
    return np.asarray(700.0 + 100.0 * (east_deg + 111.0) + 50.0 * (north_deg - 32.0))


def write_tile(
    path: Path,
    heights: FloatArray,
    crs: str | None = EGM96,
    transform: Affine = GRID,
    nodata: float | None = -9999.0,
    error: str | None = "3.0",
    unit: str | None = None,
) -> Path:
    rows, columns = heights.shape
    profile = {"driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": "float64"}
    with rasterio.open(path, "w", **profile, crs=crs, transform=transform, nodata=nodata) as file:
        file.write(heights, 1)
        if error is not None:
            file.update_tags(ERROR_95_M=error)
        if unit is not None:
            file.units = (unit,)
    return path


def sloping(columns: int = 20, rows: int = 20) -> FloatArray:
    east, north = np.meshgrid(WEST + (np.arange(columns) + 0.5) * CELL_DEG, NORTH - (np.arange(rows) + 0.5) * CELL_DEG)
    return plane_m(np.column_stack((east.ravel(), north.ravel()))).reshape(rows, columns)


@settings(deadline=None)
@given(st.floats(0.5, 19.5), st.floats(0.5, 19.5))
def test_a_slope_is_told_exactly_between_the_cells(column: float, row: float) -> None:
    tile = Tile("t", sloping(), (CELL_DEG, 0.0, WEST, 0.0, -CELL_DEG, NORTH), CRS.from_epsg(4326), 3.0)
    place = np.array([[WEST + column * CELL_DEG, NORTH - row * CELL_DEG]])
    assert tile.altitudes_m(place)[0] == pytest.approx(plane_m(place)[0], abs=1e-6)


def test_a_turned_tile_in_utm_feet_is_read_in_metres(tmp_path: Path) -> None:
    """A tile in UTM whose rows do not run east, its heights in US survey feet of NAVD 88."""
    to_utm = Transformer.from_crs("EPSG:4326", "EPSG:32612", always_xy=True)
    x0, y0 = to_utm.transform(-110.95, 32.25)
    transform = Affine.translation(x0, y0) @ Affine.rotation(20.0) @ Affine.scale(30.0, -30.0)
    columns, rows = np.meshgrid(np.arange(100) + 0.5, np.arange(80) + 0.5)
    x, y = transform @ (columns, rows)
    feet = (700.0 + (x - x0) * 0.02 + (y - y0) * 0.01) / (1200.0 / 3937.0)
    path = write_tile(tmp_path / "t.tif", feet, "EPSG:32612+6360", transform)
    ground = load_ground([path], ORIGIN)
    places = np.array([transform @ (c, r) for c, r in ((5.0, 5.0), (50.3, 40.7), (99.0, 79.0))])
    degrees = np.column_stack(to_utm.transform(*places.T, direction="INVERSE"))
    expected = 700.0 + (places[:, 0] - x0) * 0.02 + (places[:, 1] - y0) * 0.01
    assert ground.altitudes_m(degrees) == pytest.approx(expected, abs=1e-3)
    assert ground.error_m == pytest.approx(3.0 + OTHER_DATUM_ERROR_M)


def test_an_srtm_tile_by_its_name_alone(tmp_path: Path) -> None:
    """N32W111: 1,201 by 1,201 big-endian shorts, the first is the north-west corner itself; -32768 unknown."""
    heights = np.full((1201, 1201), 700, dtype=">i2")
    heights[0, 0], heights[600, 600], heights[601, 1200] = 900, 800, -32768
    (tmp_path / "N32W111.hgt").write_bytes(heights.tobytes())
    ground = load_ground([tmp_path / "N32W111.hgt"], ORIGIN)
    places = np.array([(-111.0, 33.0), (-110.5, 32.5), (-110.5 + 1 / 2400, 32.5), (-110.0, 33.0 - 601 / 1200)])
    assert ground.altitudes_m(places) == pytest.approx([900.0, 800.0, 750.0, math.nan], nan_ok=True)
    assert ground.error_m == SRTM_ERROR_M


@pytest.mark.parametrize("marker", [-9999.0, -32768.0, 1e30, math.nan])
@pytest.mark.parametrize("declared", [True, False])
def test_what_is_unknown_is_never_a_height(tmp_path: Path, marker: float, declared: bool) -> None:
    """Whether the file declares its marker or not; and beside an unknown cell nothing is known."""
    heights = sloping()
    heights[10, 10] = marker
    ground = load_ground([write_tile(tmp_path / "t.tif", heights, nodata=marker if declared else None)], ORIGIN)
    at = np.array([10.5, 10.0, 9.51, 9.49, 12.0])
    places = np.column_stack((WEST + at * CELL_DEG, np.full(5, NORTH - 10.5 * CELL_DEG)))
    assert np.isnan(ground.altitudes_m(places)).tolist() == [True, True, True, False, False]
    spot = Position(NORTH - 10.5 * CELL_DEG, WEST + 10.5 * CELL_DEG)
    assert not ground.knows(spot)
    assert ground.altitude(spot).m == pytest.approx(np.nanmax(np.where(heights == marker, np.nan, heights)))


def test_the_finest_tile_counts_and_the_next_fills_its_gaps(tmp_path: Path) -> None:
    fine = np.full((10, 10), 710.0)
    fine[0, 0] = -9999.0
    near = write_tile(tmp_path / "fine.tif", fine, error="2.0")
    far = write_tile(tmp_path / "far.tif", np.full((20, 20), 700.0), error="5.0")
    ground = load_ground([near, far], ORIGIN)
    places = np.array([(WEST + 0.05, NORTH - 0.05), (WEST + 0.005, NORTH - 0.005), (WEST + 0.15, NORTH - 0.15), (0, 0)])
    assert ground.altitudes_m(places) == pytest.approx([710.0, 700.0, 700.0, math.nan], nan_ok=True)
    assert ground.error_m == 5.0


def test_tiles_that_touch_leave_no_gap(tmp_path: Path) -> None:
    """Their outer half cells are theirs, so on the seam something is known, and no line of it is closed."""
    tiles = [
        write_tile(tmp_path / f"{n}.tif", np.full((10, 10), 700.0), transform=Affine.translation(n * 0.1, 0.0) @ GRID)
        for n in range(2)
    ]
    ground = load_ground(tiles, ORIGIN)
    assert isinstance(ground, Terrain)
    seam = np.column_stack((np.linspace(WEST + 0.0999999, WEST + 0.1000001, 51), np.full(51, NORTH - 0.05)))
    assert np.isfinite(ground.altitudes_m(seam)).all()
    area = Zone("a", "area", ZoneKind.OPERATING_AREA, box(WEST + 0.02, NORTH - 0.08, WEST + 0.18, NORTH - 0.02))
    assert closed_where_unknown(ground, [area]) == []


def test_a_place_outside_every_tile_is_closed(tmp_path: Path) -> None:
    heights = np.full((20, 20), 700.0)
    heights[5, 5] = -9999.0
    ground = load_ground([write_tile(tmp_path / "t.tif", heights)], ORIGIN)
    assert isinstance(ground, Terrain)
    area = Zone("a", "area", ZoneKind.OPERATING_AREA, box(-110.98, 32.12, -110.75, 32.28))
    closed = closed_where_unknown(ground, [area])
    assert [zone.kind for zone in closed] == [ZoneKind.NO_FLY]
    airspace = Airspace([area, *closed], ground, ORIGIN, 15.0)
    rng = np.random.default_rng(3)
    places = np.column_stack((rng.uniform(-110.98, -110.75, 2000), rng.uniform(32.12, 32.28, 2000)))
    unknown = np.isnan(ground.altitudes_m(places))
    assert 100 < unknown.sum() < 1900
    local = airspace.frame.array_to_local(places)
    assert not any(airspace.free.contains(Point(place)) for place in local[unknown])
    assert (airspace.floors_m(local, Agl(30.0))[unknown] == math.inf).all()
    assert (airspace.lids_m(local)[unknown] == -math.inf).all()
    assert np.isfinite(airspace.floors_m(local, Agl(30.0))[~unknown]).all()


@pytest.mark.parametrize(
    ("crs", "unit", "error", "declared", "said"),
    [
        (None, None, "3", Declared(), "map projection"),
        ("EPSG:32612", "m", "3", Declared(), "measured from"),
        ("EPSG:32612", None, "3", Declared(datum=VerticalDatum.EGM96), "unit"),
        ("EPSG:32612", "cubits", "3", Declared(datum=VerticalDatum.EGM96), "cubits"),
        (EGM96, "ft", "3", Declared(), "contradicted"),
        (EGM96, None, "3", Declared(unit="ft"), "contradicted"),
        (UTM_NAVD88, None, "3", Declared(datum=VerticalDatum.EGM96), "the site says EGM96"),
        ("EPSG:4326+5799", None, "3", Declared(), "not known here"),
        ("EPSG:4979", "m", "3", Declared(), "geoid_height_m"),
        (EGM96, None, None, Declared(), "ground_error_m"),
        (EGM96, None, "good", Declared(), "no error in metres"),
    ],
)
def test_what_a_tile_must_say(
    tmp_path: Path, crs: str | None, unit: str | None, error: str | None, declared: Declared, said: str
) -> None:
    path = write_tile(tmp_path / "t.tif", sloping(), crs, unit=unit, error=error)
    with pytest.raises(GroundError, match=said) as raised:
        load_ground([path], ORIGIN, declared)
    assert "t.tif" in str(raised.value)


def test_what_the_site_says_for_a_silent_tile(tmp_path: Path) -> None:
    path = write_tile(tmp_path / "t.tif", np.full((5, 5), 2200.0), "EPSG:4326", error=None)
    tile = read_tile(path, Declared(4.0, "ft", VerticalDatum.NAVD88))
    assert tile.heights_m[0, 0] == pytest.approx(2200.0 * 0.3048)
    assert tile.error_m == 4.0 + OTHER_DATUM_ERROR_M
    above_ellipsoid = read_tile(path, Declared(4.0, "m", VerticalDatum.ELLIPSOID, geoid_height_m=-29.4))
    assert above_ellipsoid.heights_m[0, 0] == pytest.approx(2229.4)
    assert above_ellipsoid.error_m == 4.0 + GEOID_ERROR_M


def test_files_that_are_no_tiles(tmp_path: Path) -> None:
    (tmp_path / "bad.tif").write_text("no")
    (tmp_path / "points.csv").write_text("latitude_deg,longitude_deg,altitude_amsl_m,name\n")
    empty = write_tile(tmp_path / "empty.tif", np.full((5, 5), -9999.0))
    for files, said in (
        (["bad.tif"], "cannot be read"),
        (["none.tif"], "not there"),
        (["x.png"], "are read from"),
        (["points.csv", "bad.tif"], "not both"),
        ([empty.name], "no height at all"),
    ):
        with pytest.raises(GroundError, match=said):
            load_ground([tmp_path / name for name in files], ORIGIN)


def test_a_tile_made_from_points_keeps_to_its_stated_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    spots = np.column_stack((rng.uniform(-111.0, -110.9, 60), rng.uniform(32.1, 32.2, 60)))
    points = [GroundPoint(Position(y, x), Amsl(float(h))) for (x, y), h in zip(spots, plane_m(spots), strict=True)]
    error_m = make_tile(points, "points.csv", tmp_path / "made.tif")
    ground = load_ground([tmp_path / "made.tif"], ORIGIN)
    assert ground.error_m == error_m
    surveyed = SurveyedGround(points, ORIGIN)
    off_m = ground.altitudes_m(spots) - surveyed.altitudes_m(spots)
    assert np.nanmax(np.abs(off_m)) <= error_m
    assert np.isfinite(off_m).all()
    assert not ground.knows(Position(32.25, -110.95))
