"""Solid things as flat four-cornered faces, lit by the sun, for a painter that draws from far to near."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.world.frame import Floats
from sim.world.things import GABLE, Buildings, Cars, Colours, Rows

SUN = np.array([-0.48, -0.53, 0.70])
FLOOR_M = 3.3
_AMBIENT, _DIRECT = 0.62, 0.48
_GLASS = np.array([112, 92, 74])
_CAR_GLASS = np.array([70, 62, 56])
_UNIT_FACES = np.array(
    [  # a box's south, east, north, west and top, each with its corners counter-clockwise as seen from outside
        [[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]],
        [[1, 0, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]],
        [[1, 1, 0], [0, 1, 0], [0, 1, 1], [1, 1, 1]],
        [[0, 1, 0], [0, 0, 0], [0, 0, 1], [0, 1, 1]],
        [[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]],
    ],
    float,
)
_TOP = 4


@dataclass(frozen=True, slots=True)
class Mesh(Rows):
    """p faces: corners (p, 4, 3) in metres over the ground, outward normals (p, 3), colours (p, 3).

    And for each the number of the thing that it belongs to, and from how near it can be seen, (p,).
    """

    corners_m: Floats
    normal: Floats
    bgr: Floats
    thing: npt.NDArray[np.int64]
    seen_within_m: Floats


def faces(corners_m: Floats, bgr: Colours | Floats, thing: npt.NDArray[np.int64], seen_within_m: float = 1e9) -> Mesh:
    """Faces with their normals and their light."""
    normal = np.cross(corners_m[:, 1] - corners_m[:, 0], corners_m[:, 2] - corners_m[:, 0])
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    light = _AMBIENT + _DIRECT * np.maximum(normal @ SUN, 0)
    return Mesh(corners_m, normal, np.clip(bgr * light[:, None], 0, 255), thing, np.full(len(corners_m), seen_within_m))


def boxes(
    low_m: Floats, high_m: Floats, side_bgr: Colours | Floats, top_bgr: Colours | Floats, thing: npt.NDArray[np.int64]
) -> Mesh:
    """Boxes between corners (n, 3) and (n, 3), without their undersides."""
    corners = low_m[:, None, None] + (high_m - low_m)[:, None, None] * _UNIT_FACES
    colours = np.repeat(np.asarray(side_bgr, float)[:, None], 5, axis=1)
    colours[:, _TOP] = top_bgr
    return faces(corners.reshape(-1, 4, 3), colours.reshape(-1, 3), np.repeat(thing, 5))


def of_buildings(buildings: Buildings) -> Mesh:
    """Boxes, gables, and windows to be seen from near; thing i is building i."""
    rect, height = buildings.rect_m, buildings.height_m
    thing = np.arange(len(height))
    low = np.stack([rect[:, 0], rect[:, 1], np.zeros_like(height)], axis=1)
    high = np.stack([rect[:, 2], rect[:, 3], height], axis=1)
    parts = [boxes(low, high, buildings.wall_bgr, buildings.roof_bgr, thing)]
    gabled = buildings.roof == GABLE
    if gabled.any():
        parts.append(
            _gables(rect[gabled], height[gabled], buildings.roof_bgr[gabled], buildings.wall_bgr[gabled], thing[gabled])
        )
    parts.append(_windows(rect, height, thing))
    return Mesh.joined(parts)


def _gables(rect: Floats, height: Floats, roof: Colours, wall: Colours, thing: npt.NDArray[np.int64]) -> Mesh:
    """Two slopes and two triangles over each footprint, the ridge along the longer side, the eaves half a metre out."""
    along_x = (rect[:, 2] - rect[:, 0]) >= (rect[:, 3] - rect[:, 1])
    x0, y0, x1, y1 = (rect + np.array([-0.5, -0.5, 0.5, 0.5])).T
    rise = np.minimum(x1 - x0, y1 - y0) * 0.22
    ridge = height + rise
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    start = np.where(along_x[:, None], np.stack([x0, middle_y, ridge], 1), np.stack([middle_x, y0, ridge], 1))
    end = np.where(along_x[:, None], np.stack([x1, middle_y, ridge], 1), np.stack([middle_x, y1, ridge], 1))
    sw, se, ne, nw = (np.stack([x, y, height], 1) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    wide = along_x[:, None]
    slopes = [
        np.where(wide[:, None], np.stack([sw, se, end, start], 1), np.stack([se, ne, end, start], 1)),
        np.where(wide[:, None], np.stack([ne, nw, start, end], 1), np.stack([nw, sw, start, end], 1)),
    ]
    ends = [
        np.where(wide[:, None], np.stack([nw, sw, start, start], 1), np.stack([sw, se, start, start], 1)),
        np.where(wide[:, None], np.stack([se, ne, end, end], 1), np.stack([ne, nw, end, end], 1)),
    ]
    return Mesh.joined(
        [faces(corners, roof, thing) for corners in slopes] + [faces(corners, wall, thing) for corners in ends]
    )


def _windows(rect: Floats, height: Floats, thing: npt.NDArray[np.int64]) -> Mesh:
    """Glass on every wall: two panes on a house's, a band a floor on taller buildings'."""
    floors = np.maximum(1, (height / FLOOR_M).astype(int))
    which = np.repeat(np.arange(len(height)), floors)
    floor = np.concatenate([np.arange(n) for n in floors]) if len(floors) else np.zeros(0, int)
    low_m, high_m = floor * FLOOR_M + 1.1, floor * FLOOR_M + 2.4
    tall = height[which] > 4.5
    parts = []
    for share, chosen in (((0.06, 0.94), tall), ((0.15, 0.38), ~tall), ((0.62, 0.85), ~tall)):
        count = int(chosen.sum())
        x0, y0, x1, y1 = rect[which[chosen]].T
        base = np.stack([x0 - 0.06, y0 - 0.06, low_m[chosen]], 1)
        size = np.stack([x1 - x0 + 0.12, y1 - y0 + 0.12, (high_m - low_m)[chosen]], 1)
        for side in range(4):
            unit = _UNIT_FACES[side].copy()
            axis = 0 if side in (0, 2) else 1
            unit[:, axis] = np.where(unit[:, axis] > 0.5, share[1], share[0])
            corners = base[:, None] + size[:, None] * unit
            seen = faces(corners, np.broadcast_to(_GLASS, (count, 3)), thing[which[chosen]])
            reach = np.where(height[which[chosen]] > 9, 420.0, 130.0)
            parts.append(Mesh(seen.corners_m, seen.normal, seen.bgr, seen.thing, reach))
    return Mesh.joined(parts)


def of_cars(cars: Cars, first_thing: int, detailed: bool = True) -> Mesh:
    """Body and cabin; only the body when not detailed. Thing `first_thing` + i is car i."""
    thing = first_thing + np.arange(len(cars.heading_rad))
    body = turned_boxes(cars, (-0.92, -2.25, 0.25), (0.92, 2.25, 0.95 if detailed else 1.25), cars.bgr, cars.bgr, thing)
    if not detailed:
        return body
    glass = np.broadcast_to(_CAR_GLASS, (len(thing), 3))
    cabin = turned_boxes(cars, (-0.78, -1.35, 0.95), (0.78, 0.95, 1.5), glass, cars.bgr, thing)
    return Mesh.joined([body, cabin])


def turned_boxes(
    cars: Cars,
    low_m: tuple[float, float, float],
    high_m: tuple[float, float, float],
    side: Colours | Floats,
    top: Colours | Floats,
    thing: npt.NDArray[np.int64],
) -> Mesh:
    """A box right and ahead of each car's middle, turned to its heading."""
    low, high = np.array(low_m), np.array(high_m)
    local = low + (high - low) * _UNIT_FACES
    sin, cos = np.sin(cars.heading_rad)[:, None, None], np.cos(cars.heading_rad)[:, None, None]
    x = cars.at_m[:, 0, None, None] + local[..., 0] * cos + local[..., 1] * sin
    y = cars.at_m[:, 1, None, None] - local[..., 0] * sin + local[..., 1] * cos
    corners = np.stack([x, y, np.broadcast_to(local[..., 2], x.shape)], axis=-1)
    colours = np.repeat(np.asarray(side, float)[:, None], 5, axis=1)
    colours[:, _TOP] = top
    return faces(corners.reshape(-1, 4, 3), colours.reshape(-1, 3), np.repeat(thing, 5))
