"""Heights of zones above the ellipsoid or above take-off, brought to mean sea level when a site is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dfr.airspace.readers.file import ZoneError
from dfr.core.geo import AboveTakeoff, Agl, Altitude, Amsl, Ellipsoid
from dfr.core.zone import ALLOWING, Zone, ZoneKind, altitude_text


@dataclass(frozen=True)
class KnownHeights:
    """What a site knows: the geoid above the ellipsoid (WGS 84 to EGM96), and where its aircraft take off."""

    geoid_height_m: float | None = None
    takeoffs: tuple[Amsl, ...] = ()


def to_amsl(zones: Sequence[Zone], heights: KnownHeights, file: str) -> list[Zone]:
    """The same zones with heights above ground or mean sea level. Of several docks the one counts with which the zone
    allows least: the limit is the same for every aircraft. Raises ZoneError."""
    found: list[Zone] = []
    faults: list[str] = []
    for zone in zones:
        if not isinstance(zone.bottom, AboveTakeoff | Ellipsoid) and not isinstance(zone.top, AboveTakeoff | Ellipsoid):
            found.append(zone)
            continue
        opens = zone.kind in ALLOWING
        try:
            bottom = _amsl(zone.bottom, heights, highest=opens or zone.kind is ZoneKind.FLOOR)
            top = _amsl(zone.top, heights, highest=not opens and zone.kind is not ZoneKind.CEILING)
            if isinstance(bottom, Amsl) and isinstance(top, Amsl) and top.m <= bottom.m:
                raise ValueError(
                    f"its upper limit, {altitude_text(top)}, is not above its lower, {altitude_text(bottom)}"
                )
            found.append(replace(zone, bottom=bottom, top=top))
        except ValueError as fault:
            faults.append(f"{file}, {zone.id} ({zone.name}): {fault}.")
    if faults:
        raise ZoneError(faults)
    return found


def _amsl(altitude: Altitude | None, heights: KnownHeights, *, highest: bool) -> Amsl | Agl | None:
    match altitude:
        case Ellipsoid(m):
            if heights.geoid_height_m is None:
                raise ValueError(
                    f"it is {altitude_text(altitude)}, and the site does not say how high the sea is over the "
                    "ellipsoid there; set geoid_height_m in [traffic]"
                )
            return Amsl(m - heights.geoid_height_m)
        case AboveTakeoff(m):
            if not heights.takeoffs:
                raise ValueError(f"it is {altitude_text(altitude)}, and no dock says how high that is")
            return Amsl(m + (max if highest else min)(takeoff.m for takeoff in heights.takeoffs))
        case _:
            return altitude
