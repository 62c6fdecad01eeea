"""What people are shown of generations: each side's word, and what is where."""

import pytest

from hotline.cli import generations
from hotline.core import tree
from hotline.core.generation import Held
from hotline.custody.holdings import Compared, Relation
from hotline.home import Home
from tests.custody.ceremonies import close, go_on, pair


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        ("same", "both sides held the same"),
        ("beginning", "SOUTH held the first 2 of the 5 entries here"),
        ("more", "SOUTH held 2 entries, 5 are here"),
        ("other", "TWO HISTORIES"),
        (None, "cannot be read any more"),
    ],
)
def test_each_relation_of_two_copies_is_told_apart(relation: Relation | None, said: str) -> None:
    ours, theirs = Held(5, b"\1" * 32, 5, 3), Held(2, b"\2" * 32, 2, 1)
    assert said in generations._relation(Compared(True, ours, theirs, relation, None), "SOUTH")


def test_a_line_is_open_closed_or_waits(north: Home, south: Home) -> None:
    pair(north, south)
    assert generations.state(north.lines()[0]) == "open"
    close(north)
    assert generations.state(north.lines()[0]) == "closed"


def test_a_statement_tells_who_signed_what_and_why(north: Home, south: Home) -> None:
    pair(north, south)
    ours, _ = go_on(north, south)
    document = generations.statement(ours)
    assert (document["station"], document["officer"], document["text"]) == ("NORTH", "Duty officer", ours.closing.text)
    assert document["own"] == {"size": 0, "root": tree.EMPTY_ROOT.hex(), "signed": 0, "serial": 0}
    assert any("nothing is left" in row for row in generations.statement_lines(ours))
