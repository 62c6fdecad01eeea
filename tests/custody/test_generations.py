"""What stands in a home about generations that ended: read whole, and never set back in silence."""

import shutil
from pathlib import Path

import pytest

from hotline.custody import generations
from hotline.errors import CardError, NotFoundError
from hotline.home import Home, PeerLine
from tests.custody.ceremonies import close, go_on, open_, pair

Pair = tuple[Home, Home]


@pytest.fixture
def sides(north: Home, south: Home) -> Pair:
    """Two homes that have enrolled each other, and never ran."""
    pair(north, south)
    return north, south


def only(home: Home) -> PeerLine:
    (line,) = home.lines()
    return line


def place(home: Home) -> Path:
    return next(home.lines_path.glob("*.generations"))


def test_a_line_of_which_nothing_was_closed_is_in_its_first_generation(sides: Pair) -> None:
    held = only(sides[0]).generations
    assert (held, held.number, held.closed, held.awaits) == (generations.FIRST, 1, False, False)


def test_a_closed_line_keeps_its_line_id_until_the_next_generation_begins(sides: Pair) -> None:
    before = only(sides[0])
    close(sides[0])
    held = only(sides[0])
    assert (held.id, held.generations.number, held.generations.closed) == (before.id, 1, True)


def test_the_statements_and_the_cards_of_then_are_kept_for_each_generation(sides: Pair) -> None:
    north, south = sides
    ours, theirs = go_on(north, south)
    (before,) = only(north).generations.before
    assert (before.my_closing, before.peer_closing) == (ours, theirs)
    assert (before.mine, before.peer) == (north.card(), south.card())
    assert before.line == only(north).pair


def test_an_empty_folder_waits_and_one_with_the_remains_of_a_killed_write_too(sides: Pair) -> None:
    north, _ = sides
    folder = generations.folder(north, only(north).file_stem)
    folder.mkdir()
    assert only(north).generations.awaits
    (folder / ".1.mine.closing.0011.new").write_text("half")
    assert only(north).generations.awaits
    assert only(north).generations.closed


@pytest.mark.parametrize("lost", ["1.mine.closing", "2.mine.closing", "1.peer.closing"])
def test_a_statement_that_is_missing_from_the_middle_is_told(sides: Pair, lost: str) -> None:
    north, south = sides
    go_on(north, south)
    ours, theirs = close(north, number=2), close(south, number=2)
    open_(north, theirs)
    open_(south, ours)
    (place(north) / lost).unlink()
    with pytest.raises(CardError, match=lost.replace("peer", "(peer|mine)")):
        north.lines()


def test_files_that_changed_places_are_refused(sides: Pair) -> None:
    north, south = sides
    go_on(north, south)
    mine, peers = place(north) / "1.mine.closing", place(north) / "1.peer.closing"
    kept = mine.read_bytes(), peers.read_bytes()
    mine.write_bytes(kept[1])
    with pytest.raises(CardError, match="by another station"):
        north.lines()
    mine.write_bytes(kept[0])
    shutil.copy(place(north) / "1.mine.card", place(north) / "1.peer.card")
    with pytest.raises(CardError, match="card of another station"):
        north.lines()


def test_a_statement_under_the_number_of_another_generation_is_refused(sides: Pair) -> None:
    north, _ = sides
    close(north)
    (place(north) / "1.mine.closing").rename(place(north) / "2.mine.closing")
    with pytest.raises(CardError, match=r"2\.mine\.closing does not close"):
        north.lines()


def test_statements_that_close_different_generations_are_refused(sides: Pair) -> None:
    north, south = sides
    go_on(north, south)
    ours, theirs = close(north, number=2), close(south, number=2)
    open_(north, theirs)
    open_(south, ours)
    shutil.copy(place(north) / "2.peer.closing", place(north) / "1.peer.closing")
    with pytest.raises(CardError, match=r"1\.peer\.closing.*not of one generation"):
        north.lines()


def test_what_is_no_folder_is_refused_and_not_taken_for_a_first_generation(sides: Pair, tmp_path: Path) -> None:
    north, _ = sides
    folder = generations.folder(north, only(north).file_stem)
    folder.symlink_to(tmp_path / "nowhere")
    with pytest.raises(CardError, match="is no folder"):
        north.lines()
    folder.unlink()
    folder.write_text("")
    with pytest.raises(CardError, match="is no folder"):
        north.lines()


def test_a_statement_that_is_a_symlink_to_nothing_is_not_left_out(sides: Pair) -> None:
    north, south = sides
    go_on(north, south)
    path = place(north) / "1.peer.closing"
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(NotFoundError, match=r"1\.peer\.closing"):
        north.lines()
