"""The fields of a MAVLink frame, by the dialect's own tables. Pure.

The driver reads what it hears here, and not by mavsdk, which hands each message over as a JSON text: with 200 aircraft
that took more than a whole core. Source: https://mavlink.io/en/guide/serialization.html (payload).
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pymavlink.dialects.v20 import all as dialect

from dfr.fleet.mavlink.frames import message_id, payload_of

_BYTES = "param_value"
"""Of the extended parameters: declared as characters, but any bytes (https://mavlink.io/en/services/parameter_ext.html)."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How one message's payload is cut into fields; `cuts` has name, first value, number of values (0: a scalar)."""

    name: str
    whole: struct.Struct
    cuts: tuple[tuple[str, int, int], ...]
    reals: frozenset[str]
    """The fields that are or hold floating-point numbers."""
    texts: frozenset[str]

    def read(self, payload: bytes) -> dict[str, Any]:
        size = self.whole.size
        values = self.whole.unpack(payload if len(payload) == size else payload.ljust(size, b"\0")[:size])
        fields: dict[str, Any] = {}
        for name, at, count in self.cuts:
            fields[name] = values[at] if not count else list(values[at : at + count])
        for name in self.reals:
            fields[name] = _finite(fields[name])
        for name in self.texts:
            fields[name] = list(fields[name]) if name == _BYTES else _text(fields[name])
        return fields


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return value if value == value else None


def _text(value: bytes) -> str:
    return value.split(b"\0", 1)[0].decode("utf-8", "replace")


def _layout(message: Any) -> _Layout:
    kinds = dict(zip(message.fieldnames, message.fieldtypes, strict=True))
    cuts, at = [], 0
    for name, array in zip(message.ordered_fieldnames, message.array_lengths, strict=True):
        text = kinds[name] == "char"
        cuts.append((name, at, 0 if text else array))
        at += 1 if text else max(1, array)
    return _Layout(
        message.msgname,
        message.unpacker,
        tuple(cuts),
        frozenset(name for name, kind in kinds.items() if kind in ("float", "double")),
        frozenset(name for name, kind in kinds.items() if kind == "char"),
    )


_NUMBERS: dict[str, int] = {message.msgname: number for number, message in dialect.mavlink_map.items()}


class MessageReader:
    """Reads the messages of some names and no others."""

    def __init__(self, names: Iterable[str]) -> None:
        self._layouts = {_NUMBERS[name]: _layout(dialect.mavlink_map[_NUMBERS[name]]) for name in names}

    def read(self, frame: bytes) -> tuple[str, dict[str, Any]] | None:
        """Name and fields of a whole frame; None for a message that is not wanted.

        Numbers are as on the wire, a NaN is None, a text ends at its first zero, an array is a list; the value of an
        extended parameter is a list of bytes.
        """
        layout = self._layouts.get(message_id(frame))
        return None if layout is None else (layout.name, layout.read(payload_of(frame)))
