"""Looks ahead for one aircraft: where it will stop if it is told to now, and whether that is still inside."""

import math
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import LineString, Point

from dfr.airspace.airspace import Airspace
from dfr.core.telemetry import Kinematics

_LEAST_BELOW_LID_M = 2.0
"""Planned flights keep the height margin below a ceiling; the guard steps in where less than this would be left."""


class GuardAction(StrEnum):
    CLEAR = "clear"
    WARN = "warn"
    """Going on like this it will have to be stopped within a few seconds."""
    HOLD = "hold"
    """Stop it now: later it would come nearer to the border than the margin."""
    RETURN = "return"
    """It is over the border itself."""


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """How an aircraft stops. The defaults are for PX4's multicopter defaults (MPC_ACC_HOR and MPC_JERK_AUTO)."""

    latency_s: float = 0.4
    """Age of the position plus the way of the command to the aircraft."""
    reaction_s: float = 0.6
    """From the command until the aircraft slows down."""
    deceleration_mps2: float = 2.0
    climb_deceleration_mps2: float = 2.0
    warning_s: float = 3.0
    """It is warned this long before it would be stopped."""


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """What to do about one aircraft. `margin_m` is what is left between its stopping point and the border, sideways or
    upwards, whichever is less; negative beyond it."""

    action: GuardAction
    margin_m: float
    sentence: str = ""


def foresee(kinematics: Kinematics, airspace: Airspace, limits: GuardLimits | None = None) -> GuardVerdict:
    """Clear, warn, hold or return, for the present velocity of one aircraft."""
    limits = limits or GuardLimits()
    here = Point(airspace.frame.to_local(kinematics.position))
    now_m = airspace.border_distance(here)
    lid_now_m = airspace.published_lid(here).altitude.m - kinematics.altitude.m
    if now_m < 0.0 or lid_now_m < 0.0:
        return GuardVerdict(GuardAction.RETURN, min(now_m, lid_now_m), _outside_sentence(now_m, lid_now_m))
    stop_m, stop_lid_m = _stopping(kinematics, airspace, limits, 0.0)
    side_short = stop_m < airspace.margin_m and stop_m < now_m - 0.5
    top_short = stop_lid_m < _LEAST_BELOW_LID_M and stop_lid_m < lid_now_m - 0.5
    margin_m = min(stop_m, stop_lid_m)
    if side_short or top_short:
        what = f"{stop_m:.0f} m from the border" if side_short else f"{stop_lid_m:.0f} m below the ceiling"
        return GuardVerdict(GuardAction.HOLD, margin_m, f"Told to stop now it comes to rest {what}.")
    later_m, later_lid_m = _stopping(kinematics, airspace, limits, limits.warning_s)
    if min(now_m, later_m) < airspace.margin_m or min(lid_now_m, later_lid_m) < _LEAST_BELOW_LID_M:
        return GuardVerdict(GuardAction.WARN, margin_m, "It is near the border, or will be in a few seconds.")
    return GuardVerdict(GuardAction.CLEAR, margin_m)


def _stopping(
    kinematics: Kinematics, airspace: Airspace, limits: GuardLimits, going_on_s: float
) -> tuple[float, float]:
    """The least distance to the border, and below the ceiling, on the way to where it stops."""
    velocity = kinematics.velocity
    speed = velocity.ground_mps
    free_run_s = limits.latency_s + limits.reaction_s + going_on_s
    run_m = speed * free_run_s + speed**2 / (2.0 * limits.deceleration_mps2)
    climb_mps = max(-velocity.down_mps, 0.0)
    climb_m = climb_mps * free_run_s + climb_mps**2 / (2.0 * limits.climb_deceleration_mps2)
    east_m, north_m = airspace.frame.to_local(kinematics.position)
    here = Point(east_m, north_m)
    way: Point | LineString = here
    if run_m > 0.1:
        bearing = math.atan2(velocity.north_mps, velocity.east_mps)
        end = (east_m + math.cos(bearing) * run_m, north_m + math.sin(bearing) * run_m)
        way = LineString(((east_m, north_m), end))
    lid_m = airspace.published_lid(way).altitude.m
    return airspace.border_distance(way), lid_m - (kinematics.altitude.m + climb_m)


def _outside_sentence(side_m: float, lid_m: float) -> str:
    if side_m < 0.0:
        return f"It is {-side_m:.0f} m over the border."
    return f"It is {-lid_m:.0f} m above the ceiling."
