"""Spans of time."""

import pytest

from hotline.errors import NoticeError
from hotline.notices.span import Span, check_spans, read_spans, whole
from tests.notices.samples import NOW_S

FIRST = Span(start_s=NOW_S, end_s=NOW_S + 60)
SECOND = Span(start_s=NOW_S + 60, end_s=NOW_S + 120)


def test_a_span_prints_as_two_times() -> None:
    assert FIRST.lines() == ["271230Z NOV 24 to 271231Z NOV 24"]


def test_spans_may_meet() -> None:
    check_spans("windows", (FIRST, SECOND))


@pytest.mark.parametrize(
    ("spans", "field"),
    [
        ((SECOND, FIRST), "windows[1].start"),
        ((FIRST, FIRST), "windows[1].start"),
        ((Span(start_s=NOW_S, end_s=NOW_S),), "windows[0].end"),
    ],
)
def test_spans_out_of_order_are_refused(spans: tuple[Span, ...], field: str) -> None:
    with pytest.raises(NoticeError) as e:
        check_spans("windows", spans)
    assert e.value.field == field


def test_the_whole_goes_from_the_first_start_to_the_last_end() -> None:
    assert whole((FIRST, SECOND)) == (NOW_S, NOW_S + 120)
    assert whole(()) is None


def test_each_end_of_each_span_is_read_back_under_its_number() -> None:
    assert [(v.name, v.label) for v in read_spans("windows", (FIRST, SECOND))] == [
        ("windows[0].start", "Start of time 1"),
        ("windows[0].end", "End of time 1"),
        ("windows[1].start", "Start of time 2"),
        ("windows[1].end", "End of time 2"),
    ]
