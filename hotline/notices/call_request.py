"""Call request: asks in writing for a call by voice (NOTICES.md, section 19)."""

from typing import Annotated, Literal, cast

from hotline.notices import bounds
from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.fields import Line, Remark, Sentence, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice
from hotline.notices.span import Span, check_spans, read_spans, whole

# Fields that a call answer has too.
Principals = Annotated[tuple[Line, ...], at_most(bounds.PRINCIPALS, least=1)]
EXAMPLE_WINDOW = {"start": "271200Z NOV 24", "end": "271400Z NOV 24"}


class CallRequest(Notice, frozen=True, kw_only=True, tag="call-request"):
    """Who would speak to whom, about what and when, and how each side makes sure whom it speaks to."""

    principals_own: Annotated[
        Principals,
        about("Originator's principals", "who speaks for your side, by post", ["Chief of the General Staff"]),
    ]
    principals_other: Annotated[
        Principals,
        about("Principals asked for", "whom they ask to speak to, by post", ["Chairman of the Joint Chiefs of Staff"]),
    ]
    subject: Annotated[Line, about("Subject", "of the call", "Naval exercise in the eastern Mediterranean")]
    windows: Annotated[
        tuple[Span, ...],
        at_most(bounds.CALL_WINDOWS, least=1),
        about("Times", "when it may take place: in order, none overlapping another", [EXAMPLE_WINDOW]),
    ]
    interpreters: Annotated[
        Literal["none", "originator", "recipient", "both"],
        about("Interpreters", "who brings them; originator: your side", "both"),
    ]
    method: Annotated[Sentence, about("Method", "telephone, video, or another line", "Telephone, secure line 1")]
    call_back_check: Annotated[
        Sentence,
        about(
            "Call-back check",
            "how each side makes sure whom it speaks to",
            "The side that is called hangs up and calls the number of the contact card.",
        ),
    ]
    written_fallback: (
        Annotated[
            Remark,
            about("In writing", "what is done in writing if there is no call", "The notice follows by this line."),
        ]
        | None
    ) = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        check_spans("windows", self.windows)

    def headline(self) -> str:
        """Return the first time offered, and the subject."""
        count = len(self.windows)
        offered = f" (first of {count} times offered)" if count > 1 else ""
        return f"Call {format_time(self.windows[0].start_s)}{offered}: {self.subject}"


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    return read_spans("windows", cast(CallRequest, notice).windows)


CALL_REQUEST = Kind(
    schema=CallRequest,
    title="Request for a call",
    precedence=Precedence.PRIORITY,
    window=lambda notice: whole(cast(CallRequest, notice).windows),
    read_back=_read_back,
    title_of=lambda notice: f"Call: {cast(CallRequest, notice).subject}",
    amendable=True,
)
