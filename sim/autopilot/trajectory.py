"""Jerk-limited trajectories of many aircraft at once, as PX4's auto modes make them.

Each axis goes from its velocity and acceleration to a wanted velocity in three pieces of constant jerk (rising,
constant, falling acceleration) in the least time; the quicker axes are slowed so that all of a row arrive together.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

TINY = 1e-9


class Trajectory:
    """`count` rows of `axes` values. `aim` plans, `advance` follows the plan; `aim` again at every step."""

    def __init__(self, count: int, axes: int) -> None:
        self.position = np.zeros((count, axes))
        self.velocity = np.zeros((count, axes))
        self.acceleration = np.zeros((count, axes))
        self._direction = np.zeros((count, axes))
        self._jerk = np.ones((count, 1))
        self._times = np.zeros((3, count, axes))
        self._together = axes > 1

    def aim(self, velocity: Array, most_velocity: Array, most_acceleration: Array, jerk: Array) -> None:
        """Plan towards `velocity`, no faster than `most_velocity` an axis; `jerk` has one column."""
        v, a, j = self.velocity, self.acceleration, jerk
        wanted = np.minimum(np.maximum(velocity, -most_velocity), most_velocity)
        direction = np.sign(wanted - (v + a * np.abs(a) / (2 * j)))
        direction = np.where(direction == 0, np.sign(a), direction)
        self._direction, self._jerk = direction, j
        # mirrored so that every axis rises first
        a = a * direction
        change = (wanted - v) * direction
        root = np.sqrt(np.maximum(2 * a * a + 4 * j * change, 0.0))
        rise = self._capped((0.5 * root - a) / j, a, j, most_acceleration)
        fall = np.maximum(a / j + rise, 0.0)
        peak = a + j * rise
        gained = rise * (a + 0.5 * j * rise) + fall * (peak - 0.5 * j * fall)
        keep = np.maximum((change - gained) / np.where(np.abs(peak) > TINY, peak, 1.0), 0.0)
        keep = np.where(np.abs(peak) > TINY, keep, 0.0)
        moving = np.abs(direction)
        self._times[0], self._times[1], self._times[2] = rise * moving, keep * moving, fall * moving
        if self._together:
            self._synchronise(a, change, most_acceleration, direction != 0)

    def _synchronise(self, a: Array, change: Array, most_acceleration: Array, moving: Mask) -> None:
        """Give every axis the time of the slowest."""
        j = self._jerk
        total = self._times.sum(axis=0)
        longest = total.max(axis=1, keepdims=True)
        quicker = moving & (total < longest)
        if not quicker.any():
            return
        b = j * longest - a
        inside = (longest * j) ** 2 + 2 * longest * a * j - a * a - 4 * j * change
        rise = np.maximum((b - np.sqrt(np.maximum(inside, 0.0))) / (2 * j), 0.0)
        possible = (inside >= 0) & (a / j + rise >= 0) & (2 * rise + a / j <= longest)
        rise = self._capped(np.where(possible, rise, 0.0), a, j, most_acceleration)
        fall = np.maximum(a / j + rise, 0.0)
        keep = np.maximum(longest - rise - fall, 0.0)
        for piece, seconds in enumerate((rise, keep, fall)):
            self._times[piece] = np.where(quicker, seconds, self._times[piece])

    @staticmethod
    def _capped(rise: Array, a: Array, j: Array, most_acceleration: Array) -> Array:
        peak = a + j * np.maximum(rise, 0.0)
        capped = np.minimum(np.maximum(peak, -most_acceleration), most_acceleration)
        return np.asarray(np.maximum((capped - a) / j, 0.0))

    def advance(self, dt_s: Array) -> None:
        """Follow the plan for `dt_s` (one column), and keep the velocity beyond its end."""
        left = dt_s
        jerk = self._direction * self._jerk
        for piece, j in ((0, jerk), (1, 0.0), (2, -jerk)):
            t = np.minimum(left, self._times[piece])
            a, v = self.acceleration, self.velocity
            jt = j * t
            self.position = self.position + t * (v + t * (0.5 * a + jt / 6))
            self.velocity = v + t * (a + 0.5 * jt)
            self.acceleration = a + jt
            left = left - t
        rest = left > TINY
        self.position = self.position + np.where(rest, self.velocity * left, 0.0)
        self.acceleration = np.where(rest, 0.0, self.acceleration)
        self._times[:] = 0.0

    def restart(self, rows: Mask, position: Array, velocity: Array, acceleration: Array | float = 0.0) -> None:
        """Begin again from here in some rows."""
        where = rows[:, None]
        self.position = np.where(where, position, self.position)
        self.velocity = np.where(where, velocity, self.velocity)
        self.acceleration = np.where(where, acceleration, self.acceleration)
