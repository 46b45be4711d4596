"""H.264 as it passes through: Annex B access units, parameter sets before every keyframe (ITU-T H.264, 7.3, B.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_START_CODE = b"\0\0\0\1"


class NalType(IntEnum):
    """Kinds of NAL unit (table 7-1) that browsers need; the others are left out on the way."""

    SLICE = 1
    PARTITION_A = 2
    PARTITION_B = 3
    PARTITION_C = 4
    IDR_SLICE = 5
    SEQUENCE_PARAMETERS = 7
    PICTURE_PARAMETERS = 8


_SLICES_WITH_HEADER = (NalType.SLICE, NalType.PARTITION_A, NalType.IDR_SLICE)
_PARAMETER_SETS = (NalType.SEQUENCE_PARAMETERS, NalType.PICTURE_PARAMETERS)
_PASSED = frozenset(NalType)


class BitReader:
    """Reads a raw byte sequence payload: bits and exponential-Golomb numbers (9.1). Raises ValueError past the end."""

    def __init__(self, nal: bytes) -> None:
        self._bits = nal.replace(b"\0\0\3", b"\0\0")
        self._position = 0

    def bits(self, count: int) -> int:
        value = 0
        for _ in range(count):
            index, shift = divmod(self._position, 8)
            if index >= len(self._bits):
                raise ValueError("The NAL unit ends in the middle of a field.")
            value = value << 1 | self._bits[index] >> (7 - shift) & 1
            self._position += 1
        return value

    def unsigned(self) -> int:
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("An exponential-Golomb number is longer than 32 bits.")
        return (1 << zeros) - 1 + self.bits(zeros)

    def signed(self) -> int:
        value = self.unsigned()
        return (value + 1) // 2 if value % 2 else -(value // 2)


@dataclass(frozen=True, slots=True)
class SequenceParameters:
    """What a sequence parameter set says of the picture. `profile_level_id` is as in RFC 6184, 8.1 (six hex digits)."""

    profile_level_id: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture, ready for a browser: Annex B, with parameter sets in front when it is a keyframe (IDR)."""

    data: bytes
    is_keyframe: bool


def split_nal_units(annex_b: bytes) -> Iterator[bytes]:
    """The NAL units between start codes, without trailing zeros."""
    start = annex_b.find(b"\0\0\1")
    while start >= 0:
        start += 3
        end = annex_b.find(b"\0\0\1", start)
        nal = annex_b[start : end if end >= 0 else len(annex_b)].rstrip(b"\0")
        if nal:
            yield nal
        start = end


def parse_sequence_parameters(nal: bytes) -> SequenceParameters:
    """Profile and size of the picture (7.3.2.1.1). Raises ValueError when it is cut short."""
    reader = BitReader(nal[1:])
    profile, constraints, level = reader.bits(8), reader.bits(8), reader.bits(8)
    reader.unsigned()
    chroma_format = 1
    if profile in (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135):
        chroma_format = _skip_high_profile_fields(reader)
    reader.unsigned()
    _skip_picture_order(reader)
    reader.unsigned()
    reader.bits(1)
    width_mb, height_map_units = reader.unsigned() + 1, reader.unsigned() + 1
    frames_only = reader.bits(1)
    if not frames_only:
        reader.bits(1)
    reader.bits(1)
    left = right = top = bottom = 0
    if reader.bits(1):
        left, right, top, bottom = (reader.unsigned() for _ in range(4))
    crop_x = 2 if chroma_format in (1, 2) else 1
    crop_y = (2 if chroma_format == 1 else 1) * (2 - frames_only)
    return SequenceParameters(
        profile_level_id=f"{profile:02x}{constraints:02x}{level:02x}",
        width_px=width_mb * 16 - crop_x * (left + right),
        height_px=height_map_units * 16 * (2 - frames_only) - crop_y * (top + bottom),
    )


def _skip_high_profile_fields(reader: BitReader) -> int:
    chroma_format = reader.unsigned()
    if chroma_format == 3:
        reader.bits(1)
    reader.unsigned()
    reader.unsigned()
    reader.bits(1)
    if reader.bits(1):
        for index in range(12 if chroma_format == 3 else 8):
            if reader.bits(1):
                _skip_scaling_list(reader, 16 if index < 6 else 64)
    return chroma_format


def _skip_scaling_list(reader: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + reader.signed()) % 256
        last = following or last


def _skip_picture_order(reader: BitReader) -> None:
    kind = reader.unsigned()
    if kind == 0:
        reader.unsigned()
    elif kind == 1:
        reader.bits(1)
        reader.signed()
        reader.signed()
        for _ in range(reader.unsigned()):
            reader.signed()


def is_b_slice(nal: bytes) -> bool:
    """Whether a slice is predicted from later pictures too (slice_type, table 7-6)."""
    if nal[0] & 0x1F not in _SLICES_WITH_HEADER:
        return False
    reader = BitReader(nal[1:16])
    reader.unsigned()
    return reader.unsigned() % 5 == 1


class UnplayableError(Exception):
    """The stream cannot be shown in a browser; the message is a sentence for people."""


class Assembler:
    """Turns a source's access units into what every joiner can decode.

    Remembers the parameter sets, whether they came in the stream or beside it (SDP), and puts them before each
    keyframe that lacks them. Delimiters, fillers and SEI messages are left out: browsers need none, and freeze on some.
    """

    def __init__(self, parameter_sets: bytes = b"") -> None:
        self.sequence_parameters: SequenceParameters | None = None
        self._sets: dict[tuple[int, int], bytes] = {}
        for nal in split_nal_units(parameter_sets):
            self._remember(nal)

    def assemble(self, annex_b: bytes) -> AccessUnit | None:
        """One access unit; None when nothing of it is a picture.

        Raises UnplayableError for B-frames, which browsers do not play live.
        """
        passed = [nal for nal in split_nal_units(annex_b) if nal[0] & 0x1F in _PASSED]
        for nal in passed:
            self._remember(nal)
            if _holds_b_frames(nal):
                raise UnplayableError(
                    "The camera sends B-frames, which browsers cannot play live; switch B-frames off in the camera "
                    "or its encoder (baseline profile, or low-latency tuning)."
                )
        pictures = [nal for nal in passed if nal[0] & 0x1F not in _PARAMETER_SETS]
        if not pictures:
            return None
        is_keyframe = any(nal[0] & 0x1F == NalType.IDR_SLICE for nal in pictures)
        if is_keyframe:
            passed = [*(self._sets[key] for key in sorted(self._sets)), *pictures]
        return AccessUnit(b"".join(_START_CODE + nal for nal in passed), is_keyframe)

    def _remember(self, nal: bytes) -> None:
        kind = nal[0] & 0x1F
        if kind not in _PARAMETER_SETS:
            return
        try:
            if kind == NalType.SEQUENCE_PARAMETERS:
                self.sequence_parameters = parse_sequence_parameters(nal)
                identity = _sequence_identity(nal)
            else:
                identity = BitReader(nal[1:]).unsigned()
        except ValueError:
            return  # a damaged parameter set: the one before stays
        self._sets[kind, identity] = nal


def _sequence_identity(nal: bytes) -> int:
    return BitReader(nal[4:]).unsigned()


def _holds_b_frames(nal: bytes) -> bool:
    try:
        return is_b_slice(nal)
    except ValueError:
        return False
