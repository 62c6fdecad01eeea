"""What a stopped station states of its logs: read from the disk, and never guessed."""

import shutil

import pytest

from hotline.core import tree
from hotline.core.generation import OTHER, STORE_LOST, Held
from hotline.custody import holdings
from hotline.errors import StoreError
from hotline.home import Home
from hotline.store.archive import Archive
from tests.custody.ceremonies import pair

Pair = tuple[Home, Home]


def read(home: Home, reason: int | None = None) -> holdings.Holdings:
    (line,) = home.lines()
    return holdings.read(home, line, reason)


def test_both_sides_read_the_same_of_both_logs(pair_that_talked: Pair) -> None:
    north, south = (read(home) for home in pair_that_talked)
    assert north.own == south.mirror
    assert north.mirror == south.own
    assert (north.own.serial, north.mirror.serial) == (3, 1)
    assert north.own.signed == north.own.size > 3
    assert not north.frozen


def test_size_and_root_are_those_of_the_entries(pair_that_talked: Pair) -> None:
    home, _ = pair_that_talked
    (line,) = home.lines()
    with Archive.open(home.database_path) as archive:
        log = archive.logs(line.id)[0]
        leaves = [tree.leaf_hash(stored.entry) for _, stored in archive.entries(log.id)]
    own = read(home).own
    assert (own.size, own.root) == (len(leaves), tree.root(leaves))


def test_a_line_that_never_began_holds_nothing(north: Home, south: Home) -> None:
    pair(north, south)
    nothing = Held(0, tree.EMPTY_ROOT, 0, 0)
    assert (read(north).own, read(north).mirror) == (nothing, nothing)


@pytest.mark.parametrize("left", ["gone", "damaged", "empty"])
def test_a_lost_database_is_never_taken_for_an_empty_one_unless_an_officer_says_so(
    pair_that_talked: Pair, left: str
) -> None:
    home, _ = pair_that_talked
    home.database_path.unlink()
    if left != "gone":
        home.database_path.write_bytes(b"" if left == "empty" else b"SQLite format 3\0" + bytes(4096))
    for reason in (None, OTHER):
        with pytest.raises(StoreError, match=r"station\.db") as caught:
            read(home, reason)
        assert "store-lost" in caught.value.remedy
    assert read(home, STORE_LOST).own == Held(0, tree.EMPTY_ROOT, 0, 0)


def test_who_says_that_the_store_is_lost_states_what_is_there_all_the_same(pair_that_talked: Pair) -> None:
    home, _ = pair_that_talked
    assert read(home, STORE_LOST) == read(home)


def test_a_copy_that_lacks_the_end_is_told_as_a_beginning_with_what_is_above(pair_that_talked: Pair) -> None:
    home, _ = pair_that_talked
    (line,) = home.lines()
    ours = read(home).own
    with Archive.open(home.database_path) as archive:
        log = archive.logs(line.id)[0]
        leaves = [stored.leaf for _, stored in archive.entries(log.id)]
        serials = {row[1]: index for index, row in archive.listed(log).items()}
    at = serials[2]
    theirs = Held(at, tree.root(leaves[:at]), at, 1)
    found = holdings.compare(home, line.id, True, ours, theirs)
    assert (found.relation, found.above) == ("beginning", (2, 3))
    other = Held(at, b"\1" * 32, at, 1)
    assert holdings.compare(home, line.id, True, ours, other).relation == "other"
    assert holdings.compare(home, line.id, True, ours, ours).relation == "same"
    more = Held(ours.size + 1, b"\1" * 32, at, 9)
    assert holdings.compare(home, line.id, True, ours, more).relation == "more"


def test_where_our_copy_is_gone_nothing_is_claimed(pair_that_talked: Pair) -> None:
    home, _ = pair_that_talked
    (line,) = home.lines()
    ours = read(home).own
    shutil.rmtree(home.path)
    found = holdings.compare(home, line.id, True, ours, Held(1, b"\1" * 32, 1, 1))
    assert (found.relation, found.above) == (None, None)
