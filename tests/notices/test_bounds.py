"""Bounds that depend on each other."""

from hotline import limits
from hotline.notices import bounds
from hotline.notices.dtg import format_time


def test_two_digits_name_every_year_within_the_bounds_once() -> None:
    assert format_time(bounds.TIME_LEAST_S) == "010000Z JAN 00"
    assert format_time(bounds.TIME_MOST_S) == "31235959Z DEC 99"


def test_the_longest_text_fits_a_body_at_two_bytes_a_character() -> None:
    assert 2 * bounds.TEXT_CHARS < limits.BODY_BYTES


def test_an_urgent_text_of_one_letter_words_is_bounded_by_words_first() -> None:
    assert 2 * bounds.URGENT_WORDS < bounds.URGENT_CHARS
