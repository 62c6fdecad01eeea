"""A copy of the database as it was at one moment."""

import threading
from pathlib import Path

import apsw
import pytest

from hotline.errors import StoreError
from hotline.station.bodies import read_body
from hotline.store.copying import copy_database
from hotline.store.remains import fault_of
from hotline.store.store import Store


def test_a_copy_beside_a_writer_is_one_moment_of_it(tmp_path: Path) -> None:
    """Each commit writes the same number into two tables: a copy that mixed two moments would hold two numbers."""
    source = tmp_path / "station.db"
    Store(source, read_body).close()
    stop, begun, more = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        db = apsw.Connection(str(source))
        db.set_busy_timeout(2000)
        number = 0
        while not stop.is_set():
            number += 1
            with db:
                sql = "INSERT INTO cursor (name, seq, at_ms) VALUES (?, ?, 0)"
                db.execute(sql, (f"{number}", number))
                db.execute(
                    "INSERT INTO rejected (line, path, reason, count, first_ms, last_ms) VALUES (x'', ?, 'x', ?, 0, 0)",
                    (str(number), number),
                )
            (more if begun.is_set() else begun).set()
        db.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(60)
        for number in range(10):
            copy_database(source, tmp_path / f"copy-{number}")
            if number in (0, 8):  # whatever else the machine does, something is written between the first and the last
                more.clear()
                assert more.wait(60)
    finally:
        stop.set()
        writer.join()
    sizes = []
    for number in range(10):
        assert fault_of(tmp_path / f"copy-{number}") == ""
        db = apsw.Connection(str(tmp_path / f"copy-{number}"), flags=apsw.SQLITE_OPEN_READONLY)
        (one,) = list(db.execute("SELECT count(*), max(seq) FROM cursor"))
        (two,) = list(db.execute("SELECT count(*), max(count) FROM rejected"))
        db.close()
        assert one == two
        sizes.append(one[0])
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1], "nothing was written meanwhile: the test shows nothing"


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    Store(tmp_path / "station.db", read_body).close()
    (tmp_path / "copy").write_bytes(b"mine")
    with pytest.raises(StoreError, match="File exists"):
        copy_database(tmp_path / "station.db", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"mine"
