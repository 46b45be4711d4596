"""Frames are cut out of any stream, checked, numbered and addressed as pymavlink does it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect

from dfr.fleet.mavlink import frames
from dfr.fleet.mavlink.frames import Deframer

KEY = bytes(range(32))


def packer(signed: bool = False) -> dialect.MAVLink:
    made = dialect.MAVLink(None, srcSystem=7, srcComponent=1)
    made.signing.secret_key, made.signing.sign_outgoing = (KEY, True) if signed else (None, False)
    return made


def some_frames(signed: bool = False, version_1: bool = False) -> list[bytes]:
    made = packer(signed)
    messages = [
        dialect.MAVLink_heartbeat_message(2, 12, 81, 50593792, 4, 3),
        dialect.MAVLink_command_long_message(9, 1, 400, 0, 1.0, 0, 0, 0, 0, 0, 0),
        dialect.MAVLink_global_position_int_message(1, 322217000, -1109265000, 3, 4, 5, 6, 7, 8),
        dialect.MAVLink_statustext_message(6, b"hello"),
    ]
    return [bytes(message.pack(made, force_mavlink1=version_1)) for message in messages]


@pytest.mark.parametrize(("signed", "version_1"), [(False, False), (True, False), (False, True)])
def test_frames_of_both_versions_and_signed_ones_come_whole(signed: bool, version_1: bool) -> None:
    sent = some_frames(signed, version_1)
    assert list(Deframer().feed(b"".join(sent))) == sent
    assert [frames.message_id(frame) for frame in sent] == [0, 76, 33, 253]
    assert {frames.source_of(frame) for frame in sent} == {(7, 1)}
    assert [frames.target_of(frame) for frame in sent] == [0, 9, 0, 0]
    assert {frames.is_signed(frame) for frame in sent} == {signed}


@given(st.integers(0, 2**32), st.lists(st.binary(max_size=40), min_size=4, max_size=4))
def test_noise_and_any_cutting_lose_no_frame_but_those_that_noise_seemed_to_begin(
    seed: int, noise: list[bytes]
) -> None:
    sent = some_frames()
    quiet = [one.replace(b"\xfd", b"\x00").replace(b"\xfe", b"\x00") for one in noise]
    stream = b"".join(part for pair in zip(quiet, sent, strict=True) for part in pair)
    chance = random.Random(seed)
    deframer, came = Deframer(), []
    while stream:
        size = chance.randint(1, 30)
        came += deframer.feed(stream[:size])
        stream = stream[size:]
    assert came == sent
    assert deframer.noise_bytes == sum(map(len, quiet))


@given(st.binary(max_size=600))
def test_any_bytes_are_survived(data: bytes) -> None:
    deframer = Deframer()
    for frame in deframer.feed(data):
        assert frames.is_whole(frame)
    assert list(deframer.datagram(some_frames()[0] + b"\xfd\xff")) in ([some_frames()[0]], [])


def test_a_damaged_frame_is_left_out_and_the_next_one_found() -> None:
    first, second, *_ = some_frames()
    damaged = first[:12] + bytes((first[12] ^ 1,)) + first[13:]
    assert list(Deframer().feed(damaged + second)) == [second]


def test_the_rest_of_a_datagram_does_not_spoil_the_next() -> None:
    first, second, *_ = some_frames()
    deframer = Deframer()
    assert list(deframer.datagram(first[:-3])) == []
    assert list(deframer.datagram(second)) == [second]


def test_targets_are_where_the_dialect_packs_them() -> None:
    made = packer()
    for number, message in dialect.mavlink_map.items():
        if "target_system" in message.fieldnames:
            lengths = dict(zip(message.ordered_fieldnames, message.array_lengths, strict=True))
            kinds = dict(zip(message.fieldnames, message.fieldtypes, strict=True))
            values = [
                77 if name == "target_system" else b"x" if kinds[name] == "char" else [1] * lengths[name] or 1
                for name in message.fieldnames
            ]
            frame = bytes(message(*values).pack(made))
            assert frames.target_of(frame) == 77, number
            assert frames.is_whole(frame)


def test_a_renumbered_frame_is_the_same_message() -> None:
    frame = some_frames()[1]
    again = frames.renumbered(frame, 200, signed=False)
    message = packer().parse_char(again)
    assert message is not None
    assert (message.get_seq(), message.command, message.param1) == (200, 400, 1.0)
