"""Other aircraft in the air: what was heard of each, and what that makes of it in the datums that we fly by."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from dfr.core.geo import Amsl, Ellipsoid, Position

STALE_S = 5.0
"""A position older than this is shown as old: ADS-B positions come twice a second (14 CFR 91.227, DO-260B)."""
DROPPED_S = 30.0
"""After this an aircraft is no traffic any more."""
UNKNOWN_GEOID_M = 107.0
"""No geoid height is larger in EGM96 than this: the error of an ellipsoidal height where the site does not say."""
GEOID_ERROR_M = 5.0
UNKNOWN_PRESSURE_M = 150.0
"""Sea-level pressures of 995 to 1031 hPa, at 8.3 m a hPa: a pressure altitude's error with no altimeter setting."""
TEMPERATURE_FRACTION = 0.1
"""Air that is 28 degrees off the standard makes a pressure altitude a tenth wrong."""
STANDARD_HPA = 1013.25


class TrafficCategory(StrEnum):
    """What kind of aircraft, as far as it matters here (the emitter categories of DO-260B, put together)."""

    UNKNOWN = "unknown"
    AEROPLANE = "aeroplane"
    ROTORCRAFT = "rotorcraft"
    GLIDER = "glider"
    BALLOON = "balloon"
    PARACHUTIST = "parachutist"
    ULTRALIGHT = "ultralight"
    UNCREWED = "uncrewed"
    SURFACE = "surface"


@dataclass(frozen=True, slots=True, order=True)
class PressureAltitude:
    """Metres above the 1013.25 hPa surface of the standard atmosphere: what a transponder sends."""

    m: float


@dataclass(frozen=True, slots=True)
class GroundVelocity:
    """Over ground, metres a second."""

    north_mps: float
    east_mps: float


@dataclass(frozen=True, slots=True)
class Intruder:
    """The last that was heard of one aircraft. Errors are such that 95 of 100 are smaller.

    `id` is its ICAO address as six hexadecimal digits, with "~" before it where it is another kind of address.
    `seen_s` (UTC seconds) is the time of the position, not of the message.
    """

    id: str
    position: Position
    position_error_m: float
    seen_s: float
    source: str
    callsign: str = ""
    category: TrafficCategory = TrafficCategory.UNKNOWN
    altitude: Ellipsoid | PressureAltitude | None = None
    altitude_error_m: float = 0.0
    """Of what the aircraft sends; what the datum adds is in `above_sea`."""
    velocity: GroundVelocity | None = None
    climb_mps: float | None = None
    on_ground: bool = False

    @property
    def name(self) -> str:
        """`Helicopter N123AB`: how people are told of it."""
        return f"{_KINDS[self.category]} {self.callsign or self.id.upper()}"


_KINDS = {
    TrafficCategory.UNKNOWN: "Aircraft",
    TrafficCategory.AEROPLANE: "Aeroplane",
    TrafficCategory.ROTORCRAFT: "Helicopter",
    TrafficCategory.GLIDER: "Glider",
    TrafficCategory.BALLOON: "Balloon",
    TrafficCategory.PARACHUTIST: "Parachutist",
    TrafficCategory.ULTRALIGHT: "Ultralight",
    TrafficCategory.UNCREWED: "Drone",
    TrafficCategory.SURFACE: "Vehicle",
}


@dataclass(frozen=True, slots=True)
class Datums:
    """What turns heard altitudes into metres above sea level at a site; None where the site does not say."""

    geoid_height_m: float | None = None
    """Of EGM96 above the WGS 84 ellipsoid, negative in North America."""
    altimeter_hpa: float | None = None
    """The local altimeter setting (QNH)."""


def above_sea(intruder: Intruder, datums: Datums) -> tuple[Amsl, float] | None:
    """The altitude and its error (95 of 100) in metres; None when the aircraft sends none."""
    match intruder.altitude:
        case None:
            return None
        case Ellipsoid(m=height_m):
            if datums.geoid_height_m is None:
                return Amsl(height_m), intruder.altitude_error_m + UNKNOWN_GEOID_M
            return Amsl(height_m - datums.geoid_height_m), intruder.altitude_error_m + GEOID_ERROR_M
        case PressureAltitude(m=height_m):
            error_m = intruder.altitude_error_m + TEMPERATURE_FRACTION * max(height_m, 0.0)
            if datums.altimeter_hpa is None:
                return Amsl(height_m), error_m + UNKNOWN_PRESSURE_M
            return Amsl(height_m + _setting_m(datums.altimeter_hpa)), error_m


def _setting_m(altimeter_hpa: float) -> float:
    """What an altimeter setting adds to a pressure altitude (ICAO standard atmosphere, Doc 7488)."""
    return 44_330.77 * (math.pow(altimeter_hpa / STANDARD_HPA, 0.190263) - 1.0)


def merged(known: Intruder, heard: Intruder) -> Intruder:
    """Two reports of one aircraft as one: the newer position, and from the other what the newer does not say.

    What moves (altitude, velocity) is taken over only while it is not stale; what the aircraft is, always.
    """
    newer, older = (heard, known) if heard.seen_s >= known.seen_s else (known, heard)
    fresh = newer.seen_s - older.seen_s < STALE_S
    has_altitude = newer.altitude is not None or newer.on_ground or not fresh
    known_kind = newer.category is not TrafficCategory.UNKNOWN
    return replace(
        newer,
        callsign=newer.callsign or older.callsign,
        category=newer.category if known_kind else older.category,
        altitude=newer.altitude if has_altitude else older.altitude,
        altitude_error_m=newer.altitude_error_m if has_altitude else older.altitude_error_m,
        velocity=newer.velocity if newer.velocity is not None or not fresh else older.velocity,
        climb_mps=newer.climb_mps if newer.climb_mps is not None or not fresh else older.climb_mps,
    )


@dataclass(frozen=True, slots=True)
class TrafficSource:
    """How one source of traffic is: `sentence` says what is wrong ("" when nothing is)."""

    id: str
    heard_s: float | None
    sentence: str = ""
    bad_messages: int = 0


@dataclass(frozen=True, slots=True)
class TrafficPicture:
    """All traffic of one moment, and how the sources are. `dropped` counts aircraft that there was no room for."""

    intruders: tuple[Intruder, ...] = ()
    sources: tuple[TrafficSource, ...] = ()
    dropped: int = 0
    datums: Datums = Datums()
