"""What goes over from one generation of a line to the next (SPEC section 7.13), in the store.

All of it is in the transaction that makes the two logs of the new generation: where they are, it has been done.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from hotline.core import entry, generation, messages, queue, tree
from hotline.core.generation import Closing
from hotline.core.queue import Queued
from hotline.core.step import Event
from hotline.errors import MalformedError, NoticeError, StoreError
from hotline.store.desk import Desk
from hotline.store.ended import ANSWER_NOT_CARRIED, Ended
from hotline.store.matters import ENDED
from hotline.store.rows import DAMAGED_REMEDY, many, one, told_as
from hotline.store.views import SqlLog

NOT_CARRIED = "NOT CARRIED OVER to the next generation: say it anew if it still holds"
_AT_ONCE = 256  # entries read at a time: bodies are large
_TOLD_APART = 64
_BY_MACHINE = "o.kind = 'line-test' AND o.marks = 'SENT BY THE MACHINE'"


@dataclass(frozen=True, slots=True)
class _Old:
    """The latest generation that this database holds, and what the peer's officer has signed of my log in it."""

    line: bytes
    generation: int
    own: SqlLog
    mirror: int
    peers: Closing


@dataclass(slots=True)
class _Going:
    """My notices that go over, by id: of my log in its order, then of the queue in the order of its rows."""

    logged: dict[bytes, int] = field(default_factory=dict)  # index
    queued: dict[bytes, int] = field(default_factory=dict)  # seq
    start: int = 0  # from where on the entries of my log go again
    machine: list[bytes] = field(default_factory=list)  # queued line tests and echoes of the machine's own
    other: list[bytes] = field(default_factory=list)  # queued answers, watches, cards
    answers: list[queue.QueuedAnswer] = field(default_factory=list)  # queued, or the peer has not surfaced them
    left: list[bytes] = field(default_factory=list)  # what is not carried, and is told


class Carrier:
    """Belongs to the store; used by its thread only. `begin` opens the transaction if none is open."""

    def __init__(self, db: apsw.Connection, path: Path, begin: Callable[[], None], desk: Desk) -> None:
        self._db = db
        self._path = path
        self._begin = begin
        self._desk = desk

    def begun(self, line: bytes) -> bool:
        """Whether the logs of this generation are here, and so what went over to it."""
        return one(self._db, "SELECT 1 FROM log WHERE line = ?", line) is not None

    def require_latest(self, pair: bytes, generation: int) -> None:
        """Raise StoreError if this database holds a later generation: nothing may be said in one that is closed."""
        sql = "SELECT max(generation) FROM log WHERE pair = ? AND mine = 1"
        row = one(self._db, sql, pair)
        if row and row[0] is not None and row[0] > generation:
            raise StoreError(
                f"{self._path} holds generation {row[0]} of a line of which the files here begin only {generation}.",
                "Put the folder lines/….generations back as it was: in what is closed nothing is said any more.",
            )

    def carry_over(
        self, line: bytes, closings: Sequence[Closing], names: tuple[str, str], officers: Collection[bytes]
    ) -> list[Event]:
        """Carry over into the generation of this line id, whose logs were made in this transaction and are empty.

        `closings` are the peer's statements of the generations before, `names` what our notices and the peer's are
        called by, and `officers` the ids of those in the card with which we begin: what others released would be
        INVALID. Returns what there is to tell. StoreError if the latest generation here is none that was closed.
        """
        with told_as(str(self._path)):
            old = self._latest(line, closings)
            if old is None:
                return []
            self._begin()
            log, number = self._new(line)
            going = self._chosen(old, frozenset(officers))
            self._requeue(old, line, log, going)
            self._move(old, line, log, going)
            told = self._move_emergencies(old, line, frozenset(officers))
            told += self._tell_unheld(old)
            told += self._tell_left(old, names[0], going)
            ended = Ended(self._db, old.line, old.generation, old.own, old.mirror, names)
            going.answers = [*ended.answers(going.start), *going.answers]
            told += [*ended.tell_answers(going.answers), *ended.tell_open()]
            told.append(self._tell_begun(old, line, number, going))
            self._end(old)
            return told

    def lacking(self, line: bytes, mine: Sequence[Closing]) -> list[Event]:
        """What there is to tell of a database that was put back, before the generation of this line id begins on it.

        `mine` are our statements of the generations before. What this database lacks of our log nobody carries over.
        """
        sql = """SELECT o.line, o.generation, (SELECT count(*) FROM entry e WHERE e.log = o.id) FROM log n
                 JOIN log o ON o.pair = n.pair AND o.mine = 1 AND o.generation < n.generation
                 WHERE n.line = ? AND n.mine = 1 ORDER BY o.generation"""
        with told_as(str(self._path)):
            held = {bytes(row[0]): (int(row[1]), int(row[2])) for row in many(self._db, sql, line)}
        latest = max((number for number, _ in held.values()), default=None)
        told = []
        for closing in mine:
            size = held.get(closing.line, (0, 0))[1]
            # Of a database that was lost whole, `hotline recover` has told.
            if latest is not None and closing.generation >= latest and size < closing.own.size:
                text = (
                    f"This database is older than our closing statement of generation {closing.generation}: it holds"
                    f" {size} of {closing.own.size} entries of our log. What was said or waited here after that copy is"
                    " NOT carried over, unless the peer has it: compare with paper and the peer, and say the rest anew."
                )
                told.append(Event("not-carried", text, alarm=True))
        return told

    # --- what stands in the generations before -----

    def said_before(self, line: bytes, row: Queued) -> bool:
        """Whether a notice of mine with this id stands in an earlier generation.

        NoticeError if its words were others, or it was not carried over. The peer may have surfaced it there: under
        this id nothing else can be said any more.
        """
        sql = """SELECT o.precedence, o.mode, o.expires_s, coalesce(b.body, q.body, x''), o.idx FROM log now
                 JOIN log l ON l.pair = now.pair AND l.mine = 1 AND l.generation < now.generation
                 CROSS JOIN outbox o ON o.log = l.id AND o.id = ?2
                 LEFT JOIN body b ON b.log = o.log AND b.idx = o.idx
                 LEFT JOIN queue q ON q.line = l.line AND q.key = o.id
                 WHERE now.line = ?1 AND now.mine = 1 ORDER BY l.generation DESC LIMIT 1"""
        found, what = one(self._db, sql, line, row.key), row.what
        if found is None or not isinstance(what, queue.QueuedNotice):
            return False
        if found[4] < 0:
            raise NoticeError(
                "A notice with this id was not carried over from an earlier generation.", "Use a new id.", field="id"
            )
        if found[:4] != (what.precedence, what.mode, what.expires_s, row.body):
            raise NoticeError(
                "A notice with this id was sent in an earlier generation, with another text, precedence, mode or"
                " expiry.", "Use a new id.", field="id",
            )  # fmt: skip
        return True

    def shown_before(self, line: bytes, notice_id: bytes) -> int:
        """When a notice of the peer was first surfaced in an earlier generation, in ms; 0 if it was not."""
        sql = """SELECT i.surfaced_ms FROM log now
                 JOIN log l ON l.pair = now.pair AND l.mine = 0 AND l.generation < now.generation
                 CROSS JOIN inbox i ON i.log = l.id AND i.id = ?2 AND i.type = 2 AND i.reason = ''
                 WHERE now.line = ?1 AND now.mine = 0 ORDER BY l.generation, i.idx LIMIT 1"""
        row = one(self._db, sql, line, notice_id)
        return int(row[0]) if row else 0

    def given_before(self, line: bytes, notice_id: bytes) -> list[int]:
        """The types of the answers that this station gave to a notice of the peer in earlier generations.

        Not of those that did not arrive: where the notice comes again, they are owed.
        """
        sql = """SELECT a.type FROM log now
                 JOIN log l ON l.pair = now.pair AND l.mine = 0 AND l.generation < now.generation
                 CROSS JOIN inbox i ON i.log = l.id AND i.id = ?2
                 CROSS JOIN answer a ON a.log = i.log AND a.target = i.idx AND a.mine = 1
                 WHERE now.line = ?1 AND now.mine = 0 AND instr(i.marks, ?3) = 0 LIMIT 100"""
        return [int(kind) for (kind,) in many(self._db, sql, line, notice_id, ANSWER_NOT_CARRIED)]

    # --- what there is -----------------------------------------------------------------------------

    def _latest(self, line: bytes, closings: Sequence[Closing]) -> _Old | None:
        sql = """SELECT o.line, o.generation, o.id, o.origin, m.id FROM log n
                 JOIN log o ON o.pair = n.pair AND o.mine = 1 AND o.generation < n.generation
                 JOIN log m ON m.line = o.line AND m.mine = 0
                 WHERE n.line = ? AND n.mine = 1 ORDER BY o.generation DESC LIMIT 1"""
        row = one(self._db, sql, line)
        if row is None:
            return None
        peers = next((c for c in closings if c.line == bytes(row[0])), None)
        if peers is None:
            raise StoreError(
                f"{self._path} holds generation {row[1]} of a line, which was closed in no file here.",
                "Put the folder lines/….generations back as it was, or the database that belongs to it.",
            )
        return _Old(bytes(row[0]), int(row[1]), SqlLog(self._db, int(row[2]), str(row[3])), int(row[4]), peers)

    def _new(self, line: bytes) -> tuple[int, int]:
        ((log, number),) = many(self._db, "SELECT id, generation FROM log WHERE line = ? AND mine = 1", line)
        return int(log), int(number)

    def _from(self, old: _Old) -> int:
        """From where on the notices of my log go again: the peer has surfaced only what is under a signed head.

        What it holds beyond what it says it holds is another history, or was lost.
        """
        head, held = old.own.head(), old.peers.mirror
        size = old.own.size()
        from_ = min(head.size if head else 0, held.signed)
        known = held.size <= size and generation.covered(old.peers, size, tree.root(old.own.leaves(0, held.size)))
        return min(from_, held.size) if known else from_

    def _chosen(self, old: _Old, officers: frozenset[bytes]) -> _Going:
        going = _Going(start=self._from(old))
        sql = f"""SELECT o.id, o.idx, b.log, e.entry FROM outbox o JOIN entry e ON e.log = o.log AND e.idx = o.idx
                  LEFT JOIN body b ON b.log = o.log AND b.idx = o.idx
                  WHERE o.log = ? AND o.idx >= ? AND NOT ({_BY_MACHINE}) ORDER BY o.idx"""  # noqa: S608  # fixed words
        for notice_id, index, body, packed in many(self._db, sql, old.own.log, going.start):
            content = entry.decode_content(entry.envelope(packed).content)
            # What was erased here nobody can say again but people.
            if body is None or not isinstance(content, entry.Notice) or not _certified(content.releases, officers):
                going.left.append(bytes(notice_id))
            else:
                going.logged[bytes(notice_id)] = int(index)
        self._choose_queued(old, going, officers)
        self._leave_out(old, going)
        return going

    def _choose_queued(self, old: _Old, going: _Going, officers: frozenset[bytes]) -> None:
        sql = f"""SELECT q.seq, q.key, q.rank, q.payload, ({_BY_MACHINE}) FROM queue q
                  LEFT JOIN outbox o ON o.log = ? AND o.id = q.key WHERE q.line = ? ORDER BY q.seq"""  # noqa: S608  # fixed words
        for seq, key, rank, payload, by_machine in many(self._db, sql, old.own.log, old.line):
            what = self._row(key, rank, payload).what
            if not isinstance(what, queue.QueuedNotice):
                going.other.append(bytes(key))
                if isinstance(what, queue.QueuedAnswer):
                    going.answers.append(what)
            elif by_machine:
                going.machine.append(bytes(key))
            elif not _certified(what.releases, officers):
                going.left.append(bytes(key))
            else:
                going.queued[bytes(key)] = int(seq)

    def _row(self, key: bytes, rank: int, payload: bytes) -> Queued:
        try:
            return queue.from_payload(key, rank, payload, b"", b"")
        except MalformedError as e:
            raise StoreError(f"The queue in {self._path} is damaged: {e.what}", DAMAGED_REMEDY) from None

    def _leave_out(self, old: _Old, going: _Going) -> None:
        """What refers to a notice that is not carried over would be INVALID; and what refers to that, again."""
        sql = "SELECT id, target, target_mine, successor FROM matter WHERE line = ? AND mine = 1 AND relation <> ''"
        refers = {bytes(row[0]): row for row in many(self._db, sql, old.line)}

        def lost() -> list[bytes]:
            there = going.logged.keys() | going.queued.keys()
            return [
                key
                for key in (*going.logged, *going.queued)
                if (row := refers.get(key)) is not None
                and not (row[2] and bytes(row[1]) in there and (not row[3] or bytes(row[3]) in there))
            ]

        while keys := lost():
            going.left += keys
            for key in keys:
                going.logged.pop(key, None)
                going.queued.pop(key, None)

    # --- carrying ------------------------------------------------------------------------------------

    def _run(self, sql: str, *args: object) -> int:
        self._db.execute(sql, args)
        return self._db.changes()

    def _requeue(self, old: _Old, line: bytes, log: int, going: _Going) -> None:
        """The notices of my log, under their ids, and before what had not come so far."""
        for row in self._again(old, going.logged):
            self._run(
                "INSERT OR IGNORE INTO queue (line, key, rank, payload, salt, body) VALUES (?, ?, ?, ?, ?, ?)",
                line, row.key, row.rank, queue.payload(row.what), row.salt, row.body,
            )  # fmt: skip
            self._run(
                """INSERT INTO outbox (id, log, idx, serial, precedence, mode, expires_s, kind, subject, submitted_ms,
                     appended_ms, stored_ms, alarmed, marks)
                   SELECT id, ?1, -1, 0, precedence, mode, expires_s, kind, subject, submitted_ms, 0, 0, alarmed, marks
                   FROM outbox WHERE log = ?2 AND id = ?3""",
                log, old.own.log, row.key,
            )  # fmt: skip
            self._run("UPDATE outbox SET alarmed = 1 WHERE log = ? AND id = ?", old.own.log, row.key)

    def _again(self, old: _Old, logged: dict[bytes, int]) -> Iterator[Queued]:
        """The queue rows that entries of my log came from."""
        start, wanted = min(logged.values(), default=0), set(logged.values())
        for at in range(start, max(wanted, default=-1) + 1, _AT_ONCE):
            for index, stored in enumerate(old.own.entries(at, at + _AT_ONCE), at):
                if index in wanted:
                    content = entry.decode_content(entry.envelope(stored.entry).content)
                    row = queue.from_entry(content, stored.salt, stored.body)
                    if row is not None:
                        yield row

    def _move(self, old: _Old, line: bytes, log: int, going: _Going) -> None:
        for key, seq in going.queued.items():
            sql = "UPDATE queue SET line = ?, seq = (SELECT max(seq) FROM queue) + 1 WHERE seq = ?"
            self._run(sql, line, seq)
            self._run("UPDATE outbox SET log = ? WHERE log = ? AND id = ?", log, old.own.log, key)
        for key in (*going.other, *going.machine):
            self._run("DELETE FROM queue WHERE line = ? AND key = ?", old.line, key)
        for key in going.machine:
            self._run("DELETE FROM outbox WHERE log = ? AND id = ? AND idx < 0", old.own.log, key)
        # One notice has one record; what of my notices is in the new queue has its there.
        for table in ("matter", "thread", "deadline", "line_test"):
            sql = f"""UPDATE {table} SET line = ?1 WHERE line = ?2 AND mine = 1
                      AND id IN (SELECT key FROM queue WHERE line = ?1)"""  # noqa: S608  # fixed names
            self._run(sql, line, old.line)
        sql = "SELECT key, rank FROM queue WHERE line = ? AND rank >= 0 ORDER BY seq"
        for key, rank in many(self._db, sql, line):
            self._desk.pull_targets(line, bytes(key), int(rank))
        self._run("UPDATE draft SET line = ? WHERE line = ?", line, old.line)

    def _move_emergencies(self, old: _Old, line: bytes, officers: frozenset[bytes]) -> list[Event]:
        """Those without a SEEN, but for what an officer signed whom the peer would not know: it is told."""
        told = []
        sql = "SELECT seq, id, payload, officer FROM emergency WHERE line = ? AND mine = 1 AND seen_ms = 0"
        for seq, key, payload, officer in many(self._db, sql, old.line):
            if _signer(payload) in officers:
                self._run("UPDATE emergency SET line = ? WHERE seq = ?", line, seq)
                continue
            what = f"Emergency text {key.hex()[:8]} by {officer}"
            text = f"{what} is NOT carried over: our card does not name that officer any more. Telephone."
            told.append(Event("not-carried", text, alarm=True))
        return told

    def _end(self, old: _Old) -> None:
        """What was due, and what had a time, is told no more: what is still in force is said again."""
        self._run("UPDATE deadline SET state = ? WHERE line = ? AND state < 3", ENDED, old.line)
        self._run("UPDATE thread SET over = 1 WHERE line = ? AND over = 0", old.line)
        self._run("UPDATE outbox SET alarmed = 1 WHERE log = ? AND alarmed = 0", old.own.log)

    # --- telling -------------------------------------------------------------------------------------

    def _tell_left(self, old: _Old, name: str, going: _Going) -> list[Event]:
        told = []
        for key in going.left:
            sql = "UPDATE outbox SET marks = ltrim(marks || char(10) || ?, char(10)) WHERE log = ? AND id = ?"
            self._run(sql, NOT_CARRIED, old.own.log, key)
            sql = "SELECT serial, subject, idx FROM outbox WHERE log = ? AND id = ?"
            ((serial, subject, index),) = many(self._db, sql, old.own.log, key)
            called = f"{name} {serial}" if index >= 0 else f"notice {key.hex()[:8]}"
            why = (
                f"it refers to what ended with generation {old.generation}, or its text or its releaser is here no more"
            )
            text, plain = (
                f"{what} is NOT carried over: {why}. Say it anew if it still holds."
                for what in (f"{called} ({subject})", called)
            )
            told.append(Event("not-carried", text, alarm=True, origin=old.own.origin, plain=plain))
        if len(told) > _TOLD_APART:
            more = len(told) - _TOLD_APART
            text = f"{more} more notices are NOT carried over; `hotline outbox` marks them."
            told[_TOLD_APART:] = [Event("not-carried", text, alarm=True, origin=old.own.origin)]
        return told

    def _tell_unheld(self, old: _Old) -> list[Event]:
        """What we said once, have lost since, and the peer's people have not seen: nobody says it again."""
        held, size = old.peers.mirror, old.own.size()
        unseen = held.size - max(size, held.signed)
        if unseen <= 0:
            return []
        text = (
            f"The peer holds {unseen} entries of our log of generation {old.generation} which are not here, and has not"
            " shown them: notices among them are NOT carried over. Its export has them; say anew what still holds."
        )
        return [Event("not-carried", text, alarm=True, origin=old.own.origin)]

    def _tell_begun(self, old: _Old, line: bytes, number: int, going: _Going) -> Event:
        """How much goes over, and how much has ended: of the old line only what was not moved is left."""
        counts = Counter(
            deadlines=self._count("deadline WHERE line = ? AND state < 3", old.line),
            threads=self._count("thread WHERE line = ? AND over = 0 AND start_s > 0", old.line),
            unread=self._count(
                "inbox WHERE log = ? AND type = 2 AND reason = '' AND opened = 0 AND listed = 1", old.mirror
            ),
            emergencies=self._count("emergency WHERE line = ? AND mine = 1 AND seen_ms = 0", line),
            drafts=self._count("draft WHERE line = ?", line),
            opened=sum(answer.type == entry.OPENED for answer in going.answers),
            others=len(set(going.other) - {answer.random for answer in going.answers}),
        )
        text = (
            f"Generation {number} has begun. Of generation {old.generation} go over: {len(going.queued)} notices that"
            f" waited, {len(going.logged)} that the peer is not known to have shown, {counts['drafts']} drafts,"
            f" {counts['emergencies']} emergency texts. Ended with it: {counts['deadlines']} open deadlines,"
            f" {counts['threads']} open activities, {counts['unread']} notices of the peer that nobody opened,"
            f" {len(going.answers)} answers that did not reach the peer ({counts['opened']} of them only that a notice"
            f" was opened), {counts['others']} other entries that had not gone out. What is still"
            " in force is said again; what was not answered is answered by telephone."
        )
        return Event("carried-over", text, fields=(("generation", str(number)),))

    def _count(self, what: str, *args: object) -> int:
        row = one(self._db, f"SELECT count(*) FROM {what}", *args)  # noqa: S608  # fixed words
        return int(row[0]) if row else 0


def _signer(payload: bytes) -> bytes:
    """The officer id under an emergency text of ours; empty if it cannot be read."""
    try:
        message = messages.unpack(messages.pack_code(messages.Emergency), payload)
    except MalformedError:
        return b""
    return message.officer if isinstance(message, messages.Emergency) else b""


def _certified(releases: Sequence[entry.Release], officers: frozenset[bytes]) -> bool:
    return all(release.officer in officers for release in releases)
