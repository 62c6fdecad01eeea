"""Cancellation: what was announced does not take place, or no longer holds (NOTICES.md, section 10)."""

from typing import Annotated, Literal, cast

from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.fields import NoticeId, Remark, Time, about
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice
from hotline.notices.readback import time_value

ReasonCategory = Literal["completed-otherwise", "postponed", "weather", "technical", "political", "safety", "other"]


class Cancellation(Notice, frozen=True, kw_only=True, tag="cancellation"):
    """Cancels a notice of the same side, its amendments with it; `effective_s` in seconds since 1970 UTC."""

    target: Annotated[NoticeId, about("Cancels", "the first notice of what is cancelled", "NORTH 7")]
    effective_s: Annotated[Time, about("Effective", "from when it no longer holds", "301200Z NOV 24")]
    reason_category: Annotated[ReasonCategory, about("Reason", "why, as one word", "weather")]
    reason: Annotated[Remark, about("Reason in words", "why", "Storm in the area.")] | None = None
    warnings_withdrawn: Annotated[
        bool, about("Warnings withdrawn", "whether the warnings to ships and aircraft are withdrawn too", True)
    ]
    successor: (
        Annotated[NoticeId, about("Successor", "an earlier notice of the same kind that takes its place", "NORTH 9")]
        | None
    ) = None

    def headline(self) -> str:
        """Return from when, and why."""
        return f"Cancelled from {format_time(self.effective_s)}: {self.reason_category}"


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    return (time_value("effective", "Effective", cast(Cancellation, notice).effective_s),)


CANCELLATION = Kind(schema=Cancellation, title="Cancellation", precedence=Precedence.PRIORITY, read_back=_read_back)
