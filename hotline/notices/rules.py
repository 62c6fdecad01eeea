"""Rules that bind a notice to its envelope (NOTICES.md, section 8)."""

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.envelope import Mode, Precedence
from hotline.notices.notice import Notice
from hotline.notices.registry import KINDS
from hotline.notices.schema import fields_of
from hotline.notices.values import TextValue


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


def _free_texts(notice: Notice) -> list[tuple[str, str]]:
    """Return the name and value of every free text of the notice."""
    free = (f for f in fields_of(type(notice)) if isinstance(f.value, TextValue) and f.value.free)
    return [(f.shown, held) for f in free if (held := getattr(notice, f.name)) is not None]
