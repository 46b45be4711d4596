"""Moving cars on the arterials: where each is follows from the time alone, so every camera sees the same."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sim.world.city import Arterial, City
from sim.world.frame import Floats
from sim.world.things import Cars

LANE_M = 3.5
SPACING_M = 55.0
SHARE_OF_PLACES = 6
"""How many of ten places in a lane are taken."""
_SPEEDS_MPS = (15.6, 14.3, 13.0)
_PAINT = np.array(
    [(228, 228, 228), (64, 60, 58), (150, 150, 150), (150, 66, 44), (46, 46, 160), (150, 170, 182), (84, 72, 64)],
    np.uint8,
)


def moving_cars(city: City, x_m: float, y_m: float, reach_m: float, time_s: float) -> Cars:
    """The cars under way within about `reach_m` of a point, at a time in UTC seconds."""
    across, along, colours, lane = _on_roads(city.north_south, 0, x_m, y_m, reach_m, time_s)
    upright = Cars(np.stack([across, along], 1), np.where(lane > 0, 0.0, math.pi), colours)
    across, along, colours, lane = _on_roads(city.east_west, 1000, y_m, x_m, reach_m, time_s, right=-1)
    level = Cars(np.stack([along, across], 1), np.where(lane > 0, math.pi / 2, -math.pi / 2), colours)
    return Cars.joined([upright, level])


def _on_roads(
    roads: Sequence[Arterial], seed: int, across_m: float, along_m: float, reach_m: float, time_s: float, right: int = 1
) -> tuple[Floats, Floats, npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Across and along the roads, colours, and which way (the lane's sign), of the cars on parallel roads.

    `right` is the sign of the side on which cars towards growing `along` keep.
    """
    lanes = [
        (road.at_m, seed + index, way * (number + 1))
        for index, road in enumerate(roads)
        if abs(road.at_m - across_m) < reach_m
        for number in range(max(1, int((road.width_m / 2 - 1) // LANE_M)))
        for way in (1, -1)
    ]
    at_m, seeds, lane = (
        (np.array(column)[:, None] for column in zip(*lanes, strict=True)) if lanes else np.zeros((3, 0, 1), int)
    )
    speed_mps = np.sign(lane) * np.array(_SPEEDS_MPS)[np.minimum(np.abs(lane), len(_SPEEDS_MPS)) - 1]
    travelled_m = speed_mps * time_s
    first = np.floor((along_m - reach_m - travelled_m) / SPACING_M).astype(np.int64)
    number = first + np.arange(math.ceil(2 * reach_m / SPACING_M))
    chance = _hash(number, seeds * 64 + lane + 32)
    there = chance // 1000 % 10 < SHARE_OF_PLACES
    along = number * SPACING_M + travelled_m + (chance % 997) / 997 * SPACING_M * 0.7
    side_m = np.sign(lane) * right * (LANE_M * (np.abs(lane) - 0.5) + 0.4)
    across, lane_of = (np.broadcast_to(column, there.shape)[there] for column in (at_m + side_m, lane))
    return across, along[there], _PAINT[chance[there] // 7 % len(_PAINT)], lane_of


def _hash(number: npt.NDArray[np.int64], seed: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A well mixed non-negative number for each car (the finalizer of splitmix64)."""
    value = number.astype(np.uint64) + seed.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((value ^ (value >> np.uint64(31))) >> np.uint64(2)).astype(np.int64)
