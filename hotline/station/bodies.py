"""What the core needs to know of a body, read through the notices' schemas."""

from hotline import notices
from hotline.core.step import BodyFacts, NoticeContext
from hotline.errors import MalformedError
from hotline.text import safe

_SUBJECT_CHARS = 120


def read_body(body: bytes, _context: NoticeContext | None = None) -> BodyFacts:
    """Return kind, subject line and, where it cannot be processed, the reason (SPEC section 4.8). Never raises.

    The rules between notices are not judged here: `hotline.station.record` does that, which has the record.
    """
    try:
        return facts_of(notices.decode_body(body))
    except MalformedError:
        return BodyFacts("", "", "notice")


def facts_of(notice: notices.Notice | notices.Unknown) -> BodyFacts:
    """Return the same of a body that was decoded."""
    if isinstance(notice, notices.Unknown):
        return BodyFacts(safe(notice.kind, limit=64), "", "kind")
    return BodyFacts(notice.kind, safe(notices.subject(notice), limit=_SUBJECT_CHARS), "")
