"""The fields of a frame, against pymavlink's own packing and unpacking."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect

from dfr.fleet.mavlink.messages import MessageReader

NAMES = {message.msgname: number for number, message in dialect.mavlink_map.items()}
EVERYTHING = MessageReader(NAMES)
_RANGES = {"uint8_t": 8, "uint16_t": 16, "uint32_t": 32, "uint64_t": 64}


def packed(name: str, values: dict[str, Any]) -> bytes:
    message = dialect.mavlink_map[NAMES[name]](**values)
    return bytes(message.pack(dialect.MAVLink(None, srcSystem=7, srcComponent=1)))


def _one(kind: str) -> st.SearchStrategy[Any]:
    if kind in ("float", "double"):
        return st.floats(width=32, allow_nan=True, allow_infinity=False)
    if kind in _RANGES or kind == "uint8_t_mavlink_version":
        return st.integers(0, 2 ** _RANGES.get(kind, 8) - 1)
    bits = int(kind.removeprefix("int").removesuffix("_t"))
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


@st.composite
def a_message(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    name = draw(st.sampled_from(sorted(NAMES)))
    message = dialect.mavlink_map[NAMES[name]]
    lengths = dict(zip(message.ordered_fieldnames, message.array_lengths, strict=True))
    values: dict[str, Any] = {}
    for field, kind in zip(message.fieldnames, message.fieldtypes, strict=True):
        if field == "mavlink_version":
            continue
        if kind == "char":
            length = max(1, lengths[field])
            values[field] = draw(st.text("abc xyz-09", max_size=length)).encode()
        elif lengths[field]:
            values[field] = draw(st.lists(_one(kind), min_size=lengths[field], max_size=lengths[field]))
        else:
            values[field] = draw(_one(kind))
    return name, values


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


@given(a_message())
def test_every_message_is_read_as_it_was_packed(made: tuple[str, dict[str, Any]]) -> None:
    name, values = made
    read = EVERYTHING.read(packed(name, values))
    assert read is not None
    assert read[0] == name
    for field, value in values.items():
        if field == "param_value" and isinstance(value, bytes):
            assert bytes(read[1][field]).rstrip(b"\0") == value
        elif isinstance(value, bytes):
            assert read[1][field] == value.decode()
        else:
            assert read[1][field] == _plain(value), field


def test_what_is_not_wanted_is_not_read() -> None:
    frame = packed("SYSTEM_TIME", {"time_unix_usec": 1, "time_boot_ms": 1})
    assert MessageReader(["HEARTBEAT"]).read(frame) is None


def test_a_text_of_bytes_that_are_no_letters_is_still_read() -> None:
    read = EVERYTHING.read(packed("STATUSTEXT", {"severity": 2, "text": b"bad \xff text"}))
    assert read is not None
    assert read[1]["text"] == "bad \ufffd text"


def test_a_message_of_an_older_dialect_is_filled_up_with_zeros() -> None:
    """MAVLink 1 knows no extension fields."""
    message = dialect.MAVLink_command_ack_message(400, 0)
    frame = bytes(message.pack(dialect.MAVLink(None, srcSystem=7, srcComponent=1), force_mavlink1=True))
    assert frame[0] == 0xFE
    read = EVERYTHING.read(frame)
    assert read is not None
    assert read[1]["target_system"] == 0


def test_a_name_that_no_dialect_knows_is_a_mistake_here() -> None:
    with pytest.raises(KeyError):
        MessageReader(["NO_SUCH_MESSAGE"])
