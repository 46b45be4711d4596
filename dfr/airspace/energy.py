"""How long a flight takes, and what the battery leaves for the scene."""

import math
from dataclasses import dataclass

from dfr.core.asset import Airframe


@dataclass(frozen=True, slots=True)
class Trip:
    """What one aircraft could do on one route. `sentence` says why not when it cannot ("" when it can)."""

    possible: bool
    seconds_to_scene: float
    seconds_on_scene: float
    sentence: str = ""

    @property
    def minutes_on_scene(self) -> float:
        return self.seconds_on_scene / 60.0


@dataclass(frozen=True, slots=True)
class TripLimits:
    """How a trip is estimated."""

    acceleration_mps2: float = 2.0
    """Taken for speeding up and for stopping."""
    wind_mps: float = 0.0
    """Along the route, against the aircraft both ways: the worst case without knowing its direction."""
    landing_s: float = 45.0
    """From above the dock to disarmed; PX4 takes 29 s from 30 m and 41 s from 40 m."""
    least_on_scene_s: float = 60.0
    """With less than this on the scene an aircraft is not sent."""


def leg_seconds(length_m: float, speed_mps: float, acceleration_mps2: float) -> float:
    """From standing to standing over a length: speeding up, cruising and stopping, or a triangle when it is short."""
    if length_m <= 0.0:
        return 0.0
    ramp_m = speed_mps**2 / acceleration_mps2
    if length_m < ramp_m:
        return 2.0 * math.sqrt(length_m / acceleration_mps2)
    return length_m / speed_mps + speed_mps / acceleration_mps2


def estimate_trip(
    airframe: Airframe,
    battery_fraction: float,
    outbound_m: float,
    climb_m: float,
    return_m: float | None = None,
    limits: TripLimits | None = None,
    seconds_out: float | None = None,
) -> Trip:
    """The way there, the time on the scene, and the way back, with the airframe's reserve left at touchdown.

    outbound_m is the length of the route, climb_m what it climbs above take-off, return_m the straight way home
    (None: as long as the way there), seconds_out the way there where it is known
    better (`profile.py`). battery_fraction is 0 to 1 of full.
    """
    limits = limits or TripLimits()
    ground_speed_mps = airframe.cruise_mps - limits.wind_mps
    if ground_speed_mps <= 0.0:
        return Trip(False, math.inf, 0.0, f"The wind of {limits.wind_mps:.0f} m/s is as fast as the aircraft.")
    out_s = climb_m / airframe.climb_mps + leg_seconds(outbound_m, ground_speed_mps, limits.acceleration_mps2)
    out_s = out_s if seconds_out is None else seconds_out
    way_back_m = outbound_m if return_m is None else return_m
    back_s = leg_seconds(way_back_m, ground_speed_mps, limits.acceleration_mps2) + limits.landing_s
    usable_s = (battery_fraction - airframe.reserve_fraction) * airframe.endurance_s
    on_scene_s = usable_s - out_s - back_s
    if on_scene_s >= limits.least_on_scene_s:
        return Trip(True, out_s, on_scene_s)
    sentence = (
        f"The battery at {battery_fraction:.0%} flies {max(usable_s, 0.0) / 60.0:.0f} min before its reserve of "
        f"{airframe.reserve_fraction:.0%}; there and back takes {(out_s + back_s) / 60.0:.0f} min"
    )
    if on_scene_s > 0.0:
        sentence += (
            f", which leaves {on_scene_s:.0f} s on the scene where {limits.least_on_scene_s:.0f} s are asked for"
        )
    return Trip(False, out_s, max(on_scene_s, 0.0), sentence + ".")
