"""Heights along a way: as few changes of altitude as floors and lids leave, each as steep as can be flown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dfr.core.geo import FloatArray

Knot = tuple[float, float]
"""Metres along the way, altitude above sea level; straight between two. Two at one place: straight up or down there."""


@dataclass(frozen=True)
class Corridor:
    """What a way leaves: (n,) metres along it, ascending, and the least and the greatest altitude at each."""

    along_m: FloatArray
    floors_m: FloatArray
    lids_m: FloatArray

    def fits(self, ramp: Sequence[Knot]) -> bool:
        """Whether the straight line between two knots stays in it."""
        (from_m, low_m), (to_m, high_m) = ramp
        there = (self.along_m >= from_m - 1e-6) & (self.along_m <= to_m + 1e-6)
        if to_m - from_m < 1e-6:
            altitudes_m = np.array([[low_m], [high_m]])
        else:
            altitudes_m = (low_m + (high_m - low_m) * (self.along_m[there] - from_m) / (to_m - from_m))[None]
        inside = (altitudes_m >= self.floors_m[there] - 1e-6) & (altitudes_m <= self.lids_m[there] + 1e-6)
        return bool(inside.all())


@dataclass(frozen=True, slots=True)
class Level:
    """One altitude from the first to the last of some places."""

    first: int
    last: int
    altitude_m: float


def levels(corridor: Corridor, wanted_m: float) -> list[Level] | None:
    """The fewest level pieces, each as near to the wanted altitude as it can be; None where the corridor is closed.

    Each goes on as long as one altitude fits: nothing that ends sooner can need fewer after it.
    """
    found: list[Level] = []
    first, low_m, high_m = 0, -np.inf, np.inf
    for index, (floor_m, lid_m) in enumerate(zip(corridor.floors_m, corridor.lids_m, strict=True)):
        if floor_m > lid_m:
            return None
        if max(low_m, floor_m) > min(high_m, lid_m):
            found.append(Level(first, index - 1, float(np.clip(wanted_m, low_m, high_m))))
            first, low_m, high_m = index, -np.inf, np.inf
        low_m, high_m = max(low_m, floor_m), min(high_m, lid_m)
    found.append(Level(first, len(corridor.along_m) - 1, float(np.clip(wanted_m, low_m, high_m))))
    return found


def knots(corridor: Corridor, wanted_m: float, climb_slope: float, descent_slope: float) -> list[Knot] | None:
    """The altitudes along the way from its beginning to its end; None where no change that is needed can be flown.

    A slope is metres up or down a metre along. A change is made on the way where there is room for it, else standing.
    """
    pieces = levels(corridor, wanted_m)
    if pieces is None:
        return None
    found: list[Knot] = [(float(corridor.along_m[0]), pieces[0].altitude_m)]
    for before, after in pairwise(pieces):
        change = _change(corridor, before, after, climb_slope, descent_slope, found[-1][0])
        if change is None:
            return None
        found += change
    end_m = float(corridor.along_m[-1])
    if found[-1] != (end_m, pieces[-1].altitude_m):
        found.append((end_m, pieces[-1].altitude_m))
    return found


def _change(
    corridor: Corridor, before: Level, after: Level, climb_slope: float, descent_slope: float, earliest_m: float
) -> list[Knot] | None:
    change_m = after.altitude_m - before.altitude_m
    run_m = abs(change_m) / (climb_slope if change_m > 0.0 else descent_slope)
    last_m, next_m = float(corridor.along_m[before.last]), float(corridor.along_m[after.first])
    until_m = float(corridor.along_m[after.last])
    # Ended where the next altitude is needed, begun where the last one ends, or made on the spot at either.
    for from_m, to_m in ((next_m - run_m, next_m), (last_m, last_m + run_m), (last_m, last_m), (next_m, next_m)):
        ramp = [(from_m, before.altitude_m), (to_m, after.altitude_m)]
        if earliest_m <= from_m and to_m <= until_m and corridor.fits(ramp):
            return ramp
    return None
