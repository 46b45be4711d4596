"""`dfr firmware fit`: what a log says of an airframe in words, and the file with what was found."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import dfr.site
from dfr.cli_firmware import app
from dfr.fleet.airframe_energy import fit_log, rewrite
from dfr.fleet.firmware import FirmwareError, load_airframe

LOG = Path(__file__).parents[2] / "data" / "px4" / "sih_flight.ulg"
CONFIGS = Path(__file__).parents[3] / "firmware_configs"


@pytest.fixture
def configs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of an airframe that may be written."""
    shutil.copytree(CONFIGS / "x500_v2", tmp_path / "x500_v2")
    monkeypatch.setattr(dfr.site, "FIRMWARE_CONFIGS", tmp_path)
    return tmp_path


def test_every_coefficient_is_said_with_its_error_or_that_it_was_kept() -> None:
    fitted = fit_log(LOG, load_airframe(CONFIGS / "x500_v2"))
    lines = fitted.text.splitlines()
    assert lines[0] == f"sih_flight.ulg: {fitted.seconds:.0f} s in the air."
    named = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert "+-" in named["base_w"]
    assert named["energy_wh"].endswith("kept: the flight does not tell it")
    assert "The log holds no current: energy_wh and resistance_ohm keep their values." in lines
    assert set(fitted.found) == {name for name, line in named.items() if "+-" in line}


def test_the_fit_is_printed_and_nothing_is_written_unless_asked(configs: Path) -> None:
    file = configs / "x500_v2" / "airframe.toml"
    before = file.read_text(encoding="utf-8")
    told = CliRunner().invoke(app, ["fit", str(LOG), "--airframe", "x500_v2"])
    assert told.exit_code == 0, told.output
    assert "[power]" in told.output
    assert file.read_text(encoding="utf-8") == before


def test_what_was_found_is_written_and_flown_with_and_the_rest_of_the_file_stays(configs: Path) -> None:
    folder = configs / "x500_v2"
    before, text = load_airframe(folder), (folder / "airframe.toml").read_text(encoding="utf-8")
    told = CliRunner().invoke(app, ["fit", str(LOG), "--airframe", "x500_v2", "--write"])
    assert told.exit_code == 0, told.output
    after = load_airframe(folder)
    fitted = fit_log(LOG, before)
    for name, value in fitted.found.items():
        assert getattr(after.power, name) == pytest.approx(value, rel=1e-4), name
    assert after.power.base_w != before.power.base_w
    assert after.power.origin == f"Fitted to sih_flight.ulg, {fitted.seconds:.0f} s in the air."
    assert after.battery == before.battery, "the log says nothing of it"
    written = (folder / "airframe.toml").read_text(encoding="utf-8")
    changed = [
        one.split(" = ")[0] for one, was in zip(written.splitlines(), text.splitlines(), strict=True) if one != was
    ]
    assert set(changed) <= {*fitted.found, "origin"}


def test_what_cannot_be_fitted_is_said(configs: Path, tmp_path: Path) -> None:
    (tmp_path / "no.ulg").write_bytes(b"not a log at all, but long enough for a header")
    for words, why in (
        ([str(tmp_path / "no.ulg"), "--airframe", "x500_v2"], "is not a ULog"),
        ([str(LOG), "--airframe", "x999"], "x999"),
    ):
        told = CliRunner().invoke(app, ["fit", *words])
        assert told.exit_code == 2
        assert why in told.output
    fitted = fit_log(LOG, load_airframe(configs / "x500_v2"))
    with pytest.raises(FirmwareError, match="cannot be rewritten"):
        rewrite(tmp_path / "nowhere.toml", fitted)
