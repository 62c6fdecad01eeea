"""Persist, then speak: after `commit` all of it is on disk, before it nothing or all, whatever the disk does.

Each test here names the power cut or failing disk that it survives; DESIGN section 4, invariant 2.
"""

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import apsw
import pytest

from hotline import limits
from hotline.core.step import Append, Event, Judged, KeepHead
from hotline.errors import StoreError
from hotline.store.store import Store
from tests.store import samples
from tests.store.disk import Disk
from tests.store.samples import LINE, MIRROR, OWN, SIGNATURE


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    disk = Disk(folder)
    yield disk
    disk.heal()
    disk.unregister()


def batch(store: Store, number: int) -> None:
    """What one batch brings: rows in six tables that are only right together."""
    samples.submit(store, number, precedence=number % 4)
    samples.appended(store, number)
    size = store.line(LINE, OWN, MIRROR).own.size()
    peers = samples.stored(samples.row(number), number)
    store.apply(
        LINE,
        [
            KeepHead(OWN, size, samples.root(number % 256), SIGNATURE),
            Append(MIRROR, size - 1, (peers,)),
            samples.surface(size - 1, serial=number, number=number),
            Judged(MIRROR, size, number, 0),
            Event("received", f"batch {number}"),
        ],
        number,
    )


def batches(path: Path) -> int:
    """How many whole batches a database holds; asserts that none is there in part."""
    db = apsw.Connection(str(path))
    try:
        assert list(db.execute("PRAGMA integrity_check")) == [("ok",)]
        counts = {
            int(count)
            for table in ("outbox", "inbox", "event", "head")
            for (count,) in db.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  # fixed names
        }
        counts |= {
            int(count)
            for (count,) in db.execute("SELECT count(*) FROM entry e JOIN log ON log.id = e.log GROUP BY log")
        } or {0}
        (judged,) = next(db.execute("SELECT judged FROM log WHERE mine = 0"), (0,))
        assert counts == {judged}
        return int(judged)
    finally:
        db.close()


def reopened(disk: Disk, keep: random.Random | bool, into: Path) -> int:
    """Cut the power, start again, and count the batches, both before and after the store itself has opened it."""
    disk.after_power_cut(into, keep)
    for name in ("before", "after"):
        (into / name).mkdir()
        for file in into.glob("station.db*"):
            (into / name / file.name).write_bytes(file.read_bytes())
    samples.opened(into / "after" / "station.db").close()
    if not (into / "before" / "station.db").exists():
        return batches(into / "after" / "station.db")
    found = batches(into / "after" / "station.db")
    assert batches(into / "before" / "station.db") == found
    return found


def first_start(disk: Disk) -> None:
    samples.opened(disk.folder / "station.db", vfs=disk.vfs).close()


def second_batch(store: Store) -> None:
    batch(store, 2)
    store.commit()


def failure_of(action: Callable[[], object]) -> StoreError | None:
    try:
        action()
    except StoreError as e:
        return e
    return None


@pytest.mark.parametrize("seed", range(12))
def test_what_was_committed_survives_a_power_cut_that_keeps_any_part_of_what_was_not_synced(
    disk: Disk, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    store = samples.opened(disk.folder / "station.db", vfs=disk.vfs)
    done = chance.randrange(1, 20)
    for number in range(1, done + 1):
        batch(store, number)
        store.commit()
        assert reopened(disk, False, tmp_path / f"none-{number}") == number
    assert reopened(disk, chance, tmp_path / "some") == done
    assert reopened(disk, True, tmp_path / "all") == done
    store.close()


@pytest.mark.parametrize("seed", range(6))
def test_what_was_not_committed_is_gone_after_a_power_cut(disk: Disk, tmp_path: Path, seed: int) -> None:
    store = samples.opened(disk.folder / "station.db", vfs=disk.vfs)
    store._db.pragma("cache_size", 4)  # so small that SQLite writes pages of the open transaction already
    batch(store, 1)
    store.commit()
    for number in range(2, 60):
        batch(store, number)
    assert disk.files["station.db-wal"].writes, "the test needs uncommitted pages on the disk"
    for name, keep in (("none", False), ("all", True), ("some", random.Random(seed))):
        assert reopened(disk, keep, tmp_path / name) == 1
    store.close()


def test_a_power_cut_in_the_middle_of_a_checkpoint_loses_nothing(disk: Disk, tmp_path: Path) -> None:
    store = samples.opened(disk.folder / "station.db", vfs=disk.vfs)
    for number in range(1, 9):
        batch(store, number)
        store.commit()
    start = disk.count
    store._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    store.close()
    for at in range(start + 1, disk.count + 1):
        again = Disk(tmp_path / f"again-{at}")
        again.folder.mkdir()
        try:
            repeat = samples.opened(again.folder / "station.db", vfs=again.vfs)
            for number in range(1, 9):
                batch(repeat, number)
                repeat.commit()
            again.fail_at = again.count + at - start
            try:
                repeat._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            except apsw.Error:
                assert again.failed
            again.heal()
            assert reopened(again, random.Random(at), tmp_path / f"cut-{at}") == 8
            repeat.close()
        finally:
            again.unregister()


@pytest.mark.parametrize("persists", [False, True], ids=["failed", "failed-but-persisted"])
@pytest.mark.parametrize(
    ("error", "words"),
    [(apsw.FullError, "the disk is full"), (apsw.IOError, "station.db: ")],
    ids=["full", "input-output-error"],
)
def test_each_failing_operation_of_a_commit_is_told_and_leaves_the_batch_whole_or_absent(
    tmp_path: Path, error: type[apsw.Error], words: str, persists: bool
) -> None:
    failures = 0
    for at in range(1, 1000):
        folder = tmp_path / str(at)
        folder.mkdir()
        disk = Disk(folder)
        try:
            store = samples.opened(folder / "station.db", vfs=disk.vfs)
            batch(store, 1)
            store.commit()
            disk.fail_at, disk.persists, disk.error = disk.count + at, persists, lambda: error("injected")
            told = failure_of(partial(second_batch, store))
            if told:
                failures += 1
                assert words in told.what
                assert str(folder) in told.what
                assert told.remedy
            disk.heal()
            went_on = not disk.failed
            expected = {2} if went_on else {1, 2}
            for name, keep in (("none", False), ("all", True), ("some", random.Random(at))):
                assert reopened(disk, keep, folder / name) in expected
            store.close()
            assert batches(folder / "station.db") in expected
        finally:
            disk.unregister()
        if went_on:
            break
    else:
        pytest.fail("a thousand operations have failed and there are more")
    assert failures >= 3, "a commit writes at least two frames and syncs"


def test_each_failing_operation_of_the_first_start_is_told_and_the_next_start_succeeds(tmp_path: Path) -> None:
    for at in range(1, 1000):
        folder = tmp_path / str(at)
        folder.mkdir()
        disk = Disk(folder)
        disk.fail_at = at
        told = failure_of(partial(first_start, disk))
        assert told is None or "station.db" in told.what
        disk.heal()
        disk.unregister()
        samples.opened(folder / "station.db").close()
        assert batches(folder / "station.db") == 0
        if not disk.failed:
            break
    else:
        pytest.fail("a thousand operations have failed and there are more")
    assert at > 10


def test_closing_after_a_failed_commit_raises_nothing(disk: Disk) -> None:
    store = samples.opened(disk.folder / "station.db", vfs=disk.vfs)
    batch(store, 1)
    disk.fail_at, disk.error = disk.count + 1, lambda: apsw.FullError("injected")
    with pytest.raises(StoreError):
        store.commit()
    disk.heal()
    store.close()
    assert batches(disk.folder / "station.db") == 0


def test_every_commit_syncs_and_what_it_synced_is_bounded(disk: Disk) -> None:
    store = samples.opened(disk.folder / "station.db", vfs=disk.vfs)
    for number in range(1, 200):
        batch(store, number)
        store.commit()
        assert disk.files["station.db-wal"].writes == []
    assert (disk.folder / "station.db-wal").stat().st_size < 16 * limits.KIB * limits.KIB
    store.close()
