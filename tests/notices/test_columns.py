"""Text in columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.notices.columns import columns, wrap

shown = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")))


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("учение", 6), ("演習", 4), ("e\u0301", 1), ("", 0)])
def test_wide_characters_take_two_columns_and_combining_ones_none(text: str, width: int) -> None:
    assert columns(text) == width


def test_lines_break_at_spaces() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]


def test_a_word_that_fits_exactly_stays() -> None:
    assert wrap("one two", 3) == ["one", "two"]


def test_a_long_word_is_cut() -> None:
    assert wrap("x" * 7, 3) == ["xxx", "xxx", "x"]


def test_leading_spaces_stay_on_the_first_line() -> None:
    assert wrap("  ab cd", 5) == ["  ab", "cd"]


def test_an_empty_text_is_one_empty_line() -> None:
    assert wrap("", 10) == [""]


@given(shown, st.integers(2, 80))
def test_no_line_is_wider_than_asked_and_no_letter_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
