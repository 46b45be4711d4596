"""The ground's height: from the site's terrain tiles, or interpolated between surveyed points."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sim.world.frame import Floats, LocalFrame
from sim.world.terrain import Tiles, read_tiles

_UNIT_M = 10_000.0
_SMOOTHING = 1e-4


class Ground:
    """A thin-plate spline through points (x, y, altitude above mean sea level, all m).

    Fewer than four points are flat ground at their mean.
    """

    def __init__(self, points: Floats) -> None:
        self._mean_m = float(points[:, 2].mean())
        self._low_m, self._high_m = float(points[:, 2].min()) - 20.0, float(points[:, 2].max()) + 20.0
        self._at = points[:, :2] / _UNIT_M
        self._weights = self._solve(points[:, 2]) if len(points) > 3 else None

    def altitude_amsl_m(self, x_m: Floats, y_m: Floats) -> Floats:
        """The ground's altitude at points; never more than 20 m beyond the surveyed ones."""
        at = np.stack([np.asarray(x_m, float), np.asarray(y_m, float)], axis=-1) / _UNIT_M
        if self._weights is None:
            return np.full(at.shape[:-1], self._mean_m)
        bent = _kernel(at[..., None, :] - self._at) @ self._weights[:-3]
        flat = self._weights[-3] + at @ self._weights[-2:]
        return np.clip(bent + flat + self._mean_m, self._low_m, self._high_m)

    def _solve(self, altitude_m: Floats) -> Floats:
        count = len(self._at)
        matrix = np.zeros((count + 3, count + 3))
        matrix[:count, :count] = _kernel(self._at[:, None] - self._at[None]) + _SMOOTHING * np.eye(count)
        matrix[:count, count] = matrix[count, :count] = 1.0
        matrix[:count, count + 1 :] = self._at
        matrix[count + 1 :, :count] = self._at.T
        return np.linalg.lstsq(matrix, np.append(altitude_m - self._mean_m, np.zeros(3)), rcond=None)[0]


def _kernel(difference: Floats) -> Floats:
    square = (difference**2).sum(axis=-1)
    return 0.5 * square * np.log(np.maximum(square, 1e-18))


def read_ground(folder: Path, frame: LocalFrame, otherwise_m: Sequence[float]) -> Ground | Tiles:
    """The ground of a site: the tiles that its dfr.toml names, or its ground.csv (latitude_deg, longitude_deg,
    altitude_amsl_m); flat without either.

    Raises ValueError, KeyError or OSError when a file is there but cannot be used.
    """
    if (tiles := read_tiles(folder, frame)) is not None:
        return tiles
    file = folder / "ground.csv"
    if not file.exists():
        return Ground(np.array([(0.0, 0.0, height) for height in otherwise_m]))
    with file.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        points = [
            (*frame.xy(float(row["latitude_deg"]), float(row["longitude_deg"])), float(row["altitude_amsl_m"]))
            for row in rows
        ]
    if not points:
        raise ValueError(f"{file} holds no points. Add some, or remove the file for flat ground.")
    return Ground(np.array(points))
