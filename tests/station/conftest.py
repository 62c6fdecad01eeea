"""Homes made once, and copied for each test."""

from pathlib import Path

import pytest

from hotline.home import Home
from tests.station.pair import Stage, copy_home, make_homes


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south`; not to be changed."""
    folder = tmp_path_factory.mktemp("homes")
    make_homes(folder)
    return folder


@pytest.fixture
def north(made: Path, tmp_path: Path) -> Home:
    return copy_home(Home(made / "north"), tmp_path / "north")


@pytest.fixture
def south(made: Path, tmp_path: Path) -> Home:
    return copy_home(Home(made / "south"), tmp_path / "south")


@pytest.fixture
def stage() -> Stage:
    return Stage()
