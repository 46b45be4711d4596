"""The simulated cameras and the service stand on the same ground: the heights of the site's own tiles."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from dfr.airspace.ground_files import Declared, VerticalDatum, load_ground
from dfr.core.geo import FloatArray, Position
from sim.world.frame import LocalFrame
from sim.world.ground import read_ground
from tests.support.world import TUCSON

ORIGIN = Position(32.22, -110.92)


def differences_m(site: Path, names: list[str], declared: Declared, half_deg: float) -> FloatArray:
    rng = np.random.default_rng(4)
    degrees = np.column_stack(
        (rng.uniform(-110.92 - half_deg, -110.92 + half_deg, 300), rng.uniform(32.22 - half_deg, 32.22 + half_deg, 300))
    )
    frame = LocalFrame(ORIGIN.latitude_deg, ORIGIN.longitude_deg)
    local = np.array([frame.xy(latitude, longitude) for longitude, latitude in degrees])
    ours_m = load_ground([site / name for name in names], ORIGIN, declared).altitudes_m(degrees)
    theirs_m = read_ground(site, frame, [0.0]).altitude_amsl_m(*local.T)
    assert np.isfinite(ours_m).all()
    return np.abs(ours_m - theirs_m)


def test_the_example_site() -> None:
    assert differences_m(TUCSON, ["terrain_MADE_from_points.tif"], Declared(), 0.05).max() < 0.01


def test_feet_above_the_ellipsoid_in_utm(tmp_path: Path) -> None:
    profile = {"driver": "GTiff", "width": 40, "height": 40, "count": 1, "dtype": "float32", "crs": "EPSG:32612"}
    heights = np.random.default_rng(5).uniform(2100.0, 2200.0, (40, 40)).astype("float32")
    with rasterio.open(
        tmp_path / "near.tif", "w", **profile, transform=from_origin(506_500, 3_566_000, 50, 50)
    ) as file:
        file.write(heights, 1)
    (tmp_path / "dfr.toml").write_text(
        '[airspace]\nground = "near.tif"\nground_unit = "ft"\nground_datum = "ellipsoid"\n'
        "[traffic]\ngeoid_height_m = -29.4\n"
    )
    declared = Declared(3.0, "ft", VerticalDatum.ELLIPSOID, -29.4)
    assert differences_m(tmp_path, ["near.tif"], declared, 0.004).max() < 0.01


def test_the_first_tile_counts_and_beyond_all_some_ground_is_seen(tmp_path: Path) -> None:
    for name, height, half_deg in (("near", 700.0, 0.02), ("far", 800.0, 0.1)):
        heights = np.full((50, 50), height, dtype="float32")
        heights[0, 0] = -9999.0
        corner = from_origin(-110.92 - half_deg, 32.22 + half_deg, half_deg / 25, half_deg / 25)
        profile = {"driver": "GTiff", "width": 50, "height": 50, "count": 1, "dtype": "float32", "nodata": -9999.0}
        with rasterio.open(tmp_path / f"{name}.tif", "w", **profile, crs="EPSG:4326+5773", transform=corner) as file:
            file.write(heights, 1)
    (tmp_path / "dfr.toml").write_text('[airspace]\nground = ["near.tif", "far.tif"]\n')
    ground = read_ground(tmp_path, LocalFrame(ORIGIN.latitude_deg, ORIGIN.longitude_deg), [0.0])
    seen = ground.altitude_amsl_m(np.array([0.0, 5000.0, 90_000.0]), np.array([0.0, 5000.0, 0.0]))
    assert seen.tolist() == [700.0, 800.0, 800.0]
