"""Other aircraft as the pages see them: those that matter most, and how the sources are."""

from collections.abc import Mapping
from dataclasses import dataclass

from dfr.airspace.encounter import Level
from dfr.core.geo import Amsl
from dfr.core.traffic import Intruder, TrafficPicture, TrafficSource, above_sea

SHOWN = 200
"""More would hide each other; those in an encounter come first, then the lowest."""


@dataclass(frozen=True, slots=True)
class ShownIntruder:
    """One aircraft with its altitude in our datum and how grave its gravest encounter is."""

    intruder: Intruder
    altitude: Amsl | None
    altitude_error_m: float | None
    level: Level


@dataclass(frozen=True, slots=True)
class TrafficShown:
    """All traffic that is shown now."""

    aircraft: tuple[ShownIntruder, ...] = ()
    sources: tuple[TrafficSource, ...] = ()


def shown(picture: TrafficPicture, levels: Mapping[str, Level]) -> TrafficShown:
    """At most `SHOWN` aircraft."""
    found = []
    for intruder in picture.intruders:
        known = above_sea(intruder, picture.datums)
        altitude, error_m = known if known is not None else (None, None)
        found.append(ShownIntruder(intruder, altitude, error_m, levels.get(intruder.id, Level.CLEAR)))
    found.sort(key=lambda one: (-one.level, one.altitude.m if one.altitude is not None else 0.0))
    return TrafficShown(tuple(found[:SHOWN]), picture.sources)
