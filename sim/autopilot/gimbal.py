"""A stabilised two-axis gimbal with PX4's gimbal manager before it (MAVLink gimbal protocol v2).

Angles in degrees: pitch up positive, yaw clockwise from north. Source: https://mavlink.io/en/services/gimbal_v2.html.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pymavlink.dialects.v20 import common as mavlink

PITCH_MIN_DEG, PITCH_MAX_DEG = -90.0, 30.0
RATE_DEGPS = 60.0
DEVICE_ID = 1
CAPABILITIES = (
    mavlink.GIMBAL_MANAGER_CAP_FLAGS_HAS_NEUTRAL
    | mavlink.GIMBAL_MANAGER_CAP_FLAGS_HAS_PITCH_AXIS
    | mavlink.GIMBAL_MANAGER_CAP_FLAGS_HAS_PITCH_LOCK
    | mavlink.GIMBAL_MANAGER_CAP_FLAGS_HAS_YAW_AXIS
    | mavlink.GIMBAL_MANAGER_CAP_FLAGS_HAS_YAW_FOLLOW
    | mavlink.GIMBAL_MANAGER_CAP_FLAGS_HAS_YAW_LOCK
    | mavlink.GIMBAL_MANAGER_CAP_FLAGS_SUPPORTS_INFINITE_YAW
    | mavlink.GIMBAL_MANAGER_CAP_FLAGS_CAN_POINT_LOCATION_GLOBAL
)
NOBODY = (0, 0)

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """A point that the camera looks at: metres north, east and down of home."""

    north_m: float
    east_m: float
    down_m: float


class Gimbals:
    """Every aircraft's gimbal, one row each, moved together at a limited rate. Degrees."""

    def __init__(self, count: int) -> None:
        self.pitch = np.zeros(count)
        self.yaw = np.zeros(count)
        self.pitch_target = np.zeros(count)
        self.yaw_target = np.zeros(count)
        self.pitch_rate = np.zeros(count)
        self.yaw_rate = np.zeros(count)
        self.yaw_locked = np.zeros(count, dtype=bool)
        self.region = np.zeros((count, 3))
        self.has_region = np.zeros(count, dtype=bool)

    def step(self, dt_s: float, position: Array, vehicle_yaw_deg: Array) -> None:
        """Move for `dt_s`; each row of `position` is north, east, down of home."""
        self.pitch_target = np.clip(self.pitch_target + self.pitch_rate * dt_s, PITCH_MIN_DEG, PITCH_MAX_DEG)
        self.yaw_target += self.yaw_rate * dt_s
        pitch, yaw = self.pitch_target, self.yaw_target + np.where(self.yaw_locked, 0.0, vehicle_yaw_deg)
        if self.has_region.any():
            north, east, down = (self.region - position).T
            to_pitch = np.clip(-np.degrees(np.arctan2(down, np.hypot(north, east))), PITCH_MIN_DEG, PITCH_MAX_DEG)
            pitch = np.where(self.has_region, to_pitch, pitch)
            yaw = np.where(self.has_region, np.degrees(np.arctan2(east, north)), yaw)
        most = RATE_DEGPS * dt_s
        self.pitch += np.clip(pitch - self.pitch, -most, most)
        turn = 180.0 - np.remainder(180.0 - (yaw - self.yaw), 360.0)
        self.yaw = 180.0 - np.remainder(180.0 - (self.yaw + np.clip(turn, -most, most)), 360.0)


class Gimbal:
    """One aircraft's row: it goes to what was asked last, an angle, a rate, or a region of interest."""

    def __init__(self, gimbals: Gimbals, index: int) -> None:
        self._gimbals = gimbals
        self._index = index
        self.primary = NOBODY
        self.secondary = NOBODY

    @property
    def pitch_deg(self) -> float:
        return float(self._gimbals.pitch[self._index])

    @property
    def yaw_deg(self) -> float:
        return float(self._gimbals.yaw[self._index])

    @property
    def yaw_lock(self) -> bool:
        return bool(self._gimbals.yaw_locked[self._index])

    @property
    def region(self) -> Region | None:
        g, i = self._gimbals, self._index
        return Region(*map(float, g.region[i])) if g.has_region[i] else None

    def look_at(self, region: Region | None) -> None:
        """None looks ahead again."""
        if region is None:
            self.point(0.0, 0.0, flags=0)
            return
        g, i = self._gimbals, self._index
        g.region[i] = region.north_m, region.east_m, region.down_m
        g.has_region[i] = True

    def point(
        self, pitch_deg: float, yaw_deg: float, flags: int, rates_degps: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """An angle, NaN to leave an axis as it is, and rates, NaN for none. Yaw is the vehicle's unless YAW_LOCK."""
        g, i = self._gimbals, self._index
        g.has_region[i] = False
        if flags & mavlink.GIMBAL_MANAGER_FLAGS_NEUTRAL:
            pitch_deg, yaw_deg, flags = 0.0, 0.0, 0
        g.yaw_locked[i] = bool(flags & mavlink.GIMBAL_MANAGER_FLAGS_YAW_LOCK)
        if math.isfinite(pitch_deg):
            g.pitch_target[i] = min(PITCH_MAX_DEG, max(PITCH_MIN_DEG, pitch_deg))
        if math.isfinite(yaw_deg):
            g.yaw_target[i] = yaw_deg
        pitch_rate, yaw_rate = (rate if math.isfinite(rate) else 0.0 for rate in rates_degps)
        g.pitch_rate[i], g.yaw_rate[i] = pitch_rate, yaw_rate

    @property
    def flags(self) -> int:
        """GIMBAL_DEVICE_FLAGS: the attitude is level with the horizon and its yaw is north's."""
        locked = self.yaw_lock or bool(self._gimbals.has_region[self._index])
        lock = mavlink.GIMBAL_DEVICE_FLAGS_YAW_LOCK if locked else 0
        return int(
            mavlink.GIMBAL_DEVICE_FLAGS_ROLL_LOCK
            | mavlink.GIMBAL_DEVICE_FLAGS_PITCH_LOCK
            | mavlink.GIMBAL_DEVICE_FLAGS_YAW_IN_EARTH_FRAME
            | lock
        )

    @property
    def quaternion(self) -> tuple[float, float, float, float]:
        """w, x, y, z of north-east-down to camera, roll 0."""
        half_pitch, half_yaw = math.radians(self.pitch_deg) / 2, math.radians(self.yaw_deg) / 2
        cp, sp, cy, sy = math.cos(half_pitch), math.sin(half_pitch), math.cos(half_yaw), math.sin(half_yaw)
        return cp * cy, -sp * sy, sp * cy, cp * sy
