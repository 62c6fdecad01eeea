"""Generations that are only read: what stands for each, and what is said of it."""

import pytest

from hotline.core.identity import origin
from hotline.errors import CallerError
from hotline.home import Home
from hotline.rules import BUILT_IN
from hotline.station import past
from tests.custody.ceremonies import close, go_on, open_


def test_a_line_in_its_first_generation_has_no_past(north: Home) -> None:
    (peer,) = north.lines()
    assert past.ended(peer, BUILT_IN) == []


def test_a_generation_that_has_ended_is_found_under_its_cards_and_origins(north: Home, south: Home) -> None:
    (before,) = north.lines()
    go_on(north, south)
    (peer,) = north.lines()
    (ended,) = past.ended(peer, BUILT_IN)
    i = ended.identity
    assert (i.id, i.pair, i.generation, ended.to_do) == (before.id, before.pair, 1, "")
    assert ended.view.own.origin == origin(north.card(), before.id, 1)
    assert ended.view.mirror.origin == origin(south.card(), before.id, 1)
    assert (ended.mine_names, ended.peer_names) == ({"NORTH"}, {"SOUTH"})


def test_one_that_is_closed_says_what_people_do_next(north: Home, south: Home) -> None:
    ours = close(north)
    (peer,) = north.lines()
    held = past.closed(peer, north.card(), BUILT_IN)
    assert "Hand our closing file to SOUTH" in held.to_do
    error = past.refuse_closed(held)
    assert "The line with SOUTH is closed" in error.what
    assert held.to_do in error.remedy
    theirs = close(south)
    open_(south, ours)
    open_(north, theirs)
    assert not north.lines()[0].generations.closed


def test_a_home_made_anew_says_whose_file_it_needs(north: Home) -> None:
    (peer,) = north.lines()
    (north.lines_path / f"{peer.file_stem}.generations").mkdir(mode=0o700)
    (peer,) = north.lines()
    held = past.closed(peer, north.card(), BUILT_IN)
    assert "get SOUTH's closing file" in held.to_do
    assert past.ended(peer, BUILT_IN) == []


def test_of_all_generations_of_a_line_the_present_one_is_first(north: Home, south: Home) -> None:
    go_on(north, south)
    (peer,) = north.lines()
    (first,) = past.ended(peer, BUILT_IN)
    present = past.closed(peer, north.card(), BUILT_IN)
    lines: dict[bytes, past.Held] = {first.identity.id: first, present.identity.id: present}
    assert past.of_pair(lines, peer.pair) == [present, first]
    assert past.of_pair(lines, bytes(32)) == []
    assert past.pairs([first, present]) == [peer.pair]


def test_what_refers_to_the_past_is_told_to_say_it_anew(north: Home, south: Home) -> None:
    go_on(north, south)
    (ended,) = past.ended(north.lines()[0], BUILT_IN)
    with pytest.raises(CallerError, match=r"NORTH 7 is of generation 1 of the line with SOUTH, which has ended.*new"):
        raise past.refuse_ended("NORTH 7", ended)
