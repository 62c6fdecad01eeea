"""Spans of time, offered or chosen."""

from typing import Annotated

from msgspec import Struct

from hotline.notices.dtg import format_time
from hotline.notices.fields import Time, about
from hotline.notices.kind import ReadBack
from hotline.notices.notice import check_order
from hotline.notices.readback import time_value


class Span(Struct, frozen=True, forbid_unknown_fields=True):
    """From start to end, in seconds since 1970 UTC."""

    start_s: Annotated[Time, about("Start")]
    end_s: Annotated[Time, about("End")]

    def __str__(self) -> str:
        return f"{format_time(self.start_s)} to {format_time(self.end_s)}"

    def lines(self) -> list[str]:
        """Return the span as one line of the printed form."""
        return [str(self)]


def check_spans(field: str, spans: tuple[Span, ...]) -> None:
    """Raise NoticeError naming the time that is out of order; spans follow each other and do not overlap."""
    for i, span in enumerate(spans):
        check_order(f"{field}[{i}].start", span.start_s, f"{field}[{i}].end", span.end_s)
        if i:
            before, path = f"{field}[{i - 1}].end", f"{field}[{i}].start"
            check_order(before, spans[i - 1].end_s, path, span.start_s, same_allowed=True)


def whole(spans: tuple[Span, ...]) -> tuple[int, int] | None:
    """Return the start of the first of ordered spans and the end of the last; None for no spans."""
    return (spans[0].start_s, spans[-1].end_s) if spans else None


def read_spans(field: str, spans: tuple[Span, ...]) -> tuple[ReadBack, ...]:
    """Return the times of each span as values to read back."""
    return tuple(
        value
        for i, span in enumerate(spans)
        for value in (
            time_value(f"{field}[{i}].start", f"Start of time {i + 1}", span.start_s),
            time_value(f"{field}[{i}].end", f"End of time {i + 1}", span.end_s),
        )
    )
