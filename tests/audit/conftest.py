"""One conversation, had once, whose homes are copied for each test."""

import asyncio
from pathlib import Path

import pytest

from hotline.home import Home
from tests.station.pair import Stage, converse, copy_home, make_homes


async def _converse(folder: Path) -> None:
    stage = Stage()
    async with stage.running(Home(folder / "north")) as north, stage.running(Home(folder / "south")) as south:
        await converse(north, south)


@pytest.fixture(scope="session")
def conversed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south` after `converse`; not to be changed."""
    folder = tmp_path_factory.mktemp("homes")
    make_homes(folder)
    asyncio.run(_converse(folder))
    return folder


@pytest.fixture
def north(conversed: Path, tmp_path: Path) -> Home:
    return copy_home(Home(conversed / "north"), tmp_path / "north")


@pytest.fixture
def south(conversed: Path, tmp_path: Path) -> Home:
    return copy_home(Home(conversed / "south"), tmp_path / "south")
