"""Two stations as real processes, `python -m hotline run`, and whatever may be done to them."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from hotline import config
from hotline.api.types import Notice, Submit, Submitted
from hotline.audit import verify_home
from hotline.client import Client
from hotline.errors import DaemonError
from hotline.home import Home
from tests.brokers import ROOT, Broker
from tests.station.pair import NAMES, PatientClient, consultation, copy_home, line_of, until

START_S = 30  # two shared cores, and an interpreter to start
WITHIN_S = 30
STOP_S = 10  # limits.STOP_S
PAGE = 1000


class Station:
    """One home and, between `start` and its end, its daemon."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.name = home.path.name.upper()
        self.process: subprocess.Popen[bytes] | None = None
        self.environ: dict[str, str] = {}
        self._logs: list[Path] = []

    @property
    def log(self) -> str:
        """What its daemons have written, of all runs."""
        return "".join(path.read_text(errors="replace") for path in self._logs)

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} does not run"
        return self.process.pid

    def spawn(self, *options: str) -> "subprocess.Popen[bytes]":
        """Start the daemon and wait for nothing."""
        assert self.process is None, f"{self.name} runs already"
        self._logs.append(self.home.path.with_name(f"{self.home.path.name}.{len(self._logs)}.log"))
        with self._logs[-1].open("xb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hotline", "run", "--home", str(self.home.path), *options],
                cwd=ROOT,
                env={**os.environ, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self.process

    async def start(self, *options: str) -> None:
        """Start the daemon, and return once it answers."""
        self.spawn(*options)
        async with Client(self.home) as client:
            await self.answers(client)

    async def answers(self, client: Client) -> None:
        """Return once the daemon answers; one that has ended fails the test with its log."""
        end = time.monotonic() + START_S
        while True:
            assert self.process is not None
            assert self.process.poll() is None, f"{self.name} ended:\n{self.log}"
            with contextlib.suppress(DaemonError):
                if (await client.status()).pid == self.process.pid:
                    return
            assert time.monotonic() < end, f"{self.name} does not answer within {START_S} s:\n{self.log}"
            await asyncio.sleep(0.03)

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        await self._end(signal.SIGKILL)

    async def stop(self, by: signal.Signals = signal.SIGTERM) -> float:
        """Stop it cleanly, and return the seconds that it took."""
        began = time.monotonic()
        code = await self._end(by)
        assert code == 0, f"{self.name} ended with {code}:\n{self.log}"
        assert "Traceback" not in self.log, f"{self.name} has logged a bug:\n{self.log}"
        return time.monotonic() - began

    async def ended(self, within_s: float = START_S) -> int:
        """Wait until it has ended by itself; return the exit code."""
        assert self.process is not None
        try:
            return await asyncio.to_thread(self.process.wait, within_s)
        finally:
            await self.kill()

    async def _end(self, by: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(by)
        try:
            return await asyncio.to_thread(process.wait, STOP_S + 5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{self.name} did not end within {STOP_S + 5} s:\n{self.log}") from None

    def snapshot(self) -> Home:
        """Copy the home as it is now: of a daemon that runs, at one moment, as a disk's own snapshot does."""
        number = len(list(self.home.path.parent.glob(f"{self.home.path.name}.copy-*")))
        with self._still():
            return copy_home(self.home, self.home.path.with_name(f"{self.home.path.name}.copy-{number}"))

    @contextlib.contextmanager
    def _still(self) -> Iterator[None]:
        """The daemon stands still until the block ends: else a file may change or go while the others are copied."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        try:
            yield
        finally:
            if self.process is not None:
                self.process.send_signal(signal.SIGCONT)


class Pair:
    """North and South, enrolled at each other, with paths to the same relays."""

    def __init__(self, made: Path, folder: Path, brokers: Sequence[Broker]) -> None:
        folder.mkdir(exist_ok=True)
        self.north, self.south = (Station(copy_home(Home(made / name), folder / name)) for name in NAMES)
        for station in self.both:
            for number, broker in enumerate(brokers):
                config.add_relay(station.home.config_path, broker.config(f"relay-{number}"))

    @property
    def both(self) -> tuple[Station, Station]:
        return self.north, self.south

    async def start(self) -> None:
        await asyncio.gather(*(station.start() for station in self.both))

    async def stop(self) -> None:
        await asyncio.gather(*(station.stop() for station in self.both))

    @asynccontextmanager
    async def clients(self) -> AsyncIterator[tuple[Client, Client]]:
        async with PatientClient(self.north.home) as north, PatientClient(self.south.home) as south:
            yield north, south

    def verify(self) -> None:
        """Both ends, from disk."""
        for station in self.both:
            assert verify_home(station.home).all_problems() == []


@asynccontextmanager
async def pair(made: Path, folder: Path, *brokers: Broker) -> AsyncIterator[Pair]:
    """Two homes in `folder`, not started; what runs at the end is killed."""
    two = Pair(made, folder, brokers)
    try:
        yield two
    finally:
        await asyncio.gather(*(station.kill() for station in two.both))


# --- many notices -----------------------------------------------------------------------------------------


def numbered(count: int, prefix: str) -> list[Submit]:
    """Notices with ids of their own, so that each can be submitted again without harm."""
    return [consultation(f"{prefix} {number}", id=os.urandom(16).hex()) for number in range(count)]


async def submit_all(client: Client, notices: Sequence[Submit], within_s: float = 60) -> None:
    """Submit until each was taken, through whatever happens to the station."""
    left = {notice.id: notice for notice in notices}
    async with asyncio.timeout(within_s):
        while left:
            with contextlib.suppress(DaemonError):
                async for outcome in client.submit_many(list(left.values())):
                    if isinstance(outcome, Submitted):
                        del left[outcome.id]
                    elif not isinstance(outcome, DaemonError):
                        raise outcome
            await asyncio.sleep(0.05)


async def inbox(client: Client) -> list[Notice]:
    """The whole inbox, through all pages."""
    found: list[Notice] = []
    while True:
        page = await client.inbox(after=found[-1].seq if found else 0, limit=PAGE)
        found += page.notices
        if not page.next:
            return found


async def all_stored(client: Client, within_s: float = 60) -> None:
    """Wait until nothing of a station is left to be stored at its peer."""
    await until(
        lambda: line_of(client),
        lambda line: line.not_stored == 0 and line.own.signed == line.own.size > 0,
        within_s=within_s,
        what="everything stored",
    )


async def received_exactly(client: Client, sent: Sequence[Submit], within_s: float = WITHIN_S) -> None:
    """Wait for a notice of each id, and check that each came once, in the order of its log."""
    got = await until(
        lambda: inbox(client), lambda notices: len(notices) >= len(sent), within_s=within_s, what=f"{len(sent)} notices"
    )
    twice = [notice for notice, count in Counter(notice.id for notice in got).items() if count > 1]
    assert twice == []
    assert {notice.id for notice in got} == {notice.id for notice in sent}
    assert [notice.index for notice in got] == sorted(notice.index for notice in got)
    assert [notice.serial for notice in got] == list(range(1, len(got) + 1))
    assert [notice.invalid for notice in got if notice.invalid] == []
