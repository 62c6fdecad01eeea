"""What the tests of the store write: one line, its two logs, and notices that need no keys."""

import hashlib
from pathlib import Path

from hotline.core import encoding, entry, queue, tree
from hotline.core.step import Append, BodyFacts, NoticeContext, Stored, Surface
from hotline.store.store import Store

LINE = b"L" * 32
OWN, MIRROR = "hotline/line/north/1", "hotline/line/south/1"
NORTH, SOUTH = b"N" * 32, b"S" * 32
SALT = b"s" * 32
SIGNATURE = b"g" * 2484
RANDOM = b"r" * 16


def read_body(body: bytes, _context: NoticeContext | None = None) -> BodyFacts:
    """The facts that lists show, without the real schemas."""
    return BodyFacts("sample", body[:20].decode("latin-1"), "")


def opened(path: Path, *, vfs: str = "") -> Store:
    """A store with the one line."""
    store = Store(path, read_body, vfs=vfs)
    store.line(LINE, OWN, MIRROR)
    store.commit()
    return store


def notice_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def row(number: int, body: bytes = b"text", precedence: int = 0) -> queue.Queued:
    """A notice for the queue."""
    return queue.notice_row(queue.QueuedNotice(SOUTH, notice_id(number), precedence, 0, 0, ()), SALT, body)


def submit(store: Store, number: int, body: bytes = b"text", *, precedence: int = 0, now_ms: int = 1) -> bool:
    return store.submit(LINE, OWN, row(number, body, precedence), read_body(body), now_ms)


def answer_row(target: int, kind: int = entry.OPENED, random: bytes = RANDOM) -> queue.Queued:
    """An answer for the queue, signed by nobody."""
    verdict = 0 if kind == entry.OPENED else 1
    return queue.answer_row(queue.QueuedAnswer(kind, random, target, bytes(32), verdict, "", b"o" * 32, SIGNATURE))


def stored(queued: queue.Queued, serial: int = 0) -> Stored:
    """The entry that a row becomes."""
    raw = queue.to_entry(queued, serial=serial, time_ms=1000 + serial, seen_size=0, seen_root=tree.EMPTY_ROOT)
    return Stored(raw, tree.leaf_hash(raw), queued.salt, queued.body)


def genesis() -> Stored:
    content = entry.Genesis(1, 999, 0, tree.EMPTY_ROOT, 0, RANDOM, NORTH, SOUTH, 1, bytes(32), bytes(32))
    raw = entry.seal_envelope(encoding.encode(content))
    return Stored(raw, tree.leaf_hash(raw), b"", b"")


def appended(store: Store, *numbers: int, now_ms: int = 2) -> None:
    """Move queued notices into my log, from the end on; notice 1 gets serial 1."""
    view = store.line(LINE, OWN, MIRROR)
    rows = [row(number) for number in numbers]
    entries = tuple(stored(r, number) for r, number in zip(rows, numbers, strict=True))
    store.apply(LINE, [Append(OWN, view.own.size(), entries, tuple(r.key for r in rows))], now_ms)


def surface(index: int, *, kind: int = 2, reason: str = "", serial: int = 0, number: int = 0) -> Surface:
    """One entry of the peer for the inbox."""
    facts = read_body(b"from the peer") if kind == 2 else None
    return Surface(
        MIRROR,
        index,
        kind,
        5,
        reason,
        False,
        notice_id(number) if kind == 2 else b"",
        serial,
        1,
        0,
        7,
        ("duty",),
        facts,
    )


def root(number: int) -> bytes:
    return hashlib.sha256(bytes([number])).digest()
