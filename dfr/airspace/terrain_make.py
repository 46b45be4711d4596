"""A terrain tile made from a table of known points: no survey, and its tags say so."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from rasterio.transform import from_origin
from shapely.geometry import MultiPoint

from dfr.airspace.ground import GroundPoint, SurveyedGround
from dfr.airspace.ground_files import ERROR_TAG
from dfr.core.geo import FloatArray, Position

_UNKNOWN = -32768.0


def make_tile(points: Sequence[GroundPoint], source: str, out: Path, spacing_deg: float = 0.001) -> float:
    """Writes a GeoTIFF of heights above mean sea level (EGM96) interpolated between known points; its error, metres.

    Beyond the outermost points its cells are unknown. The error is that of the points (see `SurveyedGround`) and of the
    straight lines between the cells, at 95 %. Raises ValueError for too few points, OSError where nothing is written.
    """
    places = np.array([(point.position.longitude_deg, point.position.latitude_deg) for point in points])
    (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
    ground = SurveyedGround(points, Position(float(south + north) / 2, float(west + east) / 2))
    columns, rows = math.ceil((east - west) / spacing_deg) + 1, math.ceil((north - south) / spacing_deg) + 1
    longitudes = west + np.arange(columns) * spacing_deg
    latitudes = north - np.arange(rows) * spacing_deg
    heights_m = _heights_m(ground, longitudes, latitudes)
    middles_m = _heights_m(ground, longitudes[:-1] + spacing_deg / 2, latitudes[:-1] - spacing_deg / 2)
    straight_m = (heights_m[:-1, :-1] + heights_m[1:, :-1] + heights_m[:-1, 1:] + heights_m[1:, 1:]) / 4
    known = _inside(MultiPoint(places).convex_hull.buffer(1.5 * spacing_deg), longitudes, latitudes)
    bent_m = np.abs(middles_m - straight_m)[known[:-1, :-1]].max()
    error_m = math.ceil((ground.error_m + float(bent_m)) * 10.0) / 10.0
    corner = from_origin(longitudes[0] - spacing_deg / 2, latitudes[0] + spacing_deg / 2, spacing_deg, spacing_deg)
    with rasterio.open(
        out,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype="float32",
        crs="EPSG:4326+5773",
        transform=corner,
        nodata=_UNKNOWN,
        compress="deflate",
        predictor=3,
    ) as dataset:
        dataset.write(np.where(known, heights_m.round(1), _UNKNOWN).astype(np.float32), 1)
        dataset.update_tags(**{ERROR_TAG: f"{error_m:.1f}", "SOURCE": f"MADE from the points of {source}; no survey"})
    return error_m


def _heights_m(ground: SurveyedGround, longitudes: FloatArray, latitudes: FloatArray) -> FloatArray:
    grid = np.column_stack([axis.ravel() for axis in np.meshgrid(longitudes, latitudes)])
    return ground.altitudes_m(grid).reshape(len(latitudes), len(longitudes))


def _inside(area: shapely.Polygon, longitudes: FloatArray, latitudes: FloatArray) -> npt.NDArray[np.bool_]:
    east, north = np.meshgrid(longitudes, latitudes)
    return np.asarray(shapely.contains_xy(area, east, north), dtype=bool)
