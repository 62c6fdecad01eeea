"""Durations in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import ConfigError
from hotline.rules import about, bounds, format_duration, parse_duration
from tests.rules.strategies import spans


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90 s", 90),
        ("10 min", 600),
        ("48 h", 172_800),
        ("48h", 172_800),
        ("2 d", 172_800),
        ("42 d", 3_628_800),
        ("366 d", bounds.DURATION_MOST_S),
    ],
)
def test_a_duration_is_read_as_people_write_it(text: str, seconds: int) -> None:
    assert parse_duration(text, "reply") == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 s"),
        (90, "90 s"),
        (600, "10 min"),
        (3600, "1 h"),
        (5400, "90 min"),
        (86_400, "24 h"),
        (172_800, "48 h"),
        (259_200, "3 d"),
        (262_800, "73 h"),
        (3_628_800, "42 d"),
    ],
)
def test_a_duration_is_told_in_the_largest_unit_and_up_to_72_hours_in_hours(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@given(spans)
def test_every_duration_survives_its_notation(seconds: int) -> None:
    assert parse_duration(format_duration(seconds), "reply") == seconds


@pytest.mark.parametrize(
    "given_value",
    [
        *(
            "",
            "48",
            "h",
            "48 hours",
            "48  h",
            " 48 h",
            "48 h\n",
            "0 s",
            "048 h",
            "-1 h",
            "1.5 h",
            "1e3 s",
            "٤٨ h",
            "48 H",
        ),
        *(48, 48.0, True, None, ["48 h"], "9" * 5000 + " s", "\x1b[31m"),
    ],
)
def test_what_is_no_duration_is_refused_by_key_with_the_forms_that_are(given_value: object) -> None:
    with pytest.raises(ConfigError) as e:
        parse_duration(given_value, "kinds.inquiry.reply", "none")
    assert e.value.what.startswith("kinds.inquiry.reply is ")
    assert e.value.what.endswith("is no duration.")
    assert e.value.what.isprintable()
    assert '"48 h"' in e.value.remedy
    assert '"none"' in e.value.remedy


@pytest.mark.parametrize("text", ["367 d", "31622401 s", "9" * 15 + " min"])
def test_a_duration_longer_than_the_bound_is_refused_and_the_bound_named(text: str) -> None:
    with pytest.raises(ConfigError, match=f"reply is {text}, more than 366 d"):
        parse_duration(text, "reply")


@given(st.text() | st.integers() | st.floats() | st.none() | st.lists(st.text()))
def test_no_duration_raises_outside_the_error_tree(anything: object) -> None:
    try:
        assert 1 <= parse_duration(anything, "reply") <= bounds.DURATION_MOST_S
    except ConfigError as e:
        assert str(e).isprintable()  # noqa: PT017 (not every value raises)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (61, "1 min 1 s"),
        (4 * 86_400, "4 d"),
        (4 * 86_400 - 1, "3 d 23 h"),
        (2 * 86_400 + 3600, "49 h"),
        (5 * 86_400 + 61, "5 d 1 min"),
    ],
)
def test_a_duration_for_people_has_two_units_and_is_rounded_down(seconds: int, text: str) -> None:
    assert about(seconds) == text
