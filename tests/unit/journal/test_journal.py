"""The journal: nothing is lost, nothing is changed unseen."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dfr.journal.entry import GENESIS, Draft, canonical, chain_hash
from dfr.journal.journal import Journal, JournalError, pretty

FIELDS = ("seq", "at_us", "kind", "incident_id", "flight_id", "asset_id", "data", "previous_hash", "hash")
COUNT = 6


def write(path: Path, count: int = COUNT) -> None:
    with Journal(path) as journal:
        for i in range(count):
            journal.append(
                "track",
                {"i": i, "text": "grüß’ §"},
                at_s=1_800_000_000.25 + i,
                incident_id="incident-1",
                flight_id=f"flight-{i % 2}",
                asset_id="sky-1",
            )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(tmp_path / "journal.sqlite")
    return tmp_path / "journal.sqlite"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    write(path)
    return path


def problems_of(path: Path) -> list[str]:
    """What a person is told of this file."""
    try:
        with Journal(path, read_only=True) as journal:
            return journal.verify()
    except JournalError as error:
        return [str(error)]


def tampered(original: Path, change: Callable[[sqlite3.Connection], object]) -> list[str]:
    """What verify says of a copy on which somebody went round the triggers."""
    copy = original.with_name("copy.sqlite")
    for stale in original.parent.glob("copy.sqlite*"):
        stale.unlink()
    shutil.copy(original, copy)
    connection = sqlite3.connect(copy)
    connection.execute("DROP TRIGGER no_update")
    connection.execute("DROP TRIGGER no_delete")
    change(connection)
    connection.commit()
    connection.close()
    return problems_of(copy)


# -- writing and reading --------------------------------------------------------------------------------------------


def test_what_is_written_is_read_in_order_and_verified(path: Path) -> None:
    with Journal(path) as journal:
        entries = list(journal.read())
        assert [entry.seq for entry in entries] == list(range(1, COUNT + 1))
        assert [entry.content["i"] for entry in entries] == list(range(COUNT))
        assert entries[0].at_s == 1_800_000_000.25
        assert entries[0].previous_hash == GENESIS
        assert journal.head == (COUNT, entries[-1].hash)
        assert [e.content["i"] for e in journal.read(flight_id="flight-1")] == [1, 3, 5]
        assert [e.content["i"] for e in journal.read(after_seq=4)] == [4, 5]
        assert list(journal.read(kinds=("flight",))) == []
        assert journal.verify() == []
        assert "grüß’ §" in pretty(entries[0])


def test_a_reopened_journal_goes_on_where_it_ended(path: Path) -> None:
    with Journal(path) as journal:
        entry = journal.append("note", {}, at_s=0.0)
        assert entry.seq == COUNT + 1
        assert journal.verify() == []


def test_an_append_that_has_returned_is_seen_by_another_reader(path: Path) -> None:
    with Journal(path) as writer, Journal(path, read_only=True) as reader:
        writer.append("note", {"said": "now"}, at_s=0.0)
        assert [entry.content for entry in reader.read(kinds=("note",))] == [{"said": "now"}]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_cannot_say_is_refused_and_leaves_nothing(path: Path, number: float) -> None:
    with Journal(path) as journal:
        with pytest.raises(ValueError, match="JSON"):
            journal.append("track", {"height_m": number}, at_s=0.0)
        assert journal.head[0] == COUNT
        journal.append("note", {}, at_s=0.0)
        assert journal.verify() == []


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.booleans() | st.none(), max_size=4), st.randoms())
def test_equal_content_is_written_in_one_way(content: dict[str, object], random: object) -> None:
    pairs = list(content.items())
    random.shuffle(pairs)  # type: ignore[attr-defined]
    assert canonical(dict(pairs)) == canonical(content)


@given(st.lists(st.text(), min_size=6, max_size=6))
def test_moving_text_from_one_field_to_the_next_changes_the_hash(texts: list[str]) -> None:
    a, b, *rest = texts
    moved = ["", a + b, *rest]
    assert (chain_hash(1, 2, *texts) == chain_hash(1, 2, *moved)) is (texts == moved)


# -- who may write --------------------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_with_a_sentence(path: Path) -> None:
    with Journal(path), pytest.raises(JournalError, match="in use by another running service"):
        Journal(path)
    Journal(path).close()


def test_reading_takes_no_lock_and_cannot_write(path: Path) -> None:
    with Journal(path, read_only=True) as reader, Journal(path) as writer:
        writer.append("note", {}, at_s=0.0)
        with pytest.raises(JournalError):
            reader.append("note", {}, at_s=0.0)
        assert writer.verify() == []


def test_a_journal_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="There is no journal"):
        Journal(tmp_path / "journal.sqlite", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("statement", ["UPDATE entries SET data = '{}' WHERE seq = 2", "DELETE FROM entries"])
def test_the_file_itself_refuses_changes(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert problems_of(path) == []


# -- what verify finds ----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, COUNT), st.sampled_from(FIELDS), st.data())
def test_any_one_changed_byte_is_found(written: Path, seq: int, field: str, data: st.DataObject) -> None:
    def change(connection: sqlite3.Connection) -> None:
        (value,) = connection.execute(f"SELECT {field} FROM entries WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
        if isinstance(value, int):
            changed: object = value ^ (1 << data.draw(st.integers(4, 40)))
        else:
            raw = bytearray(value.encode())
            index = data.draw(st.integers(0, len(raw) - 1))
            raw[index] ^= 1 << data.draw(st.integers(0, 7))
            changed = bytes(raw)
        # As text, also where it no longer is UTF-8: that is what a changed byte in the file looks like.
        as_text = "?" if isinstance(changed, int) else "CAST(? AS TEXT)"
        connection.execute(f"UPDATE entries SET {field} = {as_text} WHERE seq = ?", (changed, seq))  # noqa: S608

    assert tampered(written, change) != []


@pytest.mark.parametrize("seq", [1, 3, COUNT - 1])
def test_a_missing_entry_is_found(written: Path, seq: int) -> None:
    problems = tampered(written, lambda c: c.execute("DELETE FROM entries WHERE seq = ?", (seq,)))
    assert any(f"Entry {seq} is missing" in problem for problem in problems)


def test_a_missing_entry_is_found_when_the_others_are_renumbered(written: Path) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM entries WHERE seq = 3")
        connection.execute("UPDATE entries SET seq = seq - 1 WHERE seq > 3")

    assert any("does not follow" in problem for problem in tampered(written, change))


def test_entries_that_changed_places_are_found(written: Path) -> None:
    def change(connection: sqlite3.Connection) -> None:
        for old, new in ((2, 100), (3, 2), (100, 3)):
            connection.execute("UPDATE entries SET seq = ? WHERE seq = ?", (new, old))

    assert tampered(written, change) != []


def test_a_repeated_entry_is_found(written: Path) -> None:
    columns = ", ".join(FIELDS[1:])
    sql = f"INSERT INTO entries SELECT {COUNT + 1}, {columns} FROM entries WHERE seq = {COUNT}"  # noqa: S608
    assert tampered(written, lambda c: c.execute(sql)) != []


def test_a_copy_that_nobody_changed_is_whole(written: Path) -> None:
    assert tampered(written, lambda c: None) == []


def test_entries_cut_off_the_end_show_in_the_head(written: Path) -> None:
    with Journal(written, read_only=True) as journal:
        noted = journal.head
    tampered(written, lambda c: c.execute("DELETE FROM entries WHERE seq = ?", (COUNT,)))
    with Journal(written.with_name("copy.sqlite"), read_only=True) as journal:
        assert journal.head != noted


# -- damaged files --------------------------------------------------------------------------------------------------


def damaged_files(original: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    content = original.read_bytes()
    pieces = {
        "empty": b"",
        "other": b"This is no database at all. " * 200,
        "header": content[:100],
        "half": content[: len(content) // 2],
        "page": content[:4096],
        "hole": content[:5000] + bytes(3000) + content[8000:],
    }
    for name, piece in pieces.items():
        path = folder / f"{name}.sqlite"
        path.write_bytes(piece)
        yield name, path


def test_a_damaged_file_gives_sentences_and_no_traceback(written: Path, tmp_path: Path) -> None:
    for name, path in damaged_files(written, tmp_path):
        problems = problems_of(path)
        assert problems, name
        assert all(len(problem) > 20 and problem[0].isupper() for problem in problems), (name, problems)


def test_a_service_does_not_start_on_a_file_that_is_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"This is no database at all. " * 200)
    with pytest.raises(JournalError, match=r"journal\.sqlite"):
        Journal(path)
    path.unlink()
    write(path)


def test_kill_9_of_the_writer_leaves_a_whole_chain_with_everything_that_had_returned(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    program = (
        "import sys\nfrom pathlib import Path\nfrom dfr.journal.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "while True:\n    print(journal.append('track', {'x': 'y' * 300}, at_s=1.0).seq, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    for _ in range(30):
        assert writer.stdout.readline()
    time.sleep(0.05)
    writer.send_signal(signal.SIGKILL)
    told = [30, *(int(line) for line in writer.stdout.read().split(b"\n") if line)]
    writer.wait()
    writer.stdout.close()
    with Journal(path) as journal:
        assert journal.verify() == []
        assert journal.head[0] in (told[-1], told[-1] + 1)
        journal.append("note", {}, at_s=0.0)
        assert journal.verify() == []


def test_entries_that_are_written_together_chain_as_any_others_and_all_or_none_is_kept(path: Path) -> None:
    with Journal(path) as journal:
        entries = journal.append_all([Draft("track", {"i": i}, 1_800_000_100.0 + i, "", "flight-9") for i in range(3)])
        assert [entry.seq for entry in entries] == [COUNT + 1, COUNT + 2, COUNT + 3]
        assert journal.append_all([]) == []
        with pytest.raises(ValueError, match="JSON compliant"):
            journal.append_all([Draft("track", {"i": 3}, 0.0), Draft("track", {"i": float("nan")}, 0.0)])
        assert journal.append("track", {}, at_s=1_800_000_200.0).seq == COUNT + 4
        assert journal.verify() == []
        assert [entry.content["i"] for entry in journal.read(flight_id="flight-9")] == [0, 1, 2]
