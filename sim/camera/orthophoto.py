"""The city seen from straight above, painted a tile at a time: lots, streets, markings, roofs, shadows, trees."""

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import cv2
import numpy as np
import numpy.typing as npt

from sim.world.city import Arterial, City
from sim.world.frame import Floats
from sim.world.things import Superblock

Image = npt.NDArray[np.uint8]
Address = tuple[int, int, int]
"""Level, column and row of a tile."""

TILE_PX = 256
MOSAIC_TILES = 6
MOST_TILES = 600
"""How many painted tiles are kept, 256 KiB each: about four cameras' worth."""
TEXELS_M = (0.2, 0.6, 1.8, 6.0)
SUN_SHADOW = (0.45, 0.5)
"""Where a shadow's end lies, m east and north for each m of height: the sun stands in the south-west."""

# Colours are BGR.
_DESERT = (132, 156, 176)
_CITY_FROM_AFAR = (124, 142, 152)
_LAND = {"park": (76, 130, 100), "campus": (96, 132, 116), "desert": (128, 152, 170), "airfield": (136, 160, 178)}
_ASPHALT = (92, 92, 92)
_LOCAL_ASPHALT = (108, 110, 112)
_LINE_COLOURS = {
    "freeway": (120, 122, 124),
    "railway": (92, 100, 112),
    "wash": (158, 184, 204),
    "runway": (104, 104, 104),
}
_WHITE, _YELLOW, _KERB = (214, 214, 214), (70, 176, 206), (166, 172, 176)
_LANE_M = 3.5


class _Canvas:
    """A tile being painted: pixels of `texel_m`, the upper left corner at (west, north) in the site's frame."""

    def __init__(self, texel_m: float, west_m: float, north_m: float) -> None:
        self.texel_m, self.west_m, self.north_m = texel_m, west_m, north_m
        self.side_m = TILE_PX * texel_m
        self.image: Image = np.empty((TILE_PX, TILE_PX, 3), np.uint8)
        self.image[:] = _DESERT if texel_m < 3 else _CITY_FROM_AFAR

    @property
    def rect_m(self) -> tuple[float, float, float, float]:
        return self.west_m, self.north_m - self.side_m, self.west_m + self.side_m, self.north_m

    def px(self, points_m: Floats) -> npt.NDArray[np.int32]:
        """Points (..., 2) in metres as whole pixels."""
        scaled = (points_m - np.array([self.west_m, self.north_m])) / np.array([self.texel_m, -self.texel_m])
        return np.floor(np.clip(scaled, -30_000, 30_000)).astype(np.int32)

    def touching(self, rects_m: Floats) -> npt.NDArray[np.bool_]:
        """Which rectangles (n, 4) lie in the tile."""
        west, south, east, north = self.rect_m
        return (rects_m[:, 0] < east) & (rects_m[:, 2] > west) & (rects_m[:, 1] < north) & (rects_m[:, 3] > south)

    def near(self, at_m: Floats, reach_m: float) -> npt.NDArray[np.bool_]:
        """Which points (n, 2) lie in the tile or within reach of it."""
        west, south, east, north = self.rect_m
        x, y = at_m[:, 0], at_m[:, 1]
        return (x > west - reach_m) & (x < east + reach_m) & (y > south - reach_m) & (y < north + reach_m)

    def rectangles(self, rects_m: Floats, colours: npt.NDArray[np.uint8] | tuple[int, int, int]) -> None:
        """Fills rectangles (n, 4), those in the tile, in order."""
        keep = self.touching(rects_m)
        if not keep.any():
            return
        shown = rects_m[keep]
        lows, highs = self.px(shown[:, [0, 3]]).tolist(), (self.px(shown[:, [2, 1]]) - 1).tolist()
        fills = colours[keep].tolist() if isinstance(colours, np.ndarray) else [colours] * len(lows)
        for low, high, fill in zip(lows, highs, fills, strict=True):
            if high[0] >= low[0] and high[1] >= low[1]:
                cv2.rectangle(self.image, low, high, fill, -1)


def paint(city: City, level: int, column: int, row: int) -> Image:
    """The tile of that level whose south-west corner is (column, row) tiles from the origin.

    (256, 256, 4) BGRA, north up.
    """
    texel_m = TEXELS_M[level]
    side_m = TILE_PX * texel_m
    canvas = _Canvas(texel_m, column * side_m, (row + 1) * side_m)
    for kind, rect in city.lands:
        if kind in _LAND:
            canvas.rectangles(np.array([rect]), _LAND[kind])
    blocks = city.superblocks(*canvas.rect_m) if level < 3 else []
    for block in blocks:
        canvas.rectangles(block.ground_rect_m, block.ground_bgr)
        canvas.rectangles(block.street_rect_m, _LOCAL_ASPHALT)
        if level == 0:
            _stalls(canvas, block.parking_rect_m)
    _lines(canvas, city)
    _arterials(canvas, city, level)
    _grain(canvas, level)
    if level < 2:
        _shadows(canvas, blocks)
    for block in blocks:
        _stand(canvas, block, level)
    return cv2.cvtColor(canvas.image, cv2.COLOR_BGR2BGRA)


def _stand(canvas: _Canvas, block: Superblock, level: int) -> None:
    """Roofs, cars and crowns, as they look from above."""
    canvas.rectangles(block.buildings.rect_m, block.buildings.roof_bgr)
    if level < 2:
        cars = block.cars.where(canvas.near(block.cars.at_m, 3))
        across = np.abs(np.sin(cars.heading_rad))[:, None]
        half = np.array([0.9, 2.2]) * (1 - across) + np.array([2.2, 0.9]) * across
        canvas.rectangles(np.concatenate([cars.at_m - half, cars.at_m + half], axis=1), cars.bgr)
    trees = block.trees.where(canvas.near(block.trees.at_m, 6))
    radii = np.maximum(1, np.round(trees.radius_m / canvas.texel_m)).astype(int).tolist()
    for centre, radius, colour in zip(canvas.px(trees.at_m).tolist(), radii, trees.bgr.tolist(), strict=True):
        cv2.circle(canvas.image, centre, radius, colour, -1)


def _shadows(canvas: _Canvas, blocks: list[Superblock]) -> None:
    mask = np.zeros((TILE_PX, TILE_PX), np.uint8)
    for block in blocks:
        buildings = block.buildings
        throw = buildings.height_m[:, None] * np.array(SUN_SHADOW)
        reach = buildings.rect_m + np.concatenate([np.zeros_like(throw), throw], axis=1)
        keep = canvas.touching(reach)
        west, south, east, north = buildings.rect_m[keep].T
        dx, dy = throw[keep].T
        hull = [
            (west, south),
            (east, south),
            (east + dx, south + dy),
            (east + dx, north + dy),
            (west + dx, north + dy),
            (west, north),
        ]
        for points in canvas.px(np.stack([np.stack(point, axis=-1) for point in hull], axis=1)):
            cv2.fillConvexPoly(mask, points, 255)
        trees = block.trees.where(canvas.near(block.trees.at_m, 10))
        at = trees.at_m + trees.height_m[:, None] * np.array(SUN_SHADOW) * 0.6
        for centre, radius in zip(
            canvas.px(at).tolist(), (trees.radius_m / canvas.texel_m).astype(int).tolist(), strict=True
        ):
            cv2.circle(mask, centre, max(radius, 1), 255, -1)
    dark = mask > 0
    canvas.image[dark] = (canvas.image[dark] * 0.62).astype(np.uint8)


def _stalls(canvas: _Canvas, parking_m: Floats) -> None:
    """White lines between the stalls of car parks."""
    for west, south, east, north in parking_m[canvas.touching(parking_m)]:
        xs = np.arange(west, east + 0.1, 2.7)
        count = np.ones_like(xs)
        canvas.rectangles(np.stack([xs, south * count, xs + 0.25, north * count], axis=1), (196, 196, 196))


def _lines(canvas: _Canvas, city: City) -> None:
    for line in city.lines:
        points = canvas.px(line.points_m)
        width = max(1, round(line.width_m / canvas.texel_m))
        cv2.polylines(canvas.image, [points], False, _LINE_COLOURS[line.kind], width)
        if line.kind == "freeway" and canvas.texel_m < 3:
            cv2.polylines(canvas.image, [points], False, (140, 160, 172), max(1, round(8 / canvas.texel_m)))
        if line.kind in ("railway", "runway"):
            cv2.polylines(canvas.image, [points], False, (150, 150, 150), max(1, round(1.6 / canvas.texel_m)))


def _arterials(canvas: _Canvas, city: City, level: int) -> None:
    """Main roads with median, lanes, and crossings with zebra stripes and stop lines."""
    west, south, east, north = canvas.rect_m
    upright = [road for road in city.north_south if west - 30 < road.at_m < east + 30]
    level_roads = [road for road in city.east_west if south - 30 < road.at_m < north + 30]
    for road in upright:
        _road(canvas, road, level, lambda a, b: (a, south, b, north), (south, north), lambda a, b, c, d: (a, c, b, d))
    for road in level_roads:
        _road(canvas, road, level, lambda a, b: (west, a, east, b), (west, east), lambda a, b, c, d: (c, a, d, b))
    if level > 1:
        return
    for road in upright:
        for other in level_roads:
            _crossing(canvas, road, other)


Across = Callable[[float, float], tuple[float, float, float, float]]
Piece = Callable[[float, float, float, float], tuple[float, float, float, float]]


def _road(
    canvas: _Canvas, road: Arterial, level: int, across: Across, span_m: tuple[float, float], piece: Piece
) -> None:
    half = road.width_m / 2
    if level < 3:
        canvas.rectangles(np.array([across(road.at_m - half - 2.2, road.at_m + half + 2.2)]), _KERB)
    canvas.rectangles(np.array([across(road.at_m - half, road.at_m + half)]), _ASPHALT)
    if level > 1:
        return
    for side in (-0.35, 0.15):
        canvas.rectangles(np.array([across(road.at_m + side, road.at_m + side + 0.2)]), _YELLOW)
    lanes = np.arange(1, int((half - 1) // _LANE_M))
    for offset in np.concatenate([-lanes, lanes]) * _LANE_M:
        at = road.at_m + offset
        starts = np.arange(span_m[0] // 12 * 12, span_m[1], 12.0)
        canvas.rectangles(np.array([piece(at - 0.1, at + 0.12, start, start + 3.5) for start in starts]), _WHITE)


def _crossing(canvas: _Canvas, road: Arterial, other: Arterial) -> None:
    x, y, half_x, half_y = road.at_m, other.at_m, road.width_m / 2, other.width_m / 2
    reach = np.array([[x - half_x - 9, y - half_y - 9, x + half_x + 9, y + half_y + 9]])
    if not canvas.touching(reach)[0]:
        return
    canvas.rectangles(np.array([[x - half_x, y - half_y - 7.5, x + half_x, y + half_y + 7.5]]), _ASPHALT)
    canvas.rectangles(np.array([[x - half_x - 7.5, y - half_y, x + half_x + 7.5, y + half_y]]), _ASPHALT)
    stripes_x = np.arange(x - half_x + 0.6, x + half_x - 0.6, 1.3)
    stripes_y = np.arange(y - half_y + 0.6, y + half_y - 0.6, 1.3)
    for low, high in ((y - half_y - 4.6, y - half_y - 1.6), (y + half_y + 1.6, y + half_y + 4.6)):
        one = np.ones_like(stripes_x)
        canvas.rectangles(np.stack([stripes_x, low * one, stripes_x + 0.65, high * one], axis=1), _WHITE)
    for low, high in ((x - half_x - 4.6, x - half_x - 1.6), (x + half_x + 1.6, x + half_x + 4.6)):
        one = np.ones_like(stripes_y)
        canvas.rectangles(np.stack([low * one, stripes_y, high * one, stripes_y + 0.65], axis=1), _WHITE)
    stops = [
        (x, y - half_y - 6.6, x + half_x - 0.5, y - half_y - 6.0),
        (x - half_x + 0.5, y + half_y + 6.0, x, y + half_y + 6.6),
        (x - half_x - 6.6, y - half_y + 0.5, x - half_x - 6.0, y),
        (x + half_x + 6.0, y, x + half_x + 6.6, y + half_y - 0.5),
    ]
    canvas.rectangles(np.array(stops), _WHITE)


@functools.cache
def _grains(level: int) -> npt.NDArray[np.int16]:
    """Unevenness of the ground, the same in each tile; from afar, a speckle of roofs and trees."""
    rng = np.random.default_rng(level)
    coarse = cv2.resize(
        rng.normal(0, 1, (16, 16)).astype(np.float32), (TILE_PX, TILE_PX), interpolation=cv2.INTER_CUBIC
    )
    fine = rng.normal(0, 1, (TILE_PX, TILE_PX)).astype(np.float32)
    amplitude = (4.0, 2.0) if level < 3 else (6.0, 15.0)
    grain = (coarse * amplitude[0] + fine * amplitude[1]).round().astype(np.int16)
    return np.repeat(grain[:, :, None], 3, axis=2)


def _grain(canvas: _Canvas, level: int) -> None:
    canvas.image = cv2.add(canvas.image, _grains(level), dtype=cv2.CV_8U)


class TileStore:
    """Painted tiles, kept while used, shared by the cameras of a process; painted one after the other in one thread."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, "tile painter")
        self._tiles: OrderedDict[Address, Future[Image]] = OrderedDict()

    def tiles(self, addresses: list[Address], wait: bool) -> list[Image] | None:
        """The tiles when all are painted; otherwise has them painted, and waits for them or answers None."""
        with self._lock:
            for address in addresses:
                if address not in self._tiles:
                    self._tiles[address] = self._pool.submit(paint, self._city, *address)
                self._tiles.move_to_end(address)
            asked = [self._tiles[address] for address in addresses]
            while len(self._tiles) > MOST_TILES:
                self._tiles.popitem(last=False)[1].cancel()
        if wait or all(tile.done() for tile in asked):
            return [tile.result() for tile in asked]
        return None


class Mosaic:
    """A square of one level's tiles around a point, as one picture to take the ground's texture from."""

    def __init__(self, store: TileStore, level: int) -> None:
        self.texel_m = TEXELS_M[level]
        self.side_m = MOSAIC_TILES * TILE_PX * self.texel_m
        self._store, self._level = store, level
        self._corner: tuple[int, int] | None = None
        side_px = MOSAIC_TILES * TILE_PX
        self.image: Image = np.empty((side_px, side_px, 4), np.uint8)

    def centre(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Moves the mosaic towards a point as soon as its tiles are painted; the first time it waits.

        Returns its middle.
        """
        tile_m = TILE_PX * self.texel_m
        corner = round(x_m / tile_m - MOSAIC_TILES / 2), round(y_m / tile_m - MOSAIC_TILES / 2)
        if corner != self._corner:
            addresses = [
                (self._level, corner[0] + column, corner[1] + row)
                for column in range(MOSAIC_TILES)
                for row in range(MOSAIC_TILES)
            ]
            tiles = self._store.tiles(addresses, wait=self._corner is None)
            if tiles:
                self._assemble(tiles)
                self._corner = corner
        column, row = self._corner or corner
        return (column + MOSAIC_TILES / 2) * tile_m, (row + MOSAIC_TILES / 2) * tile_m

    def _assemble(self, tiles: list[Image]) -> None:
        for index, tile in enumerate(tiles):
            column, row = divmod(index, MOSAIC_TILES)
            top, left = (MOSAIC_TILES - 1 - row) * TILE_PX, column * TILE_PX
            self.image[top : top + TILE_PX, left : left + TILE_PX] = tile

    @property
    def to_texture(self) -> Floats:
        """The (3, 3) matrix from metres (x, y, 1) to the texture's pixels (u, v, 1)."""
        column, row = self._corner or (0, 0)
        tile_m = TILE_PX * self.texel_m
        west, north = column * tile_m, (row + MOSAIC_TILES) * tile_m
        scale = 1 / self.texel_m
        return np.array([[scale, 0, -west * scale - 0.5], [0, -scale, north * scale - 0.5], [0, 0, 1]])
