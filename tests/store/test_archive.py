"""Reading a store for audit: one snapshot, every row, nothing changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.core.step import Append, KeepHead, KeepProposal, KeepReceipt
from hotline.errors import StoreError
from hotline.store.archive import Archive, ArchivedLog
from hotline.store.store import Store
from tests.store import samples
from tests.store.samples import LINE, MIRROR, OWN, SIGNATURE

HEADS = [KeepHead(OWN, size, samples.root(size), SIGNATURE) for size in (1, 2)]
RECEIPTS = [KeepReceipt(OWN, size, samples.root(size), size, SIGNATURE) for size in (1, 2)]
PROPOSALS = [KeepProposal(MIRROR, size, samples.root(size), b"p" * 2484) for size in (1, 3)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Two notices of mine, one entry of the peer, and what signs them."""
    store = samples.opened(tmp_path / "station.db")
    for number in (1, 2):
        samples.submit(store, number)
    samples.appended(store, 1, 2)
    surfaced = samples.surface(0, serial=1, number=7)
    store.apply(LINE, [*HEADS, *RECEIPTS, *PROPOSALS, Append(MIRROR, 0, (samples.genesis(),)), surfaced], 5)
    store.commit()
    yield store
    store.close()


def test_it_reads_every_row_of_both_logs(store: Store) -> None:
    with Archive.open(store.path) as archive:
        own, mirror = archive.logs(LINE)
        assert (own.origin, own.mine, own.size, mirror.origin, mirror.mine, mirror.size) == (
            OWN,
            True,
            2,
            MIRROR,
            False,
            1,
        )
        assert [s for _, s in archive.entries(own.id)] == [samples.stored(samples.row(n), n) for n in (1, 2)]
        assert list(archive.entries(mirror.id)) == [(0, samples.genesis())]
        assert (archive.heads(own), archive.receipts(own), archive.proposals(mirror)) == (HEADS, RECEIPTS, PROPOSALS)
        assert archive.surfaced(mirror.id) == [(0, samples.notice_id(7), 1, "")]
        assert archive.structure_faults() == []
        assert archive.logs(b"?" * 32) == []


def test_more_entries_than_one_portion_are_all_read_and_a_gap_shows_in_the_indexes(store: Store) -> None:
    entries = tuple(samples.stored(samples.row(n), n) for n in range(3, 1400))
    store.apply(LINE, [Append(OWN, 2, entries)], 5)
    store._db.execute("DELETE FROM entry WHERE idx = 700")
    store.commit()
    with Archive.open(store.path) as archive:
        indexes = [index for index, _ in archive.entries(archive.logs(LINE)[0].id)]
    assert indexes == [index for index in range(1399) if index != 700]


def test_a_notice_is_found_by_serial_or_id_in_either_log(store: Store) -> None:
    with Archive.open(store.path) as archive:
        own, mirror = archive.logs(LINE)
        assert (archive.find(own, serial=2), archive.find(own, notice_id=samples.notice_id(1))) == (1, 0)
        assert (archive.find(mirror, serial=1), archive.find(mirror, notice_id=samples.notice_id(7))) == (0, 0)
        assert (archive.find(own, serial=9), archive.find(mirror, notice_id=bytes(16))) == (None, None)


def test_it_is_one_snapshot_while_the_daemon_goes_on(store: Store) -> None:
    with Archive.open(store.path) as archive:
        before: list[ArchivedLog] = archive.logs(LINE)
        samples.submit(store, 3)
        samples.appended(store, 3)
        store.commit()
        assert archive.logs(LINE) == before


def test_a_missing_database_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist") as caught, Archive.open(tmp_path / "station.db"):
        pass
    assert caught.value.remedy
    assert not (tmp_path / "station.db").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [("PRAGMA application_id = 7", "is not a Hotline database"), ("PRAGMA user_version = 99", "schema 99")],
)
def test_another_programs_database_or_schema_is_refused(store: Store, change: str, words: str) -> None:
    store._db.execute(change)
    with pytest.raises(StoreError, match=words), Archive.open(store.path):
        pass
