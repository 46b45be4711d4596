"""The files that tell how high the ground is, read: GeoTIFF and SRTM tiles, and tables of known points."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.errors import RasterioError

from dfr.airspace.ground import Ground, GroundPoint, SurveyedGround
from dfr.airspace.terrain import Terrain, Tile
from dfr.core.geo import Amsl, FloatArray, Position

ERROR_TAG = "ERROR_95_M"
"""GeoTIFF tag in which `dfr terrain make` keeps a tile's error."""
SRTM_ERROR_M = 19.1
"""The SRTM mission's requirement of 16 m (absolute, 90 %; Farr and others 2007, Rev. Geophys. 45) at 95 %."""
OTHER_DATUM_ERROR_M = 2.0
"""Mean sea level of NAVD 88 and EGM2008 is taken for that of EGM96, and as so much wrong."""
GEOID_ERROR_M = 5.0
"""Ellipsoid heights are turned with one geoid height for the whole site, taken as so much wrong."""
MOST_CELLS = 50_000_000
LOWEST_M, HIGHEST_M = -450.0, 9000.0
"""The Dead Sea's shore and Mount Everest: a value beyond is a marker for "unknown" that the file does not declare."""


class VerticalDatum(StrEnum):
    """What heights of a tile are measured from."""

    EGM96 = "EGM96"
    EGM2008 = "EGM2008"
    NAVD88 = "NAVD88"
    ELLIPSOID = "ellipsoid"


UNITS_M = {
    **dict.fromkeys(("m", "metre", "meter", "metres", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot"), 0.3048),
    **dict.fromkeys(("us-ft", "ftus", "us survey foot", "foot_us", "us survey feet"), 1200.0 / 3937.0),
}


class GroundError(ValueError):
    """A file of ground heights cannot be used; the sentence names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the site says of its tiles. None: the files themselves say it, or the site has a fault."""

    error_m: float | None = None
    """95 of 100 true heights lie within it; counts before what a file says."""
    unit: str | None = None
    """A key of UNITS_M."""
    datum: VerticalDatum | None = None
    geoid_height_m: float | None = None
    """Of the geoid above the ellipsoid, over the site."""


def load_ground(files: Sequence[Path], origin: Position, declared: Declared = Declared()) -> Ground:
    """The ground of a site from its tiles (.tif, .tiff, .hgt; the finest first) or from one table of points (.csv).

    Raises GroundError or ValueError with a sentence for each file that cannot be used.
    """
    tables = [path for path in files if path.suffix.lower() == ".csv"]
    if tables and len(files) > 1:
        raise GroundError(f"{tables[0].name}: a table of points stands alone; name tiles or one table, not both.")
    if tables:
        return SurveyedGround(read_ground_points(tables[0].read_text(encoding="utf-8"), tables[0].name), origin)
    tiles, faults = [], []
    for path in files:
        try:
            tiles.append(read_tile(path, declared))
        except GroundError as fault:
            faults.append(str(fault))
    if faults:
        raise GroundError(" ".join(faults))
    return Terrain(tiles)


def read_ground_points(text: str, file: str) -> list[GroundPoint]:
    """The rows of a table of points. Raises GroundError naming the file and the line."""
    points = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
        try:
            position = Position(float(row["latitude_deg"]), float(row["longitude_deg"]))
            points.append(GroundPoint(position, Amsl(float(row["altitude_amsl_m"])), row.get("name") or ""))
        except (KeyError, TypeError, ValueError) as fault:
            raise GroundError(f"{file}, line {number}: {fault}") from fault
    return points


def read_tile(path: Path, declared: Declared = Declared()) -> Tile:
    """One GeoTIFF or SRTM .hgt tile, its heights turned into metres above mean sea level. Raises GroundError."""
    if path.suffix.lower() not in (".tif", ".tiff", ".hgt"):
        raise GroundError(f"{path.name}: ground heights are read from .tif, .tiff, .hgt or .csv files.")
    if not path.is_file():
        raise GroundError(f"{path} is not there.")
    try:
        with rasterio.open(path) as dataset:
            return _tile(path, dataset, declared)
    except (RasterioError, CRSError) as fault:
        raise GroundError(f"{path.name} cannot be read as a terrain tile: {fault}") from fault


def _tile(path: Path, dataset: Any, declared: Declared) -> Tile:
    if dataset.count != 1:
        raise GroundError(f"{path.name} has {dataset.count} bands; a terrain tile has one, of heights.")
    if dataset.width * dataset.height > MOST_CELLS:
        raise GroundError(
            f"{path.name} has {dataset.width * dataset.height / 1e6:.0f} million cells, and {MOST_CELLS / 1e6:.0f} "
            "million are read at most: cut it to the site (gdal_translate -projwin), or make it coarser (-tr)."
        )
    if dataset.crs is None:
        raise GroundError(f"{path.name} does not say its map projection: write one into it (gdal_edit.py -a_srs).")
    horizontal, vertical = _split(CRS.from_wkt(dataset.crs.to_wkt()))
    is_srtm = path.suffix.lower() == ".hgt"
    unit_m = _unit_m(path, dataset, vertical, declared, is_srtm)
    datum = VerticalDatum.EGM96 if is_srtm else _datum(path, vertical, declared)
    cells = dataset.read(1, masked=True)
    raw = np.asarray(cells.astype(np.float64).filled(math.nan), dtype=np.float64)
    heights_m = (raw * dataset.scales[0] + dataset.offsets[0]) * unit_m
    heights_m[~((heights_m > LOWEST_M) & (heights_m < HIGHEST_M))] = math.nan
    if np.isnan(heights_m).all():
        raise GroundError(f"{path.name} holds no height at all.")
    heights_m, datum_error_m = _above_sea_level(path, heights_m, datum, declared)
    error_m = _error_m(path, dataset, declared, is_srtm) + datum_error_m
    return Tile(path.name, heights_m, tuple(dataset.transform)[:6], horizontal, error_m)


def _split(crs: CRS) -> tuple[CRS, CRS | None]:
    """The map projection, and what its heights are measured from where it says so."""
    if crs.is_compound:
        return crs.sub_crs_list[0], crs.sub_crs_list[1]
    return (crs.to_2d(), crs) if len(crs.axis_info) == 3 else (crs, None)


def _unit_m(path: Path, dataset: Any, vertical: CRS | None, declared: Declared, is_srtm: bool) -> float:
    said: dict[str, float] = {}
    if is_srtm:
        said["an SRTM tile"] = 1.0
    if vertical is not None:
        said[f"its datum {vertical.name}"] = float(vertical.axis_info[-1].unit_conversion_factor)
    if name := (dataset.units[0] or "").strip().lower():
        if name not in UNITS_M:
            raise GroundError(f"{path.name}: the unit {name!r} of its heights is not known; metres or feet are.")
        said[f"its band's unit {name!r}"] = UNITS_M[name]
    if declared.unit is not None and not is_srtm:
        said[f"the site's ground_unit {declared.unit!r}"] = UNITS_M[declared.unit]
    if not said:
        raise GroundError(
            f'{path.name} does not say the unit of its heights: write ground_unit = "m" or "ft" beside ground.'
        )
    if max(said.values()) - min(said.values()) > 1e-9:
        ways = " and ".join(f"{1 / value:.7g} to the metre by {who}" for who, value in said.items())
        raise GroundError(f"{path.name}: the unit of its heights is contradicted: {ways}.")
    return next(iter(said.values()))


def _datum(path: Path, vertical: CRS | None, declared: Declared) -> VerticalDatum:
    said = None if vertical is None else _known_datum(path, vertical)
    if said is not None and declared.datum not in (None, said):
        raise GroundError(f"{path.name} says that its heights are of {said}, and the site says {declared.datum}.")
    datum = said or declared.datum
    if datum is None:
        raise GroundError(
            f"{path.name} does not say what its heights are measured from: write ground_datum, one of "
            f"{', '.join(VerticalDatum)}, beside ground."
        )
    return datum


def _known_datum(path: Path, vertical: CRS) -> VerticalDatum:
    if not vertical.is_vertical:
        return VerticalDatum.ELLIPSOID
    for datum in VerticalDatum:
        if vertical.name.startswith(f"{datum} height"):
            return datum
    raise GroundError(
        f"{path.name}: heights of {vertical.name} are not known here; turn them into EGM96 "
        "(gdalwarp -t_srs EPSG:4326+5773)."
    )


def _above_sea_level(
    path: Path, heights_m: FloatArray, datum: VerticalDatum, declared: Declared
) -> tuple[FloatArray, float]:
    """The heights above mean sea level, and the error that turning them adds."""
    if datum is VerticalDatum.EGM96:
        return heights_m, 0.0
    if datum is not VerticalDatum.ELLIPSOID:
        return heights_m, OTHER_DATUM_ERROR_M
    if declared.geoid_height_m is None:
        raise GroundError(
            f"{path.name} has heights above the ellipsoid: write the geoid's height over the site as geoid_height_m in "
            "[traffic], or turn the tile into EGM96."
        )
    return heights_m - declared.geoid_height_m, GEOID_ERROR_M


def _error_m(path: Path, dataset: Any, declared: Declared, is_srtm: bool) -> float:
    if declared.error_m is not None:
        return declared.error_m
    if text := dataset.tags().get(ERROR_TAG):
        try:
            error_m = float(text)
        except ValueError:
            error_m = math.nan
        if not 0.0 <= error_m < math.inf:
            raise GroundError(f"{path.name}: its tag {ERROR_TAG} says {text!r}, which is no error in metres.")
        return error_m
    if is_srtm:
        return SRTM_ERROR_M
    raise GroundError(
        f"{path.name} does not say how exact its heights are: write ground_error_m, within which 95 of 100 true "
        "heights lie, beside ground."
    )
