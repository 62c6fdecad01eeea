"""My log on a line: append, propose, take the receipt, sign (SPEC sections 7.1, 7.4, 7.5).

Three sizes order everything: signed ≤ receipted ≤ size. Only what the peer has receipted is
signed, so the peer's mirror is the register that keeps a restored or cloned station from
signing a second history.
"""

from typing import Protocol

from hotline import limits
from hotline.core import checkpoint, encoding, entry, messages, queue, tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.freshness import Freshness
from hotline.core.identity import Line
from hotline.core.ledger import Ledger
from hotline.core.messages import Entries, Fork, MirrorState, Receipt
from hotline.core.queue import Queued, Window
from hotline.core.step import (
    Append,
    Enqueue,
    Event,
    Freeze,
    KeepHead,
    KeepReceipt,
    Now,
    Send,
    SignHead,
    Step,
    Stored,
    Truncate,
)
from hotline.core.suite import Suite, label, verify_hybrid
from hotline.core.view import LineView, Lock
from hotline.errors import ConflictError, MalformedError, SignatureError


def proposal_message(origin: str, size: int, root: bytes) -> bytes:
    """Return what both halves of the log key sign to propose a head (SPEC section 5.2)."""
    name = origin.encode("ascii")
    return label("proposal") + bytes([len(name)]) + name + size.to_bytes(8, "big") + root


class Seen(Protocol):
    """What the owner's side asks of the holder's."""

    @property
    def seen(self) -> tuple[int, bytes]: ...

    def has_not(self, size: int, root: bytes) -> bool: ...


class OwnLog:
    """The owner's side of one log."""

    def __init__(
        self, suite: Suite, line: Line, ledger: Ledger, view: LineView, lock: Lock, freshness: Freshness
    ) -> None:
        self._suite = suite
        self._line = line
        self._view = view
        self._freshness = freshness
        self.ledger = ledger
        self.window = Window()
        self.lock = lock
        self.rebuilding = False  # set and ended by hotline.core.rebuild
        head, receipt = view.own.head(), view.own.receipt()
        self.signed = head.size if head else 0
        self.receipted = receipt.size if receipt else 0
        self.serial = view.own.last_serial()
        self.frozen = bool(view.own.frozen())
        self.in_step = False  # a fresh HELLO has shown a mirror that my log extends
        self.confirmed = 0  # the number of my nonce that the latest such HELLO echoed
        self.unsure = False  # a HELLO showed less than was receipted, and may be older than the receipt
        self.peer_size = 0  # what that mirror held, when last shown
        self.peer_lost = 0  # the size that the peer once held, while it shows less
        self._signing = 0
        self._sent = 0
        self._receipted_at = 0  # how many nonces I had made when the latest receipt came
        self._proved_s: float | None = None
        self._agreed = 0  # how far the peer has shown that it holds my log as I do
        self._needed_from = self._needed_end = 0  # the part of my log that I asked the peer for
        self._need_at: float | None = None
        self._need_s = limits.RETRANSMIT_FIRST_S
        self._retry_at: float | None = None
        self._retry_s = limits.RETRANSMIT_FIRST_S
        self.tries = 0
        self._shown = 0
        self._shown_root = b""
        self._adopted: bytes | None = None  # the root shown by the mirror from which the latest adoption was
        self._seen = self._last_seen()
        self._count_window(0.0)

    # --- what holds it back -----------------------------------------------------------------

    @property
    def restored(self) -> bool:
        """Whether the lock file shows that this store is older than what was signed (SPEC section 7.7)."""
        own = self.lock.own
        lacking = own is not None and not self.ledger.holds(own.size, own.root)
        return self.rebuilding or not self.lock.readable or lacking

    @property
    def shown(self) -> int:
        """The size of my log that the peer's latest fresh word showed."""
        return self._shown

    @property
    def may_append(self) -> bool:
        """Appending needs a peer that is in step, and a genesis whose head is signed."""
        return self.in_step and not self.restored and not self.frozen and (self.ledger.size == 0 or self.signed > 0)

    def start_signing_again(self, step: Step) -> None:
        """After a start: a receipt may have been kept and the head not signed."""
        if self.restored and not self.rebuilding:
            step.alarm(
                "restored", "This store is older than its lock file: nothing is signed until the peer hands it back."
            )
        self._sign(step)

    def freeze(self, evidence: Fork, step: Step) -> None:
        """My log key has signed two histories: nothing is proposed, signed or taken back any more (SPEC 7.10)."""
        self.frozen, self.in_step = True, False
        self._need_at = self._retry_at = None
        step.write(Freeze(evidence.origin, messages.pack(evidence)[1]))
        sizes = f"{evidence.first.size} and {evidence.second.size}"
        step.alarm(
            "fork",
            f"FORK: this station's own log key signed two inconsistent heads, of the sizes {sizes}. Our log is frozen"
            " and the proof is kept: it convicts the custody of our key. Find out which copy of it runs elsewhere.",
        )

    # --- append and propose -----------------------------------------------------------------

    def append_genesis(self, genesis: entry.Genesis, now: Now, step: Step) -> None:
        """Begin the log."""
        content = entry.seal_envelope(encoding.encode(genesis))
        self._append([Stored(content, tree.leaf_hash(content), b"", b"")], (), now, step)

    def note_seen(self, mirror: Seen) -> None:
        """What my next entries say: the largest head of the peer that I have cosigned, unless it is surely dead."""
        self._seen = mirror.seen if mirror.has_not(*self._seen) else max(self._seen, mirror.seen)

    def append_queued(self, now: Now, step: Step) -> None:
        """Move queue rows into the log, in their order, until the window admits no more.

        The first row that does not fit ends it: a lower rank would not fit either, and nothing overtakes its own rank.
        """
        new: list[Stored] = []
        rows = self._queued()
        for row in rows:
            if not self.window.admits(row.rank, row.size_bytes):
                break
            new.append(self._entry_of(row, now))
            self.window.add(new[-1].size_bytes, now.mono_s)
        if new:
            self._append(new, tuple(row.key for row in rows[: len(new)]), now, step)

    def _queued(self) -> list[Queued]:
        """Nothing but the first row is read while that does not fit: bodies are large, and this runs at each batch."""
        first = self._view.queued(1)
        if not first or not self.window.admits(first[0].rank, first[0].size_bytes):
            return []
        return self._view.queued(limits.WINDOW_ENTRIES)

    def _entry_of(self, row: Queued, now: Now) -> Stored:
        if isinstance(row.what, queue.QueuedNotice):
            self.serial += 1
        content = queue.to_entry(
            row, serial=self.serial, time_ms=now.wall_ms, seen_size=self._seen[0], seen_root=self._seen[1]
        )
        return Stored(content, tree.leaf_hash(content), row.salt, row.body)

    def _append(self, new: list[Stored], queued: tuple[bytes, ...], now: Now, step: Step) -> None:
        step.write(Append(self.ledger.origin, self.ledger.size, tuple(new), queued))
        self.ledger.extend([s.leaf for s in new])
        self.propose(now, step)

    def propose(self, now: Now, step: Step) -> None:
        """Send what was not sent yet, and watch for progress."""
        if not self.in_step or self.restored or self.frozen:
            return
        if self._sent < self.ledger.size:
            self._send_from(max(self._sent, self.peer_size), step)
            self._sent = self.ledger.size
        if self._retry_at is None and self.receipted < self.ledger.size:
            self._retry_at = now.mono_s + self._retry_s

    def _send_from(self, start: int, step: Step) -> None:
        step.send(Send("entries", self.ledger.origin, start, min(self.ledger.size, start + limits.WINDOW_ENTRIES)))

    # --- receipts and heads -------------------------------------------------------------------

    def on_receipt(self, receipt: Receipt, now: Now, step: Step) -> None:
        """SPEC section 7.4."""
        if receipt.size > self.ledger.size:
            raise ConflictError("The peer receipts more of my log than I have.", reason="receipt-beyond")
        if receipt.root != self.ledger.root_at(receipt.size):
            if receipt.size <= self.signed:
                self._outrank(step, receipt.size, now)
            raise ConflictError("The peer receipts a root that is not my log's.", reason="receipt-root")
        if receipt.size <= self.receipted:
            if receipt.size <= self.signed:
                self.show_head(step)
            return
        cp = Checkpoint(receipt.origin, receipt.size, receipt.root)
        peer = self._line.peer
        if not checkpoint.verify_receipt(
            self._suite, peer.body.receipt, peer.receipt_name, cp, receipt.timestamp_s, receipt.signature
        ):
            raise SignatureError("A receipt does not verify with both of the peer's keys.", reason="receipt-signature")
        self._take_receipt(receipt, now, step)

    def _take_receipt(self, receipt: Receipt, now: Now, step: Step) -> None:
        step.write(KeepReceipt(receipt.origin, receipt.size, receipt.root, receipt.timestamp_s, receipt.signature))
        covered = self._view.own.entries(self.receipted, receipt.size)
        self.window.drained(len(covered), sum(s.size_bytes for s in covered), now.mono_s)
        self.receipted = receipt.size
        self._receipted_at = self._freshness.made
        self.peer_size = max(self.peer_size, receipt.size)
        self._progress(now)
        self._sign(step)

    def _sign(self, step: Step) -> None:
        """Only the largest of one batch is signed; heads may skip sizes."""
        size = self.receipted
        if self.restored or self.frozen or size <= max(self.signed, self._signing):
            return
        step.signs = [s for s in step.signs if not isinstance(s, SignHead)]
        step.signs.append(SignHead(Checkpoint(self.ledger.origin, size, self.ledger.root_at(size))))
        step.lock = True
        self._signing = size

    @property
    def locked_head(self) -> tuple[int, bytes]:
        """The head for the lock file: signed, about to be, or named there already: an old store must not lower it."""
        size = max(self.signed, self._signing)
        if self.lock.own and self.lock.own.size > size:
            return self.lock.own.size, self.lock.own.root
        return size, self.ledger.root_at(size)

    def head_signed(self, cp: Checkpoint, signature: bytes, step: Step) -> None:
        """The log key has signed; keep it, tell the listeners, show it to the peer."""
        before, self.signed = self.signed, max(self.signed, cp.size)
        step.write(KeepHead(cp.origin, cp.size, cp.root, signature))
        step.write(Event("stored", f"{cp.size - before} more stored", origin=cp.origin, index=cp.size))
        step.send(Send("head", cp.origin))

    def show_head(self, step: Step) -> None:
        """Send the signed head; there is one."""
        step.send(Send("head", self.ledger.origin))

    def _outrank(self, step: Step, prior: int, now: Now) -> None:
        """Send it with the proof from `prior`, so that it outranks the peer's tail (SPEC section 7.6).

        A proof reads the log from `prior` on, and the peer names `prior`: one a second.
        """
        if self.signed and (self._proved_s is None or now.mono_s >= self._proved_s + limits.PROOF_MIN_S):
            self._proved_s = now.mono_s
            step.send(Send("head", self.ledger.origin, prior=min(prior, self.signed)))

    # --- what the peer shows -------------------------------------------------------------------

    def on_mirror(self, shown: MirrorState, nonce: int, now: Now, step: Step) -> None:
        """Take the peer's fresh word on its mirror of my log (SPEC sections 7.5 to 7.7).

        `nonce` is the number of my nonce that it echoes: what happened here before that nonce was made, it knew.
        """
        self._shown, self._shown_root = shown.size, shown.root
        self._need_at = None
        if self.frozen:
            return
        if shown.size > self.ledger.size or shown.root != self.ledger.root_at(shown.size):
            self._out_of_step(shown, now, step)
            return
        if not self.lock.readable:
            self.lock = Lock(True)
            step.lock = True
        self.unsure = shown.size < self.receipted and nonce <= self._receipted_at
        if not self.unsure:
            self._note_loss(shown, step)
        first, self.in_step = not self.in_step, True
        self.confirmed = max(self.confirmed, nonce)
        self.peer_size = max(shown.size, self.receipted) if self.unsure else shown.size
        if shown.head < self.signed:
            self.show_head(step)
        if first:
            self._sent = max(shown.size, self.receipted)
        self._sign(step)
        self.propose(now, step)

    def _out_of_step(self, shown: MirrorState, now: Now, step: Step) -> None:
        self.in_step = False
        if shown.size <= self.signed:
            self._outrank(step, shown.size, now)
            return
        if shown.head < self.signed:
            self.show_head(step)
        agreed = self._agreed if self._agreed < shown.size else 0
        self._need(max(self.signed, agreed), now, step)

    def _need(self, start: int, now: Now, step: Step) -> None:
        """Ask for what the peer holds of my log from `start` on, as much as one answer may carry, and watch for it."""
        self._needed_end = min(self._shown, start + limits.WINDOW_ENTRIES)
        self._needed_from, self._need_at = start, now.mono_s + self._need_s
        step.send(Send("need", self.ledger.origin, start, self._needed_end))

    def _note_loss(self, shown: MirrorState, step: Step) -> None:
        if shown.size < self.receipted:
            self._lost(shown.size, step)
        elif self.peer_lost and shown.size >= self.peer_lost:
            self.peer_lost = 0
            step.write(Event("peer-refilled", "The peer holds again all that it had receipted."))

    def _lost(self, size: int, step: Step) -> None:
        if not self.peer_lost:
            step.alarm("peer-lost-data", f"The peer shows {size} of the {self.receipted} entries that it receipted.")
        self.peer_lost = self.receipted

    def knows_need(self, start: int, nonce: int, step: Step) -> bool:
        """Whether it is known what a NEED of the holder means, that from `start` on wants what may be receipted.

        It has lost that, if it asked after the receipt came here. Else it may have asked before it had it.
        """
        if start < self.receipted:
            if nonce <= self._receipted_at:
                return False
            self._lost(start, step)
        return True

    # --- adoption --------------------------------------------------------------------------------

    @property
    def asks(self) -> bool:
        """Whether a NEED for my own log is open."""
        return self._need_at is not None

    def adopt(self, held: Entries, now: Now, step: Step) -> None:
        """Take my own entries back from the peer, proven by my own proposal signature (SPEC section 7.5)."""
        if held.start > self.ledger.size:
            raise ConflictError("The peer shows a part of my log that begins past mine.", reason="adopt-gap")
        stored = [Stored(i.entry, tree.leaf_hash(i.entry), i.salt, i.body) for i in held.items]
        self._check_held(held, stored)
        mine = self._view.own.entries(held.start, min(held.size, self.ledger.size))
        same = next((i for i, (a, b) in enumerate(zip(mine, stored, strict=False)) if a.leaf != b.leaf), len(mine))
        first = held.start + same
        if first < min(max(self.signed, self._signing), held.size):  # what is about to be signed binds as what is
            self._outrank(step, first, now)
            raise ConflictError("The peer holds a tail that contradicts a head which I signed.", reason="adopt-signed")
        if first < held.size:
            self._replace(first, stored[same:], now, step)
        self._agreed = held.size
        self._need_more(held.size, now, step)

    def _need_more(self, held: int, now: Now, step: Step) -> None:
        """An answer comes in several frames: the next part is asked for after the last of them, not after each."""
        if self.in_step or held <= self._needed_from:
            return
        self._need_s = limits.RETRANSMIT_FIRST_S
        if held >= self._shown:
            self._need_at = None
        elif held >= self._needed_end:
            self._need(held, now, step)
        else:
            self._needed_from, self._need_at = held, now.mono_s + limits.NEED_MIN_S

    def _check_held(self, held: Entries, stored: list[Stored]) -> None:
        if self.ledger.root_with([s.leaf for s in stored], held.start) != held.root:
            self._agreed = 0
            raise ConflictError("The entries do not lead to the root that they claim.", reason="adopt-root")
        message = proposal_message(held.origin, held.size, held.root)
        if not verify_hybrid(self._suite, self._line.mine.body.log, message, held.proposal):
            raise SignatureError("The peer shows words as mine that I never proposed.", reason="adopt-proposal")
        if not all(entry.body_fits(s.entry, s.salt, s.body) for s in stored):
            raise ConflictError("A body does not fit its commitment.", reason="adopt-body")

    def _replace(self, first: int, tail: list[Stored], now: Now, step: Step) -> None:
        displaced = self._view.own.entries(first, self.ledger.size)
        if displaced:
            step.write(Truncate(self.ledger.origin, first, "displaced by what the peer holds"))
            self.ledger.cut(first)
        step.write(Append(self.ledger.origin, first, tuple(tail), tuple(_rows(tail))))
        self.ledger.extend([s.leaf for s in tail])
        step.write(*_requeued(displaced, tail))
        self._recount(first, tail, displaced, now)
        self._sign(step)
        if self._adopted != self._shown_root:  # an adoption takes many frames
            self._adopted = self._shown_root
            step.alarm(
                "restored",
                f"My own entries from {first} on are taken back from the peer, which shows {self._shown};"
                f" {len(displaced)} were displaced.",
            )

    def _recount(self, first: int, tail: list[Stored], displaced: list[Stored], now: Now) -> None:
        """Serial, seen head and window, as the log now is; the rows are not in the view yet."""
        lost = [c.serial for c in map(_content, displaced) if isinstance(c, entry.Notice)]
        won = [c.serial for c in map(_content, tail) if isinstance(c, entry.Notice)]
        self.serial = max([min(lost) - 1 if lost else self.serial, *won])
        seen = [(c.seen_size, c.seen_root) for c in map(_content, tail) if c is not None]
        self._seen = max([self._seen, *seen])
        self._sent = self.ledger.size
        self.receipted = min(self.receipted, first)
        self.window.reset()
        for s in [*self._view.own.entries(self.receipted, first), *tail]:
            self.window.add(s.size_bytes, now.mono_s)

    # --- time ---------------------------------------------------------------------------------------

    def tick(self, now: Now, jitter: float, step: Step) -> None:
        """Send again what brings no progress, less and less often. `jitter` is in -1 … 1."""
        if self._need_at is not None and now.mono_s >= self._need_at:
            self._need_s = min(2 * self._need_s, limits.RETRANSMIT_MOST_S)
            self._need(self._needed_from, now, step)
        if self._retry_at is None or now.mono_s < self._retry_at or not self.in_step:
            return
        if self.restored or self.frozen:
            self._retry_at = None
            return
        self._send_from(min(self.peer_size, self.ledger.size - 1), step)
        self.tries += 1
        self._retry_s = min(self._retry_s * 2, limits.RETRANSMIT_MOST_S)
        self._retry_at = now.mono_s + self._retry_s * (1 + 0.2 * jitter)

    def hurry(self, now: Now) -> None:
        """The peer is there again: what it lacks goes now, not at the end of a pause that has grown to 30 s."""
        self._retry_s = limits.RETRANSMIT_FIRST_S
        if self._retry_at is not None:
            self._retry_at = now.mono_s

    def _progress(self, now: Now) -> None:
        self._retry_s = limits.RETRANSMIT_FIRST_S
        self.tries = 0
        self._retry_at = now.mono_s + self._retry_s if self.receipted < self.ledger.size else None

    def next_tick(self) -> float | None:
        """When `tick` has something to do, on the monotonic clock."""
        return self._retry_at if self.in_step else self._need_at

    def _count_window(self, now_s: float) -> None:
        for s in self._view.own.entries(self.receipted, self.ledger.size):
            self.window.add(s.size_bytes, now_s)

    def _last_seen(self) -> tuple[int, bytes]:
        if not self.ledger.size:
            return 0, tree.EMPTY_ROOT
        (last,) = self._view.own.entries(self.ledger.size - 1, self.ledger.size)
        content = _content(last)
        return (content.seen_size, content.seen_root) if content else (0, tree.EMPTY_ROOT)


def _content(stored: Stored) -> entry.AnyContent | None:
    """My own entries decode, but for those of another version of this program."""
    try:
        return entry.decode_content(entry.envelope(stored.entry).content)
    except MalformedError:
        return None


def _rows(entries: list[Stored]) -> dict[bytes, Queued]:
    """The queue rows that these entries came from, by key."""
    contents = ((_content(s), s) for s in entries)
    rows = (queue.from_entry(c, s.salt, s.body) for c, s in contents if c)
    return {row.key: row for row in rows if row}


def _requeued(displaced: list[Stored], tail: list[Stored]) -> list[Enqueue]:
    """What was displaced and does not stand in the adopted tail goes out again, by its id."""
    there = _rows(tail)
    return [
        Enqueue(row.key, row.rank, queue.payload(row.what), row.salt, row.body)
        for key, row in _rows(displaced).items()
        if key not in there
    ]
