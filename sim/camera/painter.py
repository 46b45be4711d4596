"""Draws faces, trees and lights into a picture from far to near."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from sim.camera.backdrop import HAZE_BGR, haze_share
from sim.camera.projection import Ray
from sim.world.frame import Floats
from sim.world.mesh import Mesh
from sim.world.things import Trees

Image = npt.NDArray[np.uint8]

NEAR_M = 0.4
_SUBPIXEL_BITS = 3
_LEAST_CROWN_PX = 1.2


@dataclass(slots=True)
class Painter:
    """Collects what is in view of one picture, each with its distance, and draws it in one pass."""

    picture: Image
    ray: Ray
    _distances: list[Floats] = field(default_factory=list)
    _drawings: list[tuple] = field(default_factory=list)

    def add_faces(self, mesh: Mesh, distance_m: Floats) -> None:
        """Faces that look at the camera; `distance_m` (p,) orders them and gives the haze."""
        ray = self.ray
        eye = np.array([ray.x_m, ray.y_m, ray.height_m])
        facing = np.einsum("ij,ij->i", eye - mesh.corners_m[:, 0], mesh.normal) > 0
        facing &= distance_m < mesh.seen_within_m
        corners, distance_m = mesh.corners_m[facing], distance_m[facing]
        points = corners @ ray.matrix[:, :3].T + ray.matrix[:, 3]
        depth = points[..., 2]
        near = depth < NEAR_M
        flat = points[..., :2] / np.maximum(depth, NEAR_M)[..., None]
        size = np.array([ray.width_px, ray.height_px])
        seen = ~near.all(axis=1) & ((flat.min(axis=1) < size) & (flat.max(axis=1) > 0)).all(axis=1) | near.any(
            axis=1
        ) & ~near.all(axis=1)
        share = haze_share(distance_m[seen])[:, None]
        colours = (mesh.bgr[facing][seen] * (1 - share) + HAZE_BGR * share).tolist()
        whole = (np.clip(flat[seen], -8000, 8000) * (1 << _SUBPIXEL_BITS)).astype(np.int32)
        cut = near[seen].any(axis=1).tolist()
        shapes = [_clipped(points[seen][index]) if is_cut else whole[index] for index, is_cut in enumerate(cut)]
        self._distances.append(distance_m[seen])
        self._drawings += list(zip(shapes, colours, strict=True))

    def add_trees(self, trees: Trees) -> None:
        """Trees as trunk and crown."""
        ray = self.ray
        feet = np.concatenate([trees.at_m, np.zeros((len(trees.radius_m), 1))], axis=1)
        crowns = feet + np.array([0, 0, 1]) * (trees.height_m - trees.radius_m)[:, None]
        low, high = (points @ ray.matrix[:, :3].T + ray.matrix[:, 3] for points in (feet, crowns))
        depth = high[:, 2]
        radius = ray.focal_px * trees.radius_m / np.maximum(depth, NEAR_M)
        at = high[:, :2] / np.maximum(depth, NEAR_M)[:, None]
        foot = low[:, :2] / np.maximum(low[:, 2], NEAR_M)[:, None]
        size = np.array([ray.width_px, ray.height_px])
        seen = (depth > 2 * NEAR_M) & (radius > _LEAST_CROWN_PX) & (radius < 2000)
        seen &= ((at + radius[:, None] > 0) & (at - radius[:, None] < size)).all(axis=1)
        distance_m = np.linalg.norm(crowns - np.array([ray.x_m, ray.y_m, ray.height_m]), axis=1)[seen]
        share = haze_share(distance_m)[:, None]
        colours = (trees.bgr[seen] * (1 - share) + HAZE_BGR * share).tolist()
        places = np.clip(np.concatenate([at[seen], foot[seen]], axis=1), -8000, 8000).astype(int).tolist()
        self._distances.append(distance_m)
        self._drawings += list(zip(places, colours, radius[seen].tolist(), strict=True))

    def draw(self) -> None:
        """Draws everything collected, the farthest first."""
        if not self._distances:
            return
        picture = self.picture
        for index in np.argsort(-np.concatenate(self._distances), kind="stable").tolist():
            drawing = self._drawings[index]
            if len(drawing) == 2:
                cv2.fillConvexPoly(picture, drawing[0], drawing[1], cv2.LINE_8, _SUBPIXEL_BITS)
            else:
                _tree(picture, *drawing)


def _tree(picture: Image, place: list[int], colour: list[float], radius: float) -> None:
    """A crown lit from the left above; from near with a trunk and a ragged edge."""
    x, y, foot_x, foot_y = place
    if radius < 3:
        cv2.circle(picture, (x, y), max(1, round(radius)), colour, -1)
        return
    dark, light = [value * 0.78 for value in colour], [min(value * 1.16, 255) for value in colour]
    cv2.line(picture, (foot_x, foot_y), (x, y), (52, 66, 84), max(1, int(radius / 7)))
    third = radius / 3
    cv2.circle(picture, (int(x + third), int(y + third * 0.7)), int(radius * 0.72), dark, -1)
    cv2.circle(picture, (int(x - third * 0.9), int(y + third * 0.5)), int(radius * 0.66), colour, -1)
    cv2.circle(picture, (x, y), int(radius * 0.8), colour, -1)
    cv2.circle(picture, (int(x - third * 0.6), int(y - third * 0.7)), int(radius * 0.5), light, -1)


def _clipped(points: Floats) -> npt.NDArray[np.int32]:
    """A face (n, 3) in homogeneous pixels, cut at the near plane."""
    kept = []
    for index in range(len(points)):
        here, there = points[index], points[(index + 1) % len(points)]
        if here[2] >= NEAR_M:
            kept.append(here)
        if (here[2] >= NEAR_M) != (there[2] >= NEAR_M):
            kept.append(here + (there - here) * (NEAR_M - here[2]) / (there[2] - here[2]))
    outline = np.array(kept)
    flat = np.clip(outline[:, :2] / outline[:, 2:], -8000, 8000)
    return (flat * (1 << _SUBPIXEL_BITS)).astype(np.int32)
