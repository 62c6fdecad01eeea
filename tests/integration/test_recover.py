"""A station whose database is lost: after `hotline recover` its peer gives both logs back, or it says why not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.api.types import Answer, LineStatus
from hotline.client import Client
from hotline.errors import StoreError
from hotline.home import Home
from hotline.recovery import state
from hotline.recovery.recover import examine, prepare
from tests.brokers import ROOT, Broker
from tests.integration.pair import (
    Station,
    all_stored,
    inbox,
    numbered,
    pair,
    submit_all,
)
from tests.integration.test_restored import assert_all_verify, assert_one_history
from tests.station.pair import Stage, consultation, converse, copy_home, line_of, stored, until

AT_MS = 1_732_710_600_000


@pytest.fixture
def homes(made: Path, tmp_path: Path) -> tuple[Home, Home]:
    north, south = (copy_home(Home(made / name), tmp_path / name) for name in ("north", "south"))
    return north, south


def lose(home: Home, *, lock: bool = False) -> None:
    """The database is gone; with `lock` the lock file too."""
    for path in home.path.glob("station.db*"):
        path.unlink()
    if lock:
        home.heads_lock_path.unlink()


def recovered(home: Home) -> state.Recovery:
    return prepare(home, examine(home), AT_MS)


def damage(home: Home) -> None:
    """In the middle of the file, so that it opens and cannot be read."""
    data = bytearray(home.database_path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = os.urandom(20_000)
    home.database_path.write_bytes(bytes(data))


async def whole(client: Client) -> LineStatus:
    """Wait until nothing is being given back any more, and everything is signed."""
    return await until(
        lambda: line_of(client),
        lambda line: line.rebuild is None and line.own.signed == line.own.size > 0 and not line.not_stored,
        what="the rebuilt line",
    )


async def alarms(client: Client, kind: str) -> list[str]:
    return [alarm.text for alarm in (await line_of(client)).alarms if alarm.kind == kind]


@pytest.mark.parametrize("lock", [False, True], ids=["the lock file is there", "the lock file is gone too"])
async def test_a_lost_database_comes_back_from_the_peer_and_traffic_goes_on_in_both_directions(
    homes: tuple[Home, Home], *, lock: bool
) -> None:
    stage = Stage()
    north, south = homes
    async with stage.running(south) as s:
        async with stage.running(north) as n:
            await converse(n, s)
            before = {x.ref: (x.state, x.subject, x.index) for x in (await n.outbox()).notices}
        lose(north, lock=lock)
        with pytest.raises(StoreError, match="hotline recover"):
            await stage.daemon(north).run()
        assert not north.database_path.exists(), "it began anew"
        recovered(north)
        async with stage.running(north) as n:
            await whole(n)
            assert {x.ref: (x.state, x.subject, x.index) for x in (await n.outbox()).notices} == before
            assert [(x.subject, x.recovered) for x in await inbox(n)] == [("and from the south", True)]
            told = await until(lambda: alarms(n, "rebuilt"), len, what="the alarm, which follows")
            assert len(told) == 1
            assert "Lost for good: Queue: " in told[0]
            sent = await stored(n, consultation("after the loss"))
            assert sent.serial == 4
            assert (await stored(s, consultation("and back"))).serial == 2
            await n.answer(Answer(ref="SOUTH 2", verdict="acknowledged"))
            await s.wait_for("SOUTH 2", state="ACKNOWLEDGED", timeout_s=20)
            got = await until(lambda: inbox(s), lambda page: len(page) >= 4, what="four notices")
            assert [x.subject for x in got] == ["notice 1", "notice 2", "notice 3", "after the loss"], "each once"
    assert not north.recovery_path.exists()
    assert_one_history(north, south)
    assert_all_verify(north, south)


async def test_the_officer_of_an_answer_and_the_watch_are_named_as_before(homes: tuple[Home, Home]) -> None:
    stage = Stage()
    north, south = homes
    async with stage.running(south) as s:
        async with stage.running(north) as n:
            await converse(n, s)
            await n.answer(Answer(ref="SOUTH 1", verdict="acknowledged", text="roger"))
            await s.wait_for("SOUTH 1", state="ACKNOWLEDGED", timeout_s=20)
            await all_stored(n)
            before = [(x.state, x.officer, x.text) for x in (await n.show("SOUTH 1")).ladder]
            assert ("ACKNOWLEDGED", "Duty officer", "roger") in before
        lose(north)
        recovered(north)
        async with stage.running(north) as n:
            await whole(n)
            assert [(x.state, x.officer, x.text) for x in (await n.show("SOUTH 1")).ladder] == before


async def test_a_damaged_database_is_moved_aside_with_what_only_it_held_and_comes_back(
    homes: tuple[Home, Home],
) -> None:
    stage = Stage()
    north, south = homes
    async with stage.running(south) as s:
        async with stage.running(north) as n:
            await converse(n, s)
        async with stage.running(north, relays=("second",)) as n:
            await n.submit(consultation("never left"))
        damage(north)
        broken = north.database_path.read_bytes()
        prepared = recovered(north)
        assert (north.path / prepared.folder / "station.db").read_bytes() == broken, "nothing is deleted"
        async with stage.running(north) as n:
            await whole(n)
            await stored(n, consultation("on it goes"))
        assert (north.path / prepared.folder / "recovery.json").exists(), "the note is kept with it"
    assert_one_history(*homes)
    assert_all_verify(*homes)


async def test_while_it_is_rebuilt_nothing_is_proposed_or_signed_and_what_is_sent_waits(
    homes: tuple[Home, Home],
) -> None:
    stage = Stage()
    north, south = homes
    async with stage.running(south) as s, stage.running(north) as n:
        await converse(n, s)
    lose(north, lock=True)
    recovered(north)
    async with stage.running(north) as n:
        waiting = await n.submit(consultation("patience"))
        line = await line_of(n)
        assert line.rebuild is not None
        assert (line.own.size, line.own.signed, line.queued) == (0, 0, 1), "no genesis of its own"
        assert [alarm.kind for alarm in line.alarms if alarm.kind == "rebuilding"] == ["rebuilding"]
        async with stage.running(south) as s:
            await n.wait_for(waiting.id, state="STORED", timeout_s=20)
            got = await until(lambda: inbox(s), lambda page: len(page) == 4, what="the fourth notice")
            assert [x.subject for x in got] == ["notice 1", "notice 2", "notice 3", "patience"]
    assert_one_history(*homes)


@pytest.mark.parametrize("lock", [False, True], ids=["the lock file is there", "the lock file is gone too"])
async def test_a_peer_that_lost_its_store_too_gives_nothing_and_the_station_stands_still_and_says_so(
    made: Path, homes: tuple[Home, Home], *, lock: bool
) -> None:
    stage = Stage()
    north, south = homes
    async with stage.running(south) as s, stage.running(north) as n:
        await converse(n, s)
    lose(north, lock=lock)
    recovered(north)
    blank = copy_home(Home(made / "south"), south.path.with_name("blank"))
    async with stage.running(blank), stage.running(north) as n:
        await n.submit(consultation("nowhere"))
        line = await until(lambda: line_of(n), lambda at: at.rebuild and at.rebuild.why, what="why it stands still")
        assert line.rebuild is not None
        assert ("holds nothing" in line.rebuild.why) == lock
        assert ("we have signed 4" in line.rebuild.why) != lock
        assert line.state == "stalled"
        assert line.own.signed == line.own.size == 0, "no second history"
        assert "stands-still" in {alarm.kind for alarm in line.alarms}
        assert line.phone == "+7 000"
    async with stage.running(south), stage.running(north) as n:  # its backup was found
        await whole(n)
    assert_one_history(*homes)


# --- real processes --------------------------------------------------------------------------------------------


def recover(home: Home, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hotline", "recover", "--home", str(home.path), *words],
        cwd=ROOT, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


async def killed_at(station: Station, client: Client, entries: int) -> bool:
    """kill -9 once so many have come back; whether it was before all had."""
    line = await until(
        lambda: line_of(client),
        lambda at: at.own.size + at.mirror.size >= entries or at.rebuild is None,
        what=f"{entries} entries",
    )
    await station.kill()
    return line.rebuild is not None


async def test_kill_9_again_and_again_while_the_peer_hands_back_ends_in_one_whole_history(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            await submit_all(north, numbered(400, "north"))
            await submit_all(south, numbered(400, "south"))
            await all_stored(north)
            await all_stored(south)
            await until(lambda: inbox(south), lambda page: len(page) == 400, what="all of NORTH's")
            await two.north.kill()
            lose(two.north.home, lock=True)
            done = recover(two.north.home, "--yes", "--json")
            assert done.returncode == 0, done
            assert json.loads(done.stdout)["lock"] == "missing"
            hits = 0
            for part in (1, 200, 400):
                await two.north.start()
                hits += await killed_at(two.north, north, part)
                if not state.load(two.north.home).lines:
                    break
            assert hits, "it was never caught in the middle"
            await two.north.start()
            await until(lambda: line_of(north), lambda at: at.rebuild is None, what="the rebuilt line", within_s=60)
            await stored(north, consultation("afterwards"))
            await stored(south, consultation("afterwards"))
            await until(lambda: inbox(south), lambda page: len(page) >= 401, what="the one afterwards")
            assert len(await inbox(south)) == 401
            got = await until(lambda: inbox(north), lambda page: len(page) >= 401, what="all of SOUTH's")
            assert len({notice.id for notice in got}) == 401, "none twice"
        await two.stop()
        assert_one_history(two.north.home, two.south.home)
        two.verify()


async def test_recover_is_refused_while_the_daemon_runs_for_a_sound_home_and_with_a_wrong_passphrase(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.north.start()
        busy = recover(two.north.home, "--yes")
        assert (busy.returncode, "in use by a running daemon" in busy.stderr) == (4, True), busy
        await two.north.stop()
        sound = recover(two.north.home, "--yes")
        assert (sound.returncode, "is sound: there is nothing to recover" in sound.stderr) == (2, True), sound
        lose(two.north.home)
        asked = recover(two.north.home)
        assert (asked.returncode, "--yes" in asked.stderr) == (2, True), asked
        before = sorted(path.name for path in two.north.home.path.rglob("*"))
        shutil.copy(_locked_keys(tmp_path), two.north.home.station_key_path)
        wrong = recover(two.north.home, "--yes", HOTLINE_PASSPHRASE="not this one")
        assert (wrong.returncode, "does not open" in wrong.stderr) == (2, True), wrong
        assert sorted(path.name for path in two.north.home.path.rglob("*")) == before, "nothing was changed"


def _locked_keys(folder: Path) -> Path:
    """Key file of another station, under a passphrase."""
    made = subprocess.run(
        [sys.executable, "-m", "hotline", "init", "--home", str(folder / "other"), "--name", "OTHER"],
        cwd=ROOT, env={**os.environ, "HOTLINE_PASSPHRASE": "correct horse battery"}, capture_output=True,
        stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made
    return Home(folder / "other").station_key_path
