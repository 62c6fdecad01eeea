"""What cannot work is said in one sentence, with an exit code that means something, and never with a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hotline import config
from hotline.custody.ceremony import Plan, make_station
from hotline.custody.enrol import enrol
from hotline.custody.keyfile import Cost
from hotline.custody.passphrase import Passphrase
from hotline.home import Home
from tests.brokers import ROOT, Broker
from tests.integration.pair import Station, pair
from tests.station.pair import Stage, consultation, copy_home, line_of, stored, until

CALLER, HOST = 2, 4
CHEAP = Cost(memory_kib=8 * 1024, passes=1, lanes=1)


@pytest.fixture
async def used(made: Path, tmp_path: Path) -> Home:
    """A home with a database and a lock file that were in use."""
    north, south = (copy_home(Home(made / name), tmp_path / name) for name in ("north", "south"))
    stage = Stage()
    async with stage.running(north) as client, stage.running(south):
        await stored(client, consultation("before"))
    return north


async def refused(home: Home, *options: str, code: int) -> str:
    """Start a daemon that must refuse; return its one sentence."""
    station = Station(home)
    process = station.spawn(*options)
    try:
        assert await station.ended() == code, station.log
    finally:
        process.kill()
        process.wait()
    errors = [line for line in station.log.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, station.log
    assert "Traceback" not in station.log
    return errors[0]


async def test_a_second_daemon_on_the_same_home_is_refused_and_the_first_goes_on(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        beside = Station(two.north.home)
        beside._logs = [tmp_path / "unused"]  # its log beside that of the first
        process = beside.spawn()
        assert process.wait(30) == HOST
        text = beside._logs[-1].read_text()
        assert f"is in use by a running daemon, process {two.north.pid}" in text
        assert f"kill {two.north.pid}" in text
        assert "Traceback" not in text
        async with two.clients() as (north, _):
            await stored(north, consultation("still here"))


async def test_a_wrong_passphrase_names_the_key_file(tmp_path: Path) -> None:
    home = Home(tmp_path / "north")
    make_station(home, Plan("NORTH"), Passphrase("the right one, and long enough"), cost=CHEAP)
    (tmp_path / "wrong").write_text("another one\n")
    (tmp_path / "wrong").chmod(0o600)
    text = await refused(home, "--passphrase-file", str(tmp_path / "wrong"), code=CALLER)
    assert "station.key" in text
    assert not home.database_path.exists()


async def test_a_wrong_relay_password_shows_in_the_status_and_ends_when_it_is_put_right(
    made: Path, tmp_path: Path, broker: Broker
) -> None:
    async with pair(made, tmp_path / "pair", broker) as two:
        right = broker.password_file.read_text()
        broker.password_file.write_text("wrong\n")
        await two.north.start()
        async with two.clients() as (north, _):
            status = await until(north.status, lambda s: s.paths[0].state == "refused", what="the refusal")
            assert status.paths[0].detail == "relay relay-0 refused the user name or password"
            assert status.lines[0].state == "path down"
        broker.password_file.write_text(right)
        await two.north.stop()
        assert "refused the user name or password" in two.north.log


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def overwrite(path: Path) -> None:
    path.write_bytes(b"this is no database, and never was one" * 100)


@pytest.mark.parametrize("damage", [truncate, overwrite])
async def test_a_damaged_database_stops_the_start_and_is_named(used: Home, damage: Callable[[Path], None]) -> None:
    damage(used.database_path)
    before = used.database_path.read_bytes()
    text = await refused(used, code=HOST)
    assert str(used.database_path) in text
    assert used.database_path.read_bytes() == before, "what may still be recovered was changed"


async def test_an_unreadable_lock_file_is_said_and_counts_as_restored_until_the_peer_has_spoken(
    used: Home, tmp_path: Path
) -> None:
    used.heads_lock_path.write_text("hotline-lock/1\nnot what was written\n")
    stage = Stage()
    async with stage.running(used) as north:
        line = await line_of(north)
        told = {alarm.kind: alarm.text for alarm in line.alarms}
        assert set(told) == {"lock-file", "restored"}
        assert f"{used.heads_lock_path} cannot be read" in told["lock-file"]
        queued = await north.submit(consultation("waits"))
        assert (await line_of(north)).own.signed == 2
        async with stage.running(Home(tmp_path / "south")):
            await north.wait_for(queued.id, state="STORED", timeout_s=20)
    async with stage.running(used) as north:
        assert len((await line_of(north)).alarms) == 2, "it was written anew, and is read again"


async def test_a_lock_file_that_cannot_be_replaced_stops_the_station_with_a_sentence(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    """A folder in its place: it cannot be read as a lock file, nor can one be renamed onto it."""
    async with pair(made, tmp_path / "pair", relay) as two:
        (two.north.home.heads_lock_path / "in-the-way").mkdir(parents=True)
        await two.south.start()
        two.north.spawn()
        assert await two.north.ended() == HOST
        errors = [line for line in two.north.log.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1
        assert "heads.lock cannot be written" in errors[0]
        assert "Traceback" not in two.north.log


async def test_an_unknown_key_in_the_settings_is_named_with_its_file(used: Home) -> None:
    used.config_path.write_text("[station]\nlog_levle = 'info'\n")
    assert "log_levle" in await refused(used, code=CALLER)


async def test_a_peer_with_another_key_never_gets_in_and_its_frames_are_counted(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    """South's home was made anew, by somebody, and enrolled North; North knows the old South."""
    async with pair(made, tmp_path / "pair", relay) as two:
        impostor = Home(tmp_path / "impostor")
        make_station(impostor, Plan("SOUTH"), None)
        enrol(impostor, two.north.home.card_path, confirm=lambda *_: True)
        config.add_relay(impostor.config_path, relay.config("relay-0"))
        false = Station(impostor)
        await two.north.start()
        await false.start()
        try:
            async with two.clients() as (north, _):
                queued = await north.submit(consultation("for South alone"))
                assert (await line_of(north)).peer_heard_s is None
                assert (await north.show(queued.id)).state == "QUEUED"
        finally:
            await false.kill()


def test_a_refusal_is_a_json_document_too_when_asked(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "hotline", "run", "--json", "--home", str(tmp_path / "nothing")],
        capture_output=True, text=True, check=False, timeout=30, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == CALLER
    assert json.loads(run.stdout)["exit"] == CALLER
