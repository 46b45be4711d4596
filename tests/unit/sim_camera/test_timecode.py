"""The time code in the picture: exact when read, None when damaged, robust to scaling and to hard compression."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.camera import timecode
from sim.camera.encoder import H264Encoder, VideoFormat
from sim.camera.timecode import TimeCode
from tests.unit.sim_camera.pictures import decoded, scenery

NOW = TimeCode(1_795_233_664_031, 665)
CODES = st.builds(TimeCode, st.integers(0, (1 << 42) - 1), st.integers(0, 1023))


def test_the_checksum_is_the_standard_one() -> None:
    assert timecode.crc8(b"123456789") == 0xF4


@given(CODES)
def test_what_is_written_is_read(code: TimeCode) -> None:
    assert timecode.from_bits(timecode.to_bits(code)) == code


@given(CODES, st.integers(0, 63), st.integers(0, 63))
def test_one_or_two_wrong_blocks_are_noticed(code: TimeCode, first: int, second: int) -> None:
    bits = timecode.to_bits(code)
    for index in {first, second}:
        bits[index] ^= 1
    assert timecode.from_bits(bits) is None


@pytest.mark.parametrize("size", [(960, 540), (1280, 720), (1920, 1080), (640, 360), (426, 240)])
def test_it_survives_scaling(size: tuple[int, int]) -> None:
    picture = scenery()
    timecode.encode(picture, NOW)
    assert timecode.decode(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)) == NOW
    assert timecode.decode(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)) == NOW


def test_it_survives_a_low_bit_rate() -> None:
    video = VideoFormat(bits_per_second=300_000)
    encoder, units, codes = H264Encoder(video), [], []
    for number in range(2 * video.frames_per_second):
        picture = scenery(shift_px=number * 7)
        codes.append(TimeCode(NOW.utc_ms + number * 50, number))
        timecode.encode(picture, codes[-1])
        unit = encoder.encode(picture, number * 4500, 0.0)
        assert unit is not None
        units.append(unit)
    assert [timecode.decode(grey) for grey in decoded(units)] == codes


def test_a_picture_without_a_bar_has_no_time() -> None:
    assert timecode.decode(scenery()) is None
    assert timecode.decode(np.zeros((540, 960), np.uint8)) is None
