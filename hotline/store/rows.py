"""Reading rows with a type, and turning SQLite's errors into ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw

from hotline.errors import StoreError

Row = tuple[Any, ...]
DAMAGED_REMEDY = (
    "Stop the station and run `hotline recover`: it moves what is damaged aside, and the peers hand the logs back."
)


def one(db: apsw.Connection, sql: str, *args: object) -> Row | None:
    """Return the first row, or None."""
    with told_as(_name(db)):
        return next(iter(db.execute(sql, args)), None)


def many(db: apsw.Connection, sql: str, *args: object) -> list[Row]:
    """Return all rows; the caller has bounded them."""
    with told_as(_name(db)):
        return list(db.execute(sql, args))


def number(db: apsw.Connection, value: object) -> int:
    """Return a value that its column has as an integer. StoreError where damage has made it something else."""
    if not isinstance(value, int):
        raise StoreError(f"{_name(db)} is damaged: a number in it is none.", DAMAGED_REMEDY)
    return value


def sound(path: str, row: Row, *kinds: type) -> Row:
    """Return a row whose values are of these kinds. StoreError where damage has made one something else."""
    if not all(isinstance(value, kind) for value, kind in zip(row, kinds, strict=True)):
        raise StoreError(f"{path} is damaged: a value in it is of another kind than its column.", DAMAGED_REMEDY)
    return row


def _name(db: apsw.Connection) -> str:
    return db.filename or "The database in memory"


@contextmanager
def told_as(path: str) -> Iterator[None]:
    """Raise StoreError, naming the file and the remedy, for what SQLite reports."""
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as e:
        raise StoreError(f"{path} is damaged: {e}.", DAMAGED_REMEDY) from None
    except UnicodeDecodeError:  # a text in it; apsw decodes when a row is read
        raise StoreError(f"{path} is damaged: a text in it is not UTF-8.", DAMAGED_REMEDY) from None
    except apsw.FullError:
        raise StoreError(f"{path} cannot be written: the disk is full.", "Free some space and start again.") from None
    except apsw.BusyError:
        raise StoreError(f"{path} is in use by another process.", "Stop it, then try again.") from None
    except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError, apsw.AuthError) as e:
        raise StoreError(
            f"{path} cannot be opened or written: {e}.", "Check the folder's owner and the disk."
        ) from None
    except apsw.Error as e:
        raise StoreError(
            f"{path}: {e}.", "Check the disk; nothing that was not committed has been signed or sent."
        ) from None
