"""Statements."""

from hotline.notices import KINDS
from hotline.notices.statement import Statement
from tests.notices.spoilt import example, refusal


def test_the_headline_says_when_it_is_published_and_whether_consent_is_sought() -> None:
    assert example("statement", text="Two\nlines.").headline() == "Release 051200Z DEC 24, consent sought: Two lines."
    told = example("statement", text="Two\nlines.", consent_sought=False)
    assert told.headline() == "Release 051200Z DEC 24, for information: Two lines."


def test_the_words_are_kept_exactly() -> None:
    notice = example("statement", text="  Exactly\n\tthese words.  ")
    assert isinstance(notice, Statement)
    assert notice.text == "  Exactly\n\tthese words.  "


def test_the_time_of_release_is_read_back() -> None:
    values = KINDS["statement"].read_back(example("statement"))
    assert [(v.name, v.shown) for v in values] == [("release", "051200Z DEC 24")]


def test_whether_consent_is_sought_is_never_left_open() -> None:
    assert refusal("statement", consent_sought=None)[0] == "consent_sought"
