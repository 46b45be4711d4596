"""A stabilised two-axis gimbal with PX4's gimbal manager before it (MAVLink gimbal protocol v2).

Angles in degrees: pitch up positive, yaw clockwise from north. Source: https://mavlink.io/en/services/gimbal_v2.html.
"""

import math
from dataclasses import dataclass

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


def wrap_deg(angle: float) -> float:
    """To (-180, 180]."""
    return 180.0 - (180.0 - angle) % 360.0


@dataclass(frozen=True, slots=True)
class Region:
    """A point that the camera looks at: metres north, east and down of home."""

    north_m: float
    east_m: float
    down_m: float


class Gimbal:
    """Moves at a limited rate towards what was asked last: an angle, a rate, or a region of interest."""

    def __init__(self) -> None:
        self.pitch_deg = 0.0
        self.yaw_deg = 0.0
        self.primary = NOBODY
        self.secondary = NOBODY
        self.region: Region | None = None
        self.yaw_lock = False
        self._pitch_target_deg = 0.0
        self._yaw_target_deg = 0.0
        self._rates_degps = (0.0, 0.0)

    def look_at(self, region: Region | None) -> None:
        """None looks ahead again."""
        self.region = region
        self.point(0.0, 0.0, flags=0) if region is None else None

    def point(
        self, pitch_deg: float, yaw_deg: float, flags: int, rates_degps: tuple[float, float] = (0.0, 0.0)
    ) -> None:
        """An angle, NaN to leave an axis as it is, and rates, NaN for none. Yaw is the vehicle's unless YAW_LOCK."""
        self.region = None
        if flags & mavlink.GIMBAL_MANAGER_FLAGS_NEUTRAL:
            pitch_deg, yaw_deg, flags = 0.0, 0.0, 0
        self.yaw_lock = bool(flags & mavlink.GIMBAL_MANAGER_FLAGS_YAW_LOCK)
        if math.isfinite(pitch_deg):
            self._pitch_target_deg = min(PITCH_MAX_DEG, max(PITCH_MIN_DEG, pitch_deg))
        if math.isfinite(yaw_deg):
            self._yaw_target_deg = yaw_deg
        pitch_rate, yaw_rate = (rate if math.isfinite(rate) else 0.0 for rate in rates_degps)
        self._rates_degps = (pitch_rate, yaw_rate)

    def step(self, dt_s: float, position: tuple[float, float, float], vehicle_yaw_deg: float) -> None:
        """Move for `dt_s`; the position is north, east, down of home."""
        pitch, yaw = self._wanted(dt_s, position, vehicle_yaw_deg)
        most = RATE_DEGPS * dt_s
        self.pitch_deg += min(most, max(-most, pitch - self.pitch_deg))
        self.yaw_deg = wrap_deg(self.yaw_deg + min(most, max(-most, wrap_deg(yaw - self.yaw_deg))))

    def _wanted(self, dt_s: float, position: tuple[float, float, float], vehicle_yaw_deg: float) -> tuple[float, float]:
        if self.region is not None:
            north = self.region.north_m - position[0]
            east = self.region.east_m - position[1]
            down = self.region.down_m - position[2]
            pitch = -math.degrees(math.atan2(down, math.hypot(north, east)))
            return min(PITCH_MAX_DEG, max(PITCH_MIN_DEG, pitch)), math.degrees(math.atan2(east, north))
        pitch_rate, yaw_rate = self._rates_degps
        moved = self._pitch_target_deg + pitch_rate * dt_s
        self._pitch_target_deg = min(PITCH_MAX_DEG, max(PITCH_MIN_DEG, moved))
        self._yaw_target_deg = wrap_deg(self._yaw_target_deg + yaw_rate * dt_s)
        return self._pitch_target_deg, self._yaw_target_deg + (0.0 if self.yaw_lock else vehicle_yaw_deg)

    @property
    def flags(self) -> int:
        """GIMBAL_DEVICE_FLAGS: the attitude is level with the horizon and its yaw is north's."""
        lock = mavlink.GIMBAL_DEVICE_FLAGS_YAW_LOCK if self.yaw_lock or self.region is not None else 0
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
