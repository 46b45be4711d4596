"""Random sets of zones, and places in them: the worlds that aircraft are flown in to prove that none leaves."""

import numpy as np
import shapely
from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.layers import to_degrees
from dfr.core.geo import Agl, Amsl, FloatArray, LocalFrame, Position
from dfr.core.zone import Zone, ZoneKind

ORIGIN = Position(32.22, -110.93)
FRAME = LocalFrame(ORIGIN)
GROUND_M = 700.0
HALF_M = 900.0
MARGIN_M = 50.0
"""As the example site has it: at least what the airframe needs beyond its own fence."""


def random_airspace(rng: np.random.Generator) -> Airspace:
    """An operating area with bites out of it, no-fly zones of all kinds and sizes, and low ceilings."""
    shapes: list[Zone] = [_zone("area", ZoneKind.OPERATING_AREA, _area(rng))]
    for number in range(int(rng.integers(0, 14))):
        shapes.append(_zone(f"closed {number}", ZoneKind.NO_FLY, _shape(rng)))
    for number in range(int(rng.integers(0, 4))):
        top = Agl(float(rng.uniform(40.0, 120.0)))
        shapes.append(_zone(f"low {number}", ZoneKind.CEILING, _shape(rng, 4.0), top=top))
    return Airspace(shapes, FlatGround(Amsl(GROUND_M)), ORIGIN, MARGIN_M)


def temporary_zone(rng: np.random.Generator, number: int) -> Zone:
    """One that somebody draws while aircraft fly, over them too."""
    return _zone(f"drawn {number}", ZoneKind.TEMPORARY, _shape(rng))


def as_published(airspace: Airspace) -> Airspace:
    """What counts in the end: no margin around it, nothing kept."""
    return Airspace(airspace.zones, airspace.ground, ORIGIN, 0.0, clearance_m=0.0, height_margin_m=0.0)


def open_places(airspace: Airspace, rng: np.random.Generator, count: int) -> FloatArray:
    """(n, 2) east, north metres, at most `count`."""
    places = rng.uniform(-HALF_M, HALF_M, (count * 20, 2))
    inside = shapely.contains_xy(airspace.open, places)
    return places[inside][:count]


def _zone(name: str, kind: ZoneKind, shape: BaseGeometry, top: Agl | None = None) -> Zone:
    return Zone(name.replace(" ", "-"), name, kind, to_degrees(shapely.segmentize(shape, 200.0), FRAME), top=top)


def _area(rng: np.random.Generator) -> BaseGeometry:
    area: BaseGeometry = box(-HALF_M, -HALF_M, HALF_M, HALF_M)
    for _ in range(int(rng.integers(0, 4))):
        edge = Point(float(rng.choice([-HALF_M, HALF_M])), float(rng.uniform(-HALF_M, HALF_M)))
        area = area.difference(edge.buffer(float(rng.uniform(50.0, 500.0)), quad_segs=int(rng.integers(1, 6))))
    largest: BaseGeometry = max(shapely.get_parts(area), key=lambda part: part.area)
    return largest


def _shape(rng: np.random.Generator, larger: float = 1.0) -> BaseGeometry:
    east, north = rng.uniform(-HALF_M, HALF_M, 2).tolist()
    size = float(rng.uniform(10.0, 150.0)) * larger
    match int(rng.integers(0, 4)):
        case 0:
            return Point(east, north).buffer(size)
        case 1:
            return Point(east, north).buffer(size).difference(Point(east, north).buffer(size * 0.6))
        case 2:
            long = size * float(rng.uniform(1.0, 6.0))
            sliver = box(-long, -2.0, long, 2.0)
            return shapely.transform(sliver, lambda c: _turned(c, rng.uniform(0.0, np.pi), east, north))
        case _:
            angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, int(rng.integers(3, 9))))
            around = rng.uniform(0.3, 1.0, len(angles)) * size
            corners = np.column_stack([east + around * np.cos(angles), north + around * np.sin(angles)])
            shape = Polygon(corners).buffer(0.0)
            return shape if shape.area > 1.0 else Point(east, north).buffer(size)


def _turned(coordinates: FloatArray, angle: float, east: float, north: float) -> FloatArray:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.column_stack([
        east + coordinates[:, 0] * cosine - coordinates[:, 1] * sine,
        north + coordinates[:, 0] * sine + coordinates[:, 1] * cosine,
    ])  # fmt: skip
