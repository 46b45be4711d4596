"""The zone files of a site, read. All their faults are told at once, and nothing is half loaded."""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dfr.airspace.readers import READERS, ZoneError, ZoneFile
from dfr.airspace.readers.faa_class import gaps
from dfr.airspace.readers.shapefile import PARTS
from dfr.airspace.zone_heights import KnownHeights, to_amsl
from dfr.core.geo import Position
from dfr.core.zone import Zone, ZoneKind

LARGEST_FILE_BYTES = 512 * 1024 * 1024


def load_zones(
    files: Sequence[tuple[Path, str]], near: Position | None = None, heights: KnownHeights | None = None
) -> list[Zone]:
    """The zones of a site from its files, each with the name of its reader (a key of READERS).

    With `heights` all become heights above ground or mean sea level, or are faults; without, they stay as written.
    Raises ZoneError.
    """
    found: dict[str, list[Zone]] = {}
    faults: list[str] = []
    for path, reader in files:
        if reader not in READERS:
            faults.append(f"{path.name}: there is no reader {reader!r}; known are {', '.join(READERS)}.")
            continue
        try:
            with _uncollected():
                zones = READERS[reader](zone_file(path), near)
            found.setdefault(reader, []).extend(zones if heights is None else to_amsl(zones, heights, path.name))
        except ZoneError as fault:
            faults += fault.faults
    zones = [zone for group in found.values() for zone in group]
    counts = Counter(zone.id for zone in zones)
    twice = [zone_id for zone_id, count in counts.items() if count > 1]
    faults += [f"The zone id {zone_id!r} is in more than one file; ids are unique in a site." for zone_id in twice]
    if faults:
        raise ZoneError(faults)
    surface = [zone for zone in found.get("faa_class", []) if zone.kind is ZoneKind.CAUTION]
    return zones + gaps(surface, found.get("faa_facility_map", []))


@contextmanager
def _uncollected() -> Iterator[None]:
    """A large file is a million small lists, none of them garbage: to look for it again and again takes as long as to
    read them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def zone_file(path: Path) -> ZoneFile:
    """A file for its reader; a .shp with what stands beside it. Raises ZoneError."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise ZoneError([f"{path} is larger than {LARGEST_FILE_BYTES // 1024**2} MB; it is not read."])
        beside = {}
        if path.suffix.lower() == ".shp":
            others = [other for other in path.parent.iterdir() if other.stem == path.stem and other != path]
            beside = {o.suffix.lower(): o.read_bytes() for o in others if o.suffix.lower() in PARTS and o.is_file()}
        return ZoneFile(path.name, path.read_bytes(), beside)
    except OSError as fault:
        raise ZoneError([f"{path} cannot be read: {fault}."]) from fault
