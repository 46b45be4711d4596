"""The standing things near one camera, gathered anew when it has moved on."""

from collections.abc import Sequence

import numpy as np

from sim.camera.painter import Painter
from sim.camera.projection import Ray
from sim.world import mesh
from sim.world.city import City
from sim.world.frame import Bools, Floats
from sim.world.mesh import Mesh
from sim.world.things import Buildings, Cars, Trees
from sim.world.traffic import moving_cars

REACH_M = 430.0
_GATHER_EACH_M = 60.0
_CAR_DETAIL_M, _CAR_REACH_M, _MOST_CARS = 70.0, 180.0, 110
_TREE_REACH_M = 260.0
_TRAFFIC_REACH_M = 420.0
SCENE_CLEAR_M = 15.0
_BARE_BGR = np.array([112.0, 134.0, 150.0])
_UNDER_ALL_M = 2_000.0


class Surroundings:
    """Buildings within reach and tall ones from afar, trees, parked and moving cars."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._gathered: tuple[object, ...] | None = None
        self._buildings: Buildings
        self._mesh: Mesh
        self._bare: Mesh
        self._trees: Trees
        self._cars: Cars

    def add_to(self, painter: Painter, time_s: float, clear_at: Sequence[tuple[float, float]]) -> None:
        """Gives the painter what may be in view; nothing stands within SCENE_CLEAR_M of the places in `clear_at`."""
        ray = painter.ray
        self._gather(ray, clear_at)
        eye = np.array([ray.x_m, ray.y_m])
        self._add_buildings(painter)
        tree_off = self._trees.at_m - eye
        painter.add_trees(self._trees.where(_in_cone(tree_off, ray, 8.0) & (np.hypot(*tree_off.T) < _TREE_REACH_M)))
        off = self._cars.at_m - eye
        distance_m = np.hypot(*off.T)
        shown = np.flatnonzero(_in_cone(off, ray, 6.0) & (distance_m < _CAR_REACH_M))
        shown = shown[np.argsort(distance_m[shown])][:_MOST_CARS]
        moving = moving_cars(self._city, ray.x_m, ray.y_m, _TRAFFIC_REACH_M, time_s)
        moving = moving.where(_in_cone(moving.at_m - eye, ray, 6.0))
        self._add_cars(painter, Cars.joined([self._cars.where(shown), moving]))

    def _gather(self, ray: Ray, clear_at: Sequence[tuple[float, float]]) -> None:
        where = round(ray.x_m / _GATHER_EACH_M), round(ray.y_m / _GATHER_EACH_M), tuple(clear_at)
        if where == self._gathered:
            return
        self._gathered = where
        x, y, reach = ray.x_m, ray.y_m, REACH_M + _GATHER_EACH_M
        blocks = self._city.superblocks(x - reach, y - reach, x + reach, y + reach)
        buildings = Buildings.joined([block.buildings for block in blocks])
        middle = (buildings.rect_m[:, :2] + buildings.rect_m[:, 2:]) / 2
        near = buildings.where(_near(middle, x, y, reach))
        skyline = self._city.skyline
        far = skyline.where(~_near((skyline.rect_m[:, :2] + skyline.rect_m[:, 2:]) / 2, x, y, reach))
        everything = Buildings.joined([near, far])
        stands = _rect_distance_m(everything.rect_m, clear_at) > SCENE_CLEAR_M
        self._buildings, self._bare = everything.where(stands), _bare_ground(everything.rect_m[~stands])
        trees, cars = Trees.joined([block.trees for block in blocks]), Cars.joined([block.cars for block in blocks])
        self._trees = trees.where(_near(trees.at_m, x, y, reach) & _off(trees.at_m, clear_at))
        self._cars = cars.where(_near(cars.at_m, x, y, _CAR_REACH_M + _GATHER_EACH_M) & _off(cars.at_m, clear_at))
        self._mesh = mesh.of_buildings(self._buildings)

    def _add_buildings(self, painter: Painter) -> None:
        ray, rect = painter.ray, self._buildings.rect_m
        middle = (rect[:, :2] + rect[:, 2:]) / 2
        reach = np.hypot(rect[:, 2] - rect[:, 0], rect[:, 3] - rect[:, 1]) / 2
        in_view = _in_cone(middle - np.array([ray.x_m, ray.y_m]), ray, reach + self._buildings.height_m)
        # The nearest point of a box decides what hides what; its middle would not, for boxes of unlike sizes.
        flat = _rect_distance_m(rect, [(ray.x_m, ray.y_m)])
        distance_m = np.hypot(flat, np.maximum(ray.height_m - self._buildings.height_m, 0))
        chosen = in_view[self._mesh.thing]
        faces = self._mesh.where(chosen)
        painter.add_faces(faces, distance_m[faces.thing])
        painter.add_faces(self._bare, np.full(len(self._bare.thing), _UNDER_ALL_M))

    @staticmethod
    def _add_cars(painter: Painter, cars: Cars) -> None:
        eye = np.array([painter.ray.x_m, painter.ray.y_m])
        distance_m = np.hypot(np.hypot(*(cars.at_m - eye).T), painter.ray.height_m)
        for detailed in (True, False):
            chosen = (distance_m < _CAR_DETAIL_M) == detailed
            if chosen.any():
                faces = mesh.of_cars(cars.where(chosen), 0, detailed)
                painter.add_faces(faces, distance_m[chosen][faces.thing])


def _bare_ground(rect_m: Floats) -> Mesh:
    """Covers the painted roofs of houses that gave way to a scene."""
    west, south, east, north = rect_m.T
    level = np.full(len(rect_m), 0.01)
    corners = np.stack(
        [
            np.stack(corner, 1)
            for corner in ((west, south, level), (east, south, level), (east, north, level), (west, north, level))
        ],
        1,
    )
    return mesh.faces(corners, np.tile(_BARE_BGR, (len(rect_m), 1)), np.zeros(len(rect_m), int))


def _in_cone(off_m: Floats, ray: Ray, reach_m: Floats | float) -> Bools:
    """Whether things of a reach, at offsets (n, 2) from the camera, may be in the picture."""
    right, down, forward = ray.rotation
    tall = np.array([0.0, 0.0, -ray.height_m])
    points = np.concatenate([off_m, np.zeros((len(off_m), 1))], axis=1) + tall
    depth = points @ forward + reach_m
    wide = ray.width_px / 2 / ray.focal_px
    high = ray.height_px / 2 / ray.focal_px
    slack = np.asarray(reach_m) * 1.5
    return (
        (depth > 0) & (np.abs(points @ right) < depth * wide + slack) & (np.abs(points @ down) < depth * high + slack)
    )


def _near(at_m: Floats, x_m: float, y_m: float, reach_m: float) -> Bools:
    return np.hypot(at_m[:, 0] - x_m, at_m[:, 1] - y_m) < reach_m


def _off(at_m: Floats, clear_at: Sequence[tuple[float, float]]) -> Bools:
    free = np.ones(len(at_m), bool)
    for x, y in clear_at:
        free &= ~_near(at_m, x, y, SCENE_CLEAR_M)
    return free


def _rect_distance_m(rect_m: Floats, points: Sequence[tuple[float, float]]) -> Floats:
    """The distance of each rectangle to the nearest of the points; infinite without points."""
    best = np.full(len(rect_m), np.inf)
    for x, y in points:
        dx = np.maximum(np.maximum(rect_m[:, 0] - x, x - rect_m[:, 2]), 0)
        dy = np.maximum(np.maximum(rect_m[:, 1] - y, y - rect_m[:, 3]), 0)
        best = np.minimum(best, np.hypot(dx, dy))
    return best
