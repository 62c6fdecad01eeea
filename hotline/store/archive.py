"""Reading a station's database without its daemon, for audit: every row of a line's two logs, in one snapshot."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from hotline.core.step import KeepHead, KeepProposal, KeepReceipt, Stored
from hotline.errors import StoreError
from hotline.store import schema, wal
from hotline.store.emergencies import Emergencies, KeptEmergency
from hotline.store.journal import JournalHead
from hotline.store.rows import Row, many, one, sound, told_as
from hotline.text import safe

_CHUNK = 512
_FAULTS_SHOWN = 20
_OF_A_LOG = ("entry", "body", "head", "receipt", "intent", "proposal", "outbox", "inbox", "answer", "displaced")


@dataclass(frozen=True, slots=True)
class ArchivedLog:
    """One row of `log`, and how many entries there are. `first` is the serial before its first notice."""

    id: int
    origin: str
    mine: bool
    size: int
    frozen: bytes
    pair: bytes = b""
    generation: int = 1
    first: int = 0


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One row of the journal, with the columns by which it is found."""

    index: int
    leaf: bytes
    entry: bytes
    at_ms: int
    kind: str
    level: int


class Archive:
    """A read-only snapshot. Everything raises StoreError, naming the file, for what cannot be read."""

    def __init__(self, db: apsw.Connection, path: Path) -> None:
        self._db = db
        self._path = str(path)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["Archive"]:
        """Open the database for reading, without changing it; a daemon may be running on it."""
        if not path.is_file():
            raise StoreError(f"{path} does not exist.", "Has the station run yet? It is made by `hotline run`.")
        with told_as(str(path)):
            db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            try:
                db.set_busy_timeout(2000)
                version = db.pragma("user_version")
                if db.pragma("application_id") != schema.APPLICATION_ID or not isinstance(version, int):
                    raise StoreError(f"{path} is not a Hotline database.", "Put the right file back.")
                if version != schema.VERSION:
                    raise StoreError(
                        f"{path} has schema {version}; this program reads {schema.VERSION}.",
                        "Start the station once with this version, or use the version that wrote it.",
                    )
                db.execute("BEGIN")
                yield cls(db, path)
            finally:
                db.close()

    def structure_faults(self) -> list[str]:
        """What SQLite itself finds wrong with the file, and definitions that are not ours; at most 20 lines."""
        with told_as(self._path):
            rows = [str(row[0]) for row in many(self._db, f"PRAGMA integrity_check({_FAULTS_SHOWN})")]
            altered = {definition[0] for definition in _definitions(self._db) ^ _as_made()}
            dropped = wal.fault(Path(self._path))
        faults = ([dropped] if dropped else []) + ([] if rows == ["ok"] else rows)
        return (faults + [f"the definition of {safe(name)} was altered." for name in sorted(altered)])[:_FAULTS_SHOWN]

    def logs(self, line: bytes) -> list[ArchivedLog]:
        """Both logs of a line, mine first."""
        sql = """SELECT l.id, l.origin, l.mine, coalesce((SELECT max(idx) + 1 FROM entry WHERE log = l.id), 0),
                   l.frozen, l.pair, l.generation, l.first FROM log l WHERE l.line = ? ORDER BY l.mine DESC"""
        with told_as(self._path):
            rows = many(self._db, sql, line)
            return [ArchivedLog(id_, origin, bool(mine), *rest) for id_, origin, mine, *rest in rows]

    def lines(self) -> list[tuple[bytes, bytes, int]]:
        """Line id, pair id and generation of all that there are logs of."""
        with told_as(self._path):
            rows = many(self._db, "SELECT DISTINCT line, pair, generation FROM log ORDER BY line, generation")
            return [(bytes(row[0]), bytes(row[1]), int(row[2])) for row in rows]

    def entries(self, log: int) -> Iterator[tuple[int, Stored]]:
        """All entries in order of index, with their bodies; gaps show as jumps of the index."""
        sql = """SELECT e.idx, e.entry, e.leaf, coalesce(b.salt, x''), coalesce(b.body, x'') FROM entry e
                 LEFT JOIN body b ON b.log = e.log AND b.idx = e.idx
                 WHERE e.log = ? AND e.idx > ? ORDER BY e.idx LIMIT ?"""
        last = -1
        while True:
            with told_as(self._path):
                rows = many(self._db, sql, log, last, _CHUNK)
            for index, *parts in rows:
                yield index, Stored(*parts)
            if len(rows) < _CHUNK:
                return
            last = rows[-1][0]

    def displaced(self, log: ArchivedLog) -> Iterator[bytes]:
        """The entries that this log has lost to what the peer held, or to a signed head."""
        with told_as(self._path):
            for (found,) in self._db.execute("SELECT entry FROM displaced WHERE log = ?", (log.id,)):
                yield bytes(found)

    def judged(self, log: ArchivedLog) -> int:
        """How many entries of a mirror were judged, and shown to people here."""
        with told_as(self._path):
            row = one(self._db, "SELECT judged FROM log WHERE id = ?", log.id)
        return int(row[0]) if row else 0

    def heads(self, log: ArchivedLog) -> list[KeepHead]:
        """All signed heads, smallest first."""
        sql = "SELECT size, root, signature FROM head WHERE log = ? ORDER BY size"
        with told_as(self._path):
            return [KeepHead(log.origin, *row) for row in many(self._db, sql, log.id)]

    def receipts(self, log: ArchivedLog) -> list[KeepReceipt]:
        """All receipts, smallest first."""
        sql = "SELECT size, root, timestamp_s, signature FROM receipt WHERE log = ? ORDER BY size"
        with told_as(self._path):
            return [KeepReceipt(log.origin, *row) for row in many(self._db, sql, log.id)]

    def proposals(self, log: ArchivedLog) -> list[KeepProposal]:
        """All kept proposals, smallest first."""
        sql = "SELECT size, root, signature FROM proposal WHERE log = ? ORDER BY size"
        with told_as(self._path):
            return [KeepProposal(log.origin, *row) for row in many(self._db, sql, log.id)]

    def journal(self) -> Iterator[JournalLine]:
        """All entries of the station's own journal, in order of index; gaps show as jumps of it."""
        sql = "SELECT idx, leaf, entry, at_ms, kind, level FROM journal WHERE idx > ? ORDER BY idx LIMIT ?"
        last = -1
        while True:
            with told_as(self._path):
                rows = many(self._db, sql, last, _CHUNK)
            for row in rows:
                yield JournalLine(*sound(self._path, row, int, bytes, bytes, int, str, int))
            if len(rows) < _CHUNK:
                return
            last = rows[-1][0]

    def journal_heads(self) -> list[JournalHead]:
        """The kept heads of the journal, smallest first."""
        sql = "SELECT size, generation, root, signature FROM journal_head ORDER BY size"
        with told_as(self._path):
            return [JournalHead(*sound(self._path, row, int, int, bytes, bytes)) for row in many(self._db, sql)]

    def surfaced(self, log: int) -> list[tuple[int, bytes, int, str]]:
        """Inbox rows of a mirror as (index, notice id, serial, reason), by index."""
        sql = "SELECT idx, id, serial, reason FROM inbox WHERE log = ? ORDER BY idx"
        with told_as(self._path):
            return [(row[0], row[1], row[2], row[3]) for row in many(self._db, sql, log)]

    def repeats(self, log: ArchivedLog) -> set[int]:
        """The indexes of a mirror whose notices are kept out of the lists, because they were surfaced before."""
        with told_as(self._path):
            return {row[0] for row in many(self._db, "SELECT idx FROM inbox WHERE log = ? AND repeat <> 0", log.id)}

    def listed(self, log: ArchivedLog) -> dict[int, Row]:
        """Notices as the lists show them, by index: (id, serial, precedence, mode, expires_s, kind, subject)."""
        table, where = ("outbox", "idx >= 0") if log.mine else ("inbox", "type = 2")
        columns = "idx, id, serial, precedence, mode, expires_s, kind, subject"
        sql = f"SELECT {columns} FROM {table} WHERE log = ? AND {where}"  # noqa: S608  # fixed names
        with told_as(self._path):
            return {row[0]: row[1:] for row in many(self._db, sql, log.id)}

    def emergencies(self, line: bytes) -> list[KeptEmergency]:
        """Emergency texts of both directions, oldest first."""
        with told_as(self._path):
            return Emergencies(self._db).kept(line)

    def find(self, log: ArchivedLog, *, serial: int = 0, notice_id: bytes = b"") -> int | None:
        """The index of a notice by serial or id, or None."""
        table = "outbox" if log.mine else "inbox"
        where = "id = ?" if notice_id else "serial = ?"
        value = notice_id or serial
        sql = f"SELECT idx FROM {table} WHERE log = ? AND idx >= 0 AND {where} ORDER BY idx LIMIT 1"  # noqa: S608  # fixed names
        with told_as(self._path):
            row = one(self._db, sql, log.id, value)
        return None if row is None else int(row[0])

    # --- what lists and states show, to be held against the logs ------------------------------------------

    def orphans(self) -> list[str]:
        """The tables that hold rows of a log that is not here: nothing would ever show them again."""
        sql = "SELECT count(*) FROM {} WHERE log NOT IN (SELECT id FROM log)"
        with told_as(self._path):
            return [table for table in _OF_A_LOG if next(self._db.execute(sql.format(table)))[0]]

    def answers(self, log: ArchivedLog) -> list[Row]:
        """The answers shown of the entries of a log: (target, type, mine, verdict, text, key)."""
        sql = "SELECT target, type, mine, verdict, text, key FROM answer WHERE log = ?"
        with told_as(self._path):
            return many(self._db, sql, log.id)

    def queued(self, line: bytes) -> list[Row]:
        """What waits to enter my log: (key, rank, payload, salt, body)."""
        with told_as(self._path):
            return many(self._db, "SELECT key, rank, payload, salt, body FROM queue WHERE line = ?", line)

    def inbox_facts(self, log: ArchivedLog) -> dict[int, tuple[int, int]]:
        """Type and time of the valid entries that the inbox shows, by index."""
        sql = "SELECT idx, type, time_ms FROM inbox WHERE log = ? AND reason = ''"
        with told_as(self._path):
            return {row[0]: (row[1], row[2]) for row in many(self._db, sql, log.id)}

    def began_anew(self) -> bool:
        """Whether the journal says of itself that all before it was lost: this database was begun after a loss."""
        with told_as(self._path):
            return one(self._db, "SELECT 1 FROM journal WHERE idx = 0 AND kind = 'journal-restored'") is not None

    def rebuilt(self) -> list[bytes]:
        """The journal's entries about lines whose logs the peer has given back, which tell the line id."""
        with told_as(self._path):
            return [bytes(row[0]) for row in many(self._db, "SELECT entry FROM journal WHERE kind = 'rebuilt'")]

    def shown_stored(self, log: ArchivedLog) -> int:
        """One past the last index that the outbox shows as STORED, 0 if there is none."""
        sql = "SELECT coalesce(max(idx) + 1, 0) FROM outbox WHERE log = ? AND stored_ms > 0"
        with told_as(self._path):
            row = one(self._db, sql, log.id)
        return int(row[0]) if row else 0

    def cards(self, line: bytes) -> list[tuple[int, bytes]]:
        """The cards that are kept beside the logs, ours and the peer's, with their numbers."""
        sql = "SELECT number, packed FROM card WHERE line = ?"
        with told_as(self._path):
            return [(row[0], bytes(row[1])) for row in many(self._db, sql, line)]


def _definitions(db: apsw.Connection) -> set[tuple[str, ...]]:
    """Each table and index: its name, its kind, the table that it is of, and the words that made it."""
    sql = "SELECT name, type, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"
    return {tuple(map(str, row)) for row in many(db, sql)}


def _as_made() -> set[tuple[str, ...]]:
    """The same of a new database. SQLite believes an altered definition, and reads its rows by it."""
    db = apsw.Connection(":memory:")
    try:
        schema.migrate(db, "The database in memory")
        return _definitions(db)
    finally:
        db.close()
