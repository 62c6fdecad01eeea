"""The one writing connection. A batch is applied in one transaction; `commit` returns when it is on disk."""

import contextlib
import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

import apsw

from hotline import limits
from hotline.core import entry, queue
from hotline.core import step as s
from hotline.core.judge import BodyReader
from hotline.core.kinds import kind_of, level_of
from hotline.errors import BusyError, MalformedError, NotFoundError, NoticeError, StoreError
from hotline.store import schema, wal
from hotline.store.desk import Desk
from hotline.store.emergencies import Emergencies
from hotline.store.generations import Carrier
from hotline.store.journal import Journal
from hotline.store.rows import DAMAGED_REMEDY, many, one, told_as
from hotline.store.views import SqlLine, SqlLog

_Kind = TypeVar("_Kind")
_EVENTS_KEPT = limits.API_EVENTS_HELD
_EVENTS_PRUNED_EVERY = 256
_ID_BYTES = 16
_SERIAL_DIGITS = 17  # of limits.TREE_SIZE, and one
_QUEUE_REMEDY = "Wait until the peer drains it, or telephone: FLASH is taken for longer."
_MAGIC, _LEAST_BYTES = b"SQLite format 3\0", 512


def connect(path: Path, *, vfs: str = "") -> apsw.Connection:
    """Open for writing with what durability needs: WAL, a sync at each commit, and no other writer."""
    if str(path) != ":memory:":
        _create_private(path)
        check_length(path)
    with told_as(str(path)):
        db = apsw.Connection(str(path), vfs=vfs or None)
        try:
            db.set_busy_timeout(2000)
            # Before anything is written: what stands there may be another program's.
            schema.check(db, str(path))
            db.pragma("journal_mode", "wal")
            db.pragma("synchronous", "full")
            db.pragma("foreign_keys", True)
            # A row that was cut or altered must not be read as something else.
            db.pragma("cell_size_check", True)
            schema.migrate(db, str(path))
        except BaseException:
            db.close()
            raise
    return db


def _create_private(path: Path) -> None:
    """See to it that the file exists and only its owner can read it; SQLite gives its -wal and -shm the same mode."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.close(fd)
    except FileExistsError:
        pass
    except OSError as e:
        raise StoreError(f"{path} cannot be created: {e.strerror}.", "Check the folder's owner and the disk.") from None


def check_length(path: Path) -> None:
    """Raise StoreError for a file that was cut short.

    SQLite notices whole pages that are cut off, and reads the rest of half a page as zeroes.
    """
    try:
        if fault := wal.fault(path):
            raise StoreError(f"{path}: {fault}", DAMAGED_REMEDY)
        if not path.is_file() or path.with_name(path.name + "-wal").exists():
            return  # what a crash cut short is made whole from the -wal
        with path.open("rb") as f:
            header, length = f.read(100), os.fstat(f.fileno()).st_size
    except OSError as e:
        raise StoreError(f"{path} cannot be read: {e.strerror}.", "Check its owner and the disk.") from None
    page_bytes = int.from_bytes(header[16:18], "big")
    needed = (65536 if page_bytes == 1 else page_bytes) * int.from_bytes(header[28:32], "big")
    # Of a few bytes SQLite makes a new database.
    if 0 < length < _LEAST_BYTES or (header[:16] == _MAGIC and length < needed):
        raise StoreError(f"{path} is cut short: it has {length} of {max(needed, _LEAST_BYTES)} bytes.", DAMAGED_REMEDY)


class Store:
    """Owns the writing connection; used by one thread only."""

    def __init__(self, path: Path, read_body: BodyReader, *, vfs: str = "") -> None:
        self.path = path
        self._read_body = read_body
        self._db = connect(path, vfs=vfs)
        self._logs: dict[str, SqlLog] = {}
        self._lines: dict[str, bytes] = {}
        self._queued: dict[bytes, tuple[int, int]] = {}  # entries and bytes that wait, by line
        self.queue_notices: int | None = None  # set by the configuration; else limits.QUEUE_NOTICES
        self.queue_bytes: int | None = None
        self._open = False
        self.desk = Desk(self._db, path, self._begin)
        self.carrier = Carrier(self._db, path, self._begin, self.desk)
        self.journal = Journal(self._db, str(path), self._begin)
        self.emergencies = Emergencies(self._db)

    def close(self) -> None:
        """Leave uncommitted writes behind and close. Never raises: what the disk refuses now, it has refused before."""
        with contextlib.suppress(apsw.Error):
            if self._db.in_transaction:  # not so if SQLite has rolled back by itself, as it does when the disk is full
                self._db.execute("ROLLBACK")
        self._open = False
        with contextlib.suppress(apsw.Error):
            self._db.close()

    # --- lines ----------------------------------------------------------------------------------

    def line(
        self,
        line: bytes,
        own: str,
        mirror: str,
        *,
        pair: bytes = b"",
        generation: int = 1,
        first: tuple[int, int] = (0, 0),
    ) -> SqlLine:
        """The view of one generation of a line, making its two logs the first time.

        `pair` is the line id of generation 1, empty there; `first` the serials before the first notice of the own log
        and of the mirror.
        """
        with told_as(str(self.path)):
            mine, theirs = (
                self._log(line, origin, is_mine, pair or line, generation, serial)
                for origin, is_mine, serial in ((own, 1, first[0]), (mirror, 0, first[1]))
            )
            return SqlLine(self._db, line, mine, theirs)

    def _log(self, line: bytes, origin: str, mine: int, pair: bytes, generation: int, first: int) -> SqlLog:
        self._begin()
        self._db.execute(
            """INSERT OR IGNORE INTO log (line, origin, mine, pair, generation, first, serial)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (line, origin, mine, pair, generation, first, first),
        )
        ((found,),) = many(self._db, "SELECT id FROM log WHERE origin = ?", origin)
        log = self._logs[origin] = SqlLog(self._db, int(found), origin)
        self._lines[origin] = line
        return log

    # --- batches ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        if not self._open:
            self._db.execute("BEGIN IMMEDIATE")
            self._open = True

    def apply(self, line: bytes, writes: list[s.Write], now_ms: int) -> None:
        """Apply the writes of one step, in order, to the open transaction."""
        if not writes:
            return
        with told_as(str(self.path)):
            self._begin()
            for write in writes:
                self._apply(line, write, now_ms)

    def commit(self) -> None:
        """Return when all that was applied is on disk. After StoreError the process must stop: nobody knows what is."""
        if self._open:
            with told_as(str(self.path)):
                self._db.execute("COMMIT")
            self._open = False

    def _apply(self, line: bytes, w: s.Write, now_ms: int) -> None:
        match w:
            case s.Append():
                self._append(line, w, now_ms)
            case s.Truncate():
                self._truncate(w, now_ms)
            case s.KeepProposal():
                self._put("proposal", "log, size, root, signature", self._id(w.origin), w.size, w.root, w.signature)
            case s.CosignIntent():
                self._put("intent", "log, size, root, timestamp_s", self._id(w.origin), w.size, w.root, w.timestamp_s)
            case s.KeepReceipt():
                columns = "log, size, root, timestamp_s, signature"
                self._put("receipt", columns, self._id(w.origin), w.size, w.root, w.timestamp_s, w.signature)
            case s.KeepHead():
                self._keep_head(w, now_ms)
            case s.Enqueue():
                self._enqueue(line, w)
            case s.Surface():
                self._surface(w, now_ms)
            case s.Judged():
                sql = "UPDATE log SET judged = ?, serial = ?, seen = ? WHERE id = ?"
                self._db.execute(sql, (w.size, w.serial, w.seen_size, self._id(w.origin)))
            case s.Answered():
                self._answered(w, now_ms)
            case s.Freeze():
                self._db.execute("UPDATE log SET frozen = ? WHERE id = ?", (w.evidence, self._id(w.origin)))
            case s.Watched():
                self.desk.keep_watch(line, w.state, w.officer, w.relieved, w.signed_ms, w.text, mine=False)
            case s.KeepCard():
                self.desk.keep_card(line, w.number, w.packed, mine=False)
            case s.KeepEmergency():
                self.emergencies.keep(line, w, now_ms)
            case s.EmergencySeen():
                self.emergencies.seen(line, w, now_ms)
            case s.Event():
                self.event(line, w, now_ms)

    def _id(self, origin: str) -> int:
        return self._logs[origin].log

    def _put(self, table: str, columns: str, *values: object) -> None:
        marks = ", ".join("?" * len(values))
        self._db.execute(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608  # names are ours, values are bound

    # --- logs ---------------------------------------------------------------------------------------

    def _append(self, line: bytes, w: s.Append, now_ms: int) -> None:
        log = self._id(w.origin)
        rows = list(enumerate(w.entries, w.start))
        self._db.executemany(
            "INSERT INTO entry (log, idx, leaf, entry) VALUES (?, ?, ?, ?)",
            [(log, i, e.leaf, e.entry) for i, e in rows],
        )
        self._db.executemany(
            "INSERT INTO body (log, idx, salt, body) VALUES (?, ?, ?, ?)",
            [(log, i, e.salt, e.body) for i, e in rows if e.body],
        )
        length, size = self._queue_size(line)
        for key in w.queued:
            sql = "DELETE FROM queue WHERE line = ? AND key = ? RETURNING length(payload) + length(body)"
            for (freed,) in many(self._db, sql, line, key):
                length, size = length - 1, size - int(freed)
        self._queued[line] = length, size
        if self._is_mine(log):
            for index, stored in rows:
                self._note_own(log, index, stored, now_ms)

    def _is_mine(self, log: int) -> bool:
        row = one(self._db, "SELECT mine FROM log WHERE id = ?", log)
        return bool(row and row[0])

    def _note_own(self, log: int, index: int, stored: s.Stored, now_ms: int) -> None:
        """The lists that people see, kept in step with what my log says."""
        try:
            content = entry.decode_content(entry.envelope(stored.entry).content)
        except MalformedError:
            return  # taken back from the peer, and written by another version of this program: kept, not listed
        if isinstance(content, entry.Notice):
            facts = self._read_body(stored.body, None)
            self._db.execute(
                """INSERT INTO outbox (id, log, idx, serial, precedence, mode, expires_s, kind, subject,
                     submitted_ms, appended_ms, stored_ms, alarmed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
                   ON CONFLICT (log, id) DO UPDATE SET idx = excluded.idx, serial = excluded.serial,
                     appended_ms = excluded.appended_ms, stored_ms = 0""",
                (content.id, log, index, content.serial, content.precedence, content.mode, content.expires_s,
                 facts.kind, facts.subject, content.time_ms, now_ms),
            )  # fmt: skip
            self._db.execute("UPDATE log SET serial = ? WHERE id = ?", (content.serial, log))
        elif isinstance(content, entry.Answer):
            self._note_own_answer(log, content, now_ms)

    def _note_own_answer(self, log: int, a: entry.Answer, now_ms: int) -> None:
        """An answer of mine: already noted when it was given, or taken back from the peer after a loss."""
        sql = "SELECT m.origin FROM log o JOIN log m ON m.line = o.line AND m.mine = 0 WHERE o.id = ?"
        ((mirror,),) = many(self._db, sql, log)
        # Where the row is there already, with the officer's name, it stays.
        self._answer(mirror, a.target, entry.type_of(a), 1, a.time_ms, now_ms, a.verdict, "", a.text, a.random)

    def _truncate(self, w: s.Truncate, now_ms: int) -> None:
        log = self._id(w.origin)
        self._db.execute(
            """INSERT INTO displaced (log, idx, entry, salt, body, reason, at_ms)
               SELECT e.log, e.idx, e.entry, coalesce(b.salt, x''), coalesce(b.body, x''), ?, ? FROM entry e
               LEFT JOIN body b ON b.log = e.log AND b.idx = e.idx WHERE e.log = ? AND e.idx >= ? AND ?""",
            (w.reason, now_ms, log, w.size, w.keep),
        )
        for table in ("entry", "body"):
            self._db.execute(f"DELETE FROM {table} WHERE log = ? AND idx >= ?", (log, w.size))  # noqa: S608  # a fixed name
        for table in ("head", "receipt", "proposal", "intent"):
            self._db.execute(f"DELETE FROM {table} WHERE log = ? AND size > ?", (log, w.size))  # noqa: S608  # a fixed name
        self._db.execute("UPDATE outbox SET idx = -1, serial = 0 WHERE log = ? AND idx >= ?", (log, w.size))
        if self._is_mine(log):
            last = "coalesce((SELECT max(serial) FROM outbox WHERE log = ?1), 0)"
            self._db.execute(f"UPDATE log SET serial = max(first, {last}) WHERE id = ?1", (log,))  # noqa: S608  # fixed names

    def _keep_head(self, w: s.KeepHead, now_ms: int) -> None:
        log = self._id(w.origin)
        if self._is_mine(log):
            row = one(self._db, "SELECT coalesce(max(size), 0) FROM head WHERE log = ?", log)
            start = int(row[0]) if row else 0
            self.desk.restart_deadlines(self._lines[w.origin], log, start, w.size, now_ms // 1000)
        self._put("head", "log, size, root, signature", log, w.size, w.root, w.signature)
        sql = "UPDATE outbox SET stored_ms = ? WHERE log = ? AND idx >= 0 AND idx < ? AND stored_ms = 0"
        self._db.execute(sql, (now_ms, log, w.size))

    # --- queue, inbox, answers ------------------------------------------------------------------------

    def _enqueue(self, line: bytes, w: s.Enqueue) -> None:
        length, size = self._queue_size(line)
        self._db.execute(
            "INSERT OR IGNORE INTO queue (line, key, rank, payload, salt, body) VALUES (?, ?, ?, ?, ?, ?)",
            (line, w.key, w.rank, w.payload, w.salt, w.body),
        )
        if self._db.changes():
            self._queued[line] = length + 1, size + len(w.payload) + len(w.body)

    def _queue_size(self, line: bytes) -> tuple[int, int]:
        """Counted once and then kept, as this is the only writer: counting at each of 100,000 takes minutes."""
        if line not in self._queued:
            sql = "SELECT count(*), coalesce(sum(length(payload) + length(body)), 0) FROM queue WHERE line = ?"
            ((length, size),) = many(self._db, sql, line)
            self._queued[line] = int(length), int(size)
        return self._queued[line]

    def _queue_most(self) -> tuple[int, int]:
        notices = limits.QUEUE_NOTICES if self.queue_notices is None else self.queue_notices
        return notices, limits.QUEUE_BYTES if self.queue_bytes is None else self.queue_bytes

    def queue_share(self, line: bytes) -> float:
        """How full the queue of a line is, by count or bytes; past 1.0 only FLASH is taken."""
        with told_as(str(self.path)):
            held = self._queue_size(line)
        return max(have / most if most else 1.0 for have, most in zip(held, self._queue_most(), strict=True))

    def _require_room(self, line: bytes, row: queue.Queued) -> None:
        (length, size), (notices, most_bytes) = self._queue_size(line), self._queue_most()
        if row.rank == queue.RANK_FLASH:
            notices, most_bytes = notices + limits.QUEUE_FLASH_NOTICES, most_bytes + limits.QUEUE_FLASH_BYTES
        if length >= notices:
            raise BusyError(f"The queue holds {length} entries; it takes no more.", _QUEUE_REMEDY, reason="queue-full")
        if size + row.size_bytes > most_bytes:
            raise BusyError(
                f"The queue holds {size} of {most_bytes} bytes; this notice has no room in it.",
                _QUEUE_REMEDY,
                reason="queue-full",
            )

    def submit(self, line: bytes, own: str, row: queue.Queued, facts: s.BodyFacts, now_ms: int) -> bool:
        """Queue a notice; return False if this id with this body is here already.

        NoticeError if the id is here with another body, BusyError if the queue is full.
        """
        what = _of_kind(row.what, queue.QueuedNotice)
        with told_as(str(self.path)):
            self._begin()
            if one(self._db, "SELECT 1 FROM outbox WHERE log = ? AND id = ?", self._id(own), row.key):
                self._check_same(line, own, row)
                return False
            self._require_room(line, row)
            self._enqueue(line, s.Enqueue(row.key, row.rank, queue.payload(what), row.salt, row.body))
            self._db.execute(
                """INSERT INTO outbox (id, log, idx, serial, precedence, mode, expires_s, kind, subject,
                     submitted_ms, appended_ms, stored_ms, alarmed) VALUES (?, ?, -1, 0, ?, ?, ?, ?, ?, ?, 0, 0, 0)""",
                (row.key, self._id(own), what.precedence, what.mode, what.expires_s, facts.kind, facts.subject, now_ms),
            )
            return True

    def _check_same(self, line: bytes, own: str, row: queue.Queued) -> None:
        sql = """SELECT body FROM queue WHERE line = ? AND key = ? UNION ALL SELECT b.body FROM outbox o
                 JOIN body b ON b.log = o.log AND b.idx = o.idx WHERE o.log = ? AND o.id = ?"""
        found = one(self._db, sql, line, row.key, self._id(own), row.key)
        what = _of_kind(row.what, queue.QueuedNotice)
        sql = "SELECT precedence, mode, expires_s FROM outbox WHERE log = ? AND id = ?"
        header = one(self._db, sql, self._id(own), row.key)
        if found is None or found[0] != row.body or header != (what.precedence, what.mode, what.expires_s):
            raise NoticeError(
                "A notice with this id exists already, with another text, precedence, mode or expiry.",
                "Use a new id; a sent notice is never edited, only amended by a new one.", field="id",
            )  # fmt: skip

    def enqueue_answer(self, line: bytes, mirror: str, row: queue.Queued, officer: str, now_ms: int) -> None:
        """Queue an answer that an officer has signed, and note it for the lists."""
        a = _of_kind(row.what, queue.QueuedAnswer)
        with told_as(str(self.path)):
            self._begin()
            self._enqueue(line, s.Enqueue(row.key, row.rank, queue.payload(a), b"", b""))
            self._answer(mirror, a.target, a.type, 1, now_ms, now_ms, a.verdict, officer, a.text, a.random)

    def _surface(self, w: s.Surface, now_ms: int) -> None:
        """UNIQUE (log, idx) makes a second surfacing an error, never a second row."""
        body = w.body or s.BodyFacts("", "", "")
        log = self._id(w.origin)
        # A store rebuilt from the peer has my own answers back before what they answer.
        answered = one(self._db, "SELECT 1 FROM answer WHERE log = ? AND target = ? AND mine = 1 LIMIT 1", log, w.index)
        self._db.execute(
            """INSERT INTO inbox (log, idx, type, time_ms, surfaced_ms, reason, recovered, opened, id, serial,
                 precedence, mode, expires_s, officers, kind, subject, repeat)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (log, w.index, w.type, w.time_ms, now_ms, w.reason, int(w.recovered), int(answered is not None),
             w.notice_id, w.serial, w.precedence, w.mode, w.expires_s, "\n".join(w.officers), body.kind, body.subject,
             int(w.repeat)),
        )  # fmt: skip

    def _answered(self, w: s.Answered, now_ms: int) -> None:
        """An answer of the peer. After an acknowledgement or refusal nobody waits any more."""
        key = w.index.to_bytes(8, "big")
        self._answer(w.origin, w.target, w.type, 0, w.time_ms, now_ms, w.verdict, w.officer, w.text, key)
        if w.type != entry.OPENED:
            sql = "UPDATE outbox SET alarmed = 1 WHERE log = ? AND idx = ? AND alarmed = 0"
            self._db.execute(sql, (self._id(w.origin), w.target))

    def _answer(
        self, origin: str, target: int, kind: int, mine: int, time_ms: int, now_ms: int,
        verdict: int, officer: str, text: str, key: bytes,
    ) -> None:  # fmt: skip
        self._db.execute(
            """INSERT OR IGNORE INTO answer (log, target, type, mine, time_ms, at_ms, verdict, officer, text, key)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (self._id(origin), target, kind, mine, time_ms, now_ms, verdict, officer, text, key),
        )
        if mine:
            self._db.execute("UPDATE inbox SET opened = 1 WHERE log = ? AND idx = ?", (self._id(origin), target))

    def name_own_answer(self, mirror: str, target: int, key: bytes, officer: str) -> None:
        """Name the officer of an answer of mine that was taken back from the peer; a name that is there stays."""
        with told_as(str(self.path)):
            self._begin()
            sql = "UPDATE answer SET officer = ? WHERE log = ? AND target = ? AND mine = 1 AND key = ? AND officer = ''"
            self._db.execute(sql, (officer, self._id(mirror), target, key))

    # --- consumers, events, counters ---------------------------------------------------------------------

    def confirm(self, consumer: str, seq: int, now_ms: int) -> None:
        """Move a consumer's cursor forward to `seq`; it never moves back. BusyError past the bound of consumers.

        NotFoundError for a seq that the inbox has not reached: the consumer would never be shown what comes next.
        """
        with told_as(str(self.path)):
            self._begin()
            last = one(self._db, "SELECT coalesce(max(seq), 0) FROM inbox")
            if last and seq > last[0]:
                raise NotFoundError(
                    f"The inbox has no row {seq} yet; the last is {last[0]}.", "Confirm what was shown."
                )
            known = one(self._db, "SELECT 1 FROM cursor WHERE name = ?", consumer)
            count = one(self._db, "SELECT count(*) FROM cursor")
            if known is None and count and count[0] >= limits.CONSUMERS:
                raise BusyError(f"There are {limits.CONSUMERS} consumers already.", "Use one of the existing names.")
            self._db.execute(
                """INSERT INTO cursor (name, seq, at_ms) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE
                   SET seq = max(seq, excluded.seq), at_ms = excluded.at_ms""",
                (consumer, seq, now_ms),
            )

    def emergency_printed(self, seq: int) -> None:
        """The printer has taken an emergency text."""
        with told_as(str(self.path)):
            self._begin()
            self.emergencies.printed(seq)

    def last_event(self) -> int:
        """The seq of the newest event, of the present batch too; 0 if there is none."""
        with told_as(str(self.path)):
            row = one(self._db, "SELECT coalesce(max(seq), 0) FROM event")
        return int(row[0]) if row else 0

    def event(self, line: bytes, w: s.Event, now_ms: int) -> None:
        """Journal an event, and keep it for listeners that resume; the oldest that no alarm hangs on give way."""
        kind = kind_of(w.kind)
        level = level_of(w.kind, alarm=w.alarm)
        taken = kind.journalled and self.journal.take(now_ms, line, w.kind, level, w.plain or w.text, w.fields)
        if kind.sparing and not taken:
            return
        with told_as(str(self.path)):
            self._begin()
            self._db.execute(
                """INSERT INTO event (at_ms, line, kind, text, alarm, origin, idx, clears)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
                (now_ms, line, w.kind, w.text, int(w.alarm), w.origin, w.index, kind.clears),
            )
            last = self._db.last_insert_rowid()
            if last % _EVENTS_PRUNED_EVERY == 0:
                sql = "DELETE FROM event WHERE alarm = 0 AND clears = '' AND seq <= ?"
                self._db.execute(sql, (last - _EVENTS_KEPT,))

    def standing(self, line: bytes, kind: str) -> bool:
        """Whether the last alarm of this kind, which something clears, was not cleared since."""
        sql = """SELECT coalesce(max(seq), 0) > (SELECT coalesce(max(seq), 0) FROM event WHERE line = ?1
                   AND clears = ?2 AND clears <> '') FROM event WHERE line = ?1 AND kind = ?2 AND alarm = 1"""
        row = one(self._db, sql, line, kind)
        return bool(row and row[0])

    def rejected(self, line: bytes, path: str, reason: str, count: int, now_ms: int) -> None:
        """Count frames that failed a check."""
        with told_as(str(self.path)):
            self._begin()
            self._db.execute(
                """INSERT INTO rejected (line, path, reason, count, first_ms, last_ms) VALUES (?, ?, ?, ?, ?, ?)
                   ON CONFLICT (line, path, reason)
                   DO UPDATE SET count = count + excluded.count, last_ms = excluded.last_ms""",
                (line, path, reason, count, now_ms, now_ms),
            )

    # --- what the record asks ----------------------------------------------------------------------------

    def line_of(self, origin: str) -> bytes:
        """The line that a log is of."""
        return self._lines[origin]

    def valid_notices(self, origin: str) -> set[int]:
        """The indices of the peer's notices that were judged valid."""
        sql = "SELECT idx FROM inbox WHERE log = ? AND type = 2 AND reason = ''"
        return {int(row[0]) for row in many(self._db, sql, self._id(origin))}

    def own_id(self, origin: str, index: int) -> bytes:
        """The id of the notice at this index of my log, empty if none is there."""
        row = one(self._db, "SELECT id FROM outbox WHERE log = ? AND idx = ?", self._id(origin), index)
        return bytes(row[0]) if row else b""

    def body_of(self, line: bytes, notice_id: bytes, *, mine: bool, index: int) -> bytes:
        """The body of a notice: mine by its id, also while queued; the peer's by its index. Empty if it is not here."""
        if mine:
            sql = """SELECT body FROM queue WHERE line = ?1 AND key = ?2 UNION ALL
                     SELECT b.body FROM log l CROSS JOIN outbox o ON o.log = l.id
                     JOIN body b ON b.log = o.log AND b.idx = o.idx
                     WHERE l.line = ?1 AND l.mine = 1 AND o.id = ?2 LIMIT 1"""
            row = one(self._db, sql, line, notice_id)
        else:
            sql = """SELECT b.body FROM body b JOIN log l ON l.id = b.log
                     WHERE l.line = ? AND l.mine = 0 AND b.idx = ?"""
            row = one(self._db, sql, line, index)
        return bytes(row[0]) if row else b""

    def named(self, line: bytes, name: str, mine: Collection[str], theirs: Collection[str]) -> tuple[bytes, int] | None:
        """Id and mode of the notice that `NORTH 7` or an id names; None if it names none of this line."""
        who, _, number = name.rpartition(" ")
        plain = name.replace("-", "").lower()
        for table, own, names, where in (("outbox", 1, mine, "idx >= -1"), ("inbox", 0, theirs, "type = 2")):
            what: str
            value: int | bytes
            if who in names and number.isascii() and number.isdigit() and len(number) < _SERIAL_DIGITS:
                what, value = "serial", int(number)
            elif len(plain) == 2 * _ID_BYTES and set(plain) <= set("0123456789abcdef"):
                what, value = "id", bytes.fromhex(plain)
            else:
                continue
            # The indexes end in idx: of those that a peer repeats the first is found.
            sql = f"""SELECT t.id, t.mode FROM log l CROSS JOIN {table} t ON t.log = l.id
                      WHERE l.line = ? AND l.mine = {own} AND t.{what} = ? AND t.{where} LIMIT 1"""  # noqa: S608  # fixed
            if row := one(self._db, sql, line, value):
                return bytes(row[0]), int(row[1])
        return None

    def has_sent(self, own: str, notice_id: bytes) -> bool:
        """Whether a notice of mine with this id is here, queued or in the log."""
        return one(self._db, "SELECT 1 FROM outbox WHERE log = ? AND id = ?", self._id(own), notice_id) is not None

    def given(self, mirror: str, index: int) -> list[int]:
        """The types of the answers that this station has given to an entry of the peer."""
        sql = "SELECT type FROM answer WHERE log = ? AND target = ? AND mine = 1 LIMIT 100"
        return [int(kind) for (kind,) in many(self._db, sql, self._id(mirror), index)]

    def described(self, line: bytes, notice_id: bytes, *, mine: bool) -> tuple[int, str, bool]:
        """Serial (0 while queued), subject, and whether the peer has it, of a notice of either side."""
        table, stored = ("outbox", "t.stored_ms > 0") if mine else ("inbox", "1")
        sql = f"""SELECT t.serial, t.subject, {stored} FROM log l CROSS JOIN {table} t ON t.log = l.id
                  WHERE l.line = ? AND l.mine = ? AND t.id = ? LIMIT 1"""  # noqa: S608  # fixed names
        row = one(self._db, sql, line, int(mine), notice_id)
        return (int(row[0]), str(row[1]), bool(row[2])) if row else (0, "", False)

    def expired(self, now_s: int, limit: int) -> list[tuple[str, bytes, int, str, bool]]:
        """Notices of mine whose time to expire has come before anybody acknowledged them, and not alarmed yet.

        Rows are (origin, id, serial, subject, stored), of the lines that were opened: those of a line that was removed
        would stand before the others for ever.
        """
        return self._unsettled("o.expires_s > 0 AND o.expires_s <= ? ORDER BY o.expires_s", now_s, limit)

    def _unsettled(self, where: str, *args: int) -> list[tuple[str, bytes, int, str, bool]]:
        """Rows of the outbox that are neither answered nor alarmed yet; the last argument is the limit."""
        opened = json.dumps([log.log for log in self._logs.values()])
        sql = f"""SELECT l.origin, o.id, o.serial, o.subject, o.stored_ms > 0 FROM outbox o JOIN log l ON l.id = o.log
                  WHERE o.alarmed = 0 AND +o.log IN (SELECT value FROM json_each(?)) AND {where} LIMIT ?"""  # noqa: S608  # fixed
        return [(row[0], row[1], row[2], row[3], bool(row[4])) for row in many(self._db, sql, opened, *args)]

    def mark_alarmed(self, origin: str, notice_id: bytes) -> None:
        """An overdue notice has been alarmed; once is enough."""
        with told_as(str(self.path)):
            self._begin()
            self._db.execute("UPDATE outbox SET alarmed = 1 WHERE log = ? AND id = ?", (self._id(origin), notice_id))


def _of_kind(what: object, kind: type[_Kind]) -> _Kind:
    if not isinstance(what, kind):
        raise TypeError(f"{type(what).__name__} is no {kind.__name__}")  # the caller's code is wrong, not its input
    return what


def check_writable(path: Path) -> None:
    """Raise StoreError early if the database's folder cannot be written."""
    if not path.parent.is_dir():
        raise StoreError(f"{path.parent} is not a folder.", "Run `hotline init` first.")
