"""Two homes that know each other, and one of them with a database and a lock file."""

from pathlib import Path

import pytest

from hotline.core.step import LockedHead
from hotline.core.view import Lock
from hotline.home import Home
from hotline.station.bodies import read_body
from hotline.store.lockfile import LockFile
from hotline.store.store import Store
from tests.station.pair import copy_home, make_homes


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south`; not to be changed."""
    folder = tmp_path_factory.mktemp("homes")
    make_homes(folder)
    return folder


@pytest.fixture
def new(made: Path, tmp_path: Path) -> Home:
    """A home whose station has never run."""
    return copy_home(Home(made / "north"), tmp_path / "north")


@pytest.fixture
def used(new: Home) -> Home:
    """A home with an empty database, beside a lock file that names 7 signed and 5 cosigned entries."""
    Store(new.database_path, read_body).close()
    (peer,) = new.lines()
    heads = LockedHead("mine/1", 7, bytes(32)), LockedHead("theirs/1", 5, bytes(32))
    LockFile(new.heads_lock_path).replace({peer.id: Lock(True, *heads)})
    return new
