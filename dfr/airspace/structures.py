"""Buildings, masts and whatever else stands up from the ground: what is above a place, and how near the next one is."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import STRtree
from shapely.errors import ShapelyError
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from dfr.airspace.ground import Ground
from dfr.core.geo import Agl, Amsl, FloatArray, LocalFrame, Position

POSITION_ERROR_M = 5.0
"""Footprints stand so much wrong sideways, where their file does not say otherwise."""
_GROUND_STEP_M = 10.0
_FARTHEST_DEG = 2.0
"""A structure so far from the site has its latitude and longitude swapped, or belongs to another one."""


class StructureError(ValueError):
    """A file of structures cannot be used: a sentence a fault, with file and feature."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Structure:
    """What stands there: its footprint in longitude, latitude degrees (a Point has `radius_m`) and its top."""

    name: str
    footprint: BaseGeometry
    top: Agl | Amsl
    error_m: float
    """Of the top: 95 of 100 lie within it."""
    radius_m: float = 0.0


class Structures:
    """The structures of a site over its ground, for many places at once; places are (n, 2) local metres.

    A top above ground counts from the highest ground under the footprint where it raises the floor, and from the lowest
    where it allows more height.
    """

    def __init__(
        self,
        structures: Sequence[Structure],
        ground: Ground,
        frame: LocalFrame,
        position_error_m: float = POSITION_ERROR_M,
    ) -> None:
        self.all = tuple(structures)
        self.position_error_m = position_error_m
        footprints = [_local(one, frame) for one in self.all]
        highest_m, lowest_m = _ground_under(footprints, ground, frame)
        above_ground = np.array([isinstance(one.top, Agl) for one in self.all], dtype=bool)
        tops_m = np.array([one.top.m for one in self.all], dtype=np.float64)
        errors_m = np.array([one.error_m for one in self.all], dtype=np.float64)
        errors_m = errors_m + np.where(above_ground, ground.error_m, 0.0)
        self._highest_tops_m = tops_m + np.where(above_ground, highest_m, 0.0) + errors_m
        self._lowest_tops_m = tops_m + np.where(above_ground, lowest_m, 0.0) - errors_m
        self._footprints = np.array(footprints, dtype=object)
        self._tree = STRtree(self._footprints)

    def tops_m(self, places: FloatArray) -> FloatArray:
        """(n,) the highest that what stands at each place may reach, metres above sea level, errors added; -inf for
        nothing. Footprints are widened by the error of their position."""
        found = np.full(len(places), -math.inf)
        at, which = self._within(places, self.position_error_m)
        np.maximum.at(found, at, self._highest_tops_m[which])
        return found

    def near_m(self, places: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(n,) metres sideways to the nearest structure at most (0 over one, inf where there is none at all), and the
        least that its top reaches, metres above sea level (-inf where there is none)."""
        distances_m, tops_m = np.full(len(places), math.inf), np.full(len(places), -math.inf)
        if not self.all or not len(places):
            return distances_m, tops_m
        (at, which), away_m = self._tree.query_nearest(shapely.points(places), return_distance=True)
        distances_m[at] = away_m
        np.maximum.at(tops_m, at, self._lowest_tops_m[which])
        over = distances_m == 0.0
        return np.where(over, 0.0, distances_m + self.position_error_m), tops_m

    def tallest_m(self, places: FloatArray, within_m: float) -> FloatArray:
        """(n,) the least that the tallest structure within a distance reaches, metres above sea level; -inf for none.
        For rules that allow more height near a structure: errors are taken off, and off the distance too."""
        found = np.full(len(places), -math.inf)
        at, which = self._within(places, max(within_m - self.position_error_m, 0.0))
        np.maximum.at(found, at, self._lowest_tops_m[which])
        return found

    def _within(self, places: FloatArray, reach_m: float) -> tuple[Any, Any]:
        if not self.all or not len(places):
            return [], []
        return tuple(self._tree.query(shapely.points(places), predicate="dwithin", distance=reach_m))


def _local(one: Structure, frame: LocalFrame) -> BaseGeometry:
    footprint = shapely.transform(one.footprint, frame.array_to_local)
    return footprint.buffer(one.radius_m) if one.radius_m else footprint


def _ground_under(footprints: list[BaseGeometry], ground: Ground, frame: LocalFrame) -> tuple[FloatArray, FloatArray]:
    """The highest and the lowest ground at the edge and in the middle of each; +inf and -inf where unknown."""
    if not footprints:
        return np.empty(0), np.empty(0)
    edges = shapely.segmentize(np.array(footprints, dtype=object), _GROUND_STEP_M)
    places, of = shapely.get_coordinates(edges, return_index=True)
    middles = shapely.get_coordinates(shapely.point_on_surface(edges))
    places, of = np.concatenate((places, middles)), np.concatenate((of, np.arange(len(footprints))))
    heights_m = ground.altitudes_m(frame.array_to_longitude_latitude(places))
    highest_m, lowest_m = np.full(len(footprints), -math.inf), np.full(len(footprints), math.inf)
    np.maximum.at(highest_m, of, np.where(np.isnan(heights_m), math.inf, heights_m))
    np.minimum.at(lowest_m, of, np.where(np.isnan(heights_m), -math.inf, heights_m))
    return highest_m, lowest_m


def load_structures(files: Sequence[Path], near: Position, error_m: float | None = None) -> list[Structure]:
    """Structures from GeoJSON files; `error_m` is the top's where a feature has none. Raises StructureError.

    A feature is a Polygon, MultiPolygon, or Point with `radius_m`; its properties: `height_m` above the ground or
    `top_amsl_m`, `error_m`, `name`.
    """
    found: list[Structure] = []
    faults: list[str] = []
    for path in files:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            faults.append(f"{path.name} cannot be read: {fault}.")
            continue
        features = content.get("features") if isinstance(content, dict) else None
        if not isinstance(features, list):
            faults.append(f"{path.name}: structures are a GeoJSON FeatureCollection.")
            continue
        for number, feature in enumerate(features, 1):
            try:
                found.append(_structure(feature, near, error_m))
            except (ValueError, TypeError, KeyError, AttributeError, ShapelyError) as fault:
                faults.append(f"{path.name}, feature {number}: {fault}")
    if faults:
        raise StructureError(faults)
    return found


def _structure(feature: Any, near: Position, default_error_m: float | None) -> Structure:
    properties = feature.get("properties") or {}
    if not feature.get("geometry"):
        raise ValueError("it has no geometry.")
    footprint = shape(feature["geometry"])
    radius_m = _number(properties, "radius_m", 0.0) if isinstance(footprint, Point) else 0.0
    if footprint.geom_type not in ("Polygon", "MultiPolygon", "Point"):
        raise ValueError(f"a structure is a Polygon, a MultiPolygon or a Point, not a {footprint.geom_type}.")
    if isinstance(footprint, Point) and radius_m <= 0.0:
        raise ValueError("a Point needs radius_m, more than 0.")
    if footprint.is_empty or not footprint.is_valid:
        raise ValueError(f"its shape cannot be used: {shapely.is_valid_reason(footprint)}.")
    west, south, east, north = footprint.bounds
    off_deg = max(abs(south - near.latitude_deg), abs(north - near.latitude_deg), abs(west - near.longitude_deg))
    if max(off_deg, abs(east - near.longitude_deg)) > _FARTHEST_DEG:
        raise ValueError("it is far from this site: are latitude and longitude swapped?")
    if ("height_m" in properties) == ("top_amsl_m" in properties):
        raise ValueError("it needs either height_m (above the ground) or top_amsl_m (above mean sea level).")
    above_ground = "height_m" in properties
    top_m = _number(properties, "height_m" if above_ground else "top_amsl_m")
    if above_ground and not 0.0 < top_m < 1000.0:
        raise ValueError(f"height_m is {top_m:g}; it is metres above the ground, more than 0 and less than 1000.")
    error_m = _number(properties, "error_m", default_error_m)
    if error_m < 0.0:
        raise ValueError(f"error_m is {error_m:g}, less than 0.")
    top = Agl(top_m) if above_ground else Amsl(top_m)
    return Structure(str(properties.get("name") or ""), footprint, top, error_m, radius_m)


def _number(properties: dict[str, Any], key: str, otherwise: float | None = None) -> float:
    value = properties.get(key, otherwise)
    if value is None:
        raise ValueError(
            f"{key} is missing (structure_error_m of the site stands for error_m)."
            if key == "error_m"
            else f"{key} is missing."
        )
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key} is {value!r}, which is no number.")
    return float(value)
