"""Reading for lists and status, on read-only connections, so that a slow listing never delays a commit.

In WAL mode a reader never blocks the writer. It does keep the -wal from being reused while it holds its
snapshot: every query is bounded, runs along an index, and is read to its end at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from hotline import limits
from hotline.store import schema
from hotline.store.emergencies import Emergencies
from hotline.store.journal import JournalRows
from hotline.store.matters import Matters
from hotline.store.rows import Row, many, one, told_as

# Answers to one notice: a person or two at each end. A peer that sends more is not shown in full.
ANSWERS_SHOWN = 100
_SENT = (
    "o.id, l.line, l.origin, o.idx, o.serial, o.precedence, o.mode, o.expires_s, o.kind, o.subject, "
    "o.submitted_ms, o.stored_ms, o.seq, o.marks"
)
# What went out again in a later generation of its line is shown there.
_BY_PEOPLE = """NOT (o.kind = 'line-test' AND o.marks = 'SENT BY THE MACHINE') AND NOT EXISTS (
  SELECT 1 FROM log later CROSS JOIN outbox again ON again.log = later.id AND again.id = o.id
  WHERE later.pair = l.pair AND later.mine = 1 AND later.generation > l.generation)"""
_RECEIVED = (
    "i.seq, l.line, l.origin, i.idx, i.type, i.time_ms, i.surfaced_ms, i.reason, i.recovered, i.id, i.serial, "
    "i.precedence, i.mode, i.expires_s, i.officers, i.kind, i.subject, i.marks"
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A row of the outbox; `index` is -1 while queued, `stored_ms` 0 until a signed head covers it, `row` its place."""

    id: bytes
    line: bytes
    origin: str
    index: int
    serial: int
    precedence: int
    mode: int
    expires_s: int
    kind: str
    subject: str
    submitted_ms: int
    stored_ms: int
    row: int
    marks: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A row of the inbox; `type` is the entry's (0 undecodable), `reason` that of INVALID."""

    seq: int
    line: bytes
    origin: str
    index: int
    type: int
    time_ms: int
    surfaced_ms: int
    reason: str
    recovered: bool
    id: bytes
    serial: int
    precedence: int
    mode: int
    expires_s: int
    officers: tuple[str, ...]
    kind: str
    subject: str
    marks: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to an entry; `mine` where this station gave it."""

    type: int
    mine: bool
    time_ms: int
    at_ms: int
    verdict: int
    officer: str
    text: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Happened:
    """A kept event."""

    seq: int
    at_ms: int
    line: bytes
    kind: str
    text: str
    alarm: bool
    index: int
    clears: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """One line's figures for `status`."""

    queued: int
    not_stored: int
    unread: int
    last_sent: int
    last_received: int


class Reader:
    """One read-only connection; used by one thread at a time."""

    def __init__(self, db: apsw.Connection, path: Path) -> None:
        self._db = db
        self._path = str(path)
        self.matters = Matters(db)
        self.journal = JournalRows(db)
        self.emergencies = Emergencies(db)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["Reader"]:
        """Open for reading, with one snapshot for everything read inside the block."""
        with told_as(str(path)):
            db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            try:
                db.set_busy_timeout(2000)
                schema.require(db, str(path))
                db.execute("BEGIN")
                yield cls(db, path)
            finally:
                db.close()

    # --- inbox -----------------------------------------------------------------------------------

    def inbox(self, after: int, limit: int, *, notices_only: bool) -> list[Received]:
        """Rows after a seq, oldest first. `notices_only` leaves out valid answers and geneses, nothing INVALID.

        What was surfaced in an earlier generation of its line is never there a second time.
        """
        chosen = "AND i.listed = 1" if notices_only else "AND i.repeat = 0"
        sql = f"""SELECT {_RECEIVED} FROM inbox i CROSS JOIN log l ON l.id = i.log
                  WHERE i.seq > ? {chosen} ORDER BY i.seq LIMIT ?"""  # noqa: S608  # fixed columns, bound values
        return [_received(row) for row in many(self._db, sql, after, min(limit, limits.API_PAGE))]

    def latest_inbox(self, limit: int, *, notices_only: bool) -> list[Received]:
        """The last rows, oldest of them first."""
        chosen = "WHERE i.listed = 1" if notices_only else "WHERE i.repeat = 0"
        sql = f"""SELECT {_RECEIVED} FROM inbox i CROSS JOIN log l ON l.id = i.log
                  {chosen} ORDER BY i.seq DESC LIMIT ?"""  # noqa: S608  # fixed columns, bound values
        return [_received(row) for row in many(self._db, sql, min(limit, limits.API_PAGE))][::-1]

    def received(self, log: str, *, serial: int = 0, notice_id: bytes = b"") -> Received | None:
        """The peer's notice of this serial or id in the mirror with this origin; the first, if it repeats one."""
        where = "i.id = ?" if notice_id else "i.serial = ?"
        sql = f"""SELECT {_RECEIVED} FROM inbox i JOIN log l ON l.id = i.log
                  WHERE l.origin = ? AND i.type = 2 AND {where} ORDER BY i.idx LIMIT 1"""  # noqa: S608  # fixed columns
        row = one(self._db, sql, log, notice_id or serial)
        return _received(row) if row else None

    def cursor(self, consumer: str) -> int:
        """The last seq that this consumer has confirmed; 0 for a new one."""
        row = one(self._db, "SELECT seq FROM cursor WHERE name = ?", consumer)
        return int(row[0]) if row else 0

    # --- outbox ----------------------------------------------------------------------------------

    def outbox(self, limit: int, *, before: int, newest_first: bool) -> list[Sent]:
        """My notices; `before` is the `row` of the last one seen, 0 for the beginning."""
        if newest_first:
            sql = f"""SELECT {_SENT} FROM outbox o CROSS JOIN log l ON l.id = o.log
                      WHERE o.seq < ? AND {_BY_PEOPLE} ORDER BY o.seq DESC LIMIT ?"""  # noqa: S608  # fixed columns, bound values
            return [Sent(*row) for row in many(self._db, sql, before or limits.TREE_SIZE, min(limit, limits.API_PAGE))]
        sql = f"""SELECT {_SENT} FROM outbox o CROSS JOIN log l ON l.id = o.log
                  WHERE o.seq > ? AND {_BY_PEOPLE} ORDER BY o.seq LIMIT ?"""  # noqa: S608  # fixed columns, bound values
        return [Sent(*row) for row in many(self._db, sql, before, min(limit, limits.API_PAGE))]

    def sent(self, log: str, *, serial: int = 0, notice_id: bytes = b"") -> Sent | None:
        """My notice of this serial or id in the log with this origin."""
        where = "o.id = ?" if notice_id else "o.serial = ? AND o.idx >= 0"
        sql = f"""SELECT {_SENT} FROM outbox o JOIN log l ON l.id = o.log
                  WHERE l.origin = ? AND {where} LIMIT 1"""  # noqa: S608  # fixed columns, bound values
        row = one(self._db, sql, log, notice_id or serial)
        return Sent(*row) if row else None

    # --- of one entry ----------------------------------------------------------------------------

    def answers(self, log: str, target: int) -> list[Given]:
        """What was answered to an entry, in the order in which it became known here."""
        sql = """SELECT a.type, a.mine, a.time_ms, a.at_ms, a.verdict, a.officer, a.text, a.key FROM answer a
                 JOIN log l ON l.id = a.log WHERE l.origin = ? AND a.target = ? LIMIT ?"""
        rows = sorted(many(self._db, sql, log, target, ANSWERS_SHOWN), key=lambda row: (row[3], row[0]))
        return [Given(row[0], bool(row[1]), *row[2:]) for row in rows]

    def entry(self, log: str, index: int) -> bytes:
        """An entry as it stands in its log, empty if it is not there."""
        sql = "SELECT e.entry FROM entry e JOIN log l ON l.id = e.log WHERE l.origin = ? AND e.idx = ?"
        row = one(self._db, sql, log, index)
        return bytes(row[0]) if row else b""

    def leaf(self, log: str, index: int) -> bytes | None:
        """The leaf hash of an entry."""
        sql = "SELECT e.leaf FROM entry e JOIN log l ON l.id = e.log WHERE l.origin = ? AND e.idx = ?"
        row = one(self._db, sql, log, index)
        return bytes(row[0]) if row else None

    def body(self, log: str, index: int) -> bytes:
        """The body of an entry, empty if it has none."""
        sql = "SELECT b.body FROM body b JOIN log l ON l.id = b.log WHERE l.origin = ? AND b.idx = ?"
        row = one(self._db, sql, log, index)
        return bytes(row[0]) if row else b""

    def queued_body(self, line: bytes, key: bytes) -> bytes:
        """The body of a notice that is still queued, empty if it is not."""
        row = one(self._db, "SELECT body FROM queue WHERE line = ? AND key = ?", line, key)
        return bytes(row[0]) if row else b""

    # --- status and events ---------------------------------------------------------------------------

    def counts(self, line: bytes) -> Counts:
        """What `status` shows of a line."""
        (queued,) = one(self._db, "SELECT count(*) FROM queue WHERE line = ?", line) or (0,)
        sql = "SELECT id, mine, serial FROM log WHERE line = ?"
        logs = {bool(mine): (log, serial) for log, mine, serial in many(self._db, sql, line)}
        own, last_sent = logs.get(True, (-1, 0))
        mirror, last_received = logs.get(False, (-1, 0))
        (not_stored,) = one(self._db, "SELECT count(*) FROM outbox WHERE log = ? AND stored_ms = 0", own) or (0,)
        sql = "SELECT count(*) FROM inbox WHERE log = ? AND type = 2 AND reason = '' AND opened = 0 AND listed = 1"
        (unread,) = one(self._db, sql, mirror) or (0,)
        return Counts(queued, not_stored, unread, last_sent, last_received)

    def log_sizes(self, log: str) -> tuple[int, int, int, bool]:
        """Size, that of the largest signed head, that of the largest receipt, and whether it is frozen."""
        sql = """SELECT (SELECT coalesce(max(idx) + 1, 0) FROM entry WHERE log = l.id),
                   (SELECT coalesce(max(size), 0) FROM head WHERE log = l.id),
                   (SELECT coalesce(max(size), 0) FROM receipt WHERE log = l.id), frozen <> x'' FROM log l
                 WHERE origin = ?"""
        row = one(self._db, sql, log)
        return (int(row[0]), int(row[1]), int(row[2]), bool(row[3])) if row else (0, 0, 0, False)

    def rejected(self, line: bytes) -> dict[str, int]:
        """Frames that failed a check, by reason, over all paths."""
        sql = "SELECT reason, sum(count) FROM rejected WHERE line = ? GROUP BY reason ORDER BY reason LIMIT 100"
        return {str(reason): int(count) for reason, count in many(self._db, sql, line)}

    def alarms(self, line: bytes, limit: int) -> list[Happened]:
        """The latest alarms of a line that were not cleared since, newest first."""
        sql = """SELECT seq, at_ms, line, kind, text, alarm, idx, clears FROM event e WHERE line = ? AND alarm = 1
                 AND NOT EXISTS (SELECT 1 FROM event c WHERE c.line = e.line AND c.clears = e.kind AND c.clears <> ''
                   AND c.seq > e.seq) ORDER BY seq DESC LIMIT ?"""
        return [_happened(row) for row in many(self._db, sql, line, min(limit, limits.API_PAGE))]

    def events(self, after: int, limit: int) -> list[Happened]:
        """Kept events after a seq, oldest first."""
        sql = "SELECT seq, at_ms, line, kind, text, alarm, idx, clears FROM event WHERE seq > ? ORDER BY seq LIMIT ?"
        return [_happened(row) for row in many(self._db, sql, after, min(limit, limits.API_PAGE))]

    def last_event(self) -> int:
        """The seq of the newest event, 0 if there is none."""
        row = one(self._db, "SELECT coalesce(max(seq), 0) FROM event")
        return int(row[0]) if row else 0


def _received(row: Row) -> Received:
    officers = tuple(row[14].split("\n")) if row[14] else ()
    return Received(*(*row[:8], bool(row[8]), *row[9:14], officers, *row[15:]))


def _happened(row: Row) -> Happened:
    return Happened(*(*row[:5], bool(row[5]), *row[6:]))
