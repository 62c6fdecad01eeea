"""My mirror of the peer's log: store, cosign, surface (SPEC sections 7.2, 7.3, 7.6).

Three sizes order everything: head ≤ size and cosigned ≤ size. What lies between `head` and
`size` is the unsigned tail: receipted by me, not yet signed by its owner.
"""

from hotline import limits
from hotline.core import checkpoint, entry, messages, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.identity import Line
from hotline.core.judge import Judge, Judgement
from hotline.core.ledger import Ledger
from hotline.core.messages import Entries, Fork, Head, MirrorState, OwnState, SignedHead
from hotline.core.ownlog import proposal_message
from hotline.core.step import (
    Answered,
    Append,
    CosignIntent,
    Event,
    Freeze,
    Judged,
    KeepCard,
    KeepHead,
    KeepProposal,
    KeepReceipt,
    LockedHead,
    Now,
    Send,
    SignReceipt,
    Step,
    Stored,
    Truncate,
)
from hotline.core.suite import Suite, verify_hybrid
from hotline.core.view import LineView, Lock
from hotline.errors import ConflictError, MalformedError, SignatureError
from hotline.text import safe


class Mirror:
    """The holder's side of one log."""

    def __init__(self, suite: Suite, line: Line, ledger: Ledger, view: LineView, lock: Lock, judge: Judge) -> None:
        self._suite = suite
        self._line = line
        self._view = view
        self._judge = judge
        self._doubt: tuple[int, int] | None = None  # (nonces I had made, size of the head) when the judge was unsure
        self._certain_below = 0  # what the peer's word has settled
        self.ledger = ledger
        self.lock = lock
        self.rebuilding = False  # set and ended by hotline.core.rebuild
        self.head = view.mirror.head()
        self.intent = view.mirror.intent()
        self.receipt = view.mirror.receipt()
        self.frozen = bool(view.mirror.frozen())
        self.owner_signed = 0  # the largest signed size that a fresh HELLO has told of
        self._owner_size = 0  # the size that it has told of
        self._awaited: Head | None = None  # a verified head past what I hold
        self._outranker: tuple[int, bytes] | None = None  # the latest head to which a tail gave way
        self._want_receipt = False
        self._retry_at: float | None = None
        self._retry_s = limits.RETRANSMIT_FIRST_S
        self.unsigned_since: float | None = None
        self._recovered_below = lock.peer.size if lock.peer and lock.peer.size > ledger.size else 0
        self._needed: tuple[int, float] = (-1, 0.0)
        self._needed_end = 0
        self._need_at: float | None = None
        self._need_s = limits.RETRANSMIT_FIRST_S
        self.to_refuse: list[tuple[int, int, str]] = []  # (index, verdict, reason), taken by the line

    @property
    def head_size(self) -> int:
        """The size of the largest signed head held."""
        return self.head.size if self.head else 0

    @property
    def judged_size(self) -> int:
        """How far it was judged and surfaced."""
        return self._judge.size

    def cosign_again(self) -> None:
        """State at the next `flush` what is held: nothing was stated while it was rebuilt."""
        self._want_receipt = True

    @property
    def cosigned(self) -> tuple[int, bytes]:
        """The largest head that I have stated to hold, and its root."""
        if self.intent is None or not self.ledger.holds(self.intent.size, self.intent.root):
            return 0, tree.EMPTY_ROOT
        return self.intent.size, self.intent.root

    @property
    def seen(self) -> tuple[int, bytes]:
        """What my entries say they have seen: its owner cannot withdraw a signed head, as it can an unsigned tail."""
        if self.head is None or self.head.size > self.cosigned[0]:
            return 0, tree.EMPTY_ROOT
        return self.head.size, self.head.root

    def has_not(self, size: int, root: bytes) -> bool:
        """Whether the peer's log surely does not have this head."""
        return size <= self.ledger.size and not self.ledger.holds(size, root)

    @property
    def state(self) -> MirrorState:
        """What my HELLO says of this mirror."""
        return MirrorState(
            self._line.generation, self.ledger.size, self.ledger.root(), self.cosigned[0], self.head_size
        )

    @property
    def locked_head(self) -> tuple[int, bytes]:
        """The head for the lock file: the larger of what it says already and what I have cosigned."""
        size, root = self.cosigned
        if self.lock.peer and self.lock.peer.size > size:
            return self.lock.peer.size, self.lock.peer.root
        return size, root

    @property
    def card(self) -> Card:
        """The peer's card as of what is judged; keys of the log and of the line are the same in all of them."""
        return self._judge.card

    # --- entries ------------------------------------------------------------------------------

    def on_entries(self, e: Entries, now: Now, step: Step) -> None:
        """SPEC section 7.2, whose numbers stand in the code."""
        if self.frozen:  # (1)
            raise ConflictError("This log of the peer is frozen: two inconsistent heads of it exist.", reason="frozen")
        if e.start > self.ledger.size and not self._tail_is_full:  # (2)
            self._need(self.ledger.size, e.start, now, step)
            return
        new = self._beyond_held(e) if e.start <= self.ledger.size else []
        if not new or self._tail_is_full:
            self._want_receipt = True  # which its owner answers with the head
            return
        self._check_new(e, new)
        step.write(Append(e.origin, self.ledger.size, tuple(new)))  # (7)
        step.write(KeepProposal(e.origin, e.size, e.root, e.proposal))
        self.ledger.extend([s.leaf for s in new])
        if self._need_at is not None:  # more frames of the same answer may be on their way
            self._need_at, self._need_s = now.mono_s + limits.NEED_MIN_S, limits.RETRANSMIT_FIRST_S
        self._want_receipt = True
        if self.unsigned_since is None:
            self.unsigned_since = now.mono_s
        self._after_growth(now, step)

    @property
    def _tail_is_full(self) -> bool:
        """What a verified head covers is no tail; a larger signed size that its owner only tells of counts nothing."""
        signed = max(self.head_size, self._awaited.size if self._awaited else 0)
        return self.ledger.size - signed >= limits.UNSIGNED_TAIL_ENTRIES

    def _beyond_held(self, e: Entries) -> list[Stored]:
        """The entries past my size; those that I hold must be equal (3)."""
        known = self._view.mirror.leaves(e.start, min(e.size, self.ledger.size))
        stored = [Stored(i.entry, tree.leaf_hash(i.entry), i.salt, i.body) for i in e.items]
        if any(a != b.leaf for a, b in zip(known, stored, strict=False)):
            raise ConflictError("The peer proposes other entries than those I hold.", reason="conflict")
        return stored[len(known) :]

    def _check_new(self, e: Entries, new: list[Stored]) -> None:
        if not all(entry.body_fits(s.entry, s.salt, s.body) for s in new):  # (4)
            raise MalformedError("A body does not fit its commitment.", reason="body-commitment")
        if self.ledger.root_with([s.leaf for s in new], self.ledger.size) != e.root:  # (5)
            raise ConflictError("The entries do not lead to the proposed root.", reason="conflict")
        message = proposal_message(e.origin, e.size, e.root)  # (6)
        if not verify_hybrid(self._suite, self._line.peer.body.log, message, e.proposal):
            raise SignatureError("A proposal's signature does not verify.", reason="proposal-signature")

    def _after_growth(self, now: Now, step: Step) -> None:
        awaited = self._awaited
        if awaited is not None and awaited.size <= self.ledger.size:
            self._awaited = None
            self._take_head(awaited, now, step)
        if self.ledger.size >= self._needed_end:
            self._need_rest(now, step)

    def _need_rest(self, now: Now, step: Step) -> None:
        """Ask for what I lack and the owner has signed, or still has and I have cosigned: below it I sign nothing."""
        mine = min(self.lock.peer.size, self._owner_size) if self.lock.peer else 0
        wanted = max(self.owner_signed, self._awaited.size if self._awaited else 0, mine)
        if self.ledger.size < wanted and not self.frozen:
            self._need(self.ledger.size, wanted, now, step)

    def _need(self, start: int, end: int, now: Now, step: Step) -> None:
        """Ask for a range, the same start at most twice a second."""
        if self._needed[0] == start and now.mono_s < self._needed[1] + limits.NEED_MIN_S:
            return
        self._needed = (start, now.mono_s)
        self._need_at = now.mono_s + self._need_s
        self._needed_end = min(end, start + limits.WINDOW_ENTRIES)
        step.send(Send("need", self.ledger.origin, start, self._needed_end))

    def on_owner(self, said: OwnState, now: Now, step: Step) -> None:
        """The owner's fresh word on its log: what it has signed and I lack, I have lost (SPEC section 7.7)."""
        signed = self.owner_signed = said.signed
        self._owner_size = said.size
        if signed > self.ledger.size and self.cosigned[0] < signed:
            self._recovered_below = max(self._recovered_below, signed)
        self._need_rest(now, step)

    # --- receipts -------------------------------------------------------------------------------

    def flush(self, now: Now, step: Step, *, nonces: int, confirmed: int) -> None:
        """At the end of a batch: surface what is signed, and one receipt for all that it brought (SPEC section 7.3).

        `nonces` counts those that I have made; `confirmed` numbers the latest that the peer echoed while in step.
        """
        self._surface(step, nonces, confirmed)
        if not self._want_receipt:
            return
        self._want_receipt = False
        if self.frozen or not self._may_cosign():
            return
        size = self.ledger.size
        if self.intent is not None and self.intent.size >= size:
            self._repeat_receipt(self.intent, step)
            return
        self.intent = CosignIntent(self.ledger.origin, size, self.ledger.root(), max(now.wall_s, 1))
        step.write(self.intent)
        self._sign(self.intent, step)
        self._retry_s = limits.RETRANSMIT_FIRST_S
        self._retry_at = now.mono_s + self._retry_s

    def _may_cosign(self) -> bool:
        """A lock file that names a head which I do not hold, or is unreadable, binds me (SPEC section 7.3).

        So does a head that the owner has signed and I do not hold: beside it lies only what its owner has left.
        """
        locked = self.lock.peer
        if self._awaited is not None or self.rebuilding:
            return False
        return self.lock.readable and (locked is None or self.ledger.holds(locked.size, locked.root))

    def _repeat_receipt(self, i: CosignIntent, step: Step) -> None:
        if self.receipt is not None and self.receipt.size == i.size:
            step.send(Send("receipt", self.ledger.origin))
        else:
            self._sign(i, step)

    def _sign(self, i: CosignIntent, step: Step) -> None:
        """The lock file first, also when a crash came between it and the commit of the same statement."""
        step.lock = True
        step.signs.append(SignReceipt(Checkpoint(i.origin, i.size, i.root), i.timestamp_s))

    def receipt_signed(self, cp: Checkpoint, timestamp_s: int, signature: bytes, step: Step) -> None:
        """The receipt key has signed: keep it, send it."""
        self.receipt = KeepReceipt(cp.origin, cp.size, cp.root, timestamp_s, signature)
        step.write(self.receipt)
        step.send(Send("receipt", cp.origin))

    # --- heads ------------------------------------------------------------------------------------

    def on_head(self, head: Head, now: Now, step: Step) -> None:
        """SPEC sections 7.4 and 7.6."""
        if self.frozen or (self.head and (head.size, head.root) == (self.head.size, self.head.root)):
            return
        if head.size <= self.head_size and self.ledger.holds(head.size, head.root):
            return
        cp = Checkpoint(head.origin, head.size, head.root)
        if not checkpoint.verify_head(self._suite, self._line.peer.body.log, cp, head.signature):
            raise SignatureError("A head does not verify with both of the peer's keys.", reason="head-signature")
        if head.size <= self.ledger.size:
            self._take_head(head, now, step)
        else:
            self._await_head(head, now, step)

    def _take_head(self, head: Head, now: Now, step: Step) -> None:
        """A verified head within what I hold."""
        if not self.ledger.holds(head.size, head.root):
            self._outranked(head, now, step)
            return
        self.head = KeepHead(head.origin, head.size, head.root, head.signature)
        step.write(self.head)
        whole = self.head.size == self.ledger.size
        self.unsigned_since = None if whole else now.mono_s
        if whole:
            self._retry_at = None

    def _await_head(self, head: Head, now: Now, step: Step) -> None:
        if self._contradicts_tail(head):
            self._outranked(head, now, step)
            return
        self._await(head)
        self._need(self.ledger.size, head.size, now, step)

    def _await(self, head: Head) -> None:
        if self._awaited is None or head.size > self._awaited.size:
            self._awaited = head

    def _contradicts_tail(self, head: Head) -> bool:
        """Whether the proof shows that the head's tree has another prefix than mine."""
        if not 0 < head.prior_size <= self.ledger.size or self.ledger.holds(head.prior_size, head.prior_root):
            return False
        return tree.verify_consistency(head.prior_size, head.size, head.prior_root, head.root, list(head.proof))

    def _outranked(self, head: Head, now: Now, step: Step) -> None:
        """A signed head contradicts what I hold: my unsigned tail gives way, a signed head of mine convicts."""
        held = self.head
        disproved = self._contradicts_tail(head)
        if held is not None and (head.size <= held.size or (disproved and head.prior_size == held.size)):
            self._fork(held, head, step)
            return
        if disproved and head.prior_size < self.head_size:
            raise ConflictError(
                "A head's proof contradicts one that the peer signed; it is no evidence yet.", reason="stalled"
            )
        # A peer that shows the same tail and the same head again and again is believed and told of once.
        first = self._outranker != (head.size, head.root)
        self._outranker = head.size, head.root
        step.write(Truncate(self.ledger.origin, self.head_size, "outranked by a signed head of its owner", keep=first))
        if first:
            step.alarm(
                "tail-replaced",
                f"{self.ledger.size - self.head_size} unsigned entries of the peer gave way to a head that it signed.",
            )
        self._lock_outranker(head)
        self.ledger.cut(self.head_size)
        if self.intent and self.intent.size > self.head_size:
            self.intent = None
        if self.receipt and self.receipt.size > self.head_size:
            self.receipt = None
        self._retry_at = self.unsigned_since = None
        step.lock = True
        self._await(head)
        self._need(self.head_size, head.size, now, step)

    def _lock_outranker(self, head: Head) -> None:
        """The head takes the place of what I cosigned of the tail; a larger one that I have lost goes on binding."""
        locked = self.lock.peer
        if locked is None or locked.size <= head.size or self.ledger.holds(locked.size, locked.root):
            self.lock = Lock(True, peer=LockedHead(head.origin, head.size, head.root))

    def _fork(self, held: KeepHead, head: Head, step: Step) -> None:
        """Two signed heads, neither a prefix of the other: keep what convinces a third party (SPEC section 7.6)."""
        mine = SignedHead(held.size, held.root, held.signature)
        shown = SignedHead(head.size, head.root, head.signature)
        if shown.size <= mine.size:
            proof = tuple(self.ledger.proof_from(shown.size, mine.size))
            evidence = Fork(self.ledger.origin, shown, mine, self.ledger.root_at(shown.size), proof)
        else:
            evidence = Fork(self.ledger.origin, mine, shown, head.prior_root, head.proof)
        self.freeze(evidence, step)
        step.send(Send("fork", self.ledger.origin))

    def freeze(self, evidence: Fork, step: Step) -> None:
        """Nothing of this log is taken any more; both sides are told."""
        self.frozen = True
        self._retry_at = self._need_at = None
        step.write(Freeze(evidence.origin, messages.pack(evidence)[1]))
        sizes = f"{evidence.first.size} and {evidence.second.size}"
        step.alarm(
            "fork",
            f"FORK: the peer's log key signed two inconsistent heads, of the sizes {sizes}. Its log is frozen and the"
            " proof is kept: it convicts the custody of that key, and says nothing of intent.",
        )

    # --- surfacing ----------------------------------------------------------------------------------

    def _surface(self, step: Step, nonces: int, confirmed: int) -> None:
        """Judge and put into the inbox the entries below the signed head, each once, so many in one batch.

        An entry may speak of a part of my log that I lost: it waits until the peer has shown what it holds of that
        (SPEC section 4.8), or an honest word would be shown as INVALID for ever.
        """
        start, end = self._judge.size, min(self.head_size, self._judge.size + limits.COMMIT_BATCH)
        if start >= end:
            return
        settled = bool(self._view.own.frozen())  # the peer will never show my log as I hold it
        if self._doubt and confirmed <= self._doubt[0] and not settled:
            return
        if self._doubt:
            self._certain_below, self._doubt = self._doubt[1], None
        self._judge.begin()
        invalid: dict[str, list[int]] = {}
        repeats = 0
        for index, stored in enumerate(self._view.mirror.entries(start, end), start):
            certain = settled or index < self._certain_below
            judgement = self._judge.judge(index, stored, index < self._recovered_below, certain=certain)
            if judgement is None and index > start:
                break  # first in the next batch, with all before it in the store
            if judgement is None:
                self._doubt = (nonces, self.head_size)
                break
            self._put(judgement, step)
            repeats += judgement.surface.repeat
            if judgement.surface.reason:
                invalid.setdefault(judgement.surface.reason, []).append(index)
        for reason, found in invalid.items():
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            step.alarm("invalid", f"INVALID: entry {found[0]} of the peer{more}: {reason}.")
        count = self._judge.size - start
        if count:
            origin, size = self.ledger.origin, self._judge.size
            step.write(Judged(origin, size, self._judge.serial, self._judge.seen_size))
            if count > repeats:  # what was shown before is not told again
                told = f"{count - repeats} more from the peer"
                step.write(Event("received", told, origin=origin, index=size))

    @property
    def doubts(self) -> bool:
        """Whether judging waits for the peer's word on what it holds of my log."""
        return self._doubt is not None

    def _put(self, judged: Judgement, step: Step) -> None:
        step.write(judged.surface)
        if judged.effect:
            step.write(judged.effect)
        if isinstance(judged.effect, Answered) and judged.effect.type == entry.REFUSAL:
            what = f"The peer refuses entry {judged.effect.target} of my log"
            step.write(Event("refused", f"{what}: {_why(judged.effect)}.", alarm=True, plain=f"{what}."))
        if isinstance(judged.effect, KeepCard):
            text = f"Card {judged.effect.number} of the peer holds from its entry {judged.effect.index} on."
            step.write(Event("card", text, origin=judged.effect.origin, index=judged.effect.index))
        if judged.refusal:
            self.to_refuse.append((judged.surface.index, judged.refusal, judged.surface.reason))

    # --- time -----------------------------------------------------------------------------------------

    def resume(self, now: Now) -> None:
        """After a start: a head may be lacking, and the receipt that asks for it may not have been sent."""
        if self.ledger.size > self.head_size and not self.frozen:
            self.unsigned_since = now.mono_s
            self._want_receipt = True
            self._retry_at = now.mono_s + self._retry_s

    def tick(self, now: Now, step: Step) -> None:
        """While the head does not come, the receipt may have been lost: send it again. So with what I need."""
        if self._need_at is not None and now.mono_s >= self._need_at:
            self._need_at, self._need_s = None, min(2 * self._need_s, limits.RETRANSMIT_MOST_S)
            self._need_rest(now, step)
        if self._retry_at is None or now.mono_s < self._retry_at:
            return
        if self.intent is None or self.cosigned[0] <= self.head_size or not self._may_cosign():
            self._retry_at = None
            return
        self._repeat_receipt(self.intent, step)
        self._retry_s = min(2 * self._retry_s, limits.RETRANSMIT_MOST_S)
        self._retry_at = now.mono_s + self._retry_s

    def hurry(self, now: Now) -> None:
        """The owner is there again: the receipt for which no head came goes now."""
        self._retry_s = limits.RETRANSMIT_FIRST_S
        if self._retry_at is not None:
            self._retry_at = now.mono_s

    def next_tick(self) -> float | None:
        """When `tick` or `flush` has something to do, on the monotonic clock."""
        if self._judge.size < self.head_size and not self._doubt:
            return 0.0
        times = [t for t in (self._retry_at, self._need_at) if t is not None]
        return min(times, default=None)


def _why(refusal: Answered) -> str:
    """Who refuses, and why, in one clause. The text is the peer's; whoever shows it makes it safe."""
    by = f"by {refusal.officer}" if refusal.officer else "by its machine, cannot process"
    return f"{by}, {safe(refusal.text, limit=limits.REASON_BYTES)}" if refusal.text else by
