"""A small made-up site to judge: flat ground at 700 m, an operating area of 6 by 6 km."""

from shapely import segmentize
from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from dfr.airspace.airspace import Airspace
from dfr.airspace.ground import FlatGround
from dfr.airspace.layers import to_degrees
from dfr.core.geo import Agl, Altitude, Amsl, LocalFrame, Position, Waypoint
from dfr.core.zone import Zone, ZoneKind

ORIGIN = Position(32.22, -110.93)
FRAME = LocalFrame(ORIGIN)
GROUND_M = 700.0
HOME = Waypoint(ORIGIN, Amsl(GROUND_M + 10.0))


def zone(
    kind: ZoneKind, shape: BaseGeometry, name: str = "", *, top: Altitude | None = None, bottom: Altitude | None = None
) -> Zone:
    """A zone from a shape in local metres."""
    name = name or kind.value
    # Short edges, for what is straight in metres is a little bent in degrees.
    degrees = to_degrees(segmentize(shape, 200.0), FRAME)
    return Zone(name.replace(" ", "-"), name, kind, degrees, bottom=bottom, top=top)


AREA = zone(ZoneKind.OPERATING_AREA, box(-3000, -3000, 3000, 3000), "the area")


def airspace(*zones: Zone, error_m: float = 0.0) -> Airspace:
    return Airspace((AREA, *zones), FlatGround(Amsl(GROUND_M), error_m), ORIGIN)


def no_fly(shape: BaseGeometry, name: str = "the helipad") -> Zone:
    return zone(ZoneKind.NO_FLY, shape, name)


def ceiling(shape: BaseGeometry, height_m: float, name: str = "the cell") -> Zone:
    return zone(ZoneKind.CEILING, shape, name, top=Agl(height_m))


def disc(east_m: float, north_m: float, radius_m: float) -> Polygon:
    return Point(east_m, north_m).buffer(radius_m)


def place(east_m: float, north_m: float) -> Position:
    return FRAME.to_position(east_m, north_m)


def at(east_m: float, north_m: float, height_m: float = 50.0) -> Waypoint:
    """In the air, height_m above the ground."""
    return Waypoint(place(east_m, north_m), Amsl(GROUND_M + height_m))
