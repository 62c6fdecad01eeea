"""Each of the last snapshots of a station put back in mid-traffic, and a clone beside it: one history, none twice."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from hotline.api.types import Notice
from hotline.client import Client
from hotline.core import tree
from hotline.home import Home
from hotline.recovery.backup import back_up
from hotline.store.archive import Archive
from tests.brokers import Broker, eventually
from tests.integration.pair import Station, all_stored, inbox, pair
from tests.integration.test_restored import assert_one_history, heard
from tests.station.pair import Stage, consultation, copy_home, line_of, stored, until

SNAPSHOTS = 8
Heads = dict[str, set[tuple[int, bytes]]]


@pytest.fixture
def homes(made: Path, tmp_path: Path) -> tuple[Home, Home]:
    north, south = (copy_home(Home(made / name), tmp_path / name) for name in ("north", "south"))
    return north, south


def seen(homes: list[Home]) -> Heads:
    """Every signed head that is held anywhere, by log."""
    found: Heads = {}
    for home in homes:
        (peer,) = home.lines()
        with Archive.open(home.database_path) as archive:
            for log in archive.logs(peer.id):
                found.setdefault(log.origin, set()).update((h.size, h.root) for h in archive.heads(log))
    return found


def assert_never_two(heads: Heads, *homes: Home) -> None:
    """No size has two heads and, of the homes at the end, every head seen is one of the longest copy of its log."""
    for origin, each in heads.items():
        sizes = [size for size, _ in each]
        assert len(sizes) == len(set(sizes)), f"two heads of one size: {origin}"
        roots = max((roots_of(home, origin) for home in homes), key=len, default={})
        assert not homes or {head for head in each if roots.get(head[0]) != head[1]} == set(), origin


def roots_of(home: Home, origin: str) -> dict[int, bytes]:
    """The root of a log at each size, from its leaves."""
    (peer,) = home.lines()
    frontier, roots = tree.Frontier(), {}
    with Archive.open(home.database_path) as archive:
        (log,) = [each for each in archive.logs(peer.id) if each.origin == origin]
        for _, stored_entry in archive.entries(log.id):
            frontier.push(stored_entry.leaf)
            roots[frontier.size] = frontier.root()
    return roots


async def arrived(client: Client, most: int) -> list[Notice]:
    """Wait for so many notices in the inbox."""
    return await until(lambda: inbox(client), lambda page: len(page) >= most, what=f"{most} notices")


def put_back(home: Home, copy: Home, *, lock: bool) -> None:
    """The whole home as it was, or with `lock` its database alone, beside the lock file of now."""
    kept = home.heads_lock_path.read_bytes()
    shutil.rmtree(home.path)
    copy_home(copy, home.path)
    if lock:
        home.heads_lock_path.write_bytes(kept)


@asynccontextmanager
async def talking(client: Client, prefix: str, said: list[str]) -> AsyncIterator[None]:
    """Traffic from one side until the block ends; `said` collects what was taken."""

    async def talk() -> None:
        for number in count():
            if done.is_set():
                return
            await client.submit(consultation(f"{prefix} {number}", id=os.urandom(16).hex()))
            said.append(f"{prefix} {number}")
            await asyncio.sleep(0.05)

    done = asyncio.Event()
    task = asyncio.create_task(talk())
    try:
        yield
    finally:
        done.set()
        await task


async def snapshots(stage: Stage, north: Home, south: Home, folder: Path) -> tuple[list[Home], int]:
    """NORTH speaks between its snapshots, half of them stop-copies, half `hotline backup` while both sides speak."""
    copies: list[Home] = []
    said: list[str] = []
    async with stage.running(south) as s:
        for number in range(SNAPSHOTS):
            async with stage.running(north) as n, talking(s, f"south {number}", said):
                await stored(n, consultation(f"north {number}"))
                if number % 2:
                    back_up(north, folder / f"copy-{number}")
                    copies.append(Home(folder / f"copy-{number}"))
                await stored(n, consultation(f"north {number} again"))
            if not number % 2:
                copies.append(copy_home(north, folder / f"copy-{number}"))
        async with stage.running(north) as n:
            await stored(n, consultation("the last"))
            await all_stored(s)
    return copies, len(said)


@pytest.mark.parametrize("lock", [False, True], ids=["the whole home", "the database alone"])
async def test_each_of_the_last_snapshots_put_back_in_mid_traffic_takes_its_own_words_back_and_goes_on(
    homes: tuple[Home, Home], tmp_path: Path, *, lock: bool
) -> None:
    stage, (north, south) = Stage(), homes
    copies, _ = await snapshots(stage, north, south, tmp_path)
    expected = 2 * SNAPSHOTS + 1
    heads = seen([north, south, *copies])
    said: list[str] = []
    async with stage.running(south) as s, talking(s, "south on", said):
        for number, copy in enumerate(copies):
            put_back(north, copy, lock=lock)
            async with stage.running(north) as n:
                await stored(n, consultation(f"after copy {number}"))
                expected += 1
                line = await line_of(n)
                # What SOUTH sealed to keys that are no more may be many frames at once, if the machine is slow.
                assert {a.kind for a in line.alarms} <= {"restored", "lock-file", "flood"}, line.alarms
                got = await arrived(s, expected)
                assert [x.serial for x in got] == list(range(1, expected + 1)), "each once, in order"
            for origin, more in seen([north, south]).items():
                heads[origin] |= more
            assert_never_two(heads)
    async with stage.running(south) as s, stage.running(north) as n:
        await all_stored(s)
        await all_stored(n)
        got = await until(lambda: inbox(n), lambda page: len({x.id for x in page}) >= len(said), what="all of SOUTH's")
        assert len({x.id for x in got}) == len(got), "none twice"
    assert_never_two(heads, north, south)
    assert_one_history(north, south)


async def test_a_receivers_store_put_back_is_refilled_and_a_consumer_that_kept_its_place_gets_nothing_twice(
    homes: tuple[Home, Home], tmp_path: Path
) -> None:
    stage, (north, south) = Stage(), homes
    async with stage.running(north) as n:
        async with stage.running(south) as s:
            for text in ("one", "two"):
                await stored(n, consultation(text))
            first = await until(lambda: s.inbox(consumer="printer"), lambda p: len(p.notices) == 2, what="two notices")
            await s.confirm("printer", first.notices[-1].seq)
        copy = copy_home(south, tmp_path / "copy")
        async with stage.running(south) as s:
            for text in ("three", "four"):
                await stored(n, consultation(text))
            await heard(s, "one", "two", "three", "four")
        put_back(south, copy, lock=True)
        async with stage.running(south) as s:
            await heard(s, "one", "two", "three", "four")
            line = await until(
                lambda: line_of(n), lambda at: [a for a in at.alarms if a.kind == "peer-lost-data"], what="the alarm"
            )
            told = [alarm.text for alarm in line.alarms if alarm.kind == "peer-lost-data"]
            assert "shows 3 of the 5 entries that it receipted" in told[0]
            page = await s.inbox(consumer="printer")
            assert [(x.subject, x.recovered) for x in page.notices] == [("three", True), ("four", True)]
            await stored(n, consultation("five"))
            await heard(s, "one", "two", "three", "four", "five")
            assert [x.state for x in (await n.outbox()).notices] == ["STORED"] * 5, "it stands"
    assert_one_history(north, south)


async def test_two_old_databases_beside_their_lock_files_stand_still_and_say_so_until_both_sides_disown_what_is_gone(
    homes: tuple[Home, Home], tmp_path: Path
) -> None:
    """SPEC section 11, and section 6 of the runbook."""
    stage, (north, south) = Stage(), homes
    copies = []
    for number in range(2):
        async with stage.running(north) as n, stage.running(south) as s:
            await stored(n, consultation(f"north {number}"))
            await stored(s, consultation(f"south {number}"))
            await all_stored(n)
            await all_stored(s)
        copies.append([copy_home(home, tmp_path / f"{home.path.name}-{number}") for home in homes])
    for home, copy in zip(homes, copies[0], strict=True):
        put_back(home, copy, lock=True)
    async with stage.running(north) as n, stage.running(south) as s:
        for client in (n, s):
            line = await until(lambda c=client: line_of(c), lambda at: at.rebuild and at.rebuild.why, what="why")  # type: ignore[misc]  # mypy cannot infer a default
            assert line.rebuild is not None
            assert "what lies between is lost" in line.rebuild.why
            assert (line.state, line.own.signed) == ("stalled", 2)
    for home in homes:
        home.heads_lock_path.unlink()
    async with stage.running(north) as n, stage.running(south) as s:
        await stored(n, consultation("on from here"))
        await stored(s, consultation("on from here"))


# --- real processes ----------------------------------------------------------------------------------------------


async def test_a_backup_of_a_running_station_under_traffic_is_one_moment_and_can_be_put_in_its_place(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        said: list[str] = []
        async with two.clients() as (north, south):
            async with talking(north, "north", said), talking(south, "south", []):
                copies = []
                for number in range(3):
                    await more_said(said)
                    await asyncio.to_thread(back_up, two.north.home, tmp_path / f"backup-{number}")
                    copies.append(Home(tmp_path / f"backup-{number}"))
            await all_stored(north)
            await two.north.kill()
            heads = seen([two.north.home, two.south.home, *copies])
            shutil.rmtree(two.north.home.path)
            copies[0].path.rename(two.north.home.path)
            await two.north.start()
            await stored(north, consultation("after"))
            got = await until(lambda: inbox(south), lambda page: len(page) > len(said), what="all of NORTH's")
            assert [x.serial for x in got] == list(range(1, len(got) + 1))
            assert {x.subject for x in got} == {*said, "after"}
        await two.stop()
        for origin, more in seen([two.north.home, two.south.home]).items():
            heads[origin] |= more
        assert_never_two(heads, two.north.home, two.south.home)
        assert_one_history(two.north.home, two.south.home)
        two.verify()


async def more_said(said: list[str]) -> None:
    before = len(said)
    await eventually(lambda: len(said) > before + 3, what="traffic")


async def test_a_clone_started_beside_its_original_under_traffic_makes_no_second_history(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    """Both run at once, with the same keys, at the same peer; what each was given arrives once."""
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            await stored(north, consultation("before"))
            clone = Station(two.north.snapshot())
            await clone.start()
            try:
                async with Client(clone.home) as copied:
                    for number in range(6):
                        await north.submit(consultation(f"original {number}"))
                        await copied.submit(consultation(f"clone {number}"))
                    await until(lambda: inbox(south), lambda page: len(page) >= 13, within_s=60, what="13 notices")
            finally:
                await clone.kill()
            got = await inbox(south)
            wanted = ["before", *(f"{who} {n}" for who in ("original", "clone") for n in range(6))]
            assert sorted(x.subject for x in got) == sorted(wanted)
            await stored(north, consultation("alone again"))
        await two.stop()
        assert_never_two(seen([two.north.home, two.south.home, clone.home]))
        assert_one_history(two.north.home, two.south.home, clone.home)
        two.verify()
