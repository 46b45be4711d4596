"""The height of the ground, with the error that it is known to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dfr.core.geo import Amsl, FloatArray, LocalFrame, Position


class Ground(Protocol):
    """Tells how high the ground is. The true ground lies within `error_m` of what `altitude` says."""

    @property
    def error_m(self) -> float:
        """Metres; narrows every height that is allowed above ground."""
        ...

    def altitude(self, position: Position) -> Amsl:
        """The ground at a position."""
        ...


@dataclass(frozen=True, slots=True)
class FlatGround:
    """The same height everywhere: for tests, and for a site as flat as its error."""

    level: Amsl
    error_m: float = 0.0

    def altitude(self, position: Position) -> Amsl:
        return self.level


@dataclass(frozen=True, slots=True)
class GroundPoint:
    """A place whose ground height is known."""

    position: Position
    altitude: Amsl
    name: str = ""


class SurveyedGround:
    """Interpolated between known points: a plane through all of them, and near each point its distance from it.

    `error_m` is estimated by leaving each point out in turn and asking the others: the root mean square of what they
    miss it by, times two. Raises ValueError for fewer than four points, which cannot be asked this.
    """

    def __init__(self, points: Sequence[GroundPoint], origin: Position) -> None:
        if len(points) < 4:
            raise ValueError(f"The ground needs at least 4 known points to state its error, and has {len(points)}.")
        self._frame = LocalFrame(origin)
        self._places = np.array([self._frame.to_local(p.position) for p in points])
        self._heights = np.array([p.altitude.m for p in points])
        self._plane, self._rest = _fit(self._places, self._heights)
        self._error_m = 2.0 * _left_out_rms(self._places, self._heights)

    @property
    def error_m(self) -> float:
        return self._error_m

    def altitude(self, position: Position) -> Amsl:
        place = np.array(self._frame.to_local(position))
        return Amsl(_interpolate(place, self._places, self._plane, self._rest))


def _fit(places: FloatArray, heights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The least-squares plane (east slope, north slope, height), and what each point stands above it."""
    columns = np.column_stack((places, np.ones(len(places))))
    plane = np.linalg.lstsq(columns, heights, rcond=None)[0]
    return plane, heights - columns @ plane


def _interpolate(place: FloatArray, places: FloatArray, plane: FloatArray, rest: FloatArray) -> float:
    """Plane plus the inverse-square-distance mean of the rest; within a metre of a point, that point counts alone."""
    squared_m2 = np.maximum(((places - place) ** 2).sum(axis=1), 1.0)
    weights = 1.0 / squared_m2
    return float(plane[0] * place[0] + plane[1] * place[1] + plane[2] + (weights @ rest) / weights.sum())


def _left_out_rms(places: FloatArray, heights: FloatArray) -> float:
    misses = []
    for index in range(len(places)):
        others = np.arange(len(places)) != index
        plane, rest = _fit(places[others], heights[others])
        misses.append(heights[index] - _interpolate(places[index], places[others], plane, rest))
    return float(np.sqrt(np.mean(np.square(misses))))
