"""Old copies of a home put back into service: no second history is signed, nothing that was said is lost."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from hotline.audit import verify_home
from hotline.client import Client
from hotline.core import tree
from hotline.home import Home
from hotline.store.archive import Archive
from tests.brokers import Broker
from tests.integration.pair import inbox, pair
from tests.station.pair import Stage, consultation, copy_home, line_is, line_of, stored, until


@pytest.fixture
def homes(made: Path, tmp_path: Path) -> tuple[Home, Home]:
    north, south = (copy_home(Home(made / name), tmp_path / name) for name in ("north", "south"))
    return north, south


async def say(client: Client, *texts: str) -> None:
    for text in texts:
        await stored(client, consultation(text))


async def heard(client: Client, *texts: str) -> None:
    """Exactly these, each once, whatever the order."""
    got = await until(lambda: inbox(client), lambda page: len(page) >= len(texts), what=f"{len(texts)} notices")
    assert sorted(notice.subject for notice in got) == sorted(texts)
    assert [notice.serial for notice in got] == list(range(1, len(texts) + 1))


def assert_one_history(*homes: Home) -> None:
    """Every head that anybody holds of a log is a head of the longest copy of it: no key signed two histories."""
    copies = [(log, heads, leaves) for home in homes for log, heads, leaves in _logs(home)]
    for origin in {log for log, _, _ in copies}:
        longest = max((leaves for log, _, leaves in copies if log == origin), key=len)
        frontier, roots = tree.Frontier(), {}
        for leaf in longest:
            frontier.push(leaf)
            roots[frontier.size] = frontier.root()
        signed = {head for log, heads, _ in copies if log == origin for head in heads}
        assert signed, origin
        assert {(size, root) for size, root in signed if roots.get(size) != root} == set()


def _logs(home: Home) -> Iterable[tuple[str, set[tuple[int, bytes]], list[bytes]]]:
    (peer,) = home.lines()
    with Archive.open(home.database_path) as archive:
        for log in archive.logs(peer.id):
            leaves = [stored.leaf for _, stored in archive.entries(log.id)]
            yield log.origin, {(head.size, head.root) for head in archive.heads(log)}, leaves


def assert_all_verify(*homes: Home) -> None:
    for home in homes:
        assert verify_home(home).all_problems() == []


async def test_a_home_restored_whole_takes_its_later_words_back_from_the_peer(
    homes: tuple[Home, Home], tmp_path: Path
) -> None:
    stage = Stage()
    async with stage.running(homes[1]) as south:
        async with stage.running(homes[0]) as north:
            await say(north, "one", "two")
        backup = copy_home(homes[0], tmp_path / "backup")
        async with stage.running(homes[0]) as north:
            await say(north, "three", "four")
        async with stage.running(backup) as north:
            line = await until(lambda: line_of(north), lambda line: line.own.size == 5, what="adoption")
            assert {alarm.kind for alarm in line.alarms} == {"restored"}
            assert "taken back from the peer" in line.alarms[0].text
            assert (await north.show("NORTH 4")).subject == "four"
            await say(north, "five")
        await heard(south, "one", "two", "three", "four", "five")
    assert_one_history(homes[0], homes[1], backup)
    assert_all_verify(homes[1], backup)


async def test_an_older_database_beside_a_newer_lock_file_signs_nothing_until_it_has_caught_up(
    homes: tuple[Home, Home], tmp_path: Path
) -> None:
    stage = Stage()
    async with stage.running(homes[0]) as north, stage.running(homes[1]):
        await say(north, "one")
    backup = copy_home(homes[0], tmp_path / "backup")
    async with stage.running(homes[0]) as north, stage.running(homes[1]):
        await say(north, "two")
    shutil.copy(homes[0].heads_lock_path, backup.heads_lock_path)
    problems = verify_home(backup).all_problems()
    assert len(problems) == 2, "the journal and the line, each by what the lock file names"
    assert all("an older database was restored" in problem for problem in problems)
    async with stage.running(backup) as north:
        queued = await north.submit(consultation("three"))
        line = await line_of(north)
        assert [alarm.kind for alarm in line.alarms] == ["restored"]
        assert (line.own.size, line.queued) == (2, 1)
        async with stage.running(homes[1]) as south:
            await north.wait_for(queued.id, state="STORED", timeout_s=20)
            await heard(south, "one", "two", "three")
    assert_one_history(homes[0], homes[1], backup)
    assert_all_verify(homes[1], backup)


async def test_a_clone_that_said_something_else_yields_and_its_words_go_out_after_those_of_the_original(
    homes: tuple[Home, Home], tmp_path: Path
) -> None:
    stage = Stage()
    async with stage.running(homes[1], relays=("first", "second")) as south:
        async with stage.running(homes[0]) as north:
            await say(north, "before")
        clone = copy_home(homes[0], tmp_path / "clone")
        async with stage.running(clone, relays=("second",)) as copied:
            await line_is(copied, "attended")
            stage.brokers["second"].stop()
            for text in ("clone one", "clone two"):
                await copied.submit(consultation(text))
            await until(lambda: line_of(copied), lambda line: line.own.size == 4, what="proposals of the clone")
            async with stage.running(homes[0]) as north:
                await say(north, "original one", "original two")
            stage.brokers["second"].start()
            line = await until(lambda: line_of(copied), lambda line: line.own.signed == 6, what="adoption")
            assert "2 were displaced" in "\n".join(alarm.text for alarm in line.alarms)
            await heard(south, "before", "original one", "original two", "clone one", "clone two")
    assert_one_history(homes[0], homes[1], clone)
    assert_all_verify(homes[1], clone)


async def test_a_station_that_lost_its_store_is_rebuilt_from_its_peer(homes: tuple[Home, Home], tmp_path: Path) -> None:
    stage = Stage()
    bare = copy_home(homes[0], tmp_path / "bare")
    async with stage.running(homes[1]) as south:
        async with stage.running(homes[0]) as north:
            await say(north, "one", "two")
            await say(south, "answer")
        async with stage.running(bare) as north:
            await until(lambda: line_of(north), lambda line: line.own.signed == 3, what="its own words")
            await heard(north, "answer")
            assert (await inbox(north))[0].recovered
            await say(north, "three")
        await heard(south, "one", "two", "three")
    assert_one_history(homes[0], homes[1], bare)
    assert_all_verify(homes[1], bare)


async def test_a_backup_of_a_running_process_is_taken_back_by_the_peer(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            await say(north, "one", "two")
            backup = two.north.snapshot()
            await say(north, "three")
            await two.north.kill()
            shutil.rmtree(two.north.home.path)
            backup.path.rename(two.north.home.path)
            await two.north.start()
            await say(north, "four")
            await heard(south, "one", "two", "three", "four")
        await two.stop()
        assert "taken back from the peer" in two.north.log
        assert_one_history(two.north.home, two.south.home)
        two.verify()
