"""A picture of the city from a view: backdrop, things from far to near, incident scenes, roll."""

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from sim.camera.backdrop import Backdrop
from sim.camera.incident import add_scene, lights
from sim.camera.orthophoto import TileStore
from sim.camera.painter import Painter
from sim.camera.pose import View
from sim.camera.projection import Ray
from sim.camera.scenes import Scene
from sim.camera.site import CameraSpec, Place
from sim.camera.surroundings import Surroundings
from sim.world.city import City
from sim.world.frame import LocalFrame
from sim.world.ground import read_ground
from sim.world.things import Buildings

Image = npt.NDArray[np.uint8]

DOCK_HOUSE_M = 12.0
DOCKED_EACH_S = 0.2
"""A camera that rests on its dock is painted anew only so often; its time code still runs at the full rate."""
DOCK_REACH_M = 2.0
LEAST_ROLL_RAD = 0.003
_SLOPE_OVER_M = 200.0
_SCENES_WITHIN_M = 1500.0


class World:
    """What all cameras of a process see: frame, ground, city and its painted tiles.

    Each dock stands on a house of its own.
    """

    def __init__(self, docks: Sequence[Place], site: Path | None = None) -> None:
        middle = [
            sum(angles) / len(docks) for angles in zip(*((d.latitude_deg, d.longitude_deg) for d in docks), strict=True)
        ]
        self.frame = LocalFrame(middle[0], middle[1])
        otherwise_m = [dock.altitude_amsl_m - DOCK_HOUSE_M for dock in docks]
        self.ground = read_ground(site or Path("no site"), self.frame, otherwise_m)
        places = np.array([self.frame.xy(dock.latitude_deg, dock.longitude_deg) for dock in docks])
        height_m = np.array([dock.altitude_amsl_m for dock in docks]) - self.ground.altitude_amsl_m(*places.T)
        self.city = City(self.frame, dock_houses=_dock_houses(places, np.maximum(height_m, 3.0)))
        self.tiles = TileStore(self.city)


def _dock_houses(at_m: npt.NDArray[np.float64], height_m: npt.NDArray[np.float64]) -> Buildings:
    """A flat-roofed house under each dock, its roof just below the landing pad."""
    rect = np.concatenate([at_m - np.array([11.0, 8.0]), at_m + np.array([11.0, 8.0])], axis=1)
    wall, roof = (np.tile(np.array(bgr, np.uint8), (len(at_m), 1)) for bgr in ((122, 140, 168), (186, 190, 192)))
    return Buildings(rect, height_m - 0.3, np.zeros(len(at_m), int), wall, roof)


class Renderer:
    """Paints pictures for one camera."""

    def __init__(self, spec: CameraSpec, world: World) -> None:
        self._spec, self._world = spec, world
        self._backdrop = Backdrop(world.tiles)
        self._surroundings = Surroundings(world.city)
        self._last: tuple[View, float, Image] | None = None

    def paint(self, view: View, utc_s: float, scenes: Sequence[Scene]) -> Image:
        """One BGRA picture, (height, width, 4), the caller's to draw on."""
        ray = self.ray(view)
        if not self._is_docked(ray):
            return _rolled(self._paint(ray, utc_s, scenes), view.camera.roll_rad)
        if self._last and 0 <= utc_s - self._last[1] < DOCKED_EACH_S:
            seen = self._last[0]
            if self.ray(seen) == ray and abs(seen.camera.roll_rad - view.camera.roll_rad) < LEAST_ROLL_RAD:
                return self._last[2].copy()
        picture = _rolled(self._paint(ray, utc_s, scenes), view.camera.roll_rad)
        self._last = view, utc_s, picture
        return picture.copy()

    def _is_docked(self, ray: Ray) -> bool:
        dock = self._spec.dock
        x, y = self._world.frame.xy(dock.latitude_deg, dock.longitude_deg)
        return math.hypot(ray.x_m - x, ray.y_m - y) < DOCK_REACH_M

    def _paint(self, ray: Ray, utc_s: float, scenes: Sequence[Scene]) -> Image:
        picture = np.empty((ray.height_px, ray.width_px, 4), np.uint8)
        self._backdrop.paint(picture, ray)
        painter = Painter(picture, ray)
        near = []
        for scene in scenes:
            x, y = self._world.frame.xy(scene.latitude_deg, scene.longitude_deg)
            if math.hypot(x - ray.x_m, y - ray.y_m) < _SCENES_WITHIN_M:
                near.append((scene, x, y))
        self._surroundings.add_to(painter, utc_s, [(x, y) for _, x, y in near])
        for scene, x, y in near:
            add_scene(painter, scene.kind, x, y, utc_s)
        painter.draw()
        for scene, x, y in near:
            lights(picture, ray, scene.kind, x, y, utc_s)
        return picture

    def ray(self, view: View) -> Ray:
        """The pinhole of a view over the plane that touches the ground where the camera looks."""
        x, y = self._world.frame.xy(view.latitude_deg, view.longitude_deg)
        pitch_rad, yaw_rad = view.camera.pitch_rad, view.camera.yaw_rad
        below_m = float(self._world.ground.altitude_amsl_m(np.array(x), np.array(y)))
        height_m = max(view.altitude_amsl_m - below_m, 1.0)
        ahead_m = min(height_m / math.tan(-pitch_rad), 400.0) if -math.pi / 2 < pitch_rad < -0.05 else 300.0
        at_x, at_y = x + math.sin(yaw_rad) * ahead_m, y + math.cos(yaw_rad) * ahead_m
        step = _SLOPE_OVER_M
        probe = np.array(
            [(at_x, at_y), (at_x + step, at_y), (at_x - step, at_y), (at_x, at_y + step), (at_x, at_y - step)]
        )
        middle, east, west, north, south = self._world.ground.altitude_amsl_m(*probe.T).tolist()
        slope = (east - west) / (2 * step), (north - south) / (2 * step)
        plane_m = middle + slope[0] * (x - at_x) + slope[1] * (y - at_y)
        video = self._spec.video
        over_plane_m = max(view.altitude_amsl_m - plane_m, 1.0)
        # Rounded, so that the noise of an aircraft that stands still does not count as movement.
        x, y, over_plane_m = round(x, 2), round(y, 2), round(over_plane_m, 2)
        yaw_rad, pitch_rad = round(yaw_rad, 4), round(pitch_rad, 4)
        slope = round(slope[0], 5), round(slope[1], 5)
        focal_px = round(self._spec.focal_px * view.magnification, 2)
        return Ray(x, y, over_plane_m, yaw_rad, pitch_rad, focal_px, video.width_px, video.height_px, slope)


def _rolled(picture: Image, roll_rad: float) -> Image:
    """What a camera rolled clockwise sees: the picture turned the other way, its corners filled from the edge."""
    if abs(roll_rad) < LEAST_ROLL_RAD:
        return picture
    height_px, width_px = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width_px / 2, height_px / 2), math.degrees(roll_rad), 1.0)
    return cv2.warpAffine(picture, turn, (width_px, height_px), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
