"""The machine's serial ports, as pyserial lists them, and the link URL that names each also after renumbering."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

from dfr.fleet.link_url import DEFAULT_BAUD, USB, LinkUrl

BY_ID = Path("/dev/serial/by-id")


@dataclass(frozen=True, slots=True)
class Port:
    """`device` is the path of now, "/dev/ttyUSB0"; `serial_number` the USB adapter's own, "" when it has none."""

    device: str
    description: str
    maker: str
    serial_number: str
    interface: int = 0
    """Which of the adapter's ports it is, from 0."""


def list_serial_ports() -> tuple[Port, ...]:
    """By device; ports that no hardware answers for (pyserial: description "n/a" without an id) are left out."""
    found = sorted(list_ports.comports(), key=lambda one: str(one.device))
    seen: dict[str, int] = {}
    ports = []
    for one in found:
        if one.hwid in (None, "", "n/a"):
            continue
        serial_number = one.serial_number or ""
        interface = seen.get(serial_number, 0)
        seen[serial_number] = interface + 1
        ports.append(Port(one.device, one.description or "", one.manufacturer or "", serial_number, interface))
    return tuple(ports)


def link_text(port: Port, ports: Sequence[Port], baud: int = DEFAULT_BAUD) -> str:
    """What to write into the site file: by the adapter's serial number where it has one of its own."""
    same = [one for one in ports if one.serial_number == port.serial_number]
    if port.serial_number and len(same) == 1:
        return f"serial://{USB}{port.serial_number}:{baud}"
    by_id = next((path for path in _by_id() if str(path.resolve()) == port.device), None)
    return f"serial://{by_id or port.device}:{baud}"


def _by_id() -> list[Path]:
    return sorted(BY_ID.iterdir()) if BY_ID.is_dir() else []


def device_of(url: LinkUrl, ports: Sequence[Port] | None = None) -> str:
    """The path that is opened. Raises OSError with a sentence when no port, or more than one, has the serial number."""
    if not url.device.startswith(USB):
        return url.device
    serial_number = url.device.removeprefix(USB)
    known = list_serial_ports() if ports is None else ports
    found = [port.device for port in known if port.serial_number == serial_number]
    if not found:
        raise FileNotFoundError(f"no port with the USB serial number {serial_number} is plugged in")
    if len(found) > 1:
        raise OSError(
            f"{', '.join(found)} all have the USB serial number {serial_number}; name one by its /dev/serial/by-id"
        )
    return found[0]


def is_named_by(url: LinkUrl, port: Port) -> bool:
    """Whether the link is this port."""
    if url.device.startswith(USB):
        return bool(port.serial_number) and url.device.removeprefix(USB) == port.serial_number
    return bool(url.device) and str(Path(url.device).resolve()) == str(Path(port.device).resolve())
