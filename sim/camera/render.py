"""Stub: sky, ground and a grid."""

import math

import cv2
import numpy as np
import numpy.typing as npt

from sim.camera.pose import View
from sim.camera.scenes import Scene
from sim.camera.site import CameraSpec


class Renderer:
    def __init__(self, spec: CameraSpec) -> None:
        self._spec = spec

    def paint(self, view: View, utc_s: float, scenes: tuple[Scene, ...]) -> npt.NDArray[np.uint8]:
        video = self._spec.video
        picture = np.empty((video.height_px, video.width_px, 3), np.uint8)
        horizon = int(video.height_px / 2 + math.tan(max(-1.4, min(1.4, view.camera.pitch_rad))) * self._spec.focal_px)
        horizon = max(0, min(video.height_px, horizon))
        picture[:horizon] = (230, 200, 160)
        picture[horizon:] = (120, 150, 170)
        for step in range(0, video.width_px, 80):
            cv2.line(
                picture, (video.width_px // 2, horizon), (step * 3 - video.width_px, video.height_px), (90, 90, 90), 2
            )
        return picture
