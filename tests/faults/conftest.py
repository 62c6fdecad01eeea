"""Homes for the plays, and whether every single step and byte is wanted (`make damage`) or those that differ."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.faults.machine import watch_locks
from tests.faults.pair import Theatre
from tests.station.pair import make_homes

EVERY = os.environ.get("DAMAGE") == "every"


@pytest.fixture(scope="session")
def every() -> bool:
    return EVERY


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north` and `south`; not to be changed."""
    folder = tmp_path_factory.mktemp("homes")
    make_homes(folder)
    return folder


@pytest.fixture
def steps() -> Iterator[None]:
    """The lock file's calls are steps; what two stations log in a thousand lives is not kept."""
    undo = watch_locks()
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    yield
    structlog.configure(**before)
    undo()


@pytest.fixture(scope="session")
def theatre(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    undo = watch_locks()
    try:
        return Theatre.build(made, tmp_path_factory.mktemp("acts"))
    finally:
        undo()
