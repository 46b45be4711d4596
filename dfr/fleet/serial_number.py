"""An autopilot's own number, as AUTOPILOT_VERSION tells it. Pure.

`uid2` is 18 bytes, written as hexadecimal digits; `uid` (64 bits) is the fallback of an autopilot that has no uid2
(MAVLink common.xml). Zeros at the end are not part of it.
"""

from collections.abc import Mapping
from typing import Any

LONGEST = 36


def normalised(text: str) -> str:
    """As it is compared. Raises ValueError, in a sentence, for what is no such number."""
    plain = text.strip().lower().removeprefix("0x").replace(":", "").replace(" ", "")
    if not plain or len(plain) > LONGEST or any(digit not in "0123456789abcdef" for digit in plain):
        raise ValueError(
            f"{text!r} is no autopilot's serial number: up to {LONGEST} hexadecimal digits, as AUTOPILOT_VERSION.uid2"
        )
    if not plain.strip("0"):
        raise ValueError("a serial number of zeros is every autopilot's that has none")
    return plain.rstrip("0")


def serial_number_of(fields: Mapping[str, Any]) -> str:
    """Of the fields of an AUTOPILOT_VERSION, normalised; "" when it tells none."""
    uid2 = bytes(fields.get("uid2") or ())
    if any(uid2):
        return uid2.hex().rstrip("0")
    uid = int(fields.get("uid") or 0)
    return f"{uid:016x}".rstrip("0") if uid else ""
