"""Users, sessions, tokens, links, and the slowing down of guessing."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from dfr.core.clock import ManualClock
from dfr.server.auth import Authenticator, Identity, IdentityKind, SignInRefused
from dfr.server.auth_store import Role
from dfr.server.throttle import FREE_FAILURES, LONGEST_WAIT_S, MAX_KEYS, Throttle
from tests.unit.server.world import QUICK_HASHER

PASSWORD = "correct horse battery"


class Gate:
    """An authenticator with one user, and its clock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ManualClock()
        self.auth = Authenticator(path, self.clock, idle_s=3600, lifetime_s=12 * 3600, hasher=QUICK_HASHER)
        self.auth.users.add("pat", PASSWORD, [Role.PILOT, Role.RTCC])

    def sign_in(self, password: str = PASSWORD, name: str = "pat", address: str = "10.0.0.1") -> tuple[str, Identity]:
        return asyncio.run(self.auth.sign_in(name, password, address))


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    made = Gate(tmp_path / "state" / "auth.sqlite")
    yield made
    made.auth.close()


def test_a_right_password_opens_a_session(gate: Gate) -> None:
    session_id, identity = gate.sign_in()
    assert (identity.name, identity.roles) == ("pat", {Role.PILOT, Role.RTCC})
    assert gate.auth.session(session_id) == identity


@pytest.mark.parametrize(("name", "password"), [("pat", "wrong"), ("nobody", PASSWORD), ("", ""), ("pat", "")])
def test_a_wrong_one_does_not_and_tells_nothing(gate: Gate, name: str, password: str) -> None:
    with pytest.raises(SignInRefused, match="do not belong together"):
        gate.sign_in(password, name)


def test_a_short_password_is_not_taken(gate: Gate) -> None:
    with pytest.raises(ValueError, match="12 characters"):
        gate.auth.users.add("sam", "short", [Role.VIEWER])


def test_no_secret_is_on_disk(gate: Gate) -> None:
    token, link = gate.auth.add_token("script", [Role.CAD]), gate.auth.add_link("sam", [Role.VIEWER])
    session_id, _ = gate.sign_in()
    stored = b"".join(file.read_bytes() for file in gate.path.parent.iterdir())
    for secret in (PASSWORD, token, link, session_id):
        assert secret.encode() not in stored
    assert b"$argon2id$" in stored


def test_only_the_owner_may_read_the_file(gate: Gate) -> None:
    assert gate.path.stat().st_mode & 0o077 == 0


def test_an_unused_session_ends_and_a_used_one_does_not_until_its_lifetime(gate: Gate) -> None:
    idle, _ = gate.sign_in()
    used, _ = gate.sign_in()
    for _ in range(23):
        gate.clock.advance(1800)
        assert gate.auth.session(used) is not None
    assert gate.auth.session(idle) is None
    gate.clock.advance(1800)
    assert gate.auth.session(used) is None


def test_an_open_connection_keeps_its_session_from_being_idle(gate: Gate) -> None:
    session_id, identity = gate.sign_in()
    for _ in range(4):
        gate.clock.advance(1800)
        assert gate.auth.still(identity)
    assert gate.auth.session(session_id) is not None


def test_sessions_outlive_a_restart(gate: Gate) -> None:
    session_id, identity = gate.sign_in()
    again = Authenticator(gate.path, gate.clock)
    assert again.session(session_id) == identity
    again.close()


def test_signing_out_ends_this_session_alone(gate: Gate) -> None:
    (here, identity), (there, _) = gate.sign_in(), gate.sign_in()
    gate.auth.sign_out(identity)
    assert gate.auth.session(here) is None
    assert gate.auth.session(there) is not None
    assert not gate.auth.still(identity)


def test_a_changed_or_removed_user_is_signed_out(gate: Gate) -> None:
    before, _ = gate.sign_in()
    gate.auth.users.add("pat", "another long password", [Role.VIEWER])
    assert gate.auth.session(before) is None
    after, identity = gate.sign_in("another long password")
    assert identity.roles == {Role.VIEWER}
    gate.auth.users.remove("pat")
    assert gate.auth.session(after) is None


def test_a_link_works_once_and_not_for_long(gate: Gate) -> None:
    link = gate.auth.add_link("sam", [Role.VIEWER], valid_s=60)
    _, identity = gate.auth.sign_in_by_link(link, "10.0.0.1")
    assert (identity.name, identity.roles, identity.kind) == ("sam", {Role.VIEWER}, IdentityKind.SESSION)
    with pytest.raises(SignInRefused, match="used already"):
        gate.auth.sign_in_by_link(link, "10.0.0.1")
    late = gate.auth.add_link("sam", [Role.VIEWER], valid_s=60)
    gate.clock.advance(60)
    with pytest.raises(SignInRefused, match="too old"):
        gate.auth.sign_in_by_link(late, "10.0.0.1")


def test_a_token_lasts_until_it_is_replaced_or_removed(gate: Gate) -> None:
    first = gate.auth.add_token("script", [Role.CAD])
    identity = gate.auth.token(first)
    assert identity is not None
    assert (identity.name, identity.kind, identity.expires_s) == ("script", IdentityKind.TOKEN, None)
    second = gate.auth.add_token("script", [Role.CAD, Role.VIEWER])
    assert gate.auth.token(first) is None
    assert not gate.auth.still(identity)
    gate.auth.remove_token("script")
    assert gate.auth.token(second) is None


def test_guessing_is_slowed_for_this_user_from_this_address(gate: Gate) -> None:
    for _ in range(FREE_FAILURES):
        with pytest.raises(SignInRefused, match="belong together"):
            gate.sign_in("wrong")
    with pytest.raises(SignInRefused, match="Too many") as caught:
        gate.sign_in()
    assert caught.value.retry_after_s == 1.0
    assert gate.sign_in(address="10.0.0.2")[1].name == "pat"
    gate.clock.advance(1.0)
    assert gate.sign_in()[1].name == "pat"
    assert gate.sign_in()[1].name == "pat"


def test_guesses_sent_all_at_once_do_not_slip_through(gate: Gate) -> None:
    async def flood() -> list[BaseException]:
        attempts = [gate.auth.sign_in("pat", "wrong", "10.0.0.1") for _ in range(20)]
        return [e for e in await asyncio.gather(*attempts, return_exceptions=True) if isinstance(e, BaseException)]

    tried = [error for error in asyncio.run(flood()) if "belong together" in str(error)]
    assert len(tried) == FREE_FAILURES


def test_a_closed_store_says_so(gate: Gate) -> None:
    gate.auth.close()
    with pytest.raises(sqlite3.Error):
        gate.auth.session("x")


def test_the_wait_doubles_up_to_the_longest_and_is_forgotten() -> None:
    throttle, now_s, waits = Throttle(), 0.0, []
    for _ in range(FREE_FAILURES + 12):
        throttle.failed("pat", now_s)
        waits.append(throttle.wait_s("pat", now_s))
        now_s += waits[-1]
    assert waits[: FREE_FAILURES + 2] == [0.0] * (FREE_FAILURES - 1) + [1.0, 2.0, 4.0]
    assert waits[-1] == LONGEST_WAIT_S
    assert throttle.wait_s("pat", now_s + 3601) == 0.0
    throttle.succeeded("pat")
    assert throttle.wait_s("pat", now_s) == 0.0


def test_the_throttle_forgets_the_oldest() -> None:
    throttle = Throttle()
    for key in range(MAX_KEYS + 1):
        for _ in range(FREE_FAILURES if key == 0 else 1):
            throttle.failed(key, 0.0)
    assert throttle.wait_s(0, 0.0) == 0.0
