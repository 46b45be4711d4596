"""The ground and the ceilings of a whole operating area, looked at every 100 m."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.core.geo import FloatArray

_STEP_M = 100.0
_BETWEEN_M = 0.5
"""What the ground may be lower between the places that are looked at."""


@dataclass(frozen=True)
class GroundRaster:
    """Local metres `east_m` (columns), `north_m` (rows); `ground_m` and `lids_m` (rows, columns) above sea level.

    Ground that is not known counts as lower than all, for it is looked at beneath ceilings.
    `lids_m` is the lowest ceiling as published, the error of the ground taken off; `inside` is where one may fly.
    """

    east_m: FloatArray
    north_m: FloatArray
    ground_m: FloatArray
    lids_m: FloatArray
    inside: npt.NDArray[np.bool_]
    error_m: float

    def usable(self, altitude_m: float, working_height_m: float) -> int:
        """At how many places an aircraft at this altitude is below every ceiling and high enough above the ground."""
        low_enough = self.lids_m >= altitude_m + _BETWEEN_M
        high_enough = self.ground_m + self.error_m + working_height_m <= altitude_m
        return int(np.count_nonzero(self.inside & low_enough & high_enough))

    def ground_below(self, altitude_m: float) -> BaseGeometry:
        """The squares in which the ground lies below an altitude somewhere."""
        low = self.ground_m < altitude_m + _BETWEEN_M
        square_low = low[:-1, :-1] | low[1:, :-1] | low[:-1, 1:] | low[1:, 1:]
        boxes = []
        for row, squares in enumerate(square_low):
            edges = np.flatnonzero(np.diff(np.concatenate(([False], squares, [False])).astype(np.int8)))
            starts, ends = edges[0::2], edges[1::2]
            south, north = self.north_m[row], self.north_m[row + 1]
            boxes += [
                shapely.box(self.east_m[a], south, self.east_m[b], north) for a, b in zip(starts, ends, strict=True)
            ]
        return shapely.union_all(boxes)


@lru_cache(maxsize=8)
def ground_raster(airspace: Airspace) -> GroundRaster:
    """Made once for each airspace."""
    west, south, east, north = airspace.operating.union().bounds
    east_m = np.arange(west - _STEP_M, east + 2.0 * _STEP_M, _STEP_M)
    north_m = np.arange(south - _STEP_M, north + 2.0 * _STEP_M, _STEP_M)
    places = np.column_stack([axis.ravel() for axis in np.meshgrid(east_m, north_m)])
    shape = (len(north_m), len(east_m))
    return GroundRaster(
        east_m,
        north_m,
        np.nan_to_num(airspace.ground_m(places), nan=-np.inf).reshape(shape),
        (airspace.lids_m(places) + airspace.height_margin_m).reshape(shape),
        shapely.contains_xy(airspace.open, places).reshape(shape),
        airspace.ground.error_m,
    )
