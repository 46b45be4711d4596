"""Which way a thing is turned: unit quaternions from north-east-down to the thing's own forward, right, down axes."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quaternion:
    """A unit quaternion in MAVLink's order: it turns body axes into north-east-down (ATTITUDE_QUATERNION)."""

    w: float
    x: float
    y: float
    z: float

    def __mul__(self, other: "Quaternion") -> "Quaternion":
        """First `other`, then this one (Hamilton product)."""
        return Quaternion(
            self.w * other.w - self.x * other.x - self.y * other.y - self.z * other.z,
            self.w * other.x + self.x * other.w + self.y * other.z - self.z * other.y,
            self.w * other.y - self.x * other.z + self.y * other.w + self.z * other.x,
            self.w * other.z + self.x * other.y - self.y * other.x + self.z * other.w,
        )

    @property
    def roll_deg(self) -> float:
        return math.degrees(math.atan2(2 * (self.w * self.x + self.y * self.z), 1 - 2 * (self.x**2 + self.y**2)))

    @property
    def pitch_deg(self) -> float:
        """Up is positive, -90 to 90."""
        return math.degrees(math.asin(max(-1.0, min(1.0, 2 * (self.w * self.y - self.z * self.x)))))

    @property
    def yaw_deg(self) -> float:
        """Clockwise from north, 0 to 360."""
        yaw = math.atan2(2 * (self.w * self.z + self.x * self.y), 1 - 2 * (self.y**2 + self.z**2))
        return math.degrees(yaw) % 360.0

    def turned(self, forward: float, right: float, down: float) -> tuple[float, float, float]:
        """A vector in the thing's own axes as north, east, down."""
        w, x, y, z = self.w, self.x, self.y, self.z
        return (
            (1 - 2 * (y * y + z * z)) * forward + 2 * (x * y - w * z) * right + 2 * (x * z + w * y) * down,
            2 * (x * y + w * z) * forward + (1 - 2 * (x * x + z * z)) * right + 2 * (y * z - w * x) * down,
            2 * (x * z - w * y) * forward + 2 * (y * z + w * x) * right + (1 - 2 * (x * x + y * y)) * down,
        )


def from_angles(roll_deg: float, pitch_deg: float, yaw_deg: float) -> Quaternion:
    """The quaternion of yaw, then pitch, then roll (aerospace order), degrees."""
    halves = (math.radians(angle) / 2 for angle in (roll_deg, pitch_deg, yaw_deg))
    (cr, sr), (cp, sp), (cy, sy) = ((math.cos(half), math.sin(half)) for half in halves)
    return Quaternion(
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    )
