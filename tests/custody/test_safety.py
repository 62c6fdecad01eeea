"""The safety number as people type, read and scan it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.core import identity
from hotline.custody import safety
from hotline.errors import KeyError_
from hotline.home import Home

NUMBER = identity.safety_number(bytes(32))
DIGITS = NUMBER.replace(" ", "")


def test_both_ends_see_one_number(north: Home, south: Home) -> None:
    assert safety.number(north.card(), south.card()) == safety.number(south.card(), north.card())


@pytest.mark.parametrize(
    "typed",
    [NUMBER, DIGITS, f"  {NUMBER}\n", NUMBER.replace(" ", "\u00a0"), "\t".join(DIGITS), "HOTLINE-SAFETY:" + DIGITS],
)
def test_a_number_is_the_same_however_it_is_spaced(typed: str) -> None:
    assert safety.same(typed, NUMBER)


@given(st.integers(0, 59), st.integers(1, 9))
def test_one_other_digit_makes_another_number(at: int, by: int) -> None:
    other = DIGITS[:at] + str((int(DIGITS[at]) + by) % 10) + DIGITS[at + 1 :]
    assert not safety.same(other, NUMBER)


@pytest.mark.parametrize("typed", ["", "12345", DIGITS[:-1], DIGITS + "0", DIGITS[:-1] + "x", DIGITS[:-1] + "٣"])
def test_what_is_no_number_is_refused_and_not_taken_for_a_difference(typed: str) -> None:
    with pytest.raises(KeyError_, match="not a safety number"):
        safety.same(typed, NUMBER)


@given(st.text())
def test_any_text_without_sixty_digits_is_refused(text: str) -> None:
    if sum(c in "0123456789" for c in text) != 60:
        with pytest.raises(KeyError_, match="not a safety number"):
            safety.digits(text)


def test_the_number_is_read_aloud_in_three_rows_of_four_groups() -> None:
    rows = safety.rows(NUMBER)
    assert [len(row.split()) for row in rows] == [4, 4, 4]
    assert " ".join(rows) == NUMBER


def test_the_qr_code_fits_a_terminal_of_80_columns_and_differs_with_the_number() -> None:
    drawn = safety.qr(NUMBER)
    assert max(len(line) for line in drawn.splitlines()) <= 80
    assert len(drawn.splitlines()) <= 24
    assert "\x1b" not in drawn
    assert drawn != safety.qr(identity.safety_number(b"\x01" * 32))


def test_a_fingerprint_is_shown_in_groups_and_as_a_qr_code(north: Home) -> None:
    card = north.card()
    assert "".join(safety.fingerprint_rows(card)).replace(" ", "") == card.fingerprint.hex()
    assert max(len(line) for line in safety.fingerprint_qr(card).splitlines()) <= 80
