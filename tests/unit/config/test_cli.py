"""The command `dfr`: what people see, and how it ends."""

import json
import sqlite3
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dfr.cli import app, main
from dfr.journal.journal import Journal
from tests.unit.config.conftest import Spoil

runner = CliRunner()


def dfr(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Run the command as its entry point does; how it ended."""
    monkeypatch.setattr(sys, "argv", ["dfr", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def state(tmp_path: Path) -> Path:
    with Journal(tmp_path / "journal.sqlite") as journal:
        journal.append("incident", {"id": "incident-1"}, at_s=1.0, incident_id="incident-1")
        journal.append("track", {"height_m": 1.0}, at_s=2.0, flight_id="flight-1")
        journal.append("track", {"height_m": 2.0}, at_s=3.0, flight_id="flight-2")
    return tmp_path


def test_check_says_that_a_site_is_sane(site: Path) -> None:
    result = runner.invoke(app, ["check", "--site", str(site)])
    assert result.exit_code == 0, result.output
    assert "Smallville: 2 aircraft, 3 zones, 2 rules" in result.output
    assert "Nothing to mend" in result.output


def test_check_names_every_fault_and_ends_with_2(
    spoil: Spoil, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil('name = "Smallville"', 'nmae = "Smallville"')
    assert dfr(monkeypatch, "check", "--site", spoil("system_id = 12", "system_id = 999")) == 2
    said = capsys.readouterr().err
    assert "3 to mend" in said
    assert said.count("dfr.toml, line") == 3


def test_config_prints_the_effective_configuration(site: Path) -> None:
    result = runner.invoke(app, ["config", "--site", str(site)])
    printed = json.loads(result.output)
    assert printed["site"]["name"] == "Smallville"
    assert printed["flight"]["stand_off_m"] == 60.0
    assert printed["server"]["port"] == 8080
    assert len(printed["assets"]) == 2


def test_a_whole_journal_is_said_to_be_whole(state: Path) -> None:
    result = runner.invoke(app, ["journal", "verify", "--state", str(state)])
    assert result.exit_code == 0
    with Journal(state / "journal.sqlite") as journal:
        assert f"3 entries. The last one's hash, to be noted elsewhere: {journal.head[1]}" in result.output


def test_one_changed_byte_is_found_and_ends_with_1(state: Path) -> None:
    connection = sqlite3.connect(state / "journal.sqlite")
    connection.execute("DROP TRIGGER no_update")
    connection.execute("""UPDATE entries SET data = replace(data, '1.0', '1.1') WHERE seq = 2""")
    connection.commit()
    connection.close()
    result = runner.invoke(app, ["journal", "verify", "--state", str(state)])
    assert result.exit_code == 1
    assert "Entry 2 (track) was changed" in result.output


def test_a_running_service_does_not_keep_the_journal_from_being_verified(state: Path) -> None:
    with Journal(state / "journal.sqlite"):
        assert runner.invoke(app, ["journal", "verify", "--state", str(state)]).exit_code == 0


@pytest.mark.parametrize("content", [None, b"", b"no database " * 100])
def test_no_journal_or_a_damaged_one_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "journal.sqlite").write_bytes(content)
    assert dfr(monkeypatch, "journal", "verify", "--state", tmp_path) == 2
    assert "journal.sqlite" in capsys.readouterr().err


def test_entries_are_shown_by_flight_and_kind(state: Path) -> None:
    def show(*options: str) -> list[str]:
        return runner.invoke(app, ["journal", "show", "--state", str(state), *options]).output.splitlines()

    assert len(show()) == 3
    assert [line for line in show("--flight", "flight-2") if "flight-2" in line] == show("--kind", "track")[1:]
    assert len(show("--last", "1")) == 1
    assert "1970-01-01T00:00:03.000Z" in show("--last", "1")[0]
