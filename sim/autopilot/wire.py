"""MAVLink 2 frames, quickly: the same bytes as pymavlink's `message.pack(codec)` in a third of the time.

A frame is nearly all of what an aircraft's message costs, and 200 aircraft send 15,000 a second.
"""

import binascii
import struct
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

_HEADER = struct.Struct("<BBBBBBBBB")
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def checksum(data: bytes) -> int:
    """CRC-16/MCRF4XX, MAVLink's: the C library's CRC-CCITT over mirrored bits."""
    mirrored = binascii.crc_hqx(data.translate(_MIRRORED), 0xFFFF)
    return _MIRRORED[mirrored >> 8] | _MIRRORED[mirrored & 0xFF] << 8


def whole_frames(data: bytes) -> list[bytes] | None:
    """The MAVLink 2 frames that a datagram consists of, unread; None when it is anything else, which pymavlink's parser
    looks through byte by byte."""
    found, at = [], 0
    while at < len(data):
        if len(data) - at < 12 or data[at] != 0xFD or data[at + 2] & ~1:
            return None
        end = at + 12 + data[at + 1] + (13 if data[at + 2] else 0)
        if end > len(data):
            return None
        found.append(data[at:end])
        at = end
    return found


def _payload_alone(_codec: Any, _crc_extra: int, payload: bytes, **_: Any) -> bytes:
    return payload


def frame(message: Any, codec: mavlink.MAVLink) -> bytes:
    """The message as `codec` would send it now. A signed one is left to pymavlink."""
    if codec.signing.sign_outgoing:
        return bytes(message.pack(codec))
    message._pack = _payload_alone
    payload = message.pack(codec).rstrip(b"\0") or b"\0"
    ident = message.get_msgId()
    header = _HEADER.pack(
        len(payload), 0, 0, codec.seq, codec.srcSystem, codec.srcComponent,
        ident & 0xFF, ident >> 8 & 0xFF, ident >> 16,
    )  # fmt: skip
    body = header + payload
    crc = checksum(body + bytes((message.crc_extra,)))
    return b"\xfd" + body + bytes((crc & 0xFF, crc >> 8))
