"""A copy of the database as it was at one moment, while its station may go on writing."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import apsw

from hotline.errors import StoreError
from hotline.store import schema
from hotline.store.rows import DAMAGED_REMEDY, told_as

Progress = Callable[[int, int], None]
_PAGES = 1024  # between two words of progress: 4 MiB


def copy_database(source: Path, target: Path, progress: Progress | None = None) -> None:
    """Copy `source` to the new file `target`, 0600 and on disk when this returns; `progress(done, total)` in pages.

    One snapshot: what is committed before this begins is in it, and nothing of what comes after. StoreError if the
    source is no Hotline database of this version or is damaged, or if the target cannot be written.
    """
    if not source.is_file():
        raise StoreError(f"{source} does not exist.", "Has the station run yet? It is made by `hotline run`.")
    with told_as(str(source)):
        db = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            db.set_busy_timeout(2000)
            schema.require(db, str(source))
            # A read that is held open is the snapshot: without it each write of the daemon would begin the copy anew.
            db.execute("BEGIN")
            list(db.execute("SELECT count(*) FROM log"))
            _copy(db, target, progress)
        finally:
            db.close()


def _copy(db: apsw.Connection, target: Path, progress: Progress | None) -> None:
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as e:
        raise StoreError(f"{target} cannot be made: {e.strerror}.", "Check the folder and the disk.") from None
    with told_as(str(target)):
        copy = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            with copy.backup("main", db, "main") as backup:
                while not backup.done:
                    backup.step(_PAGES)
                    if progress:
                        progress(backup.page_count - backup.remaining, backup.page_count)
            _check(copy, target)
        finally:
            copy.close()
    _sync(target)


def _check(copy: apsw.Connection, target: Path) -> None:
    """A damaged database is copied as it is: nobody may learn of that on the day when the copy is needed."""
    rows = [str(row[0]) for row in copy.execute("PRAGMA integrity_check(1)")]
    if rows != ["ok"]:
        raise StoreError(f"The database is damaged, and so is its copy {target}: {rows[0]}.", DAMAGED_REMEDY)


def _sync(target: Path) -> None:
    try:
        handle = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as e:
        raise StoreError(f"{target} cannot be written: {e.strerror}.", "Check the disk.") from None
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            target.with_name(target.name + suffix).unlink()
