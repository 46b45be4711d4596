"""The shortest way around things, over the corners of their outlines (a visibility graph)."""

import heapq
import math

import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from dfr.airspace.layers import Layer

_MOST_CORNERS = 80
_ROUNDS = 4

Place = tuple[float, float]


def shortest_path(straight: LineString, room: BaseGeometry, avoided: Layer, keep_m: float) -> list[Place] | None:
    """From the first to the last point of `straight`, inside `room` and keep_m away from the zones of `avoided`.

    None when there is none. Only zones that the way so far would touch are looked at, and again for each new way; a way
    with more corners than can be searched while somebody waits counts as none.
    """
    (start, goal) = ((float(east), float(north)) for east, north in straight.coords)
    path: list[Place] = [start, goal]
    blocks: dict[int, BaseGeometry] = {}
    for _ in range(_ROUNDS):
        touched = {id(shape): shape for _, shape in avoided.within(LineString(path), 0.0)}
        if touched.keys() <= blocks.keys() and room.covers(LineString(path)):
            return path
        blocks |= touched
        outlines = shapely.union_all([shape.buffer(keep_m, quad_segs=2) for shape in blocks.values()])
        corners = _corners(outlines, keep_m)
        if len(corners) > _MOST_CORNERS:
            return None
        clear = room.difference(outlines)
        shapely.prepare(clear)
        found = _dijkstra([start, goal, *corners], clear)
        if found is None:
            return None
        path = found
    return None


def _corners(outlines: BaseGeometry, keep_m: float) -> list[Place]:
    """The corners of the convex hull of each block, a little outside so that a line along an edge is clear."""
    parts = shapely.get_parts(outlines)
    hulls = [part.convex_hull.simplify(keep_m / 4.0).buffer(keep_m / 2.0, join_style="mitre") for part in parts]
    coordinates = [shapely.get_coordinates(hull)[:-1] for hull in hulls]
    return [(float(east), float(north)) for ring in coordinates for east, north in ring]


def _dijkstra(places: list[Place], clear: BaseGeometry) -> list[Place] | None:
    """From places[0] to places[1] by straight lines that `clear` covers; its ends may lie outside by themselves."""
    best = {0: 0.0}
    before: dict[int, int] = {}
    queue: list[tuple[float, int]] = [(0.0, 0)]
    done: set[int] = set()
    while queue:
        cost, here = heapq.heappop(queue)
        if here == 1:
            return _unwind(places, before)
        if here in done:
            continue
        done.add(here)
        for there in range(1, len(places)):
            new = cost + math.dist(places[here], places[there])
            if there in done or new >= best.get(there, math.inf):
                continue
            if clear.covers(LineString((places[here], places[there]))):
                best[there] = new
                before[there] = here
                heapq.heappush(queue, (new, there))
    return None


def _unwind(places: list[Place], before: dict[int, int]) -> list[Place]:
    index = 1
    path = [places[1]]
    while index != 0:
        index = before[index]
        path.append(places[index])
    return path[::-1]
