"""The part of a wanted velocity that may be flown: it keeps the stopping point inside, so a pilot slides along a line.

Closed ground near the aircraft is cut into straight pieces. The nearest one gives a line across the shortest way to it,
and everything beyond that line is dealt with by it; the nearest of the rest gives the next one. Towards each such line
the aircraft may fly as fast as it can still be stopped before it, whatever it does sideways meanwhile; along it
nothing is taken away. Speed along the lines is free, so that no corner traps: away is always allowed.

How fast: the way to rest from speed s, of which the share towards the line counts, is run for t (latency, reaction, and
the time until the next order) and then braked with a: v.n (t + s / 2a) <= r. What the present motion runs during t
is taken from the room r beforehand, for an order that is given now acts only then.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import GROUND_STEP_M, Airspace, samples
from dfr.airspace.energy import AnyWind
from dfr.airspace.guard import LEAST_BELOW_LID_M, GuardAction, GuardLimits, foresee, pushed_m
from dfr.airspace.shapes import straight_pieces
from dfr.core.geo import Agl, Amsl, FloatArray
from dfr.core.stopping import Stopping
from dfr.core.telemetry import Kinematics, Velocity

SPARE_M = 2.0
"""Kept besides the margin, so that one that slides along a line is stopped neither by the guard nor by its fence."""
_WOBBLE_M = 1.0
"""Of that, what it may be short of without being braked altogether."""
_ORDER_EVERY_S = 0.1
"""A wanted velocity is asked about anew this often."""
_BEND_M = 0.05
"""A straight border in degrees is bent so little in metres."""
_SHARES = (1.0, 0.75, 0.5, 0.25)
_TAKEN_MPS = 0.05
"""Less than this is not worth a sentence."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be flown of what was wanted, and the sentence why it is less; "" when nothing was taken away."""

    velocity: Velocity
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class OnBoard:
    """The fence that the autopilot itself keeps: what it leaves free, in local metres, and the height of its lid."""

    area: BaseGeometry
    lid: Amsl | None = None


@dataclass(frozen=True, slots=True)
class _Wall:
    """A line that nothing crosses: the unit vector towards it, how far it is, and whose it is. Local metres."""

    normal: FloatArray
    distance_m: float
    name: str
    room_m: float
    """What is left of the distance once all that is kept is taken off."""
    short_m: float
    """How much is missing for the present motion to be stopped before it; negative: left."""
    most_mps: float
    """Towards it, at the most."""
    taken_mps: float
    """Of what is wanted, by this line alone."""


@dataclass(frozen=True, slots=True)
class _Situation:
    """One aircraft and all that it is judged by. `place` is (2,) east, north in local metres, `motion` (3,) east,
    north, up in metres a second."""

    kinematics: Kinematics
    place: FloatArray
    motion: FloatArray
    airspace: Airspace
    stopping: Stopping
    limits: GuardLimits
    wind: AnyWind | None
    on_board: OnBoard | None

    @property
    def runs_on_s(self) -> float:
        return self.limits.latency_s + self.stopping.reaction_s + _ORDER_EVERY_S


def allowed_velocity(
    wanted: Velocity,
    kinematics: Kinematics,
    airspace: Airspace,
    minimum_height: Agl,
    stopping: Stopping | None = None,
    limits: GuardLimits | None = None,
    wind: AnyWind | None = None,
    on_board: OnBoard | None = None,
) -> Allowed:
    """The velocity nearest to the wanted one with which an aircraft can still be stopped inside: margin and a little
    more from every border, below every lid, and minimum_height above the ground and what stands on it. From the edge of
    the fence on board, which keeps that margin itself, the little more alone.

    To be asked again at every order, at least ten times a second. None of it makes an aircraft move that shall stand.
    """
    motion = np.array([kinematics.velocity.east_mps, kinematics.velocity.north_mps, -kinematics.velocity.down_mps])
    place = np.array(airspace.frame.to_local(kinematics.position))
    now = _Situation(
        kinematics, place, motion, airspace, stopping or Stopping(), limits or GuardLimits(), wind, on_board
    )
    asked = np.array([wanted.east_mps, wanted.north_mps])
    if airspace.border_distance(Point(place)) < 0.0:
        return Allowed(Velocity(0.0, 0.0, 0.0), "It is over the border, and is flown out by the nearest way.")
    sideways, why = _along_walls(asked, now)
    sideways, why_less = _shrunk(sideways, now, minimum_height)
    up_mps, why_height = _up_or_down(-wanted.down_mps, sideways, now, minimum_height)
    sentence = " ".join(one for one in (why, why_less, why_height) if one)
    return Allowed(Velocity(float(sideways[1]), float(sideways[0]), -up_mps), sentence)


def _along_walls(asked: FloatArray, now: _Situation) -> tuple[FloatArray, str]:
    """What is left of (2,) a wanted motion sideways, and which line takes the rest."""
    speed_mps = max(math.hypot(*asked), math.hypot(*now.motion[:2]))
    kept_m = now.airspace.margin_m + SPARE_M
    reach_m = kept_m + speed_mps * (now.runs_on_s + _stop_s(speed_mps, now))
    walls = _walls(now, asked, speed_mps, kept_m, reach_m)
    if not walls:
        return asked, ""
    tightest = max(walls, key=lambda wall: wall.short_m)
    if tightest.short_m > _WOBBLE_M:
        # It comes to rest soonest when nothing else is asked of it.
        braking = _countered(np.zeros(2), walls, now)
        return braking, f"It brakes before the border of {tightest.name}." if asked.any() else ""
    normals, most_mps = np.stack([wall.normal for wall in walls]), np.array([wall.most_mps for wall in walls])
    found = nearest_within(asked, normals, most_mps)
    if math.hypot(*(asked - found)) <= _TAKEN_MPS:
        return _countered(found, walls, now), ""
    name = walls[int(np.argmax(normals @ asked - most_mps))].name
    slides = math.hypot(*found) > _TAKEN_MPS
    why = f"It slides along the border of {name}." if slides else f"The border of {name} is ahead."
    return _countered(found, walls, now), why


def _countered(found: FloatArray, walls: list[_Wall], now: _Situation) -> FloatArray:
    """What is flown too fast towards a line is asked for the other way: an autopilot that flies by velocities gives up
    the last of a speed slowly (PX4's integrator, some 5 s), and would creep over the line. What stands, stays."""
    for wall in walls:
        too_fast_mps = max(float(wall.normal @ now.motion[:2]) - wall.most_mps, 0.0)
        if too_fast_mps > _TAKEN_MPS:
            found = found - max(float(wall.normal @ found) - wall.most_mps + too_fast_mps, 0.0) * wall.normal
    return found


def _stop_s(speed_mps: float, now: _Situation) -> float:
    """How many seconds of a speed the way to rest is long, once the order has taken hold with the next one."""
    return now.runs_on_s + speed_mps / (2.0 * now.stopping.deceleration_mps2)


def nearest_within(
    asked: npt.NDArray[np.float64], normals: npt.NDArray[np.float64], most: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The vector nearest to (2,) `asked` with normals @ vector <= most; (n, 2) unit vectors, (n,) numbers, none
    negative. It is `asked` itself, the nearest on one line, or a corner of two."""
    over = normals @ asked - most
    if np.all(over <= 0.0):
        return asked
    on_lines = asked - over[:, None] * normals
    first, second = np.triu_indices(len(most), 1)
    (a, b), (c, d) = normals[first].T, normals[second].T
    turn = a * d - b * c
    crossing = np.abs(turn) > 1e-6
    p, q, turn = most[first][crossing], most[second][crossing], turn[crossing]
    east, north = (p * d[crossing] - q * b[crossing]) / turn, (q * a[crossing] - p * c[crossing]) / turn
    candidates = np.concatenate([on_lines, np.stack([east, north], axis=-1), np.zeros((1, 2))])
    fits = np.all(candidates @ normals.T <= most + 1e-9, axis=1)
    candidates = candidates[fits]
    return np.asarray(candidates[np.argmin(np.hypot(*(candidates - asked).T))])


def _walls(now: _Situation, asked: FloatArray, speed_mps: float, kept_m: float, reach_m: float) -> list[_Wall]:
    """The lines that keep all closed ground within reach beyond them."""
    east_m, north_m = now.place
    window = box(east_m - reach_m, north_m - reach_m, east_m + reach_m, north_m + reach_m)
    pieces, names, kept_each_m = _pieces(now, window, kept_m)
    pieces = pieces - now.place
    nearest = _nearest_on(pieces[:, 0], pieces[:, 1])
    distances_m = np.hypot(*nearest.T)
    left = np.argsort(distances_m, kind="stable")
    left = left[(distances_m[left] <= reach_m) & (distances_m[left] > 1e-6)]
    push_m = 0.0 if now.wind is None else now.wind.speed_mps * now.limits.gust_s
    walls: list[_Wall] = []
    while len(left):
        index, left = int(left[0]), left[1:]
        kept_here_m, name = kept_each_m[index], names[index]
        normals = _across(pieces[index], nearest[index], kept_here_m + push_m + 2.0 * _BEND_M)
        walls.append(_best([_wall(now, n, pieces[index], asked, speed_mps, kept_here_m, name) for n in normals]))
        beyond_m = (pieces[left] @ walls[-1].normal).min(axis=1)
        left = left[beyond_m < walls[-1].distance_m]
    return walls


def _across(piece: FloatArray, nearest: FloatArray, kept_m: float) -> list[FloatArray]:
    """The directions of the lines that are looked at before (2, 2) a straight piece: across the shortest way to it,
    along it, and past its nearest place on either side; unit vectors towards it."""
    distance_m = math.hypot(*nearest)
    straight = nearest / distance_m
    along = piece[1] - piece[0]
    facing = np.array([-along[1], along[0]]) / max(math.hypot(*along), 1e-9)
    found = [straight, facing if facing @ nearest >= 0.0 else -facing]
    if distance_m > kept_m:
        turn = math.acos(kept_m / distance_m)
        for c, s in ((math.cos(turn), math.sin(turn)), (math.cos(turn), -math.sin(turn))):
            found.append(np.array([c * straight[0] - s * straight[1], s * straight[0] + c * straight[1]]))
    return found


def _wall(
    now: _Situation,
    normal: FloatArray,
    piece: FloatArray,
    asked: FloatArray,
    speed_mps: float,
    kept_m: float,
    name: str,
) -> _Wall:
    distance_m = float((piece @ normal).min()) - _BEND_M
    room_m = distance_m - kept_m - pushed_m(now.wind, normal, now.limits)
    stop_s = _stop_s(speed_mps, now)
    towards_mps = max(float(normal @ now.motion[:2]), 0.0)
    short_m = towards_mps * stop_s - room_m if towards_mps > _TAKEN_MPS else 0.0
    most_mps = max(room_m - towards_mps * now.runs_on_s, 0.0) / stop_s
    return _Wall(normal, distance_m, name, room_m, short_m, most_mps, max(float(normal @ asked) - most_mps, 0.0))


def _best(walls: list[_Wall]) -> _Wall:
    """The one that lets it go on at all, and of these the one that takes the least away.

    The first lies across the shortest way and always counts; the others only where they leave room, for where none is
    left the first alone says which way is out.
    """
    fit = [walls[0], *(wall for wall in walls[1:] if wall.room_m >= 0.0)]
    return min(fit, key=lambda wall: (max(wall.short_m - _WOBBLE_M, 0.0), wall.taken_mps))


def _nearest_on(starts: FloatArray, ends: FloatArray) -> FloatArray:
    """The place on each of n straight pieces, both ends (n, 2), that is nearest to 0, 0: (n, 2)."""
    along = ends - starts
    length2 = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip((-starts * along).sum(axis=1) / length2, 0.0, 1.0)
    return np.asarray(starts + share[:, None] * along)


def _pieces(now: _Situation, window: BaseGeometry, kept_m: float) -> tuple[FloatArray, list[str], list[float]]:
    """The straight pieces of the borders of all closed ground in a window, (n, 2, 2), whose each one is, and how far it
    is kept away from."""
    border = now.airspace.border
    outlines: list[tuple[BaseGeometry, str]] = []
    for index in border.forbidden.tree.query(window):
        outlines.append((border.forbidden.shapes[index].boundary, border.forbidden.zones[index].name))
    edges = border.edges.shapes[border.edges.tree.query(window)]
    outlines += [(edge, "the operating area") for edge in edges]
    outlines += _low_lids(now, window)
    kept = [(outline, name, kept_m) for outline, name in outlines]
    # Outside already (blown over the line), its edge is no wall: in is where it should go.
    if now.on_board is not None and now.on_board.area.covers(Point(now.place)):
        kept.append((now.on_board.area.boundary, "the fence on board", SPARE_M))
    found, names, kept_each_m = [], [], []
    for outline, name, each_m in kept:
        inside = shapely.clip_by_rect(outline, *window.bounds)
        if inside.is_empty or inside.length == 0.0:
            continue
        pieces = shapely.get_coordinates(straight_pieces(inside)).reshape(-1, 2, 2)
        found.append(pieces)
        names += [name] * len(pieces)
        kept_each_m += [each_m] * len(pieces)
    return np.concatenate(found) if found else np.zeros((0, 2, 2)), names, kept_each_m


def _low_lids(now: _Situation, window: BaseGeometry) -> list[tuple[BaseGeometry, str]]:
    """The outlines of zones whose lid is too low to fly into; less the margin, which their lids reach beyond them."""
    lids, airspace = now.airspace.lids, now.airspace
    altitude_m = now.kinematics.altitude.m + LEAST_BELOW_LID_M
    touching = lids.layer.tree.query(window, predicate="intersects")
    if not len(touching):
        return []
    profile = lids.profile(window)
    here = Point(now.place)
    low = []
    for index in touching:
        mine = profile.zones == index
        lid_m = float(profile.altitudes_m[mine].min()) + airspace.height_margin_m if mine.any() else math.inf
        shape = lids.layer.shapes[index]
        # Over one already, what is left is upwards.
        if lid_m < altitude_m and shape.distance(here) > airspace.margin_m:
            zone = lids.layer.zones[index]
            low.append((shape.boundary, zone.name))
    return low


def _shrunk(sideways: FloatArray, now: _Situation, minimum_height: Agl) -> tuple[FloatArray, str]:
    """As much of a motion as ends neither beyond a line, nor under a lid that is too low, nor over ground that is too
    high."""
    if math.hypot(*sideways) <= _TAKEN_MPS:
        return sideways, ""
    least_m = max(_floor_m(np.zeros(2), now, minimum_height) - now.kinematics.altitude.m, 0.0)
    why = ""
    for share in _SHARES:
        part = sideways * share
        if _floor_m(part, now, minimum_height) - now.kinematics.altitude.m > least_m + 0.5:
            why = "The ground ahead is too high."
        elif _stopped_by_guard(part, now):
            why = "It would not come to rest inside."
        else:
            return part, why
    return np.zeros(2), why


def _stopped_by_guard(sideways: FloatArray, now: _Situation) -> bool:
    moving = Velocity(float(sideways[1]), float(sideways[0]), 0.0)
    k = now.kinematics
    then = Kinematics(k.position, k.altitude, k.height, moving, k.heading_deg)
    verdict = foresee(then, now.airspace, now.stopping, now.limits, now.wind)
    return verdict.action in (GuardAction.HOLD, GuardAction.RETURN)


def _way_m(sideways: FloatArray, now: _Situation) -> Point | LineString:
    """The straight way on which it comes to rest."""
    speed_mps = math.hypot(*sideways)
    way = sideways * (now.runs_on_s + speed_mps / (2.0 * now.stopping.deceleration_mps2))
    return Point(now.place) if math.hypot(*way) < 0.1 else LineString([now.place, now.place + way])


def _floor_m(sideways: FloatArray, now: _Situation, minimum_height: Agl) -> float:
    places = samples(_way_m(sideways, now), GROUND_STEP_M)
    return float(now.airspace.floors_m(places, minimum_height).max())


def _up_or_down(asked_mps: float, sideways: FloatArray, now: _Situation, minimum_height: Agl) -> tuple[float, str]:
    """What is left of a climb (negative: a descent) below the lids and above the floors of the way to rest."""
    altitude_m, present_mps = now.kinematics.altitude.m, float(now.motion[2])
    if asked_mps > 0.0:
        ways = np.array([_way_m(sideways, now), _way_m(now.motion[:2], now)], dtype=object)
        lid_m = float(now.airspace.published_lids_m(ways).min())
        if now.on_board is not None and now.on_board.lid is not None:
            lid_m = min(lid_m, now.on_board.lid.m)
        lid_m -= LEAST_BELOW_LID_M
        most_mps = _most_mps(lid_m - altitude_m, present_mps, now)
        return (asked_mps, "") if asked_mps <= most_mps else (most_mps, "The ceiling is above it.")
    if asked_mps < 0.0:
        floor_m = max(_floor_m(sideways, now, minimum_height), _floor_m(now.motion[:2], now, minimum_height))
        most_mps = _most_mps(altitude_m - floor_m, -present_mps, now)
        return (asked_mps, "") if -asked_mps <= most_mps else (-most_mps, "The least height above the ground is near.")
    return 0.0, ""


def _most_mps(room_m: float, present_mps: float, now: _Situation) -> float:
    """The greatest speed from which it comes to rest within a room, when it moves towards its end already."""
    run_s, brakes_mps2 = now.runs_on_s, now.limits.climb_deceleration_mps2
    left_m = room_m - max(present_mps, 0.0) * run_s
    if left_m <= 0.0:
        return 0.0
    return brakes_mps2 * (-run_s + math.sqrt(run_s**2 + 2.0 * left_m / brakes_mps2))
