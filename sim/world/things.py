"""What stands in the city, as arrays: one row a thing, metres of the site's frame, colours in BGR.

Everything lies along the grid, so a footprint is a rectangle (west, south, east, north).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from sim.world.frame import Bools, Floats, Integers

Colours = npt.NDArray[np.uint8]
FLAT, GABLE = 0, 1


class Rows:
    """Arrays of equal length that belong together."""

    __slots__ = ()

    def where(self, keep: Bools | Integers) -> Self:
        """The chosen rows, by a mask or by their numbers."""
        return type(self)(*(getattr(self, name)[keep] for name in self.__slots__))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All rows of all parts, in order; at least one part."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class Buildings(Rows):
    """n boxes: footprint (n, 4), height (n,), roof (n,) FLAT or GABLE, colours (n, 3) in BGR."""

    rect_m: Floats
    height_m: Floats
    roof: npt.NDArray[np.int64]
    wall_bgr: Colours
    roof_bgr: Colours


@dataclass(frozen=True, slots=True)
class Trees(Rows):
    """n trees: centre (n, 2), crown radius (n,), height (n,), colours (n, 3)."""

    at_m: Floats
    radius_m: Floats
    height_m: Floats
    bgr: Colours


@dataclass(frozen=True, slots=True)
class Cars(Rows):
    """n cars: centre (n, 2), heading clockwise from north (n,) in radians, colours (n, 3)."""

    at_m: Floats
    heading_rad: Floats
    bgr: Colours


@dataclass(frozen=True, slots=True)
class Superblock:
    """The land between four arterials: coloured grounds painted in order, local streets, and what stands there."""

    rect_m: tuple[float, float, float, float]
    ground_rect_m: Floats
    ground_bgr: Colours
    street_rect_m: Floats
    parking_rect_m: Floats
    buildings: Buildings
    trees: Trees
    cars: Cars
