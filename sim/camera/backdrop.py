"""What lies behind all things: sky, mountains, haze, and the ground with its texture."""

import itertools
import math

import cv2
import numpy as np
import numpy.typing as npt

from sim.camera.orthophoto import TEXELS_M, Mosaic, TileStore
from sim.camera.projection import Ray
from sim.world.frame import Floats
from sim.world.places import PEAKS

Image = npt.NDArray[np.uint8]

HAZE_BGR = np.array([218.0, 206.0, 192.0, 255.0])
ZENITH_BGR = np.array([196.0, 138.0, 84.0, 255.0])
_AFAR_BGR = np.array([124.0, 142.0, 152.0, 255.0])
HAZE_M = 8_000.0
_MOST_TEXELS = 2.1
_RANGES = (
    # farther ranges first: share of the peaks' elevation, roughness, colour
    (1.0, 0.30, (188, 172, 150)),
    (0.62, 0.24, (160, 150, 138)),
    (0.30, 0.16, (142, 146, 148)),
)


class Backdrop:
    """Paints sky, mountains and ground for one camera; keeps its own mosaics of the shared tiles."""

    def __init__(self, store: TileStore) -> None:
        self._mosaics = [Mosaic(store, level) for level in range(len(TEXELS_M))]
        self._ridges = _ridges()
        self._last: tuple[Ray, Image] | None = None

    def paint(self, picture: Image, ray: Ray) -> None:
        """Fills the whole picture; a camera that stands still gets the last one again."""
        if self._last is None or self._last[0] != ray:
            self._last = ray, np.empty_like(picture)
            self._paint(self._last[1], ray)
        picture[:] = self._last[1]

    def _paint(self, picture: Image, ray: Ray) -> None:
        first_ground = int(np.clip(math.ceil(ray.horizon_px + 0.5), 0, ray.height_px))
        if first_ground > 0:
            self._sky(picture[:first_ground], ray)
        if first_ground < ray.height_px:
            self._ground(picture, ray, first_ground)
        if first_ground > 0:
            self._mountains(picture, ray)

    def _sky(self, rows: Image, ray: Ray) -> None:
        elevation = ray.pitch_rad - np.arctan((np.arange(len(rows)) - ray.height_px / 2) / ray.focal_px)
        share = (np.clip(elevation / 0.7, 0, 1) ** 0.6)[:, None]
        column = (HAZE_BGR * (1 - share) + ZENITH_BGR * share).astype(np.uint8)
        cv2.resize(column[:, None], (ray.width_px, len(rows)), dst=rows, interpolation=cv2.INTER_NEAREST)

    def _mountains(self, picture: Image, ray: Ray) -> None:
        """Ridge lines at infinity, each filled down to the horizon."""
        half_view = math.atan(ray.width_px / 2 / ray.focal_px) / max(math.cos(ray.pitch_rad), 0.2) + 0.1
        for (azimuth, elevation), (_, _, colour) in zip(self._ridges, _RANGES, strict=True):
            off = np.remainder(azimuth - ray.yaw_rad + math.pi, 2 * math.pi) - math.pi
            shown = np.flatnonzero(np.abs(off) < min(half_view, 1.4))
            shown = shown[np.argsort(off[shown])]
            if len(shown) < 2:
                continue
            tops = _at_infinity(azimuth[shown], elevation[shown], ray)
            feet = _at_infinity(azimuth[shown], np.full(len(shown), -0.002), ray)[::-1]
            outline = np.clip(np.concatenate([tops, feet]) * 8, -200_000, 200_000).astype(np.int32)
            cv2.fillPoly(picture, [outline], colour, shift=3)

    def _ground(self, picture: Image, ray: Ray, first: int) -> None:
        slant_m, level = self._levels(ray, first)
        edges = [0, *(np.flatnonzero(np.diff(level)) + 1), len(level)]
        to_ground = np.linalg.inv(ray.matrix[:, [0, 1, 3]])
        for start, end in itertools.pairwise(edges):
            rows = picture[first + start : first + end]
            if level[start] >= len(self._mosaics):
                rows[:] = _even((ray.width_px, len(rows)), _AFAR_BGR)
                continue
            mosaic = self._mosaics[level[start]]
            shift = np.array([[1, 0, 0], [0, 1, first + start], [0, 0, 1.0]])
            matrix = mosaic.to_texture @ to_ground @ shift
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            cv2.warpPerspective(mosaic.image, matrix, (ray.width_px, len(rows)), rows, flags, cv2.BORDER_REPLICATE)
        self._haze(picture[first:], slant_m)

    def _levels(self, ray: Ray, first: int) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Each row's distance in the middle, and the level whose texels suit it and whose mosaic reaches so far."""
        below = (np.arange(first, ray.height_px) - ray.height_px / 2) / ray.focal_px
        down = np.maximum(np.sin(np.arctan(below) - ray.pitch_rad), 1e-4)
        slant_m = ray.height_m / down
        pixel_m = slant_m / ray.focal_px / np.sqrt(down) * np.cos(np.arctan(below))
        level = np.searchsorted(np.array(TEXELS_M) * _MOST_TEXELS, pixel_m)
        level = np.where(slant_m > 6_000, len(TEXELS_M), np.minimum(level, len(TEXELS_M) - 1))
        corners = self._edges(ray, below, slant_m, down)
        for index, mosaic in enumerate(self._mosaics):
            used = level == index
            if not used.any():
                continue
            ahead_m = 0.0 if ray.pitch_rad < -1.3 else 0.28 * mosaic.side_m
            middle = mosaic.centre(ray.x_m + math.sin(ray.yaw_rad) * ahead_m, ray.y_m + math.cos(ray.yaw_rad) * ahead_m)
            reach = mosaic.side_m / 2
            inside = (np.abs(corners - np.array(middle)) < reach).all(axis=(1, 2))
            level[used & ~inside] += 1
        past_nadir = ray.pitch_rad - math.atan(below[-1]) < -math.pi / 2
        # Rows run from far to near: whatever lies farther must not be finer.
        return slant_m, level if past_nadir else np.maximum.accumulate(level[::-1])[::-1]

    @staticmethod
    def _edges(ray: Ray, below: Floats, slant_m: Floats, down: Floats) -> Floats:
        """Where the left and right ends of each row meet level ground, (rows, 2, 2) in metres."""
        rotation = ray.rotation
        ends = []
        for side in (-0.5, 0.5):
            across = side * ray.width_px / ray.focal_px
            direction = across * rotation[0] + below[:, None] * rotation[1] + rotation[2]
            scale = ray.height_m / np.maximum(-direction[:, 2], 1e-4)
            ends.append(np.array([ray.x_m, ray.y_m]) + direction[:, :2] * scale[:, None])
        return np.stack(ends, axis=1)

    @staticmethod
    def _haze(rows: Image, slant_m: Floats) -> None:
        share = haze_share(slant_m).astype(np.float32)
        count = int((share > 0.04).sum())
        if not count:
            return
        # Rows run from far to near, so the hazy ones are the first.
        size = rows.shape[1], count
        weight = cv2.resize(share[:count, None], size, interpolation=cv2.INTER_NEAREST)
        haze = _even((rows.shape[1], count), HAZE_BGR)
        rows[:count] = cv2.blendLinear(rows[:count], haze, 1 - weight, weight)


def _even(size: tuple[int, int], bgr: Floats) -> Image:
    return cv2.resize(bgr.astype(np.uint8)[None, None], size, interpolation=cv2.INTER_NEAREST)


def haze_share(distance_m: Floats) -> Floats:
    """How much of a thing's colour the air has taken at a distance."""
    return 0.9 * (1 - np.exp(-distance_m / HAZE_M))


def _at_infinity(azimuth: Floats, elevation: Floats, ray: Ray) -> Floats:
    direction = np.stack([np.sin(azimuth) * np.cos(elevation), np.cos(azimuth) * np.cos(elevation), np.sin(elevation)])
    right, down, forward = ray.rotation @ direction
    depth = np.maximum(forward, 0.05)
    return np.stack(
        [ray.width_px / 2 + ray.focal_px * right / depth, ray.height_px / 2 + ray.focal_px * down / depth], 1
    )


def _ridges() -> list[tuple[Floats, Floats]]:
    """Azimuth and elevation (rad) of each range's ridge: bumps at the named peaks, always roughened the same way."""
    azimuth_deg = np.arange(0, 360, 0.4)
    rng = np.random.default_rng(7)
    result = []
    for share, roughness, _ in _RANGES:
        elevation = np.full(len(azimuth_deg), 0.25)
        for at, height, width, _name in PEAKS:
            off = np.remainder(azimuth_deg - at + 180, 360) - 180
            elevation = np.maximum(elevation, height * np.exp(-((off / width) ** 2)))
        rough = np.zeros(len(azimuth_deg))
        for step, size in ((25, 1.0), (10, 0.55), (4, 0.3), (1, 0.12)):
            points = rng.normal(0, size, len(azimuth_deg) // step + 1)
            points[-1] = points[0]
            rough += np.interp(np.arange(len(azimuth_deg)) / step, np.arange(len(points)), points)
        line = share * elevation * (1 + roughness * rough) + 0.05
        result.append((np.radians(azimuth_deg), np.radians(np.maximum(line, 0.05))))
    return result
