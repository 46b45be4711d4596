"""How the land between four arterials is built up: local streets, blocks of homes, shops, offices, parks."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.world.frame import Floats
from sim.world.things import FLAT, GABLE, Buildings, Cars, Colours, Superblock, Trees

Rng = np.random.Generator
Palette = tuple[tuple[int, int, int], ...]
LandKind = Callable[[Floats, Floats], npt.NDArray[np.str_]]
IsClear = Callable[[Floats, Floats, Floats | float], npt.NDArray[np.bool_]]

STREET_M = 9.0
_SIDEWALK_M = 2.0
_OPEN = ("desert", "airfield")

# Colours are BGR.
_SIDEWALK = (172, 178, 182)
_YARDS = ((132, 158, 178), (120, 146, 166), (140, 170, 190), (110, 140, 150), (92, 132, 118), (128, 150, 172))
_WALLS = ((170, 196, 214), (150, 178, 202), (188, 204, 214), (132, 160, 188), (200, 212, 218), (112, 140, 176))
_ROOFS = (
    (92, 104, 140),
    (104, 112, 122),
    (168, 178, 186),
    (80, 92, 112),
    (196, 202, 206),
    (84, 100, 158),
    (140, 150, 162),
)
_FLAT_ROOFS = ((206, 208, 208), (190, 194, 198), (172, 180, 186), (216, 218, 220), (158, 166, 176))
_GLASS = ((150, 140, 124), (164, 150, 132), (180, 176, 168), (140, 150, 160), (128, 146, 176))
_BRICK = ((84, 104, 152), (92, 112, 160), (108, 126, 164))
_GRASS = ((72, 128, 96), (80, 136, 106))
_LEAVES = ((62, 98, 74), (70, 110, 92), (54, 84, 68), (86, 124, 112), (60, 104, 78))
_PAINT = (
    (232, 232, 232),
    (200, 200, 196),
    (60, 56, 54),
    (96, 92, 90),
    (140, 62, 44),
    (44, 46, 150),
    (120, 150, 168),
    (70, 60, 52),
)
_ASPHALT_LOT = (104, 106, 108)
_CONCRETE = (176, 182, 186)
_POOL = (196, 160, 70)


@dataclass(slots=True)
class _Yield:
    """What a kind of block puts on the land."""

    ground: list[tuple[Floats, Colours]] = field(default_factory=list)
    parking: list[Floats] = field(default_factory=list)
    buildings: list[Buildings] = field(default_factory=list)
    trees: list[Trees] = field(default_factory=list)
    cars: list[Cars] = field(default_factory=list)


def fill(rect_m: tuple[float, float, float, float], rng: Rng, land_kind: LandKind, is_clear: IsClear) -> Superblock:
    """The superblock on `rect_m` (west, south, east, north), as `rng` throws it."""
    west, south, east, north = rect_m
    columns = max(1, round((east - west) / rng.uniform(115, 175)))
    rows = max(1, round((north - south) / rng.uniform(76, 96)))
    xs, ys = np.linspace(west, east, columns + 1), np.linspace(south, north, rows + 1)
    streets = [(x - STREET_M / 2, south, x + STREET_M / 2, north) for x in xs[1:-1]]
    streets += [(west, y - STREET_M / 2, east, y + STREET_M / 2) for y in ys[1:-1]]
    blocks, kinds = _blocks(xs, ys, rng, land_kind)
    out = _Yield()
    paved = blocks[~np.isin(kinds, _OPEN)]
    _ground(out, paved, _SIDEWALK)
    inner = blocks + np.array([1, 1, -1, -1]) * _SIDEWALK_M
    for kind, build in _BUILDERS.items():
        if (chosen := kinds == kind).any():
            build(out, inner[chosen], rng)
    keep_streets = [
        rect
        for rect in streets
        if land_kind(*(np.array([(rect[i] + rect[i + 2]) / 2]) for i in (0, 1)))[0] not in _OPEN
    ]
    return _superblock(rect_m, out, np.array(keep_streets).reshape(-1, 4), is_clear)


def _blocks(xs: Floats, ys: Floats, rng: Rng, land_kind: LandKind) -> tuple[Floats, npt.NDArray[np.str_]]:
    """Blocks between the streets, kerb to kerb, and the kind of each."""
    gap = STREET_M / 2
    left, right = xs[:-1] + gap, xs[1:] - gap
    bottom, top = ys[:-1] + gap, ys[1:] - gap
    left[0], right[-1], bottom[0], top[-1] = xs[0] + 0.5, xs[-1] - 0.5, ys[0] + 0.5, ys[-1] - 0.5
    grids = np.meshgrid(left, bottom), np.meshgrid(right, top)
    blocks = np.stack([grids[0][0], grids[0][1], grids[1][0], grids[1][1]], axis=-1).reshape(-1, 4)
    edge = np.zeros((len(bottom), len(left)), bool)
    edge[[0, -1], :] = True
    edge[:, [0, -1]] = rng.random((len(bottom), 2)) < 0.6
    city = np.where(
        edge.ravel() & (rng.random(len(blocks)) < 0.8),
        "shops",
        rng.choice(["homes", "flats", "park", "empty"], len(blocks), p=[0.87, 0.08, 0.02, 0.03]),
    )
    land = land_kind((blocks[:, 0] + blocks[:, 2]) / 2, (blocks[:, 1] + blocks[:, 3]) / 2)
    return blocks, np.where(land == "city", city, land)


def _superblock(
    rect_m: tuple[float, float, float, float], out: _Yield, streets: Floats, is_clear: IsClear
) -> Superblock:
    ground = [(np.zeros((0, 4)), np.zeros((0, 3), np.uint8)), *out.ground]
    buildings = Buildings.joined([_no_buildings(), *out.buildings])
    trees = Trees.joined([_trees(np.zeros((0, 2)), np.zeros(0)), *out.trees])
    cars = Cars.joined([_cars(np.zeros((0, 2)), 0.0, np.random.default_rng(0)), *out.cars])
    rect = buildings.rect_m
    middle, reach = (rect[:, :2] + rect[:, 2:]) / 2, np.hypot(rect[:, 2] - rect[:, 0], rect[:, 3] - rect[:, 1]) / 2
    return Superblock(
        rect_m,
        np.concatenate([rects for rects, _ in ground]),
        np.concatenate([colours for _, colours in ground]),
        streets,
        np.concatenate([np.zeros((0, 4)), *out.parking]),
        buildings.where(is_clear(middle[:, 0], middle[:, 1], reach)),
        trees.where(is_clear(trees.at_m[:, 0], trees.at_m[:, 1], trees.radius_m)),
        cars.where(is_clear(cars.at_m[:, 0], cars.at_m[:, 1], 2.5)),
    )


def _homes(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """Two rows of lots back to back, a house with a driveway on each; some pools, trees, and cars."""
    lots, is_south = _lots(blocks, 20.0)
    _ground(out, lots, _picked(_YARDS, len(lots), rng))
    width, depth = lots[:, 2] - lots[:, 0], lots[:, 3] - lots[:, 1]
    middle_x = (lots[:, 0] + lots[:, 2]) / 2
    house_width = width * rng.uniform(0.52, 0.7, len(lots))
    house_depth = np.minimum(rng.uniform(9, 14, len(lots)), depth * 0.5)
    x0 = lots[:, 0] + 1.5 + rng.uniform(0, 0.5, len(lots))
    front = rng.uniform(6.0, 8.0, len(lots))
    y0 = np.where(is_south, lots[:, 1] + front, lots[:, 3] - front - house_depth)
    rect = np.stack([x0, y0, x0 + house_width, y0 + house_depth], axis=1)
    height = np.where(rng.random(len(lots)) < 0.12, 6.4, rng.uniform(3.1, 4.2, len(lots)))
    roof = np.where(rng.random(len(lots)) < 0.55, GABLE, FLAT)
    colour = np.where((roof == GABLE)[:, None], _picked(_ROOFS, len(lots), rng), _picked(_FLAT_ROOFS, len(lots), rng))
    built = rng.random(len(lots)) < 0.95
    out.buildings.append(Buildings(rect, height, roof, _picked(_WALLS, len(lots), rng), colour).where(built))
    drive_x = x0 + house_width + 0.6
    drive = np.stack(
        [
            drive_x,
            np.where(is_south, lots[:, 1] - 2, y0 + 2),
            drive_x + 3.2,
            np.where(is_south, y0 + house_depth - 2, lots[:, 3] + 2),
        ],
        axis=1,
    )
    _ground(out, drive[built], _CONCRETE)
    pool_y = np.where(is_south, lots[:, 3] - 6.5, lots[:, 1] + 2.5)
    pools = np.stack([middle_x - 3, pool_y, middle_x + 3.5, pool_y + 4], axis=1)[rng.random(len(lots)) < 0.13]
    _ground(out, pools + np.array([-1, -1, 1, 1]), _CONCRETE)
    _ground(out, pools, _POOL)
    car_y = np.where(is_south, lots[:, 1] + 3.5, lots[:, 3] - 3.5)
    parked = built & (rng.random(len(lots)) < 0.55)
    out.cars.append(_cars(np.stack([drive_x + 1.6, car_y], axis=1)[parked], 0.0, rng))
    kerb = np.stack([middle_x, np.where(is_south, lots[:, 1] - 3.4, lots[:, 3] + 3.4)], axis=1)
    out.cars.append(_cars(kerb[rng.random(len(lots)) < 0.2], np.pi / 2, rng))
    for chance, side in ((0.8, 0.12), (0.55, 0.88), (0.4, 0.6)):
        y = np.where(is_south, lots[:, 1] + depth * side, lots[:, 3] - depth * side)
        at = np.stack(
            [middle_x + rng.uniform(-0.42, 0.2, len(lots)) * width, y + rng.uniform(-1.5, 1.5, len(lots))], axis=1
        )
        out.trees.append(_grown(at[(rng.random(len(lots)) < chance) & ~_within(at, rect)], rng, 1.6, 3.8))


def _flats(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """Apartment houses of two and three floors around parking."""
    _ground(out, blocks, (112, 142, 132))
    lots, is_south = _lots(blocks, 38.0)
    count = len(lots)
    depth = lots[:, 3] - lots[:, 1]
    rect = lots + np.stack(
        [np.full(count, 4), np.where(is_south, 5, depth - 19), np.full(count, -4), np.where(is_south, 19 - depth, -5)],
        axis=1,
    )
    out.buildings.append(
        Buildings(
            rect,
            rng.choice([6.4, 9.4], count),
            np.where(rng.random(count) < 0.5, GABLE, FLAT),
            _picked(_WALLS, count, rng),
            _picked(_ROOFS, count, rng),
        )
    )
    yard = blocks.copy()
    middle = (blocks[:, 1] + blocks[:, 3]) / 2
    yard[:, 1], yard[:, 3] = middle - 9, middle + 9
    _park_cars(out, yard, rng, 0.6)


def _shops(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """A long low building behind a car park."""
    _trade(out, blocks, rng, (5.0, 9.0), 60.0, _WALLS)


def _offices(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """Office houses of some floors behind car parks."""
    _trade(out, blocks, rng, (9.0, 34.0), 48.0, _GLASS)


def _trade(
    out: _Yield, blocks: Floats, rng: Rng, heights_m: tuple[float, float], length_m: float, walls: Palette
) -> None:
    _ground(out, blocks, _ASPHALT_LOT)
    flip = rng.random(len(blocks)) < 0.5
    depth = blocks[:, 3] - blocks[:, 1]
    build, park = blocks.copy(), blocks.copy()
    split = np.where(flip, blocks[:, 1] + depth * 0.45, blocks[:, 3] - depth * 0.45)
    build[:, 1], build[:, 3] = np.where(flip, blocks[:, 1] + 3, split), np.where(flip, split, blocks[:, 3] - 3)
    park[:, 1], park[:, 3] = np.where(flip, split, blocks[:, 1]), np.where(flip, blocks[:, 3], split)
    for rect in build:
        number = max(1, round((rect[2] - rect[0]) / length_m))
        edges = np.linspace(rect[0] + 2, rect[2] - 2, number + 1)
        gap = rng.uniform(0, 9, number)
        rects = np.stack([edges[:-1], np.full(number, rect[1]), edges[1:] - gap, np.full(number, rect[3])], axis=1)
        height = rng.uniform(heights_m[0], heights_m[0] + (heights_m[1] - heights_m[0]) * rng.random(number) ** 1.6)
        out.buildings.append(
            Buildings(
                rects, height, np.full(number, FLAT), _picked(walls, number, rng), _picked(_FLAT_ROOFS, number, rng)
            )
        )
        roomy = rects[(rects[:, 2] - rects[:, 0] > 14)]
        units = np.stack([roomy[:, 0] + 4, roomy[:, 1] + 5, roomy[:, 0] + 7.5, roomy[:, 1] + 8], axis=1)
        _ground(out, units, (140, 142, 144))
    _park_cars(out, park, rng, 0.5)
    edge = np.stack([(blocks[:, 0] + blocks[:, 2]) / 2, np.where(flip, blocks[:, 3], blocks[:, 1])], axis=1)
    spread = np.concatenate([edge + np.array([step, 0.0]) for step in (-42, -21, 0, 21, 42)])
    out.trees.append(_grown(spread[rng.random(len(spread)) < 0.7], rng, 1.4, 2.6))


def _downtown(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """Towers and lower houses wall to wall."""
    _ground(out, blocks, (150, 156, 160))
    lots, _ = _lots(blocks, 44.0)
    count = len(lots)
    rect = lots + np.array([2, 2, -2, -2]) + rng.uniform(0, 5, (count, 4)) * np.array([1, 1, -1, -1])
    height = 8 + 80 * rng.random(count) ** 3.2
    out.buildings.append(
        Buildings(
            rect, height, np.full(count, FLAT), _picked(_GLASS + _WALLS, count, rng), _picked(_FLAT_ROOFS, count, rng)
        )
    )
    _street_trees(out, blocks, rng)


def _campus(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """Brick halls on lawns."""
    _ground(out, blocks, _picked(_GRASS, len(blocks), rng))
    lots, _ = _lots(blocks, 62.0)
    count = len(lots)
    rect = lots + np.array([7, 5, -7, -5]) + rng.uniform(0, 5, (count, 4)) * np.array([1, 1, -1, -1])
    out.buildings.append(
        Buildings(
            rect,
            rng.uniform(9, 20, count),
            np.full(count, FLAT),
            _picked(_BRICK, count, rng),
            _picked(_FLAT_ROOFS, count, rng),
        )
    )
    _street_trees(out, blocks, rng)


def _park(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """Lawn with scattered trees."""
    _ground(out, blocks + np.array([-2, -2, 2, 2]), _picked(_GRASS, len(blocks), rng))
    out.trees.append(_grown(_scattered(blocks, 26, rng), rng, 2.2, 5.0))


def _empty(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """Bare ground with scrub."""
    _ground(out, blocks, _picked(_YARDS, len(blocks), rng))
    out.trees.append(_grown(_scattered(blocks, 16, rng), rng, 0.6, 1.6))


def _desert(out: _Yield, blocks: Floats, rng: Rng) -> None:
    """Open desert with scrub and palo verde."""
    out.trees.append(_grown(_scattered(blocks, 40, rng), rng, 0.6, 2.4))


def _street_trees(out: _Yield, blocks: Floats, rng: Rng) -> None:
    steps = np.arange(0.06, 1.0, 0.11)
    x = (blocks[:, :1] + (blocks[:, 2:3] - blocks[:, :1]) * steps).ravel()
    for row in (blocks[:, 1], blocks[:, 3]):
        at = np.stack([x, np.repeat(row, len(steps))], axis=1)
        out.trees.append(_grown(at[rng.random(len(at)) < 0.6], rng, 1.4, 2.6))


def _park_cars(out: _Yield, rects: Floats, rng: Rng, share: float) -> None:
    """Rows of stalls (2.7 m wide, aisles of 7 m) over each rectangle, a share of them taken."""
    _ground(out, rects, _ASPHALT_LOT)
    for west, south, east, north in rects:
        xs = np.arange(west + 4, east - 4, 2.7)
        rows = np.arange(south + 4.5, north - 3, 12.4)
        if len(xs) < 2 or not len(rows):
            continue
        stalls = np.stack(
            [np.full(len(rows), xs[0] - 1.35), rows - 2.6, np.full(len(rows), xs[-1] + 1.35), rows + 2.6], axis=1
        )
        out.parking.append(stalls)
        grid = np.stack(np.meshgrid(xs, rows), axis=-1).reshape(-1, 2)
        near = 1.35 - 0.9 * np.abs(grid[:, 0] - (west + east) / 2) / (east - west)
        out.cars.append(_cars(grid[rng.random(len(grid)) < share * near], 0.0, rng))


def _lots(blocks: Floats, width_m: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Blocks cut into two rows of lots of about that width; and which lots are in the southern row."""
    number = np.maximum(1, np.round((blocks[:, 2] - blocks[:, 0]) / width_m)).astype(int)
    block = np.repeat(np.arange(len(blocks)), number)
    place = np.concatenate([np.arange(n) for n in number])
    step = ((blocks[:, 2] - blocks[:, 0]) / number)[block]
    x0 = blocks[block, 0] + place * step
    middle = (blocks[block, 1] + blocks[block, 3]) / 2
    south = np.stack([x0, blocks[block, 1], x0 + step, middle], axis=1)
    north = np.stack([x0, middle, x0 + step, blocks[block, 3]], axis=1)
    return np.concatenate([south, north]), np.arange(2 * len(block)) < len(block)


def _scattered(blocks: Floats, each: int, rng: Rng) -> Floats:
    share = rng.random((len(blocks), each, 2))
    return (blocks[:, None, :2] + share * (blocks[:, None, 2:] - blocks[:, None, :2])).reshape(-1, 2)


def _within(at: Floats, rect: Floats) -> npt.NDArray[np.bool_]:
    return (at[:, 0] > rect[:, 0]) & (at[:, 0] < rect[:, 2]) & (at[:, 1] > rect[:, 1]) & (at[:, 1] < rect[:, 3])


def _ground(out: _Yield, rects: Floats, bgr: Colours | tuple[int, int, int]) -> None:
    colours = np.broadcast_to(np.asarray(bgr, np.uint8), (len(rects), 3))
    out.ground.append((rects, colours))


def _picked(palette: Palette, count: int, rng: Rng) -> Colours:
    """`count` colours of a palette, each a little lighter or darker."""
    shade = rng.uniform(0.93, 1.06, (count, 1))
    return np.clip(np.array(palette)[rng.integers(len(palette), size=count)] * shade, 0, 255).astype(np.uint8)


def _grown(at: Floats, rng: Rng, least_m: float, most_m: float) -> Trees:
    radius = rng.uniform(least_m, most_m, len(at))
    return Trees(at, radius, radius * rng.uniform(1.5, 2.1, len(at)), _picked(_LEAVES, len(at), rng))


def _trees(at: Floats, radius: Floats) -> Trees:
    return Trees(at, radius, radius, np.zeros((len(at), 3), np.uint8))


def _cars(at: Floats, heading_rad: float, rng: Rng) -> Cars:
    turned = heading_rad + np.pi * rng.integers(2, size=len(at))
    return Cars(at, turned, _picked(_PAINT, len(at), rng))


def _no_buildings() -> Buildings:
    none = np.zeros((0, 3), np.uint8)
    return Buildings(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int), none, none)


_BUILDERS = {
    "homes": _homes,
    "flats": _flats,
    "shops": _shops,
    "offices": _offices,
    "downtown": _downtown,
    "campus": _campus,
    "park": _park,
    "empty": _empty,
    "desert": _desert,
}
