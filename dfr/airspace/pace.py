"""How long ways take, for choosing between them; when a flight is where is told by `profile.py`. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfr.airspace.profile import ACCELERATION_MPS2
from dfr.airspace.view import Place
from dfr.core.geo import FloatArray


@dataclass(frozen=True, slots=True)
class Pace:
    """How an aircraft gets on. PX4 holds its speed over the ground while its speed through the air suffices."""

    cruise_mps: float = 10.0
    """Over the ground."""
    airspeed_mps: float = 14.0
    """The most that it makes through the air."""
    climb_mps: float = 3.0
    descent_mps: float = 1.5
    wind_east_mps: float = 0.0
    """Where the air goes to; 0 while it is not known."""
    wind_north_mps: float = 0.0

    def __call__(self, displacements: FloatArray) -> FloatArray:
        """(n, 2) straight ways in metres to (n,) seconds; infinite where the wind is too strong against it.

        A norm, as what can be flown in a second is a convex shape around standing still: so the quickest ways bend at
        corners like the shortest do.
        """
        length_m = np.hypot(displacements[:, 0], displacements[:, 1])
        unit = displacements / np.maximum(length_m, 1e-9)[:, None]
        along_mps = unit @ np.array([self.wind_east_mps, self.wind_north_mps])
        across2 = self.wind_east_mps**2 + self.wind_north_mps**2 - along_mps**2
        by_air_mps = along_mps + np.sqrt(np.maximum(self.airspeed_mps**2 - across2, 0.0))
        speed_mps = np.minimum(by_air_mps, self.cruise_mps)
        return np.asarray(np.where(speed_mps > 0.1, length_m / np.maximum(speed_mps, 0.1), math.inf))

    def path_seconds(self, path: Sequence[Place]) -> float:
        """The legs, and what is lost at corners: at one that turns back as much as stopping and speeding up cost."""
        legs = np.diff(np.array(path), axis=0)
        bearings = np.arctan2(legs[:, 1], legs[:, 0])
        turns = np.diff(bearings)
        lost_s = self.cruise_mps / ACCELERATION_MPS2 * np.sin(turns / 2.0) ** 2
        return float(self(legs).sum() + lost_s.sum())
