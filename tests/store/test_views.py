"""The line as the core sees it: the present batch counts, ranges are half open, nothing is found where nothing is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.core import tree
from hotline.core.step import Append
from hotline.core.view import LineView
from hotline.errors import StoreError
from hotline.store.store import Store
from tests.store import samples
from tests.store.samples import LINE, MIRROR, OWN


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = samples.opened(tmp_path / "station.db")
    yield store
    store.close()


def test_it_is_the_view_that_the_core_asks_for_and_empty_at_first(store: Store) -> None:
    view: LineView = store.line(LINE, OWN, MIRROR)
    for log in (view.own, view.mirror):
        assert (log.size(), log.leaves(0, 9), log.entries(0, 9)) == (0, [], [])
        assert (log.head(), log.receipt(), log.intent(), log.proposal_after(0)) == (None, None, None, None)
        assert (log.last_serial(), log.judged(), log.frozen()) == (0, (0, 0), b"")
        assert not log.has_notice(bytes(16), 9)
    assert view.queued(9) == []


def test_ranges_are_half_open_and_clipped_to_what_is_there(store: Store) -> None:
    view = store.line(LINE, OWN, MIRROR)
    entries = [samples.genesis(), *(samples.stored(samples.row(n), n) for n in range(1, 5))]
    store.apply(LINE, [Append(MIRROR, 0, tuple(entries))], 1)
    for start in range(6):
        for end in range(7):
            assert view.mirror.entries(start, end) == entries[start:end]
            assert view.mirror.leaves(start, end) == [tree.leaf_hash(e.entry) for e in entries[start:end]]


def test_it_sees_what_the_present_batch_has_written_before_the_commit(store: Store) -> None:
    view = store.line(LINE, OWN, MIRROR)
    samples.submit(store, 1)
    assert [row.key for row in view.queued(1)] == [samples.notice_id(1)]


def test_two_lines_of_one_store_do_not_see_each_other(store: Store) -> None:
    other = store.line(b"O" * 32, "other/own", "other/mirror")
    samples.submit(store, 1)
    samples.appended(store, 1)
    assert (other.own.size(), other.mirror.size(), other.queued(9)) == (0, 0, [])
    assert store.line(LINE, OWN, MIRROR).own.size() == 1


def test_a_row_of_the_queue_that_was_altered_is_the_fault_of_this_disk_and_not_of_the_peer(store: Store) -> None:
    view = store.line(LINE, OWN, MIRROR)
    samples.submit(store, 1)
    store._db.execute("UPDATE queue SET payload = x'c1'")
    with pytest.raises(StoreError, match=r"The queue in .*station\.db is damaged") as caught:
        view.queued(9)
    assert caught.value.remedy
