"""What can still be read of a database that may be damaged."""

import os
from pathlib import Path

import apsw
import pytest

from hotline.errors import StoreError
from hotline.station.bodies import read_body
from hotline.store import schema
from hotline.store.remains import Remains, fault_of, remains_of
from hotline.store.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "station.db"
    Store(path, read_body).close()
    db = apsw.Connection(str(path))
    db.execute("INSERT INTO cursor (name, seq, at_ms) VALUES ('map', 0, 0), ('printer\x1b', 0, 0)")
    db.execute(
        "INSERT INTO draft (line, id, kind, subject, precedence, mode, expires_s, salt, body, drafter, officer,"
        " signature, made_ms) VALUES (x'', x'', '', '', 0, 0, 0, x'', x'', '', x'', x'', 0)"
    )
    db.close()
    return path


def test_a_sound_database_has_no_fault_and_is_not_changed(path: Path) -> None:
    before = path.read_bytes()
    assert fault_of(path) == ""
    assert remains_of(path) == Remains(0, (), 1, ("map", r"printer\u{1b}"))
    assert path.read_bytes() == before


@pytest.mark.parametrize("spoil", ["empty", "cut", "garbage", "noise"])
def test_each_kind_of_damage_is_named_and_not_one_byte_is_changed(path: Path, spoil: str) -> None:
    data = path.read_bytes()
    noise = data[:8192] + os.urandom(len(data) - 8192)
    spoilt = {"empty": b"", "cut": data[:-5000], "garbage": os.urandom(9000), "noise": noise}[spoil]
    path.write_bytes(spoilt)
    assert fault_of(path)
    remains_of(path)
    assert path.read_bytes() == spoilt


def test_of_one_that_is_gone_nothing_is_known(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "station.db")
    assert remains_of(tmp_path / "station.db") == Remains()
    assert not (tmp_path / "station.db").exists()


def test_the_database_of_a_newer_program_is_not_called_damaged(path: Path) -> None:
    db = apsw.Connection(str(path))
    db.pragma("user_version", schema.VERSION + 1)
    db.close()
    with pytest.raises(StoreError, match="newer"):
        fault_of(path)
