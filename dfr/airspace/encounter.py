"""Whether other aircraft come too near to one of ours, and what keeps them farther away. Pure; wind-free kinematics.

The bubble is the cylinder that ASTM F3442/F3442M takes for "well clear" of small uncrewed aircraft below 100 kn:
2,000 ft sideways and 250 ft up and down (from Weinert and others, MIT Lincoln Laboratory, 2018). What is not known of
an intruder is taken at its worst: no altitude is our altitude, no velocity is straight at us.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

from dfr.core.geo import Amsl, FloatArray, LocalFrame
from dfr.core.telemetry import Kinematics
from dfr.core.traffic import Intruder, TrafficCategory, TrafficPicture, above_sea

STEP_S = 1.0
VELOCITY_ERROR_MPS = 3.0
"""NACv 2 of DO-260B: 95 of 100 velocities are better."""
TURN_MPS2 = 1.5
"""Unheard it may have turned: half the acceleration of a standard-rate turn (3 degrees a second) at 60 m/s."""
UNKNOWN_SPEED_MPS = 75.0
"""Towards us, when no velocity is known: 145 kn, about the fastest that helicopters fly."""
HELICOPTER_CLIMB_MPS = 5.0
HELICOPTER_CLIMB_S = 20.0
"""A helicopter may begin to climb or descend at 1,000 ft a minute at any moment; for so long it is counted with."""
OWN_ERROR_M = 5.0
REACTION_S = 1.5
"""Until our aircraft begins to do what it is told."""
BRAKING_MPS2 = 2.0
NOTICEABLE = 0.02
"""Of the bubble: a manoeuvre that gains less than this is not worth being ordered."""


class Level(IntEnum):
    """How near it comes, if all goes on as it does."""

    CLEAR = 0
    ADVISE = 1
    """Inside the bubble within the look-ahead: people are told."""
    AVOID = 2
    """So soon that our aircraft must do something about it now."""


class Manoeuvre(StrEnum):
    GO_ON = "go_on"
    HOLD = "hold"
    DESCEND = "descend"


@dataclass(frozen=True, slots=True)
class TrafficLimits:
    """The bubble and when it is acted on."""

    horizontal_m: float = 609.6
    vertical_m: float = 76.2
    look_ahead_s: float = 60.0
    avoid_s: float = 35.0
    """An intruder that is inside the bubble sooner than this makes our aircraft act."""
    clear_factor: float = 1.25
    """The bubble that must stay empty before it counts as clear is larger by this, so that nothing chatters."""
    clear_s: float = 10.0
    """For so long without a break."""


@dataclass(frozen=True, slots=True)
class Own:
    """One of our aircraft: local metres, altitude above mean sea level, metres a second (up positive)."""

    place_m: tuple[float, float, float]
    velocity_mps: tuple[float, float, float]

    @classmethod
    def of(cls, kinematics: Kinematics, frame: LocalFrame) -> "Own":
        east_m, north_m = frame.to_local(kinematics.position)
        v = kinematics.velocity
        return cls((east_m, north_m, kinematics.altitude.m), (v.east_mps, v.north_mps, -v.down_mps))


@dataclass(frozen=True)
class Traffic:
    """Intruders in the air at one moment, as arrays of (n,) and (n, 3): local metres, east, north, up."""

    intruders: tuple[Intruder, ...]
    places_m: FloatArray
    """Up is NaN where no altitude is known."""
    velocities_mps: FloatArray
    """NaN sideways where no velocity is known."""
    errors_m: FloatArray
    vertical_errors_m: FloatArray
    vertical_reach_mps: FloatArray


@dataclass(frozen=True, slots=True)
class Encounter:
    """One intruder and one of our aircraft, now and as predicted when ours goes on."""

    intruder: Intruder
    level: Level
    distance_m: float
    bearing_deg: float
    above_m: float | None
    """Of the intruder over ours; None while its altitude is not known."""
    closing: bool
    inside_s: float | None
    """Seconds until it may be inside the bubble; None when it will not be."""
    near: bool
    """Whether it comes into the larger bubble that must be empty before it counts as clear."""


@dataclass(frozen=True)
class Assessment:
    """All encounters that matter, the most urgent first, and the manoeuvre that keeps the intruders farthest away.

    `separations` are least predicted distances in bubbles (1.0 is its edge), with all errors taken off.
    """

    level: Level
    encounters: tuple[Encounter, ...]
    best: Manoeuvre
    separations: Mapping[Manoeuvre, float]


def traffic_at(picture: TrafficPicture, frame: LocalFrame, now_s: float) -> Traffic:
    """Every airborne intruder moved on to `now_s`, its errors grown by the time that it was not heard."""
    surface = TrafficCategory.SURFACE
    flying = tuple(one for one in picture.intruders if not one.on_ground and one.category is not surface)
    count = len(flying)
    longitude_latitude = np.array([(o.position.longitude_deg, o.position.latitude_deg) for o in flying]).reshape(-1, 2)
    altitudes = [above_sea(one, picture.datums) for one in flying]
    up_m = np.array([math.nan if known is None else known[0].m for known in altitudes])
    vertical_errors = np.array([0.0 if known is None else known[1] for known in altitudes])
    velocities = np.full((count, 3), math.nan)
    for index, one in enumerate(flying):
        if one.velocity is not None:
            velocities[index, :2] = one.velocity.east_mps, one.velocity.north_mps
        velocities[index, 2] = one.climb_mps or 0.0
    ages_s = np.maximum(now_s - np.array([one.seen_s for one in flying]), 0.0)
    places = np.column_stack((frame.array_to_local(longitude_latitude), up_m))
    places = places + np.nan_to_num(velocities) * ages_s[:, None]
    grown = VELOCITY_ERROR_MPS * ages_s + 0.5 * TURN_MPS2 * ages_s**2
    unheard = np.where(np.isnan(velocities[:, 0]), UNKNOWN_SPEED_MPS * ages_s, grown)
    helicopter = np.array([one.category in (TrafficCategory.ROTORCRAFT, TrafficCategory.UNKNOWN) for one in flying])
    reach = np.where(helicopter.reshape(-1), HELICOPTER_CLIMB_MPS, 0.0)
    return Traffic(
        flying,
        places,
        velocities,
        np.array([one.position_error_m for one in flying]) + unheard,
        vertical_errors + reach * np.minimum(ages_s, HELICOPTER_CLIMB_S),
        reach,
    )


def assess(
    own: Own, traffic: Traffic, limits: TrafficLimits, floor: Amsl | None = None, descent_mps: float = 2.0
) -> Assessment:
    """What comes too near within the look-ahead, and the best to do. `floor` None: descending is not asked about."""
    near = _candidates(own, traffic, limits, floor)
    if not near.size:
        return Assessment(Level.CLEAR, (), Manoeuvre.GO_ON, {Manoeuvre.GO_ON: math.inf})
    times = np.arange(0.0, limits.look_ahead_s + STEP_S, STEP_S)
    going_on = separation(own_path(own, Manoeuvre.GO_ON, times), own, traffic, near, times, limits)
    encounters = _encounters(own, traffic, near, times, going_on, limits)
    level = max((one.level for one in encounters), default=Level.CLEAR)
    # What is only near enough to keep an alert alive decides nothing.
    counted = np.array([one.level is not Level.CLEAR for one in encounters], dtype=bool)
    if not counted.any():
        return Assessment(level, encounters, Manoeuvre.GO_ON, {Manoeuvre.GO_ON: float(going_on.min())})
    worth = {Manoeuvre.GO_ON: _worth(own_path(own, Manoeuvre.GO_ON, times), own, traffic, near, times, limits)}
    options = (Manoeuvre.HOLD, Manoeuvre.DESCEND) if floor is not None else (Manoeuvre.HOLD,)
    for option in options:
        worth[option] = _worth(own_path(own, option, times, floor, descent_mps), own, traffic, near, times, limits)
    return Assessment(
        level,
        tuple(sorted(encounters, key=lambda one: (-one.level, one.distance_m))),
        _best(worth),
        {option: found[0] for option, found in worth.items()},
    )


def own_path(
    own: Own, manoeuvre: Manoeuvre, times: FloatArray, floor: Amsl | None = None, descent_mps: float = 2.0
) -> FloatArray:
    """(t, 3) local metres where ours would be: on as it flies, or braking to a stop, or that and down to the floor."""
    place, velocity = np.array(own.place_m), np.array(own.velocity_mps)
    if manoeuvre is Manoeuvre.GO_ON:
        return np.asarray(place + times[:, None] * velocity, dtype=np.float64)
    speed = float(np.linalg.norm(velocity))
    braking = np.clip(times - REACTION_S, 0.0, speed / BRAKING_MPS2)
    run_m = speed * np.minimum(times, REACTION_S) + speed * braking - 0.5 * BRAKING_MPS2 * braking**2
    path = place + (run_m[:, None] * velocity / speed if speed > 0.0 else np.zeros((len(times), 3)))
    if manoeuvre is Manoeuvre.DESCEND and floor is not None:
        sunk = path[:, 2] - descent_mps * np.maximum(times - REACTION_S, 0.0)
        path[:, 2] = np.maximum(sunk, np.minimum(floor.m, path[:, 2]))
    return np.asarray(path, dtype=np.float64)


def separation(
    path: FloatArray,
    own: Own,
    traffic: Traffic,
    near: npt.NDArray[np.intp],
    times: FloatArray,
    limits: TrafficLimits,
    *,
    worst: bool = True,
) -> FloatArray:
    """(t, n) distances in bubbles: the larger of sideways and vertical, 1.0 at its edge; `worst` takes errors off."""
    places, velocities = traffic.places_m[near], _known_velocities(own, traffic, near)
    relative = places[None] + times[:, None, None] * velocities[None] - path[:, None]
    sideways = np.hypot(relative[..., 0], relative[..., 1])
    vertical = np.nan_to_num(np.abs(relative[..., 2]))
    if worst:
        sideways = sideways - traffic.errors_m[near] - OWN_ERROR_M - VELOCITY_ERROR_MPS * times[:, None]
        reach = traffic.vertical_reach_mps[near] * np.minimum(times, HELICOPTER_CLIMB_S)[:, None]
        vertical = vertical - traffic.vertical_errors_m[near] - OWN_ERROR_M - reach
    inside = np.maximum(sideways / limits.horizontal_m, vertical / limits.vertical_m)
    return np.asarray(np.maximum(inside, 0.0), dtype=np.float64)


def _candidates(own: Own, traffic: Traffic, limits: TrafficLimits, floor: Amsl | None) -> npt.NDArray[np.intp]:
    """Those that can come near at all within the look-ahead, whichever manoeuvre ours flies."""
    if not traffic.intruders:
        return np.zeros(0, dtype=np.intp)
    offsets = traffic.places_m[:, :2] - np.array(own.place_m[:2])
    speeds = np.hypot(*np.nan_to_num(traffic.velocities_mps[:, :2], nan=UNKNOWN_SPEED_MPS).T)
    meeting_mps = speeds + math.hypot(*own.velocity_mps[:2]) + VELOCITY_ERROR_MPS
    reach_m = limits.horizontal_m * limits.clear_factor + limits.look_ahead_s * meeting_mps
    beside = np.hypot(*offsets.T) < reach_m + traffic.errors_m + OWN_ERROR_M
    up_m, climbing_m = own.place_m[2], limits.look_ahead_s * abs(own.velocity_mps[2])
    lowest_m = min(up_m, up_m if floor is None else floor.m) - climbing_m
    heights = traffic.places_m[:, 2]
    gap_m = np.maximum(heights - up_m - climbing_m, lowest_m - heights)
    reach_up_m = limits.vertical_m * limits.clear_factor + OWN_ERROR_M + traffic.vertical_errors_m
    reach_up_m = reach_up_m + limits.look_ahead_s * np.abs(traffic.velocities_mps[:, 2])
    reach_up_m = reach_up_m + HELICOPTER_CLIMB_S * traffic.vertical_reach_mps
    return np.flatnonzero(beside & ~(gap_m > reach_up_m))  # an unknown height is NaN, and stays


def _known_velocities(own: Own, traffic: Traffic, near: npt.NDArray[np.intp]) -> FloatArray:
    """An unknown velocity is straight at where ours is now, no farther than that within the look-ahead's reach."""
    velocities = traffic.velocities_mps[near].copy()
    unknown = np.isnan(velocities[:, 0])
    if unknown.any():
        towards = np.array(own.place_m[:2]) - traffic.places_m[near][unknown][:, :2]
        distance = np.maximum(np.hypot(*towards.T), 1.0)
        velocities[unknown, :2] = towards / distance[:, None] * UNKNOWN_SPEED_MPS
    return np.asarray(velocities, dtype=np.float64)


def _encounters(
    own: Own,
    traffic: Traffic,
    near: npt.NDArray[np.intp],
    times: FloatArray,
    going_on: FloatArray,
    limits: TrafficLimits,
) -> tuple[Encounter, ...]:
    found = []
    velocities = _known_velocities(own, traffic, near)
    for column, index in enumerate(near):
        inside = np.flatnonzero(going_on[:, column] < 1.0)
        inside_s = float(times[inside[0]]) if inside.size else None
        soon = inside_s is not None and inside_s <= limits.avoid_s
        level = Level.CLEAR if inside_s is None else Level.AVOID if soon else Level.ADVISE
        east_m, north_m, up_m = (float(v) for v in traffic.places_m[index] - np.array(own.place_m))
        meeting = velocities[column] - np.array(own.velocity_mps)
        found.append(
            Encounter(
                intruder=traffic.intruders[index],
                level=level,
                distance_m=math.hypot(east_m, north_m),
                bearing_deg=math.degrees(math.atan2(east_m, north_m)) % 360.0,
                above_m=None if math.isnan(up_m) else up_m,
                closing=bool(east_m * meeting[0] + north_m * meeting[1] < 0.0),
                inside_s=inside_s,
                near=bool((going_on[:, column] < limits.clear_factor).any()),
            )
        )
    return tuple(found)


def _worth(
    path: FloatArray,
    own: Own,
    traffic: Traffic,
    near: npt.NDArray[np.intp],
    times: FloatArray,
    limits: TrafficLimits,
) -> tuple[float, float]:
    """The least separation from any intruder: as bad as it may be, then as it is most likely."""
    worst = separation(path, own, traffic, near, times, limits).min()
    likely = separation(path, own, traffic, near, times, limits, worst=False).min()
    return float(worst), float(likely)


def _best(worth: Mapping[Manoeuvre, tuple[float, float]]) -> Manoeuvre:
    """Going on unless another gains something in the worst case, or likely where the worst cases are alike."""
    best = Manoeuvre.GO_ON
    for option, (worst, likely) in worth.items():
        if worst > worth[best][0] + NOTICEABLE or (worst >= worth[best][0] and likely > worth[best][1] + NOTICEABLE):
            best = option
    return best
