"""One run of a station: what it says while it starts, what ends it, and what is left when it has ended."""

import asyncio
import gc
from pathlib import Path

import pytest

from hotline.client import Client
from hotline.errors import BusyError, CardError, ConfigError, DaemonError, StoreError
from hotline.home import Home
from hotline.relay.memory import MemoryRelay
from hotline.station import daemon as daemon_module
from hotline.station.daemon import Daemon, run_daemon
from hotline.station.engine import Engine
from hotline.store.store import Store
from tests.station.pair import WITHIN_S, Stage, consultation, line_is, line_of, no_passphrase, stored


async def test_a_station_without_lines_runs_and_stops(stage: Stage, made: Path, north: Home) -> None:
    for path in north.lines_path.iterdir():
        path.unlink()
    async with stage.running(north) as client:
        assert (await client.status()).lines == []


async def test_attendance_is_told_to_the_peer_at_the_start(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as client, stage.running(south, attended=False):
        await line_is(client, "peer unattended")
    async with stage.running(north) as client, stage.running(south):
        await line_is(client, "attended")


async def test_frames_go_to_all_relays_and_one_is_enough(stage: Stage, north: Home, south: Home) -> None:
    both = ("first", "second")
    async with stage.running(north, relays=both) as sender, stage.running(south, relays=both):
        await stored(sender, consultation("over both"))
        stage.brokers["first"].stop()
        await stored(sender, consultation("over the second"))
        stage.brokers["first"].start()
        stage.brokers["second"].stop()
        await stored(sender, consultation("over the first"))
        assert (await line_of(sender)).rejected == {}


async def test_a_failing_store_ends_the_run_with_its_error(
    stage: Stage, north: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asyncio.create_task((daemon := stage.daemon(north)).run())
    async with Client(north) as client:
        await _answers(client)

        def full(*_: object) -> None:
            raise StoreError("The disk is full.", "Free some space.")

        monkeypatch.setattr(daemon._engine_ref.store, "commit", full)
        with pytest.raises(DaemonError):
            await client.submit(consultation("lost or not"))
    with pytest.raises(StoreError, match="The disk is full"):
        await asyncio.wait_for(run, WITHIN_S)
    assert not north.socket_path().exists()


@pytest.mark.parametrize("how", ["fails", "is cancelled", "returns"])
async def test_a_relay_whose_loop_ends_by_itself_ends_the_station_rather_than_leave_it_deaf(
    stage: Stage, north: Home, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    ends = asyncio.Event()

    async def run(self: MemoryRelay) -> None:
        await ends.wait()
        if how == "fails":
            raise ZeroDivisionError
        if how == "is cancelled":
            raise asyncio.CancelledError

    monkeypatch.setattr(MemoryRelay, "run", run)
    running = asyncio.create_task(stage.daemon(north).run())
    async with Client(north) as client:
        await _answers(client)
        ends.set()
        with pytest.raises((ZeroDivisionError, RuntimeError)):
            await asyncio.wait_for(running, WITHIN_S)


async def test_what_fails_before_the_start_leaves_no_database_open(stage: Stage, north: Home) -> None:
    (card,) = north.lines_path.glob("*.card")
    card.write_text("no card")
    with pytest.raises(CardError):
        await stage.daemon(north).run()
    assert not north.database_path.exists()
    gc.collect()


async def test_an_engine_that_cannot_be_made_closes_its_store(
    stage: Stage, north: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []

    class Watched(Store):
        def close(self) -> None:
            closed.append(True)
            super().close()

    def fail(*_: object, **_more: object) -> None:
        raise StoreError("A row is damaged.", "Restore.")

    monkeypatch.setattr(daemon_module, "Store", Watched)
    monkeypatch.setattr(daemon_module, "open_port", fail)
    with pytest.raises(StoreError):
        await stage.daemon(north).run()
    assert closed == [True]


async def test_the_socket_is_gone_after_the_end_and_the_next_start_works(stage: Stage, north: Home) -> None:
    for _ in range(3):
        async with stage.running(north) as client:
            assert (await client.status()).name == "NORTH"
        assert not north.socket_path().exists()


def test_a_home_in_use_is_refused_before_anything_is_opened(north: Home) -> None:
    with north.lock(), pytest.raises(BusyError, match="in use"):
        run_daemon(north, no_passphrase)
    assert not north.database_path.exists()


def test_an_attended_station_without_an_officers_key_says_so(north: Home) -> None:
    for path in north.officer_key_paths():
        path.unlink()
    with pytest.raises(ConfigError, match="officer"):
        run_daemon(north, no_passphrase)


async def test_stopping_twice_is_stopping_once(stage: Stage, north: Home) -> None:
    daemon = stage.daemon(north)
    run = asyncio.create_task(daemon.run())
    async with Client(north) as client:
        await _answers(client)
    daemon.stop()
    daemon.stop()
    await asyncio.wait_for(run, WITHIN_S)
    assert isinstance(daemon, Daemon)
    assert isinstance(daemon._engine_ref, Engine)


async def _answers(client: Client) -> None:
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                await client.status()
            except DaemonError:
                await asyncio.sleep(0.01)
            else:
                return
