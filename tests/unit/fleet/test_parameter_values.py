"""PARAM_VALUE frames, and asking for parameters until they have come."""

import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink

from dfr.fleet.mavlink.parameter_values import ASKS, ParameterValues, decode


def frame(name: str, value: float, kind: int) -> bytes:
    message = mavlink.MAVLink_param_value_message(name.encode(), value, kind, 900, 3)
    return bytes(message.pack(mavlink.MAVLink(None, srcSystem=7, srcComponent=1)))


def bits(value: int) -> float:
    return float(struct.unpack("<f", struct.pack("<i", value))[0])


@given(st.integers(0, 2**23))
def test_px4s_integers_are_the_bits_of_the_float_and_ardupilots_its_number(value: int) -> None:
    assert decode(frame("COM_DL_LOSS_T", bits(value), mavlink.MAV_PARAM_TYPE_INT32), True) == ("COM_DL_LOSS_T", value)
    assert decode(frame("FENCE_TYPE", float(value), mavlink.MAV_PARAM_TYPE_INT32), False) == ("FENCE_TYPE", value)


def test_minus_one_whose_bits_are_no_number() -> None:
    packed = frame("RTL_TYPE", 0.0, mavlink.MAV_PARAM_TYPE_INT32)
    minus_one = packed[:10] + b"\xff\xff\xff\xff" + packed[14:]
    assert decode(minus_one, True) == ("RTL_TYPE", -1)


def test_small_integers_and_full_names() -> None:
    assert decode(frame("A_NAME_OF_16_LET", 3.0, mavlink.MAV_PARAM_TYPE_INT8), False) == ("A_NAME_OF_16_LET", 3)
    signed = frame("X", 0.0, mavlink.MAV_PARAM_TYPE_INT8)
    assert decode(signed[:10] + b"\xfe\0\0\0" + signed[14:], True) == ("X", -2)
    assert decode(frame("X", 2.5, mavlink.MAV_PARAM_TYPE_REAL32), True) == ("X", 2.5)
    assert decode(frame("X", 2.5, mavlink.MAV_PARAM_TYPE_REAL64), True) is None


def test_it_is_asked_again_until_it_comes() -> None:
    async def scenario() -> None:
        asked: list[str] = []
        values = ParameterValues(asked.append)

        def ask_and_lose_two(name: str) -> None:
            asked.append(name)
            if len(asked) == 3:
                values.heard(frame("GF_SOURCE", bits(1), mavlink.MAV_PARAM_TYPE_INT32))
                values.heard(frame("GF_ACTION", bits(3), mavlink.MAV_PARAM_TYPE_INT32))

        values._ask = ask_and_lose_two
        assert await values.read("GF_ACTION", 0.3) == 3
        assert asked == ["GF_ACTION"] * 3

    asyncio.run(scenario())


def test_two_who_ask_for_one_both_hear() -> None:
    async def scenario() -> None:
        values = ParameterValues(lambda _: None)
        one, two = (asyncio.create_task(values.read("GF_ACTION", 5.0)) for _ in range(2))
        await asyncio.sleep(0)
        values.heard(frame("GF_ACTION", bits(3), mavlink.MAV_PARAM_TYPE_INT32))
        assert (await one, await two) == (3, 3)

    asyncio.run(scenario())


def test_silence_ends_it_after_every_ask() -> None:
    async def scenario() -> None:
        asked: list[str] = []
        values = ParameterValues(asked.append)
        with pytest.raises(TimeoutError):
            await values.read("GF_ACTION", 0.05)
        assert len(asked) == ASKS
        assert not values._waiting

    asyncio.run(scenario())


def test_who_gives_up_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        values = ParameterValues(lambda _: None)
        reading = asyncio.create_task(values.read("GF_ACTION", 5.0))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert not values._waiting
        values.heard(frame("GF_ACTION", bits(3), mavlink.MAV_PARAM_TYPE_INT32))

    asyncio.run(scenario())
