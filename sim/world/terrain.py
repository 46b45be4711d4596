"""The ground's height from the terrain tiles of a site: the same heights as the service reads from them."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
from scipy.ndimage import distance_transform_edt

from sim.world.frame import Bools, Floats, LocalFrame

UNITS_M = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us-ft": 1200 / 3937, "us survey foot": 1200 / 3937}
"""All others are metres."""


class Tile:
    """One GeoTIFF or SRTM tile. Where it has no height it has the nearest that it has: cameras see some ground."""

    def __init__(self, file: Path, frame: LocalFrame, site: dict[str, Any]) -> None:
        airspace, geoid_m = site.get("airspace", {}), site.get("traffic", {}).get("geoid_height_m", 0.0)
        with rasterio.open(file) as dataset:
            cells = dataset.read(1, masked=True).astype(float)
            crs = pyproj.CRS.from_wkt(dataset.crs.to_wkt())
            self._to_cells = ~dataset.transform
            unit = (dataset.units[0] or airspace.get("ground_unit", "m")).lower()
            heights_m = (cells * dataset.scales[0] + dataset.offsets[0]) * UNITS_M.get(unit, 1.0)
        heights_m = heights_m.filled(np.nan)
        unknown = ~((heights_m > -450.0) & (heights_m < 9000.0))
        row, column = distance_transform_edt(unknown, return_distances=False, return_indices=True)
        from_ellipsoid = "ellipsoid" in (airspace.get("ground_datum"), "" if crs.is_compound else _third_axis(crs))
        self._heights_m = heights_m[row, column] - (geoid_m if from_ellipsoid else 0.0)
        horizontal = crs.sub_crs_list[0] if crs.is_compound else crs.to_2d()
        self._from_frame = pyproj.Transformer.from_crs(frame.plane, horizontal, always_xy=True)

    def altitude_amsl_m(self, x_m: Floats, y_m: Floats) -> Floats:
        """Bilinear between the cells' middles; beyond the tile as at its edge."""
        column, row, _ = self._cells(x_m, y_m)
        rows, columns = self._heights_m.shape
        column, row = np.clip(column - 0.5, 0, columns - 1), np.clip(row - 0.5, 0, rows - 1)
        left, above = column.astype(int), row.astype(int)
        right, below = np.minimum(left + 1, columns - 1), np.minimum(above + 1, rows - 1)
        to_right, to_below = column - left, row - above
        upper = self._heights_m[above, left] * (1 - to_right) + self._heights_m[above, right] * to_right
        lower = self._heights_m[below, left] * (1 - to_right) + self._heights_m[below, right] * to_right
        return upper * (1 - to_below) + lower * to_below

    def covers(self, x_m: Floats, y_m: Floats) -> Bools:
        """Whether points lie in the tile."""
        column, row, (rows, columns) = self._cells(x_m, y_m)
        return (column >= 0) & (column <= columns) & (row >= 0) & (row <= rows)

    def _cells(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats, tuple[int, int]]:
        there = self._from_frame.transform(np.asarray(x_m, float), np.asarray(y_m, float))
        column, row = self._to_cells @ (np.asarray(there[0]), np.asarray(there[1]))
        return column, row, self._heights_m.shape


class Tiles:
    """The ground of several tiles, the first that covers a point counts; beyond all of them the last."""

    def __init__(self, tiles: Sequence[Tile]) -> None:
        self._tiles = tiles

    def altitude_amsl_m(self, x_m: Floats, y_m: Floats) -> Floats:
        """The ground's altitude at points of the frame, metres above mean sea level."""
        found = self._tiles[-1].altitude_amsl_m(x_m, y_m)
        for tile in reversed(self._tiles[:-1]):
            found = np.where(tile.covers(x_m, y_m), tile.altitude_amsl_m(x_m, y_m), found)
        return found


def read_tiles(folder: Path, frame: LocalFrame) -> Tiles | None:
    """The tiles that a site's dfr.toml names as its ground; None where it names none."""
    file = folder / "dfr.toml"
    site = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    named = site.get("airspace", {}).get("ground", [])
    names = [named] if isinstance(named, str) else named
    tiles = [Tile(folder / name, frame, site) for name in names if Path(name).suffix.lower() != ".csv"]
    return Tiles(tiles) if tiles else None


def _third_axis(crs: pyproj.CRS) -> str:
    return "ellipsoid" if len(crs.axis_info) == 3 else ""
