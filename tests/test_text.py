"""Text from outside cannot turn, hide, colour or break what stands around it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.text import safe

UNSAFE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@given(st.text(st.characters(exclude_categories=()), max_size=300), st.booleans())
def test_nothing_unsafe_is_left_and_it_can_always_be_printed(text: str, lines: bool) -> None:
    shown = safe(text, lines=lines)
    assert all(unicodedata.category(c) not in UNSAFE or (lines and c == "\n") for c in shown)
    shown.encode("utf-8")


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs", "Mn")), max_size=300))
def test_plain_text_of_any_script_is_left_as_it_is(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("do NOT fire", "do NOT fire"),
        ("\u202eerif\u202c", "\\u{202e}erif\\u{202c}"),
        ("\u2066x\u2069", "\\u{2066}x\\u{2069}"),
        ("\x1b[2Jgone", "\\u{1b}[2Jgone"),
        ("\x9b31m", "\\u{9b}31m"),
        ("zero\u200bwidth\ufeff", "zero\\u{200b}width\\u{feff}"),
        ("a\r\nb\tc\x00", "a\\u{d}\\u{a}b\\u{9}c\\u{0}"),
        ("line\u2028par\u2029", "line\\u{2028}par\\u{2029}"),
        ("\ud800", "\\u{d800}"),
        ("\U000e0041", "\\u{e0041}"),
        ("Ελλάδα 日本 é", "Ελλάδα 日本 é"),
    ],
)
def test_each_trick_is_shown_as_what_it_is(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_a_newline_stays_where_text_is_shown_as_a_block_and_nothing_else_does() -> None:
    assert safe("a\nb\rc\u2028", lines=True) == "a\nb\\u{d}c\\u{2028}"


@pytest.mark.parametrize(("length", "rest"), [(5, 0), (6, 1), (1_000_000, 999_995)])
def test_longer_text_is_cut_and_says_by_how_much(length: int, rest: int) -> None:
    assert safe("x" * length, limit=5) == "xxxxx" + (f"… ({rest} more characters)" if rest else "")
