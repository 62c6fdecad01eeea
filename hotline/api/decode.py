"""What clients send, checked: JSON and query strings into the structs of `hotline.api.types`, or one clear sentence.

Nothing outside of the error tree is raised, whatever the bytes are.
"""

import re
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from hotline import limits
from hotline.api.types import Api, DraftNew, Submit
from hotline.errors import CallerError, NoticeError, UsageError
from hotline.text import safe

T = TypeVar("T", bound=Api)

_PLACE = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_NAMED = re.compile(r"field `(.*)`", re.DOTALL)
_SHOWN_CHARS = 300  # of what the decoder says: it repeats names that came from outside
_QUERY_FIELDS = 16
_submit = msgspec.json.Decoder(Submit)


def submit(data: bytes) -> Submit:
    """One notice to send. NoticeError, naming the field, if it does not fit."""
    try:
        notice = _submit.decode(data)
    except (msgspec.DecodeError, RecursionError, ValueError) as e:
        raise _refusal(e, "The notice", NoticeError) from None
    _require_flat(notice)
    return notice


def draft(data: bytes) -> DraftNew:
    """One notice to keep until it is released. NoticeError or UsageError, naming the field, if it does not fit."""
    new = body(data, DraftNew)
    _require_flat(new.submit)
    return new


def _require_flat(notice: Submit) -> None:
    if _too_deep(notice.notice):
        # Before anything walks it by recursion.
        raise NoticeError(
            f"The notice is nested more than {limits.NESTING} deep.", "Correct the notice.", field="notice"
        )


def body(data: bytes, kind: type[T]) -> T:
    """The body of a request. UsageError, naming the field, if it does not fit."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError, ValueError) as e:
        raise _refusal(e, "The request", UsageError) from None


def query(text: str, kind: type[T]) -> T:
    """The part of a URL behind `?`. UsageError for unknown names, repeated ones, and values that do not fit."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_QUERY_FIELDS)
        repeated = {name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1}
        if repeated:
            raise UsageError(f"The request names {safe(min(repeated), limit=64)} twice.", "Give it once.")
        return msgspec.convert(dict(pairs), kind, strict=False)
    except ValueError as e:  # msgspec's is one
        raise _refusal(e, "The query of the request", UsageError) from None


def _refusal(error: Exception, what: str, kind: type[CallerError]) -> CallerError:
    if isinstance(error, RecursionError):
        return kind(f"{what} is nested too deep.", "Correct it.")
    said = str(error)
    place = _PLACE.search(said)
    plain = said[: place.start()] if place else said
    named = _NAMED.search(plain) if "unknown field" in plain or "missing required" in plain else None
    path = ".".join(part for part in (place and place[1], named and named[1]) if part)
    words = safe(plain, limit=_SHOWN_CHARS)
    where = f", at {safe(path, limit=128)}" if place and path else ""
    refusal = kind(f"{what} does not fit{where}: {words}.", "Correct it; protocol/openapi.json has the form.")
    if isinstance(refusal, NoticeError):
        refusal.field = safe(path, limit=128)
    return refusal


def _too_deep(notice: dict[str, Any]) -> bool:
    level: list[Any] = [notice]
    for _ in range(limits.NESTING):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True
