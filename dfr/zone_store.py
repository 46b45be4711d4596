"""The last good zones of a site, kept in the state directory: what flights are judged by while its files are faulty."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dfr.airspace.readers import ZoneError, ZoneFile, read_zones, write_zones
from dfr.core.zone import Zone


@dataclass(frozen=True)
class KeptZones:
    """`kept_s`: when they were read from the site's files, seconds since 1970."""

    zones: tuple[Zone, ...]
    kept_s: float


class ZoneStore:
    """One file, our own GeoJSON with the time and the SHA-256 of its zones beside them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, zones: Sequence[Zone], at_s: float) -> None:
        """Replace what is kept: after a power cut it is the one or the other, whole. Raises OSError."""
        text = write_zones(zones, kept_s=at_s, sha256=digest_of(zones))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def last(self) -> KeptZones | None:
        """None where nothing was kept yet. Raises ZoneError when the file is not what was kept."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise ZoneError([f"The last good zones, {self._path}, cannot be read: {fault}."]) from fault
        zones = tuple(read_zones(ZoneFile(str(self._path), content)))
        members = json.loads(content)
        kept_s = members.get("kept_s")
        if members.get("sha256") != digest_of(zones) or not isinstance(kept_s, int | float):
            raise ZoneError([f"The last good zones, {self._path}, are not what was kept; nothing flies by them."])
        return KeptZones(zones, float(kept_s))


def digest_of(zones: Sequence[Zone]) -> str:
    """SHA-256 of a set of zones, the same for the same zones in the same order."""
    return hashlib.sha256(write_zones(zones).encode()).hexdigest()
