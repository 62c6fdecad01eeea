"""The queue before the log, and the window that lets entries in (SPEC section 7.1, DESIGN section 5).

A submitted notice waits on disk, ordered by rank, until the window of unreceipted entries has room.
FLASH overtakes everything that is queued, and has a share of the window that nothing else may use.
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from hotline import limits
from hotline.core import encoding
from hotline.core.card import Card
from hotline.core.entry import (
    ACKNOWLEDGEMENT,
    CONTENT_VERSION,
    OPENED,
    REFUSAL,
    Acknowledgement,
    AnyContent,
    Bytes16,
    Bytes32,
    CardEntry,
    Genesis,
    Notice,
    Opened,
    Refusal,
    Releases,
    Signature,
    Uint,
    Watch,
    commitment,
    seal_envelope,
    type_of,
)

FLASH = 3
# Ranks: FLASH before answers and watches (small, and people wait for them), then notices by precedence. A card goes
# before all: what an officer signs who is certified by it would be INVALID for ever if it came first.
RANK_CARD, RANK_FLASH, RANK_CONTROL = 10, 9, 8


class QueuedNotice(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag_field="row", tag=1):
    """A notice without what it gets when it enters the log: serial, time, seen head."""

    recipient: Bytes32
    id: Bytes16
    precedence: Annotated[int, Meta(ge=0, le=3)]
    mode: Annotated[int, Meta(ge=0, le=2)]
    expires_s: Uint
    releases: Releases


class QueuedAnswer(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag_field="row", tag=2):
    """An answer of any of the three types, already signed by its officer."""

    type: Annotated[int, Meta(ge=OPENED, le=REFUSAL)]
    random: Bytes16
    target: Uint
    target_leaf: Bytes32
    verdict: Annotated[int, Meta(ge=0, le=4)]
    text: str
    officer: bytes
    signature: bytes


class QueuedWatch(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag_field="row", tag=3):
    """A watch, already signed by its officers."""

    random: Bytes16
    state: Annotated[int, Meta(ge=0, le=1)]
    officer: Bytes32
    relieved: bytes
    signed_ms: Uint
    text: str
    signature: Signature
    relieved_signature: bytes


class QueuedCard(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag_field="row", tag=4):
    """My own card, signed anew; the row's body holds it."""

    number: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]
    card: Bytes32


Row = QueuedNotice | QueuedAnswer | QueuedWatch | QueuedCard


@dataclass(frozen=True, slots=True)
class Queued:
    """One row of the queue. `key` is the notice id, the random bytes of an answer or watch, or a card's digest[:16]."""

    key: bytes
    rank: int
    what: Row
    salt: bytes = b""
    body: bytes = b""

    @property
    def size_bytes(self) -> int:
        """What it will weigh in the window, near enough: its payload, body and the fixed fields."""
        return len(self.body) + len(payload(self.what)) + 128


_ANSWERS: dict[int, type[Opened] | type[Acknowledgement] | type[Refusal]] = {
    OPENED: Opened,
    ACKNOWLEDGEMENT: Acknowledgement,
    REFUSAL: Refusal,
}


def notice_row(what: QueuedNotice, salt: bytes, body: bytes) -> Queued:
    """Return the queue row of a notice."""
    return Queued(what.id, RANK_FLASH if what.precedence == FLASH else what.precedence, what, salt, body)


def answer_row(what: QueuedAnswer) -> Queued:
    """Return the queue row of an answer."""
    return Queued(what.random, RANK_CONTROL, what)


def watch_row(what: QueuedWatch) -> Queued:
    """Return the queue row of a watch."""
    return Queued(what.random, RANK_CONTROL, what)


def card_row(card: Card, salt: bytes) -> Queued:
    """Return the queue row that tells the peer of this card of mine; the salt has 32 bytes."""
    return _card_row(QueuedCard(card.body.number, card.digest), salt, card.packed)


def _card_row(what: QueuedCard, salt: bytes, body: bytes) -> Queued:
    return Queued(what.card[:16], RANK_CARD, what, salt, body)


def payload(what: Row) -> bytes:
    """Return the row's bytes for the store."""
    return encoding.encode(what)


def from_payload(key: bytes, rank: int, data: bytes, salt: bytes, body: bytes) -> Queued:
    """Return the row that the store kept; MalformedError if it was damaged."""
    what: Row = encoding.decode(
        data,
        Row,  # type: ignore[arg-type]  # a union of structs is what msgspec decodes
        what="A queued entry",
        limit_bytes=limits.ENTRY_BYTES,
    )
    return Queued(key, rank, what, salt, body)


def to_entry(row: Queued, *, serial: int, time_ms: int, seen_size: int, seen_root: bytes) -> bytes:
    """Return the entry that this row becomes; `serial` counts for notices only."""
    w = row.what
    if isinstance(w, QueuedNotice):
        notice = Notice(
            CONTENT_VERSION, time_ms, seen_size, seen_root, 0,
            w.recipient, w.id, serial, w.precedence, w.mode, w.expires_s, w.releases,
        )  # fmt: skip
        return seal_envelope(encoding.encode(notice), len(row.body), commitment(row.salt, row.body))
    if isinstance(w, QueuedCard):
        card = CardEntry(CONTENT_VERSION, time_ms, seen_size, seen_root, 0, w.number, w.card)
        return seal_envelope(encoding.encode(card), len(row.body), commitment(row.salt, row.body))
    if isinstance(w, QueuedWatch):
        watch = Watch(
            CONTENT_VERSION, time_ms, seen_size, seen_root, 0,
            w.random, w.state, w.officer, w.relieved, w.signed_ms, w.text, w.signature, w.relieved_signature,
        )  # fmt: skip
        return seal_envelope(encoding.encode(watch))
    kind = _ANSWERS[w.type]
    answer = kind(
        CONTENT_VERSION, time_ms, seen_size, seen_root, 0,
        w.random, w.target, w.target_leaf, w.verdict, w.text, w.officer, w.signature,
    )  # fmt: skip
    return seal_envelope(encoding.encode(answer))


def from_entry(content: AnyContent, salt: bytes, body: bytes) -> Queued | None:
    """Return the row of an entry that was displaced, to go out again (SPEC section 7.5); None of a genesis."""
    c = content
    if isinstance(c, Genesis):
        return None
    if isinstance(c, Notice):
        return notice_row(QueuedNotice(c.recipient, c.id, c.precedence, c.mode, c.expires_s, c.releases), salt, body)
    if isinstance(c, CardEntry):
        return _card_row(QueuedCard(c.number, c.card), salt, body)
    if isinstance(c, Watch):
        return watch_row(
            QueuedWatch(
                c.random, c.state, c.officer, c.relieved, c.signed_ms, c.text, c.signature, c.relieved_signature
            )
        )
    a = c
    return answer_row(
        QueuedAnswer(type_of(a), a.random, a.target, a.target_leaf, a.verdict, a.text, a.officer, a.signature)
    )


class Window:
    """How much may be unreceipted, and how fast the peer drains it. In memory only; a restart measures again."""

    def __init__(self) -> None:
        self.entries = 0
        self.bytes = 0
        self.rate: float | None = None
        self._busy_since = 0.0

    def add(self, size_bytes: int, now_s: float) -> None:
        """An entry was appended."""
        if self.entries == 0:
            self._busy_since = now_s
        self.entries += 1
        self.bytes += size_bytes

    def drained(self, entries: int, size_bytes: int, now_s: float) -> None:
        """The peer has receipted so much; the drain rate (bytes/s) moves towards what this shows."""
        sample = size_bytes / max(now_s - self._busy_since, 0.001)
        self.rate = sample if self.rate is None else 0.7 * self.rate + 0.3 * sample
        self.entries = max(0, self.entries - entries)
        self.bytes = max(0, self.bytes - size_bytes)
        self._busy_since = now_s

    def reset(self) -> None:
        """The log was cut back; what is unreceipted is counted anew by the caller."""
        self.entries = self.bytes = 0

    @property
    def allowed_bytes(self) -> int:
        """At most a minute of the measured rate. Before any measurement a quarter of the whole, to find out."""
        if self.rate is None:
            return limits.WINDOW_BYTES // 4
        rate = max(self.rate, limits.DRAIN_FLOOR_BYTES_PER_S)
        return min(limits.WINDOW_BYTES, int(rate * limits.WINDOW_DRAIN_S))

    def admits(self, rank: int, size_bytes: int) -> bool:
        """Return whether an entry of this rank may enter now. An empty window admits anything, so nothing wedges."""
        if self.entries == 0:
            return True
        if rank >= RANK_FLASH:
            entries, most = limits.WINDOW_ENTRIES, limits.WINDOW_BYTES
        elif rank == RANK_CONTROL:
            entries = limits.WINDOW_ENTRIES - limits.WINDOW_FLASH_ENTRIES
            most = limits.WINDOW_BYTES
        else:
            entries = limits.WINDOW_ENTRIES - limits.WINDOW_FLASH_ENTRIES - limits.WINDOW_CONTROL_ENTRIES
            most = min(self.allowed_bytes, limits.WINDOW_BYTES - limits.WINDOW_RESERVE_BYTES)
        return self.entries < entries and self.bytes + size_bytes <= most
