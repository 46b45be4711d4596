"""The shortest way inside an area with holes: exact, over the corners at which a taut string would bend. Pure.

What is not area is taken as obstacles. A way is sought around those only that the ways so far have touched: leaving
some out can only make it shorter, so the first way that touches no other is the shortest of all (a bound that is met).
It bends only where an obstacle is convex, with the obstacle on the inner side of the bend: a visibility graph of common
tangents, searched best first (A*; the straight way on is never too long an estimate).
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dfr.core.geo import FloatArray

Place = tuple[float, float]
Cost = Callable[[FloatArray], FloatArray]
"""(n, 2) displacements in metres to (n,) costs of flying them: any norm, also one in which wind makes ways unequal."""

BESIDE_M = 0.1
"""Ways bend so far beside an obstacle, so that rounding never takes them into it. A gap of twice this is closed."""

_AT_ONCE = 32
_IntArray = npt.NDArray[np.int64]
_BoolArray = npt.NDArray[np.bool_]


def lengths_m(displacements: FloatArray) -> FloatArray:
    """The cost that is the length."""
    return np.asarray(np.hypot(displacements[:, 0], displacements[:, 1]))


class Maze:
    """An area (polygons in local metres) prepared for many searches."""

    def __init__(self, area: BaseGeometry) -> None:
        self.area = area
        shapely.prepare(area)
        self._obstacles = np.array(_outside(area), dtype=object)
        shapely.prepare(self._obstacles)
        self._tree = STRtree(self._obstacles)
        self._corners = _corners(area, self._tree)
        self._trees: dict[tuple[Place, Cost], _Tree] = {}

    def shortest(self, start: Place, goal: Place, cost: Cost = lengths_m) -> list[Place] | None:
        """The cheapest way from start to goal, both in it; None when there is none."""
        if not shapely.covers(self.area, shapely.points([start, goal])).all():
            return None
        tree = self._trees.get((start, cost))
        if tree is not None:
            return tree.to(goal)
        search = _Search(start, goal, cost)
        path: list[Place] | None = [start, goal]
        while path is not None:
            touched = set(map(int, self._tree.query(LineString(path), predicate="intersects")))
            new = np.array(sorted(touched - search.known), dtype=np.int64)
            if len(new) == 0:
                return path
            search.add(new, self._obstacles[new], self._corners)
            path = search.best()
        return None

    def prepare(self, start: Place, cost: Cost = lengths_m) -> None:
        """Find the ways from a start to all corners, so that those to any goal are found at once."""
        if (start, cost) not in self._trees and self.area.covers(Point(start)):
            search = _Search(start, start, cost)
            search.add(np.arange(len(self._obstacles)), self._obstacles, self._corners)
            self._trees[start, cost] = _Tree(search)


@dataclass(frozen=True)
class _Corners:
    """Where ways may bend: (n, 2) places, the outline's places before and after them, and whose obstacle they are."""

    places: FloatArray
    before: FloatArray
    after: FloatArray
    obstacles: _IntArray


def _outside(area: BaseGeometry) -> list[Polygon]:
    """The holes of an area and the bays of its outlines, each a polygon; a way that leaves the area touches one."""
    found: list[Polygon] = []
    hull = area.convex_hull
    parts = [part for part in shapely.get_parts(area) if isinstance(part, Polygon)]
    for part in parts:
        found += [Polygon(ring) for ring in part.interiors]
    bays = hull.difference(shapely.union_all([Polygon(part.exterior) for part in parts]))
    found += [part for part in shapely.get_parts(bays) if isinstance(part, Polygon)]
    return found


def _corners(area: BaseGeometry, tree: STRtree) -> _Corners:
    """The reflex corners of the area, BESIDE_M inside it."""
    inner = area.buffer(-BESIDE_M, join_style="mitre", mitre_limit=2.0)
    rings = [
        np.asarray(ring.coords)[:-1]
        for part in shapely.get_parts(inner)
        if isinstance(part, Polygon)
        for ring in (shapely.geometry.polygon.orient(part).exterior, *shapely.geometry.polygon.orient(part).interiors)
    ]
    if not rings or not len(tree):
        empty = np.zeros((0, 2))
        return _Corners(empty, empty, empty, np.zeros(0, np.int64))
    places = np.concatenate(rings)
    before = np.concatenate([np.roll(ring, 1, axis=0) for ring in rings])
    after = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    reflex = _cross(places - before, after - places) < 0.0
    places, before, after = places[reflex], before[reflex], after[reflex]
    return _Corners(places, before, after, np.asarray(tree.nearest(shapely.points(places)), dtype=np.int64))


class _Search:
    """One search; what was found out about who sees whom is kept while obstacles are added."""

    def __init__(self, start: Place, goal: Place, cost: Cost) -> None:
        self.known: set[int] = set()
        self._cost = cost
        ends = np.array([start, goal])
        # An end has no outline: every line from it is a tangent.
        self._places, self._before, self._after = ends, ends, ends
        self._obstacles: list[BaseGeometry] = []
        self._seen: dict[int, _Seen] = {}
        self._ahead = cost(ends[1] - ends)

    def add(self, ids: _IntArray, obstacles: npt.NDArray[np.object_], corners: _Corners) -> None:
        self.known |= set(map(int, ids))
        self._obstacles += list(obstacles)
        mine = np.isin(corners.obstacles, ids)
        self._places = np.concatenate([self._places, corners.places[mine]])
        self._before = np.concatenate([self._before, corners.before[mine]])
        self._after = np.concatenate([self._after, corners.after[mine]])
        self._tree = STRtree(self._obstacles)
        self._ahead = self._cost(self._places[1] - self._places)

    def best(self) -> list[Place] | None:
        """The cheapest way around the obstacles that are known."""
        _, parents = self.explored(1)
        return None if parents[1] < 0 else self.way(parents, 1)

    def explored(self, goal: int | None) -> tuple[FloatArray, _IntArray]:
        """What the places cost, and from where they are come to (-1: not at all), until the goal is; None: all."""
        costs = np.full(len(self._places), math.inf)
        costs[0] = 0.0
        parents = np.full(len(self._places), -1)
        done = np.zeros(len(self._places), dtype=bool)
        queue = [(float(self._ahead[0]), 0)]
        while queue:
            _, here = heapq.heappop(queue)
            if done[here]:
                continue
            if here == goal:
                return costs, parents
            done[here] = True
            there, steps = self._visible_from(here)
            new = costs[here] + steps
            better = ~done[there] & (new < costs[there])
            there, new = there[better], new[better]
            costs[there], parents[there] = new, here
            estimates = new if goal is None else new + self._ahead[there]
            for estimate, index in zip(estimates.tolist(), there.tolist(), strict=True):
                heapq.heappush(queue, (estimate, index))
        return costs, parents

    def way(self, parents: _IntArray, end: int) -> list[Place]:
        indices = [end]
        while indices[-1] != 0:
            indices.append(int(parents[indices[-1]]))
        return [(float(east), float(north)) for east, north in self._places[indices[::-1]]]

    def forget(self) -> None:
        """Who sees whom, which is not needed once all is explored."""
        self._seen.clear()

    def into(self, goal: Place, costs: FloatArray) -> int | None:
        """From which of the places, that cost so much, a goal is come to at the least cost; None where from none."""
        to_goal = np.array(goal) - self._places
        totals = costs + self._cost(to_goal)
        tangent = _one_side(to_goal, self._before - self._places, self._after - self._places)
        order = np.flatnonzero(tangent & np.isfinite(totals))
        order = order[np.argsort(totals[order], kind="stable")]
        for first in range(0, len(order), _AT_ONCE):
            some = order[first : first + _AT_ONCE]
            ends = np.stack([self._places[some], np.broadcast_to(np.array(goal), (len(some), 2))], axis=1)
            blocked, _ = self._tree.query(shapely.linestrings(ends), predicate="intersects")
            clear = np.setdiff1d(np.arange(len(some)), blocked)
            if len(clear):
                return int(some[clear[0]])
        return None

    def _visible_from(self, here: int) -> tuple[_IntArray, FloatArray]:
        """The places that can be gone to straight from one, and what that costs."""
        seen = self._seen.get(here)
        if seen is None:
            seen = self._seen[here] = _Seen()
        if seen.obstacles < len(self._obstacles):
            old = self._unblocked(here, seen.places, self._obstacles[seen.obstacles :])
            new = self._tangents(here, seen.looked_at)
            new = self._unblocked(here, new, None)
            seen.places = np.concatenate([old, new])
            seen.costs = self._cost(self._places[seen.places] - self._places[here])
            seen.obstacles, seen.looked_at = len(self._obstacles), len(self._places)
        return seen.places, seen.costs

    def _tangents(self, here: int, first: int) -> _IntArray:
        """Of the places from index `first` on, those to which the line touches the outlines at both of its ends."""
        ways = self._places[first:] - self._places[here]
        at_here = _one_side(ways, self._before[here] - self._places[here], self._after[here] - self._places[here])
        there = self._places[first:]
        at_there = _one_side(ways, self._before[first:] - there, self._after[first:] - there)
        found = at_here & at_there & (np.abs(ways).max(axis=1) > 0.0)
        return np.flatnonzero(found) + first

    def _unblocked(self, here: int, there: _IntArray, by: list[BaseGeometry] | None) -> _IntArray:
        """Those to which no obstacle is in the way: of `by`, or of all that are known."""
        if len(there) == 0:
            return there
        ends = np.stack([np.broadcast_to(self._places[here], (len(there), 2)), self._places[there]], axis=1)
        tree = self._tree if by is None else STRtree(by)
        blocked, _ = tree.query(shapely.linestrings(ends), predicate="intersects")
        clear = np.ones(len(there), dtype=bool)
        clear[blocked] = False
        return there[clear]


class _Tree:
    """The ways from one start to all corners."""

    def __init__(self, search: _Search) -> None:
        self._search = search
        self._costs, self._parents = search.explored(None)
        search.forget()

    def to(self, goal: Place) -> list[Place] | None:
        last = self._search.into(goal, self._costs)
        return None if last is None else [*self._search.way(self._parents, last), goal]


@dataclass
class _Seen:
    """What is known of a place's view: the places that it sees, past so many obstacles and of so many places."""

    places: _IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    costs: FloatArray = field(default_factory=lambda: np.zeros(0))
    obstacles: int = 0
    looked_at: int = 0


def _one_side(ways: FloatArray, before: FloatArray, after: FloatArray) -> _BoolArray:
    return np.asarray(_cross(ways, before) * _cross(ways, after) >= -1e-9)


def _cross(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
