"""Rally points: surveyed places besides the docks where an aircraft may come down by itself."""

from dataclasses import dataclass

from dfr.core.geo import Amsl, Position


@dataclass(frozen=True, slots=True)
class RallyPoint:
    """A place to land, on the ground or on a roof, that is flown to when the link is lost nearer to it than to home.

    PX4 with RTL_TYPE 0 returns straight to the nearest, over the ground, of home and the rally points on board, at
    RTL_RETURN_ALT above that place or at its own height where that is more, and comes down there.
    """

    id: str
    name: str
    position: Position
    altitude: Amsl
    """Of the surface that it lands on."""
