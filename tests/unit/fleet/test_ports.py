"""The serial ports of a machine, as pyserial lists them, and how links name them."""

import os
import tty
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dfr.fleet import ports
from dfr.fleet.link_url import parse_link
from dfr.fleet.mavlink.frames import heartbeat_frame
from dfr.fleet.mavlink.lines import Channel, Reader, open_line
from dfr.fleet.ports import Port, device_of, is_named_by, link_text, list_serial_ports
from dfr.port_list import port_lines


def listed(device: str, serial_number: str | None = None, hwid: str = "USB VID:PID=0403:6015") -> Any:
    return SimpleNamespace(
        device=device, hwid=hwid, serial_number=serial_number, description="SiK radio", manufacturer="Maker"
    )


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Say what is plugged in."""
    monkeypatch.setattr(ports, "BY_ID", tmp_path / "by-id")

    def plugged(*found: Any) -> None:
        monkeypatch.setattr(ports.list_ports, "comports", lambda: list(found))

    return plugged


def test_ports_without_hardware_are_left_out_and_those_of_one_adapter_are_counted(plug: Any) -> None:
    plug(listed("/dev/ttyUSB1", "AB"), listed("/dev/ttyUSB0", "AB"), listed("/dev/ttyS0", None, "n/a"))
    assert list_serial_ports() == (
        Port("/dev/ttyUSB0", "SiK radio", "Maker", "AB", 0),
        Port("/dev/ttyUSB1", "SiK radio", "Maker", "AB", 1),
    )


def test_a_port_is_named_by_the_serial_number_that_is_its_own(plug: Any) -> None:
    plug(listed("/dev/ttyUSB0", "AB"), listed("/dev/ttyUSB1", "CD"), listed("/dev/ttyUSB2", "CD"), listed("/dev/ttyS9"))
    found = list_serial_ports()
    assert [link_text(port, found) for port in found] == [
        "serial:///dev/ttyS9:57600",
        "serial://usb:AB:57600",
        "serial:///dev/ttyUSB1:57600",
        "serial:///dev/ttyUSB2:57600",
    ]
    assert any("serial://usb:AB:57600" in line for line in port_lines(found, None))


def test_an_adapter_is_found_wherever_it_is_plugged_in(plug: Any) -> None:
    url = parse_link("serial://usb:AB:57600")
    for device in ("/dev/ttyUSB0", "/dev/ttyUSB7"):
        plug(listed(device, "AB"), listed("/dev/ttyUSB3", "CD"))
        assert device_of(url) == device
        assert [port.device for port in list_serial_ports() if is_named_by(url, port)] == [device]
    plug(listed("/dev/ttyUSB3", "CD"))
    with pytest.raises(FileNotFoundError, match="no port with the USB serial number AB is plugged in"):
        device_of(url)
    plug(listed("/dev/ttyUSB0", "AB"), listed("/dev/ttyUSB1", "AB"))
    with pytest.raises(OSError, match="all have the USB serial number AB"):
        device_of(url)


def test_frames_come_and_go_through_a_port_that_is_named_by_its_serial_number(plug: Any) -> None:
    radio, port = os.openpty()
    tty.setraw(radio)
    plug(listed(os.ttyname(port), "AB"))
    came: list[bytes] = []
    reader = Reader()
    reader.start()
    url = parse_link("serial://usb:AB:57600")

    def take(channel: Channel, frames: list[bytes]) -> None:
        came.extend(frames)
        channel.write(heartbeat_frame(245, 191))

    line = open_line(url, 0, reader, take, lambda _: None)
    try:
        os.write(radio, heartbeat_frame(7, 1))
        answer = os.read(radio, 100)
        assert came == [heartbeat_frame(7, 1)]
        assert answer == heartbeat_frame(245, 191)
    finally:
        line.close()
        reader.stop()
        os.close(radio)
        os.close(port)
