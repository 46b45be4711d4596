"""A zone file as a reader gets it, and the loop over its features: all faults at once, and nothing half loaded."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from dfr.airspace.readers.geometry import Elsewhere
from dfr.airspace.readers.values import one_line
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Ellipsoid, Position
from dfr.core.zone import Zone, ZoneKind, altitude_text

T = TypeVar("T")


class ZoneError(ValueError):
    """What is wrong with zone files: one sentence a fault in `faults`, each naming file and feature, and fit to print
    whatever the files say."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(one_line(fault) for fault in faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class ZoneFile:
    """A file in memory. `beside` has the other files of a shapefile by suffix: `{".dbf": …}`; `kind` is that of zones
    which say none, where a person gave it."""

    name: str
    content: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)
    kind: ZoneKind | None = None


Reader = Callable[[ZoneFile, Position | None], list[Zone]]
"""A format: the zones of a file. With the site's place, what lies elsewhere on the earth is a fault, or is left out
where a whole country is published in one file. Raises ZoneError."""


def json_of(file: ZoneFile) -> Any:
    """What a JSON file says, with or without a byte order mark. Raises ZoneError."""
    try:
        return json.loads(file.content)
    except RecursionError as fault:
        raise ZoneError([f"{file.name} is not a zone file: it is nested too deeply."]) from fault
    except ValueError as fault:
        raise ZoneError([f"{file.name} is not JSON: {fault}."]) from fault


def features_of(file: ZoneFile) -> list[Any]:
    """The features of a GeoJSON FeatureCollection. Raises ZoneError, also when there is none: an authority's file that
    comes out empty must not open its zones."""
    document = json_of(file)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ZoneError([f"{file.name} is not a GeoJSON FeatureCollection: it has no list of features."])
    if not features:
        raise ZoneError([f"{file.name} has no features; take it out of the site's files if that is meant."])
    return features


def collect(
    file: ZoneFile,
    features: Iterable[T],
    label: Callable[[int, T], str],
    make: Callable[[T], Iterable[Zone]],
    *,
    numbered: bool = False,
) -> list[Zone]:
    """The zones that `make` sees in features. What it raises as ValueError becomes a fault, with the `label` by which a
    person finds the feature.

    An id that is there twice is a fault, unless they are `numbered`: then the second is `-2`. Raises ZoneError.
    """
    zones: list[Zone] = []
    faults: list[str] = []
    seen: Counter[str] = Counter()
    elsewhere = ""
    for index, feature in enumerate(features):
        try:
            for zone in make(feature):
                _check(zone)
                seen[zone.id] += 1
                if seen[zone.id] > 1 and not numbered:
                    raise ValueError(f"its id {zone.id!r} is there twice")
                zones.append(replace(zone, id=f"{zone.id}-{seen[zone.id]}") if seen[zone.id] > 1 else zone)
        except Elsewhere as reason:
            elsewhere = elsewhere or f"{file.name}: nothing is near the site; {label(index, feature)}: {reason}."
        except ValueError as fault:
            faults.append(f"{file.name}, {label(index, feature)}: {fault}.")
    if not zones and not faults:
        faults.append(elsewhere or f"{file.name} has no zones; take it out of the site's files if that is meant.")
    if faults:
        raise ZoneError(faults)
    return zones


def _check(zone: Zone) -> None:
    """What no single property shows. Raises ValueError."""
    bottom, top = zone.bottom, zone.top
    if zone.kind is ZoneKind.CEILING and (top is None or bottom is not None):
        raise ValueError("a ceiling has a top and no bottom; a band in which nothing flies is a no_fly zone")
    if zone.kind is ZoneKind.FLOOR and (bottom is None or top is not None):
        raise ValueError("a floor has a bottom and no top; a band in which nothing flies is a no_fly zone")
    if zone.incident_id is not None and zone.kind is not ZoneKind.TEMPORARY:
        raise ValueError("only a temporary zone is an incident's own (incident_id)")
    for datum in (Amsl, Agl, Ellipsoid, AboveTakeoff):
        if isinstance(bottom, datum) and isinstance(top, datum) and top.m <= bottom.m:
            raise ValueError(f"its upper limit, {altitude_text(top)}, is not above its lower, {altitude_text(bottom)}")
