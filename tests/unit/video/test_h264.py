"""What passes through: NAL units, parameter sets, sizes and B-frames, against what x264 really writes."""

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfr.video.h264 import Assembler, UnplayableError, is_b_slice, parse_sequence_parameters, split_nal_units


def encode(width: int, height: int, profile: str = "baseline", frames: int = 6, **options: str) -> list[bytes]:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(25), Fraction(1, 25)
    encoder.options = {"preset": "ultrafast", "profile": profile, **options}
    packets = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), number * 20, np.uint8), format="rgb24")
        frame.pts = number
        packets += encoder.encode(frame)
    return [bytes(packet) for packet in packets + encoder.encode(None)]


def kinds(annex_b: bytes) -> list[int]:
    return [nal[0] & 0x1F for nal in split_nal_units(annex_b)]


nal_bodies = st.binary(min_size=1, max_size=40).map(
    lambda body: bytes(byte or 1 for byte in body)  # no start code inside, as emulation prevention guarantees
)


@settings(deadline=None)
@given(st.lists(nal_bodies, max_size=8), st.booleans())
def test_nal_units_come_apart_as_they_were_put_together(nals: list[bytes], long_codes: bool) -> None:
    code = b"\0\0\0\1" if long_codes else b"\0\0\1"
    assert list(split_nal_units(b"".join(code + nal for nal in nals))) == nals


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_taken_without_harm(data: bytes) -> None:
    try:
        unit = Assembler(data).assemble(data)
    except UnplayableError:
        return
    assert unit is None or unit.data.startswith(b"\0\0\0\1")


@pytest.mark.parametrize(("width", "height"), [(320, 240), (1280, 720), (1920, 1080), (642, 362), (128, 96)])
@pytest.mark.parametrize(("profile", "identity"), [("baseline", "42"), ("main", "4d"), ("high", "64")])
def test_size_and_profile_are_read_from_real_parameter_sets(
    width: int, height: int, profile: str, identity: str
) -> None:
    options = {"8x8dct": "1"} if profile == "high" else {}
    options |= {"coder": "ac"} if profile == "main" else {}
    sequence = next(nal for nal in split_nal_units(encode(width, height, profile, 1, **options)[0]) if nal[0] & 31 == 7)
    parameters = parse_sequence_parameters(sequence)
    assert (parameters.width_px, parameters.height_px) == (width, height)
    assert parameters.profile_level_id.startswith(identity)


def test_a_cut_parameter_set_is_refused_and_the_one_before_stays() -> None:
    sequence = next(nal for nal in split_nal_units(encode(320, 240)[0]) if nal[0] & 31 == 7)
    with pytest.raises(ValueError, match="ends in the middle"):
        parse_sequence_parameters(sequence[:4])
    assembler = Assembler(b"\0\0\0\1" + sequence)
    assembler.assemble(b"\0\0\0\1" + sequence[:4])
    assert assembler.sequence_parameters == parse_sequence_parameters(sequence)


def test_parameter_sets_from_beside_the_stream_go_before_every_keyframe() -> None:
    first, *_ = encode(320, 240)
    sets = b"".join(b"\0\0\0\1" + nal for nal in split_nal_units(first) if nal[0] & 31 in (7, 8))
    picture = b"".join(b"\0\0\0\1" + nal for nal in split_nal_units(first) if nal[0] & 31 == 5)
    assembler = Assembler(sets)
    for _ in range(2):
        unit = assembler.assemble(picture)
        assert unit is not None
        assert unit.is_keyframe
        assert kinds(unit.data)[:3] == [7, 8, 5]


def test_only_what_browsers_need_is_passed() -> None:
    units = encode(320, 240, **{"x264-params": "aud=1"})
    assert {6, 9} <= set(kinds(units[0])), "the encoder was asked for delimiters and writes an SEI message"
    assembler = Assembler()
    passed = [assembler.assemble(unit) for unit in units]
    assert set().union(*(kinds(unit.data) for unit in passed if unit)) <= {1, 5, 7, 8}
    assert [unit.is_keyframe for unit in passed if unit] == [True] + [False] * 5


def test_an_access_unit_without_a_picture_is_nothing() -> None:
    assert Assembler().assemble(b"\0\0\0\1\x09\x10") is None


def test_b_frames_are_refused_with_a_sentence() -> None:
    units = encode(320, 240, "main", 12, bf="2", b_strategy="0", coder="ac")
    assembler = Assembler()
    with pytest.raises(UnplayableError, match="B-frames"):
        list(map(assembler.assemble, units))


def test_streams_without_b_frames_have_no_b_slice() -> None:
    units = encode(320, 240, "high", 12, bf="0", coder="ac")
    assert not any(is_b_slice(nal) for unit in units for nal in split_nal_units(unit))
