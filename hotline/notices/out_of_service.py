"""Out of service: says beforehand that a side cannot be reached, so that its silence alarms nobody (section 23)."""

from typing import Annotated, cast

from hotline.notices.dtg import format_time
from hotline.notices.envelope import Precedence
from hotline.notices.fields import Remark, Sentence, Time, about
from hotline.notices.kind import Kind, ReadBack
from hotline.notices.notice import Notice, check_order
from hotline.notices.readback import time_value


class OutOfService(Notice, frozen=True, kw_only=True, tag="out-of-service"):
    """The originator's side cannot be reached by the line from start to end, in seconds since 1970 UTC."""

    start_s: Annotated[Time, about("From", "from when the line does not reach you", "061000Z DEC 24")]
    end_s: Annotated[Time, about("To", "until when", "061400Z DEC 24")]
    reason: Annotated[Sentence, about("Reason", "why", "Change of equipment.")]
    other_path: Annotated[
        Sentence, about("Other path", "how you are reached meanwhile", "Duty officer, telephone of the contact card")
    ]
    late_reason: Annotated[Remark, about("LATE", "why notice is later than agreed", "Equipment is failing.")] | None = (
        None
    )

    def check(self) -> None:
        """Raise NoticeError, naming the field, for what the types of the fields cannot say."""
        super().check()
        check_order("start", self.start_s, "end", self.end_s)

    def headline(self) -> str:
        """Return from when to when, and why."""
        return f"{format_time(self.start_s)} to {format_time(self.end_s)}: {self.reason}"


def _window(notice: Notice) -> tuple[int, int]:
    out = cast(OutOfService, notice)
    return out.start_s, out.end_s


def _read_back(notice: Notice) -> tuple[ReadBack, ...]:
    out = cast(OutOfService, notice)
    return time_value("start", "From", out.start_s), time_value("end", "To", out.end_s)


OUT_OF_SERVICE = Kind(
    schema=OutOfService,
    title="Out of service",
    precedence=Precedence.PRIORITY,
    window=_window,
    read_back=_read_back,
    title_of=lambda notice: f"Out of service: {cast(OutOfService, notice).reason}",
    amendable=True,
)
