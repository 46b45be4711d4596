"""MAVLink 2 signing of a simulated aircraft: pymavlink's, with the key that the aircraft was given.

Source: https://mavlink.io/en/guide/message_signing.html. What is not signed with the key, or comes a second time, is
not heard at all, so a stranger's command is not even answered; RADIO_STATUS is let through, as the guide says.
"""

import hashlib
import os
import time
from collections.abc import Mapping
from typing import Any

from pymavlink.dialects.v20 import common as mavlink

KEY_VARIABLE = "DFR_MAVLINK_KEY"
EPOCH_S = 1420070400
UNITS_A_SECOND = 100_000


def key_of_environment(environment: Mapping[str, str] = os.environ) -> bytes | None:
    """The service's key: 64 hexadecimal digits, or a passphrase whose SHA-256 it is; None when there is none."""
    text = environment.get(KEY_VARIABLE, "").strip()
    if not text:
        return None
    if len(text) == 64:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass  # a passphrase of 64 characters
    return hashlib.sha256(text.encode()).digest()


def sign(codec: Any, key: bytes) -> None:
    """Let `codec` (a pymavlink MAVLink) sign what it packs and refuse what is not signed."""
    signing = codec.signing
    signing.secret_key = key
    signing.sign_outgoing = True
    signing.timestamp = round((time.time() - EPOCH_S) * UNITS_A_SECOND)
    signing.allow_unsigned_callback = lambda _, number: number == mavlink.MAVLINK_MSG_ID_RADIO_STATUS
    check = codec.check_signature

    def checked(frame: bytearray, system: int, component: int) -> bool:
        """pymavlink remembers the time of a frame before it has checked it: a forged one would shut others out."""
        streams = dict(signing.stream_timestamps)
        good = bool(check(frame, system, component))
        if not good:
            signing.stream_timestamps = streams
        return good

    codec.check_signature = checked
