"""One simulated station: a disk that survives, a process that does not, and a driver in `hotline.core.step`'s order."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import msgspec

from hotline.core import card, entry, generation, queue, tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.generation import Closing, ClosingFile, Held, agree, closing_message, last_serial
from hotline.core.identity import Line as Identity
from hotline.core.line import Line
from hotline.core.rebuild import Lost
from hotline.core.step import BodyFacts, Enqueue, Event, NoticeContext, Now, SignHead, SignReceipt, Step
from hotline.core.suite import Suite
from hotline.core.view import Lock, never_signed
from hotline.errors import MalformedError, PeerError
from hotline.store.queries import Reader
from hotline.store.store import Store
from hotline.store.views import SqlLine, SqlLog
from tests.simulation.disk import WRITE_FAULTS, Disk
from tests.simulation.keys import Keys

CRASH_POINTS = ("before commit", "after commit", "after lock", "after sign", "before send", "between sends")


Place = tuple[int, int]  # generation, and index in its log


class Crash(Exception):
    """The process dies here; what was not committed is gone."""


@dataclass(frozen=True)
class Snapshot:
    """A copy of the database and of the lock record, as a backup takes them."""

    image: bytes
    lock: Lock | None
    line: bytes  # which generation the lock record is of


class Watcher(Protocol):
    """What is told of everything that must never go wrong."""

    def head_signed(self, station: "Station", cp: Checkpoint) -> None: ...
    def receipt_signing(self, station: "Station", cp: Checkpoint, timestamp_s: int) -> None: ...
    def committed(self, station: "Station", events: list[Event]) -> None: ...


def read_body(body: bytes, _: NoticeContext | None = None) -> BodyFacts:
    """Bodies are what the world submits; one kind is unknown to the receiver."""
    return BodyFacts("simulated", body[:16].hex(), "kind" if body.startswith(b"unknown kind") else "")


class Station:
    """A home (database image and lock record) and, while it runs, a line."""

    def __init__(self, name: str, keys: Keys, peer: Keys, rng: random.Random, watcher: Watcher) -> None:
        self.name, self.keys, self.peer, self._rng, self._watcher = name, keys, peer, rng, watcher
        self.lock: Lock | None = None  # the lock file; None = missing
        self.disk = Disk()
        self.image: bytes | None = None
        self.lost: Lost | None = None  # its operator has said that the store is lost
        self.store: Store | None = None
        self.running: Line | None = None
        self.outbox: list[bytes] = []
        self.armed: dict[str, int] = {}  # crash point: how many passes it lets by
        self.alarms: Counter[str] = Counter()
        self.rejected: Counter[str] = Counter()
        self.crashes: Counter[str] = Counter()
        self.hellos = 0
        self.wall_skew_ms = 0
        self.due_s = self.started_s = 0.0
        suite = keys.crypto.suite(rng)
        self.identity = keys.identity(suite, peer)
        self.closings: list[ClosingFile] = []  # of each generation that an officer here has closed
        self.peers_closings: list[ClosingFile] = []  # of each that has been followed by another here
        self.refuses_row: int | None = None  # the disk will refuse this row of what the next start writes
        self._events: list[Event] = []

    # --- the home -----------------------------------------------------------------------------

    @property
    def line(self) -> Line:
        assert self.running is not None
        return self.running

    @property
    def db(self) -> Store:
        assert self.store is not None
        return self.store

    def view(self) -> SqlLine:
        return self._view

    def open_store(self) -> None:
        """Open the database as the last crash, stop or restore left it, and begin in it what is not begun there."""
        store = self.store = Store(Path(":memory:"), read_body)
        if self.image is not None:
            store._db.deserialize("main", self.image)
        i, self._events = self.identity, []
        if self.refuses_row is not None:
            self.disk.arm("write failed", self.refuses_row, store._db)
        begun = store.carrier.begun(i.id)
        self._view = store.line(
            i.id, i.my_origin(), i.peer_origin(),
            pair=i.pair, generation=i.generation, first=(i.my_serial, i.peer_serial),
        )  # fmt: skip
        if self.peers_closings and not begun:
            officers = [officer.id for officer in self.keys.card.body.officers]
            closings = [file.closing for file in self.peers_closings]
            self._events += store.carrier.carry_over(i.id, closings, (self.name, i.peer.body.name), officers)
            store.apply(i.id, list(self._events), 1)
        self._commit()

    def snapshot(self) -> Snapshot:
        """Copy what is committed; never called inside a transaction."""
        assert not self.db._open
        return Snapshot(self.db._db.serialize("main"), self.lock, self.identity.id)

    def restore(self, snapshot: Snapshot | None, *, lock: bool) -> None:
        """Put an older database in place (None: an empty one); `lock` says whether the lock file stays as it is."""
        self.die()
        self.disarm()
        self.image = snapshot.image if snapshot else None
        if not lock:  # one of an earlier generation names nothing of this one
            self.lock = snapshot.lock if snapshot and snapshot.line == self.identity.id else None

    # --- generations ----------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether an officer has closed the generation and the next has not begun: the line carries nothing."""
        return len(self.closings) > len(self.peers_closings)

    def close(self, reason: int, now_s: float) -> None:
        """An officer stops the station and signs where both logs end, as this database holds them."""
        self.die()
        self.disarm()
        self.open_store()
        self.closings.append(ClosingFile(self._closing(reason, self.now(now_s).wall_ms), self.keys.card))

    def _closing(self, reason: int, time_ms: int) -> Closing:
        i, keys = self.identity, self.keys
        unsigned = Closing(
            1, i.id, i.generation, i.me, keys.card.digest, _held(self._view.own, i.my_serial),
            _held(self._view.mirror, i.peer_serial, mirror=True),
            reason, time_ms, "", keys.officer_id, b"",
        )  # fmt: skip
        message = closing_message(unsigned)
        return msgspec.structs.replace(unsigned, signature=keys.officer.sign(message, message))

    def begin(self, text: str) -> None:
        """An officer has opened the peer's file: the next generation has begun here, whatever the database knows."""
        self.die()
        suite = self.keys.crypto.suite(self._rng)
        file = generation.parse(suite, text.encode("ascii"))
        agreed = agree(self.closings[-1].closing, file.closing)
        self.peers_closings.append(file)
        self.peer = replace(self.peer, card=file.card)
        self.identity, self.lock = self.keys.identity(suite, self.peer, agreed), None

    def copies(self, other: "Station") -> None:
        """This machine is a copy of the other's."""
        self.closings, self.peers_closings = list(other.closings), list(other.peers_closings)
        self.peer, self.identity = other.peer, other.identity
        self.restore(other.snapshot(), lock=False)

    # --- the process --------------------------------------------------------------------------

    def start(self, now_s: float) -> None:
        """Nothing runs of a line that is closed."""
        if self.closed:
            return
        self.open_store()
        now, suite = self.now(now_s), self.keys.crypto.suite(self._rng)
        lock = self.lock or Lock(self.lost is None and never_signed(self._view))
        self.announce_card()
        self.running = Line(
            suite, self.known(suite), self._view, lock, link=self.keys.link, log=self.keys.log,
            receipt=self.keys.receipt, seal=self.keys.seal,
            make_prekey=self.keys.prekey_maker(self._rng, self.identity.id), read_body=read_body, now=now,
            lost=self.lost,
        )  # fmt: skip
        self.started_s = self.due_s = now_s

    def known(self, suite: Suite) -> Identity:
        """Both cards as they are now: mine from the home, the peer's newest that came through its log."""
        sql = "SELECT packed FROM card WHERE line = ? AND mine = 0"
        found = [card.unpack(suite, row[0]) for row in self.db._db.execute(sql, (self.identity.id,))]
        return replace(self.identity, mine=self.keys.card, peer=found[0] if found else self.peer.card)

    def announce_card(self) -> None:
        """A card that the peer was not told of, maybe since a crash or a restore took that back, is queued."""
        own, row = self._view.own, queue.card_row(self.keys.card, self._rng.randbytes(32))
        entries = (entry.envelope(s.entry) for s in own.entries(0, own.size()))
        digests = [c.card for c in map(_content, entries) if isinstance(c, entry.CardEntry)]
        if self.keys.card.body.number > 1 and self.keys.card.digest not in digests:
            self.enqueue(row)

    def die(self) -> None:
        """SIGKILL: memory and the open transaction are gone."""
        if self.store is not None:
            self.store._db.exec_trace = None
            self.store._db.set_commit_hook(None)
            if self.store._db.in_transaction:
                self.store._db.execute("ROLLBACK")
            self.image = self.store._db.serialize("main")
            self.store.close()
        self.store = self.running = None
        self.outbox.clear()
        self._events.clear()

    def now(self, now_s: float) -> Now:
        return Now(max(0, int(1_700_000_000_000 + now_s * 1000) + self.wall_skew_ms), now_s)

    # --- the driver ---------------------------------------------------------------------------

    def receive(self, frames: list[bytes], now_s: float) -> None:
        """One batch: the writes of each frame are seen by the next; all are committed at once."""
        now, steps = self.now(now_s), []
        for data in frames:
            try:
                step = self.line.receive(data, now)
            except PeerError as error:
                self.rejected[error.reason] += 1
                continue
            steps.append(self._applied(step, now))
        self._finish(steps, now)

    def tick(self, now_s: float) -> None:
        now = self.now(now_s)
        self._finish([self._applied(self.line.tick(now), now)], now)

    def _finish(self, steps: list[Step], now: Now) -> None:
        steps.append(self._applied(self.line.flush(now), now))
        self._carry_out(steps, now)
        self.due_s = max(self.line.next_tick(), now.mono_s + 0.001)

    def _applied(self, step: Step, now: Now) -> Step:
        self.db.apply(self.identity.id, step.writes, now.wall_ms)
        self._events += [w for w in step.writes if isinstance(w, Event)]
        return step

    def _carry_out(self, steps: list[Step], now: Now) -> None:
        """The order of `hotline.core.step`: commit, lock, sign, send."""
        self._commit()
        if any(step.lock for step in steps):
            self._replace_lock(self.line.locked())
        results = [self._signed(sign) for step in steps for sign in step.signs]
        if results:
            self._carry_out([self._applied(step, now) for step in results], now)
        self.pass_point("before send")
        for send in (send for step in steps for send in step.sends):
            self.hellos += send.kind == "hello"
            self.outbox += self.line.render(send)
            self.pass_point("between sends")

    def _replace_lock(self, lock: Lock) -> None:
        self.disk.check("lock failed")
        self.lock = lock
        self.disk.check("lock failed but kept")
        self.pass_point("after lock")

    def _commit(self) -> None:
        self.pass_point("before commit")
        self.db.commit()
        self.disk.check("commit failed but kept")
        events, self._events = self._events, []
        self.alarms.update(e.kind for e in events if e.alarm)
        self._watcher.committed(self, events)
        self.pass_point("after commit")

    def _signed(self, sign: SignHead | SignReceipt) -> Step:
        cp = sign.checkpoint
        if isinstance(sign, SignHead):
            signature = self.keys.sign_head(cp)
            self._watcher.head_signed(self, cp)
            self.pass_point("after sign")
            return self.line.head_signed(cp, signature)
        self._watcher.receipt_signing(self, cp, sign.timestamp_s)
        signature = self.keys.sign_receipt(cp, sign.timestamp_s)
        self.pass_point("after sign")
        return self.line.receipt_signed(cp, sign.timestamp_s, signature)

    def arm(self, point: str, passes: int) -> None:
        """Die at this point of the driver's order, or let this write fail, after so many that pass."""
        if point in WRITE_FAULTS:
            self.disk.arm(point, passes, self.db._db)
        else:
            self.armed[point] = passes

    def disarm(self) -> None:
        """No more of either in the next process."""
        self.armed.clear()
        self.refuses_row = None
        self.disk.clear()

    def pass_point(self, point: str) -> None:
        """Die here if the world has armed this point."""
        if point in self.armed:
            self.armed[point] -= 1
            if self.armed[point] < 0:
                del self.armed[point]
                self.crashes[point] += 1
                raise Crash(point)

    # --- people ---------------------------------------------------------------------------------

    def consume(self, name: str, most: int, now_s: float) -> list[Place]:
        """A client of this name reads what it has not confirmed, and confirms; returns what it read, by its place."""
        reader = Reader(self.db._db, self.db.path)
        rows = reader.inbox(reader.cursor(name), most, notices_only=False)
        if rows:
            self.db.confirm(name, rows[-1].seq, self.now(now_s).wall_ms)
            self._commit()
        return [(int(row.origin.rpartition("/")[2]), row.index) for row in rows]

    def repeats(self) -> set[Place]:
        """The places of what the inbox leaves out, because an earlier generation has shown it."""
        sql = "SELECT l.generation, i.idx FROM inbox i JOIN log l ON l.id = i.log WHERE i.repeat = 1"
        return set(self.db._db.execute(sql))

    def submit(self, row: queue.Queued, now_s: float) -> bool:
        new = self.db.submit(
            self.identity.id, self.identity.my_origin(), row, read_body(row.body), self.now(now_s).wall_ms
        )
        self._commit()
        self.due_s = now_s
        return new

    def enqueue(self, row: queue.Queued) -> None:
        """Put a row into the durable queue, unless one of its key is there."""
        write = Enqueue(row.key, row.rank, queue.payload(row.what), row.salt, row.body)
        self.db.apply(self.identity.id, [write], 1)
        self._commit()

    def renew_card(self, keys: Keys, now_s: float) -> None:
        """The root has signed a new card: it is in the home before the peer is told."""
        self.keys = keys
        self.line.set_mine(keys.card)
        self.due_s = now_s
        self.announce_card()

    def watch(self, row: queue.QueuedWatch, now_s: float) -> None:
        """An officer comes on or goes off the watch."""
        self.due_s = now_s
        self.enqueue(queue.watch_row(row))

    def answer(self, row: queue.QueuedAnswer, now_s: float) -> None:
        wall = self.now(now_s).wall_ms
        self.db.enqueue_answer(self.identity.id, self.identity.peer_origin(), queue.answer_row(row), "duty", wall)
        self._commit()
        self.due_s = now_s

    def notice(self, notice_id: bytes, precedence: int, body: bytes, released: bool) -> queue.Queued:
        """A notice to the peer, as a client would have it queued."""
        salt = self._rng.randbytes(32)
        to = self.peer.card.fingerprint
        facts = entry.ReleaseFacts(to, notice_id, precedence, 0, entry.commitment(salt, body), len(body), 0)
        releases = (self.keys.release(self.identity.pair, facts),) if released else ()
        return queue.notice_row(queue.QueuedNotice(to, notice_id, precedence, 0, 0, releases), salt, body)

    def acknowledgement(self, index: int, random: bytes) -> queue.QueuedAnswer:
        """An officer acknowledges entry `index` of the peer's log."""
        (leaf,) = self._view.mirror.leaves(index, index + 1)
        kind, origin = entry.ACKNOWLEDGEMENT, self.identity.peer_origin()
        signature = self.keys.answer_signature(kind, self.identity.id, origin, index, leaf, 1)
        return queue.QueuedAnswer(kind, random, index, leaf, 1, "", self.keys.officer_id, signature)


def _held(log: SqlLog, first: int, *, mirror: bool = False) -> Held:
    """One log as a closing statement tells it."""
    size, head = log.size(), log.head()
    contents = (_content(entry.envelope(s.entry)) for s in log.entries(0, size))
    serials = [c.serial for c in contents if isinstance(c, entry.Notice)]
    signed = log.judged()[0] if mirror else head.size if head else 0
    return Held(size, tree.root(log.leaves(0, size)), signed, last_serial(first, serials, size))


def _content(parts: entry.Envelope) -> entry.AnyContent | None:
    try:
        return entry.decode_content(parts.content)
    except MalformedError:
        return None
