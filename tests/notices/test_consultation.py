"""Consultations."""

import pytest

from hotline.errors import NoticeError
from hotline.notices import from_file, from_mapping
from hotline.notices.consultation import Consultation
from tests.notices.samples import NOW_S
from tests.notices.test_exercise import EXAMPLE


def consultation(**given: object) -> Consultation:
    notice = from_mapping("consultation", given, now_s=NOW_S)
    assert isinstance(notice, Consultation)
    return notice


def test_a_text_alone_is_a_consultation() -> None:
    notice = consultation(text="Request your intentions.")
    assert (notice.subject, notice.headline()) == ("Request your intentions.",) * 2


def test_a_subject_that_is_given_is_kept() -> None:
    assert consultation(text="Request your intentions.", subject="Ships").subject == "Ships"


def test_a_long_text_lends_its_first_words_to_the_subject() -> None:
    subject = consultation(text="One two three\nfour five. " * 20).subject
    assert subject == "One two three four five. One two three four five. One two…"


def test_a_text_without_a_space_is_cut() -> None:
    assert consultation(text="x" * 100).subject == "x" * 60 + "…"


def test_a_text_of_blank_lines_still_has_a_subject() -> None:
    assert consultation(text="\n\n").subject == "-"


def test_it_can_answer_a_notice_of_the_other_side() -> None:
    assert consultation(text="x").answers is None
    assert consultation(text="x", answers="0193697A-8c00-7000-8000-000000000001").answers == bytes.fromhex(
        "0193697a8c0070008000000000000001"
    )


def test_the_example_reads() -> None:
    notice = from_file(EXAMPLE.with_name("consultation.toml")).notice
    assert isinstance(notice, Consultation)
    assert notice.references == ("NORTH 7",)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "text: this field is required and not given. Add it."),
        ({"text": 7}, "text: this is a number, not a text."),
        ({"text": "x" * 16_001}, "text: the text has 16001 characters; 16000 is the most."),
        ({"text": "x", "answers": "SOUTH 8"}, "answers: this names no notice. Give the notice's name such as NORTH 7"),
        ({"text": "x", "subject": ""}, "subject: this field is empty."),
    ],
)
def test_a_wrong_consultation_is_refused(given: dict[str, object], says: str) -> None:
    with pytest.raises(NoticeError) as e:
        consultation(**given)
    assert str(e.value).startswith(says)
