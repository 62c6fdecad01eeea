"""Call answer: accepts a call, declines it, or offers other times (NOTICES.md, section 20)."""

from typing import Annotated, Literal, cast

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.call_request import EXAMPLE_WINDOW
from hotline.notices.envelope import Precedence
from hotline.notices.fields import Line, NoticeId, Remark, Sentence, about, at_most
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice
from hotline.notices.span import Span, check_spans, read_spans, whole


class CallAnswer(Notice, frozen=True, kw_only=True, tag="call-answer"):
    """The verdict, and the times that go with it; what is left out is as the request has it."""

    request: Annotated[NoticeId, about("Request", "the call request", "NORTH 6")]
    verdict: Annotated[
        Literal["accept", "decline", "counter"],
        about("Verdict", "accept: with one time; counter: with other times; decline: with a reason", "accept"),
    ]
    windows: Annotated[
        tuple[Span, ...],
        at_most(bounds.CALL_WINDOWS),
        about("Times", "accept: the one chosen; counter: those offered instead", [EXAMPLE_WINDOW], asked=True),
    ] = ()
    reason: Annotated[Remark, about("Reason", "why; required with decline", "Written contact is enough.")] | None = None
    principals_own: Annotated[
        tuple[Line, ...],
        at_most(bounds.PRINCIPALS),
        about(
            "Originator's principals",
            "who speaks for your side, where it differs",
            ["Vice Chairman of the Joint Chiefs"],
        ),
    ] = ()
    method: Annotated[Sentence, about("Method", "where it differs", "Telephone, secure line 2")] | None = None
    call_back_check: (
        Annotated[Sentence, about("Call-back check", "where it differs", "As on the contact card, number 2")] | None
    ) = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        count = len(self.windows)
        wanted = {"accept": count == 1, "decline": count == 0, "counter": count >= 1}
        if not wanted[self.verdict]:
            how = {"accept": "exactly one time", "decline": "no time", "counter": "at least one time"}[self.verdict]
            what = f"windows: with verdict {self.verdict} {how} is given, not {count}."
            raise NoticeError(what, "Correct windows or verdict.", field="windows")
        if self.verdict == "decline" and self.reason is None:
            what = "reason: with verdict decline a reason is required."
            raise NoticeError(what, "Add why.", field="reason")
        check_spans("windows", self.windows)

    def headline(self) -> str:
        """Return the verdict, and the first time or the reason."""
        more = f" or {len(self.windows) - 1} more" if len(self.windows) > 1 else ""
        times = f" {self.windows[0]}{more}" if self.windows else ""
        reason = f": {' '.join(self.reason.split())}" if self.reason else ""
        return f"{self.verdict.upper()}{times}{reason}"


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    return read_spans("windows", cast(CallAnswer, notice).windows)


CALL_ANSWER = Kind(
    schema=CallAnswer,
    title="Answer to a request for a call",
    precedence=Precedence.PRIORITY,
    window=lambda notice: whole(cast(CallAnswer, notice).windows),
    read_back=_read_back,
)
