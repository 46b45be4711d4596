"""A zone file brought into a site: tried against the whole site first, and only then written beside its other files."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dfr.airspace.load import zone_file
from dfr.airspace.readers import READERS, guess_reader, write_zones
from dfr.config import Config, ConfigError, read_config
from dfr.core.geo import AboveTakeoff, Agl, Amsl, Ellipsoid, Position
from dfr.core.zone import Zone, ZoneKind, altitude_text

_TABLE = "[[airspace.files]]"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Imported:
    """`lines` are what the site's file needs to use it; `in_use` says that they are there."""

    zones: tuple[Zone, ...]
    file: Path
    lines: str
    in_use: bool


def import_zones(
    source: Path,
    name: str,
    site: Path,
    check: Callable[[Path], object],
    *,
    reader: str = "",
    kind: ZoneKind | None = None,
    add: bool = False,
) -> Imported:
    """Read `source`, and write it as our own GeoJSON `<name>.geojson` beside the site's `dfr.toml`, or over the file of
    that name. The FAA's files stay as they are: their readers see them together. `add` writes the lines for it too.

    `check` is given a `dfr.toml` in the site's folder that uses the new file, and raises ConfigError when that site
    cannot fly: then nothing is changed. Raises ConfigError, and ZoneError with the faults of the file.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            [f"The name {name!r} is of small letters, digits, - and _, and begins with one of the first."]
        )
    config = read_config(site)
    origin = Position(config.site.origin_latitude_deg, config.site.origin_longitude_deg)
    file = replace(zone_file(source), kind=kind)
    reader = reader or guess_reader(file)
    zones = READERS[reader](file, origin)
    kept = reader.startswith("faa_")
    content = file.content if kept else write_zones(zones).encode()
    target = config.path.parent / f"{name}.geojson"
    lines = f'{_TABLE}\nfile = "{target.name}"\nreader = "{reader if kept else "zones"}"\n'
    in_use = any(config.file(entry.file) == target for entry in config.airspace.files)
    text = config.path.read_text(encoding="utf-8")
    _put_in(config, target, content, text if in_use else with_table(text, lines), check, add and not in_use)
    return Imported(tuple(zones), target, lines, in_use or add)


def _put_in(
    config: Config, target: Path, content: bytes, wanted: str, check: Callable[[Path], object], add: bool
) -> None:
    """Try a file under another name, and give it its own when the site can fly with it."""
    trial = target.with_name(f".{target.stem}.new.geojson")
    trial_site = config.path.with_name(f".{config.path.name}.new")
    try:
        _write(trial, content)
        _write(trial_site, wanted.replace(f'"{target.name}"', f'"{trial.name}"').encode())
        if not any(config.file(entry.file) == trial for entry in read_config(trial_site).airspace.files):
            raise ConfigError([f'{config.path} names {target.name} in another way; write file = "{target.name}".'])
        check(trial_site)
        trial.replace(target)
        if add:
            _write(trial_site, wanted.encode())
            trial_site.replace(config.path)
    except ConfigError as error:
        names = {trial.name: target.name, trial_site.name: config.path.name}
        raise ConfigError([_renamed(fault, names) for fault in error.faults]) from error
    finally:
        trial.unlink(missing_ok=True)
        trial_site.unlink(missing_ok=True)


def _renamed(fault: str, names: Mapping[str, str]) -> str:
    for trial, name in names.items():
        fault = fault.replace(trial, name)
    return fault


def with_table(text: str, lines: str) -> str:
    """A `dfr.toml` with one more table of a zone file, behind the last one that it has."""
    found = text.rfind(_TABLE)
    if found < 0:
        return f"{text.rstrip()}\n\n{lines}"
    rest = re.compile(r"^\s*(?:\[|#|$)", re.MULTILINE).search(text, text.index("\n", found) + 1)
    end = rest.start() if rest else len(text)
    behind = text[end:].lstrip("\n")
    return f"{text[:end].rstrip()}\n\n{lines}" + (f"\n{behind}" if behind else "")


def differences(old: Sequence[Zone], new: Sequence[Zone]) -> list[str]:
    """What was added, removed and changed, by id; nothing where the zones are the same."""
    before, after = {zone.id: zone for zone in old}, {zone.id: zone for zone in new}
    lines = [f"+ {zone.id} ({zone.name}, {zone.kind})" for key, zone in after.items() if key not in before]
    lines += [f"- {zone.id} ({zone.name}, {zone.kind})" for key, zone in before.items() if key not in after]
    for key in before.keys() & after.keys():
        changed = _changed(before[key], after[key])
        lines += [f"~ {key} ({after[key].name}): {', '.join(changed)}"] if changed else []
    return sorted(lines, key=lambda line: (line[2:], line[0]))


def _changed(old: Zone, new: Zone) -> list[str]:
    changed = []
    for name in ("name", "kind", "bottom", "top", "source", "note", "authority", "times", "incident_id"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            changed.append(f"{name} {_said(was)} -> {_said(now)}")
    if not old.shape.equals(new.shape):
        moved = old.shape.symmetric_difference(new.shape).area / max(old.shape.area, new.shape.area)
        changed.append(f"shape ({100.0 * moved:.3g} % of its area)")
    return changed


def _said(value: object) -> str:
    if isinstance(value, Agl | Amsl | AboveTakeoff | Ellipsoid):
        return altitude_text(value)
    return "none" if value is None or value == "" else str(value)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
