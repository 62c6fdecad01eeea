"""Strict MessagePack (SPEC section 2): one byte string for one value, and nothing else is accepted.

Bytes are signed and hashed as they were stored or received, never re-encoded. Decoding is
typed; then `encode(decode(b)) == b` must hold, because every MessagePack library accepts
duplicate keys, integers longer than needed and strings in longer headers than needed.
"""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from hotline import limits
from hotline.errors import MalformedError

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()


def encode(value: object) -> bytes:
    """Return the one encoding of `value`: structs as arrays in field order, or maps in field order."""
    return _encoder.encode(value)


def decode(data: bytes, kind: type[T], *, what: str, limit_bytes: int) -> T:
    """Return `data` as a `kind`, or raise MalformedError naming `what`.

    Refused: more than `limit_bytes`, floats, extension types, nesting past the bound, trailing
    bytes, unknown fields, values out of their bounds, and any encoding but the one `encode` makes.
    """
    if len(data) > limit_bytes:
        raise MalformedError(f"{what} has {len(data)} bytes; {limit_bytes} is the most.", reason="too-large")
    check_shape(data, what=what)
    try:
        value: T = _decoder(cast("Hashable", kind)).decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as e:
        raise MalformedError(f"{what} does not have the specified form: {e}.") from None
    if _encoder.encode(value) != data:
        raise MalformedError(f"{what} is not in the one permitted encoding.", reason="not-canonical")
    return value


@lru_cache(maxsize=256)
def _decoder(kind: Hashable) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(cast("type[Any]", kind))


def _table() -> list[tuple[str, int]]:
    """For each first byte: what it is, and its fixed count (items or bytes) or width of the count."""
    table: list[tuple[str, int]] = [("bad", 0)] * 256
    for b in range(256):
        if b <= 0x7F or b >= 0xE0 or b in (0xC0, 0xC2, 0xC3):
            table[b] = ("skip", 0)
        elif b <= 0x8F:
            table[b] = ("map", b & 0x0F)
        elif b <= 0x9F:
            table[b] = ("array", b & 0x0F)
        elif b <= 0xBF:
            table[b] = ("skip", b & 0x1F)
    for b, width in ((0xC4, 1), (0xC5, 2), (0xC6, 4), (0xD9, 1), (0xDA, 2), (0xDB, 4)):
        table[b] = ("sized", width)
    for b, width in ((0xCC, 1), (0xCD, 2), (0xCE, 4), (0xCF, 8), (0xD0, 1), (0xD1, 2), (0xD2, 4), (0xD3, 8)):
        table[b] = ("skip", width)
    for b, width in ((0xDC, 2), (0xDD, 4)):
        table[b] = ("array+", width)
    for b, width in ((0xDE, 2), (0xDF, 4)):
        table[b] = ("map+", width)
    return table


_TABLE = _table()


def check_shape(data: bytes, *, what: str) -> None:
    """Walk `data` once without recursion; raise MalformedError on floats, extension types, depth, or length."""
    at, end = 0, len(data)
    open_counts: list[int] = []
    remaining = 1
    while True:
        while remaining == 0:
            if not open_counts:
                if at != end:
                    raise MalformedError(f"{what} has {end - at} bytes after its end.", reason="trailing-bytes")
                return
            remaining = open_counts.pop()
        if at >= end:
            raise MalformedError(f"{what} ends too early.", reason="truncated")
        kind, n = _TABLE[data[at]]
        at += 1
        remaining -= 1
        if kind == "skip":
            at += n
        elif kind == "bad":
            raise MalformedError(f"{what} holds a float, an extension or an unused type.", reason="forbidden-type")
        elif kind == "sized":
            at += n + int.from_bytes(data[at : at + n], "big")
        else:
            if kind.endswith("+"):
                n, at = int.from_bytes(data[at : at + n], "big"), at + n
            if len(open_counts) >= limits.NESTING:
                raise MalformedError(f"{what} is nested deeper than {limits.NESTING}.", reason="too-deep")
            open_counts.append(remaining)
            remaining = 2 * n if kind.startswith("map") else n
        if at > end:
            raise MalformedError(f"{what} ends too early.", reason="truncated")
