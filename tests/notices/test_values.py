"""Single values: read, shown, printed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import NoticeError
from hotline.notices import bounds
from hotline.notices.fields import Language, Line, Text
from hotline.notices.position import Position
from hotline.notices.schema import value_of
from hotline.notices.values import (
    ChoiceValue,
    FlagValue,
    HexValue,
    MilesValue,
    NoticeIdValue,
    NumberValue,
    PositionValue,
    TimeValue,
    Value,
    notice_id,
)
from tests.notices.samples import error_of
from tests.notices.strategies import json_values

LINE, TEXT, LANGUAGE = value_of(Line), value_of(Text), value_of(Language)
COUNT, FLAG, TIME, POSITION = NumberValue(0, 100), FlagValue(), TimeValue(), PositionValue()
CHOICE, MILES, NONCE = ChoiceValue(("exact", "about")), MilesValue(bounds.RADIUS_MOST_MNM), HexValue(2)
ID = NoticeIdValue()
ALL: list[Value] = [LINE, TEXT, LANGUAGE, COUNT, FLAG, TIME, POSITION, CHOICE, MILES, NONCE, ID]


@pytest.mark.parametrize(
    ("value", "given_value", "says"),
    [
        (LINE, 7, "f: this is a number, not a text. Give a text."),
        (LINE, "", "f: the text is empty."),
        (LINE, "x" * 121, "f: the text has 121 characters; 120 is the most. Shorten it."),
        (LINE, "a\nb", "f: character 2 is the end of a line, which this field cannot hold. Take it out; only longer"),
        (TEXT, "a\x1b", "f: character 2 is a control character, \\u{1b}, which this field cannot hold. Take it out."),
        (TEXT, "a\ud800", "f: character 2 is half a character, \\u{d800}, which this field cannot hold."),
        (LANGUAGE, "English", "f: 'English' does not have the form of this field. Write a language as its tag"),
        (COUNT, 101, "f: the number is outside 0 to 100. Give one within."),
        (COUNT, True, "f: this is true or false, not a whole number."),
        (COUNT, 1.0, "f: this is a number, not a whole number."),
        (COUNT, None, "f: this is nothing, not a whole number."),
        (FLAG, "yes", "f: this is a text, not true or false."),
        (FLAG, [], "f: this is a list, not true or false."),
        (CHOICE, "roughly", "f: this is none of the values known. Use exact or about."),
        (CHOICE, True, "f: this is none of the values known."),
        (MILES, 0, "f: this is outside 0.001 to 5,400 nautical miles, in steps of 0.001. Give a number such as 12.5."),
        (MILES, 5400.001, "f: this is outside"),
        (MILES, 0.0005, "f: this is outside"),
        (MILES, float("nan"), "f: this is outside"),
        (MILES, float("inf"), "f: this is outside"),
        (MILES, Decimal("sNaN"), "f: this is outside"),
        pytest.param(MILES, 10**5000, "f: this is outside", id="a number too long to print"),
        (MILES, {}, "f: this is a table, not a number of nautical miles."),
        (NONCE, "abc", "f: this is not 4 hexadecimal digits. Give 4 hexadecimal digits."),
        (NONCE, "\u0660\u0661\u0662\u0663", "f: this is not 4 hexadecimal digits."),
        (ID, "NORTH 7", "f: this names no notice. Give the notice's name such as NORTH 7, or its id of 32"),
        (ID, "0" * 31, "f: this names no notice."),
        (ID, "\u0660" * 32, "f: this names no notice."),
        (ID, 7, "f: this names no notice."),
    ],
)
def test_a_wrong_value_is_refused_with_one_sentence_and_a_remedy(value: Value, given_value: object, says: str) -> None:
    with pytest.raises(NoticeError) as e:
        value.read(given_value, "f")
    assert str(e.value).startswith(says)
    assert e.value.remedy
    assert e.value.field == "f"


def test_line_ends_of_other_systems_become_newlines() -> None:
    assert TEXT.read("a\r\nb", "f") == "a\nb"


@pytest.mark.parametrize("radius", [12.345, Decimal("12.345"), Decimal("12.3450")])
def test_a_fraction_of_a_mile_is_read_exactly(radius: object) -> None:
    assert MILES.read(radius, "f") == 12_345


@given(st.integers(1, bounds.RADIUS_MOST_MNM))
def test_every_radius_survives_being_shown(thousandths: int) -> None:
    assert MILES.read(MILES.show(thousandths), "f") == thousandths


@given(st.binary(min_size=2, max_size=2))
def test_every_nonce_survives_being_shown(nonce: bytes) -> None:
    assert NONCE.read(NONCE.show(nonce), "f") == nonce


@pytest.mark.parametrize(
    ("value", "held", "lines"),
    [
        (TEXT, "a\nb", ["a", "b"]),
        (COUNT, 1000, ["1,000"]),
        (FLAG, True, ["YES"]),
        (FLAG, False, ["NO"]),
        (TIME, 1_732_710_600, ["271230Z NOV 24"]),
        (CHOICE, "exact", ["exact"]),
        (MILES, 12_500, ["12.5 NM"]),
        (POSITION, Position(0, 0), ["00-00.00N 000-00.00E"]),
        (NONCE, b"\x00\xff", ["00ff"]),
    ],
)
def test_a_value_prints_as_the_field_writes_it(value: Value, held: object, lines: list[str]) -> None:
    assert value.lines(held) == lines


@pytest.mark.parametrize("said", ["000102030405060708090a0b0c0d0e0f", "00010203-0405-0607-0809-0A0B0C0D0E0F"])
def test_a_notices_id_is_taken_as_people_copy_it(said: str) -> None:
    assert notice_id(said) == ID.read(said, "f") == bytes(range(16))
    assert ID.lines(bytes(range(16))) == ["000102030405060708090a0b0c0d0e0f"]


@given(st.sampled_from(ALL), json_values | st.integers() | st.decimals())
def test_no_value_raises_outside_the_error_tree(value: Value, anything: object) -> None:
    error = error_of(lambda: value.read(anything, "f"))
    if error is not None:
        assert error.remedy
        return
    held = value.read(anything, "f")
    assert value.read(value.show(held), "f") == held
    assert value.lines(held)
    assert value.hint
