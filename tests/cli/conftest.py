"""Homes and running stations for the tests of the command line."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hotline.cli.processes import Group
from hotline.cli.scene import Scene
from hotline.custody import safety
from hotline.custody.ceremony import Plan, make_station
from hotline.home import Home


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south`; not to be changed."""
    folder = tmp_path_factory.mktemp("cli")
    for name in ("north", "south"):
        make_station(Home(folder / name), Plan(name.upper(), phone="+1 555 0100"), None)
    return folder


@pytest.fixture
def north(made: Path, tmp_path: Path) -> Home:
    shutil.copytree(made / "north", tmp_path / "north")
    return Home(tmp_path / "north")


@pytest.fixture
def south(made: Path, tmp_path: Path) -> Home:
    shutil.copytree(made / "south", tmp_path / "south")
    return Home(tmp_path / "south")


@pytest.fixture
def number(made: Path) -> str:
    """The safety number of the two homes."""
    return safety.number(Home(made / "north").card(), Home(made / "south").card())


@dataclass(frozen=True)
class Pair:
    """Two running stations with a line between them."""

    north: Home
    south: Home


@contextmanager
def running(folder: Path) -> Iterator[Pair]:
    """A relay and two stations as processes, until the block ends."""
    group = Group(folder)
    scene = Scene(folder, group, lambda _step, _text, _seconds: None)
    try:
        asyncio.run(scene.set_up())
        yield Pair(scene.north, scene.south)
    finally:
        group.stop_all()


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A running pair shared by the tests: each looks at the notices that it sent itself."""
    with running(tmp_path_factory.mktemp("pair")) as made:
        yield made
