"""MAVLink frames as bytes: cut out of a stream, checked, and made ready for a link. Pure.

Source: https://mavlink.io/en/guide/serialization.html (packet format, checksum with CRC_EXTRA).
"""

import struct
from collections.abc import Iterator

from fastcrc.crc16 import mcrf4xx
from pymavlink.dialects.v20 import all as dialect

MAGIC_1, MAGIC_2 = 0xFE, 0xFD
SIGNED = 0x01
"""MAVLINK_IFLAG_SIGNED, the only incompatibility flag that there is."""
HEADER_1, HEADER_2, CHECKSUM, SIGNATURE = 6, 10, 2, 13
LONGEST = HEADER_2 + 255 + CHECKSUM + SIGNATURE
HEARTBEAT_ID = 0
COMMAND_LONG_ID = 76
_COMMAND_LONG = struct.Struct("<f24xH")
"""Its first parameter and its command."""

_CRC_EXTRA: dict[int, int] = {number: message.crc_extra for number, message in dialect.mavlink_map.items()}


def _target_offset(message: type) -> int | None:
    """Where `target_system` stands in the payload."""
    names: list[str] = message.ordered_fieldnames  # type: ignore[attr-defined]
    if "target_system" not in names:
        return None
    layout: str = message.unpacker.format  # type: ignore[attr-defined]
    lengths: list[int] = message.array_lengths  # type: ignore[attr-defined]
    offset = 0
    kinds = layout.lstrip("<")
    position = 0
    for name, length in zip(names, lengths, strict=True):
        if name == "target_system":
            return offset
        digits = ""
        while kinds[position].isdigit():
            digits += kinds[position]
            position += 1
        if digits:
            offset += struct.calcsize(f"<{digits}{kinds[position]}")
            position += 1
        else:
            count = max(1, length)
            offset += struct.calcsize(f"<{kinds[position : position + count]}")
            position += count
    return None


_TARGET_OFFSET: dict[int, int] = {
    number: offset for number, message in dialect.mavlink_map.items() if (offset := _target_offset(message)) is not None
}


def message_id(frame: bytes) -> int:
    if frame[0] == MAGIC_1:
        return frame[5]
    return frame[7] | frame[8] << 8 | frame[9] << 16


def source_of(frame: bytes) -> tuple[int, int]:
    """System and component id of the sender."""
    return (frame[3], frame[4]) if frame[0] == MAGIC_1 else (frame[5], frame[6])


def target_of(frame: bytes) -> int:
    """The system id that it is meant for; 0 is everybody (also when the end of its payload was cut, being zero)."""
    offset = _TARGET_OFFSET.get(message_id(frame))
    header = HEADER_1 if frame[0] == MAGIC_1 else HEADER_2
    return 0 if offset is None or offset >= frame[1] else frame[header + offset]


def asks_who(frame: bytes) -> bool:
    """Whether it asks for AUTOPILOT_VERSION and nothing else."""
    if message_id(frame) != COMMAND_LONG_ID:
        return False
    fields = payload_of(frame).ljust(_COMMAND_LONG.size, b"\0")
    first, command = _COMMAND_LONG.unpack(fields[: _COMMAND_LONG.size])
    return bool(command == dialect.MAV_CMD_REQUEST_MESSAGE and first == dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION)


def payload_of(frame: bytes) -> bytes:
    """As it was sent: MAVLink 2 leaves out the zeros at its end."""
    header = HEADER_1 if frame[0] == MAGIC_1 else HEADER_2
    return frame[header : header + frame[1]]


def is_signed(frame: bytes) -> bool:
    return frame[0] == MAGIC_2 and bool(frame[2] & SIGNED)


def is_whole(frame: bytes) -> bool:
    """Whether its checksum is right. A message that no dialect knows is not."""
    extra = _CRC_EXTRA.get(message_id(frame))
    if extra is None:
        return False
    end = (HEADER_1 if frame[0] == MAGIC_1 else HEADER_2) + frame[1]
    return bool(mcrf4xx(frame[1:end] + bytes((extra,))) == frame[end] | frame[end + 1] << 8)


def renumbered(frame: bytes, sequence: int, signed: bool) -> bytes:
    """A MAVLink 2 frame with this sequence number and, for a signature to follow, its flag; without a signature."""
    end = HEADER_2 + frame[1]
    body = bytes((frame[1], SIGNED if signed else 0, frame[3], sequence)) + frame[5:end]
    return b"\xfd" + body + struct.pack("<H", mcrf4xx(body + bytes((_CRC_EXTRA[message_id(frame)],))))


def heartbeat_frame(system_id: int, component_id: int) -> bytes:
    """HEARTBEAT of a ground station, which an autopilot takes for its data link."""
    packer = dialect.MAVLink(None, srcSystem=system_id, srcComponent=component_id)
    message = dialect.MAVLink_heartbeat_message(
        dialect.MAV_TYPE_GCS, dialect.MAV_AUTOPILOT_INVALID, 0, 0, dialect.MAV_STATE_ACTIVE, 3
    )
    return bytes(message.pack(packer))


class Deframer:
    """Cuts one sender's bytes into whole frames; noise between them is left out and counted."""

    def __init__(self) -> None:
        self._waiting = b""
        self.noise_bytes = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Every frame that is complete now, with a right checksum."""
        buffer = self._waiting + data if self._waiting else data
        at, end = 0, len(buffer)
        while at < end:
            length = _length(buffer, at)
            if length is None or at + length > end:
                break
            frame = buffer[at : at + length]
            if length and is_whole(frame):
                yield frame
                at += length
            else:
                at = self._skip(buffer, at)
        self._waiting = buffer[at:]

    def datagram(self, data: bytes) -> Iterator[bytes]:
        """The whole frames of one datagram: none goes on in the next."""
        yield from self.feed(data)
        self.noise_bytes += len(self._waiting)
        self._waiting = b""

    def _skip(self, buffer: bytes, at: int) -> int:
        """The next byte after `at` where a frame may begin."""
        found = [i for i in (buffer.find(b"\xfd", at + 1), buffer.find(b"\xfe", at + 1)) if i >= 0]
        after = min(found, default=len(buffer))
        self.noise_bytes += after - at
        return after


def _length(buffer: bytes, at: int) -> int | None:
    """Of the frame that begins here: None when too little has come to tell, 0 when none begins here."""
    magic = buffer[at]
    if magic == MAGIC_2:
        if at + 3 > len(buffer):
            return None
        flags = buffer[at + 2]
        if flags & ~SIGNED:
            return 0
        return HEADER_2 + buffer[at + 1] + CHECKSUM + (SIGNATURE if flags & SIGNED else 0)
    if magic == MAGIC_1:
        return None if at + 2 > len(buffer) else HEADER_1 + buffer[at + 1] + CHECKSUM
    return 0
