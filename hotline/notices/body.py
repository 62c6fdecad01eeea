"""Bodies: notices as the bytes that entries commit to (NOTICES.md, section 2)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from hotline import limits
from hotline.core import encoding
from hotline.errors import MalformedError, NoticeError
from hotline.notices import bounds
from hotline.notices.notice import Notice
from hotline.notices.registry import KINDS
from hotline.notices.schema import fields_of, holds_notice
from hotline.text import safe


@dataclass(frozen=True)
class Unknown:
    """A well-formed body of a kind or version that is not known here: shown raw, answered *cannot process*."""

    kind: str
    version: int
    raw: bytes


class _First(Struct):
    """The two fields that every body has, whatever else it holds."""

    kind: Annotated[str, Meta(min_length=1, max_length=bounds.NAME_CHARS)]
    version: Annotated[int, Meta(ge=1)]


_MAP_16, _FIXMAP = 0xDE, 0x80

_first = msgspec.msgpack.Decoder(_First)


def encode_body(notice: Notice) -> bytes:
    """Return the one byte form of `notice`; raise NoticeError if it breaks a rule of its schema or is too large."""
    try:
        # Decoding what was encoded checks every type and bound, also of a notice that was not made by from_mapping.
        checked = _decoder(type(notice)).decode(encoding.encode(notice))
        data = _pack(checked)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as e:
        raise NoticeError(f"The notice does not fit its schema: {safe(str(e), limit=200)}.", "Correct it.") from None
    if len(data) > limits.BODY_BYTES:
        raise NoticeError(
            f"The notice takes {len(data)} bytes; {limits.BODY_BYTES} is the most.",
            "Shorten its longest text, or send it in several notices.",
            reason="too-large",
        )
    checked.check()
    return data


def decode_body(data: bytes) -> Notice | Unknown:
    """Return the notice that `data` is, or Unknown; raise MalformedError for anything that section 2 forbids."""
    first = _peek(data)
    kind = KINDS.get(first.kind)
    if kind is None or kind.version != first.version:
        return _unknown(first, data)
    what = f"The body of kind {kind.name}"
    encoding.check_shape(data, what=what)
    try:
        notice = _decoder(kind.schema).decode(data)
        notice.check()
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as e:
        # What msgspec says quotes field names that the peer chose.
        raise MalformedError(f"{what} does not fit its schema: {safe(str(e), limit=200)}.") from None
    except NoticeError as e:
        raise MalformedError(f"{what} breaks a rule of its schema. {e.what}", reason="bad-notice") from None
    if _pack(notice) != data:
        raise MalformedError(f"{what} is not in the one permitted encoding.", reason="not-canonical")
    return notice


def _pack(notice: Notice) -> bytes:
    """Return the encoding with the shortest header of the map.

    msgspec reserves a header for all fields of the schema before it leaves some out, and so writes a map of
    fewer than 16 with a 16-bit length; plain MessagePack libraries, and rule 5 of section 2, do not. So too for
    a notice within the notice, which is packed first.
    """
    inner = {name: msgspec.Raw(_pack(getattr(notice, name))) for name in _notices_within(type(notice))}
    data = encoding.encode(msgspec.structs.replace(notice, **inner) if inner else notice)
    short = data[0] == _MAP_16 and data[1] == 0 and data[2] < 16
    return bytes([_FIXMAP | data[2]]) + data[3:] if short else data


@lru_cache(maxsize=64)
def _notices_within(schema: type[Notice]) -> tuple[str, ...]:
    return tuple(f.name for f in fields_of(schema) if f.required and holds_notice(f.value))


@lru_cache(maxsize=64)
def _decoder(schema: type[Notice]) -> msgspec.msgpack.Decoder[Notice]:
    return msgspec.msgpack.Decoder(schema)


def _peek(data: bytes) -> _First:
    if len(data) > limits.BODY_BYTES:
        raise MalformedError(f"The body has {len(data)} bytes; {limits.BODY_BYTES} is the most.", reason="too-large")
    try:
        return _first.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise MalformedError("The body does not begin with a kind and a version.") from None


def _unknown(first: _First, data: bytes) -> Unknown:
    fields: dict[str, Any] = encoding.decode(data, dict, what="The body of unknown kind", limit_bytes=limits.BODY_BYTES)
    if list(fields)[:2] != ["kind", "version"]:
        raise MalformedError("The body does not begin with a kind and a version.")
    return Unknown(kind=first.kind, version=first.version, raw=data)
