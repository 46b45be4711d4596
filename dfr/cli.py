"""The command `dfr`."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from dfr import cli_firmware, cli_terrain, cli_zones
from dfr.core.clock import SystemClock, iso_utc
from dfr.journal.entry import Entry
from dfr.journal.journal import Journal, JournalError
from dfr.server.auth import Authenticator
from dfr.server.auth_store import Role

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Drone as first responder."
)
journal_app = typer.Typer(no_args_is_help=True, help="What happened: read it, and prove that it is whole.")
user_app = typer.Typer(no_args_is_help=True, help="Who may come in: users, tokens and sign-in links.")
signing_app = typer.Typer(no_args_is_help=True, help="MAVLink 2 signing: the site's key.")
app.add_typer(journal_app, name="journal")
app.add_typer(signing_app, name="signing")
app.add_typer(user_app, name="user")
app.add_typer(cli_firmware.app, name="firmware")
app.add_typer(cli_zones.app, name="zones")
app.add_typer(cli_terrain.app, name="terrain")

SiteOption = Annotated[Path, typer.Option("--site", help="The site's folder or its dfr.toml.")]
StateOption = Annotated[Path | None, typer.Option("--state", help="State directory; the site file names the default.")]


def main() -> None:
    """Entry point; every known error ends with its sentence and exit code 2."""
    from dfr.config import ConfigError

    try:
        app()
    except ConfigError as error:
        faults = "\n".join(f"  {fault}" for fault in error.faults)
        sys.exit(_say(f"The site cannot be used; {len(error.faults)} to mend:\n{faults}"))
    except JournalError as error:
        sys.exit(_say(str(error)))


@app.command()
def up(
    site: SiteOption,
    state: StateOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    verbose: Annotated[bool, typer.Option(help="Log more.")] = False,
) -> None:
    """Start the service and run until it is told to stop."""
    from dfr.app import App
    from dfr.site import load_site
    from dfr.state import port_problem, zone_store_path

    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    loaded = load_site(site, last_good_zones=lambda config: zone_store_path(state or config.state_directory))
    server = loaded.config.server
    listen_host, listen_port = host or server.host, server.port if port is None else port
    problem = port_problem(listen_host, listen_port)
    if problem:
        sys.exit(_say(problem))
    asyncio.run(App(loaded, state or loaded.config.state_directory).run(listen_host, listen_port))


@app.command()
def config(site: SiteOption) -> None:
    """Print the effective configuration, defaults included."""
    from dfr.config import read_config

    typer.echo(read_config(site).model_dump_json(indent=2))


@app.command()
def check(site: SiteOption) -> None:
    """Is this site sane? Names every error at once, with file and line."""
    from dfr.site import load_site

    loaded = load_site(site)
    ground = loaded.site.airspace.ground
    typer.echo(
        f"{loaded.config.site.name}: {len(loaded.site.assets)} aircraft, {len(loaded.zones)} zones, "
        f"{len(loaded.site.rules)} rules; the ground is known within {ground.error_m:.0f} m. Nothing to mend."
    )


@app.command()
def ports(
    site: Annotated[Path | None, typer.Option("--site", help="Also say which asset declares each.")] = None,
) -> None:
    """List the machine's serial ports: name, maker, serial number, and the link to write for each."""
    from dfr.config import read_config
    from dfr.fleet.ports import list_serial_ports
    from dfr.port_list import port_lines

    typer.echo("\n".join(port_lines(list_serial_ports(), None if site is None else read_config(site))))


@signing_app.command("new")
def signing_new(file: Annotated[Path, typer.Argument(help="A key file that does not exist yet.")]) -> None:
    """Make a MAVLink key in a new file that only its owner may read."""
    from dfr.fleet.signing_key import new_key_file

    try:
        new_key_file(file)
    except OSError as error:
        sys.exit(_say(f"{file} was not made: {error.strerror}."))
    typer.echo(f"{file} has a new key. Name it as key_file in [mavlink].")


@journal_app.command("show")
def journal_show(
    state: Annotated[Path, typer.Option("--state", help="State directory.")],
    flight: Annotated[str, typer.Option(help="Only this flight.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind of entry.")] = "",
    last: Annotated[int, typer.Option(help="Only the last so many; 0 shows all.")] = 50,
) -> None:
    """Print entries, oldest first, one a line."""
    from dfr.state import journal_path

    with Journal(journal_path(state), read_only=True) as journal:
        entries = list(journal.read(kinds=(kind,) if kind else (), flight_id=flight))
        for entry in entries[-last:] if last else entries:
            typer.echo(_line(entry))


@journal_app.command("horizon")
def journal_horizon(
    state: Annotated[Path, typer.Option("--state", help="State directory.")],
    flight: Annotated[str, typer.Option(help="Only this flight; all without it.")] = "",
) -> None:
    """Did the camera look at the horizon until on scene? Ends non-zero where that is not proven."""
    from dfr.dispatch.debrief import horizon_proof
    from dfr.dispatch.memory import Memory
    from dfr.state import journal_path

    with Journal(journal_path(state), read_only=True) as journal:
        flights = [one for one in Memory(journal).flights.values() if flight in ("", one.id)]
        if not flights:
            sys.exit(_say(f"The journal holds no flight {flight}."))
        proven = True
        for one in flights:
            for proof in horizon_proof(journal, one):
                proven = proven and proof.proven
                typer.echo(f"{one.id}  {'proven    ' if proof.proven else 'NOT PROVEN'}  {proof.sentence}")
    if not proven:
        raise typer.Exit(1)


@journal_app.command("verify")
def journal_verify(state: Annotated[Path, typer.Option("--state", help="State directory.")]) -> None:
    """Recompute the chain of hashes: one changed byte is found. Ends non-zero when anything is wrong."""
    from dfr.state import journal_path

    with Journal(journal_path(state), read_only=True) as journal:
        problems = journal.verify()
        for problem in problems:
            typer.echo(problem)
        if problems:
            raise typer.Exit(1)
        entries, head = journal.head
        typer.echo(f"The journal is whole: {entries} entries. The last one's hash, to be noted elsewhere: {head}")


@user_app.command("add")
def user_add(
    name: str,
    role: Annotated[list[str], typer.Option(help="cad, pilot, rtcc, viewer or admin; may be given several times.")],
    state: Annotated[Path, typer.Option("--state", help="State directory.")],
) -> None:
    """Add a user; the password is asked for (or read from standard input when that is no terminal)."""
    authenticator = _authenticator(state)
    asked = sys.stdin.isatty()
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if asked else sys.stdin.readline()
    try:
        authenticator.users.add(name, password.rstrip("\n"), _roles(role))
    except ValueError as error:
        sys.exit(_say(str(error)))
    typer.echo(f"{name} may sign in as {', '.join(role)}.")


@user_app.command("token")
def user_token(
    name: str,
    role: Annotated[list[str], typer.Option(help="cad, pilot, rtcc, viewer or admin; may be given several times.")],
    state: Annotated[Path, typer.Option("--state", help="State directory.")],
) -> None:
    """Make a bearer token for a program (a CAD interface, a script); it is shown this once."""
    typer.echo(_authenticator(state).add_token(name, _roles(role)))


@user_app.command("link")
def user_link(
    name: str,
    role: Annotated[list[str], typer.Option(help="cad, pilot, rtcc, viewer or admin; may be given several times.")],
    state: Annotated[Path, typer.Option("--state", help="State directory.")],
) -> None:
    """Make the secret of a sign-in link that works once, within ten minutes: /sign-in?link=SECRET."""
    typer.echo(_authenticator(state).add_link(name, _roles(role)))


def _authenticator(state: Path) -> Authenticator:
    from dfr.state import auth_path

    return Authenticator(auth_path(state), SystemClock())


def _roles(names: list[str]) -> list[Role]:
    try:
        return [Role(name) for name in names]
    except ValueError:
        known = ", ".join(Role)
        sys.exit(_say(f"There are the roles {known}, not {', '.join(names)}."))


def _line(entry: Entry) -> str:
    about = " ".join(part for part in (entry.incident_id, entry.flight_id, entry.asset_id) if part)
    return f"{entry.seq:>6} {iso_utc(entry.at_s)} {entry.kind:<16} {about} {entry.data}"


def _say(sentence: str) -> int:
    typer.echo(sentence, err=True)
    return 2


if __name__ == "__main__":
    main()
