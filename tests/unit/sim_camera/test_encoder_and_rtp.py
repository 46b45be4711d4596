"""The coded stream keeps to what browsers take, and its RTP packets carry exactly the same NAL units."""

import itertools
import struct

from hypothesis import given
from hypothesis import strategies as st

from sim.camera.encoder import NAL_IDR, NAL_PPS, NAL_SPS, AccessUnit, H264Encoder, VideoFormat, parameter_sets
from sim.camera.rtp import MOST_PAYLOAD_BYTES, RtpSender, payloads
from sim.camera.viewer import Viewer
from tests.unit.sim_camera.pictures import decoded, scenery

VIDEO = VideoFormat()


def coded(count: int, force_at: int = -1) -> list[AccessUnit]:
    encoder = H264Encoder(VIDEO)
    units = [encoder.encode(scenery(i * 4), i * 4500, i / 20, force_idr=i == force_at) for i in range(count)]
    assert None not in units
    return units  # type: ignore[return-value]


def kinds(unit: AccessUnit) -> list[int]:
    return [nal[0] & 31 for nal in unit.nal_units]


def test_an_idr_each_second_with_parameter_sets_and_nothing_held_back() -> None:
    units = coded(2 * VIDEO.frames_per_second + 1)
    assert [i for i, unit in enumerate(units) if unit.is_idr] == [0, 20, 40]
    assert all(kinds(unit) == ([NAL_SPS, NAL_PPS, NAL_IDR] if unit.is_idr else [1]) for unit in units)
    assert len(decoded(units)) == len(units)


def test_a_forced_idr_comes_at_once() -> None:
    assert [unit.is_idr for unit in coded(8, force_at=5)] == [True, False, False, False, False, True, False, False]


def test_the_profile_is_constrained_baseline_and_the_sets_are_those_of_the_stream() -> None:
    sps, pps = parameter_sets(VIDEO)
    assert sps[1] == 66
    assert sps[2] & 0x40, "constraint_set1: without it a browser sees plain baseline and refuses"
    assert sps[3] <= 31
    assert coded(1)[0].nal_units[:2] == (sps, pps)


def reassembled(packets: list[bytes]) -> list[bytes]:
    """The NAL units in RTP payloads, by RFC 6184, written independently of the sender."""
    result: list[bytes] = []
    for packet in packets:
        body, kind = packet[12:], packet[12] & 31
        if kind == 24:
            at = 1
            while at < len(body):
                size = int.from_bytes(body[at : at + 2], "big")
                result.append(body[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 28:
            if body[1] & 0x80:
                result.append(bytes([body[0] & 0xE0 | body[1] & 31]))
            result[-1] += body[2:]
        else:
            result.append(body)
    return result


@given(st.lists(st.integers(2, 9000), min_size=1, max_size=4), st.booleans())
def test_packets_carry_the_units_unchanged(sizes: list[int], is_idr: bool) -> None:
    slices = [bytes([0x65 if is_idr else 0x41]) + bytes(i % 251 for i in range(size)) for size in sizes]
    heads = [b"\x67" + b"s" * 20, b"\x68" + b"p" * 4] if is_idr else []
    unit = AccessUnit((*heads, *slices), is_idr, 900_000, 10.0)
    packets = RtpSender().packets(unit, payloads(unit))
    assert reassembled(packets) == list(unit.nal_units)
    assert all(len(packet) <= MOST_PAYLOAD_BYTES + 12 for packet in packets)
    assert [packet[1] >> 7 for packet in packets] == [0] * (len(packets) - 1) + [1]


def test_sequence_numbers_run_on_and_wrap() -> None:
    sender = RtpSender()
    sender.sequence = 65534
    unit = AccessUnit((b"\x41" + bytes(4000),), False, 0, 0.0)
    numbers = [struct.unpack_from("!H", packet, 2)[0] for packet in sender.packets(unit, payloads(unit))]
    assert numbers == [65534, 65535, 0, 1]


def test_a_sender_report_maps_the_pictures_time_to_utc() -> None:
    sender = RtpSender()
    unit = AccessUnit((b"\x41" + bytes(10),), False, 90_000, 1_795_233_664.5)
    packet = sender.packets(unit, payloads(unit))[0]
    report = sender.sender_report(unit, unit.utc_s + 1.0)
    _, kind, length, ssrc, ntp, rtp_time, packets, octets = struct.unpack_from("!BBHIQIII", report)
    assert (kind, length, ssrc, packets, octets) == (200, 6, sender.ssrc, 1, 11)
    assert abs(ntp / 2**32 - 2_208_988_800 - 1_795_233_665.5) < 1e-3
    assert rtp_time == (struct.unpack_from("!I", packet, 4)[0] + 90_000) & 0xFFFFFFFF
    assert len(report) % 4 == 0


class SlowCarrier:
    """A receiver whose line is full for some pictures."""

    def __init__(self) -> None:
        self.full, self.sent = False, list[bytes]()

    def ready(self) -> bool:
        return not self.full

    def send_rtp(self, packets: list[bytes]) -> None:
        self.sent += packets

    def send_rtcp(self, packet: bytes) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_slow_viewer_loses_pictures_up_to_the_next_idr_and_gains_no_delay() -> None:
    units = [AccessUnit((bytes([0x65 if i % 10 == 0 else 0x41, i]),), i % 10 == 0, i, 0.0) for i in range(40)]
    carrier = SlowCarrier()
    viewer = Viewer(carrier, RtpSender())
    for number, unit in enumerate(units[3:], start=3):
        carrier.full = 14 <= number < 22
        viewer.send(unit, payloads(unit))
    received = [packet[13] for packet in carrier.sent]
    assert received == [*range(10, 14), *range(30, 40)]
    assert viewer.pictures_sent == 14
    assert viewer.pictures_dropped == 23
    sequence = [struct.unpack_from("!H", packet, 2)[0] for packet in carrier.sent]
    assert all((b - a) % 65536 == 1 for a, b in itertools.pairwise(sequence)), "a drop is no packet loss"
