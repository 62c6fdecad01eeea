"""Homes for custody's tests: made once with open keys, copied for each test."""

import asyncio
import shutil
from pathlib import Path

import pytest

from hotline.custody.ceremony import Plan, make_station
from hotline.custody.keyfile import Cost
from hotline.home import Home
from tests.custody.ceremonies import talked

# The least that reading accepts: what is tested is not how long Argon2 takes.
CHEAP = Cost(memory_kib=8 * 1024, passes=1, lanes=1)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south`; not to be changed."""
    folder = tmp_path_factory.mktemp("homes")
    for name in ("north", "south"):
        make_station(Home(folder / name), Plan(name.upper(), phone="+7 000"), None)
    return folder


def _copy(made: Path, tmp_path: Path, name: str) -> Home:
    shutil.copytree(made / name, tmp_path / name)
    return Home(tmp_path / name)


@pytest.fixture
def north(made: Path, tmp_path: Path) -> Home:
    return _copy(made, tmp_path, "north")


@pytest.fixture
def south(made: Path, tmp_path: Path) -> Home:
    return _copy(made, tmp_path, "south")


@pytest.fixture(scope="session")
def talked_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south` whose stations have talked; not to be changed."""
    folder = tmp_path_factory.mktemp("talked")
    asyncio.run(talked(folder))
    return folder


@pytest.fixture
def pair_that_talked(talked_once: Path, tmp_path: Path) -> tuple[Home, Home]:
    """A copy of both."""
    north, south = (_copy(talked_once, tmp_path, name) for name in ("north", "south"))
    return north, south
