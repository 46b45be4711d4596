"""A link as the site file writes it: what is opened, and how fast it is. Pure."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

BITS_A_BYTE = 10
"""Start, eight, stop."""
DEFAULT_BAUD = 57600
SCHEMES = ("udpin", "udpout", "tcpin", "tcpout", "serial")
FORM = (
    "write udpin://ADDRESS:PORT, udpout://ADDRESS:PORT, tcpin://ADDRESS:PORT, tcpout://ADDRESS:PORT, "
    "serial:///dev/ttyUSB0:57600 or serial://usb:SERIAL:57600"
)
USB = "usb:"


@dataclass(frozen=True, slots=True)
class LinkUrl:
    """`scheme` is one of SCHEMES. For sockets `host` and `port`; for serial `device` (a path, or "usb:" and the USB
    serial number of the adapter) and `baud`."""

    text: str
    scheme: str
    host: str = ""
    port: int = 0
    device: str = ""
    baud: int = 0

    @property
    def bytes_a_second(self) -> float | None:
        """What the line carries one way; None where that is not known to be little."""
        return self.baud / BITS_A_BYTE if self.baud else None


def parse_link(text: str) -> LinkUrl:
    """Raises ValueError with a sentence."""
    scheme, found, rest = text.partition("://")
    if not found or scheme not in SCHEMES:
        raise ValueError(f"{text!r} is no link: {FORM}.")
    if scheme == "serial":
        return _serial(text, rest)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError as error:
        raise ValueError(f"{text!r} is no link ({error}): {FORM}.") from error
    if not host or not port:
        raise ValueError(f"{text!r} names no address or no port: {FORM}.")
    return LinkUrl(text, scheme, host=host, port=port)


def _serial(text: str, rest: str) -> LinkUrl:
    device, colon, baud = rest.rpartition(":")
    if not colon or "/" in baud or device == USB.rstrip(":"):
        device, baud = rest, str(DEFAULT_BAUD)
    if not baud.isdigit() or int(baud) <= 0:
        raise ValueError(f"{text!r} has no baud rate: {FORM}.")
    if not device.startswith(("/", USB)) or device == USB:
        raise ValueError(f"{text!r} names no serial port: {FORM}.")
    return LinkUrl(text, "serial", device=unquote(device), baud=int(baud))
