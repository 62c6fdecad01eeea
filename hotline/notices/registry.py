"""Every kind of notice, listed by hand: a new kind is its own file and one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from hotline.errors import NoticeError
from hotline.notices.amendment import AMENDMENT
from hotline.notices.calendar import CALENDAR
from hotline.notices.call_answer import CALL_ANSWER
from hotline.notices.call_request import CALL_REQUEST
from hotline.notices.cancellation import CANCELLATION
from hotline.notices.completion import COMPLETION
from hotline.notices.consultation import CONSULTATION
from hotline.notices.exercise import EXERCISE
from hotline.notices.hazard import HAZARD
from hotline.notices.incident import INCIDENT
from hotline.notices.inquiry import INQUIRY
from hotline.notices.kind import Kind
from hotline.notices.launch import LAUNCH
from hotline.notices.launch_report import LAUNCH_REPORT
from hotline.notices.line_test import LINE_TEST
from hotline.notices.out_of_service import OUT_OF_SERVICE
from hotline.notices.reply import REPLY
from hotline.notices.start import START
from hotline.notices.statement import STATEMENT
from hotline.notices.view import VIEW
from hotline.text import safe

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            CALENDAR,
            EXERCISE,
            AMENDMENT,
            CANCELLATION,
            START,
            COMPLETION,
            LAUNCH,
            LAUNCH_REPORT,
            HAZARD,
            INCIDENT,
            INQUIRY,
            REPLY,
            CONSULTATION,
            CALL_REQUEST,
            CALL_ANSWER,
            LINE_TEST,
            STATEMENT,
            VIEW,
            OUT_OF_SERVICE,
        )
    }
)


def kind_of(name: object) -> Kind:
    """Return the kind of this name; raise NoticeError listing the known ones."""
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise NoticeError(
            f"kind: there is no kind of notice {safe(str(name), limit=60)!r}.",
            f"Use one of {', '.join(KINDS)}.",
            field="kind",
        )
    return kind
