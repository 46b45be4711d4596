"""How long a flight may still go on, and when it must turn for home. Pure."""

import math
from collections.abc import Sequence

from dfr.airspace.charge import Charge
from dfr.airspace.energy import (
    AnyWind,
    TripLimits,
    UnknownDirection,
    climb,
    hover_w,
    joules_per_m,
    way,
    way_home,
)
from dfr.core.asset import Asset
from dfr.core.energy import Endurance, Wind
from dfr.core.flight import Flight, FlightState
from dfr.core.geo import AboveTakeoff, Waypoint, bearing_deg, distance_m
from dfr.core.telemetry import Telemetry
from dfr.core.weather import Weather
from dfr.core.weather import Wind as Reported

LIMITS = TripLimits()
OLDEST_WIND_S = 30.0
OLDEST_WEATHER_S = 5400.0
ALOFT = 1.3
"""Wind at 60 m over that at a station's 10 m: the power law with the exponent 1/7 of open country."""
ANYWHERE_M = 20.0
"""Nearer to home than this no direction is the way out: the reach is that against the wind."""


def wind_of(telemetry: Telemetry, weather: Weather | None, worst_wind_mps: float, now_s: float) -> AnyWind:
    """What the aircraft estimates, while that is fresh; else the weather's; else the site's worst case.

    A station's wind is no street's: its speed counts, grown to flying height, against the aircraft on every way.
    """
    if telemetry.wind is not None and telemetry.wind.age_s(now_s) <= OLDEST_WIND_S:
        return _vector(telemetry.wind.value)
    if weather is not None and weather.wind is not None and weather.age_s(now_s) <= OLDEST_WEATHER_S:
        return UnknownDirection(weather.wind.mean_mps * ALOFT)
    return UnknownDirection(worst_wind_mps)


def _vector(reported: Reported) -> AnyWind:
    if reported.from_deg is None:
        return UnknownDirection(reported.mean_mps)
    towards = math.radians(reported.from_deg + 180.0)
    return Wind(reported.mean_mps * math.cos(towards), reported.mean_mps * math.sin(towards))


def endurance(
    asset: Asset,
    telemetry: Telemetry,
    charge: Charge,
    wind: AnyWind,
    return_height: AboveTakeoff,
    now_s: float,
    drain: float = 1.0,
    ahead: Sequence[Waypoint] = (),
) -> Endurance | None:
    """Of an aircraft in the air; None while its position or its home is unknown. `drain` makes everything dearer.

    `ahead` is what it has still to fly to the scene; empty: it is there, or goes to none.
    """
    if telemetry.kinematics is None or telemetry.home is None:
        return None
    here, home = telemetry.kinematics.value, telemetry.home.value
    airframe = asset.airframe
    height_m = here.altitude.m - home.altitude.m
    back = way_home(airframe, here.position, home.position, height_m, return_height.m, wind, LIMITS)
    usable_wh = (charge.fraction - airframe.reserve_fraction) * airframe.battery.energy_wh
    spare_wh = usable_wh / drain - back.energy_wh
    way_m = distance_m(here.position, home.position)
    out_deg = bearing_deg(home.position, here.position)
    if not back.possible:
        left_s, farther_m = 0.0, 0.0
    else:
        left_s = spare_wh * 3600.0 / hover_w(airframe, wind)
        farther_m = _farther_m(asset, max(spare_wh, 0.0), out_deg if way_m > ANYWHERE_M else None, wind)
    on_scene_s = left_s
    if ahead:
        height_there_m = ahead[-1].altitude.m - home.altitude.m
        there = climb(airframe, height_there_m - height_m, wind) + way(
            airframe, (here.position, *(one.position for one in ahead)), wind, LIMITS
        )
        home_from_there = way_home(
            airframe, ahead[-1].position, home.position, height_there_m, return_height.m, wind, LIMITS
        )
        both_wh = (there + home_from_there).energy_wh
        on_scene_s = max((usable_wh / drain - both_wh) * 3600.0 / hover_w(airframe, wind), 0.0)
    return Endurance(
        at_s=now_s,
        left_s=left_s,
        on_scene_s=on_scene_s,
        way_home_s=back.seconds if back.possible else way_m / airframe.cruise_mps,
        reach_m=way_m + farther_m if left_s > 0.0 else 0.0,
        charge_fraction=charge.fraction,
        wind=wind if isinstance(wind, Wind) else None,
        drain=drain,
        sentence=charge.sentence,
    )


BEFORE_SCENE = frozenset({FlightState.LAUNCHING, FlightState.EN_ROUTE, FlightState.HOLDING})


def ahead_of(flight: Flight) -> tuple[Waypoint, ...]:
    """What a flight has still to fly to its scene; empty when it has been there or is not going there."""
    if flight.state not in BEFORE_SCENE or "on_scene" in flight.times_s:
        return ()
    return flight.route[flight.leg :]


def _farther_m(asset: Asset, spare_wh: float, out_deg: float | None, wind: AnyWind) -> float:
    """How far out and back the spare energy reaches; in the worst direction when there is none yet."""
    reach = []
    for track in [out_deg] if out_deg is not None else [45.0 * eighth for eighth in range(8)]:
        out = joules_per_m(asset.airframe, track, wind)
        back = joules_per_m(asset.airframe, track + 180.0, wind)
        reach.append(0.0 if out is None or back is None else spare_wh * 3600.0 / (out + back))
    return min(reach)


def must_go_home(asset: Asset, left: Endurance | None) -> str:
    """The sentence when it is time, else "". Unknown is no reason."""
    if left is None or left.left_s > 0.0:
        return ""
    sentence = (
        f"The battery is at {left.charge_fraction:.0%}: what is left above the reserve of "
        f"{asset.airframe.reserve_fraction:.0%} is what the way home needs, {left.way_home_s / 60.0:.1f} min"
    )
    if left.wind is not None and left.wind.speed_mps >= 1.0:
        sentence += f" in {left.wind.speed_mps:.0f} m/s of wind"
    return sentence + (f"; {left.sentence}." if left.sentence else ".")
