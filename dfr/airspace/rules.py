"""What each kind of zone does to a flight: which close a place, which set a ceiling, which a floor."""

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from dfr.airspace.layers import ShapeArray, united
from dfr.airspace.verdict import AirspaceError
from dfr.core.geo import AboveTakeoff, Altitude, Ellipsoid
from dfr.core.zone import Zone, ZoneKind

_FORBIDDING = frozenset({ZoneKind.NO_FLY, ZoneKind.TEMPORARY})


def closes(zone: Zone) -> bool:
    """Nothing flies in it at any height: what is above the top of a forbidden zone is not used either."""
    return zone.kind in _FORBIDDING and zone.bottom is None


def ceiling_of(zone: Zone) -> Altitude | None:
    """What a flight keeps below inside this zone; None when the zone sets no such height.

    That is a ceiling's top, the bottom of a forbidden zone that has one, and the top of a zone that opens a place.
    """
    if zone.kind in _FORBIDDING:
        return zone.bottom
    return zone.top if zone.allows or zone.kind is ZoneKind.CEILING else None


def floor_of(zone: Zone) -> Altitude | None:
    """What a flight under way keeps above inside this zone; None when the zone sets no such height."""
    return zone.bottom if zone.allows or zone.kind is ZoneKind.FLOOR else None


def refuse_what_cannot_be_judged(zones: Sequence[Zone]) -> None:
    """Raises AirspaceError. Zones with times count as holding: they are chosen before."""
    if not any(zone.allows for zone in zones):
        raise AirspaceError("The site has no operating area, so nothing may fly: add a zone of kind operating_area.")
    for zone in zones:
        if zone.kind is ZoneKind.CEILING and zone.top is None:
            raise AirspaceError(f"The ceiling zone {zone.name} has no top: give it top_m and top_datum.")
        if zone.kind is ZoneKind.FLOOR and zone.bottom is None:
            raise AirspaceError(f"The floor zone {zone.name} has no bottom: give it bottom_m and bottom_datum.")
        if zone.bottom is None and zone.top is None:
            continue
        if any(isinstance(height, AboveTakeoff | Ellipsoid) for height in (ceiling_of(zone), floor_of(zone))):
            raise AirspaceError(
                f"The height of {zone.name} is given above take-off or above the ellipsoid, which cannot be compared "
                "with the ground here: give it above ground (agl) or above mean sea level (amsl)."
            )


def part_that_limits(zone: Zone, shape: BaseGeometry, unlimited: ShapeArray) -> BaseGeometry:
    """Where a zone's height holds: all of it, but of one that opens a place only what none of `unlimited` opens.

    Those are the shapes of the zones that open their places to any height. Where several with a height overlap, the
    strictest counts.
    """
    if not zone.allows:
        return shape
    near = unlimited[shapely.intersects(unlimited, shape)]
    return shape.difference(united(near)) if len(near) else shape
