"""Moving cars on the arterials: where each is follows from the time alone, so every camera sees the same."""

import math

import numpy as np
import numpy.typing as npt

from sim.world.city import Arterial, City
from sim.world.things import Cars

LANE_M = 3.5
SPACING_M = 55.0
_PAINT = np.array(
    [(228, 228, 228), (64, 60, 58), (150, 150, 150), (150, 66, 44), (46, 46, 160), (150, 170, 182), (84, 72, 64)]
)


def moving_cars(city: City, x_m: float, y_m: float, reach_m: float, time_s: float) -> Cars:
    """The cars under way within about `reach_m` of a point."""
    found = []
    for index, road in enumerate(city.north_south):
        if abs(road.at_m - x_m) < reach_m:
            found += _on_road(road, index, y_m, reach_m, time_s, upright=True)
    for index, road in enumerate(city.east_west):
        if abs(road.at_m - y_m) < reach_m:
            found += _on_road(road, 1000 + index, x_m, reach_m, time_s, upright=False)
    none = Cars(np.zeros((0, 2)), np.zeros(0), np.zeros((0, 3), np.uint8))
    return Cars.joined([none, *found])


def _on_road(road: Arterial, seed: int, middle_m: float, reach_m: float, time_s: float, upright: bool) -> list[Cars]:
    lanes = max(1, int((road.width_m / 2 - 1) // LANE_M))
    cars = []
    for lane in range(lanes):
        for direction in (1, -1):
            speed_mps = direction * (13.0 + 1.3 * (lanes - lane))
            travelled_m = speed_mps * time_s
            number = np.arange(
                math.floor((middle_m - reach_m - travelled_m) / SPACING_M),
                math.ceil((middle_m + reach_m - travelled_m) / SPACING_M),
            )
            chance = _hash(number, seed * 8 + lane * 2 + (direction > 0))
            along = number * SPACING_M + travelled_m + (chance % 997) / 997 * SPACING_M * 0.7
            right = (LANE_M * (lane + 0.5) + 0.4) * direction
            there = chance // 1000 % 10 < 6
            if upright:
                at, heading = (
                    np.stack([np.full(len(along), road.at_m + right), along], 1),
                    0.0 if direction > 0 else math.pi,
                )
            else:
                at, heading = (
                    np.stack([along, np.full(len(along), road.at_m - right)], 1),
                    math.copysign(math.pi / 2, direction),
                )
            colours = _PAINT[chance // 7 % len(_PAINT)].astype(np.uint8)
            cars.append(Cars(at, np.full(len(along), heading), colours).where(there))
    return cars


def _hash(number: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """A well mixed non-negative number for each car (the finalizer of splitmix64)."""
    value = number.astype(np.uint64) + np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((value ^ (value >> np.uint64(31))) >> np.uint64(2)).astype(np.int64)
