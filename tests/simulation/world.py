"""Two parties, now and then a clone of one, a hostile network, a seeded clock, and every fault of DESIGN section 4."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from hotline.core import entry, frame
from hotline.core.generation import OTHER, STALLED
from hotline.core.queue import Queued
from hotline.core.view import Lock, LogView
from hotline.errors import StoreError
from tests.simulation.disk import WRITE_FAULTS
from tests.simulation.keys import pair
from tests.simulation.network import Faults, Network
from tests.simulation.oracle import Oracle
from tests.simulation.relays import Relay
from tests.simulation.station import CRASH_POINTS, Crash, Place, Snapshot, Station
from tests.simulation.suite import Crypto

QUANTUM_S = 0.01  # events closer together are one batch
LIVENESS_S = 150.0
PLAIN = (b"known: ", b"unknown kind: ")  # each body begins with one, and no relay may see it
CONSUMER = "console"
SNAPSHOTS = 6
OFFICERS = 6  # of one station; a card entry with 32 fills a window, and nothing more is to be seen


@dataclass(frozen=True)
class Promise:
    """A notice, answer, watch or card whose submission was committed at `party`; of a card, `target` is its number."""

    party: int
    key: bytes
    kind: str
    target: int = -1


class World:
    """All actions are methods; Parties are 0 and 1; a clone has its party's number."""

    def __init__(self, seed: int, *, real: bool = False) -> None:
        self.seed, self.real = seed, real
        self.rng = random.Random(seed)
        self.oracle = Oracle()
        self.net = Network(random.Random(seed + 1))
        self.now_s = 1000.0
        keys = pair(Crypto(real), self.rng)
        self._keys = list(keys)
        self.parties = [self._station(i, "") for i in (0, 1)]
        self.clones: list[tuple[int, Station]] = []
        self.snapshots: list[list[Snapshot]] = [[], []]
        self.promised: dict[bytes, Promise] = {}
        self.unanswered: list[tuple[int, Queued]] = []  # submissions that ended in an error: their client asks again
        self._read: dict[int, Place | None] = {}  # by party: what its consumer has read last; None if nobody knows
        self.faults: Counter[str] = Counter()
        # Both may lose data at once; this party keeps its lock file, the other does not. Safety is promised, no more.
        self.amnesia: int | None = None
        for station in self.parties:
            station.start(self.now_s)

    def _station(self, party: int, suffix: str) -> Station:
        name = "AB"[party] + suffix
        rng = random.Random(f"{self.seed}-{name}-{self.rng.random()}")
        return Station(name, self._keys[party], self._keys[1 - party], rng, self.oracle)

    # --- time -----------------------------------------------------------------------------------------

    def _all(self) -> list[tuple[int, Station]]:
        return [*enumerate(self.parties), *self.clones]

    def advance(self, seconds: float) -> None:
        """Let the world run: frames arrive, stations tick."""
        end = self.now_s + seconds
        while True:
            due = [s.due_s for _, s in self._all() if s.running]
            at = max(min([self.net.next_s(), *due]), self.now_s)
            if at > end:
                break
            self.now_s = at + QUANTUM_S
            self._arrivals()
            for party, station in self._all():
                if station.running and station.due_s <= self.now_s:
                    self._run(party, station, None)
        self.now_s = max(self.now_s, end)
        self.check()

    def _arrivals(self) -> None:
        for to, frames in self.net.due(self.now_s).items():
            for party, station in self._all():
                if party == to and station.running:
                    self._run(party, station, frames)

    def _run(self, party: int, station: Station, frames: list[bytes] | None) -> None:
        if frames is None:
            self._lives(party, station, lambda: station.tick(self.now_s))
        else:
            self._lives(party, station, lambda: station.receive(frames, self.now_s))
        self._post(party, station)

    def _lives(self, party: int, station: Station, act: Callable[[], object]) -> bool:
        """Do it; a crash, or a write that the disk has refused, is the end of the process."""
        try:
            act()
        except (Crash, StoreError) as error:
            if isinstance(error, StoreError) and not station.disk.refused:
                raise  # the store fails by itself: that is a finding
            self._post(party, station)  # what was handed to the network before the crash is on its way
            station.die()
            return False
        return True

    def _post(self, party: int, station: Station) -> None:
        for data in station.outbox:
            assert len(data) in frame.SIZES, f"{station.name} sends a frame of {len(data)} bytes"
            assert not self.real or not any(word in data for word in PLAIN), f"{station.name} sends a body in clear"
            self.net.send(1 - party, data, self.now_s)
        station.outbox.clear()

    def check(self) -> None:
        for _, station in self._all():
            self.oracle.check(station, self.now_s)

    # --- people ------------------------------------------------------------------------------------------

    def submit(
        self, party: int, precedence: int = 0, size: int = 40, *, known: bool = True, released: bool = False
    ) -> bool:
        """A client submits a notice, twice: the second time is answered as the first."""
        station = self.parties[party]
        if not station.running:
            return False
        notice_id = self.rng.randbytes(16)
        body = (b"known: " if known else b"unknown kind: ") + self.rng.randbytes(size)
        return self._submit(party, station.notice(notice_id, precedence, body, released))

    def _submit(self, party: int, row: Queued) -> bool:
        """A client that was told of an error does not know whether its notice was kept: it submits it again later."""
        station = self.parties[party]
        again = any(kept.key == row.key for _, kept in self.unanswered)

        def act() -> None:
            new = station.submit(row, self.now_s)
            assert new or again, "a notice that was never submitted is said to be known"
            assert not station.submit(row, self.now_s), "the same notice again is no new one"

        answered = self._lives(party, station, act)
        if answered:
            self.promised[row.key] = Promise(party, row.key, "notice")
        if answered and again:
            self.unanswered = [(p, kept) for p, kept in self.unanswered if kept.key != row.key]
        elif not answered and not again:
            self.unanswered.append((party, row))
        return answered

    def submit_again(self, party: int) -> None:
        """Clients whose submission ended in an error ask again."""
        for owner, row in list(self.unanswered):
            if owner == party and self.parties[party].running:
                self._submit(party, row)

    def consume(self, party: int) -> None:
        """A client reads its share of the inbox and confirms it: in order, none left out, none again."""
        station = self.parties[party]
        if not station.running:
            return
        read: list[Place] = []
        answered = self._lives(party, station, lambda: read.extend(station.consume(CONSUMER, 5, self.now_s)))
        if not answered:
            self._read[party] = None  # confirmed or not: nobody knows before it reads again
            return
        last = self._read.get(party, (0, -1))
        shown = [last, *read] if last else read
        repeats = station.repeats()
        assert all(_follows(*two, repeats) for two in pairwise(shown)), (
            f"{station.name}'s consumer is shown {read} after {last}"
        )
        self._read[party] = shown[-1] if shown else None

    def submit_to_clone(self, size: int = 40) -> None:
        """A clone takes notices too; its queue dies with it, so nothing is promised."""
        for _, clone in self.clones:
            if clone.running:
                clone.submit(clone.notice(self.rng.randbytes(16), 0, self.rng.randbytes(size), False), self.now_s)

    def acknowledge(self, party: int) -> None:
        """An officer acknowledges the latest notice that nobody has acknowledged."""
        station = self.parties[party]
        if not station.running:
            return
        sql = """SELECT max(idx) FROM inbox WHERE log = ?1 AND type = 2 AND reason = '' AND idx NOT IN
                 (SELECT target FROM answer WHERE log = ?1 AND mine = 1 AND type = 4)"""
        (index,) = next(station.db._db.execute(sql, (station.view().mirror.log,)))
        if index is None:
            return
        key = self.rng.randbytes(16)
        if self._lives(party, station, lambda: station.answer(station.acknowledgement(index, key), self.now_s)):
            self.promised[key] = Promise(party, key, "answer", index)

    def stand_watch(self, party: int, *, on: bool = True) -> None:
        """An officer comes on the watch, relieving the one before if there is one, or goes off."""
        station = self.parties[party]
        if not station.running:
            return
        key, keys = self.rng.randbytes(16), station.keys
        handover = on and keys.relieved is not keys.officer
        signed_ms = station.now(self.now_s).wall_ms
        row = keys.watch(station.identity.id, key, int(on), signed_ms, handover=handover)
        if self._lives(party, station, lambda: station.watch(row, self.now_s)):
            self.promised[key] = Promise(party, key, "watch")

    def announce(self, party: int) -> None:
        """The root certifies one more officer, who signs everything from now on."""
        station = self.parties[party]
        if not station.running or len(station.keys.card.body.officers) >= OFFICERS:
            return
        keys = self._keys[party] = station.keys.renewed(self.rng)
        self.promised[keys.card.digest[:16]] = Promise(party, keys.card.digest[:16], "card", keys.card.body.number)
        self._lives(party, station, lambda: station.renew_card(keys, self.now_s))

    # --- faults of a machine ---------------------------------------------------------------------------------

    def crash(self, party: int) -> None:
        self.faults["killed"] += bool(self.parties[party].running)
        self.parties[party].die()

    def arm(self, party: int, point: str, passes: int = 0) -> None:
        """Crash when the driver comes to this point, or have this write refused."""
        assert point in CRASH_POINTS + WRITE_FAULTS
        if self.parties[party].running:
            self.parties[party].arm(point, passes)

    def start(self, party: int) -> None:
        station = self.parties[party]
        if not station.running:
            station.disarm()
            self._lives(party, station, lambda: station.start(self.now_s))

    def take_snapshot(self, party: int) -> None:
        if self.parties[party].running:
            kept = self.snapshots[party]
            kept.append(self.parties[party].snapshot())
            if len(kept) > SNAPSHOTS:
                kept.pop(self.rng.randrange(SNAPSHOTS))

    def whole(self, party: int) -> bool:
        """Whether this party holds all that either log key signed and all that it cosigned: it can hand it back."""
        station = self.parties[party]
        if station.store is None:
            return False
        mine = self.oracle.facts(station.identity.my_origin())
        theirs = self.oracle.facts(station.identity.peer_origin())
        view = station.view()
        cosigned = max((size for size, _ in theirs.receipts), default=0)
        return (
            view.own.leaves(0, view.own.size())[: len(mine.chain)] == mine.chain
            and view.mirror.leaves(0, view.mirror.size())[: len(theirs.chain)] == theirs.chain
            and view.mirror.size() >= cosigned
            and not (station.running and station.running.own.restored)
        )

    def may_lose(self, party: int, *, lock: bool) -> bool:
        """The guarantee asks for an honest peer that has what is lost, and clones meet one that has its lock."""
        clones_of_other = any(p != party for p, _ in self.clones)
        return self.whole(1 - party) and (lock or not clones_of_other)

    def restore(self, party: int, *, lock: bool, total: bool = False) -> bool:
        """Put an older database back, with the lock file as it is now or as it was then."""
        kept = self.snapshots[party]
        if self.amnesia is not None:
            lock = party == self.amnesia
        elif not self.may_lose(party, lock=lock):
            return False
        if not (kept or total):
            return False
        station = self.parties[party]
        arrived = {p.key for p in self.promised.values() if p.party == party and self._arrived(p)}
        self._keep_promises_of_ended(party)
        snapshot = None if total else kept[self.rng.randrange(len(kept))]
        station.restore(snapshot, lock=lock)
        self._read[party] = None
        self.oracle.losses += 1
        self.faults["total loss" if total else "restored"] += 1
        self.faults["with its lock" if lock else "without its lock"] += 1
        self._forget_promises(party, arrived)
        return True

    def lose_lock(self, party: int, *, damaged: bool) -> bool:
        """The lock file alone is gone, or cannot be read; the database is as it was."""
        if self.amnesia is not None or not self.may_lose(party, lock=False):
            return False
        station = self.parties[party]
        station.die()
        station.lock = Lock(False) if damaged else None
        self.oracle.losses += 1
        self.faults["lock damaged" if damaged else "lock lost"] += 1
        return True

    def _forget_promises(self, party: int, kept: set[bytes]) -> None:
        """What was submitted after the backup, and had not reached the peer, is lost with the machine."""
        station = self.parties[party]
        station.open_store()
        for promise in [p for p in self.promised.values() if p.party == party and p.key not in kept]:
            if not self._remembers(station, promise):
                del self.promised[promise.key]
        station.die()

    def _keep_promises_of_ended(self, party: int) -> None:
        """What has come here in a generation that this side has closed was kept: the other side cannot give it back."""
        station = self.parties[party]
        if station.store is None:
            station.disarm()  # nothing runs that could die
            station.open_store()
        present = b"" if station.closed else station.identity.id
        sql = "SELECT i.id FROM inbox i JOIN log l ON l.id = i.log WHERE l.line <> ? AND i.type = 2"
        for (key,) in list(station.db._db.execute(sql, (present,))):
            if key in self.promised and self.promised[key].party != party:
                del self.promised[key]

    def _remembers(self, station: Station, promise: Promise) -> bool:
        if promise.kind == "card":
            return True  # the home has it, and tells the peer again
        if promise.kind == "notice":
            sql = "SELECT 1 FROM outbox WHERE id = ?"
        elif promise.kind == "watch":
            sql = "SELECT 1 FROM queue WHERE key = ?"
            if promise.key in _watches(station.view().own):
                return True
        else:
            sql = "SELECT 1 FROM answer WHERE mine = 1 AND key = ?"
        return next(iter(station.db._db.execute(sql, (promise.key,))), None) is not None

    def _arrived(self, promise: Promise) -> bool:
        """Whether the peer has surfaced it."""
        peer = self.parties[1 - promise.party]
        if peer.store is None:
            return False
        if promise.kind == "watch":
            return promise.key in _watches(peer.view().mirror)
        if promise.kind == "card":
            suite = peer.keys.crypto.suite(self.rng)
            return peer.known(suite).peer.body.number >= promise.target
        if promise.kind == "notice":
            sql = "SELECT count(*), count(*) FILTER (WHERE reason = '' AND repeat = 0) FROM inbox WHERE id = ?"
            count, shown = next(peer.db._db.execute(sql, (promise.key,)))
            assert shown <= 1, f"{promise} arrived {shown} times"
            return bool(count)
        sql = "SELECT count(*) FROM answer WHERE log = ? AND mine = 0 AND type = 4 AND target = ?"
        # After a restore an officer may acknowledge again what the peer has already: those are two answers.
        (count,) = next(peer.db._db.execute(sql, (peer.view().own.log, promise.target)))
        return bool(count)

    def clone(self, party: int) -> bool:
        """A copy of the machine starts beside it."""
        station = self.parties[party]
        if self.amnesia is not None or self.clones or not station.running or not self.whole(1 - party):
            return False
        copy = self._station(party, "'")
        copy.copies(station)
        copy.start(self.now_s)
        self.clones.append((party, copy))
        self.oracle.losses += 1
        self.faults["cloned"] += 1
        return True

    def stop_clones(self) -> None:
        for _, clone in self.clones:
            clone.die()
        self.clones.clear()

    def jump_clock(self, party: int, by_ms: int) -> None:
        self.parties[party].wall_skew_ms += by_ms
        self.faults["clock jumps ahead" if by_ms > 0 else "clock jumps back"] += 1

    def set_clock(self, party: int, off_ms: int) -> None:
        """From the beginning this party's clock is off by so much."""
        self.parties[party].wall_skew_ms = off_ms
        self.faults["clock off"] += off_ms != 0

    # --- generations ----------------------------------------------------------------------------------------

    def close(self, party: int, reason: int = OTHER) -> None:
        """An officer of this party closes the generation; a clone of the machine goes on in it."""
        station = self.parties[party]
        if not station.closed:
            station.close(reason, self.now_s)
            self.oracle.closed(station)
            self.faults["generation closed"] += 1

    def open(self, party: int, *, fault: str = "") -> None:
        """An officer opens the other side's file and starts the station, which carries over and may die of `fault`."""
        station, peer = self.parties[party], self.parties[1 - party]
        ended = len(station.peers_closings)
        if not station.closed or len(peer.closings) == ended:
            return
        station.begin(peer.closings[ended].text())
        gone = [p.key for p in self.promised.values() if p.party == party and p.kind in ("answer", "watch")]
        for key in gone:
            del self.promised[key]  # neither goes over
        self.faults["generation begun"] += 1
        if fault == "write failed":
            station.refuses_row = self.rng.choice((0, 1, 2, 5, 10))
        elif fault:
            station.armed[fault] = 0
        self._lives(party, station, lambda: station.start(self.now_s))

    def finish_generations(self) -> None:
        """Where one side has closed its generation the other follows, until both are in the next."""
        while any(station.closed for station in self.parties):
            behind = min((0, 1), key=lambda i: len(self.parties[i].peers_closings))
            self.close(behind)
            if len(self.parties[1 - behind].closings) == len(self.parties[behind].peers_closings):
                self.close(1 - behind)
            self.open(behind)

    def go_on_anew(self) -> None:
        """Whatever has become of both logs, officers begin a new generation, and what is submitted in it arrives."""
        for party in (0, 1):
            self.close(party, STALLED)
        self.finish_generations()
        self.promised.clear()
        self.oracle.both_lost = False
        for party in (0, 1):
            for precedence in range(4):
                assert self.submit(party, precedence, released=True), "a new generation takes no notice"
        self.settle()

    # --- faults of the network ---------------------------------------------------------------------------------

    def cut(self, party: int) -> None:
        """Nothing reaches this party any more, or it is mended."""
        self.net.cut.symmetric_difference_update({party})
        self.faults["cut one way"] += party in self.net.cut

    def cut_both_ways(self, _: int = 0) -> None:
        """Nothing reaches either party, or all is mended."""
        if self.net.cut:
            self.net.cut.clear()
        else:
            self.net.cut = {0, 1}
            self.faults["cut both ways"] += 1

    def fail_relay(self, _: int = 0) -> None:
        """One relay is gone, or comes back."""
        relay = self.net.relays[self.rng.randrange(len(self.net.relays))]
        relay.down = not relay.down
        self.faults["relay down"] += relay.down

    def stand_between(self, *relays: Relay) -> None:
        """These relays carry the line."""
        hellos = frozenset(frame.key_id(keys.card.body.seal) for keys in self._keys)
        for relay in relays:
            relay.hellos = hellos
        self.net.relays = list(relays)

    # --- liveness ------------------------------------------------------------------------------------------------

    def heal(self) -> None:
        """All faults off: both stations up, no clone, a fair network, one honest relay; the other stays as it is."""
        self.net.faults = Faults()
        self.net.cut.clear()
        for relay in self.net.relays:
            relay.down = False
        if all(relay.manner != "honest" for relay in self.net.relays):
            self.net.relays = [Relay()]
        self.stop_clones()
        self.finish_generations()
        for party in (0, 1):
            self.parties[party].disarm()
            self.start(party)
            self.submit_again(party)

    def settled(self) -> bool:
        return all(self._settled(i) for i in (0, 1))

    def _settled(self, party: int) -> bool:
        mine, peer = self.parties[party], self.parties[1 - party]
        own, mirror = mine.view().own, peer.view().mirror
        head = own.head()
        return (
            not mine.view().queued(1)
            and head is not None
            and head.size == own.size() == mirror.size() == mirror.judged()[0]
            and mine.line.own.in_step
        )

    def settle(self) -> float:
        """Run until everything queued is stored and surfaced at the peer; return the simulated seconds it took."""
        self.heal()
        start = self.now_s
        while not self.settled():
            assert self.now_s - start < LIVENESS_S, f"not settled after {LIVENESS_S} s: {self.describe()}"
            self.advance(0.5)
        self.advance(1.0)
        lost = [p for p in self.promised.values() if not self._arrived(p)]
        assert not lost, f"{len(lost)} of {len(self.promised)} lost: {lost[:3]}"
        for station, peer in zip(self.parties, self.parties[::-1], strict=True):
            _said_once(station)
            assert peer.line.identity.peer.raw == station.keys.card.raw, f"{peer.name} holds an old card"
        self.check()
        return self.now_s - start

    def describe(self) -> str:
        return "; ".join(_describe(s) for _, s in self._all())


def _follows(before: Place, after: Place, repeats: set[Place]) -> bool:
    """The next of the same log, past what was shown in an earlier generation; or the first of a later generation's."""
    index = before[1] + 1
    while (before[0], index) in repeats:
        index += 1
    return after == (before[0], index) or (after[0] > before[0] and after[1] == 0)


def _said_once(station: Station) -> None:
    """No notice id, answer or watch stands twice in a log. A card may: the held one again changes nothing."""
    contents = [c for c in _contents(station.view().own) if not isinstance(c, entry.CardEntry)]
    keys = [c.id if isinstance(c, entry.Notice) else c.random for c in contents]
    assert len(keys) == len(set(keys)), f"{station.name} says something twice"


def _contents(log: LogView) -> list[entry.AnyContent]:
    return [entry.decode_content(entry.envelope(s.entry).content) for s in log.entries(0, log.size())]


def _watches(log: LogView) -> set[bytes]:
    return {c.random for c in _contents(log) if isinstance(c, entry.Watch)}


def _describe(station: Station) -> str:
    if not station.running:
        return f"{station.name} is down"
    own, mirror = station.line.own, station.line.mirror
    queued = len(station.view().queued(1000))
    return (
        f"{station.name}: own {own.signed}/{own.receipted}/{own.ledger.size} in step {own.in_step} restored"
        f" {own.restored} peer {own.peer_size}, mirror {mirror.head_size}/{mirror.cosigned[0]}/{mirror.ledger.size}"
        f" judged {mirror._judge.size}, {queued} queued, alarms {dict(station.alarms)},"
        f" rejected {dict(station.rejected)}"
    )
