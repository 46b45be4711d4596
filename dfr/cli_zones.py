"""The command `dfr zones`: where a site may fly, looked at, compared, and brought in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from dfr.core.clock import SystemClock
from dfr.core.geo import Position
from dfr.core.zone import Zone, ZoneKind, altitude_text

app = typer.Typer(no_args_is_help=True, help="Where a site may fly: its zones.")
FileArgument = Annotated[Path, typer.Argument(help="A zone file.")]
SiteOption = Annotated[Path, typer.Option("--site", help="The site's folder or its dfr.toml.")]
StateOption = Annotated[Path | None, typer.Option("--state", help="State directory; the site file names the default.")]
ReaderOption = Annotated[str, typer.Option("--reader", help="Its format; left out: guessed.")]
KindOption = Annotated[ZoneKind | None, typer.Option("--kind", help="The kind of zones that say none.")]
DIFFERS = 1
FAILED = 2


@app.command()
def check(file: FileArgument, reader: ReaderOption = "", kind: KindOption = None) -> None:
    """Can it be flown by? Names every error at once, with file and feature."""
    found, used = _read(file, reader, kind)
    kinds = ", ".join(f"{count} {name}" for name, count in sorted(Counter(zone.kind.value for zone in found).items()))
    west = min(zone.shape.bounds[0] for zone in found)
    south = min(zone.shape.bounds[1] for zone in found)
    east = max(zone.shape.bounds[2] for zone in found)
    north = max(zone.shape.bounds[3] for zone in found)
    typer.echo(
        f"{file} ({used}): {len(found)} zones ({kinds}) from {south:.4f}, {west:.4f} to {north:.4f}, {east:.4f}. "
        "Nothing to mend."
    )


@app.command("import")
def import_(
    file: FileArgument,
    name: Annotated[str, typer.Option("--as", help="Name of the file beside the site's others, without .geojson.")],
    site: SiteOption,
    state: StateOption = None,
    reader: ReaderOption = "",
    kind: KindOption = None,
    add: Annotated[bool, typer.Option("--add", help="Write the lines for it into dfr.toml too.")] = False,
) -> None:
    """Try a file against the whole site, then write it beside its files; a service that runs reads it."""
    from dfr.airspace.readers import ZoneError
    from dfr.config import read_config
    from dfr.site import load_site
    from dfr.state import zone_request_path
    from dfr.zone_import import import_zones
    from dfr.zone_reload import request_reload

    try:
        done = import_zones(file, name, site, load_site, reader=_known(reader), kind=kind, add=add)
    except ZoneError as error:
        _fail(error.faults)
    typer.echo(f"{done.file}: {len(done.zones)} zones.")
    if not done.in_use:
        typer.echo(f"The site uses them with these lines in its dfr.toml:\n\n{done.lines}")
        return
    directory = state or read_config(site).state_directory
    if directory.is_dir():
        request_reload(zone_request_path(directory))
    typer.echo("The site uses them: a service that runs has them within seconds.")


@app.command("list")
def list_(site: SiteOption) -> None:
    """Every zone of a site: id, kind, name, heights, times, source, and whether it is in force now."""
    from dfr.site import load_site

    loaded = load_site(site)
    config = loaded.config
    origin = Position(config.site.origin_latitude_deg, config.site.origin_longitude_deg)
    typer.echo("\n".join(table(loaded.zones, SystemClock().now_s(), origin)))


@app.command()
def diff(old: FileArgument, new: FileArgument, reader: ReaderOption = "", kind: KindOption = None) -> None:
    """What a new file adds, removes and changes. Ends with 1 when something differs."""
    from dfr.zone_import import differences

    lines = differences(_read(old, reader, kind)[0], _read(new, reader, kind)[0])
    typer.echo("\n".join(lines) or "The zones are the same.")
    if lines:
        raise typer.Exit(DIFFERS)


@app.command()
def reload(site: SiteOption, state: StateOption = None) -> None:
    """Ask the service that runs to read its zones again, once they are found good."""
    from dfr.site import load_site
    from dfr.state import zone_request_path
    from dfr.zone_reload import request_reload

    loaded = load_site(site)
    try:
        request_reload(zone_request_path(state or loaded.config.state_directory))
    except OSError as error:
        _fail([f"The service cannot be asked: {error}."])
    typer.echo(f"{len(loaded.zones)} zones are good; a service that runs has them within seconds.")


def table(zones: Iterable[Zone], now_s: float, place: Position) -> list[str]:
    """A line a zone, in columns."""
    rows = [("id", "kind", "name", "heights", "times", "now", "source")]
    rows += [
        (
            zone.id,
            zone.kind.value,
            zone.name,
            band(zone),
            "always" if zone.times is None else str(zone.times),
            "in force" if _holds(zone, now_s, place) else "-",
            zone.source,
        )
        for zone in zones
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[6]]).rstrip()
        for row in rows
    ]


def band(zone: Zone) -> str:
    """`from 20 m above ground to 100 m above mean sea level`, as far as it is limited."""
    words = [f"from {altitude_text(zone.bottom)}"] if zone.bottom is not None else []
    words += [f"to {altitude_text(zone.top)}"] if zone.top is not None else []
    return " ".join(words) or "all"


def _holds(zone: Zone, now_s: float, place: Position) -> bool:
    return zone.times is None or zone.times.holds(now_s, place, doubtful=not zone.allows)


def _read(path: Path, reader: str, kind: ZoneKind | None) -> tuple[list[Zone], str]:
    """Its zones, and the reader's name. Ends the command with every fault."""
    from dfr.airspace.load import zone_file
    from dfr.airspace.readers import READERS, ZoneError, guess_reader

    try:
        file = replace(zone_file(path), kind=kind)
        used = _known(reader) or guess_reader(file)
        return READERS[used](file, None), used
    except ZoneError as error:
        _fail(error.faults)


def _known(reader: str) -> str:
    from dfr.airspace.readers import READERS

    if reader and reader not in READERS:
        _fail([f"There is no reader {reader!r}; known are {', '.join(READERS)}."])
    return reader


def _fail(faults: Iterable[str]) -> NoReturn:
    typer.echo("\n".join(faults), err=True)
    raise typer.Exit(FAILED)
