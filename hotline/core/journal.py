"""Entries of a station's own journal, and the origin of its heads (SPEC section 13): bytes in, bytes out."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hotline import limits
from hotline.core import encoding
from hotline.core.card import Card
from hotline.errors import MalformedError

Pair = tuple[str, str]
_LINE_BYTES = 32
_KIND = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)


class JournalEntry(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One entry: `time_ms` by the station's clock; `line` 32 bytes, or none for the station itself."""

    version: Literal[1]
    time_ms: Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)]
    line: Annotated[bytes, Meta(max_length=_LINE_BYTES)]
    kind: Annotated[str, Meta(min_length=1, max_length=limits.JOURNAL_NAME_BYTES)]
    level: Annotated[int, Meta(ge=0, le=2)]
    text: Annotated[str, Meta(max_length=limits.JOURNAL_TEXT_BYTES)]
    fields: Annotated[tuple[Pair, ...], Meta(max_length=limits.JOURNAL_FIELDS)]


def pack(time_ms: int, line: bytes, kind: str, level: int, text: str, fields: Iterable[Pair] = ()) -> bytes:
    """Return the bytes of an entry. What is too long is cut: an entry that says less is better than none."""
    pairs = [(_cut(k, limits.JOURNAL_NAME_BYTES), _cut(v, limits.JOURNAL_VALUE_BYTES)) for k, v in fields]
    time_ms = min(max(time_ms, 0), limits.TREE_SIZE)
    text = _cut(text, limits.JOURNAL_TEXT_BYTES)
    return encoding.encode(JournalEntry(1, time_ms, line, kind, level, text, tuple(pairs[: limits.JOURNAL_FIELDS])))


def unpack(data: bytes) -> JournalEntry:
    """Return the entry, or raise MalformedError."""
    e = encoding.decode(data, JournalEntry, what="A journal entry", limit_bytes=limits.JOURNAL_ENTRY_BYTES)
    if len(e.line) not in (0, _LINE_BYTES) or not _KIND.fullmatch(e.kind):
        raise MalformedError("A journal entry names no line or kind of this protocol.")
    if _bytes(e.text) > limits.JOURNAL_TEXT_BYTES or not all(_fits(pair) for pair in e.fields):
        raise MalformedError("A text in a journal entry is longer than it may be.", reason="too-large")
    return e


def _fits(pair: Pair) -> bool:
    name, value = pair
    return 0 < _bytes(name) <= limits.JOURNAL_NAME_BYTES and _bytes(value) <= limits.JOURNAL_VALUE_BYTES


def origin(card: Card, generation: int) -> str:
    """Return the origin of the journal's heads: the first, or that after the loss before it."""
    first = f"{card.body.prefix}/{card.fingerprint.hex()}/journal"
    return first if generation == 1 else f"{first}/{generation}"


def generation_of(card: Card, text: str) -> int:
    """Return the generation that an origin of this station's journal names; 0 if it is none."""
    rest = text.removeprefix(origin(card, 1))
    if rest == "" and text:
        return 1
    number = rest.removeprefix("/")
    if not number.isascii() or not number.isdigit() or len(number) > len(str(limits.TREE_SIZE)):
        return 0
    return int(number) if origin(card, int(number)) == text and int(number) > 1 else 0


def _cut(text: str, most_bytes: int) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= most_bytes:
        return data.decode("utf-8")
    return data[: most_bytes - 3].decode("utf-8", "ignore") + "…"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8"))
