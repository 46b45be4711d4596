"""Zones: places with a rule. Shapes are shapely geometries in longitude, latitude degrees (GeoJSON order)."""

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Ellipsoid
from dfr.core.times import Times


class ZoneKind(StrEnum):
    """What a zone does to a flight."""

    OPERATING_AREA = "operating_area"
    """Flights stay inside the union of these and of the corridors."""
    CORRIDOR = "corridor"
    """Flights may be in here too, outside every operating area; its `top` is a ceiling inside. Opens no no-fly zone."""
    NO_FLY = "no_fly"
    """Nothing flies in here."""
    TEMPORARY = "temporary"
    """Nothing flies in here while it holds: a flight restriction, or the bubble around an incident, which flights for
    that incident may enter."""
    CEILING = "ceiling"
    """Inside, a flight keeps below `top`."""
    FLOOR = "floor"
    """Inside, a flight under way keeps above `bottom`."""
    PRIVACY = "privacy"
    """May be overflown; the camera does not look in, and routes avoid it where that costs little."""
    CAUTION = "caution"
    """Shown to the pilot; forbids nothing."""


ALLOWING = frozenset({ZoneKind.OPERATING_AREA, ZoneKind.CORRIDOR})
"""Zones that open a place. All others narrow, so for them not knowing means that they hold."""


@dataclass(frozen=True)
class Zone:
    """A place with a rule. `bottom`/`top` None means unbounded on that side; `times` None that it holds always.

    For CEILING zones `top` is the height a flight keeps below, for FLOOR zones `bottom` the one it keeps above. `note`
    is shown beside the zone on every map (for instance that its values are synthetic). `source` is where it was read,
    `authority` who is asked about it. `incident_id` names the incident whose own bubble a TEMPORARY zone is.
    `controlled`: it is controlled airspace from the surface, for which regimes may ask for an authorisation.
    """

    id: str
    name: str
    kind: ZoneKind
    shape: BaseGeometry
    bottom: Altitude | None = None
    top: Altitude | None = None
    source: str = ""
    note: str = ""
    authority: str = ""
    times: Times | None = None
    incident_id: str | None = None
    controlled: bool = False

    @property
    def allows(self) -> bool:
        return self.kind in ALLOWING


def altitude_text(altitude: Altitude) -> str:
    """`122 m above ground`: a height as people say it, with its datum."""
    datum = {
        Agl: "above ground",
        Amsl: "above mean sea level",
        AboveTakeoff: "above take-off",
        Ellipsoid: "above the ellipsoid",
    }[type(altitude)]
    return f"{altitude.m:.0f} m {datum}"
