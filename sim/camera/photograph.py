"""Photographs: what the camera sees at this moment, as JPEG."""

import time
from collections.abc import Callable
from dataclasses import replace

import cv2

from sim.camera import overlay
from sim.camera.payload_link import PayloadLink
from sim.camera.render import Renderer, World
from sim.camera.scenes import Scene
from sim.camera.site import CameraSpec

QUALITY = 88


class Photographer:
    """Renders with a renderer of its own, as the stream's belongs to its thread."""

    def __init__(
        self, spec: CameraSpec, link: PayloadLink, world: World, scenes: Callable[[], tuple[Scene, ...]]
    ) -> None:
        self._spec, self._link, self._scenes = spec, link, scenes
        self._renderer = Renderer(spec, world)

    def take(self) -> bytes | None:
        """One JPEG; None while no pose is known."""
        view = self._link.pose.view(time.monotonic())
        if view is None:
            return None
        utc_s = time.time()
        view = replace(view, magnification=self._link.camera.magnification)
        picture = self._renderer.paint(view, utc_s, self._scenes())
        overlay.draw(picture, self._spec.name, utc_s, 0, "")
        return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])
