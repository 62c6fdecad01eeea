"""Deadlines in words: what is owed, by whom, until when."""

import pytest

from hotline.cli import owed
from tests.cli.test_words import notice, owing

DUE_MS = 1732710600000


@pytest.mark.parametrize(
    ("state", "now_ms", "said"),
    [
        ("open", DUE_MS - 7_200_000, "due 271230Z NOV 24, in 2 h"),
        ("warned", DUE_MS - 720_000, "DUE SOON 271230Z NOV 24, in 12 min"),
        ("overdue", DUE_MS + 90_000, "OVERDUE since 271230Z NOV 24, for 90 s"),
        ("met", DUE_MS + 90_000, "done; it was due 271230Z NOV 24"),
        ("ended", DUE_MS + 90_000, "ended with the generation of its line; it was due 271230Z NOV 24"),
    ],
)
def test_a_deadline_says_until_when_and_how_long_that_is(state: str, now_ms: int, said: str) -> None:
    assert owed.when(owing("reply", "peer", state), now_ms) == said


def test_a_deadline_that_has_passed_is_overdue_before_the_station_has_said_so() -> None:
    assert owed.when(owing("reply", "peer", "open"), DUE_MS).startswith("OVERDUE")


@pytest.mark.parametrize(("owed_by", "who"), [("ours", "us"), ("peer", "SOUTH")])
def test_a_deadline_names_who_owes_what(owed_by: str, who: str) -> None:
    said = owed.said(owing("report", owed_by, "open"), "SOUTH", DUE_MS - 60_000)
    assert said == f"Report, owed by {who}: due 271230Z NOV 24, in 60 s"


def test_of_a_superseded_notice_nothing_is_said_to_be_done_that_was_not() -> None:
    said = owed.said(owing("acknowledge", "peer", "met"), "SOUTH", DUE_MS, superseded=True)
    assert said == "Acknowledgement: not owed any more; it was due 271230Z NOV 24"
    assert "due 271230Z" in owed.said(owing("report", "peer", "open"), "SOUTH", DUE_MS - 60_000, superseded=True)


def test_a_name_from_outside_is_safe_to_print() -> None:
    assert "\x1b" not in owed.said(owing("reply", "peer"), "\x1b[2J", 0)


def test_the_next_of_ours_is_the_earliest_that_we_have_not_met() -> None:
    dues = [owing("acknowledge", "ours", "met"), owing("reply", "ours", "open"), owing("report", "peer", "open")]
    dues += [owing("report", "ours", "ended")]
    found = owed.next_of_ours(notice(due=dues))
    assert found is not None
    assert found.what == "reply"
    assert owed.next_of_ours(notice(due=[dues[0], *dues[2:]])) is None
