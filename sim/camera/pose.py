"""Where the aircraft and its camera are: what MAVLink said last, carried on by velocity to the instant of a picture."""

import math
from dataclasses import dataclass, replace

_MOST_EXTRAPOLATION_S = 1.0
_EARTH_RADIUS_M = 6_371_000.0


@dataclass(frozen=True, slots=True)
class Attitude:
    """Roll, pitch and yaw in radians: aircraft body to north-east-down, yaw clockwise from north."""

    roll_rad: float
    pitch_rad: float
    yaw_rad: float


@dataclass(frozen=True, slots=True)
class View:
    """What a picture is taken from: position in WGS84 and m above mean sea level, and the camera's direction."""

    latitude_deg: float
    longitude_deg: float
    altitude_amsl_m: float
    camera: Attitude
    magnification: float = 1.0


@dataclass(frozen=True, slots=True)
class Position:
    """One GLOBAL_POSITION_INT: position, velocity (north, east, down), the aircraft's clock, when it was heard."""

    latitude_deg: float
    longitude_deg: float
    altitude_amsl_m: float
    velocity_mps: tuple[float, float, float]
    boot_s: float
    heard_s: float


@dataclass(frozen=True, slots=True)
class Pose:
    """The last of everything heard.

    `clock_rate` is aircraft seconds per second (above 1 when a simulation runs fast).
    """

    position: Position | None = None
    body: Attitude | None = None
    body_rate_radps: float = 0.0
    body_heard_s: float = 0.0
    gimbal: Attitude | None = None
    gimbal_yaw_is_earth: bool = False
    gimbal_heard_s: float = -math.inf
    clock_rate: float = 1.0

    def with_position(self, position: Position) -> "Pose":
        """The pose after a new position; the clock's rate follows slowly and is taken only from sane intervals."""
        rate = self.clock_rate
        if self.position and 0.02 < position.heard_s - self.position.heard_s < 3.0:
            seen = (position.boot_s - self.position.boot_s) / (position.heard_s - self.position.heard_s)
            if 0.05 < seen < 50.0:
                rate += 0.2 * (seen - rate)
        return replace(self, position=position, clock_rate=rate)

    def vehicle_yaw_rad(self, now_s: float) -> float:
        """The aircraft's heading now, carried on by its turn rate."""
        if self.body is None:
            return 0.0
        ahead_s = min(max(now_s - self.body_heard_s, 0.0), _MOST_EXTRAPOLATION_S) * self.clock_rate
        return self.body.yaw_rad + self.body_rate_radps * ahead_s

    def view(self, now_s: float) -> View | None:
        """What the camera sees from at `now_s` (the clock of `heard_s`); None without a position."""
        if self.position is None:
            return None
        at = self.position
        ahead_s = min(max(now_s - at.heard_s, 0.0), _MOST_EXTRAPOLATION_S) * self.clock_rate
        north_m, east_m, down_m = (speed * ahead_s for speed in at.velocity_mps)
        radius_east_m = _EARTH_RADIUS_M * math.cos(math.radians(at.latitude_deg))
        return View(
            at.latitude_deg + math.degrees(north_m / _EARTH_RADIUS_M),
            at.longitude_deg + math.degrees(east_m / radius_east_m),
            at.altitude_amsl_m - down_m,
            self._camera(now_s),
        )

    def _camera(self, now_s: float) -> Attitude:
        vehicle_yaw_rad = self.vehicle_yaw_rad(now_s)
        if self.gimbal is None:
            return Attitude(0.0, 0.0, vehicle_yaw_rad)
        yaw_rad = self.gimbal.yaw_rad + (0.0 if self.gimbal_yaw_is_earth else vehicle_yaw_rad)
        return replace(self.gimbal, yaw_rad=yaw_rad)


def attitude_from_quaternion(w: float, x: float, y: float, z: float) -> Attitude:
    """Euler angles (yaw, pitch, roll order) of a unit quaternion in MAVLink's order."""
    return Attitude(
        math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
        math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))),
        math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)),
    )


def quaternion_from_attitude(attitude: Attitude) -> tuple[float, float, float, float]:
    """The unit quaternion (w, x, y, z) of Euler angles."""
    (cr, sr), (cp, sp), (cy, sy) = (
        (math.cos(angle / 2), math.sin(angle / 2))
        for angle in (attitude.roll_rad, attitude.pitch_rad, attitude.yaw_rad)
    )
    return (
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    )
