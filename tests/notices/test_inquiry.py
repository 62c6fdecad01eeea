"""Inquiries."""

from hotline.notices import KINDS, Precedence, check_envelope
from hotline.notices.envelope import Mode
from hotline.notices.inquiry import Inquiry
from tests.notices.samples import error_of
from tests.notices.spoilt import example, refusal

INQUIRY = KINDS["inquiry"]


def test_the_headline_says_how_much_is_asked_about_what() -> None:
    assert example("inquiry").headline().startswith("3 questions: Missile launch at sea, Eastern Mediterranean")
    assert example("inquiry", questions=["Why?"]).headline().startswith("1 question: ")
    assert INQUIRY.title_of(example("inquiry")) == "Missile launch at sea"


def test_it_may_ask_about_no_notice_at_all() -> None:
    notice = example("inquiry", about=None)
    assert isinstance(notice, Inquiry)
    assert notice.about is None


def test_time_and_area_are_read_back_where_they_are_given() -> None:
    assert [v.name for v in INQUIRY.read_back(example("inquiry"))] == ["observed", "areas[0].centre"]
    assert INQUIRY.read_back(example("inquiry", observed=None, areas=None)) == ()


def test_questions_and_areas_are_bounded() -> None:
    assert refusal("inquiry", questions=[]) == ("questions", "questions: the list has 0 items; 1 is the least.")
    assert refusal("inquiry", questions=["?"] * 21)[0] == "questions"
    assert refusal("inquiry", questions=["?", "x" * 501])[0] == "questions[1]"
    assert refusal("inquiry", areas=[{"points": ["0N 0E", "1N 1E", "0N 1E", "1N 0E"]}])[0] == "areas[0].points"


def test_the_words_of_its_questions_count_when_it_is_urgent() -> None:
    notice = example("inquiry", questions=["word " * 99] * 2)
    error = error_of(lambda: check_envelope(notice, Precedence.IMMEDIATE, Mode.OPERATION))
    assert error is not None
    assert error.what.startswith("questions[0]: the texts have ")
