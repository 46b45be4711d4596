"""Looks ahead for one aircraft: where it will stop if it is told to now, and whether that is still inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from dfr.airspace.airspace import Airspace
from dfr.airspace.energy import AnyWind, UnknownDirection
from dfr.core.energy import Wind
from dfr.core.geo import FloatArray
from dfr.core.stopping import Stopping
from dfr.core.telemetry import Kinematics

LEAST_BELOW_LID_M = 2.0
"""Planned flights keep the height margin below a ceiling; the guard steps in where less than this would be left."""


_STILL_M = 0.1
"""An aircraft that comes to rest within this stands."""


_CREEPS_M = 0.1
"""What climbs by more than this until it rests is stopped near a ceiling, however slowly it climbs."""


_TOGETHER_S = 2.5
"""An autopilot brakes all axes so that they come to rest together: what stops from speed stops climbing as late, but at
most so late. With more, planned climbs along a leg up to a low ceiling would be stopped."""


_LOOK_M = 250.0
"""A border that is farther away than this is not measured: every aircraft stops before it."""


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
    """What is looked ahead besides the way to rest, which is the airframe's own (`Stopping`)."""

    latency_s: float = 0.4
    """Age of the position plus the way of the command to the aircraft."""
    climb_deceleration_mps2: float = 2.0
    warning_s: float = 3.0
    """It is warned this long before it would be stopped."""
    gust_s: float = 0.3
    """A wind carries an aircraft that stops along for so long, for it blows unevenly. Assumed, not measured; the even
    wind is the autopilot's business."""


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """What to do about one aircraft. `margin_m` is what is left between its stopping point and the border, sideways or
    upwards, whichever is less; negative beyond it."""

    action: GuardAction
    margin_m: float
    sentence: str = ""


def foresee(
    kinematics: Kinematics,
    airspace: Airspace,
    stopping: Stopping | None = None,
    limits: GuardLimits | None = None,
    wind: AnyWind | None = None,
) -> GuardVerdict:
    """Clear, warn, hold or return, for the present velocity of one aircraft."""
    return foresee_each([kinematics], airspace, [stopping or Stopping()], limits, [wind])[0]


def pushed_m(wind: AnyWind | None, towards: FloatArray, limits: GuardLimits) -> float:
    """How far a wind carries an aircraft that stops, towards (2,) a unit vector east, north; never negative."""
    match wind:
        case None:
            return 0.0
        case UnknownDirection():
            return wind.speed_mps * limits.gust_s
        case _:
            return float(max(wind.east_mps * towards[0] + wind.north_mps * towards[1], 0.0)) * limits.gust_s


def foresee_each(
    aircraft: Sequence[Kinematics],
    airspace: Airspace,
    each_stops: Sequence[Stopping],
    limits: GuardLimits | None = None,
    winds: Sequence[AnyWind | None] | None = None,
) -> list[GuardVerdict]:
    """The verdicts for many aircraft, worked out together: asked ten times a second, it must cost little.

    `each_stops` and `winds` have one entry an aircraft, in the same order. PX4's overshoot is in `each_stops`: way and
    deceleration are figures that its real stops stay within.
    """
    if not aircraft:
        return []
    limits = limits or GuardLimits()
    deceleration_mps2 = np.array([stops.deceleration_mps2 for stops in each_stops])
    free_run_s = limits.latency_s + np.array([stops.reaction_s for stops in each_stops])
    degrees = [(k.position.longitude_deg, k.position.latitude_deg) for k in aircraft]
    places = airspace.frame.array_to_local(degrees)
    motion = np.array([(k.velocity.east_mps, k.velocity.north_mps, -k.velocity.down_mps) for k in aircraft])
    altitudes_m = np.array([k.altitude.m for k in aircraft])
    pushes = _pushes(motion, winds, limits.gust_s)
    now, later = (
        _ways_to_rest(places, motion, free_run_s + going_on_s, deceleration_mps2, limits, pushes)
        for going_on_s in (0.0, limits.warning_s)
    )
    ways = np.concatenate([shapely.points(places), now.ways, later.ways])
    climbs_m = np.concatenate([np.zeros(len(aircraft)), now.climbs_m, later.climbs_m])
    side_m = airspace.border_distances(ways, _LOOK_M).reshape(3, -1)
    top_m = (airspace.published_lids_m(ways) - np.tile(altitudes_m, 3) - climbs_m).reshape(3, -1)
    near = np.any(side_m < airspace.margin_m, axis=0) | np.any(top_m < LEAST_BELOW_LID_M, axis=0)
    left_m = np.minimum(side_m[1], top_m[1])
    return [
        _verdict(side_m[:, i], top_m[:, i], airspace.margin_m)
        if near[i]
        else GuardVerdict(GuardAction.CLEAR, float(left_m[i]))
        for i in range(len(aircraft))
    ]


def _pushes(motion: FloatArray, winds: Sequence[AnyWind | None] | None, gust_s: float) -> FloatArray:
    """How far the winds carry aircraft while they stop, (n, 2) metres east, north. One of unknown direction is behind
    them; what stands is not carried: it stands in that wind already."""
    if winds is None:
        return np.zeros((len(motion), 2))
    known = [(wind.east_mps, wind.north_mps) if isinstance(wind, Wind) else (0.0, 0.0) for wind in winds]
    feared_mps = np.array([wind.speed_mps if isinstance(wind, UnknownDirection) else 0.0 for wind in winds])
    speed_mps = np.maximum(np.hypot(motion[:, 0], motion[:, 1]), 1e-6)
    pushes = np.array(known) + motion[:, :2] * (feared_mps / speed_mps)[:, None]
    return np.asarray(pushes * gust_s, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _WaysToRest:
    """The ways to where each aircraft comes to rest, as (n,) lines in local metres, and how far it climbs, (n,)."""

    ways: npt.NDArray[np.object_]
    climbs_m: FloatArray


def _ways_to_rest(
    places: FloatArray,
    motion: FloatArray,
    free_run_s: FloatArray,
    deceleration_mps2: FloatArray,
    limits: GuardLimits,
    pushes: FloatArray,
) -> _WaysToRest:
    """`places` is (n, 2) east, north metres, `motion` (n, 3) east, north, up in metres a second, `pushes` (n, 2) metres
    that winds carry them, the others (n,)."""
    speed_mps = np.hypot(motion[:, 0], motion[:, 1])
    # Run over speed: how many seconds of the present velocity the way to rest is long.
    way_s = free_run_s + speed_mps / (2.0 * deceleration_mps2)
    ends = places + motion[:, :2] * way_s[:, None] + pushes
    climb_mps = np.maximum(motion[:, 2], 0.0)
    brakes_s = np.maximum(
        climb_mps / limits.climb_deceleration_mps2, np.minimum(speed_mps / deceleration_mps2, _TOGETHER_S)
    )
    climbs_m = climb_mps * (free_run_s + brakes_s / 2.0)
    lines = shapely.linestrings(np.stack([places, ends], axis=1))
    still = speed_mps * way_s <= _STILL_M
    return _WaysToRest(np.where(still, np.asarray(shapely.points(places)), np.asarray(lines)), climbs_m)


def _verdict(side_m: FloatArray, top_m: FloatArray, margin_m: float) -> GuardVerdict:
    """From (3,) distances to the border and below the lid: now, at rest when told now, at rest when told later."""
    now_m, stop_m, later_m = (float(value) for value in side_m)
    lid_now_m, stop_lid_m, later_lid_m = (float(value) for value in top_m)
    if now_m < 0.0 or lid_now_m < 0.0:
        return GuardVerdict(GuardAction.RETURN, min(now_m, lid_now_m), _outside_sentence(now_m, lid_now_m))
    side_short = stop_m < margin_m and stop_m < now_m - 0.5
    top_short = stop_lid_m < LEAST_BELOW_LID_M and stop_lid_m < lid_now_m - _CREEPS_M
    left_m = min(stop_m, stop_lid_m)
    if side_short or top_short:
        what = f"{stop_m:.0f} m from the border" if side_short else f"{stop_lid_m:.0f} m below the ceiling"
        return GuardVerdict(GuardAction.HOLD, left_m, f"Told to stop now it comes to rest {what}.")
    if min(now_m, later_m) < margin_m or min(lid_now_m, later_lid_m) < LEAST_BELOW_LID_M:
        return GuardVerdict(GuardAction.WARN, left_m, "It is near the border, or will be in a few seconds.")
    return GuardVerdict(GuardAction.CLEAR, left_m)


def _outside_sentence(side_m: float, lid_m: float) -> str:
    if side_m < 0.0:
        return f"It is {-side_m:.0f} m over the border."
    return f"It is {-lid_m:.0f} m above the ceiling."
