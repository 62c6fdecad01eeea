"""What must hold after every step (DESIGN section 4), watched from outside both stations."""

from collections import Counter
from dataclasses import dataclass, field

from hotline import limits
from hotline.core import checkpoint, entry, tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.step import Event
from hotline.store.store import Store
from tests.simulation.station import Station

# Nobody forges here and no log forks, so these words are never true.
FALSE_ALARMS = ("fork", "invalid", "rules-differ")

SLACK_S = 1.0  # how late a station may tick


@dataclass
class LogFacts:
    """Everything that was ever stated about one log, by whichever process."""

    chain: list[bytes] = field(default_factory=list)  # leaves under the largest signed head
    heads: dict[int, bytes] = field(default_factory=dict)
    receipts: dict[tuple[int, bytes], set[int]] = field(default_factory=dict)


class Oracle:
    """Asserts the invariants; a violation is an AssertionError that says which."""

    def __init__(self) -> None:
        self.logs: dict[str, LogFacts] = {}
        self.checked: Counter[str] = Counter()
        self.losses = 0  # how often a store was put back; before the first, nobody may be told of a loss
        self._checked_at: dict[str, tuple[Store, int]] = {}
        self._verified: set[tuple[Checkpoint, int, bytes]] = set()
        self._silent: set[tuple[str, str]] = set()  # who has closed which log, by names
        self.both_lost = False  # both stores may be old at once: honest words may then be about what nobody has

    def facts(self, origin: str) -> LogFacts:
        return self.logs.setdefault(origin, LogFacts())

    # --- told by the driver ------------------------------------------------------------------------

    def closed(self, station: Station) -> None:
        """An officer has signed where both logs end."""
        self._silent |= {(station.name, origin) for origin in (station.view().own.origin, station.view().mirror.origin)}
        self.checked["generations closed"] += 1

    def head_signed(self, station: Station, cp: Checkpoint) -> None:
        """No two heads: every head ever signed by this key is a prefix of one chain."""
        assert (station.name, cp.origin) not in self._silent, f"{station.name} signs a log that it has closed"
        facts = self.facts(cp.origin)
        leaves = station.view().own.leaves(0, cp.size)
        assert tree.root(leaves) == cp.root, f"{station.name} signs a head of a log that it does not hold"
        common = min(len(leaves), len(facts.chain))
        assert leaves[:common] == facts.chain[:common], f"{station.name} signs a second history at size {cp.size}"
        if len(leaves) > len(facts.chain):
            facts.chain = leaves
        facts.heads[cp.size] = cp.root
        assert (cp.size, cp.root) in facts.receipts, f"{station.name} signs {cp.size}, which nobody receipted"
        locked = station.lock.own.size if station.lock and station.lock.own else 0
        assert locked >= cp.size, f"{station.name} signs before the lock file says so"
        self.checked["heads signed"] += 1

    def receipt_signing(self, station: Station, cp: Checkpoint, timestamp_s: int) -> None:
        """No receipt before durability: all that it covers is committed, bodies too."""
        assert (station.name, cp.origin) not in self._silent, f"{station.name} cosigns a log that it has closed"
        assert not station.db._open, f"{station.name} cosigns inside a transaction"
        held = station.view().mirror.entries(0, cp.size)
        assert tree.root([tree.leaf_hash(s.entry) for s in held]) == cp.root, f"{station.name} cosigns what it lacks"
        assert all(entry.body_fits(s.entry, s.salt, s.body) for s in held), f"{station.name} cosigns without a body"
        intent = station.view().mirror.intent()
        assert intent is not None, f"{station.name} cosigns what it has not committed to"
        assert (intent.size, intent.root, intent.timestamp_s) == (cp.size, cp.root, timestamp_s)
        locked = station.lock.peer.size if station.lock and station.lock.peer else 0
        assert locked >= cp.size, f"{station.name} cosigns before the lock file says so"
        times = self.facts(cp.origin).receipts.setdefault((cp.size, cp.root), set())
        times.add(timestamp_s)
        assert len(times) == 1 or self.losses, f"{station.name} states two times for one receipt"
        self.checked["receipts"] += 1

    def committed(self, station: Station, events: list[Event]) -> None:
        for event in events:
            if event.alarm:
                assert event.kind not in FALSE_ALARMS or self._expected(event), f"{station.name}: {event.text}"
                assert self.losses or event.kind not in ("peer-lost-data", "tail-replaced", "restored"), event.text

    def _expected(self, event: Event) -> bool:
        return event.kind == "invalid" and (self.both_lost or event.text.endswith(": kind."))

    # --- after every step -----------------------------------------------------------------------------

    def check(self, station: Station, now_s: float) -> None:
        """Of a store that has not changed since nothing is read again."""
        if station.store is None:
            return
        if station.running:
            self._nothing_silent(station, now_s)
        state = (station.store, station.db._db.total_changes())
        if self._checked_at.get(station.name) == state:
            return
        self._checked_at[station.name] = state
        self.checked["states"] += 1
        self._exactly_once(station)
        self._honest_state(station)

    def _nothing_silent(self, station: Station, now_s: float) -> None:
        """Whoever is not heard, not signed, or older than its lock file has an alarm within its bound."""
        line, late_s = station.line, now_s - limits.HEARTBEAT_S - SLACK_S
        heard_s = line.peer_seen_s if line.peer_seen_s is not None else station.started_s
        if heard_s < now_s - SLACK_S - limits.PEER_SILENT_MOST_S:
            said = line.state(station.now(now_s), path_up=True)
            assert said in ("peer silent", "frozen"), f"{station.name} says {said} of a peer that is silent"
        since_s = line.mirror.unsigned_since
        if since_s is not None and since_s < late_s - limits.UNSIGNED_SHOWN_AFTER_S:
            assert line._unsigned_alarmed, f"{station.name} does not say what is proposed and unsigned"
        if line.own.restored and station.started_s < late_s:
            assert station.alarms["restored"] or line.rebuild.active, (
                f"{station.name} does not say that it was restored"
            )
        assert all(station.rejected), f"{station.name} rejects a frame without a reason"

    def _exactly_once(self, station: Station) -> None:
        """The inbox is 0, 1, 2 … of the peer's signed log, no notice id twice, all valid."""
        self._shown_once(station)
        sql = "SELECT idx, id, reason FROM inbox WHERE log = ? ORDER BY seq"
        rows = list(station.db._db.execute(sql, (station.view().mirror.log,)))
        assert [r[0] for r in rows] == list(range(len(rows))), f"{station.name}'s inbox is out of order"
        ids = [r[1] for r in rows if r[1]]
        assert len(ids) == len(set(ids)), f"{station.name} has a notice twice"
        assert self.both_lost or all(r[2] in ("", "kind") for r in rows), (
            f"{station.name} judged an honest entry: {rows}"
        )
        chain = self.facts(station.identity.peer_origin()).chain
        leaves = station.view().mirror.leaves(0, len(rows))
        assert leaves == chain[: len(rows)], f"{station.name} surfaced what its owner never signed"

    def _shown_once(self, station: Station) -> None:
        """Over all generations: a valid notice is shown the first time, and only what was shown is a repeat."""
        if station.identity.generation == 1:
            return
        sql = "SELECT id, repeat FROM inbox WHERE type = 2 AND reason = '' ORDER BY seq"
        shown: set[bytes] = set()
        for notice_id, repeat in station.db._db.execute(sql):
            assert bool(repeat) == (notice_id in shown), f"{station.name} shows a notice twice, or not at all"
            shown.add(notice_id)
            self.checked["repeats"] += repeat

    def _honest_state(self, station: Station) -> None:
        """STORED only with the receipt that covers it, and that receipt is kept."""
        own = station.view().own
        head = own.head()
        size = head.size if head else 0
        db = station.db._db
        sql = "SELECT coalesce(max(idx), -1) FROM outbox WHERE log = ? AND stored_ms > 0"
        (stored,) = next(db.execute(sql, (own.log,)))
        assert stored < size, f"{station.name} shows STORED above its signed head"
        for head_size, root in db.execute("SELECT size, root FROM head WHERE log = ?", (own.log,)):
            found = db.execute(
                "SELECT timestamp_s, signature FROM receipt WHERE log = ? AND size = ? AND root = ?",
                (own.log, head_size, root),
            )
            kept = next(iter(found), None)
            assert kept, f"{station.name} shows STORED to {head_size} without a receipt"
            self._verify(station, Checkpoint(own.origin, head_size, root), *kept)

    def _verify(self, station: Station, cp: Checkpoint, timestamp_s: int, signature: bytes) -> None:
        """Each receipt once: what stands in a store at every step is the same for hundreds of them."""
        if (cp, timestamp_s, signature) in self._verified:
            return
        peer, suite = station.peer.card, station.keys.crypto.suite(station._rng)
        assert checkpoint.verify_receipt(suite, peer.body.receipt, peer.receipt_name, cp, timestamp_s, signature)
        self._verified.add((cp, timestamp_s, signature))
