"""The journal itself: each entry is committed to disk before `append` returns."""

import fcntl
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError

from dfr.journal.entry import GENESIS, Draft, Entry, canonical, chain_hash

_METADATA = MetaData()
_ENTRIES = Table(
    "entries",
    _METADATA,
    Column("seq", Integer, primary_key=True),
    Column("at_us", Integer, nullable=False),
    Column("kind", String(64), nullable=False, index=True),
    Column("incident_id", String(128), nullable=False),
    Column("flight_id", String(64), nullable=False, index=True),
    Column("asset_id", String(64), nullable=False),
    Column("data", Text, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
_APPEND_ONLY = tuple(
    f"CREATE TRIGGER IF NOT EXISTS no_{verb} BEFORE {verb} ON entries "
    f"BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    for verb in ("update", "delete")
)


class JournalError(Exception):
    """The journal cannot be opened or written; the message says what to do."""


class Journal:
    """Append-only entries in one SQLite file (WAL, synchronous=FULL: a returned append survives a power cut).

    One process writes it at a time; a second one gets a JournalError. Opened with `read_only=True` it takes no lock.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._lock: IO[str] | None = None
        if read_only and not path.exists():
            raise JournalError(f"There is no journal at {path}. Name the state directory of a service that has run.")
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(path)
        self._engine = create_engine(f"sqlite:///{path}")
        event.listen(self._engine, "connect", _read_only_pragmas if read_only else _writer_pragmas)
        try:
            self._connection: Connection = self._engine.connect()
            if not read_only:
                _METADATA.create_all(self._connection)
                for trigger in _APPEND_ONLY:
                    self._connection.exec_driver_sql(trigger)
                self._connection.commit()
            self._seq, self._hash = self._head()
        except DatabaseError as error:
            if self._lock is not None:
                self._lock.close()
            raise JournalError(
                f"The journal {path} cannot be opened: {error.orig}. The file is damaged or is no journal; keep it, "
                "and name another state directory."
            ) from error

    @property
    def head(self) -> tuple[int, str]:
        """(number of entries, hash of the last one): noted elsewhere, it proves that nothing was cut off the end."""
        return self._seq, self._hash

    def append(
        self, kind: str, content: Any, *, at_s: float, incident_id: str = "", flight_id: str = "", asset_id: str = ""
    ) -> Entry:
        """Write one entry and commit it. Raises JournalError when the disk does not take it."""
        return self.append_all([Draft(kind, content, at_s, incident_id, flight_id, asset_id)])[0]

    def append_all(self, drafts: Sequence[Draft]) -> list[Entry]:
        """Write several entries and commit them together: all or none, and the disk is waited for once.

        Raises JournalError when the disk does not take them.
        """
        entries: list[Entry] = []
        seq, previous_hash = self._seq, self._hash
        for draft in drafts:
            seq += 1
            fields = (
                seq, round(draft.at_s * 1e6), draft.kind, draft.incident_id, draft.flight_id, draft.asset_id,
                canonical(draft.content),
            )  # fmt: skip
            entries.append(Entry(*fields, previous_hash, chain_hash(*fields, previous_hash)))
            previous_hash = entries[-1].hash
        if not entries:
            return entries
        rows = [{name: getattr(entry, name) for name in _COLUMNS} for entry in entries]
        try:
            self._connection.execute(insert(_ENTRIES), rows)
            self._connection.commit()
        except DatabaseError as error:
            self._connection.rollback()
            raise JournalError(f"The journal {self.path} cannot be written: {error.orig}. Is the disk full?") from error
        self._seq, self._hash = seq, previous_hash
        return entries

    def read(self, *, kinds: tuple[str, ...] = (), flight_id: str = "", after_seq: int = 0) -> Iterator[Entry]:
        """Entries in the order they were written, by kind and flight. Raises JournalError on a damaged file."""
        query = select(_ENTRIES).where(_ENTRIES.c.seq > after_seq).order_by(_ENTRIES.c.seq)
        if kinds:
            query = query.where(_ENTRIES.c.kind.in_(kinds))
        if flight_id:
            query = query.where(_ENTRIES.c.flight_id == flight_id)
        try:
            for row in self._connection.execute(query):
                yield _entry(row)
        except DatabaseError as error:
            raise JournalError(
                f"The journal {self.path} cannot be read to its end: {error.orig}. A part of it was changed or damaged."
            ) from error

    def verify(self) -> list[str]:
        """A sentence for each thing that is wrong with the chain; empty when it is whole."""
        try:
            problems = self._integrity()
            if problems:
                return problems
            return _chain_problems(self.read())
        except JournalError as error:
            return [str(error)]
        except (DatabaseError, UnicodeError, ValueError, TypeError) as error:
            return [f"The journal file cannot be read to its end: {error}. A part of it was changed or damaged."]

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _head(self) -> tuple[int, str]:
        query = select(_ENTRIES.c.seq, _ENTRIES.c.hash).order_by(_ENTRIES.c.seq.desc()).limit(1)
        row = self._connection.execute(query).first()
        return (0, GENESIS) if row is None else (row.seq, row.hash)

    def _integrity(self) -> list[str]:
        rows = self._connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        return [] if rows == ["ok"] else [f"SQLite finds the file damaged: {row}" for row in rows]


_COLUMNS = [column.name for column in _ENTRIES.columns]


def _entry(row: Row[Any]) -> Entry:
    return Entry(*(getattr(row, name) for name in _COLUMNS))


def _chain_problems(entries: Iterator[Entry]) -> list[str]:
    problems: list[str] = []
    expected_seq, previous_hash = 1, GENESIS
    for entry in entries:
        if entry.seq != expected_seq:
            problems.append(f"Entry {expected_seq} is missing: the next one is {entry.seq}.")
        if entry.previous_hash != previous_hash:
            problems.append(f"Entry {entry.seq} does not follow the one before it: its link to that one is broken.")
        recomputed = chain_hash(
            entry.seq, entry.at_us, entry.kind, entry.incident_id, entry.flight_id, entry.asset_id, entry.data,
            entry.previous_hash,
        )  # fmt: skip
        if recomputed != entry.hash:
            problems.append(f"Entry {entry.seq} ({entry.kind}) was changed after it was written.")
        expected_seq, previous_hash = entry.seq + 1, entry.hash
    return problems


def _lock(path: Path) -> IO[str]:
    lock = path.with_suffix(".lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise JournalError(
            f"The journal {path} is in use by another running service. Stop that one, or use another state directory."
        ) from error
    return lock


def _writer_pragmas(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _read_only_pragmas(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only=ON")


def pretty(entry: Entry) -> str:
    """One entry as indented JSON for a terminal."""
    return json.dumps(entry.content, indent=2, sort_keys=True, ensure_ascii=False)
