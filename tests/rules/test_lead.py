"""Lead times: in time, or late by how much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import BUILT_IN, Late, Rules, lateness
from hotline.rules.rules import KINDS
from tests.rules.strategies import all_rules

DAY_S = 24 * 3600
START_S = 1_733_029_200


@pytest.mark.parametrize(
    ("kind", "environment", "days"),
    [
        ("exercise", "land", 42),
        ("exercise", None, 42),
        ("exercise", "under the sea", 42),
        ("exercise", "sea", 5),
        ("exercise", "air", 7),
        ("exercise", "joint", 42),
        ("hazard", "sea", 5),
        ("hazard", "air", 7),
        ("hazard", "joint", 7),
        ("launch", "sea", 1),
        ("launch", "air", 1),
    ],
)
def test_a_notice_is_late_exactly_if_told_less_than_the_agreed_time_before(
    kind: str, environment: str | None, days: int
) -> None:
    assert lateness(BUILT_IN, kind, environment, START_S, START_S - days * DAY_S) is None
    late = lateness(BUILT_IN, kind, environment, START_S, START_S - days * DAY_S + 1)
    assert late == Late(days * DAY_S - 1, days * DAY_S)


def test_the_notice_of_november_2024_is_late_in_words() -> None:
    late = lateness(BUILT_IN, "exercise", "sea", START_S, START_S - 4 * DAY_S)
    assert late is not None
    assert late.words == "LATE: 4 d before the start, 5 d agreed"


@pytest.mark.parametrize(
    ("given_s", "words"),
    [
        (-3 * 3600, "LATE: 3 h after the start, 48 h agreed"),
        (0, "LATE: at the start, 48 h agreed"),
        (48 * 3600 - 1, "LATE: 47 h 59 min before the start, 48 h agreed"),
    ],
)
def test_the_words_never_make_a_late_notice_look_in_time(given_s: int, words: str) -> None:
    assert Late(given_s, 48 * 3600).words == words


@pytest.mark.parametrize("kind", ["calendar", "inquiry", "cancellation", "a kind of tomorrow"])
def test_a_kind_without_a_lead_time_is_never_late(kind: str) -> None:
    assert lateness(BUILT_IN, kind, None, START_S, START_S + DAY_S) is None


def test_a_notice_without_a_start_is_not_late() -> None:
    assert lateness(BUILT_IN, "exercise", None, 0, START_S) is None


@given(
    all_rules(),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(["land", "sea", "air", "joint"]),
    st.integers(1, 4_102_444_799),
    st.integers(0, 4_102_444_799),
    st.integers(0, 1_000_000),
)
def test_who_tells_earlier_is_never_later(
    rules: Rules, kind: str, environment: str, start_s: int, told_s: int, earlier_s: int
) -> None:
    late = lateness(rules, kind, environment, start_s, told_s)
    before = lateness(rules, kind, environment, start_s, told_s - earlier_s)
    assert late is not None or before is None
    if late is not None:
        assert late.given_s < late.agreed_s
        assert late.words.isprintable()
