"""What precedence and mode ask of a notice."""

import pytest

from hotline.errors import NoticeError
from hotline.notices import Mode, Precedence, check_envelope, from_mapping
from tests.notices.samples import NOW_S, exercise, line_test

URGENT = [Precedence.IMMEDIATE, Precedence.FLASH]


def check(text: str, precedence: Precedence) -> None:
    check_envelope(from_mapping("consultation", {"text": text}, now_s=NOW_S), precedence, Mode.OPERATION)


@pytest.mark.parametrize("precedence", list(Precedence))
def test_two_hundred_words_go_at_any_precedence(precedence: Precedence) -> None:
    check("word " * 200, precedence)


@pytest.mark.parametrize("precedence", URGENT)
def test_one_word_more_is_refused_at_flash_and_immediate(precedence: Precedence) -> None:
    with pytest.raises(NoticeError) as e:
        check("word " * 201, precedence)
    assert str(e.value).startswith("text: the texts have 201 words and 1005 characters; at ")
    assert e.value.field == "text"
    assert "second notice" in e.value.remedy


@pytest.mark.parametrize("precedence", URGENT)
def test_a_script_without_spaces_is_bounded_by_its_characters(precedence: Precedence) -> None:
    with pytest.raises(NoticeError, match="1 words and 2001 characters"):
        check("字" * 2001, precedence)


@pytest.mark.parametrize("precedence", [Precedence.ROUTINE, Precedence.PRIORITY])
def test_long_texts_go_at_routine_and_priority(precedence: Precedence) -> None:
    check("word " * 3000, precedence)


def test_all_free_texts_of_a_notice_count_together_and_the_longest_is_named() -> None:
    notice = from_mapping("exercise", exercise(purpose="word " * 120, late_reason="word " * 90), now_s=NOW_S)
    with pytest.raises(NoticeError, match="210 words") as e:
        check_envelope(notice, Precedence.FLASH, Mode.OPERATION)
    assert e.value.field == "purpose"


def test_texts_within_lists_and_tables_count_too() -> None:
    question = "word " * 67
    asked = {"concerns": "Launches.", "activity": "Firing", "place": "South", "questions": [question] * 3}
    answers = [{"number": 1, "refusal": "Not disclosed."}, {"number": 2, "text": "word " * 201}]
    for kind, given, field in (
        ("inquiry", asked, "questions[0]"),
        ("reply", {"inquiry": "00" * 16, "answers": answers}, "answers[1].text"),
    ):
        notice = from_mapping(kind, given, now_s=NOW_S)
        check_envelope(notice, Precedence.PRIORITY, Mode.OPERATION)
        with pytest.raises(NoticeError) as e:
            check_envelope(notice, Precedence.FLASH, Mode.OPERATION)
        assert e.value.field == field


def test_a_line_test_is_never_an_operation() -> None:
    notice = from_mapping("line-test", line_test(), now_s=NOW_S)
    check_envelope(notice, Precedence.ROUTINE, Mode.TEST)
    with pytest.raises(NoticeError, match=r"cannot have mode OPERATION\. Use DRILL or TEST") as e:
        check_envelope(notice, Precedence.ROUTINE, Mode.OPERATION)
    assert e.value.field == "mode"
