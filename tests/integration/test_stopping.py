"""How a daemon tells systemd of itself, and how it stops: cleanly, soon, with whatever is under way."""

import asyncio
import contextlib
import os
import signal
import socket
from pathlib import Path

import pytest

from hotline import limits
from hotline.errors import DaemonError
from tests.brokers import HOST, Broker, eventually
from tests.integration.pair import Station, all_stored, numbered, pair, received_exactly, submit_all
from tests.station.pair import line_is, until

CLEAN_S = limits.STOP_S


class NotifySocket:
    """What systemd would listen on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))
        self.heard: list[str] = []

    def listen(self) -> list[str]:
        """All that was heard until now."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.heard += self._socket.recv(4096).decode().splitlines()
        return self.heard

    def close(self) -> None:
        self._socket.close()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_systemd_is_told_when_the_station_is_ready_and_when_it_stops(
    made: Path, tmp_path: Path, relay: Broker, by: signal.Signals
) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        systemd = NotifySocket(tmp_path / "notify")
        two.north.environ = {"NOTIFY_SOCKET": str(systemd.path)}
        try:
            two.north.spawn()
            await eventually(lambda: "READY=1" in systemd.listen(), within_s=30, what="READY=1")
            assert "STATUS=NORTH: 1 lines" in systemd.heard
            async with two.clients() as (north, _):
                await north.status()  # ready means that it answers, at once
            assert "STOPPING=1" not in systemd.listen()
            assert await two.north.stop(by) < CLEAN_S
            assert systemd.listen()[-1] == "STOPPING=1"
        finally:
            systemd.close()
        assert not two.north.home.socket_path().exists()


async def test_sigterm_in_the_middle_of_traffic_ends_in_time_and_loses_nothing(
    made: Path, tmp_path: Path, broker: Broker
) -> None:
    notices = numbered(200, "traffic")
    async with pair(made, tmp_path / "pair", broker) as two:
        await two.start()
        async with two.clients() as (north, south):
            for client in (north, south):
                await line_is(client, "attended")

            async def follow() -> None:
                with contextlib.suppress(DaemonError):
                    async for _ in north.events(after=0):
                        pass

            following = asyncio.create_task(follow())
            submitting = asyncio.create_task(submit_all(north, notices))
            await until(south.inbox, lambda page: page.notices, what="traffic")
            took_s = await asyncio.gather(two.north.stop(), two.south.stop())
            assert max(took_s) < CLEAN_S
            await two.start()
            await submitting
            await all_stored(north)
            await received_exactly(south, notices)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await two.stop()
        two.verify()


async def test_sigterm_while_a_relay_does_not_answer_ends_in_time(made: Path, tmp_path: Path, relay: Broker) -> None:
    """Its port takes no connection and refuses none: the attempt hangs in the kernel."""
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind((HOST, 0))
        full.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        async with pair(made, tmp_path / "pair", relay) as two:
            text = two.north.home.config_path.read_text()
            two.north.home.config_path.write_text(text.replace(str(relay.port), str(full.getsockname()[1])))
            await two.north.start()
            assert await two.north.stop() < CLEAN_S


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def test_an_idle_station_needs_less_than_a_hundred_megabytes(made: Path, tmp_path: Path, relay: Broker) -> None:
    async with pair(made, tmp_path / "pair", relay) as two:
        await two.start()
        async with two.clients() as (north, south):
            for client in (north, south):
                await line_is(client, "attended")
            await submit_all(north, numbered(50, "some"))
            await all_stored(north)
        assert [megabytes(station.pid) for station in two.both if megabytes(station.pid) >= 100] == []


async def test_a_home_in_a_path_too_long_for_a_socket_is_reached_all_the_same(
    made: Path, tmp_path: Path, relay: Broker
) -> None:
    async with pair(made, tmp_path / ("long" * 30), relay) as two:
        assert isinstance(two.north, Station)
        await two.north.start()
        assert not (two.north.home.path / "api.sock").exists()
        await two.north.stop()
        assert not two.north.home.socket_path().exists()
