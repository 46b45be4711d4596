"""Who may come in, on disk: users, bearer tokens, one-time links and sessions in one SQLite file.

Secrets are never stored: passwords as argon2id hashes, tokens, links and session ids (256 random bits each, so no
salt is needed) as SHA-256. Sessions are on disk so that a restart with aircraft in the air signs no pilot out.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, password_hash TEXT NOT NULL, roles TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (name TEXT PRIMARY KEY, digest TEXT NOT NULL UNIQUE, roles TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS links (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, expires_s REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY, name TEXT NOT NULL, roles TEXT NOT NULL, seen_s REAL NOT NULL, expires_s REAL NOT NULL);
"""


class Role(StrEnum):
    """What somebody may do; `dfr.server.access` says which route needs which."""

    CAD = "cad"
    PILOT = "pilot"
    RTCC = "rtcc"
    VIEWER = "viewer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class SessionRow:
    digest: str
    name: str
    roles: frozenset[Role]
    seen_s: float
    expires_s: float


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a user record, token or link stands for."""

    name: str
    roles: frozenset[Role]


class AuthStore:
    """The file. Every call is a single short statement; to be used from one thread. Raises sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        self._db.close()

    def put_user(self, name: str, password_hash: str, roles: Iterable[Role]) -> None:
        """Add a user or change one; what the user had signed in with before ends."""
        self._db.execute("INSERT OR REPLACE INTO users VALUES (?, ?, ?)", (name, password_hash, _words(roles)))
        self._db.execute("DELETE FROM sessions WHERE name = ?", (name,))

    def rehash_user(self, name: str, password_hash: str) -> None:
        self._db.execute("UPDATE users SET password_hash = ? WHERE name = ?", (password_hash, name))

    def remove_user(self, name: str) -> None:
        self._db.execute("DELETE FROM users WHERE name = ?", (name,))
        self._db.execute("DELETE FROM sessions WHERE name = ?", (name,))

    def user(self, name: str) -> tuple[str, Holder] | None:
        """(argon2 hash, who) of a user."""
        row = self._db.execute("SELECT password_hash, roles FROM users WHERE name = ?", (name,)).fetchone()
        return None if row is None else (row[0], Holder(name, _roles(row[1])))

    def put_token(self, name: str, roles: Iterable[Role]) -> str:
        """A new bearer token; an older one of the same name ends. Shown this once."""
        token = secrets.token_urlsafe(32)
        self._db.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?)", (name, digest(token), _words(roles)))
        return token

    def remove_token(self, name: str) -> None:
        self._db.execute("DELETE FROM tokens WHERE name = ?", (name,))

    def token(self, token_digest: str) -> Holder | None:
        row = self._db.execute("SELECT name, roles FROM tokens WHERE digest = ?", (token_digest,)).fetchone()
        return None if row is None else Holder(row[0], _roles(row[1]))

    def put_link(self, name: str, roles: Iterable[Role], expires_s: float) -> str:
        link = secrets.token_urlsafe(32)
        self._db.execute("INSERT INTO links VALUES (?, ?, ?, ?)", (digest(link), name, _words(roles), expires_s))
        return link

    def take_link(self, link: str, now_s: float) -> Holder | None:
        """Who the link stands for, once; None when it is unknown, used or too old."""
        self._db.execute("DELETE FROM links WHERE expires_s <= ?", (now_s,))
        row = self._db.execute("DELETE FROM links WHERE digest = ? RETURNING name, roles", (digest(link),)).fetchone()
        return None if row is None else Holder(row[0], _roles(row[1]))

    def put_session(self, holder: Holder, now_s: float, expires_s: float) -> str:
        """A new session's id; ended sessions are swept out."""
        session_id = secrets.token_urlsafe(32)
        self._db.execute("DELETE FROM sessions WHERE expires_s <= ?", (now_s,))
        row = (digest(session_id), holder.name, _words(holder.roles), now_s, expires_s)
        self._db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row)
        return session_id

    def session(self, session_digest: str) -> SessionRow | None:
        query = "SELECT name, roles, seen_s, expires_s FROM sessions WHERE digest = ?"
        row = self._db.execute(query, (session_digest,)).fetchone()
        return None if row is None else SessionRow(session_digest, row[0], _roles(row[1]), row[2], row[3])

    def touch_session(self, session_digest: str, now_s: float) -> None:
        self._db.execute("UPDATE sessions SET seen_s = ? WHERE digest = ?", (now_s, session_digest))

    def remove_session(self, session_digest: str) -> None:
        self._db.execute("DELETE FROM sessions WHERE digest = ?", (session_digest,))


def digest(secret: str) -> str:
    """The SHA-256 under which a random secret is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _words(roles: Iterable[Role]) -> str:
    return " ".join(sorted(set(roles)))


def _roles(words: str) -> frozenset[Role]:
    return frozenset(Role(word) for word in words.split())
