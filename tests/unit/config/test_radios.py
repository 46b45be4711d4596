"""What a site says of its radios reaches the driver: the MAVLink key from either place, and the serial ports' list."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from dfr.app import fleet_of
from dfr.cli import app
from dfr.core.clock import SystemClock
from dfr.fleet.signing_key import KEY_VARIABLE
from dfr.site import LoadedSite, load_site
from tests.support.world import copy_site

KEY = bytes(range(1, 33))


def signs(loaded: LoadedSite, state: Path) -> bool:
    fleet = fleet_of(loaded, state, SystemClock(), on_outcome=lambda outcome: None)
    return fleet._transport.signs


def write(site: Path, before: str, after: str) -> None:
    file = site / "dfr.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_a_key_in_the_environment_or_in_a_file_makes_the_service_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = copy_site(tmp_path, 1)
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    assert not signs(load_site(site), tmp_path / "state")
    monkeypatch.setenv(KEY_VARIABLE, KEY.hex())
    loaded = load_site(site)
    assert loaded.mavlink_key == KEY
    assert KEY.hex() not in repr(loaded)
    assert signs(loaded, tmp_path / "state")
    monkeypatch.delenv(KEY_VARIABLE)
    made = CliRunner().invoke(app, ["signing", "new", str(site / "mavlink.key")])
    assert made.exit_code == 0, made.output
    assert (site / "mavlink.key").stat().st_mode & 0o077 == 0
    write(site, 'key_file = ""', 'key_file = "mavlink.key"')
    loaded = load_site(site)
    assert loaded.mavlink_key == bytes.fromhex((site / "mavlink.key").read_text())
    assert signs(loaded, tmp_path / "state")
    again = CliRunner().invoke(app, ["signing", "new", str(site / "mavlink.key")])
    assert again.exit_code != 0, "a key that aircraft have is not overwritten"


def test_ports_names_each_port_its_link_and_who_declares_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(device: str, serial_number: str) -> Any:
        return SimpleNamespace(
            device=device, hwid="USB", serial_number=serial_number, description="SiK radio", manufacturer="Maker"
        )

    found = [listed("/dev/ttyUSB3", "D30A"), listed("/dev/ttyUSB4", "E41B")]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: found)
    site = copy_site(tmp_path, 2)
    text = (site / "dfr.toml").read_text(encoding="utf-8")
    links = [line for line in text.splitlines() if line.startswith("link = ")]
    write(site, links[0], 'link = "serial://usb:D30A:57600"')
    write(site, links[1], 'link = "serial:///dev/ttyUSB9:57600"')
    told = CliRunner().invoke(app, ["ports", "--site", str(site)])
    assert told.exit_code == 0, told.output
    assert told.output.splitlines() == [
        "/dev/ttyUSB3  SiK radio, Maker  serial number D30A",
        '  link = "serial://usb:D30A:57600"',
        "  declared by sky-1",
        "/dev/ttyUSB4  SiK radio, Maker  serial number E41B",
        '  link = "serial://usb:E41B:57600"',
        "  declared by no asset",
        "sky-2 declares serial:///dev/ttyUSB9:57600, which is not plugged in.",
    ]
