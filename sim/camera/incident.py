"""What an incident looks like: police cars with flashing lights, people, cones, a wreck or a burning car with smoke."""

import math

import cv2
import numpy as np
import numpy.typing as npt

from sim.camera.painter import Painter
from sim.camera.projection import Ray
from sim.world import mesh
from sim.world.mesh import Mesh
from sim.world.things import Cars, Trees

Image = npt.NDArray[np.uint8]

_POLICE = ((-11.0, 5.5, 0.9), (10.5, 6.5, 2.4), (3.5, -11.0, 5.6))
"""Police cars: east, north of the scene in m, heading in rad."""
_PEOPLE = ((-3.0, 2.5), (-2.2, 3.4), (2.4, -3.0), (6.5, 3.2), (-7.5, 2.4), (1.6, -7.4))
_WRECKS = ((-0.6, -1.3, 0.5, (52, 60, 168)), (1.6, 2.2, 2.2, (190, 186, 180)))
_PATCH_M = 16.0
_FLASHES_PER_S = 2.0
_UNDER_THINGS_M = 1_999.0


def add_scene(painter: Painter, kind: str, x_m: float, y_m: float, time_s: float) -> None:
    """Gives the painter a scene at a place."""
    eye = np.array([painter.ray.x_m, painter.ray.y_m])
    patch = np.array(
        [
            [
                (x_m - _PATCH_M, y_m - 13, 0.02),
                (x_m + _PATCH_M, y_m - 13, 0.02),
                (x_m + _PATCH_M, y_m + 13, 0.02),
                (x_m - _PATCH_M, y_m + 13, 0.02),
            ]
        ]
    )
    # The patch lies under everything, however far away the camera is.
    painter.add_faces(mesh.faces(patch, np.array([[112.0, 112, 114]]), np.zeros(1, int)), np.array([_UNDER_THINGS_M]))
    for part in (_police(x_m, y_m), _wrecks(kind, x_m, y_m), _people(x_m, y_m), _cones(x_m, y_m)):
        if len(part.thing):
            middle = part.corners_m.mean(axis=1)[:, :2]
            painter.add_faces(part, np.hypot(np.hypot(*(middle - eye).T), painter.ray.height_m))
    if kind in ("fire", "smoke"):
        painter.add_smoke(_smoke(x_m, y_m, time_s))


def lights(picture: Image, ray: Ray, kind: str, x_m: float, y_m: float, time_s: float) -> None:
    """The flashing light bars, red and blue in turn, and the glow of a fire, over the finished picture."""
    for index, (dx, dy, heading) in enumerate(_POLICE):
        for side, colour in ((-0.45, (60, 60, 255)), (0.45, (255, 90, 50))):
            phase = (time_s * _FLASHES_PER_S + index * 0.3) % 1.0
            if (phase < 0.5) != (side < 0):
                continue
            point = x_m + dx + side * math.cos(heading), y_m + dy - side * math.sin(heading), 1.75
            _glow(picture, ray, point, colour, 1.7)
    if kind == "fire":
        flicker = 1.0 + 0.25 * math.sin(time_s * 17) * math.sin(time_s * 7.3)
        _glow(picture, ray, (x_m, y_m, 1.2), (60, 150, 255), 2.6 * flicker)


def _glow(
    picture: Image, ray: Ray, point: tuple[float, float, float], colour: tuple[int, int, int], size_m: float
) -> None:
    u, v, depth = ray.matrix @ np.array([*point, 1.0])
    if depth < 1.0:
        return
    x, y, radius = int(u / depth), int(v / depth), max(3, int(ray.focal_px * size_m / depth))
    if radius > 400 or not (0 <= x < picture.shape[1] and 0 <= y < picture.shape[0]):
        return
    top, left = max(y - radius, 0), max(x - radius, 0)
    part = picture[top : y + radius + 1, left : x + radius + 1]
    rows, columns = np.ogrid[top - y : top - y + part.shape[0], left - x : left - x + part.shape[1]]
    strength = np.clip(1 - np.sqrt(rows**2 + columns**2) / radius, 0, 1)[..., None] ** 1.5
    part[..., :3] = np.clip(part[..., :3] + strength * np.array(colour), 0, 255).astype(np.uint8)
    cv2.circle(picture, (x, y), max(1, radius // 5), [min(255, value + 90) for value in colour], -1)


def _police(x_m: float, y_m: float) -> Mesh:
    at = np.array([(x_m + dx, y_m + dy) for dx, dy, _ in _POLICE])
    heading = np.array([heading for *_, heading in _POLICE])
    white, black = (np.tile(np.array([shade] * 3, np.uint8), (len(at), 1)) for shade in (238, 40))
    cars, thing = Cars(at, heading, white), np.arange(len(at))
    hood = mesh.turned_boxes(cars, (-0.93, 1.0, 0.9), (0.93, 2.26, 1.0), black, black, thing)
    boot = mesh.turned_boxes(cars, (-0.93, -2.26, 0.9), (0.93, -1.4, 1.0), black, black, thing)
    bar = mesh.turned_boxes(cars, (-0.7, -0.4, 1.5), (0.7, -0.1, 1.68), black, black, thing)
    return Mesh.joined([mesh.of_cars(cars, 0), hood, boot, bar])


def _wrecks(kind: str, x_m: float, y_m: float) -> Mesh:
    """Two cars that hit each other; at a fire one burnt-out car; at a police scene one stopped car."""
    chosen = _WRECKS if kind == "crash" else _WRECKS[:1]
    at = np.array([(x_m + dx, y_m + dy) for dx, dy, *_ in chosen])
    colours = np.array([(34, 36, 38) if kind in ("fire", "smoke") else colour for *_, colour in chosen], np.uint8)
    return mesh.of_cars(Cars(at, np.array([heading for _, _, heading, _ in chosen]), colours), 0)


def _people(x_m: float, y_m: float) -> Mesh:
    at = np.array([(x_m + dx, y_m + dy) for dx, dy in _PEOPLE])
    dressed = np.array([(96, 58, 40), (96, 58, 40), (60, 60, 170), (96, 58, 40), (150, 150, 60), (70, 120, 70)], float)
    heads = np.tile(np.array([120.0, 150, 190]), (len(at), 1))
    low = np.concatenate([at - 0.25, np.zeros((len(at), 1))], axis=1)
    high = np.concatenate([at + 0.25, np.full((len(at), 1), 1.75)], axis=1)
    return mesh.boxes(low, high, dressed, heads, np.arange(len(at)))


def _cones(x_m: float, y_m: float) -> Mesh:
    angle = np.arange(0, 2 * math.pi, math.pi / 9)
    at = np.stack([x_m + 14.5 * np.cos(angle), y_m + 11.5 * np.sin(angle)], axis=1)
    orange = np.tile(np.array([30.0, 110, 250]), (len(at), 1))
    low = np.concatenate([at - 0.22, np.zeros((len(at), 1))], axis=1)
    high = np.concatenate([at + 0.22, np.full((len(at), 1), 0.9)], axis=1)
    return mesh.boxes(low, high, orange, orange, np.arange(len(at)))


def _smoke(x_m: float, y_m: float, time_s: float) -> Trees:
    """Puffs (as crowns) that rise, drift with the wind to the north-east, grow and pale."""
    count = 26
    age = (np.arange(count) / count + time_s * 0.045) % 1.0
    sway = np.sin(np.arange(count) * 2.4 + time_s * 0.4)
    at = np.stack([x_m + age * 26 + sway * (0.5 + 3 * age), y_m + age * 16 + sway[::-1] * (0.5 + 3 * age)], axis=1)
    radius = 1.2 + 6.5 * age
    grey = (58 + 110 * age)[:, None] * np.ones(3)
    return Trees(at, radius, radius + 1.5 + 42 * age**0.8, grey.astype(np.uint8))
