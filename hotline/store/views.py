"""A line as it is on disk, for the core, read through the writing connection: it sees the present batch."""

import apsw

from hotline.core import entry as entries
from hotline.core import queue
from hotline.core.queue import Queued
from hotline.core.step import CosignIntent, KeepHead, KeepProposal, KeepReceipt, Stored
from hotline.errors import MalformedError, StoreError
from hotline.store.emergencies import Emergencies
from hotline.store.rows import DAMAGED_REMEDY, many, number, one


class SqlLog:
    """`hotline.core.view.LogView` of one row of `log`."""

    def __init__(self, db: apsw.Connection, log: int, origin: str) -> None:
        self._db = db
        self.log = log
        self.origin = origin

    def size(self) -> int:
        row = one(self._db, "SELECT max(idx) FROM entry WHERE log = ?", self.log)
        return 0 if row is None or row[0] is None else number(self._db, row[0]) + 1

    def leaves(self, start: int, end: int) -> list[bytes]:
        sql = "SELECT leaf FROM entry WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx"
        return [leaf for (leaf,) in many(self._db, sql, self.log, start, end)]

    def entries(self, start: int, end: int) -> list[Stored]:
        sql = """SELECT e.entry, e.leaf, coalesce(b.salt, x''), coalesce(b.body, x'') FROM entry e
                 LEFT JOIN body b ON b.log = e.log AND b.idx = e.idx
                 WHERE e.log = ? AND e.idx >= ? AND e.idx < ? ORDER BY e.idx"""
        return [Stored(*row) for row in many(self._db, sql, self.log, start, end)]

    def head(self) -> KeepHead | None:
        sql = "SELECT size, root, signature FROM head WHERE log = ? ORDER BY size DESC LIMIT 1"
        row = one(self._db, sql, self.log)
        return KeepHead(self.origin, *row) if row else None

    def receipt(self) -> KeepReceipt | None:
        sql = "SELECT size, root, timestamp_s, signature FROM receipt WHERE log = ? ORDER BY size DESC LIMIT 1"
        row = one(self._db, sql, self.log)
        return KeepReceipt(self.origin, *row) if row else None

    def intent(self) -> CosignIntent | None:
        row = one(self._db, "SELECT size, root, timestamp_s FROM intent WHERE log = ?", self.log)
        return CosignIntent(self.origin, *row) if row else None

    def proposal_after(self, size: int) -> KeepProposal | None:
        sql = "SELECT size, root, signature FROM proposal WHERE log = ? AND size > ? ORDER BY size LIMIT 1"
        row = one(self._db, sql, self.log, size)
        return KeepProposal(self.origin, *row) if row else None

    def last_serial(self) -> int:
        row = one(self._db, "SELECT serial FROM log WHERE id = ?", self.log)
        return number(self._db, row[0]) if row else 0

    def judged(self) -> tuple[int, int]:
        row = one(self._db, "SELECT judged, seen FROM log WHERE id = ?", self.log)
        return (number(self._db, row[0]), number(self._db, row[1])) if row else (0, 0)

    def has_notice(self, notice_id: bytes, before: int) -> bool:
        sql = "SELECT 1 FROM inbox WHERE log = ? AND id = ? AND idx < ? LIMIT 1"
        return one(self._db, sql, self.log, notice_id, before) is not None

    def frozen(self) -> bytes:
        row = one(self._db, "SELECT frozen FROM log WHERE id = ?", self.log)
        return bytes(row[0]) if row else b""


class SqlLine:
    """`hotline.core.view.LineView`: both logs and the queue."""

    def __init__(self, db: apsw.Connection, line: bytes, own: SqlLog, mirror: SqlLog) -> None:
        self._db = db
        self._line = line
        self._own = own
        self._mirror = mirror

    @property
    def own(self) -> SqlLog:
        return self._own

    @property
    def mirror(self) -> SqlLog:
        return self._mirror

    def queued(self, limit: int) -> list[Queued]:
        sql = """SELECT key, rank, payload, salt, body FROM queue WHERE line = ? AND rank >= 0
                 ORDER BY rank DESC, seq LIMIT ?"""
        try:
            return [queue.from_payload(*row) for row in many(self._db, sql, self._line, limit)]
        except MalformedError as e:  # our own disk, not the peer, is to blame
            raise StoreError(f"The queue in {self._db.filename} is damaged: {e.what}", DAMAGED_REMEDY) from None

    def earlier(self, notice_id: bytes) -> bytes:
        sql = """SELECT e.entry FROM log now JOIN log l ON l.pair = now.pair AND l.mine = 0
                   AND l.generation < now.generation
                 CROSS JOIN inbox i ON i.log = l.id AND i.id = ? AND i.type = 2 AND i.reason = ''
                 CROSS JOIN entry e ON e.log = i.log AND e.idx = i.idx
                 WHERE now.id = ? ORDER BY l.generation, i.idx LIMIT 1"""
        row = one(self._db, sql, notice_id, self._mirror.log)
        return entries.envelope(bytes(row[0])).commitment if row else b""

    def emergency(self, emergency_id: bytes, *, mine: bool) -> bytes:
        return Emergencies(self._db).payload(self._line, emergency_id, mine=mine)

    def unseen_emergencies(self) -> list[tuple[bytes, bytes]]:
        return Emergencies(self._db).unseen(self._line)
