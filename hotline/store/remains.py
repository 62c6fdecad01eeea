"""What can still be read of a database that may be damaged: whether it is sound, and what only it holds.

Nothing is written: what stands there may be all that is left.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from hotline.errors import StoreError
from hotline.store import schema
from hotline.store.store import check_length
from hotline.text import safe

_LISTED = 50
_SUBJECT_CHARS = 80


@dataclass(frozen=True, slots=True)
class Remains:
    """What no peer can give back. None where it cannot be read any more."""

    queued: int | None = None
    subjects: tuple[str, ...] = ()  # of notices that never left this station, at most 50
    drafts: int | None = None
    consumers: tuple[str, ...] | None = None


def fault_of(path: Path) -> str:
    """Return what is wrong with the database as a file, in a clause, or nothing. Reads all of it.

    StoreError only for a sound database of a newer version: that is no fault of the file.
    """
    try:
        if path.stat().st_size == 0 and not path.with_name(path.name + "-wal").exists():
            return "it is empty"
        check_length(path)
        with _reading(path) as db:
            rows = [str(row[0]) for row in db.execute("PRAGMA integrity_check(3)")]
            if rows == ["ok"]:
                schema.check(db, str(path))
            return "" if rows == ["ok"] else safe(rows[0], limit=200)
    except StoreError as e:
        if "newer" in e.what:
            raise
        return e.what.rstrip(".")
    except (apsw.Error, OSError) as e:
        return safe(str(e), limit=200)


def remains_of(path: Path) -> Remains:
    """Return what can still be read of it, each part for itself. Never raises."""
    queued = drafts = consumers = None
    subjects: tuple[str, ...] = ()
    with contextlib.suppress(apsw.Error, OSError), _reading(path) as db:
        queued = _count(db, "SELECT count(*) FROM queue")
        drafts = _count(db, "SELECT count(*) FROM draft")
        subjects = _names(db, "SELECT subject FROM outbox WHERE idx < 0 ORDER BY seq LIMIT 50") or ()
        consumers = _names(db, "SELECT name FROM cursor ORDER BY name LIMIT 50")
    return Remains(queued, subjects, drafts, consumers)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[apsw.Connection]:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        db.set_busy_timeout(2000)
        yield db
    finally:
        with contextlib.suppress(apsw.Error):
            db.close()


def _count(db: apsw.Connection, sql: str) -> int | None:
    try:
        ((count,),) = list(db.execute(sql))
        return int(count)
    except apsw.Error:
        return None


def _names(db: apsw.Connection, sql: str) -> tuple[str, ...] | None:
    try:
        return tuple(safe(str(row[0]), limit=_SUBJECT_CHARS) for row in db.execute(sql))[:_LISTED]
    except apsw.Error:
        return None
