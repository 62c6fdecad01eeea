"""Answers to requests for a call."""

from typing import Any

import pytest

from hotline.notices import KINDS
from tests.notices.spoilt import example, refusal

NOON = {"start": "271200Z NOV 24", "end": "271400Z NOV 24"}
EVENING = {"start": "271800Z NOV 24", "end": "272000Z NOV 24"}
CALL_ANSWER = KINDS["call-answer"]


def test_the_headline_says_the_verdict_first() -> None:
    assert example("call-answer").headline() == "ACCEPT 271200Z NOV 24 to 271400Z NOV 24"
    counter = example("call-answer", verdict="counter", windows=[NOON, EVENING])
    assert counter.headline() == "COUNTER 271200Z NOV 24 to 271400Z NOV 24 or 1 more"
    declined = example("call-answer", verdict="decline", windows=None, reason="Written\ncontact is enough.")
    assert declined.headline() == "DECLINE: Written contact is enough."


def test_the_times_are_the_window_and_are_read_back_and_a_refusal_has_none() -> None:
    accepted = example("call-answer")
    assert [v.shown for v in CALL_ANSWER.read_back(accepted)] == ["271200Z NOV 24", "271400Z NOV 24"]
    declined = example("call-answer", verdict="decline", windows=None, reason="No.")
    assert (CALL_ANSWER.window(declined), CALL_ANSWER.read_back(declined)) == (None, ())


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"windows": None}, "windows", "windows: with verdict accept exactly one time is given, not 0."),
        ({"windows": [NOON, EVENING]}, "windows", "windows: with verdict accept exactly one time is given, not 2."),
        ({"verdict": "counter", "windows": None}, "windows", "windows: with verdict counter at least one time is"),
        ({"verdict": "decline", "reason": "No."}, "windows", "windows: with verdict decline no time is given, not 1."),
        ({"verdict": "decline", "windows": None}, "reason", "reason: with verdict decline a reason is required."),
        ({"verdict": "counter", "windows": [EVENING, NOON]}, "windows[1].start", "windows[1].start: 271200Z NOV 24"),
    ],
)
def test_a_wrong_answer_is_refused(changed: dict[str, Any], field: str, says: str) -> None:
    named, what = refusal("call-answer", **changed)
    assert (named, what[: len(says)]) == (field, says)
