"""The journal altered one byte, row or head at a time: the verification names the first entry at fault."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from hotline.audit import verify_home
from hotline.cli.program import run
from hotline.core import journal, tree
from hotline.home import Home
from hotline.store.lockfile import LockFile
from tests.audit.test_verify import database, flip


def faults(home: Home) -> list[str]:
    report = verify_home(home)
    assert report.journal is not None
    assert not any(line.problems for line in report.lines)
    return report.journal.problems


def test_an_untouched_journal_holds_and_is_signed_to_its_end(north: Home, capsys: pytest.CaptureFixture[str]) -> None:
    report = verify_home(north).journal
    assert report is not None
    assert report.problems == []
    assert report.entries == report.signed > 5
    assert 2 * report.heads == report.signatures >= 4
    assert run(["verify", "--home", str(north.path)]) == 0
    assert f"Our journal: {report.entries} entries, {report.heads} heads" in capsys.readouterr().out
    assert verify_home(north, "SOUTH").journal is None


def test_it_holds_no_word_of_what_was_said(north: Home) -> None:
    with database(north) as db:
        said = b"".join(bytes(row[0]) for row in db.execute("SELECT entry FROM journal"))
    assert b"release" in said
    assert b"The peer refuses entry" in said
    for words in (b"notice 1", b"roger", b"say again", b"from the south"):
        assert words not in said


@pytest.mark.parametrize("index", [0, 3])
def test_an_entry_that_was_altered_is_named_first(north: Home, index: int) -> None:
    with database(north) as db:
        flip(db, "journal", "entry", f"idx = {index}", -1)
    assert faults(north)[0].startswith(f"entry {index} ")


def test_an_entry_altered_with_its_leaf_hash_is_found_by_the_first_head_over_it(north: Home) -> None:
    with database(north) as db:
        ((data,),) = db.execute("SELECT entry FROM journal WHERE idx = 1")
        e = journal.unpack(data)
        other = journal.pack(e.time_ms, e.line, e.kind, e.level, "another text", e.fields)
        db.execute("UPDATE journal SET entry = ?, leaf = ? WHERE idx = 1", (other, tree.leaf_hash(other)))
        ((size,),) = db.execute("SELECT min(size) FROM journal_head")
    assert faults(north)[0] == (
        f"the head of size {size} has another root than the entries: one of 0 to {size - 1} was altered."
    )


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM journal WHERE idx = 2", "entry 2 is missing."),
        ("UPDATE journal SET idx = idx + 100 WHERE idx >= 2", "entry 2 is missing."),
        ("UPDATE journal SET kind = 'stop' WHERE idx = 0", "entry 0 is listed under another kind"),
        ("UPDATE journal SET at_ms = 5 WHERE idx = 0", "entry 0 is listed under another kind, level or time"),
        ("UPDATE journal SET entry = x'97', leaf = x'00' WHERE idx = 4", "entry 4 was altered"),
        ("UPDATE journal_head SET generation = 2 WHERE size = (SELECT min(size) FROM journal_head)", "does not verify"),
        ("UPDATE journal_head SET size = size - 1 WHERE size = (SELECT max(size) FROM journal_head)", "not verify"),
        ("UPDATE journal_head SET root = zeroblob(32)", "does not verify with the log key"),
    ],
)
def test_each_row_that_was_altered_or_taken_away_is_found(north: Home, statement: str, words: str) -> None:
    with database(north) as db:
        db.execute(statement)
    assert words in faults(north)[0]


def test_a_tail_that_was_cut_off_below_its_head_is_found(north: Home) -> None:
    with database(north) as db:
        ((size,),) = db.execute("SELECT max(size) FROM journal_head")
        db.execute("DELETE FROM journal WHERE idx >= ?", (size - 2,))
    assert f"entries {size - 2} to {size - 1} are signed and missing." in faults(north)


def test_a_tail_cut_off_with_its_heads_is_found_by_the_lock_file(north: Home) -> None:
    with database(north) as db:
        ((first, size),) = db.execute("SELECT min(size), max(size) FROM journal_head")
        db.execute("DELETE FROM journal WHERE idx >= ?", (first,))
        db.execute("DELETE FROM journal_head WHERE size > ?", (first,))
    assert faults(north) == [
        f"heads.lock names size {size} of the journal, but the database holds {first}: "
        "its tail was cut off, or an older database was restored."
    ]


def with_lock(home: Home, change: Callable[[bytes], bytes]) -> None:
    locks = LockFile(home.heads_lock_path)
    head = locks.journal
    assert head is not None
    locks.lock_journal(type(head)(change(head.origin.encode()).decode(), head.size, change(head.root)))


def test_a_lock_file_that_names_another_head_is_found(north: Home) -> None:
    with_lock(north, lambda data: data if data.startswith(b"hotline/") else bytes(32))
    assert faults(north) == [
        f"heads.lock names another root of the journal at size {LockFile(north.heads_lock_path).journal.size} "  # type: ignore[union-attr]  # it was just written
        "than the database has."
    ]


def test_a_lock_file_that_names_another_journal_is_found(north: Home) -> None:
    with_lock(north, lambda data: data.replace(b"/journal", b"/other") if data.startswith(b"hotline/") else data)
    assert faults(north) == ["heads.lock names a journal that is not this station's."]


def test_the_faults_that_are_told_are_bounded(north: Home) -> None:
    with database(north) as db:
        for _ in range(40):
            db.execute(
                "INSERT INTO journal (idx, leaf, entry, at_ms, kind, level) SELECT max(idx) + 1, x'', x'', 0, '', 0 "
                "FROM journal"
            )
    assert 0 < len(faults(north)) <= 20


def test_a_database_of_which_nothing_can_be_read_is_told_as_ever(north: Home, tmp_path: Path) -> None:
    with database(north) as db:
        db.execute("DROP TABLE journal")
    with pytest.raises(Exception, match="no such table") as caught:
        verify_home(north)
    assert not isinstance(caught.value, apsw.Error)
    assert tmp_path.exists()
