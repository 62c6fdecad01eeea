"""Rules that bind a notice to its envelope (NOTICES.md, section 25)."""

from typing import Any

from msgspec import Struct

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.envelope import Mode, Precedence
from hotline.notices.notice import Notice
from hotline.notices.registry import KINDS
from hotline.notices.schema import ListValue, RecordValue, UnionValue, fields_of, join
from hotline.notices.values import TextValue, Value


def check_envelope(notice: Notice, precedence: Precedence, mode: Mode) -> None:
    """Raise NoticeError if the notice may not go with this precedence or in this mode."""
    allowed = KINDS[notice.kind].modes
    if mode not in allowed:
        what = f"mode: a notice of kind {notice.kind} cannot have mode {mode.name}."
        raise NoticeError(what, f"Use {' or '.join(m.name for m in sorted(allowed))}.", field="mode")
    if precedence >= Precedence.IMMEDIATE:
        _check_short(notice, precedence)


def _check_short(notice: Notice, precedence: Precedence) -> None:
    texts = _free_texts(notice)
    words = sum(len(text.split()) for _, text in texts)
    chars = sum(len(text) for _, text in texts)
    if words <= bounds.URGENT_WORDS and chars <= bounds.URGENT_CHARS:
        return
    longest = max(texts, key=lambda item: len(item[1]))[0]
    raise NoticeError(
        f"{longest}: the texts have {words} words and {chars} characters; "
        f"at {precedence.name} {bounds.URGENT_WORDS} words and {bounds.URGENT_CHARS} characters are the most.",
        "Shorten them and send the rest as a second notice, or lower the precedence.",
        field=longest,
    )


def _free_texts(notice: Struct, path: str = "") -> list[tuple[str, str]]:
    """Return the path and value of every free text, those within lists, tables and a replacement too."""
    return [
        text
        for field in fields_of(type(notice))
        for text in _texts_of(field.value, getattr(notice, field.name), join(path, field.shown))
    ]


def _texts_of(value: Value, held: Any, path: str) -> list[tuple[str, str]]:
    if held is None or not _can_hold_texts(value):
        return []
    if isinstance(value, ListValue):
        return [text for i, item in enumerate(held) for text in _texts_of(value.item, item, f"{path}[{i}]")]
    return _free_texts(held, path) if isinstance(held, Struct) else [(path, held)]


def _can_hold_texts(value: Value) -> bool:
    return isinstance(value, ListValue | RecordValue | UnionValue) or (isinstance(value, TextValue) and value.free)
