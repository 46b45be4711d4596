"""What a link is called, which port that is, how fast it is, and what is asked for over it."""

import pytest

from dfr.fleet.link_url import LinkUrl, parse_link
from dfr.fleet.mavlink.actor import MESSAGE_RATES_HZ
from dfr.fleet.mavlink.rates import NOT_NEEDED, TELEMETRY_SHARE, bytes_a_second, fitting
from dfr.fleet.mavlink.twins import TwinWatch
from dfr.fleet.ports import Port, device_of, is_named_by, link_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("udpin://0.0.0.0:14540", ("udpin", "0.0.0.0", 14540, "", 0)),
        ("tcpout://radio.example:5760", ("tcpout", "radio.example", 5760, "", 0)),
        ("udpin://[::1]:14540", ("udpin", "::1", 14540, "", 0)),
        ("serial:///dev/ttyUSB0:115200", ("serial", "", 0, "/dev/ttyUSB0", 115200)),
        ("serial:///dev/ttyUSB0", ("serial", "", 0, "/dev/ttyUSB0", 57600)),
        ("serial:///dev/serial/by-id/usb-F_x-if00:57600", ("serial", "", 0, "/dev/serial/by-id/usb-F_x-if00", 57600)),
        ("serial://usb:D30A1B2C:57600", ("serial", "", 0, "usb:D30A1B2C", 57600)),
        ("serial://usb:12345", ("serial", "", 0, "usb:12345", 57600)),
    ],
)  # fmt: skip
def test_links_are_read(text: str, expected: tuple[str, str, int, str, int]) -> None:
    url = parse_link(text)
    assert (url.scheme, url.host, url.port, url.device, url.baud) == expected


@pytest.mark.parametrize(
    "text",
    ["", "udpin", "udp://1.2.3.4:5", "udpin://1.2.3.4", "tcpout://:5", "udpin://a:99999", "serial://ttyUSB0:57600",
     "serial://usb:", "serial:///dev/ttyUSB0:fast", "udpout://127.0.0..1:5", f"tcpout://{'a' * 64}:5"],
)  # fmt: skip
def test_what_is_no_link_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="write udpin://ADDRESS:PORT"):
        parse_link(text)


FTDI = Port("/dev/ttyUSB0", "FT231X", "FTDI", "D30A")
QUAD = tuple(Port(f"/dev/ttyUSB{number}", "Quad", "FTDI", "Q1", number - 1) for number in (1, 2))
BARE = Port("/dev/ttyS0", "", "", "")


def test_a_port_is_found_by_its_adapters_serial_number_wherever_it_is_now() -> None:
    moved = Port("/dev/ttyUSB7", "FT231X", "FTDI", "D30A")
    url = parse_link(link_text(FTDI, (FTDI, BARE)))
    assert url.text == "serial://usb:D30A:57600"
    assert device_of(url, (BARE, moved)) == "/dev/ttyUSB7"
    assert is_named_by(url, moved)
    assert not is_named_by(url, BARE)
    with pytest.raises(OSError, match="no port with the USB serial number D30A is plugged in"):
        device_of(url, (BARE,))


def test_ports_without_a_serial_number_of_their_own_are_named_by_their_path() -> None:
    assert link_text(BARE, (BARE,)) == "serial:///dev/ttyS0:57600"
    assert link_text(QUAD[0], QUAD) == "serial:///dev/ttyUSB1:57600"
    assert is_named_by(parse_link("serial:///dev/ttyS0:57600"), BARE)
    with pytest.raises(OSError, match="/dev/ttyUSB1, /dev/ttyUSB2 all have"):
        device_of(LinkUrl("", "serial", device="usb:Q1", baud=57600), QUAD)


def test_a_fast_link_is_asked_for_what_is_wished() -> None:
    assert fitting(MESSAGE_RATES_HZ, None) == MESSAGE_RATES_HZ


@pytest.mark.parametrize("baud", [57600, 38400, 115200, 921600])
def test_a_serial_link_is_asked_for_what_it_carries(baud: int) -> None:
    line = baud / 10
    asked = fitting(MESSAGE_RATES_HZ, line)
    assert bytes_a_second({number: hz for number, hz in asked.items() if hz}) <= line * TELEMETRY_SHARE
    assert all(asked[number] <= wished for number, wished in MESSAGE_RATES_HZ.items())
    assert asked[33] >= 2.0
    assert all(asked[number] == 0.0 for number in NOT_NEEDED if number not in MESSAGE_RATES_HZ)


def test_what_shares_a_radio_shares_its_line() -> None:
    alone, four = fitting(MESSAGE_RATES_HZ, 5760.0), fitting(MESSAGE_RATES_HZ, 5760.0 / 4)
    assert bytes_a_second(four) < bytes_a_second(alone)
    assert 2.0 <= four[33] < alone[33]


def test_an_aircraft_that_moves_to_another_address_is_one_and_one_that_is_in_two_places_two() -> None:
    one, two = TwinWatch(), TwinWatch()
    for second in range(10):
        one.heard_at("a" if second < 4 else "b", float(second))
        two.heard_at("ab"[second % 2], float(second))
    assert one.sentence(7, 10.0) == ""
    assert "it is heard from" in two.sentence(7, 10.0)
    assert two.sentence(7, 50.0) == ""
