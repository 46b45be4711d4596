"""Sign-in: passwords, one-time links, sessions and bearer tokens become an Identity with roles."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dfr.core.clock import Clock
from dfr.server.auth_store import AuthStore, Holder, Role, SessionRow, digest
from dfr.server.throttle import Throttle

IDLE_S = 3600.0
"""A session that asks nothing for this long has ended. An open live socket counts as asking."""
LIFETIME_S = 12 * 3600.0
"""A session's longest life: a shift."""
LINK_S = 600.0
_TOUCH_S = 60.0
"""Sessions are marked as seen at most this often, so that reading is not writing."""
_HASHES_AT_ONCE = 2
"""Each argon2 verification takes 64 MiB and a core for a while: a flood of sign-ins waits instead of swamping us."""


class IdentityKind(StrEnum):
    SESSION = "session"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking. `digest` names the session or token it came with; `expires_s` is None for a token."""

    name: str
    roles: frozenset[Role]
    kind: IdentityKind
    digest: str
    expires_s: float | None

    def may(self, allowed: Iterable[Role]) -> bool:
        return not self.roles.isdisjoint(allowed)


class SignInRefused(Exception):
    """No sign-in. `retry_after_s` is set when too many have failed."""

    def __init__(self, sentence: str, retry_after_s: float | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after_s = retry_after_s


class UserStore:
    """Users with argon2id password hashes."""

    def __init__(self, store: AuthStore, hasher: PasswordHasher) -> None:
        self._store = store
        self._hasher = hasher
        self._nobody = self._hasher.hash("nobody has this password")
        self._turn = asyncio.Semaphore(_HASHES_AT_ONCE)

    def add(self, name: str, password: str, roles: Iterable[Role]) -> None:
        """Add a user, or give one a new password and roles. Raises ValueError for a password below 12 characters."""
        if len(password) < 12:
            raise ValueError("A password needs at least 12 characters.")
        self._store.put_user(name, self._hasher.hash(password), roles)

    def remove(self, name: str) -> None:
        self._store.remove_user(name)

    async def verify(self, name: str, password: str) -> Holder | None:
        """The user when the password is right. An unknown name takes as long as a wrong password."""
        found = self._store.user(name)
        password_hash = self._nobody if found is None else found[0]
        async with self._turn:
            right = await asyncio.to_thread(self._matches, password_hash, password)
        if not right or found is None:
            return None
        if self._hasher.check_needs_rehash(password_hash):
            self._store.rehash_user(name, await asyncio.to_thread(self._hasher.hash, password))
        return found[1]

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


class Authenticator:
    """Every way in. `path` is the SQLite file, in the state directory."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        idle_s: float = IDLE_S,
        lifetime_s: float = LIFETIME_S,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._store = AuthStore(path)
        self._clock = clock
        self._idle_s = idle_s
        self._lifetime_s = lifetime_s
        self._throttle = Throttle()
        self.users = UserStore(self._store, hasher or PasswordHasher())

    def close(self) -> None:
        self._store.close()

    def add_token(self, name: str, roles: Iterable[Role]) -> str:
        """A new bearer token, shown this once; an older one of the same name ends."""
        return self._store.put_token(name, roles)

    def remove_token(self, name: str) -> None:
        self._store.remove_token(name)

    def add_link(self, name: str, roles: Iterable[Role], valid_s: float = LINK_S) -> str:
        """The secret of a one-time sign-in link: `/sign-in?link=<secret>`."""
        return self._store.put_link(name, roles, self._clock.now_s() + valid_s)

    async def sign_in(self, name: str, password: str, address: str) -> tuple[str, Identity]:
        """(session id, who) for a right password. Raises SignInRefused."""
        key = (name, address)
        self._wait_is_over(key)
        # Counted before the slow check, so that many attempts sent at once do not all slip through.
        self._throttle.failed(key, self._clock.now_s())
        holder = await self.users.verify(name, password)
        if holder is None:
            raise SignInRefused("This name and password do not belong together. Check both and try again.")
        self._throttle.succeeded(key)
        return self._open(holder)

    def sign_in_by_link(self, link: str, address: str) -> tuple[str, Identity]:
        """(session id, who) for an unused link. Raises SignInRefused."""
        key = ("", address)
        self._wait_is_over(key)
        holder = self._store.take_link(link, self._clock.now_s())
        if holder is None:
            self._throttle.failed(key, self._clock.now_s())
            raise SignInRefused("This sign-in link was used already or is too old. Ask for a new one.")
        return self._open(holder)

    def session(self, session_id: str) -> Identity | None:
        """Who the session belongs to; None when it is unknown or has ended."""
        row = self._living(digest(session_id))
        return None if row is None else _identity(row)

    def token(self, token: str) -> Identity | None:
        token_digest = digest(token)
        holder = self._store.token(token_digest)
        if holder is None:
            return None
        return Identity(holder.name, holder.roles, IdentityKind.TOKEN, token_digest, None)

    def still(self, identity: Identity) -> bool:
        """Whether the session or token is still good; for long connections, which this keeps from being idle."""
        if identity.kind is IdentityKind.SESSION:
            return self._living(identity.digest) is not None
        return self._store.token(identity.digest) is not None

    def sign_out(self, identity: Identity) -> None:
        """End the session; a token stays."""
        if identity.kind is IdentityKind.SESSION:
            self._store.remove_session(identity.digest)

    def _open(self, holder: Holder) -> tuple[str, Identity]:
        now_s = self._clock.now_s()
        expires_s = now_s + self._lifetime_s
        session_id = self._store.put_session(holder, now_s, expires_s)
        return session_id, Identity(holder.name, holder.roles, IdentityKind.SESSION, digest(session_id), expires_s)

    def _living(self, session_digest: str) -> SessionRow | None:
        row = self._store.session(session_digest)
        if row is None:
            return None
        now_s = self._clock.now_s()
        if now_s >= row.expires_s or now_s - row.seen_s >= self._idle_s:
            self._store.remove_session(session_digest)
            return None
        if now_s - row.seen_s >= min(_TOUCH_S, self._idle_s / 2):
            self._store.touch_session(session_digest, now_s)
        return row

    def _wait_is_over(self, key: tuple[str, str]) -> None:
        wait_s = self._throttle.wait_s(key, self._clock.now_s())
        if wait_s > 0:
            raise SignInRefused(f"Too many sign-ins failed here. Try again in {wait_s:.0f} s.", wait_s)


def _identity(row: SessionRow) -> Identity:
    return Identity(row.name, row.roles, IdentityKind.SESSION, row.digest, row.expires_s)
