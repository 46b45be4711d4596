"""Keeps two of ours apart: when they would come too near to each other, which of them yields, and how. Pure.

Too near is a cylinder: nearer sideways and in height both. Both are taken to fly on straight as they do.

Who yields, of two:
1. One that this service does not steer now (landing, climbing over its dock, flown by its autopilot or by somebody
   else) never does; of two such people are told, and nobody is ordered.
2. One that is out yields to one on its way home, whose battery counts.
3. One that moves yields to one that stands: it has only to stop.
4. Else the one that was launched later. Who yields already goes on yielding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from dfr.airspace.encounter import Manoeuvre, Own
from dfr.core.geo import FloatArray
from dfr.core.stopping import Stopping

STANDS_MPS = 0.5
_LATENCY_S = 0.4


class Precedence(IntEnum):
    """The lower one yields."""

    OUT = 0
    HOMEWARD = 1
    NOT_STEERED = 2


@dataclass(frozen=True, slots=True)
class ApartLimits:
    """How far apart two of ours are kept, and how early something is done about it."""

    sideways_m: float = 30.0
    height_m: float = 10.0
    look_ahead_s: float = 20.0
    """Sooner than this people are told."""
    act_s: float = 12.0
    """Sooner than this one of them is ordered to yield: it may have to brake from its fastest, or go down first."""
    clear_factor: float = 1.25
    """The cylinder that must stay empty before the one that yielded goes on is larger by this."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of ours in the air. `floor_m` is the lowest altitude it may go down to where it is, None: it may not."""

    flight_id: str
    name: str
    own: Own
    precedence: Precedence
    launched_s: float
    stopping: Stopping = Stopping()
    floor_m: float | None = None
    yields_already: bool = False

    @property
    def stands(self) -> bool:
        return math.hypot(*self.own.velocity_mps) < STANDS_MPS


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two that come too near; `one` is who yields, if it is steered. GO_ON: there is still time, or nothing helps.
    `lower_m` is the altitude to go down to."""

    one: Member
    two: Member
    in_s: float
    distance_m: float
    manoeuvre: Manoeuvre
    lower_m: float | None = None

    @property
    def yields(self) -> Member | None:
        """Who yields; None when neither is steered."""
        return None if self.one.precedence is Precedence.NOT_STEERED else self.one


def conflicts(members: Sequence[Member], limits: ApartLimits) -> list[Conflict]:
    """Every pair that comes too near within the look-ahead, soonest first."""
    if len(members) < 2:
        return []
    first, second = np.triu_indices(len(members), 1)
    places = np.array([member.own.place_m for member in members])
    motion = np.array([member.own.velocity_mps for member in members])
    entered_s = entry_s(places[second] - places[first], motion[second] - motion[first], limits)
    found = []
    for pair in np.flatnonzero(entered_s <= limits.look_ahead_s):
        one, two = members[first[pair]], members[second[pair]]
        found.append(_conflict(one, two, float(entered_s[pair]), limits))
    return sorted(found, key=lambda conflict: conflict.in_s)


def entry_s(apart_m: FloatArray, relative_mps: FloatArray, limits: ApartLimits, factor: float = 1.0) -> FloatArray:
    """When each of n pairs comes too near: 0 where it is, inf where it does not. (n, 3) how far the second is from the
    first and how it moves against it, east, north, up; the cylinder is larger by `factor`."""
    sideways = _inside_s(apart_m[:, :2], relative_mps[:, :2], limits.sideways_m * factor)
    height = _inside_s(apart_m[:, 2:], relative_mps[:, 2:], limits.height_m * factor)
    begins = np.maximum(np.maximum(sideways[0], height[0]), 0.0)
    return np.where(begins < np.minimum(sideways[1], height[1]), begins, math.inf)


def _inside_s(apart_m: FloatArray, relative_mps: FloatArray, within_m: float) -> tuple[FloatArray, FloatArray]:
    """From when to when each of n pairs is nearer than within_m, in any number of dimensions; never: (inf, -inf)."""
    a = (relative_mps**2).sum(axis=1)
    b = (apart_m * relative_mps).sum(axis=1)
    c = (apart_m**2).sum(axis=1) - within_m**2
    still = a < 1e-9
    root2 = b**2 - a * c
    never = np.where(still, c >= 0.0, root2 <= 0.0)
    root = np.sqrt(np.maximum(root2, 0.0))
    speed2 = np.where(still, 1.0, a)
    begins = np.where(still, -math.inf, (-b - root) / speed2)
    ends = np.where(still, math.inf, (-b + root) / speed2)
    return np.where(never, math.inf, begins), np.where(never, -math.inf, ends)


def who_yields(one: Member, two: Member) -> tuple[Member, Member]:
    """The one that yields by the rule above, and the other."""

    def rank(member: Member) -> tuple[int, bool, bool, float, str]:
        return member.precedence, not member.yields_already, member.stands, -member.launched_s, member.flight_id

    return (one, two) if rank(one) < rank(two) else (two, one)


def _conflict(one: Member, two: Member, in_s: float, limits: ApartLimits) -> Conflict:
    yields, other = who_yields(one, two)
    apart = np.subtract(other.own.place_m, yields.own.place_m)
    relative = np.subtract(other.own.velocity_mps, yields.own.velocity_mps)
    distance_m = math.hypot(*apart[:2])
    if yields.precedence is Precedence.NOT_STEERED:
        return Conflict(yields, other, in_s, distance_m, Manoeuvre.GO_ON)
    leaving = in_s == 0.0 and float(apart @ relative) > 0.0
    if in_s > limits.act_s or leaving:
        return Conflict(yields, other, in_s, distance_m, Manoeuvre.GO_ON)
    if not yields.stands and stopping_helps(yields, other, limits):
        return Conflict(yields, other, in_s, distance_m, Manoeuvre.HOLD)
    lower_m = _below(other, limits)
    lower_than_now = lower_m < yields.own.place_m[2]
    if yields.floor_m is not None and lower_m >= yields.floor_m and lower_than_now:
        return Conflict(yields, other, in_s, distance_m, Manoeuvre.DESCEND, lower_m)
    return Conflict(yields, other, in_s, distance_m, Manoeuvre.GO_ON if yields.stands else Manoeuvre.HOLD)


def stopping_helps(yields: Member, other: Member, limits: ApartLimits) -> bool:
    """Whether the other one passes the place where it comes to rest."""
    velocity = np.array(yields.own.velocity_mps)
    way_s = _LATENCY_S + yields.stopping.way_m(math.hypot(*velocity)) / max(math.hypot(*velocity), 1e-6)
    rest = np.array(yields.own.place_m) + velocity * way_s
    apart = np.subtract(other.own.place_m, rest)
    entered_s = entry_s(apart[None], np.array(other.own.velocity_mps)[None], limits)
    return bool(entered_s[0] > limits.look_ahead_s)


def _below(other: Member, limits: ApartLimits) -> float:
    """The altitude that is clear below the other one while it passes."""
    sinks_m = max(-other.own.velocity_mps[2], 0.0) * limits.act_s
    return other.own.place_m[2] - sinks_m - limits.height_m * limits.clear_factor
