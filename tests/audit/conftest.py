"""Conversations, had once, whose homes are copied for each test: of one generation, and of two."""

import asyncio
from functools import partial
from pathlib import Path

import pytest

from hotline.api.types import Answer, EmergencyNew
from hotline.home import Home
from tests.audit.closings import again, close_both
from tests.station.pair import Stage, consultation, converse, copy_home, line_of, make_homes, settled, stored, until


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


async def _go_on(folder: Path) -> None:
    """NORTH 4 is NORTH 3 again; NORTH 5 is new, and is answered; so is SOUTH 2."""
    stage = Stage()
    async with stage.running(Home(folder / "north")) as north, stage.running(Home(folder / "south")) as south:
        await stored(north, consultation("in another generation"))
        await stored(south, consultation("there too"))
        await south.answer(Answer(ref="NORTH 5", verdict="acknowledged", text="roger"))
        await north.emergency(EmergencyNew(text="Telephone us."))
        for client in (north, south):
            await until(partial(line_of, client), settled, what="both logs signed at both ends")
        await until(north.emergencies, lambda found: found[0].seen_ms, what="SEEN")


@pytest.fixture(scope="session")
def gone_on(conversed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south` in their second generation; not to be changed."""
    folder = tmp_path_factory.mktemp("generations")
    homes = [copy_home(Home(conversed / name), folder / name) for name in ("north", "south")]
    close_both(*homes)
    again(homes[0], 3)
    asyncio.run(_go_on(folder))
    return folder


@pytest.fixture
def later_north(gone_on: Path, tmp_path: Path) -> Home:
    return copy_home(Home(gone_on / "north"), tmp_path / "north")


@pytest.fixture
def later_south(gone_on: Path, tmp_path: Path) -> Home:
    return copy_home(Home(gone_on / "south"), tmp_path / "south")
