"""Replies to inquiries."""

from typing import Any

import pytest

from hotline.notices import Precedence, check_envelope
from hotline.notices.envelope import Mode
from hotline.notices.reply import Answer
from tests.notices.samples import NOW_S, error_of
from tests.notices.spoilt import example, refusal

YES = {"number": 1, "text": "Yes."}


def test_the_headline_counts_refusals_before_answers() -> None:
    assert example("reply").headline() == "1 refused, 1 later, 1 answered"
    assert example("reply", answers=[YES]).headline() == "1 answered"


def test_an_answer_prints_under_the_number_of_its_question() -> None:
    assert Answer(number=3, text="Yes.\nTwice.").lines() == ["Question 3: answered", "  Yes.", "  Twice."]
    assert Answer(number=3, refusal="Secret.").lines() == ["Question 3: REFUSED: Secret."]
    assert Answer(number=3, later_by_s=NOW_S).lines() == ["Question 3: LATER, by 271230Z NOV 24"]


@pytest.mark.parametrize(
    ("answers", "field", "says"),
    [
        ([{"number": 1}], "answers[0]", "answers[0]: an answer has exactly one of text, refusal and later_by; this"),
        ([YES | {"refusal": "x"}], "answers[0]", "answers[0]: an answer has exactly one of"),
        ([YES, YES], "answers[1].number", "answers[1].number: 1 follows 1."),
        ([YES | {"number": 2}, YES], "answers[1].number", "answers[1].number: 1 follows 2."),
        ([YES | {"number": 21}], "answers[0].number", "answers[0].number: the number is outside 1 to 20."),
        ([], "answers", "answers: the list has 0 items; 1 is the least."),
        (
            [{"number": 1, "later_by": "022009Z DEC 24"}],
            "answers[0].later_by",
            "answers[0].later_by: 022009Z DEC 24 is before dtg",
        ),
    ],
)
def test_a_wrong_reply_is_refused(answers: list[dict[str, Any]], field: str, says: str) -> None:
    named, what = refusal("reply", answers=answers)
    assert (named, what[: len(says)]) == (field, says)


def test_the_words_of_its_answers_count_when_it_is_urgent() -> None:
    notice = example("reply", answers=[{"number": 1, "text": "x"}, {"number": 2, "text": "word " * 200}])
    error = error_of(lambda: check_envelope(notice, Precedence.FLASH, Mode.OPERATION))
    assert error is not None
    assert error.what.startswith("answers[1].text: the texts have 201 words")
