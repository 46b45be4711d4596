"""The height of the ground, with the error that it is known to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import shapely
from shapely.geometry import MultiPoint

from dfr.core.geo import Amsl, FloatArray, LocalFrame, Position


class Ground(Protocol):
    """Tells how high the ground is; the true ground lies within `error_m` of what it says (95 of 100 times)."""

    @property
    def error_m(self) -> float:
        """Metres; narrows every height that is allowed above ground."""
        ...

    def altitudes_m(self, longitude_latitude_deg: FloatArray) -> FloatArray:
        """(n, 2) longitude, latitude in degrees to (n,) metres above mean sea level; NaN where it is not known."""
        ...

    def altitude(self, position: Position) -> Amsl:
        """The ground at one position; where it is not known as high as the highest that is, so nothing descends."""
        ...

    def knows(self, position: Position) -> bool:
        """Whether the ground's height is known there."""
        ...


@dataclass(frozen=True, slots=True)
class FlatGround:
    """The same height everywhere: for tests, and for a site as flat as its error."""

    level: Amsl
    error_m: float = 0.0

    def altitudes_m(self, longitude_latitude_deg: FloatArray) -> FloatArray:
        return np.full(len(longitude_latitude_deg), self.level.m)

    def altitude(self, position: Position) -> Amsl:
        return self.level

    def knows(self, position: Position) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class GroundPoint:
    """A place whose ground height is known."""

    position: Position
    altitude: Amsl
    name: str = ""


class SurveyedGround:
    """Interpolated between known points by a thin-plate spline, which passes through all of them.

    `error_m` is found by leaving out each point in turn that lies among the others and asking them for it: twice the
    root mean square of what they miss it by. It says nothing of the ground beyond the outermost points.
    Raises ValueError for fewer than six points, or two at one place, which cannot be asked this.
    """

    def __init__(self, points: Sequence[GroundPoint], origin: Position) -> None:
        if len(points) < 6:
            raise ValueError(f"The ground needs at least 6 known points to state its error, and has {len(points)}.")
        self._frame = LocalFrame(origin)
        self._places = np.array([self._frame.to_local(point.position) for point in points]) / _SCALE_M
        if len(np.unique(self._places.round(4), axis=0)) < len(points):
            raise ValueError("Two known points of the ground are at the same place: take one of them out.")
        heights = np.array([point.altitude.m for point in points])
        inverse = np.asarray(np.linalg.inv(_system(self._places)), dtype=np.float64)
        self._weights = inverse @ np.append(heights, np.zeros(3))
        self._error_m = 2.0 * _left_out_rms(self._places, self._weights, inverse)
        # The ground at the docks is asked every second.
        self.altitude = lru_cache(maxsize=4096)(self._altitude)

    @property
    def error_m(self) -> float:
        return self._error_m

    def altitudes_m(self, longitude_latitude_deg: FloatArray) -> FloatArray:
        return _evaluate(self._frame.array_to_local(longitude_latitude_deg) / _SCALE_M, self._places, self._weights)

    def _altitude(self, position: Position) -> Amsl:
        return Amsl(float(self.altitudes_m(np.array([[position.longitude_deg, position.latitude_deg]]))[0]))

    def knows(self, position: Position) -> bool:
        return True


_SCALE_M = 1000.0
"""Places are kept in kilometres, so that the numbers of the equations are of one size."""


def _kernel(a: FloatArray, b: FloatArray) -> FloatArray:
    """r² ln r between every place of a and every place of b (Duchon 1977)."""
    squared = np.subtract.outer(a[:, 0], b[:, 0]) ** 2 + np.subtract.outer(a[:, 1], b[:, 1]) ** 2
    return np.asarray(0.5 * squared * np.log(np.where(squared > 0.0, squared, 1.0)), dtype=np.float64)


def _system(places: FloatArray) -> FloatArray:
    """The equations of the weights: of the places, then of east, north and one."""
    plane = np.column_stack((places, np.ones(len(places))))
    return np.block([[_kernel(places, places), plane], [plane.T, np.zeros((3, 3))]])


def _evaluate(wanted: FloatArray, places: FloatArray, weights: FloatArray) -> FloatArray:
    plane = np.column_stack((wanted, np.ones(len(wanted))))
    return np.asarray(_kernel(wanted, places) @ weights[:-3] + plane @ weights[-3:], dtype=np.float64)


def _left_out_rms(places: FloatArray, weights: FloatArray, inverse: FloatArray) -> float:
    """What the others miss each inner point by, without solving again: weight over inverse's diagonal (Rippa 1999)."""
    misses = (weights / np.diag(inverse))[:-3]
    outline = {tuple(place) for place in shapely.get_coordinates(MultiPoint(places).convex_hull)}
    inner = [index for index, place in enumerate(places) if tuple(place) not in outline]
    if not inner:
        raise ValueError(
            "No known point of the ground lies among the others, so its error cannot be stated: add points."
        )
    return float(np.sqrt(np.mean(np.square(misses[inner]))))
