"""Metres east and north of a site's origin."""

import numpy as np
import numpy.typing as npt
import pyproj

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


class LocalFrame:
    """x east and y north in metres on a transverse Mercator plane through the origin; WGS84 degrees outside."""

    def __init__(self, latitude_deg: float, longitude_deg: float) -> None:
        self.plane = f"+proj=tmerc +lat_0={latitude_deg} +lon_0={longitude_deg} +ellps=WGS84 +units=m"
        self._transform = pyproj.Transformer.from_crs("EPSG:4326", self.plane, always_xy=True)

    def xy(self, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
        """The point in metres."""
        x, y = self._transform.transform(longitude_deg, latitude_deg)
        return float(x), float(y)
