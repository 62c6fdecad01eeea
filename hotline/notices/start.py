"""Start: what was announced has begun (NOTICES.md, section 11)."""

from typing import Annotated, cast

from hotline.errors import NoticeError
from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.fields import NoticeId, Remark, Time, about
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice
from hotline.notices.readback import time_value


class Start(Notice, frozen=True, kw_only=True, tag="start"):
    """Says that an activity began at `actual_s`, seconds since 1970 UTC."""

    target: Annotated[NoticeId, about("Starts", "the first notice of what has begun", "NORTH 7")]
    actual_s: Annotated[Time, about("Actual time", "when it began", "010530Z DEC 24")]
    as_notified: Annotated[bool, about("As notified", "whether time, place and forces are as announced", True)]
    deviations: (
        Annotated[Remark, about("Deviations", "how it differs; with as_notified = false", "Half an hour late.")] | None
    ) = None

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        check_deviations(as_notified=self.as_notified, deviations=self.deviations)

    def headline(self) -> str:
        """Return when, and whether as notified."""
        return f"Started {format_time(self.actual_s)}, {how(as_notified=self.as_notified)}"


def how(*, as_notified: bool) -> str:
    """Return whether it went as announced, in words."""
    return "as notified" if as_notified else "NOT as notified"


def check_deviations(*, as_notified: bool, deviations: str | None) -> None:
    """Raise NoticeError unless deviations are given exactly where something deviates."""
    if as_notified == (deviations is None):
        return
    if as_notified:
        what, remedy = "deviations: they are given, with as_notified = true.", "Correct one of the two."
    else:
        what, remedy = "deviations: with as_notified = false they are required.", "Say how it differs."
    raise NoticeError(what, remedy, field="deviations")


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    return (time_value("actual", "Actual time", cast(Start, notice).actual_s),)


START = Kind(schema=Start, title="Start", precedence=Precedence.PRIORITY, read_back=_read_back)
