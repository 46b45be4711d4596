"""Shapes as files write them, made sure of: valid, of some area, on this part of the earth."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from dfr.airspace.layers import to_degrees, to_metres
from dfr.core.geo import FloatArray, LocalFrame, Position, distance_m

OWN_WITHIN_M = 300_000.0
"""A site's own zones lie within this of it; farther away, latitude and longitude are swapped."""
PUBLISHED_WITHIN_M = 100_000.0
"""Of what is published for a whole country, zones that are farther from the site are left out."""
_BESIDE_DEG = 0.5
"""In both coordinates, this is less than either on all the earth."""
LARGEST_RADIUS_M = 500_000.0

_SMALLEST_DEG2 = 1e-10
"""About one square metre."""
_ENOUGH_POINTS = 5
"""Where a ring has fewer, three different ones are counted; with so many its area shows it."""
_QUARTER = 16
_OUTWARD = 1.0 / math.cos(math.pi / (4.0 * _QUARTER))


class Elsewhere(Exception):
    """A published shape lies so far from the site that it is left out."""


def shape_of(
    geometry: Any,
    *,
    radius_m: float | None = None,
    width_m: float | None = None,
    outward: bool = True,
    known: BaseGeometry | None = None,
) -> BaseGeometry:
    """The area of a GeoJSON geometry: Polygon, MultiPolygon, Point with a radius, LineString or MultiLineString with a
    width. Rings may be open, clockwise, with heights and with doubled points.

    Arcs become polygons drawn around them, or with `outward` False inside them: of what forbids nothing may be lost, of
    what opens nothing may be added. `known` is what `plain_polygons` made of it already. Raises ValueError.
    """
    kind, coordinates = _parts(geometry)
    if kind != "Point" and radius_m is not None:
        raise ValueError(f"it has a radius, and its geometry is a {kind}; a circle is a Point")
    if "Line" not in kind and width_m is not None:
        raise ValueError(f"it has a width, and its geometry is a {kind}; only lines have one")
    if kind == "Polygon":
        return polygon(coordinates) if known is None else known
    if kind == "MultiPolygon":
        return multi_polygon([polygon(rings) for rings in _list(coordinates, "polygons")])
    if kind == "Point":
        return _circle(_points([coordinates])[0], radius_m, outward)
    if kind == "LineString":
        return _wide(LineString(_line(coordinates)), width_m, outward)
    if kind == "MultiLineString":
        lines = [_line(points) for points in _list(coordinates, "lines")]
        if not lines:
            raise ValueError("it has no coordinates")
        return _wide(MultiLineString(lines), width_m, outward)
    raise ValueError(
        f"its geometry is {kind or 'missing'}; Polygon, MultiPolygon, Point with a radius, LineString and "
        "MultiLineString with a width are known"
    )


def plain_polygons(geometries: Sequence[Any]) -> list[BaseGeometry | None]:
    """The same as `shape_of` for those that are polygons of one good ring, made all at once; None for all others, and
    for what is faulty: those are looked at one by one."""
    found: list[BaseGeometry | None] = [None] * len(geometries)
    rings: dict[int, Any] = {}
    for index, geometry in enumerate(geometries):
        kind, coordinates = _parts(geometry)
        if kind == "Polygon" and isinstance(coordinates, list) and len(coordinates) == 1:
            (ring,) = coordinates
            if isinstance(ring, list) and len(ring) >= _ENOUGH_POINTS:
                rings[index] = ring
    if not rings:
        return found
    try:
        places = _points(list(chain.from_iterable(rings.values())))
    except ValueError:
        return found
    owners = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings.values()])
    shapes = np.atleast_1d(np.asarray(shapely.polygons(shapely.linearrings(places, indices=owners))))
    good = np.atleast_1d(shapely.is_valid(shapes) & (shapely.area(shapes) >= _SMALLEST_DEG2))
    for index, shape, is_good in zip(rings, shapes, good, strict=True):
        found[index] = shape if is_good else None
    return found


def polygon(rings: Any) -> BaseGeometry:
    """A polygon from its rings, the outer one first; open ones are closed. Raises ValueError."""
    arrays = [_points(points) for points in _list(rings, "rings")]
    if not arrays:
        raise ValueError("it has no coordinates")
    for array in arrays:
        if len(array) < _ENOUGH_POINTS and (distinct := len(np.unique(array, axis=0))) < 3:
            raise ValueError(f"a ring has {distinct} different points; it needs 3")
    closed: list[Any] = [shapely.linearrings(array) for array in arrays]
    shape: Any = shapely.polygons(closed[0], closed[1:] or None)
    return valid(shape)


def multi_polygon(polygons: Iterable[BaseGeometry]) -> BaseGeometry:
    """Several polygons as one shape. Real files let them touch and overlap; all that one of them covers is meant."""
    parts = [part for polygon in polygons for part in shapely.get_parts(polygon)]
    if not parts:
        raise ValueError("it has no coordinates")
    together = MultiPolygon(parts)
    return parts[0] if len(parts) == 1 else together if together.is_valid else valid(shapely.union_all(parts))


def valid(shape: BaseGeometry) -> BaseGeometry:
    """The same area as a valid shape. Raises ValueError when it crosses itself or has no area."""
    if not shape.is_valid:
        mended = _mended(shape)
        if mended is None and shape.convex_hull.area >= _SMALLEST_DEG2:
            raise ValueError(f"its outline is not valid: {explain_validity(shape)} (a ring that crosses itself?)")
        shape = shape if mended is None else mended
    if not shape.area >= _SMALLEST_DEG2:
        raise ValueError("its area is zero")
    return shape


def _mended(shape: BaseGeometry) -> BaseGeometry | None:
    """The polygons of an outline that only touches itself, as real files' do. Where it crosses itself, the area that
    its rings go round differs from the area inside, and what was meant is not known: None."""
    parts = [part for part in shapely.get_parts(shapely.make_valid(shape)) if part.area > 0.0]
    polygons = [polygon for part in parts for polygon in shapely.get_parts(part) if polygon.geom_type == "Polygon"]
    mended = shapely.union_all(polygons)
    return mended if mended.is_valid and abs(mended.area - shape.area) <= 1e-9 * shape.area else None


def check_place(shape: BaseGeometry, near: Position | None, *, published: bool = False) -> BaseGeometry:
    """The same shape. Raises ValueError for what is no place on earth, crosses the antimeridian, or lies elsewhere than
    the site; and Elsewhere for a published one that is only too far away to matter."""
    west, south, east, north = (float(value) for value in shape.bounds)
    if south < -90.0 or north > 90.0:
        raise ValueError("a latitude is beyond 90 degrees; are the two swapped? Longitude comes first")
    if west < -180.0 or east > 180.0:
        raise ValueError("a longitude is beyond 180 degrees")
    if east - west > 180.0:
        raise ValueError("it crosses the antimeridian, which is not supported: split it at 180 degrees")
    if near is None or (
        south - _BESIDE_DEG <= near.latitude_deg <= north + _BESIDE_DEG
        and west - _BESIDE_DEG <= near.longitude_deg <= east + _BESIDE_DEG
    ):
        return shape
    within_m = PUBLISHED_WITHIN_M if published else OWN_WITHIN_M
    apart_m = _apart_m(near, west, south, east, north)
    if apart_m <= within_m:
        return shape
    far = f"it lies {apart_m / 1000.0:.0f} km from the site"
    swapped = south >= -180.0 and abs(west) <= 90.0 and abs(east) <= 90.0
    if not published or (swapped and _apart_m(near, south, west, north, east) <= PUBLISHED_WITHIN_M):
        raise ValueError(f"{far}; are latitude and longitude swapped?")
    raise Elsewhere(far)


def _apart_m(near: Position, west: float, south: float, east: float, north: float) -> float:
    """How far a place is from a box of degrees."""
    nearest = Position(min(max(near.latitude_deg, south), north), min(max(near.longitude_deg, west), east))
    return 0.0 if nearest == near else distance_m(near, nearest)


def _parts(geometry: Any) -> tuple[str, Any]:
    if not isinstance(geometry, dict):
        return "", None
    kind = geometry.get("type")
    return (kind if isinstance(kind, str) else ""), geometry.get("coordinates")


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"its coordinates cannot be read: a list of {what} is missing")
    return list(value)


def _points(points: Any) -> FloatArray:
    """(n, 2) finite longitude, latitude; heights and whatever else stands behind them are left."""
    try:
        if len(points) == 0:
            raise ValueError("it has no coordinates")
        try:
            array = np.asarray(points, dtype=np.float64)
        except ValueError:  # some with a height and some without
            array = np.asarray([point[:2] for point in points], dtype=np.float64)
    except (TypeError, ValueError, OverflowError, KeyError, IndexError, RecursionError) as fault:
        if "no coordinates" in str(fault):
            raise
        raise ValueError(f"its coordinates cannot be read: {fault}") from fault
    if array.ndim != 2 or array.shape[1] < 2:
        raise ValueError("its coordinates cannot be read: each place is a longitude and a latitude")
    array = array[:, :2]
    if not math.isfinite(array.sum()):  # of what is neither a number nor finite nothing comes back
        raise ValueError("a coordinate is not a number")
    return array


def _without_doubles(array: FloatArray) -> FloatArray:
    moved = (array[1:] != array[:-1]).any(axis=1)
    return array if moved.all() else array[np.concatenate(([True], moved))]


def _line(points: Any) -> FloatArray:
    array = _without_doubles(_points(points))
    if len(array) < 2:
        raise ValueError("a line has one place only; it needs two different ones")
    return array


def _circle(center: FloatArray, radius_m: float | None, outward: bool) -> BaseGeometry:
    if radius_m is None:
        raise ValueError("it is a Point, and no radius is given; a circle has radius_m")
    if not 0.0 < radius_m <= LARGEST_RADIUS_M:
        raise ValueError(f"its radius is {radius_m:g} m; a circle has more than 0 and at most 500 km")
    disc = Point(0.0, 0.0).buffer(radius_m * (_OUTWARD if outward else 1.0), quad_segs=_QUARTER)
    return valid(_to_degrees(disc, _frame(center)))


def _wide(line: BaseGeometry, width_m: float | None, outward: bool) -> BaseGeometry:
    if width_m is None:
        raise ValueError("it is a line, and no width is given; write width_m, from side to side")
    if not 0.0 < width_m <= 2.0 * LARGEST_RADIUS_M:
        raise ValueError(f"its width is {width_m:g} m; a line has more than 0 and at most 1000 km")
    check_place(line, None)
    frame = _frame(shapely.get_coordinates(line).mean(axis=0))
    half_m = 0.5 * width_m * (_OUTWARD if outward else 1.0)
    return valid(_to_degrees(to_metres(line, frame).buffer(half_m, quad_segs=_QUARTER), frame))


def _frame(center: FloatArray) -> LocalFrame:
    check_place(Point(center), None)
    return LocalFrame(Position(float(center[1]), float(center[0])))


def _to_degrees(shape: BaseGeometry, frame: LocalFrame) -> BaseGeometry:
    degrees = to_degrees(shape, frame)
    if not np.isfinite(shapely.get_coordinates(degrees)).all():
        raise ValueError("it reaches too far round the earth")
    return check_place(degrees, None)
