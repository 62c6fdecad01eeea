"""Which files are ours, of which version, and how one becomes the next; what is wrong is told in one sentence."""

import contextlib
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from hotline.core import queue
from hotline.errors import StoreError
from hotline.store import schema
from hotline.store.queries import Reader
from hotline.store.store import Store
from tests.store import samples


def filled(path: Path) -> None:
    """A database with something in it, closed."""
    store = samples.opened(path)
    for number in range(1, 200):
        samples.submit(store, number, b"b" * 3000)
    store.commit()
    store.close()


def told(path: Path, words: str) -> None:
    """Opening raises one sentence that names the file, and a remedy; for writer and reader alike."""
    for opening in (lambda: samples.opened(path), lambda: read(path)):
        with pytest.raises(StoreError, match=words) as caught:
            opening()
        assert str(path) in caught.value.what
        assert "\n" not in str(caught.value)
        assert caught.value.remedy


def read(path: Path) -> None:
    with Reader.open(path) as reader:
        reader.outbox(10, before=0, newest_first=True)


def plain(path: Path, *statements: str) -> bytes:
    """A database by other hands; returns its bytes."""
    db = apsw.Connection(str(path))
    for statement in statements:
        db.execute(statement)
    db.close()
    return path.read_bytes()


def test_a_new_database_is_of_the_present_version_and_marked_as_ours(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    samples.opened(path).close()
    db = apsw.Connection(str(path))
    assert (db.pragma("application_id"), db.pragma("user_version")) == (schema.APPLICATION_ID, schema.VERSION)
    db.close()


def test_every_table_is_strict_and_no_column_may_be_null(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    samples.opened(path).close()
    db = apsw.Connection(str(path))
    tables = [row for row in db.execute("PRAGMA table_list") if row[2] == "table" and not row[1].startswith("sqlite_")]
    assert len(tables) > 10
    assert [name for _, name, _, _, _, strict in tables if not strict] == []
    columns = [(name, *column) for _, name, *_ in tables for column in db.execute(f"PRAGMA table_xinfo({name})")]
    assert [(table, name) for table, _, name, kind, not_null, _, key, _ in columns if not (not_null or key)] == []
    db.close()


@pytest.mark.parametrize("made", ["no file", "an empty file", "a database without tables"])
def test_a_file_with_nothing_in_it_becomes_a_database(tmp_path: Path, made: str) -> None:
    path = tmp_path / "station.db"
    if made == "an empty file":
        path.touch()
    elif made == "a database without tables":
        plain(path, "PRAGMA journal_mode = wal", "CREATE TABLE x (y)", "DROP TABLE x")
    samples.opened(path).close()
    read(path)


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE theirs (x)",),
        ("CREATE TABLE theirs (x)", "PRAGMA application_id = 77", "PRAGMA user_version = 1"),
        ("PRAGMA application_id = 77",),
        (f"PRAGMA application_id = {schema.APPLICATION_ID}", "PRAGMA user_version = -1"),
    ],
)
def test_another_programs_database_is_refused_and_not_touched(tmp_path: Path, statements: tuple[str, ...]) -> None:
    path = tmp_path / "station.db"
    before = plain(path, *statements)
    told(path, "is not a Hotline database")
    assert path.read_bytes() == before


def test_a_database_of_a_newer_hotline_is_refused_by_its_version_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    filled(path)
    before = plain(path, f"PRAGMA user_version = {schema.VERSION + 1}")
    told(path, f"written by a newer Hotline \\(schema {schema.VERSION + 1}; this one knows {schema.VERSION}\\)")
    assert path.read_bytes() == before


def test_garbage_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    path.write_bytes(random.Random(1).randbytes(20_000))
    told(path, "is damaged")


def test_a_missing_database_is_told_to_a_reader_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"station\.db cannot be opened"):
        read(tmp_path / "station.db")
    assert not (tmp_path / "station.db").exists()


def test_a_database_cut_short_anywhere_is_refused_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    filled(path)
    whole = path.read_bytes()
    for length in (
        1,
        50,
        99,
        100,
        4095,
        4096,
        5000,
        len(whole) // 2,
        len(whole) - 4096,
        len(whole) - 512,
        len(whole) - 1,
    ):
        path.write_bytes(whole[:length])
        with pytest.raises(StoreError, match=r"is damaged|is cut short") as caught:
            samples.opened(path)
        assert str(path) in caught.value.what
        assert path.read_bytes() == whole[:length]


def damage(path: Path, change: Callable[[bytearray], None]) -> None:
    data = bytearray(path.read_bytes())
    change(data)
    path.write_bytes(data)


@pytest.mark.parametrize("seed", range(30))
def test_overwritten_pages_raise_store_errors_alone(tmp_path: Path, seed: int) -> None:
    path, chance = tmp_path / "station.db", random.Random(seed)
    filled(path)

    def overwrite(data: bytearray) -> None:
        for _ in range(20):
            at = chance.randrange(100, len(data) - 600)
            data[at : at + 600] = chance.randbytes(600)

    damage(path, overwrite)
    try:
        store = samples.opened(path)
    except StoreError:
        return
    with contextlib.closing(store), contextlib.suppress(StoreError):
        view = store.line(samples.LINE, samples.OWN, samples.MIRROR)
        view.queued(300)
        samples.appended(store, *range(1, 50))
        store.commit()


def first_version(path: Path) -> None:
    """A database as the first version made it, with notices and answers of both sides in it."""
    db = apsw.Connection(str(path))
    db.execute(schema.MIGRATIONS[0])
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}; PRAGMA user_version = 1")
    db.execute("INSERT INTO log (id, line, origin, mine, serial) VALUES (1, ?, ?, 1, 199)", (samples.LINE, samples.OWN))
    db.execute("INSERT INTO log (id, line, origin, mine) VALUES (2, ?, ?, 0)", (samples.LINE, samples.MIRROR))
    for number in range(1, 200):
        row = samples.row(number, b"b" * 3000)
        payload = queue.payload(row.what)
        db.execute(
            "INSERT INTO queue (line, key, rank, payload, salt, body) VALUES (?, ?, ?, ?, ?, ?)",
            (samples.LINE, row.key, row.rank, payload, row.salt, row.body),
        )
        db.execute(
            """INSERT INTO outbox (id, log, idx, serial, precedence, mode, expires_s, kind, subject, submitted_ms,
                 appended_ms, stored_ms, alarmed) VALUES (?, 1, -1, 0, 0, 0, 0, 'sample', 'text', ?, 0, 0, 0)""",
            (row.key, number),
        )
    for index, (kind, reason, opened, name) in enumerate(RECEIVED):
        db.execute(
            """INSERT INTO inbox (log, idx, type, time_ms, surfaced_ms, reason, recovered, opened, id, serial,
                 precedence, mode, expires_s, officers, kind, subject)
                 VALUES (2, ?, ?, 5, 6, ?, 0, ?, ?, 1, 0, 0, 0, '', ?, 'said')""",
            (index, kind, reason, opened, samples.notice_id(index), name),
        )
    db.execute("INSERT INTO answer VALUES (2, 1, 4, 1, 7, 7, 1, 'duty', 'roger', ?)", (samples.RANDOM,))
    db.close()


# (type, reason, opened, kind) of the rows of the inbox.
RECEIVED = (
    (1, "", 0, ""),
    (2, "", 1, "consultation"),
    (2, "", 0, "consultation"),
    (2, "", 0, "line-test"),
    (2, "notice", 0, "line-test"),
    (0, "content", 0, ""),
    (4, "", 0, ""),
)


def test_the_first_version_is_brought_forward_with_all_that_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    first_version(path)
    with pytest.raises(StoreError, match=f"has schema 1; this Hotline reads {schema.VERSION}"):
        read(path)
    store = samples.opened(path)
    assert len(store.line(samples.LINE, samples.OWN, samples.MIRROR).queued(300)) == 199
    store.close()
    with Reader.open(path) as reader:
        sent = reader.outbox(200, before=0, newest_first=False)
        assert [(row.id, row.subject, row.submitted_ms, row.marks) for row in sent] == [
            (samples.notice_id(n), "text", n, "") for n in range(1, 200)
        ]
        got = reader.latest_inbox(9, notices_only=True)
        assert [row.index for row in got] == [1, 2, 4, 5], "what was INVALID stays; a machine's line test is kept out"
        assert [row.index for row in reader.latest_inbox(9, notices_only=False)] == list(range(7))
        assert {row.marks for row in got} == {""}
        assert reader.counts(samples.LINE).unread == 1
        assert [given.text for given in reader.answers(samples.MIRROR, 1)] == ["roger"]
    db = apsw.Connection(str(path))
    assert db.pragma("user_version") == schema.VERSION
    assert list(db.execute("PRAGMA integrity_check")) == [("ok",)]
    db.close()
    samples.opened(path).close()  # a second start repeats nothing


def third_version(path: Path) -> None:
    """As Hotline left it before there were generations: a log with notices, and an inbox."""
    first_version(path)
    db = apsw.Connection(str(path))
    for number, step in enumerate(schema.MIGRATIONS[1:3], 2):
        db.execute(step)
        db.execute(f"PRAGMA user_version = {number}")
    db.close()


def test_logs_of_before_generations_are_of_the_first_of_their_line(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    third_version(path)
    with pytest.raises(StoreError, match="has schema 3"):
        read(path)
    samples.opened(path).close()
    db = apsw.Connection(str(path))
    assert list(db.execute("SELECT DISTINCT pair, generation, first FROM log")) == [(samples.LINE, 1, 0)]
    assert list(db.execute("SELECT DISTINCT repeat FROM inbox")) == [(0,)]
    db.close()
    with Reader.open(path) as reader:
        assert [row.index for row in reader.latest_inbox(9, notices_only=True)] == [1, 2, 4, 5]
        assert reader.counts(samples.LINE).unread == 1
        assert len(reader.outbox(300, before=0, newest_first=False)) == 199


def test_a_database_that_was_brought_forward_is_the_same_as_a_new_one(tmp_path: Path) -> None:
    first_version(tmp_path / "old.db")
    shapes = []
    for name in ("old.db", "new.db"):
        samples.opened(tmp_path / name).close()
        db = apsw.Connection(str(tmp_path / name))
        shapes.append(set(db.execute("SELECT type, name, sql FROM sqlite_schema")))
        db.close()
    assert shapes[0] == shapes[1]


NEXT = "CREATE TABLE extra (x INTEGER NOT NULL) STRICT; INSERT INTO extra (x) SELECT count(*) FROM outbox;"

BROKEN = NEXT + " CREATE INDEX nowhere ON nothing (x);"


def with_migrations(monkeypatch: pytest.MonkeyPatch, *steps: str) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    monkeypatch.setattr(schema, "VERSION", len(steps))


@pytest.mark.parametrize("make", [first_version, filled])
def test_an_older_database_is_brought_forward_step_by_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "station.db"
    make(path)
    with_migrations(monkeypatch, *schema.MIGRATIONS, NEXT)
    with pytest.raises(StoreError, match=rf"has schema [1-{schema.VERSION - 1}]; this Hotline reads {schema.VERSION}"):
        read(path)
    samples.opened(path).close()
    db = apsw.Connection(str(path))
    assert list(db.execute("SELECT x FROM extra")) == [(199,)]
    assert db.pragma("user_version") == schema.VERSION
    db.close()
    samples.opened(path).close()  # a second start repeats nothing


@pytest.mark.parametrize("make", [first_version, filled])
def test_a_migration_that_fails_half_way_leaves_the_older_version_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "station.db"
    make(path)
    released = schema.MIGRATIONS
    with monkeypatch.context() as patched:
        with_migrations(patched, *released, BROKEN)
        with pytest.raises(StoreError, match="nothing"):
            samples.opened(path)
    store = samples.opened(path)
    assert len(store.line(samples.LINE, samples.OWN, samples.MIRROR).queued(300)) == 199
    store.close()


def test_a_copy_of_a_database_in_use_opens_with_what_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "station.db"
    store = samples.opened(path)
    samples.submit(store, 1)
    store.commit()
    samples.submit(store, 2)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in ("station.db", "station.db-wal"):
        shutil.copy(tmp_path / file, copy / file)
    store.close()
    again = Store(copy / "station.db", samples.read_body)
    view = again.line(samples.LINE, samples.OWN, samples.MIRROR)
    assert [row.key for row in view.queued(9)] == [samples.notice_id(1)]
    again.close()
