"""What the core needs to know of a body, read through the notices' schemas."""

from hotline import notices
from hotline.core.step import BodyFacts
from hotline.errors import MalformedError
from hotline.text import safe

_SUBJECT_CHARS = 120


def read_body(body: bytes) -> BodyFacts:
    """Return kind, subject line and, where it cannot be processed, the reason (SPEC section 4.6). Never raises."""
    try:
        notice = notices.decode_body(body)
    except MalformedError:
        return BodyFacts("", "", "notice")
    if isinstance(notice, notices.Unknown):
        return BodyFacts(safe(notice.kind, limit=64), "", "kind")
    return BodyFacts(notice.kind, safe(notices.subject(notice), limit=_SUBJECT_CHARS), "")
