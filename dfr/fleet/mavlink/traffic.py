"""ADSB_VEHICLE: what an aircraft's own receiver hears of others. Pure."""

import math

from dfr.core.geo import Ellipsoid, Position
from dfr.core.traffic import GroundVelocity, Intruder, PressureAltitude, TrafficCategory
from dfr.fleet.mavlink.decode import Fields

ADSB_VEHICLE = "ADSB_VEHICLE"

_COORDINATES, _ALTITUDE, _HEADING, _VELOCITY, _CALLSIGN, _CLIMB = 1, 2, 4, 8, 16, 128
"""ADSB_FLAGS: which fields say something."""
_GEOMETRIC = 1
"""ADSB_ALTITUDE_TYPE_GEOMETRIC; 0 is pressure."""
POSITION_ERROR_M = 185.2
"""The message carries no NACp: one step worse than the 8 that is asked of everybody (14 CFR 91.227)."""
GEOMETRIC_ERROR_M = 75.0
"""45 m as with a GVA of 2, and 30 m as MAVLink does not say whether it is above the ellipsoid or above the sea."""
PRESSURE_ERROR_M = 190.0
"""The encoder's 38 m, and MAVLink does not say whether an altimeter setting is in it (150 m)."""

_CATEGORIES = {
    **dict.fromkeys(range(1, 7), TrafficCategory.AEROPLANE),
    7: TrafficCategory.ROTORCRAFT,
    9: TrafficCategory.GLIDER,
    10: TrafficCategory.BALLOON,
    11: TrafficCategory.PARACHUTIST,
    12: TrafficCategory.ULTRALIGHT,
    14: TrafficCategory.UNCREWED,
    **dict.fromkeys((17, 18, 19), TrafficCategory.SURFACE),
}
"""ADSB_EMITTER_TYPE."""


def intruder(fields: Fields, source: str, now_s: float) -> Intruder | None:
    """None without coordinates. Raises KeyError or ValueError for what is no ADSB_VEHICLE."""
    flags = fields["flags"]
    if not flags & _COORDINATES:
        return None
    velocity = None
    if flags & _VELOCITY and flags & _HEADING:
        velocity = _velocity(fields["hor_velocity"] / 100, fields["heading"] / 100)
    altitude: Ellipsoid | PressureAltitude | None = None
    error_m = 0.0
    if flags & _ALTITUDE:
        height_m = fields["altitude"] / 1e3
        geometric = fields["altitude_type"] == _GEOMETRIC
        altitude = Ellipsoid(height_m) if geometric else PressureAltitude(height_m)
        error_m = GEOMETRIC_ERROR_M if geometric else PRESSURE_ERROR_M
    return Intruder(
        id=f"{fields['ICAO_address'] & 0xFFFFFF:06x}",
        position=Position(fields["lat"] / 1e7, fields["lon"] / 1e7),
        position_error_m=POSITION_ERROR_M,
        seen_s=now_s - fields["tslc"],
        source=source,
        callsign=fields["callsign"].strip("\0 ") if flags & _CALLSIGN else "",
        category=_CATEGORIES.get(fields["emitter_type"], TrafficCategory.UNKNOWN),
        altitude=altitude,
        altitude_error_m=error_m,
        velocity=velocity,
        # The vertical flag came later than the message: a rate that is not 0 counts without it.
        climb_mps=fields["ver_velocity"] / 100 if flags & _CLIMB or fields["ver_velocity"] else None,
    )


def _velocity(speed_mps: float, track_deg: float) -> GroundVelocity:
    track = math.radians(track_deg)
    return GroundVelocity(speed_mps * math.cos(track), speed_mps * math.sin(track))
