"""Zones: places with a rule. Shapes are shapely geometries in longitude, latitude degrees (GeoJSON order)."""

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Ellipsoid


class ZoneKind(StrEnum):
    """What a zone does to a flight."""

    OPERATING_AREA = "operating_area"
    """Flights stay inside the union of these."""
    NO_FLY = "no_fly"
    """Nothing flies in here."""
    CEILING = "ceiling"
    """Inside, a flight keeps below `top`."""
    PRIVACY = "privacy"
    """May be overflown; the camera does not look in, and routes avoid it where that costs little."""
    CAUTION = "caution"
    """Shown to the pilot; forbids nothing."""


@dataclass(frozen=True)
class Zone:
    """A place with a rule. `bottom`/`top` None means unbounded on that side.

    For CEILING zones, `top` is the height a flight keeps below. `note` is shown beside the zone on every map
    (for instance that its values are synthetic).
    """

    id: str
    name: str
    kind: ZoneKind
    shape: BaseGeometry
    bottom: Altitude | None = None
    top: Altitude | None = None
    source: str = ""
    note: str = ""


def altitude_text(altitude: Altitude) -> str:
    """`122 m above ground`: a height as people say it, with its datum."""
    datum = {
        Agl: "above ground",
        Amsl: "above mean sea level",
        AboveTakeoff: "above take-off",
        Ellipsoid: "above the ellipsoid",
    }[type(altitude)]
    return f"{altitude.m:.0f} m {datum}"
