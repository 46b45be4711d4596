"""The zone files of a site, read. All their faults are told at once, and nothing is half loaded."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dfr.airspace.zone_files import READERS, ZoneError, gaps
from dfr.core.geo import Position
from dfr.core.zone import Zone, ZoneKind


def load_zones(files: Sequence[tuple[Path, str]], near: Position | None = None) -> list[Zone]:
    """The zones of a site from its files, each with the name of its reader (a key of READERS). Raises ZoneError."""
    found: dict[str, list[Zone]] = {}
    faults: list[str] = []
    for path, reader in files:
        if reader not in READERS:
            faults.append(f"{path.name}: there is no reader {reader!r}; known are {', '.join(READERS)}.")
            continue
        try:
            text = path.read_text(encoding="utf-8")
            found.setdefault(reader, []).extend(READERS[reader](text, path.name, near))
        except (OSError, UnicodeDecodeError) as fault:
            faults.append(f"{path} cannot be read: {fault}.")
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
