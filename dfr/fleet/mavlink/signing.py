"""MAVLink 2 signing: our frames are signed, an aircraft's are believed only when they are.

Source: https://mavlink.io/en/guide/message_signing.html. A signature is the first 48 bits of the SHA-256 of key, frame,
link id and timestamp; timestamps count 10 microseconds since 2015-01-01 and only ever rise, on each stream of sender
and link.
"""

import hashlib
import struct
import threading
from pathlib import Path

from dfr.fleet.mavlink.frames import SIGNATURE, is_signed, message_id, renumbered, source_of
from dfr.fleet.signing_key import KeyFault

EPOCH_S = 1420070400
"""2015-01-01 00:00:00 UTC."""
UNITS_A_SECOND = 100_000
STALEST_NEW_STREAM = 60 * UNITS_A_SECOND
"""A stream that is heard for the first time may be at most a minute behind us."""
STORED_AHEAD_S = 60
"""What is stored is ahead of what was sent by up to this, so that a start after a crash reuses no timestamp."""
UNSIGNED_ALLOWED = frozenset({109})
"""RADIO_STATUS: made by the radio itself, which has no key; it moves nothing."""


def timestamp_of(time_s: float) -> int:
    """Of a UTC time."""
    return round((time_s - EPOCH_S) * UNITS_A_SECOND)


def signature(key: bytes, frame: bytes) -> bytes:
    """`frame` with its link id and timestamp."""
    return hashlib.sha256(key + frame).digest()[:6]


class TimestampStore:
    """The last timestamp over restarts, in a file that is written at most once a minute, ahead of what it allows."""

    def __init__(self, path: Path) -> None:
        """Raises KeyFault for a file that holds something else."""
        self._path = path
        try:
            self.reserved = int(path.read_text()) if path.exists() else 0
        except (OSError, ValueError) as error:
            raise KeyFault(
                f"{path} does not hold the last MAVLink timestamp ({error}). Remove it if the machine's clock is right."
            ) from error

    def reserve(self, timestamp: int) -> None:
        """Allow timestamps up to this one, on the disk before they are used."""
        if timestamp <= self.reserved:
            return
        self.reserved = timestamp + STORED_AHEAD_S * UNITS_A_SECOND
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        beside.write_text(str(self.reserved))
        beside.replace(self._path)


class Signer:
    """One site's key. Thread-safe."""

    def __init__(self, key: bytes, store: TimestampStore | None = None, now_s: float = 0.0) -> None:
        """`now_s` is UTC; the first timestamp is the later of it and what was used before."""
        self._key = key
        self._store = store
        self._lock = threading.Lock()
        self._last = max(timestamp_of(now_s), store.reserved if store is not None else 0)
        self._streams: dict[tuple[int, int, int], int] = {}

    def sign(self, frame: bytes, sequence: int, link_id: int, now_s: float) -> bytes:
        """The frame as it goes on the wire."""
        with self._lock:
            self._last = max(self._last + 1, timestamp_of(now_s))
            if self._store is not None:
                self._store.reserve(self._last)
            body = renumbered(frame, sequence, signed=True)
            body += bytes((link_id,)) + struct.pack("<Q", self._last)[:6]
            return body + signature(self._key, body)

    def problem(self, frame: bytes) -> str:
        """Why a frame is not believed, "" when it is: "unsigned", "wrongly signed" or "replayed"."""
        if not is_signed(frame):
            return "" if message_id(frame) in UNSIGNED_ALLOWED else "unsigned"
        if signature(self._key, frame[:-6]) != frame[-6:]:
            return "wrongly signed"
        timestamp = int.from_bytes(frame[-SIGNATURE + 1 : -6], "little")
        stream = (*source_of(frame), frame[-SIGNATURE])
        with self._lock:
            known = self._streams.get(stream)
            if timestamp <= known if known is not None else timestamp + STALEST_NEW_STREAM < self._last:
                return "replayed"
            self._streams[stream] = timestamp
            self._last = max(self._last, timestamp)
        return ""
