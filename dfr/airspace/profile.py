"""When a flight is on scene: the launch, the climb along the first leg, the legs, and what corners cost."""

import math
from dataclasses import dataclass

from dfr.airspace.energy import leg_seconds
from dfr.core.asset import Airframe

ACCELERATION_MPS2 = 2.0
"""Speeding up and stopping as PX4 flies it, jerk and the turn of the nose included (MPC_ACC_HOR 3, MPC_JERK_AUTO 4)."""


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds one after the other, from the order to launch until the flight is on scene."""

    lift_off_s: float
    climb_s: float
    """Straight up, until it is clear of its dock."""
    transit_s: float
    """The legs; what was left to climb is climbed meanwhile."""

    @property
    def seconds(self) -> float:
        return self.lift_off_s + self.climb_s + self.transit_s


def phases_to_scene(
    airframe: Airframe,
    clear_m: float,
    height_m: float,
    legs_m: tuple[float, ...],
    passing_m: tuple[float, ...] = (),
    arrival_m: float = 0.0,
    headwind_mps: float = 0.0,
) -> Phases:
    """The phases of a way whose climb goes on along its first leg from clear_m to height_m, both above take-off.

    `passing_m` says for each end of a leg how near it must be come to before the next one is flown; `arrival_m` the
    same for the last. Raises ValueError for a wind that the aircraft makes no way against.
    """
    speed_mps = airframe.cruise_mps - headwind_mps
    if speed_mps <= 0.0:
        raise ValueError(f"The wind of {headwind_mps:.0f} m/s is as fast as the aircraft.")
    reaches = (*passing_m[: len(legs_m) - 1], arrival_m)
    reaches = (*(0.0,) * (len(legs_m) - len(reaches)), *reaches)
    transit_s = sum(_leg_seconds(length, reach, speed_mps) for length, reach in zip(legs_m, reaches, strict=True))
    left_s = max(height_m - clear_m, 0.0) / airframe.climb_mps
    return Phases(airframe.lift_off_s, clear_m / airframe.climb_mps, max(transit_s, left_s))


def _leg_seconds(length_m: float, reach_m: float, speed_mps: float) -> float:
    """Until it is reach_m from the end of the leg, braking for it."""
    braking_m = speed_mps**2 / (2.0 * ACCELERATION_MPS2)
    not_flown_s = math.sqrt(2.0 * min(reach_m, braking_m, length_m / 2.0) / ACCELERATION_MPS2)
    return leg_seconds(length_m, speed_mps, ACCELERATION_MPS2) - not_flown_s
