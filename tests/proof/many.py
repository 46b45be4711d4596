"""Very many aircraft, in worlds of a hundred, on every core: what the benchmark counts."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from tests.proof.flown import Flown, World, fly

AIRCRAFT = 100
SECONDS = 30.0
FIRST_SEED = 1000
"""The tests fly the ones before."""


@dataclass
class Tally:
    """What came of all of them."""

    flown: int = 0
    outside: int = 0
    """Beyond the border that is published, or above its ceiling: so the whole margin of the site was used up."""
    nearest_border_m: float = float("inf")
    nearest_lid_m: float = float("inf")
    stopped: int = 0
    refused: int = 0
    overtaken: int = 0
    passed: dict[str, int] = field(default_factory=dict)
    outside_in: list[int] = field(default_factory=list)
    """The seeds of the worlds in which one was outside."""

    def add(self, seed: int, flown: Flown) -> None:
        outside = int(np.sum((flown.nearest_border_m <= 0.0) | (flown.nearest_lid_m <= 0.0)))
        self.flown += len(flown.nearest_border_m)
        self.outside += outside
        self.outside_in += [seed] * bool(outside)
        self.nearest_border_m = min(self.nearest_border_m, *flown.nearest_border_m.tolist(), float("inf"))
        self.nearest_lid_m = min(self.nearest_lid_m, *flown.nearest_lid_m.tolist(), float("inf"))
        self.stopped += flown.stopped
        self.refused += flown.refused
        self.overtaken += flown.overtaken
        for kind, times in flown.passed.items():
            self.passed[kind] = self.passed.get(kind, 0) + times


def world(seed: int) -> World:
    """Wind up to 7 m/s and its gusts; as late as the guard is told to reckon with, however that is shared out."""
    rng = np.random.default_rng(seed)
    wind_north, wind_east = rng.uniform(-5.0, 5.0, 2).tolist()
    down_s = float(rng.choice([0.1, 0.2, 0.3]))
    return World(seed, (wind_north, wind_east), down_s, 0.4 - down_s)


def fly_seed(seed: int, guarded: bool = True) -> Flown:
    return fly(world(seed), AIRCRAFT, SECONDS, guarded=guarded)


def fly_many(aircraft: int, guarded: bool = True) -> Iterator[Tally]:
    """The same tally after every few worlds, until at least `aircraft` were flown."""
    cores = os.cpu_count() or 1
    tally, seed = Tally(), FIRST_SEED
    with ProcessPoolExecutor(cores) as pool:
        while tally.flown < aircraft:
            missing = -(-(aircraft - tally.flown) // AIRCRAFT)
            seeds = range(seed, seed + min(missing, 10 * cores))
            for one, flown in zip(seeds, pool.map(partial(fly_seed, guarded=guarded), seeds), strict=True):
                tally.add(one, flown)
            seed = seeds.stop
            yield tally
