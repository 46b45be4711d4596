"""What a ground receiver writes (knots, feet, feet a minute, quality numbers) in SI units with errors."""

import math

from dfr.core.geo import Ellipsoid
from dfr.core.traffic import GroundVelocity, PressureAltitude, TrafficCategory

FOOT_M = 0.3048
KNOT_MPS = 1852.0 / 3600.0
FOOT_A_MINUTE_MPS = FOOT_M / 60.0

PRESSURE_ERROR_M = 38.1
"""125 ft: within this the encoder agrees with the altimeter 95 of 100 times (14 CFR 91.217 (a)(2))."""
GEOMETRIC_ERRORS_M = {1: 150.0, 2: 45.0, 3: 45.0}
"""Geometric vertical accuracy (GVA, DO-260B): 95 of 100."""
UNKNOWN_GEOMETRIC_ERROR_M = 150.0
POSITION_ERRORS_M = {
    11: 3.0, 10: 10.0, 9: 30.0, 8: 92.6, 7: 185.2, 6: 555.6, 5: 926.0, 4: 1852.0, 3: 3704.0, 2: 7408.0, 1: 18520.0,
}  # fmt: skip
"""Navigation accuracy category for position (NACp, DO-260B): the estimated position uncertainty, 95 of 100."""
UNKNOWN_POSITION_ERROR_M = 185.2
"""0.1 NM, one step worse than the NACp of 8 that is asked of everybody (14 CFR 91.227 (c)(1)(i))."""

_CATEGORIES = {
    "A7": TrafficCategory.ROTORCRAFT,
    "B1": TrafficCategory.GLIDER,
    "B2": TrafficCategory.BALLOON,
    "B3": TrafficCategory.PARACHUTIST,
    "B4": TrafficCategory.ULTRALIGHT,
    "B6": TrafficCategory.UNCREWED,
    "C1": TrafficCategory.SURFACE,
    "C2": TrafficCategory.SURFACE,
    "C3": TrafficCategory.SURFACE,
}


def category(emitter: str) -> TrafficCategory:
    """The ADS-B emitter category set and number: "A7" is a rotorcraft; A0 and what is not written say nothing."""
    if emitter in ("A1", "A2", "A3", "A4", "A5", "A6"):
        return TrafficCategory.AEROPLANE
    return _CATEGORIES.get(emitter, TrafficCategory.UNKNOWN)


def velocity(speed_knots: float | None, track_deg: float | None) -> GroundVelocity | None:
    """From ground speed and true track; None when either is not known (a track says nothing at rest)."""
    if speed_knots is None or (track_deg is None and speed_knots > 0.0):
        return None
    speed_mps, track = speed_knots * KNOT_MPS, math.radians(track_deg or 0.0)
    return GroundVelocity(speed_mps * math.cos(track), speed_mps * math.sin(track))


def geometric(feet: float, gva: int | None) -> tuple[Ellipsoid, float]:
    """Height above the WGS 84 ellipsoid, and its error."""
    error_m = UNKNOWN_GEOMETRIC_ERROR_M if gva is None else GEOMETRIC_ERRORS_M.get(gva, UNKNOWN_GEOMETRIC_ERROR_M)
    return Ellipsoid(feet * FOOT_M), error_m


def pressure(feet: float) -> tuple[PressureAltitude, float]:
    return PressureAltitude(feet * FOOT_M), PRESSURE_ERROR_M
