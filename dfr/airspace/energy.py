"""What a flight takes in time and in energy, in wind. The one model: choosing, watching and the pilot's minutes use it.

Power over airspeed is that of a rotor (Leishman, Principles of Helicopter Aerodynamics, 2.14 and 5.5): induced power
that falls with speed after Glauert, a constant, and drag's power that grows with the cube. Planning never counts on
the dip between: a gain that is smaller than what is not known of the wind is no gain, and so more wind against never
leaves more time.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from dfr.core.asset import Airframe
from dfr.core.energy import PowerModel, Wind
from dfr.core.geo import Position, bearing_deg, distance_m

LEAST_GROUND_SPEED_MPS = 1.0
"""Slower than this over ground a way is not flown."""
CALM = Wind(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class UnknownDirection:
    """A wind of which only the speed is known or feared: it is against the aircraft on every way."""

    speed_mps: float


AnyWind = Wind | UnknownDirection


@dataclass(frozen=True, slots=True)
class TripLimits:
    """How a trip is estimated."""

    acceleration_mps2: float = 2.0
    """Taken for speeding up and for stopping."""
    landing_s: float = 45.0
    """From `landing_from_m` above the dock to disarmed; PX4 takes 29 s from 30 m and 41 s from 40 m."""
    landing_from_m: float = 45.0
    least_on_scene_s: float = 60.0
    """With less than this on the scene an aircraft is not sent, whatever was asked for."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of flight takes. `seconds` is infinite where the wind does not let it be flown."""

    seconds: float = 0.0
    energy_wh: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.seconds + other.seconds, self.energy_wh + other.energy_wh)

    @property
    def possible(self) -> bool:
        return math.isfinite(self.seconds)


IMPOSSIBLE = Cost(math.inf, math.inf)


def induced_share(airspeed_mps: float, hover_induced_mps: float) -> float:
    """The induced power at an airspeed over that of hovering, 1 at rest (Glauert, level flight)."""
    half_square = (airspeed_mps / hover_induced_mps) ** 2 / 2.0
    # The difference of two nearly equal numbers at high speed, written so that nothing is lost.
    return math.sqrt(1.0 / (math.sqrt(1.0 + half_square**2) + half_square))


def power_w(model: PowerModel, airspeed_mps: float, climb_mps: float = 0.0) -> float:
    """Watts at the battery; `climb_mps` upwards, negative when sinking."""
    vertical_w = model.climb_j_per_m * climb_mps if climb_mps > 0.0 else model.descent_j_per_m * climb_mps
    level_w = (
        model.base_w
        + model.induced_w * induced_share(airspeed_mps, model.hover_induced_mps)
        + model.parasitic_w_per_mps3 * airspeed_mps**3
    )
    return max(level_w + vertical_w, 0.0)


def planned_power_w(model: PowerModel, airspeed_mps: float, climb_mps: float = 0.0) -> float:
    """As `power_w`, but never below hovering and never less for a faster air: what plans reckon with."""
    return max(model.hover_w, power_w(model, airspeed_mps)) + model.climb_j_per_m * max(climb_mps, 0.0)


def leg_seconds(length_m: float, speed_mps: float, acceleration_mps2: float) -> float:
    """From standing to standing over a length: speeding up, cruising and stopping, or a triangle when it is short."""
    if length_m <= 0.0:
        return 0.0
    ramp_m = speed_mps**2 / acceleration_mps2
    if length_m < ramp_m:
        return 2.0 * math.sqrt(length_m / acceleration_mps2)
    return length_m / speed_mps + speed_mps / acceleration_mps2


def components(wind: AnyWind, track_deg: float) -> tuple[float, float]:
    """The wind along a track (positive from behind) and across it."""
    if isinstance(wind, UnknownDirection):
        return -wind.speed_mps, 0.0
    track = math.radians(track_deg)
    along = wind.north_mps * math.cos(track) + wind.east_mps * math.sin(track)
    return along, wind.east_mps * math.cos(track) - wind.north_mps * math.sin(track)


def ground_speed_mps(airframe: Airframe, wind: AnyWind, track_deg: float) -> float | None:
    """What is made good along a track: the cruise speed, or what the greatest airspeed leaves of it; None: nothing."""
    along, across = components(wind, track_deg)
    most = airframe.power.max_airspeed_mps
    if abs(across) >= most:
        return None
    speed = min(airframe.cruise_mps, math.sqrt(most**2 - across**2) + along)
    return speed if speed >= LEAST_GROUND_SPEED_MPS else None


def leg(airframe: Airframe, length_m: float, track_deg: float, wind: AnyWind, limits: TripLimits) -> Cost:
    """A straight and level way over ground."""
    if length_m <= 0.0:
        return Cost()
    speed = ground_speed_mps(airframe, wind, track_deg)
    if speed is None:
        return IMPOSSIBLE
    along, across = components(wind, track_deg)
    seconds = leg_seconds(length_m, speed, limits.acceleration_mps2)
    return _drawn(planned_power_w(airframe.power, math.hypot(speed - along, across)), seconds)


def joules_per_m(airframe: Airframe, track_deg: float, wind: AnyWind) -> float | None:
    """Of cruising along a track, over ground; None where the wind does not let it."""
    speed = ground_speed_mps(airframe, wind, track_deg)
    if speed is None:
        return None
    along, across = components(wind, track_deg)
    return planned_power_w(airframe.power, math.hypot(speed - along, across)) / speed


def way(airframe: Airframe, places: Sequence[Position], wind: AnyWind, limits: TripLimits) -> Cost:
    """Straight legs from place to place, with a stop at each."""
    total = Cost()
    for start, end in pairwise(places):
        total += leg(airframe, distance_m(start, end), bearing_deg(start, end), wind, limits)
    return total


def hover_w(airframe: Airframe, wind: AnyWind) -> float:
    """Watts of standing still over ground."""
    speed = wind.speed_mps
    return planned_power_w(airframe.power, min(speed, airframe.power.max_airspeed_mps))


def climb(airframe: Airframe, height_m: float, wind: AnyWind) -> Cost:
    """Straight up."""
    if height_m <= 0.0:
        return Cost()
    seconds = height_m / airframe.climb_mps
    return _drawn(planned_power_w(airframe.power, wind.speed_mps, airframe.climb_mps), seconds)


def way_home(
    airframe: Airframe,
    here: Position,
    home: Position,
    height_m: float,
    return_height_m: float,
    wind: AnyWind,
    limits: TripLimits,
) -> Cost:
    """PX4's Return: up to its height where it is lower, straight home, and down. Heights above home."""
    from_m = max(height_m, return_height_m)
    landing_s = limits.landing_s + max(from_m - limits.landing_from_m, 0.0) / airframe.descent_mps
    return (
        climb(airframe, return_height_m - height_m, wind)
        + leg(airframe, distance_m(here, home), bearing_deg(here, home), wind, limits)
        + _drawn(hover_w(airframe, wind), landing_s)
    )


def _drawn(watts: float, seconds: float) -> Cost:
    return Cost(seconds, watts * seconds / 3600.0)


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


def estimate_trip(
    airframe: Airframe,
    charge_fraction: float,
    route: Sequence[Position],
    climb_m: float,
    *,
    wind: AnyWind = CALM,
    return_height_m: float = 45.0,
    asked_on_scene_s: float = 0.0,
    limits: TripLimits | None = None,
    seconds_out: float | None = None,
) -> Trip:
    """Can it get there, stay the asked time, and come back with its reserve, in this wind?

    `route` begins at home and ends where it holds, climb_m is what it climbs above take-off. The way back is straight.
    charge_fraction is 0 to 1 of full; seconds_out the way there in calm air where it is known better (`profile.py`).
    """
    limits = limits or TripLimits()
    asked_s = max(asked_on_scene_s, limits.least_on_scene_s)
    out = climb(airframe, climb_m, wind) + way(airframe, route, wind, limits)
    back = way_home(airframe, route[-1], route[0], climb_m, return_height_m, wind, limits)
    if not (out.possible and back.possible):
        sentence = f"The wind of {wind.speed_mps:.0f} m/s is too fast for it on the way there or back."
        return Trip(False, math.inf, 0.0, sentence)
    usable_wh = (charge_fraction - airframe.reserve_fraction) * airframe.battery.energy_wh
    hovering_w = hover_w(airframe, wind)
    on_scene_s = (usable_wh - out.energy_wh - back.energy_wh) * 3600.0 / hovering_w
    # When it is there is told without a wind that is only feared.
    expected = climb(airframe, climb_m, CALM) + way(airframe, route, CALM, limits)
    later_s = 0.0 if isinstance(wind, UnknownDirection) else out.seconds - expected.seconds
    there_s = (expected.seconds if seconds_out is None else seconds_out) + later_s
    if on_scene_s >= asked_s:
        return Trip(True, there_s, on_scene_s)
    usable_min = max(usable_wh, 0.0) * 60.0 / hovering_w
    both_min = (out.seconds + back.seconds) / 60.0
    sentence = (
        f"The battery at {charge_fraction:.0%} flies {usable_min:.0f} min before its reserve of "
        f"{airframe.reserve_fraction:.0%}; there and back takes {both_min:.0f} min{_in(wind)}"
    )
    if on_scene_s > 0.0:
        sentence += f", which leaves {_span(on_scene_s)} on the scene where {_span(asked_s)} are asked for"
    return Trip(False, there_s, max(on_scene_s, 0.0), sentence + ".")


def _in(wind: AnyWind) -> str:
    return f" in {wind.speed_mps:.0f} m/s of wind" if wind.speed_mps >= 0.5 else ""


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120.0 else f"{seconds / 60.0:.0f} min"
