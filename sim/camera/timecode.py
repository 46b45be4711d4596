"""A time code inside the picture: when the camera took it, readable by a machine from the decoded video.

Format (version 1). The lowest 1/36 of the picture's height is a bar of 64 blocks of equal width that spans the whole
width, so that it survives any scaling of the whole picture. A block is one bit: white is 1, black is 0. From left
to right, the most significant bit of each field first:

    bits  0..3   start pattern 1010; it also gives the reader its white and its black
    bits  4..45  UTC in milliseconds since 1970-01-01, 42 bits
    bits 46..55  frame counter modulo 1024, 10 bits
    bits 56..63  CRC-8 (polynomial 0x07, start value 0) of bits 0..55 taken as 7 bytes

To read it: take the row of pixels at (1 - 1/72) of the picture's height, and in it for block i the pixel at
(i + 0.5) / 64 of the width. The threshold is midway between the mean of blocks 0 and 2 and the mean of blocks 1 and
3, which must lie at least 64 of 255 apart. Check start pattern and CRC. Milliseconds = high 21 bits * 2097152 + low 21.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BLOCKS = 64
BAR_HEIGHT_FRACTION = 1 / 36
WHITE, BLACK = 235, 16
LEAST_CONTRAST = 64
_START = 0b1010
_COUNTER_MODULUS = 1 << 10
_TIME_MODULUS = 1 << 42


@dataclass(frozen=True, slots=True)
class TimeCode:
    """What one picture says of itself: UTC in milliseconds and its frame counter (modulo 1024)."""

    utc_ms: int
    frame: int


def crc8(data: bytes) -> int:
    """CRC-8 with polynomial x^8 + x^2 + x + 1, start value 0, not reflected (ITU-T I.432.1 without its final XOR)."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = ((value << 1) ^ 0x07) & 0xFF if value & 0x80 else value << 1
    return value


def to_bits(code: TimeCode) -> npt.NDArray[np.uint8]:
    """The 64 bits of the bar, shape (64,), values 0 and 1."""
    head = (_START << 52) | (code.utc_ms % _TIME_MODULUS) << 10 | code.frame % _COUNTER_MODULUS
    data = head.to_bytes(7, "big")
    return np.unpackbits(np.frombuffer(data + bytes([crc8(data)]), np.uint8))


def from_bits(bits: npt.NDArray[np.uint8]) -> TimeCode | None:
    """The time code in 64 bits; None when start pattern or CRC are wrong."""
    data = np.packbits(bits).tobytes()
    if data[0] >> 4 != _START or crc8(data[:7]) != data[7]:
        return None
    head = int.from_bytes(data[:7], "big")
    return TimeCode(utc_ms=head >> 10 & (_TIME_MODULUS - 1), frame=head & (_COUNTER_MODULUS - 1))


def bar_height_px(height_px: int) -> int:
    """How many of the lowest rows the bar takes."""
    return max(2, round(height_px * BAR_HEIGHT_FRACTION))


def encode(picture: npt.NDArray[np.uint8], code: TimeCode) -> None:
    """Draws the bar into the lowest rows of `picture`, in place; shape (height, width) or (height, width, channels)."""
    width_px = picture.shape[1]
    block_of_column = (np.arange(width_px) * 2 + 1) * BLOCKS // (2 * width_px)
    row = np.where(to_bits(code), WHITE, BLACK).astype(np.uint8)[block_of_column]
    bar = picture[-bar_height_px(picture.shape[0]) :]
    bar[:] = row if picture.ndim == 2 else row[:, None]


def decode(picture: npt.NDArray[np.uint8]) -> TimeCode | None:
    """The time code of a decoded picture, grey (height, width) or colour (height, width, channels).

    None when it cannot be read.
    """
    height_px, width_px = picture.shape[:2]
    row = picture[int(height_px * (1 - BAR_HEIGHT_FRACTION / 2))].astype(np.float32)
    grey = row if row.ndim == 1 else row.mean(axis=1)
    blocks = grey[((np.arange(BLOCKS) + 0.5) * width_px / BLOCKS).astype(int)]
    white, black = (blocks[0] + blocks[2]) / 2, (blocks[1] + blocks[3]) / 2
    if white - black < LEAST_CONTRAST:
        return None
    return from_bits((blocks > (white + black) / 2).astype(np.uint8))
