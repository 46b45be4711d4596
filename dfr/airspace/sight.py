"""Where on the ground a camera looks: the ray of a pixel, met with the ground. Pure.

The earth is a plane under the aircraft (right within 0.1 % of the distance as far as is reached), the ground one level
at the place that is looked at, found by stepping there.
"""

import math
from collections.abc import Callable

from dfr.core.attitude import Quaternion
from dfr.core.geo import Amsl, Position, Waypoint
from dfr.core.sight import Sight

REACH_M = 1500.0
"""Beyond this a picture shows too little to be called looked at, and a degree is more than 26 m."""
ANGLE_ERROR_DEG = 2.0
"""Gimbal and heading together."""
POSITION_ERROR_M = 3.0
_EARTH_RADIUS_M = 6_371_000.0
_STEPS = 4
_LEAST_DOWN = 1e-3

Ground = Callable[[Position], Amsl]
WIDE_AND_FLAT = 9.0 / 16.0
"""Height over width of a picture whose vertical field of view is not known."""


def ground_point(
    eye: Waypoint,
    orientation: Quaternion,
    ground: Ground,
    horizontal_fov_deg: float = 0.0,
    vertical_fov_deg: float = 0.0,
    pixel: tuple[float, float] = (0.0, 0.0),
) -> Position | None:
    """Where a pixel's ray meets the ground; None for a ray that meets none within `REACH_M`.

    `orientation` is the camera's in the earth's frame (north-east-down to forward, right, down). `pixel` is
    (right, down) from the picture's middle, -1 to 1 at its edges; the middle needs no field of view.
    """
    right = math.tan(math.radians(horizontal_fov_deg) / 2) * pixel[0]
    down = math.tan(math.radians(vertical_fov_deg) / 2) * pixel[1]
    found = _meet(eye, orientation.turned(1.0, right, down), ground)
    return None if found is None else _moved(eye.position, *found)


def sight(
    eye: Waypoint,
    orientation: Quaternion,
    ground: Ground,
    ground_error_m: float,
    horizontal_fov_deg: float,
    vertical_fov_deg: float | None = None,
) -> Sight:
    """The picture's middle and outline on the ground; corners that see the sky end at the reach."""
    across = math.tan(math.radians(horizontal_fov_deg) / 2)
    upright = across * WIDE_AND_FLAT if not vertical_fov_deg else math.tan(math.radians(vertical_fov_deg) / 2)
    middle = _meet(eye, orientation.turned(1.0, 0.0, 0.0), ground)
    corners = ((-across, upright), (across, upright), (across, -upright), (-across, -upright))
    outline = tuple(_moved(eye.position, *_corner(eye, orientation, ground, *corner)) for corner in corners)
    if middle is None:
        return Sight(None, outline, None)
    level_m = math.hypot(*middle)
    height_m = max(eye.altitude.m - ground(_moved(eye.position, *middle)).m, 1.0)
    return Sight(_moved(eye.position, *middle), outline, _error_m(level_m, height_m, ground_error_m))


def _error_m(level_m: float, height_m: float, ground_error_m: float) -> float:
    """The angle's error along the ray's slant, the ground's error by the slope of the ray, and the position's."""
    angle_m = math.radians(ANGLE_ERROR_DEG) * (level_m**2 + height_m**2) / height_m
    return math.hypot(angle_m, ground_error_m * level_m / height_m, POSITION_ERROR_M)


def _meet(eye: Waypoint, ray: tuple[float, float, float], ground: Ground) -> tuple[float, float] | None:
    """(north_m, east_m) of the eye, where the ray meets the ground."""
    north, east, down = ray
    level = math.hypot(north, east)
    if down <= _LEAST_DOWN * max(level, 1.0):
        return None
    at = (0.0, 0.0)
    for _ in range(_STEPS):
        height_m = eye.altitude.m - ground(_moved(eye.position, *at)).m
        if height_m <= 0.0:
            return None
        scale = height_m / down
        if scale * level > REACH_M:
            return None
        at = (scale * north, scale * east)
    return at


def _corner(eye: Waypoint, orientation: Quaternion, ground: Ground, right: float, down: float) -> tuple[float, float]:
    ray = orientation.turned(1.0, right, down)
    found = _meet(eye, ray, ground)
    if found is not None:
        return found
    level = math.hypot(ray[0], ray[1]) or 1.0
    return REACH_M * ray[0] / level, REACH_M * ray[1] / level


def _moved(origin: Position, north_m: float, east_m: float) -> Position:
    latitude = origin.latitude_deg + math.degrees(north_m / _EARTH_RADIUS_M)
    shrink = _EARTH_RADIUS_M * math.cos(math.radians(origin.latitude_deg))
    return Position(latitude, origin.longitude_deg + math.degrees(east_m / shrink))
