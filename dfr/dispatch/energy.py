"""When the battery says that it is time to go home. Pure."""

from dfr.airspace.energy import TripLimits, leg_seconds
from dfr.core.asset import Asset
from dfr.core.geo import distance_m
from dfr.core.telemetry import Telemetry

LIMITS = TripLimits()


def seconds_left(asset: Asset, telemetry: Telemetry) -> float | None:
    """Seconds until it must start for home to land with its reserve; negative when it is late, None when unknown."""
    if telemetry.battery is None or telemetry.kinematics is None or telemetry.home is None:
        return None
    airframe = asset.airframe
    way_m = distance_m(telemetry.kinematics.value.position, telemetry.home.value.position)
    back_s = leg_seconds(way_m, airframe.cruise_mps - LIMITS.wind_mps, LIMITS.acceleration_mps2) + LIMITS.landing_s
    usable_s = (telemetry.battery.value.remaining_fraction - airframe.reserve_fraction) * airframe.endurance_s
    return usable_s - back_s


def must_go_home(asset: Asset, telemetry: Telemetry) -> str:
    """The sentence when it is time, else ""."""
    left_s = seconds_left(asset, telemetry)
    if left_s is None or left_s > 0.0 or telemetry.battery is None:
        return ""
    return (
        f"The battery is at {telemetry.battery.value.remaining_fraction:.0%}: what is left above the reserve of "
        f"{asset.airframe.reserve_fraction:.0%} is what the way home needs."
    )
