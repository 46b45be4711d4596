"""Routes around a thousand zones: how long a call waits for one, and how much longer it is than it need be."""

import math
import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import Point, box

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.layers import to_degrees
from dfr.airspace.route import NoRoute, Route, RouteRequest, plan_route, prepare
from dfr.core.geo import Amsl, FloatArray, Waypoint
from dfr.core.rally import RallyPoint
from dfr.core.zone import Zone, ZoneKind
from tests.bench.run import Run
from tests.bench.table import Row, at_most, number, percentile
from tests.support.many_zones import FRAME, ORIGIN

ZONES = 1000
HALF_M = 6000.0
RALLY_POINTS = 16
GROUND = Amsl(700.0)
HOME = Waypoint(ORIGIN, Amsl(710.0))
REQUEST = RouteRequest(own_fence=True)
WAIT_LIMIT_MS = 20.0
LENGTH_LIMIT = 1.02

_GRID_M = 10.0
_FARTHEST_STEP = 5
_MOVES = [
    (east, north)
    for east in range(-_FARTHEST_STEP, _FARTHEST_STEP + 1)
    for north in range(-_FARTHEST_STEP, _FARTHEST_STEP + 1)
    if math.gcd(east, north) == 1
]
METRIC_ERROR = 1.0 / math.cos(0.5 * math.atan2(1.0, _FARTHEST_STEP))
"""How much longer a way along these moves is than the straight one at most: 0.5 %."""

_BoolArray = npt.NDArray[np.bool_]


def rows(run: Run) -> Iterator[Row]:
    random = np.random.default_rng(3)
    airspace = Airspace(_zones(random), FlatGround(GROUND), ORIGIN)
    rally_points = _rally_points(airspace, random)
    cpu_s = time.process_time()
    prepare(airspace, HOME, REQUEST, rally_points)
    run.note(
        f"before routes: the fence of the dock and the ways to all corners with each of {RALLY_POINTS} rally points "
        f"took {number(time.process_time() - cpu_s)} s of CPU time; a call before that waits for what it needs of it"
    )
    found_ms: list[float] = []
    refused_ms: list[float] = []
    cpu_ms: list[float] = []
    routes: list[Route] = []
    while run.goes_on(len(found_ms), run.samples(full=200, quick=20)):
        bearing, away_m = random.uniform(0.0, 2.0 * math.pi), random.uniform(4500.0, 5500.0)
        scene = FRAME.to_position(away_m * math.cos(bearing), away_m * math.sin(bearing))
        begun_s, cpu_s = time.monotonic(), time.process_time()
        answer = plan_route(airspace, HOME, scene, REQUEST, rally_points)
        took_ms = 1000.0 * (time.monotonic() - begun_s)
        if isinstance(answer, NoRoute):
            refused_ms.append(took_ms)
            continue
        found_ms.append(took_ms)
        cpu_ms.append(1000.0 * (time.process_time() - cpu_s))
        routes.append(answer)
    run.note(
        f"{len(found_ms)} scenes were reached, {len(refused_ms)} refused (p50 {_middle(refused_ms)} ms with "
        f"the nearest place to hold); a route took p50 {_middle(cpu_ms)} ms of CPU time, its own fence included"
    )
    yield at_most(f"route around {ZONES:,} zones over 5 km", found_ms, WAIT_LIMIT_MS, "ms")
    ratios = [_ratio(airspace, route) for route in routes[: run.samples(full=20, quick=3)] if len(route.waypoints) > 2]
    run.note(
        f"the fine grid has {_GRID_M:g} m and {len(_MOVES)} directions, whose error ({METRIC_ERROR:.3f}) is taken off"
    )
    yield at_most("length of a route over a fine-grid optimum", ratios, LENGTH_LIMIT, "times")


def _middle(samples: list[float]) -> str:
    return number(percentile(samples, 50)) if samples else "none"


def _zones(random: np.random.Generator) -> list[Zone]:
    zones = [_zone("area", ZoneKind.OPERATING_AREA, box(-HALF_M, -HALF_M, HALF_M, HALF_M))]
    while len(zones) <= ZONES:
        east, north = (float(value) for value in random.uniform(-HALF_M, HALF_M, 2))
        size_m = float(random.uniform(10.0, 60.0))
        if math.hypot(east, north) < 200.0:
            continue
        disc = Point(east, north).buffer(size_m, quad_segs=4)
        block = box(east - size_m, north - 0.6 * size_m, east + size_m, north + 0.6 * size_m)
        zones.append(_zone(f"zone {len(zones)}", ZoneKind.NO_FLY, disc if random.random() < 0.5 else block))
    return zones


def _zone(name: str, kind: ZoneKind, shape: shapely.geometry.base.BaseGeometry) -> Zone:
    return Zone(name.replace(" ", "-"), name, kind, to_degrees(shapely.segmentize(shape, 500.0), FRAME))


def _rally_points(airspace: Airspace, random: np.random.Generator) -> list[RallyPoint]:
    found: list[RallyPoint] = []
    while len(found) < RALLY_POINTS:
        position = FRAME.to_position(*(float(value) for value in random.uniform(-0.85 * HALF_M, 0.85 * HALF_M, 2)))
        if airspace.point(Waypoint(position, Amsl(750.0))).allowed:
            found.append(RallyPoint(f"rally-{len(found)}", f"rally point {len(found)}", position, GROUND))
    return found


def _ratio(airspace: Airspace, route: Route) -> float:
    """The length of a route over that of the shortest on a fine grid of all places where it may be and return from."""
    path = np.array([FRAME.to_local(waypoint.position) for waypoint in route.waypoints])
    landings = np.array([(0.0, 0.0), *(FRAME.to_local(one.position) for one in route.rally_points)])
    low = np.minimum(path.min(axis=0), landings.min(axis=0)) - 600.0
    high = np.maximum(path.max(axis=0), landings.max(axis=0)) + 600.0
    count = np.ceil((high - low) / _GRID_M).astype(int) + 1
    east, north = np.meshgrid(*(low[i] + _GRID_M * np.arange(count[i]) for i in range(2)), indexing="ij")
    places = np.column_stack([east.ravel(), north.ravel()])
    free = airspace.inside(places, np.full(len(places), route.waypoints[0].altitude.m)).reshape(count)
    safe = (free.ravel() & _returns(free, places, low, landings)).reshape(count)
    start, goal = (tuple(np.round((end - low) / _GRID_M).astype(int)) for end in (path[0], path[-1]))
    safe[start] = safe[goal] = True
    return route.length_m / (_grid_m(safe, start, goal) / METRIC_ERROR)


def _returns(free: _BoolArray, places: FloatArray, low: FloatArray, landings: FloatArray) -> _BoolArray:
    """Whether the line to the nearest landing, and to each about as near, is free at every grid's step."""
    away_m = np.hypot(*(places[:, None] - landings).transpose(2, 0, 1))
    safe = np.ones(len(places), dtype=bool)
    for index, landing in enumerate(landings):
        looked_at = np.flatnonzero(free.ravel() & (away_m[:, index] <= away_m.min(axis=1) + 12.0))
        for some in np.array_split(looked_at, max(len(looked_at) // 20_000, 1)):
            steps = int(away_m[some, index].max(initial=0.0) / _GRID_M) + 2
            share = np.linspace(0.0, 1.0, steps)[None, :, None]
            cells = np.round((places[some, None] + (landing - places[some, None]) * share - low) / _GRID_M).astype(int)
            safe[some] &= free[cells[..., 0], cells[..., 1]].all(axis=1)
    return safe


def _grid_m(safe: _BoolArray, start: tuple[int, ...], goal: tuple[int, ...]) -> float:
    """The length of the shortest way from cell to cell; infinite where there is none."""
    number_of = np.arange(safe.size).reshape(safe.shape)
    starts, ends, lengths_m = [], [], []
    for move in _MOVES:
        here = tuple(slice(max(-step, 0), size - max(step, 0)) for step, size in zip(move, safe.shape, strict=True))
        there = tuple(slice(max(step, 0), size + min(step, 0)) for step, size in zip(move, safe.shape, strict=True))
        both = safe[here] & safe[there]
        starts.append(number_of[here][both])
        ends.append(number_of[there][both])
        lengths_m.append(np.full(len(starts[-1]), _GRID_M * math.hypot(*move)))
    edges = (np.concatenate(lengths_m), (np.concatenate(starts), np.concatenate(ends)))
    graph = csr_matrix(edges, shape=(safe.size, safe.size))
    return float(dijkstra(graph, indices=number_of[start])[number_of[goal]])
