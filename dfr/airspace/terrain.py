"""The height of the ground from tiles: interpolated between their cells, unknown where they have none."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from pyproj import CRS, Transformer
from rasterio.features import shapes
from shapely.geometry import Polygon, box, shape
from shapely.geometry.base import BaseGeometry

from dfr.core.geo import Amsl, FloatArray, Position
from dfr.core.zone import Zone, ZoneKind

_SEAM_CELLS = 0.01
"""Tiles that touch have no gap between them, whatever their corners were rounded to."""
_SEAM_DEG = 1e-7
_OUTLINE_CELLS = 50.0
"""The straight edge of a tile is bent by the map projection: so often a corner of it is looked at."""
_LEAST_AREA_DEG2 = 1e-12
"""About 0.01 m²: less of a site than this is the rounding of borders."""


@dataclass(frozen=True)
class Tile:
    """Heights in a grid: (rows, columns) metres above mean sea level, NaN where unknown, each at its cell's middle.

    `to_map` is (a, b, c, d, e, f): x = a column + b row + c, y = d column + e row + f, of the cell's corner, in `crs`.
    """

    name: str
    heights_m: FloatArray
    to_map: tuple[float, float, float, float, float, float]
    crs: CRS
    error_m: float
    """95 of 100 true heights lie within it."""

    def altitudes_m(self, longitude_latitude_deg: FloatArray) -> FloatArray:
        """(n, 2) longitude, latitude in degrees to (n,) metres above mean sea level, NaN where it does not know."""
        rows, columns = self.heights_m.shape
        x, y = self._map_of(longitude_latitude_deg)
        a, b, c, d, e, f = self.to_map
        scale = a * e - b * d
        column = (e * (x - c) - b * (y - f)) / scale
        row = (a * (y - f) - d * (x - c)) / scale
        inside = (column >= -_SEAM_CELLS) & (column <= columns + _SEAM_CELLS)
        inside &= (row >= -_SEAM_CELLS) & (row <= rows + _SEAM_CELLS)
        found = np.full(len(column), math.nan)
        found[inside] = _between(self.heights_m, column[inside] - 0.5, row[inside] - 0.5)
        return found

    def known_area(self) -> BaseGeometry:
        """Where it knows the ground, in longitude, latitude degrees: beside an unknown cell nothing is known."""
        rows, columns = self.heights_m.shape
        unknown = ~np.isfinite(self.heights_m)
        cells = [shape(area) for area, _ in shapes(unknown.astype(np.uint8), mask=unknown)]
        holes = shapely.buffer(shapely.union_all(cells), 0.5 + _SEAM_CELLS, join_style="mitre")
        known = box(0.0, 0.0, columns, rows).segmentize(_OUTLINE_CELLS).difference(holes)
        return shapely.transform(known, self._degrees_of).buffer(_SEAM_DEG)

    @cached_property
    def _transformer(self) -> Transformer | None:
        """None: the map's coordinates are longitude and latitude already."""
        if self.crs.is_geographic and self.crs.datum and self.crs.datum.name.startswith("World Geodetic System 1984"):
            return None
        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    def _map_of(self, longitude_latitude_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
        longitudes, latitudes = longitude_latitude_deg[:, 0], longitude_latitude_deg[:, 1]
        if self._transformer is None:
            return longitudes, latitudes
        x, y = self._transformer.transform(longitudes, latitudes)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def _degrees_of(self, cells: FloatArray) -> FloatArray:
        a, b, c, d, e, f = self.to_map
        x = a * cells[:, 0] + b * cells[:, 1] + c
        y = d * cells[:, 0] + e * cells[:, 1] + f
        if self._transformer is not None:
            x, y = self._transformer.transform(x, y, direction="INVERSE")
        return np.column_stack((x, y))


class Terrain:
    """The ground of several tiles (`dfr.airspace.ground.Ground`): the first tile that knows a place tells its height.

    So the finest is named first. The error is the greatest of the tiles'. Raises ValueError without a tile.
    """

    def __init__(self, tiles: Sequence[Tile]) -> None:
        if not tiles:
            raise ValueError("The ground needs at least one terrain tile.")
        self.tiles = tuple(tiles)
        self._error_m = max(tile.error_m for tile in tiles)
        self._highest_m = max(float(np.nanmax(tile.heights_m)) for tile in tiles)

    @property
    def error_m(self) -> float:
        return self._error_m

    def altitudes_m(self, longitude_latitude_deg: FloatArray) -> FloatArray:
        found = self.tiles[0].altitudes_m(longitude_latitude_deg)
        for tile in self.tiles[1:]:
            missing = np.isnan(found)
            if not missing.any():
                break
            found[missing] = tile.altitudes_m(longitude_latitude_deg[missing])
        return found

    def knows(self, position: Position) -> bool:
        return not math.isnan(self._altitude_m(position))

    def altitude(self, position: Position) -> Amsl:
        altitude_m = self._altitude_m(position)
        return Amsl(self._highest_m if math.isnan(altitude_m) else altitude_m)

    def known_area(self) -> BaseGeometry:
        """Where the ground is known, in longitude, latitude degrees."""
        return shapely.union_all([tile.known_area() for tile in self.tiles])

    def _altitude_m(self, position: Position) -> float:
        return float(self.altitudes_m(np.array([[position.longitude_deg, position.latitude_deg]]))[0])


def closed_where_unknown(terrain: Terrain, zones: Sequence[Zone]) -> list[Zone]:
    """A no-fly zone wherever the zones let something fly and the ground's height is not known; none where it all is."""
    open_area = shapely.union_all([zone.shape for zone in zones if zone.allows])
    unknown = open_area.difference(terrain.known_area())
    pieces = [piece for piece in shapely.get_parts(unknown) if isinstance(piece, Polygon)]
    pieces = [piece for piece in pieces if piece.area > _LEAST_AREA_DEG2]
    if not pieces:
        return []
    return [
        Zone(
            id="ground-unknown",
            name="ground that is in no terrain tile",
            kind=ZoneKind.NO_FLY,
            shape=shapely.union_all(pieces),
            source=", ".join(tile.name for tile in terrain.tiles),
            note="its height is not known, so no height above it can be kept: add a terrain tile",
        )
    ]


def _between(heights_m: FloatArray, column: FloatArray, row: FloatArray) -> FloatArray:
    """Bilinear between the cells' middles; up to half a cell beyond the outermost ones it is theirs. NaN where one of
    the cells that count is."""
    rows, columns = heights_m.shape
    column, row = np.clip(column, 0.0, columns - 1.0), np.clip(row, 0.0, rows - 1.0)
    left, above = np.floor(column).astype(np.intp), np.floor(row).astype(np.intp)
    right, below = np.minimum(left + 1, columns - 1), np.minimum(above + 1, rows - 1)
    to_right, to_below = column - left, row - above
    found = np.zeros(len(column))
    for cell_row, row_share in ((above, 1.0 - to_below), (below, to_below)):
        for cell_column, column_share in ((left, 1.0 - to_right), (right, to_right)):
            share = row_share * column_share
            found += np.where(share > 0.0, share * heights_m[cell_row, cell_column], 0.0)
    return found
