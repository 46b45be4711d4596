"""Draws faces, trees and lights into a picture from far to near."""

import functools
from collections.abc import Callable
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
_LEAST_FACE_PX = 0.9
_TONES = np.array([[0.78], [1.0], [1.16]])
_TRUNK_BGR = (52, 66, 84)
_SMOKE_SHARE = 0.62


@dataclass(slots=True)
class Painter:
    """Collects what is in view of one picture, each with its distance, and draws it in one pass."""

    picture: Image
    ray: Ray
    _meshes: list[Mesh] = field(default_factory=list)
    _mesh_distances: list[Floats] = field(default_factory=list)
    _distances: list[Floats] = field(default_factory=list)
    _drawings: list[Callable[[], object]] = field(default_factory=list)

    def add_faces(self, mesh: Mesh, distance_m: Floats) -> None:
        """Faces, those that look at the camera; `distance_m` (p,) orders them and gives the haze."""
        self._meshes.append(mesh)
        self._mesh_distances.append(distance_m)

    def _project_faces(self) -> None:
        ray, mesh, distance_m = self.ray, Mesh.joined(self._meshes), np.concatenate(self._mesh_distances)
        eye = np.array([ray.x_m, ray.y_m, ray.height_m])
        facing = np.einsum("ij,ij->i", eye - mesh.corners_m[:, 0], mesh.normal) > 0
        facing &= distance_m < mesh.seen_within_m
        corners, distance_m, colours = mesh.corners_m[facing], distance_m[facing], mesh.bgr[facing]
        points = corners @ ray.matrix[:, :3].T + ray.matrix[:, 3]
        depth = points[..., 2]
        near = depth < NEAR_M
        flat = points[..., :2] / np.maximum(depth, NEAR_M)[..., None]
        size = np.array([ray.width_px, ray.height_px])
        low, high = flat.min(axis=1), flat.max(axis=1)
        inside = ((low < size) & (high > 0)).all(axis=1) & ((high - low).min(axis=1) > _LEAST_FACE_PX)
        seen = ~near.all(axis=1) & (inside | near.any(axis=1))
        share = haze_share(distance_m[seen])[:, None]
        shades = (colours[seen] * (1 - share) + HAZE_BGR[:3] * share).tolist()
        shapes = list((np.clip(flat[seen], -8000, 8000) * (1 << _SUBPIXEL_BITS)).astype(np.int32))
        for index in np.flatnonzero(near[seen].any(axis=1)).tolist():
            shapes[index] = _clipped(points[seen][index])
        self._distances.append(distance_m[seen])
        self._drawings += [
            functools.partial(cv2.fillConvexPoly, self.picture, shape, shade, cv2.LINE_8, _SUBPIXEL_BITS)
            for shape, shade in zip(shapes, shades, strict=True)
        ]

    def add_trees(self, trees: Trees) -> None:
        """Trees, as trunk and crown."""
        self._add_round(trees, _crown)

    def add_smoke(self, puffs: Trees) -> None:
        """Puffs of smoke: crowns that one sees through."""
        self._add_round(puffs, _puff)

    def _add_round(self, trees: Trees, drawn_by: Callable[..., None]) -> None:
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
        share = haze_share(distance_m)[:, None, None]
        tones = np.minimum(trees.bgr[seen][:, None] * _TONES, 255) * (1 - share) + HAZE_BGR[:3] * share
        places = np.clip(np.concatenate([at[seen], foot[seen]], axis=1), -8000, 8000).astype(int).tolist()
        self._distances.append(distance_m)
        rounds = zip(places, tones.tolist(), radius[seen].tolist(), strict=True)
        self._drawings += [functools.partial(drawn_by, self.picture, *one) for one in rounds]

    def draw(self) -> None:
        """Draws everything collected, the farthest first."""
        if self._meshes:
            self._project_faces()
        for index in np.argsort(-np.concatenate(self._distances), kind="stable").tolist():
            self._drawings[index]()


def _crown(picture: Image, place: list[int], tones: list[list[float]], radius: float) -> None:
    """A tree's crown lit from the left above: the nearer it is, the more ragged; and its trunk."""
    x, y, foot_x, foot_y = place
    dark, middle, light = tones
    if radius < 3:
        cv2.circle(picture, (x, y), max(1, round(radius)), middle, -1)
        return
    third = radius / 3
    cv2.line(picture, (foot_x, foot_y), (x, y), _TRUNK_BGR, max(1, int(radius / 7)))
    cv2.circle(picture, (int(x + third * 0.5), int(y + third * 0.5)), int(radius * 0.84), dark, -1)
    if radius > 8:
        cv2.circle(picture, (int(x - third), int(y + third * 0.5)), int(radius * 0.66), middle, -1)
    cv2.circle(picture, (int(x - third * 0.4), int(y - third * 0.5)), int(radius * 0.66), middle, -1)
    if radius > 8:
        cv2.circle(picture, (int(x - third * 0.6), int(y - third * 0.8)), int(radius * 0.42), light, -1)


def _puff(picture: Image, place: list[int], tones: list[list[float]], radius: float) -> None:
    """A puff of smoke, through which one sees a little."""
    x, y, reach = place[0], place[1], int(radius) + 1
    top, left = max(y - reach, 0), max(x - reach, 0)
    part = picture[top : max(y + reach, 0), left : max(x + reach, 0)]
    if not part.size or reach > 600:
        return
    smoke = part.copy()
    cv2.circle(smoke, (x - left, y - top), int(radius), tones[1], -1)
    cv2.circle(smoke, (int(x - left - radius * 0.2), int(y - top - radius * 0.25)), int(radius * 0.65), tones[2], -1)
    cv2.addWeighted(smoke, _SMOKE_SHARE, part, 1 - _SMOKE_SHARE, 0, dst=part)


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
