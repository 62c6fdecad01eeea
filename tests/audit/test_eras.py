"""Each generation of a line as the cards and closing files of its home have it."""

import pytest

from hotline.audit.eras import closings_before, era_of, eras
from hotline.core import generation
from hotline.custody.suite import RealSuite
from hotline.errors import CheckFailed, NotFoundError
from hotline.home import Home
from tests.audit.closings import close, close_both, lost, place, write


def test_a_line_that_was_never_closed_has_one_generation(north: Home) -> None:
    (line,) = north.lines()
    (era,) = eras(north.card(), line)
    assert (era.number, era.line, era.first(mine=True), era.stated(mine=True), era.ended) == (
        1,
        line.id,
        0,
        None,
        False,
    )
    assert closings_before(line, 1) == []


def test_each_generation_has_its_line_id_first_serials_and_statement(later_north: Home, later_south: Home) -> None:
    ends = [eras(home.card(), *home.lines()) for home in (later_north, later_south)]
    for mine, peers in zip(*ends, strict=True):
        assert (mine.number, mine.line, mine.ended) == (peers.number, peers.line, peers.ended)
        assert (mine.my_serial, mine.peer_serial) == (peers.peer_serial, peers.my_serial)
    first, second = ends[0]
    assert (first.line, first.ended, second.ended) == (first.pair, True, False)
    assert (second.my_serial, second.peer_serial) == (3, 1)
    assert [held.size for mine in (True, False) if (held := first.stated(mine=mine))] == [4, 6]
    assert second.stated(mine=True) is None


def test_a_closed_generation_that_has_no_next_yet_has_a_statement_and_has_not_ended(north: Home) -> None:
    close(north)
    (era,) = eras(north.card(), *north.lines())
    assert (era.closing is not None, era.ended) == (True, False)


def test_a_generation_that_is_not_there_is_told_with_those_that_are(later_north: Home) -> None:
    (line,) = later_north.lines()
    assert era_of(later_north.card(), line, None).number == 2
    with pytest.raises(NotFoundError, match="generation 3") as raised:
        era_of(later_north.card(), line, 3)
    assert "1, 2" in raised.value.remedy


def test_a_home_that_awaits_the_peers_statement_has_none(north: Home) -> None:
    (card,) = north.lines_path.glob("*.card")
    (north.lines_path / f"{card.stem}.generations").mkdir()
    assert eras(north.card(), *north.lines()) == ()
    with pytest.raises(NotFoundError, match="any generation"):
        era_of(north.card(), north.lines()[0], None)


def test_cards_of_then_that_are_not_here_are_told(later_north: Home) -> None:
    place(later_north, 1, "mine.card").unlink()
    first, second = eras(later_north.card(), *later_north.lines())
    assert second.cards()[0] == later_north.card()
    with pytest.raises(NotFoundError, match="generation 1"):
        first.cards()


def test_a_home_made_anew_lacks_the_closing_files_of_before(later_north: Home, later_south: Home) -> None:
    """Its keys were lost in generation 2, so what it has begins there."""
    close_both(later_north, later_south)
    for name in ("mine.closing", "peer.closing", "mine.card", "peer.card"):
        place(later_north, 1, name).unlink()
    peers = generation.parse(RealSuite(), place(later_north, 2, "peer.closing").read_bytes()).closing
    write(later_north, "mine.closing", lost(later_north, peers))
    (line,) = later_north.lines()
    assert [era.number for era in eras(later_north.card(), line)] == [2, 3]
    with pytest.raises(CheckFailed, match="made anew"):
        closings_before(line, 3)
