"""The command `dfr firmware`: an aircraft's parameters against its airframe's file, and its energy from its logs."""

import asyncio
import shutil
import sys
import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from dfr.config import ConfigError
from dfr.core.clock import SystemClock
from dfr.fleet.firmware import Difference, FirmwareError, load_airframe, load_parameters
from dfr.fleet.mission_planner import to_param
from dfr.fleet.qgc import to_qgc

if TYPE_CHECKING:
    from dfr.fleet.mavlink.bench import Bench  # mavsdk is slow to load, and most commands do without

app = typer.Typer(no_args_is_help=True, help="What is on an aircraft, against its airframe's file.")
SiteOption = Annotated[Path, typer.Option("--site", help="The site's folder or its dfr.toml.")]
DIFFERS = 1
FAILED = 2


@app.command()
def export(
    airframe: Annotated[str, typer.Argument(help="A folder of firmware_configs.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; left out: printed.")] = None,
    system_id: Annotated[int, typer.Option(help="MAVLink system id of the vehicle that it is meant for.")] = 1,
) -> None:
    """Write the airframe's parameters: a .params file for QGroundControl, a .param file where they are ArduPilot's."""
    from dfr.site import FIRMWARE_CONFIGS

    try:
        file = load_parameters(FIRMWARE_CONFIGS / airframe)
        ardupilot = load_airframe(FIRMWARE_CONFIGS / airframe).autopilot == "ardupilot"
        text = to_param(file) if ardupilot else to_qgc(file, system_id)
    except FirmwareError as error:
        _fail(str(error))
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"{output} cannot be written: {error.strerror}.")
    where = (
        "Mission Planner under Config, Full Parameter List, Load from file"
        if ardupilot
        else "QGroundControl under Vehicle Setup, Parameters, Tools, Load from file"
    )
    typer.echo(f"{output}: load it in {where}.")


@app.command()
def check(asset: str, site: SiteOption) -> None:
    """Is the aircraft as its file says? Ends with 1 when it differs, with 2 when it cannot be told."""

    async def look(bench: "Bench") -> int:
        differences = await bench.differences(_reading)
        for difference in differences:
            typer.echo(difference.sentence)
        if differences:
            typer.echo(f"{bench.name} differs in {len(differences)} of {len(bench.file.parameters)} parameters.")
            return DIFFERS
        typer.echo(f"{bench.name} has all {len(bench.file.parameters)} parameters of {bench.file.airframe}.")
        return 0

    _on_bench(asset, site, look)


@app.command()
def diff(asset: str, site: SiteOption) -> None:
    """Print what differs as a table, each with its reason. Ends with 1 when something does."""

    async def look(bench: "Bench") -> int:
        differences = await bench.differences(_reading)
        typer.echo(table(differences, shutil.get_terminal_size((120, 24)).columns))
        return DIFFERS if differences else 0

    _on_bench(asset, site, look)


@app.command()
def apply(
    asset: str,
    site: SiteOption,
    yes: Annotated[bool, typer.Option("--yes", help="Write and restart without asking.")] = False,
) -> None:
    """Write what differs, read it back, restart where one is needed, and check again. Never to an armed aircraft."""

    async def work(bench: "Bench") -> int:
        return await apply_to(bench, lambda question: yes or typer.confirm(question))

    _on_bench(asset, site, work)


@app.command()
def fit(
    log: Annotated[Path, typer.Argument(help="A PX4 flight log, .ulg.")],
    airframe: Annotated[str, typer.Option(help="A folder of firmware_configs: what the log does not tell is kept.")],
    write: Annotated[bool, typer.Option("--write", help="Write what was found into its airframe.toml.")] = False,
) -> None:
    """Fit the airframe's energy model to a flight: coefficients, their errors, and what the log lacks."""
    from dfr.fleet.airframe_energy import fit_log, rewrite
    from dfr.fleet.flight_log import LogError
    from dfr.site import FIRMWARE_CONFIGS

    folder = FIRMWARE_CONFIGS / airframe
    try:
        fitted = fit_log(log, load_airframe(folder))
        typer.echo(fitted.text)
        if write:
            rewrite(folder / "airframe.toml", fitted)
            load_airframe(folder)
            typer.echo(f"Written into {folder / 'airframe.toml'}; read the difference before it is flown with.")
    except (FirmwareError, LogError) as error:
        _fail(str(error))


async def apply_to(bench: "Bench", agreed: Callable[[str], bool]) -> int:
    """The exit code. `agreed` is asked before anything is written, and before a restart. Raises BenchError."""
    await bench.must_be_on_ground()
    differences = await bench.differences(_reading)
    if not differences:
        typer.echo(f"{bench.name} has all {len(bench.file.parameters)} parameters of {bench.file.airframe} already.")
        return 0
    typer.echo(table(differences, shutil.get_terminal_size((120, 24)).columns))
    if not agreed(f"Write these {len(differences)} to {bench.name}?"):
        typer.echo("Nothing was written.")
        return DIFFERS
    faults = []
    for number, difference in enumerate(differences, 1):
        _progress("Writing parameters", number, len(differences))
        fault = difference.sentence if difference.found is None else await bench.write(difference.parameter)
        faults += [fault] if fault else []
    for fault in faults:
        typer.echo(fault, err=True)
    restart = [difference.parameter.name for difference in differences if difference.parameter.reboot]
    if restart:
        typer.echo(f"Taken only after a restart of the autopilot: {', '.join(restart)}.")
        if not agreed(f"Restart the autopilot of {bench.name} now?"):
            typer.echo("It was not restarted; until it is, it flies with what it had.")
            return DIFFERS
        await bench.reboot()
        typer.echo(f"{bench.name} has restarted.")
    left = await bench.differences(_reading)
    for difference in left:
        typer.echo(difference.sentence, err=True)
    if left:
        typer.echo(f"{bench.name} still differs in {len(left)} of {len(bench.file.parameters)} parameters.", err=True)
        return DIFFERS
    typer.echo(f"{bench.name} has all {len(bench.file.parameters)} parameters of {bench.file.airframe}.")
    return 0


def table(differences: tuple[Difference, ...], width: int) -> str:
    """Name, what is on the aircraft, what the file wants, unit, reason; the reason wrapped to the width."""
    if not differences:
        return "Nothing differs."
    rows = [("parameter", "on aircraft", "in file", "unit", "reason")]
    for difference in differences:
        parameter = difference.parameter
        found = "unknown" if difference.found is None else f"{difference.found:g}"
        reason = f"{parameter.reason}{' (restart)' if parameter.reboot else ''}"
        rows.append((parameter.name, found, f"{parameter.value:g}", parameter.unit, reason))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    indent = sum(widths) + 2 * len(widths)
    lines = []
    for row in rows:
        cells = "  ".join(cell.ljust(wide) for cell, wide in zip(row, widths, strict=False))
        wrapped = textwrap.wrap(row[4], max(width - indent, 40)) or [""]
        lines += [f"{cells}  {wrapped[0]}", *(" " * indent + more for more in wrapped[1:])]
    return "\n".join(lines)


def _on_bench(asset_id: str, site: Path, work: "Callable[[Bench], Awaitable[int]]") -> None:
    from dfr.fleet.mavlink.bench import BenchError

    try:
        code = asyncio.run(_run(asset_id, site, work))
    except (BenchError, ConfigError, FirmwareError) as error:
        _fail(str(error))
    raise typer.Exit(code)


async def _run(asset_id: str, site: Path, work: "Callable[[Bench], Awaitable[int]]") -> int:
    from dfr.app import fleet_of
    from dfr.fleet.mavlink.bench import BenchError, bench
    from dfr.site import load_site

    loaded = load_site(site)
    if asset_id not in loaded.site.assets:
        raise BenchError(f"The site has no aircraft {asset_id}; it has {', '.join(loaded.site.assets)}.")
    asset = loaded.site.assets[asset_id]
    fleet = fleet_of(
        loaded, loaded.config.state_directory, SystemClock(), on_outcome=lambda outcome: None, only=asset_id
    )
    async with bench(fleet, asset_id, loaded.parameter_files[asset.airframe.name]) as one:
        return await work(one)


def _reading(done: int, total: int) -> None:
    _progress("Reading parameters", done, total)


def _progress(what: str, done: int, total: int) -> None:
    """One line that is written over, where somebody looks."""
    if sys.stderr.isatty():
        typer.echo(f"\r{what}: {done} of {total}{'' if done < total else chr(10)}", err=True, nl=False)


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(FAILED)
