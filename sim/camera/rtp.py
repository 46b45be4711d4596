"""RTP for H.264 (RFC 6184, packetization mode 1) and the RTCP a sender owes its receivers (RFC 3550)."""

import secrets
import struct
from collections.abc import Sequence

from sim.camera.encoder import NAL_PPS, NAL_SEI, NAL_SPS, RTP_CLOCK_HZ, AccessUnit

PAYLOAD_TYPE = 96
MOST_PAYLOAD_BYTES = 1200
_STAP_A, _FU_A = 24, 28
_NTP_EPOCH_S = 2_208_988_800
_SENDER_REPORT, _SOURCE_DESCRIPTION, _BYE = 200, 202, 203


def payloads(unit: AccessUnit, most_bytes: int = MOST_PAYLOAD_BYTES) -> list[bytes]:
    """The RTP payloads of one picture, in order; the last one carries the marker.

    Parameter sets (and SEI) go together in one STAP-A, each slice alone or in FU-A fragments of equal size.
    """
    heads = [nal for nal in unit.nal_units if nal[0] & 31 in (NAL_SPS, NAL_PPS, NAL_SEI)]
    result: list[bytes] = []
    if len(heads) > 1 and sum(len(nal) + 2 for nal in heads) < most_bytes:
        importance = max(nal[0] & 0x60 for nal in heads)
        result.append(bytes([importance | _STAP_A]) + b"".join(struct.pack("!H", len(nal)) + nal for nal in heads))
        rest = [nal for nal in unit.nal_units if nal not in heads]
    else:
        rest = list(unit.nal_units)
    for nal in rest:
        result.extend([nal] if len(nal) <= most_bytes else _fragments(nal, most_bytes))
    return result


def _fragments(nal: bytes, most_bytes: int) -> list[bytes]:
    body = memoryview(nal)[1:]
    count = -(-len(body) // (most_bytes - 2))
    size = -(-len(body) // count)
    indicator, kind = nal[0] & 0xE0 | _FU_A, nal[0] & 31
    starts = range(0, len(body), size)
    return [
        bytes([indicator, kind | (0x80 if start == 0 else 0) | (0x40 if start + size >= len(body) else 0)])
        + body[start : start + size]
        for start in starts
    ]


class RtpSender:
    """The RTP state towards one receiver: its own source id, sequence numbers, time offset and counts."""

    def __init__(self) -> None:
        self.ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(16)
        self.time_offset = secrets.randbits(32)
        self._packets = 0
        self._octets = 0

    def packets(self, unit: AccessUnit, unit_payloads: Sequence[bytes]) -> list[bytes]:
        """The RTP packets of one picture for this receiver."""
        rtp_time = self.rtp_time(unit)
        result = []
        for index, payload in enumerate(unit_payloads):
            marker = 0x80 if index == len(unit_payloads) - 1 else 0
            head = struct.pack("!BBHII", 0x80, marker | PAYLOAD_TYPE, self.sequence, rtp_time, self.ssrc)
            self.sequence = self.sequence + 1 & 0xFFFF
            self._octets += len(payload)
            result.append(head + payload)
        self._packets += len(result)
        return result

    def rtp_time(self, unit: AccessUnit) -> int:
        """The picture's time stamp as this receiver sees it."""
        return unit.rtp_time + self.time_offset & 0xFFFFFFFF

    def sender_report(self, unit: AccessUnit, utc_s: float) -> bytes:
        """Sender report and CNAME in one RTCP packet, for the instant `utc_s`; `unit` anchors the clock."""
        rtp_time = self.rtp_time(unit) + round((utc_s - unit.utc_s) * RTP_CLOCK_HZ) & 0xFFFFFFFF
        ntp = int((utc_s + _NTP_EPOCH_S) * 2**32)
        counts = (self._packets & 0xFFFFFFFF, self._octets & 0xFFFFFFFF)
        report = struct.pack("!BBHIQIII", 0x80, _SENDER_REPORT, 6, self.ssrc, ntp, rtp_time, *counts)
        name = b"camera"
        chunk = struct.pack("!IBB", self.ssrc, 1, len(name)) + name + b"\0"
        chunk += b"\0" * (-len(chunk) % 4)
        return report + struct.pack("!BBH", 0x81, _SOURCE_DESCRIPTION, len(chunk) // 4) + chunk

    def bye(self) -> bytes:
        """The RTCP packet that ends the stream; RFC 3550 wants a report before it."""
        return struct.pack("!BBHI", 0x80, 201, 1, self.ssrc) + struct.pack("!BBHI", 0x81, _BYE, 1, self.ssrc)
