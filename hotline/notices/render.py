"""The printed form: a notice as an officer expects a formatted message, at most 78 columns, on screen or paper.

Every text from outside passes `hotline.text.safe`, and every line of it is indented or follows a label, so that
no text can imitate the heading, a numbered item or the end of the form.
"""

import msgspec

from hotline.notices.body import Unknown
from hotline.notices.bounds import TIME_LEAST_S, TIME_MOST_S
from hotline.notices.columns import wrap
from hotline.notices.dtg import format_time
from hotline.notices.envelope import Envelope, Mode
from hotline.notices.items import CHARS_MOST, indented
from hotline.notices.notice import PUBLICITY_WORDS, Notice
from hotline.notices.registry import KINDS
from hotline.notices.schema import fields_of
from hotline.text import safe

WIDTH = 78
SUBJECT_COLUMNS = 72
_LABEL = 11
_ITEM = 4
_RULE = "-" * WIDTH

_BANNERS = {
    Mode.OPERATION: [],
    Mode.DRILL: ["DRILL DRILL DRILL  This is a drill. DRILL DRILL DRILL"],
    Mode.TEST: ["TEST TEST TEST  This is a test. TEST TEST TEST"],
}


def subject(notice: Notice | Unknown) -> str:
    """Return one line of at most 72 columns for lists, safe to show."""
    if isinstance(notice, Unknown):
        line = f"Unknown kind {notice.kind!r}, version {notice.version}"
    else:
        line = notice.headline()
    lines = wrap(safe(line, limit=CHARS_MOST), SUBJECT_COLUMNS - 2)
    return lines[0] if len(lines) == 1 else f"{lines[0]} …"


def render(notice: Notice | Unknown, envelope: Envelope) -> str:
    """Return the notice as a formatted message, ending in a newline; DRILL and TEST stand first and last."""
    banner = _BANNERS[envelope.mode]
    body = _unknown(notice) if isinstance(notice, Unknown) else notice.items(WIDTH, envelope.names)
    end = f"END OF {safe(envelope.name)}"
    return "\n".join([*banner, *_head(notice, envelope), _RULE, *body, _RULE, *wrap(end, WIDTH), *banner]) + "\n"


def _head(notice: Notice | Unknown, envelope: Envelope) -> list[str]:
    kind = KINDS[notice.kind].title.upper() if isinstance(notice, Notice) else "NOTICE OF UNKNOWN KIND"
    lines = [f"{envelope.precedence.name}   {envelope.mode.name}   {kind}"]
    lines += _labelled("Notice", envelope.name + (f"   id {envelope.notice_id}" if envelope.notice_id else ""))
    if isinstance(notice, Notice):
        lines += _addresses(notice, envelope) + _header_rest(notice)
    else:
        lines += _labelled("From", envelope.sender) + _labelled("To", envelope.recipient)
    if envelope.expires_s is not None:
        lines += _labelled("Expires", _time_or_number(envelope.expires_s))
    for officer in envelope.released_by:
        lines += _labelled("Signed by", officer)
    return lines


def _time_or_number(time_s: int) -> str:
    """The envelope is the peer's, which may write any number there; only what a body says is bounded."""
    in_bounds = TIME_LEAST_S <= time_s <= TIME_MOST_S
    return format_time(time_s) if in_bounds else f"{time_s} s after 1970, which is no time to reckon with"


def _addresses(notice: Notice, envelope: Envelope) -> list[str]:
    lines = _labelled("DTG", format_time(notice.dtg_s))
    lines += _labelled("From", f"{envelope.sender}: {notice.originator or 'duty officer'}")
    for post in notice.action or ("duty officer",):
        lines += _labelled("Action", f"{envelope.recipient}: {post}")
    for post in notice.info:
        lines += _labelled("Info", f"{envelope.recipient}: {post}")
    return lines


def _header_rest(notice: Notice) -> list[str]:
    lines: list[str] = []
    for field in fields_of(Notice):
        held = getattr(notice, field.name)
        if field.name in ("version", "dtg_s", "originator", "action", "info", "withheld") or held in (None, ()):
            continue
        words = field.value.lines(held)
        if field.name == "publicity":
            words = [f"{held}: {PUBLICITY_WORDS[notice.publicity]}"]
        for line in words:
            lines += _labelled(field.title, line)
    return lines


def _labelled(label: str, value: str) -> list[str]:
    first, *rest = indented(value, _LABEL, WIDTH)
    return [label.ljust(_LABEL) + first[_LABEL:], *rest]


def _unknown(unknown: Unknown) -> list[str]:
    """Return the fields of a body that cannot be read as a notice."""
    lines = ["This station does not know this kind and version. The fields as sent:"]
    fields = msgspec.msgpack.decode(unknown.raw)
    for name, value in fields.items():
        lines += indented(f"{name}: {value!r}", _ITEM, WIDTH)
    return lines
