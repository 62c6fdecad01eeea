"""Committed transactions that SQLite would pass over in silence are told; what a power cut leaves is not."""

import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from hotline.errors import StoreError
from hotline.store import wal
from hotline.store.store import connect
from tests.store.disk import Disk

_COMMITS = 6
_HEADER, _FRAME = 32, 24 + 4096


def write(path: Path, count: int, start: int = 0, vfs: str = "") -> None:
    """Transactions of some pages each, and no clean end: the -wal stays."""
    db = apsw.Connection(str(path), vfs=vfs or None)
    for pragma in ("journal_mode = wal", "synchronous = full", "wal_autocheckpoint = 0"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b BLOB)")
    for number in range(start, start + count):
        db.execute("INSERT INTO t VALUES (?, ?)", (number, random.Random(number).randbytes(9000)))
    _open.append(db)


_open: list[apsw.Connection] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


def rows(folder: Path) -> int:
    db = apsw.Connection(str(folder / "station.db"))
    try:
        ((count,),) = db.execute("SELECT count(*) FROM t")
        return int(count)
    except apsw.SQLError:
        return -1  # not even the table
    finally:
        db.close()


def copied(path: Path, to: Path, image: bytes | bytearray) -> Path:
    to.mkdir(exist_ok=True)
    for left in to.iterdir():
        left.unlink()
    (to / "station.db").write_bytes(path.read_bytes())
    (to / "station.db-wal").write_bytes(image)
    return to / "station.db"


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    write(tmp_path / "station.db", _COMMITS)
    return tmp_path / "station.db"


def test_a_whole_one_and_none_are_no_fault(whole: Path, tmp_path: Path) -> None:
    assert wal.fault(whole) == ""
    assert wal.fault(tmp_path / "other.db") == ""


def test_a_turned_bit_is_told_or_costs_no_more_than_the_last_transaction(whole: Path, tmp_path: Path) -> None:
    image = whole.with_name("station.db-wal").read_bytes()
    frames = (len(image) - _HEADER) // _FRAME
    heads = [_HEADER + number * _FRAME + byte for number in range(frames) for byte in range(0, 24, 5)]
    told = 0
    for at in sorted({*range(_HEADER), *heads, *range(0, len(image), 997)}):
        turned = bytearray(image)
        turned[at] ^= 1 << at % 8
        database = copied(whole, tmp_path / "turned", turned)
        said = wal.fault(database)
        told += bool(said)
        # The word that says that a frame ends a transaction is the one that can make two of one.
        ends = at >= _HEADER and (at - _HEADER) % _FRAME in range(4, 8)
        assert said or rows(database.parent) >= _COMMITS - 1 - ends, f"byte {at}"
    assert told > frames


@pytest.mark.parametrize(
    "size", [0, 7, 31, 32, 33, _HEADER + _FRAME - 1, _HEADER + 3 * _FRAME, _HEADER + 5 * _FRAME + 9]
)
def test_one_that_is_cut_is_no_fault_as_nothing_tells_it_from_a_shorter_one(
    whole: Path, tmp_path: Path, size: int
) -> None:
    image = whole.with_name("station.db-wal").read_bytes()
    assert wal.fault(copied(whole, tmp_path / "cut", image[:size])) == ""


def test_what_power_cuts_leave_of_a_transaction_is_no_fault_also_after_several(tmp_path: Path) -> None:
    for seed in range(40):
        chance, at = random.Random(seed), tmp_path / f"seed {seed}"
        at.mkdir()
        for cut in range(3):
            disk, into = Disk(at), tmp_path / f"seed {seed} cut {cut}"
            disk.fail_at = disk.count + chance.randrange(8, 60)
            try:
                write(at / "station.db", 8, start=10 * cut, vfs=disk.vfs)
            except apsw.Error:
                disk.heal()
            disk.after_power_cut(into, chance)
            disk.unregister()
            assert wal.fault(into / "station.db") == ""
            at = into


def test_a_station_does_not_start_on_what_lost_committed_transactions(whole: Path, tmp_path: Path) -> None:
    image = bytearray(whole.with_name("station.db-wal").read_bytes())
    image[_HEADER + 100] ^= 1
    database = copied(whole, tmp_path / "turned", image)
    with pytest.raises(StoreError, match="frame 1 cannot be read") as refused:
        connect(database)
    assert "hotline recover" in refused.value.remedy
