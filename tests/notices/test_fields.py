"""Types of fields, as msgspec enforces them on the wire."""

from typing import Any, get_args

import msgspec
import pytest

from hotline.notices.fields import Count, Form, Language, Line, Nonce, Text, Time, about, at_most


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Line, ""),
        (Line, "two\nlines"),
        (Line, "ends with a newline\n"),
        (Line, "escape \x1b[2J"),
        (Line, "paragraph\u2029separator"),
        (Line, "x" * 121),
        (Text, "a carriage return\r\n"),
        (Text, "null \x00"),
        (Text, "x" * 16_001),
        (Language, "english language"),
        (Language, "e"),
        (Language, "en\n"),
        (Time, 946_684_799),
        (Time, 4_102_444_800),
        (Time, True),
        (Count, -1),
        (Count, 10_000_001),
        (Nonce, b"15 bytes, not 16"[:15]),
    ],
)
def test_a_value_past_its_bound_is_refused_on_the_wire(kind: Any, value: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(value, kind)


@pytest.mark.parametrize(
    ("kind", "value"),
    [(Line, "Ракетные стрельбы"), (Text, "two\n\tlines"), (Language, "zh-Hant"), (Time, 946_684_800), (Count, 0)],
)
def test_a_value_within_its_bound_is_taken(kind: Any, value: object) -> None:
    assert msgspec.convert(value, kind) == value


def test_the_words_of_a_field_go_where_the_json_schema_has_them() -> None:
    words = about("Purpose", "general purpose", "Practice.", withholdable=True)
    assert (words.title, words.description, words.examples) == ("Purpose", "general purpose", ["Practice."])
    assert words.extra == {"withholdable": True, "asked": False}


def test_the_bound_of_a_list_has_both_ends() -> None:
    bound = at_most(4, least=1)
    assert (bound.min_length, bound.max_length) == (1, 4)


def test_free_text_is_told_from_a_line_by_its_form() -> None:
    assert Form.FREE_TEXT in get_args(Text)
    assert Form.FREE_TEXT not in get_args(Line)
