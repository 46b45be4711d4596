"""The pinhole that turns metres into pixels."""

import functools
import math
from dataclasses import dataclass

import numpy as np

from sim.world.frame import Floats


@dataclass(frozen=True)
class Ray:
    """A camera in a site's frame: where it is (m, height over the ground plane), where it looks, its lens.

    `slope` is the ground plane's rise per metre east and north: heights of things count from that plane.
    Roll is not here: it turns the finished picture around its middle.
    """

    x_m: float
    y_m: float
    height_m: float
    yaw_rad: float
    pitch_rad: float
    focal_px: float
    width_px: int
    height_px: int
    slope: tuple[float, float]

    @functools.cached_property
    def rotation(self) -> Floats:
        """Rows: the picture's right, down and forward axes, each as east, north, up."""
        sin_yaw, cos_yaw = math.sin(self.yaw_rad), math.cos(self.yaw_rad)
        sin_pitch, cos_pitch = math.sin(self.pitch_rad), math.cos(self.pitch_rad)
        right = (cos_yaw, -sin_yaw, 0.0)
        forward = (sin_yaw * cos_pitch, cos_yaw * cos_pitch, sin_pitch)
        down = (sin_yaw * sin_pitch, cos_yaw * sin_pitch, -cos_pitch)
        return np.array([right, down, forward])

    @functools.cached_property
    def matrix(self) -> Floats:
        """(3, 4): from (x, y, height over the ground plane, 1) to the picture's homogeneous pixels.

        The third row is depth in m.
        """
        lens = np.array([[self.focal_px, 0, self.width_px / 2], [0, self.focal_px, self.height_px / 2], [0, 0, 1]])
        turn = lens @ self.rotation
        shear = np.eye(3)
        shear[2, :2] = self.slope
        turn = turn @ shear
        return np.hstack([turn, -turn @ np.array([[self.x_m], [self.y_m], [self.height_m]])])

    @property
    def horizon_px(self) -> float:
        """The row of the horizon in the picture's middle; far outside when it is not in view."""
        if abs(self.pitch_rad) > 1.45:
            return math.copysign(1e6, self.pitch_rad)
        return self.height_px / 2 + math.tan(self.pitch_rad) * self.focal_px
