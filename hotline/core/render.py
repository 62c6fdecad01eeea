"""Turning a Send into messages, from what is on disk at that moment (SPEC sections 6.6 and 7)."""

from collections.abc import Iterator

from hotline import limits
from hotline.core import messages
from hotline.core.frame import PAYLOAD_BYTES
from hotline.core.freshness import Freshness
from hotline.core.identity import Line
from hotline.core.ledger import Ledger
from hotline.core.messages import Entries, Head, Message, Need, Receipt
from hotline.core.ownlog import proposal_message
from hotline.core.step import Send, Stored
from hotline.core.suite import HybridSigner, Suite
from hotline.core.view import LineView

_ENTRIES_BYTES = PAYLOAD_BYTES - messages.ENTRIES_OVERHEAD_BYTES
_OVERHEAD_BYTES = limits.FRAME_BYTES - _ENTRIES_BYTES
_LEAST_BYTES = limits.PATH_FRAME_MIN_BYTES - _OVERHEAD_BYTES


class FrameRoom:
    """How much of ENTRIES goes into one frame. Some brokers acknowledge a large publish and drop it, so a size that
    makes no progress is halved, and tried again after a while of progress. In memory only."""

    def __init__(self) -> None:
        self.bytes = _ENTRIES_BYTES
        self._progress = 0

    def tried(self, tries: int) -> None:
        """The same entries have been sent `tries` times without progress."""
        self._progress = 0
        if tries % limits.NO_PROGRESS_BEFORE_HALVING == 0:
            self.bytes = max(_LEAST_BYTES, (self.bytes + _OVERHEAD_BYTES) // 2 - _OVERHEAD_BYTES)

    def progressed(self) -> None:
        """A receipt has come."""
        self._progress += 1
        if self._progress >= limits.PROGRESS_BEFORE_DOUBLING:
            self._progress = 0
            self.bytes = min(_ENTRIES_BYTES, (self.bytes + _OVERHEAD_BYTES) * 2 - _OVERHEAD_BYTES)


class Renderer:
    """Reads the view; changes nothing."""

    def __init__(
        self, suite: Suite, line: Line, view: LineView, own: Ledger, mirror: Ledger, log: HybridSigner, fresh: Freshness
    ) -> None:
        self._suite = suite
        self._line = line
        self._view = view
        self._own = own
        self._mirror = mirror
        self._log = log
        self._fresh = fresh
        self._proposals: dict[tuple[int, bytes], bytes] = {}  # the latest used last
        self.room = FrameRoom()

    def messages(self, send: Send) -> list[Message]:
        """Return the messages of a Send other than HELLO; none where there is nothing to show any more."""
        if send.kind == "entries":
            mine = send.origin == self._own.origin
            return list(self._own_entries(send) if mine else self._held_entries(send))
        if send.kind == "need":
            return [Need(send.origin, send.start, send.end, self._fresh.peers)]
        if send.kind == "receipt":
            return self._receipt()
        return self._head(send) if send.kind == "head" else self._fork(send)

    def _own_entries(self, send: Send) -> Iterator[Message]:
        """My entries in frames that each propose their own end, as many as a window holds."""
        at, sent = send.start, 0
        end = min(send.end, self._own.size)
        while at < end and sent < limits.WINDOW_BYTES:
            chunk = _fitting(self._view.own.entries(at, min(end, at + limits.WINDOW_ENTRIES)), self.room.bytes)
            size = at + len(chunk)
            root = self._own.root_at(size)
            proposal = self._proposal(size, root)
            yield Entries(self._own.origin, at, tuple(s.item for s in chunk), root, proposal, send.echo)
            sent += sum(s.size_bytes for s in chunk)
            at = size

    def _proposal(self, size: int, root: bytes) -> bytes:
        """My log key's word that this is my log (SPEC section 5.2), signed once however often it is sent."""
        signature = self._proposals.pop((size, root), b"")
        if not signature:
            message = proposal_message(self._own.origin, size, root)
            signature = self._log.sign(message, message)
        self._proposals[size, root] = signature
        if len(self._proposals) > limits.PROPOSALS_HELD:
            del self._proposals[next(iter(self._proposals))]
        return signature

    def _held_entries(self, send: Send) -> Iterator[Message]:
        """The peer's own entries, for a peer that lost them, in frames that end where it had proposed."""
        at, sent = send.start, 0
        while at < send.end and sent < limits.WINDOW_BYTES:
            kept = self._view.mirror.proposal_after(at)
            if kept is None:
                return
            chunk = self._view.mirror.entries(at, kept.size)
            items = tuple(s.item for s in chunk)
            yield Entries(self._mirror.origin, at, items, kept.root, kept.signature, send.echo)
            sent += sum(s.size_bytes for s in chunk)
            at = kept.size

    def _receipt(self) -> list[Message]:
        kept = self._view.mirror.receipt()
        if kept is None:
            return []
        return [Receipt(kept.origin, kept.size, kept.root, kept.timestamp_s, kept.signature)]

    def _head(self, send: Send) -> list[Message]:
        kept = self._view.own.head()
        if kept is None:
            return []
        prior = min(send.prior, kept.size)
        if not prior:
            return [Head(kept.origin, kept.size, kept.root, kept.signature, 0, b"", ())]
        proof = tuple(self._own.proof_from(prior, kept.size))
        return [Head(kept.origin, kept.size, kept.root, kept.signature, prior, self._own.root_at(prior), proof)]

    def _fork(self, send: Send) -> list[Message]:
        log = self._view.own if send.origin == self._own.origin else self._view.mirror
        evidence = log.frozen()
        return [messages.unpack(messages.pack_code(messages.Fork), evidence)] if evidence else []


def _fitting(entries: list[Stored], room_bytes: int) -> list[Stored]:
    """The first entries that one frame carries; always at least one."""
    room, taken = room_bytes, 0
    for stored in entries:
        room -= len(stored.entry) + len(stored.salt) + len(stored.body) + messages.ITEM_OVERHEAD_BYTES
        if room < 0 and taken:
            break
        taken += 1
    return entries[:taken]
