"""The site's MAVLink key: from the environment or from a file that nobody else can read."""

import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

KEY_VARIABLE = "DFR_MAVLINK_KEY"
KEY_BYTES = 32
LEAST_PASSPHRASE = 12


class KeyFault(Exception):
    """What is wrong with the key, in a sentence."""


def key_of(text: str) -> bytes:
    """64 hexadecimal digits are the key itself; anything else is a passphrase, and its SHA-256 the key, as ground
    stations do it. Raises KeyFault."""
    text = text.strip()
    if len(text) == 2 * KEY_BYTES and all(digit in "0123456789abcdefABCDEF" for digit in text):
        key = bytes.fromhex(text)
        if not any(key):
            raise KeyFault("The MAVLink key is all zeros, which means no key; make one with `dfr signing new`.")
        return key
    if len(text) < LEAST_PASSPHRASE:
        raise KeyFault(
            f"The MAVLink key has {len(text)} characters; write 64 hexadecimal digits or "
            f"a passphrase of at least {LEAST_PASSPHRASE}."
        )
    return hashlib.sha256(text.encode()).digest()


def new_key_file(file: Path) -> None:
    """Raises OSError, also for a file that is there already: a key that aircraft have is not overwritten."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(secrets.token_hex(KEY_BYTES) + "\n")


def load_key(environment: Mapping[str, str], file: Path | None) -> bytes | None:
    """The site's key, None when it has none. Raises KeyFault, also for a file that others may read."""
    given = environment.get(KEY_VARIABLE, "")
    if given and file is not None:
        raise KeyFault(f"There are two MAVLink keys: {KEY_VARIABLE} and {file}. Keep one of them.")
    if file is None:
        return key_of(given) if given else None
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFault(f"The MAVLink key file {file} cannot be read: {error}.") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFault(f"The MAVLink key file {file} is open to others of this machine; close it: chmod 600 {file}")
    return key_of(text)
