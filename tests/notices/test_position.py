"""Positions in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import NoticeError
from hotline.notices.position import Position, parse_position
from tests.notices.samples import error_of
from tests.notices.strategies import positions


@pytest.mark.parametrize(
    "text",
    [
        "34-30.00N 033-12.00E",
        "34-30N 33-12E",
        "34°30.0'N 33°12.0'E",
        "34° 30′ N, 33° 12′ E",
        "34°30'00\"N 33°12'00\"E",
        "34-30-00N 033-12-00E",
        "34 30 N 33 12 E",
        "34.5, 33.2",
        "34.5 33.2",
        "+34.5;+33.2",
        "34.5N 33.2E",
        "34.5°n 33.2°e",
        "3430N 03312E",
        "3430.00N03312.00E",
        "343000N0331200E",
    ],
)
def test_the_usual_notations_of_a_position_mean_the_same(text: str) -> None:
    assert parse_position(text, "at") == Position(2_070_000, 1_992_000)


def test_south_and_west_are_negative() -> None:
    assert parse_position("34-30.00S 033-12.00W", "at") == parse_position("-34.5, -33.2", "at")


def test_the_180th_meridian_has_one_form() -> None:
    assert parse_position("00-00.00N 180-00.00W", "at") == parse_position("0, 180", "at") == Position(0, 10_800_000)


def test_a_position_is_shown_in_the_nautical_form() -> None:
    assert str(Position(2_070_000, 1_992_000)) == "34-30.00N 033-12.00E"


def test_the_third_place_shows_only_where_it_says_something() -> None:
    assert str(Position(-2_070_005, -1_992_010)) == "34-30.005S 033-12.01W"


def test_rounding_goes_to_the_nearest_thousandth_of_a_minute_alike_on_both_sides() -> None:
    assert parse_position("34-30-20N 033-12-20E", "at") == Position(2_070_333, 1_992_333)
    assert parse_position("-0.000009, 0.000009", "at") == Position(-1, 1)


@given(positions)
def test_every_position_survives_being_shown(position: Position) -> None:
    assert parse_position(str(position), "at") == position


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("90.1, 0", "at: the latitude is past 90 degrees. Latitude comes first."),
        ("91-00N 000-00E", "at: the latitude is past 90 degrees."),
        ("0, 180.5", "at: the longitude is past 180 degrees."),
        ("34-60.00N 033-12.00E", "at: '34-60.00N 033-12.00E' is not a position."),
        ("3430N 3312E", "at: '3430N 3312E' is not a position."),
        ("033-12.00E 34-30.00N", "at: '033-12.00E 34-30.00N' is not a position."),
        ("34-30.00N", "at: '34-30.00N' is not a position."),
        ("", "at: '' is not a position."),
        ("NSEW", "at: 'NSEW' is not a position."),
        ([34.5, 33.2], "at: a position is a text."),
        (None, "at: a position is a text."),
    ],
)
def test_a_wrong_position_is_refused_with_one_sentence_and_a_remedy(text: object, says: str) -> None:
    with pytest.raises(NoticeError) as e:
        parse_position(text, "at")
    assert str(e.value).startswith(says)
    assert e.value.remedy
    assert e.value.field == "at"


def test_a_very_long_text_is_refused_at_once() -> None:
    with pytest.raises(NoticeError, match="is not a position"):
        parse_position("1N" + " " * 200_000 + "x", "at")


@given(st.text(alphabet="0123456789.,-+°'\"NSEW \n\u0663", max_size=40) | st.text())
def test_no_position_raises_outside_the_error_tree(text: str) -> None:
    error = error_of(lambda: parse_position(text, "at"))
    assert error is None or error.remedy
