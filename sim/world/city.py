"""The synthetic city: superblocks between arterials, generated when first looked at and the same each time for a seed.

Everything lies along the grid, so a footprint is a rectangle (west, south, east, north) in metres of the site's frame.
"""

import functools
import itertools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.world import places
from sim.world.block import fill
from sim.world.frame import Floats, LocalFrame
from sim.world.things import Buildings, Superblock

_REACH_M = 26_000.0
_MILE_M = 1609.0
TALL_M = 18.0


@dataclass(frozen=True, slots=True)
class Arterial:
    """A straight main road: its middle (x of a north-south one, y of an east-west one) and its width."""

    name: str
    at_m: float
    width_m: float


@dataclass(frozen=True, slots=True)
class Line:
    """A freeway, railway, wash or runway: kind, width, points (n, 2)."""

    kind: str
    width_m: float
    points_m: Floats


class City:
    """The city around a site's origin. `dock_houses` stand where they are given.

    Nothing else stands on their ground.
    """

    def __init__(self, frame: LocalFrame, seed: int = 520, dock_houses: Buildings | None = None) -> None:
        self.frame, self._seed, self._dock_houses = frame, seed, dock_houses
        middle = frame.xy(32.2217, -110.9265)
        self.north_south = _filled(
            [Arterial(r.name, frame.xy(32.2217, r.at_deg)[0], r.width_m) for r in places.NORTH_SOUTH], middle[0]
        )
        self.east_west = _filled(
            [Arterial(r.name, frame.xy(r.at_deg, -110.9265)[1], r.width_m) for r in places.EAST_WEST], middle[1]
        )
        self.lines = [
            Line(x.kind, x.width_m, np.array([frame.xy(*point) for point in x.points_deg])) for x in places.LINES
        ]
        self.lands = [
            (land.kind, (*frame.xy(land.south_deg, land.west_deg), *frame.xy(land.north_deg, land.east_deg)))
            for land in places.LANDS
        ]
        self._east_edges = np.array([road.at_m for road in self.north_south])
        self._north_edges = np.array([road.at_m for road in self.east_west])
        self.superblock = functools.lru_cache(maxsize=64)(self._superblock)

    def superblocks(self, west_m: float, south_m: float, east_m: float, north_m: float) -> list[Superblock]:
        """The superblocks that a rectangle touches."""
        columns = np.searchsorted(self._east_edges, [west_m, east_m]) - 1
        rows = np.searchsorted(self._north_edges, [south_m, north_m]) - 1
        return [
            self.superblock(column, row)
            for column in range(max(columns[0], 0), min(columns[1], len(self._east_edges) - 2) + 1)
            for row in range(max(rows[0], 0), min(rows[1], len(self._north_edges) - 2) + 1)
        ]

    @functools.cached_property
    def skyline(self) -> Buildings:
        """The tall buildings of downtown and the office parks, to be seen from afar."""
        blocks = [
            block for kind, rect in self.lands if kind in ("downtown", "offices") for block in self.superblocks(*rect)
        ]
        different = {block.rect_m: block for block in blocks}.values()
        buildings = Buildings.joined([block.buildings for block in different])
        return buildings.where(buildings.height_m > TALL_M)

    def _superblock(self, column: int, row: int) -> Superblock:
        west, east = self.north_south[column], self.north_south[column + 1]
        south, north = self.east_west[row], self.east_west[row + 1]
        rect_m = (
            west.at_m + west.width_m / 2,
            south.at_m + south.width_m / 2,
            east.at_m - east.width_m / 2,
            north.at_m - north.width_m / 2,
        )
        block = fill(rect_m, np.random.default_rng((self._seed, column, row)), self.land_kind, self.is_clear)
        docks = self._dock_houses
        if docks is None:
            return block
        x, y = (docks.rect_m[:, :2] + docks.rect_m[:, 2:]).T / 2
        mine = (x >= west.at_m) & (x < east.at_m) & (y >= south.at_m) & (y < north.at_m)
        return replace(block, buildings=Buildings.joined([block.buildings, docks.where(mine)]))

    def land_kind(self, x_m: Floats, y_m: Floats) -> npt.NDArray[np.str_]:
        """What kind of land each point is: "city" where no rectangle says otherwise."""
        kinds = np.full(np.shape(x_m), "city", dtype="<U12")
        for kind, (west, south, east, north) in reversed(self.lands):
            kinds[(x_m > west) & (x_m < east) & (y_m > south) & (y_m < north)] = kind
        return kinds

    def is_clear(self, x_m: Floats, y_m: Floats, reach_m: Floats | float) -> npt.NDArray[np.bool_]:
        """Whether something of that reach may stand at each point: off freeways, rivers and the cleared circles."""
        free = np.ones(np.shape(x_m), bool)
        for line in self.lines:
            free &= distance_to_line_m(x_m, y_m, line.points_m) > line.width_m / 2 + reach_m
        for west, south, east, north in self._dock_houses.rect_m if self._dock_houses else ():
            inside = (x_m > west - reach_m) & (x_m < east + reach_m) & (y_m > south - reach_m) & (y_m < north + reach_m)
            free &= ~inside
        return free


def distance_to_line_m(x_m: Floats, y_m: Floats, points_m: Floats) -> Floats:
    """The distance of points to a polyline."""
    best = np.full(np.shape(x_m), np.inf)
    for (x0, y0), (x1, y1) in itertools.pairwise(points_m):
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((x_m - x0) * dx + (y_m - y0) * dy) / (dx * dx + dy * dy), 0, 1)
        best = np.minimum(best, np.hypot(x_m - x0 - along * dx, y_m - y0 - along * dy))
    return best


def _filled(roads: list[Arterial], middle_m: float) -> list[Arterial]:
    """The roads in order of position, and unnamed ones a mile apart around them, as far as anything is drawn."""
    roads = sorted(roads, key=lambda road: road.at_m)
    below = np.arange(roads[0].at_m - _MILE_M, middle_m - _REACH_M, -_MILE_M)[::-1]
    above = np.arange(roads[-1].at_m + _MILE_M, middle_m + _REACH_M, _MILE_M)
    outer = [[Arterial("", float(at), 16.0) for at in side] for side in (below, above)]
    return [*outer[0], *roads, *outer[1]]
