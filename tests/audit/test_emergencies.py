"""`hotline verify` re-reads the emergency texts too: a row that was altered is named."""

import asyncio
from pathlib import Path

import pytest

from hotline.api.types import EmergencyNew
from hotline.audit import verify_home
from hotline.home import Home
from tests.audit.test_verify import database
from tests.station.pair import Stage, copy_home, make_homes, until


async def _said(folder: Path) -> None:
    stage = Stage()
    async with stage.running(Home(folder / "north")) as north, stage.running(Home(folder / "south")):
        await north.emergency(EmergencyNew(text="Telephone us."))
        await until(north.emergencies, lambda found: found[0].seen_ms, what="SEEN")


@pytest.fixture(scope="session")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the homes `north`, which sent a text, and `south`, which has it; not to be changed."""
    folder = tmp_path_factory.mktemp("emergency")
    make_homes(folder)
    asyncio.run(_said(folder))
    return folder


def test_both_ends_hold(said: Path) -> None:
    for name in ("north", "south"):
        assert verify_home(Home(said / name)).all_problems() == []


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("south", "text = 'All is well.'", "other facts"),
        ("south", "time_ms = 1", "other facts"),
        ("south", "payload = x'00'", "cannot be read"),
        ("south", "payload = CAST(substr(payload, 1, 1000) || x'00' || substr(payload, 1002) AS BLOB)", "signature"),
        ("north", "seen = x'00'", "SEEN does not verify"),
    ],
)
def test_an_altered_text_is_named(said: Path, tmp_path: Path, name: str, change: str, problem: str) -> None:
    home = copy_home(Home(said / name), tmp_path / name)
    with database(home) as db:
        db.execute(f"UPDATE emergency SET {change}")  # noqa: S608  # fixed texts
    (found,) = verify_home(home).all_problems()
    assert problem in found
