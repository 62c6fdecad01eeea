"""What SQLite reports becomes one sentence with the file and a remedy, by kind of fault."""

from collections.abc import Iterator

import apsw
import pytest

from hotline.errors import StoreError
from hotline.store.rows import many, number, one, sound, told_as


@pytest.fixture
def db() -> Iterator[apsw.Connection]:
    db = apsw.Connection(":memory:")
    db.execute("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")
    yield db
    db.close()


def test_one_is_the_first_row_or_none_and_many_are_all(db: apsw.Connection) -> None:
    assert one(db, "SELECT x FROM t WHERE x > ? ORDER BY x", 0) == (1,)
    assert one(db, "SELECT x FROM t WHERE x > ?", 9) is None
    assert many(db, "SELECT x FROM t ORDER BY x") == [(1,), (2,)]


def test_a_query_that_fails_is_told_by_the_readers_themselves(db: apsw.Connection) -> None:
    for read in (one, many):
        with pytest.raises(StoreError, match="nowhere"):
            read(db, "SELECT x FROM nowhere")


@pytest.mark.parametrize("row", [(1, None), (1, 7), (None, b"leaf")])
def test_a_value_of_another_kind_than_its_column_is_damage_with_a_remedy(row: tuple[object, ...]) -> None:
    assert sound("station.db", (1, b"leaf"), int, bytes) == (1, b"leaf")
    with pytest.raises(StoreError, match="is damaged") as refused:
        sound("station.db", row, int, bytes)
    assert "hotline recover" in refused.value.remedy


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (apsw.CorruptError, "is damaged"),
        (apsw.NotADBError, "is damaged"),
        (apsw.FullError, "the disk is full"),
        (apsw.BusyError, "in use by another process"),
        (apsw.ReadOnlyError, "cannot be opened or written"),
        (apsw.CantOpenError, "cannot be opened or written"),
        (apsw.PermissionsError, "cannot be opened or written"),
        (apsw.AuthError, "cannot be opened or written"),
        (apsw.IOError, "station.db: why"),
        (apsw.SQLError, "station.db: why"),
        (apsw.ConstraintError, "station.db: why"),
    ],
)
def test_each_error_of_sqlite_names_the_file_and_a_remedy(error: type[apsw.Error], words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught, told_as("home/station.db"):
        raise error("why")
    assert "home/station.db" in caught.value.what
    assert caught.value.remedy


def test_every_error_that_sqlite_knows_is_told() -> None:
    kinds = [kind for kind in vars(apsw).values() if isinstance(kind, type) and issubclass(kind, apsw.Error)]
    assert len(kinds) > 20
    for kind in kinds:
        with pytest.raises(StoreError), told_as("station.db"):
            raise kind("why")


def test_a_text_that_is_not_utf_8_is_told_as_damage(db: apsw.Connection) -> None:
    for read in (one, many):
        with pytest.raises(StoreError, match="is damaged"):
            read(db, "SELECT CAST(x'b1' AS TEXT)")


@pytest.mark.parametrize("value", [None, b"", "1"])
def test_a_number_that_damage_made_something_else_is_told(db: apsw.Connection, value: object) -> None:
    assert number(db, 7) == 7
    with pytest.raises(StoreError, match="is damaged"):
        number(db, value)


def test_other_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), told_as("station.db"):
        raise ZeroDivisionError
