"""A made-up site with thousands of zones, to measure with: cells of facility maps, forbidden places, and the rest."""

import math

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.layers import to_degrees
from dfr.airspace.terrain import Terrain, Tile
from dfr.core.geo import Agl, LocalFrame, Position
from dfr.core.zone import Zone, ZoneKind

ORIGIN = Position(32.22, -110.93)
FRAME = LocalFrame(ORIGIN)
HALF_M = 30_000.0
CELL_DEG = 30.0 / 3600.0
"""Facility maps have cells of 30 arc seconds."""
_FEET = (0.0, 50.0, 100.0, 200.0, 300.0, 400.0)


def many_zones(count: int = 10_000, seed: int = 1) -> list[Zone]:
    """Half are cells, three of ten forbidden discs, the rest of every other kind; two operating areas and a corridor
    over 60 by 60 km."""
    random = np.random.default_rng(seed)
    zones = [
        _zone("west", ZoneKind.OPERATING_AREA, _local(box(-HALF_M, -HALF_M, -500, HALF_M))),
        _zone("east", ZoneKind.OPERATING_AREA, _local(box(500, -HALF_M, HALF_M, HALF_M))),
        _zone("bridge", ZoneKind.CORRIDOR, _local(box(-1000, -300, 1000, 300)), top=Agl(90.0)),
    ]
    zones += _cells(count // 2, random)
    kinds = [(ZoneKind.NO_FLY, 0.6), (ZoneKind.PRIVACY, 0.2), (ZoneKind.TEMPORARY, 0.05), (ZoneKind.FLOOR, 0.05)]
    kinds += [(ZoneKind.CAUTION, 0.05), (ZoneKind.CORRIDOR, 0.05)]
    left = count - len(zones)
    chosen = random.choice(len(kinds), left, p=[share for _, share in kinds])
    places = random.uniform(-HALF_M, HALF_M, (left, 2))
    found = enumerate(zip(chosen, places, strict=True))
    return zones + [_any(f"made {i}", kinds[kind][0], tuple(place), random) for i, (kind, place) in found]


def hills() -> Terrain:
    """A made terrain tile with heights every 100 m, from 700 m to 800 m."""
    step_deg = 0.001
    west, south = (value - 0.4 for value in (ORIGIN.longitude_deg, ORIGIN.latitude_deg))
    rows, columns = np.mgrid[0:800, 0:800]
    heights_m = 750.0 + 30.0 * np.sin(columns / 90.0) + 20.0 * np.cos(rows / 60.0)
    to_map = (step_deg, 0.0, west, 0.0, -step_deg, south + 800 * step_deg)
    return Terrain([Tile("made", heights_m, to_map, CRS.from_epsg(4326), error_m=2.0)])


def many_zones_airspace(count: int = 10_000, seed: int = 1) -> Airspace:
    return Airspace(many_zones(count, seed), hills(), ORIGIN)


def _cells(count: int, random: np.random.Generator) -> list[Zone]:
    """Cells around the origin, row by row; of each all edges lie on whole multiples of 30 arc seconds."""
    across = math.ceil(math.sqrt(count))
    west, south = (math.floor(value / CELL_DEG) - across // 2 for value in (ORIGIN.longitude_deg, ORIGIN.latitude_deg))
    zones = []
    for i in range(count):
        column, row = west + i % across, south + i // across
        shape = box(column * CELL_DEG, row * CELL_DEG, (column + 1) * CELL_DEG, (row + 1) * CELL_DEG)
        feet = float(random.choice(_FEET, p=(0.05, 0.05, 0.1, 0.2, 0.2, 0.4)))
        kind, top = (ZoneKind.CEILING, Agl(feet * 0.3048)) if feet else (ZoneKind.NO_FLY, None)
        zones.append(Zone(f"cell-{i}", f"the {feet:.0f} ft cell {i}", kind, shape, top=top))
    return zones


def _any(name: str, kind: ZoneKind, place: tuple[float, ...], random: np.random.Generator) -> Zone:
    if kind is ZoneKind.CORRIDOR:
        far = (place[0] + random.uniform(-2000, 2000), place[1] + random.uniform(-2000, 2000))
        return _zone(name, kind, _local(LineString((place, far)).buffer(60.0)), top=Agl(100.0))
    disc = _local(Point(place).buffer(random.uniform(30.0, 250.0), quad_segs=8))
    return _zone(name, kind, disc, bottom=Agl(30.0) if kind is ZoneKind.FLOOR else None)


def _local(shape: BaseGeometry) -> BaseGeometry:
    return to_degrees(shapely.segmentize(shape, 500.0), FRAME)


def _zone(name: str, kind: ZoneKind, shape: BaseGeometry, *, bottom: Agl | None = None, top: Agl | None = None) -> Zone:
    return Zone(name.replace(" ", "-"), name, kind, shape, bottom=bottom, top=top)
