"""The judgement of two homes on disk finds what it is there to find, and an old home is put back as it was."""

import asyncio
from pathlib import Path

import apsw
import pytest

from hotline.home import Home
from tests.chaos.ondisk import problems
from tests.chaos.sides import held
from tests.station.pair import Stage, consultation, converse, copy_home, make_homes

Homes = tuple[Home, Home]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Two homes that have spoken with each other, at rest."""
    folder = tmp_path_factory.mktemp("spoken")
    make_homes(folder)
    north, south = Home(folder / "north"), Home(folder / "south")

    async def speak() -> None:
        stage = Stage()
        async with stage.running(north) as one, stage.running(south) as other:
            await converse(one, other)

    asyncio.run(speak())
    return north, south


@pytest.fixture
def homes(spoken: Homes, tmp_path: Path) -> Homes:
    north, south = (copy_home(home, tmp_path / home.path.name) for home in spoken)
    return north, south


def alter(home: Home, *statements: str) -> None:
    db = apsw.Connection(str(home.database_path))
    try:
        for sql in statements:
            db.execute(sql)
            assert db.changes() > 0, sql
    finally:
        db.close()


def test_two_homes_at_rest_agree(homes: Homes) -> None:
    assert problems(homes) == []


def test_what_is_stored_and_not_at_the_other_side_is_found(homes: Homes) -> None:
    """Whole rows are gone from the holder, so that its own verification cannot say how many there were."""
    mirror = "log = (SELECT id FROM log WHERE mine = 0)"
    alter(homes[1], *(f"DELETE FROM {table} WHERE {mirror} AND idx >= 3" for table in ("entry", "body", "inbox")))  # noqa: S608  # fixed
    assert "north shows entry 3 as STORED, and south does not hold it" in problems(homes)


def test_another_body_than_the_one_that_is_stored_is_found(homes: Homes) -> None:
    alter(homes[1], "UPDATE body SET body = x'00' WHERE log = (SELECT id FROM log WHERE mine = 0) AND idx = 1")
    assert "north shows entry 1 as STORED, and south does not hold it" in problems(homes)


def test_a_notice_that_is_shown_under_two_numbers_is_found(homes: Homes) -> None:
    first = "SELECT id FROM inbox WHERE type = 2 AND reason = '' ORDER BY idx LIMIT 1"
    alter(homes[1], f"UPDATE inbox SET id = ({first}) WHERE type = 2 AND idx = 2")  # noqa: S608  # fixed
    assert any(line.startswith("south shows notice") and line.endswith(" 2 times") for line in problems(homes))


async def test_what_a_home_holds_is_read_as_it_stands(homes: Homes) -> None:
    north, south = homes
    assert len(held(north).ids) == 3
    assert held(north).stored == held(north).ids
    assert held(south).cursor == 0
    alter(south, "INSERT INTO cursor (name, seq, at_ms) VALUES ('gateway', 2, 1)")
    assert held(south).cursor == 2
    async with Stage().running(north) as alone:
        queued = await alone.submit(consultation("nobody hears it"))
    assert held(north).ids - held(north).stored == {queued.id}
