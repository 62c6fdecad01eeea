"""Requests for a call."""

from hotline.notices import KINDS
from hotline.notices.call_request import CallRequest
from tests.notices.spoilt import example, refusal

CALL_REQUEST = KINDS["call-request"]


def test_the_headline_says_the_first_time_and_the_subject() -> None:
    assert example("call-request").headline() == (
        "Call 271200Z NOV 24 (first of 2 times offered): Naval exercise with missile launches; regional security"
    )
    once = example("call-request", windows=[{"start": "271200Z NOV 24", "end": "271400Z NOV 24"}], subject="Ships")
    assert once.headline() == "Call 271200Z NOV 24: Ships"
    assert CALL_REQUEST.title_of(once) == "Call: Ships"


def test_the_window_goes_from_the_first_time_to_the_last() -> None:
    notice = example("call-request")
    assert isinstance(notice, CallRequest)
    assert CALL_REQUEST.window(notice) == (notice.windows[0].start_s, notice.windows[1].end_s)


def test_each_time_is_read_back() -> None:
    assert [(v.name, v.shown) for v in CALL_REQUEST.read_back(example("call-request"))][2:] == [
        ("windows[1].start", "271800Z NOV 24"),
        ("windows[1].end", "272000Z NOV 24"),
    ]


def test_who_is_asked_for_and_when_is_required() -> None:
    for name in ("principals_own", "principals_other", "windows"):
        assert refusal("call-request", **{name: []}) == (name, f"{name}: the list has 0 items; 1 is the least.")
        assert refusal("call-request", **{name: None})[0] == name


def test_times_that_overlap_are_refused() -> None:
    windows = [
        {"start": "271200Z NOV 24", "end": "271400Z NOV 24"},
        {"start": "271300Z NOV 24", "end": "271500Z NOV 24"},
    ]
    assert refusal("call-request", windows=windows)[0] == "windows[1].start"
