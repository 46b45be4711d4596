"""MAVLink 2 signing, against pymavlink's own, and the site's key."""

import hashlib
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import all as dialect

from dfr.fleet.mavlink.signing import UNITS_A_SECOND, Signer, TimestampStore, timestamp_of
from dfr.fleet.signing_key import KEY_VARIABLE, KeyFault, key_of, load_key

KEY = bytes(range(32))
NOW_S = 1_800_000_000.0
HEARTBEAT = dialect.MAVLink_heartbeat_message(2, 12, 81, 50593792, 4, 3)


def frame_of(message: dialect.MAVLink_message, key: bytes | None, timestamp: int = 0, link_id: int = 0) -> bytes:
    made = dialect.MAVLink(None, srcSystem=7, srcComponent=1)
    if key is not None:
        made.signing.secret_key, made.signing.sign_outgoing = key, True
        made.signing.timestamp, made.signing.link_id = timestamp, link_id
    return bytes(message.pack(made))


def test_pymavlink_believes_what_is_signed_here_and_nothing_twice() -> None:
    other = dialect.MAVLink(None, srcSystem=1, srcComponent=1)
    other.robust_parsing = True
    other.signing.secret_key, other.signing.timestamp = KEY, timestamp_of(NOW_S)
    signed = Signer(KEY, now_s=NOW_S).sign(frame_of(HEARTBEAT, None), 5, 2, NOW_S)
    (message,) = other.parse_buffer(signed)
    assert (message.get_type(), message.get_seq(), message.get_link_id()) == ("HEARTBEAT", 5, 2)
    (again,) = other.parse_buffer(signed)
    assert again.get_type() == "BAD_DATA"


def test_only_what_carries_the_sites_key_once_is_believed() -> None:
    signer = Signer(KEY, now_s=NOW_S)
    now = timestamp_of(NOW_S)
    good = frame_of(HEARTBEAT, KEY, now)
    assert signer.problem(frame_of(HEARTBEAT, None)) == "unsigned"
    assert signer.problem(frame_of(HEARTBEAT, bytes(31) + b"x", now + 9_999_999)) == "wrongly signed"
    assert signer.problem(good) == "", "a wrong signature with a later time has shut nobody out"
    assert signer.problem(good) == "replayed"
    assert signer.problem(frame_of(HEARTBEAT, KEY, now + 5)) == ""
    assert signer.problem(frame_of(HEARTBEAT, KEY, now + 4)) == "replayed"
    assert signer.problem(frame_of(HEARTBEAT, KEY, now, link_id=1)) == "", "each link counts for itself"


def test_a_new_stream_may_be_a_minute_behind_and_no_more() -> None:
    now = timestamp_of(NOW_S)
    assert Signer(KEY, now_s=NOW_S).problem(frame_of(HEARTBEAT, KEY, now - 59 * UNITS_A_SECOND)) == ""
    assert Signer(KEY, now_s=NOW_S).problem(frame_of(HEARTBEAT, KEY, now - 61 * UNITS_A_SECOND)) == "replayed"


def test_a_radios_own_status_needs_no_signature() -> None:
    status = dialect.MAVLink_radio_status_message(200, 200, 90, 10, 10, 0, 0)
    assert Signer(KEY, now_s=NOW_S).problem(frame_of(status, None)) == ""


def test_timestamps_rise_over_restarts_and_over_a_clock_that_was_set_back(tmp_path: Path) -> None:
    path = tmp_path / "state" / "mavlink_timestamp"
    plain = frame_of(HEARTBEAT, None)

    def stamp(signed: bytes) -> int:
        return int.from_bytes(signed[-12:-6], "little")

    first = Signer(KEY, TimestampStore(path), NOW_S)
    stamps = [stamp(first.sign(plain, 0, 0, NOW_S)) for _ in range(3)]
    assert stamps == sorted(set(stamps))
    set_back_s = NOW_S - 3600.0
    second = Signer(KEY, TimestampStore(path), set_back_s)
    stamps += [stamp(second.sign(plain, 0, 0, set_back_s)) for _ in range(3)]
    assert stamps == sorted(set(stamps))
    path.write_text("yesterday")
    with pytest.raises(KeyFault, match="does not hold the last MAVLink timestamp"):
        TimestampStore(path)


def test_a_key_is_written_as_digits_or_as_a_passphrase() -> None:
    assert key_of(KEY.hex() + "\n") == KEY
    assert key_of("correct horse battery") == hashlib.sha256(b"correct horse battery").digest()
    for text, why in (("short", "5 characters"), ("0" * 64, "all zeros")):
        with pytest.raises(KeyFault, match=why):
            key_of(text)


def test_a_key_file_is_for_the_service_alone(tmp_path: Path) -> None:
    file = tmp_path / "mavlink.key"
    assert load_key({}, None) is None
    assert load_key({KEY_VARIABLE: KEY.hex()}, None) == KEY
    with pytest.raises(KeyFault, match="cannot be read"):
        load_key({}, file)
    file.write_text(KEY.hex())
    file.chmod(0o640)
    with pytest.raises(KeyFault, match="open to others of this machine; close it: chmod 600"):
        load_key({}, file)
    file.chmod(0o600)
    assert load_key({}, file) == KEY
    with pytest.raises(KeyFault, match="two MAVLink keys"):
        load_key({KEY_VARIABLE: KEY.hex()}, file)
