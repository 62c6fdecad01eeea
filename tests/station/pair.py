"""Two homes that know each other, and stations that run in the test's own process, with its clock and its relay."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

from hotline import config
from hotline.api.types import Answer, LineStatus, Notice, Step, Submit
from hotline.client import Client
from hotline.core.step import Now
from hotline.custody.ceremony import Plan, make_station
from hotline.custody.enrol import enrol
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite
from hotline.errors import DaemonError, NotFoundError
from hotline.home import Home
from hotline.relay.base import Deliver, OnState, Relay
from hotline.relay.config import RelayConfig
from hotline.relay.memory import MemoryBroker
from hotline.station import submission
from hotline.station.bodies import read_body
from hotline.station.daemon import Daemon
from hotline.station.engine import Engine
from hotline.station.port import open_port
from hotline.station.record import Record
from hotline.store.lockfile import LockFile
from hotline.store.store import Store

_T = TypeVar("_T")
_ON_ITS_WAY_S = 20.0
WITHIN_S = 20  # for what takes milliseconds on an idle machine
NAMES = ("north", "south")


def no_passphrase(path: Path, *_: object) -> NoReturn:
    """The keys of these homes are open."""
    raise AssertionError(f"{path} asks for a passphrase")


def make_homes(folder: Path) -> None:
    """Make the homes `north` and `south` in `folder`, each with the other's card."""
    homes = [Home(folder / name) for name in NAMES]
    for home in homes:
        make_station(home, Plan(home.path.name.upper(), phone="+7 000"), None)
    for home, other in zip(homes, reversed(homes), strict=True):
        enrol(home, other.card_path, confirm=lambda *_: True)


def incoming_topic(home: Home) -> str:
    """The full topic on which a station listens: whoever runs the relay sees it."""
    (peer,) = home.lines()
    return f"hotline/{Keyring.load(home, no_passphrase).line(peer.card).incoming.topic_id}"


def copy_home(home: Home, to: Path) -> Home:
    """Copy a home whole, as a backup does; a daemon's socket and lock are no part of it."""
    shutil.copytree(home.path, to, ignore=shutil.ignore_patterns("api.sock", "run.lock"))
    return Home(to)


async def until(
    ask: Callable[[], Awaitable[_T]], holds: Callable[[_T], object], *, within_s: float = WITHIN_S, what: str
) -> _T:
    """Ask again and again until the answer holds; fail with the last answer when none did in time.

    What is not there yet may still come: a sender has its receipt before the receiver shows the notice.
    """
    end = time.monotonic() + within_s
    while True:
        answer: object
        try:
            found = answer = await ask()
            if holds(found):
                return found
        except NotFoundError as error:
            answer = error
        assert time.monotonic() < end, f"{what} did not come true within {within_s} s: {answer}"
        await asyncio.sleep(0.03)


async def line_of(client: Client) -> LineStatus:
    """The only line of a station."""
    (line,) = (await client.status()).lines
    return line


async def line_is(client: Client, state: str, within_s: float = WITHIN_S) -> LineStatus:
    """Wait until the only line is in a state."""
    return await until(lambda: line_of(client), lambda at: at.state == state, within_s=within_s, what=f"{state!r}")


def consultation(text: str, **fields: object) -> Submit:
    """A notice of a few words."""
    return Submit(kind="consultation", notice={"text": text}, **fields)  # type: ignore[arg-type]  # its other fields


class TestClock:
    """The machine's clocks, moved forward as the test says."""

    __test__ = False  # pytest: this is no test

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> Now:
        return Now(time.time_ns() // 1_000_000 + int(1000 * self.ahead_s), time.monotonic() + self.ahead_s)


class PatientClient(Client):
    """Waits a little for a notice that is on its way: its sender has the receipt before its receiver shows it."""

    async def show(self, ref: str) -> Notice:
        """As a Client does, once the notice is here."""
        return await _once_here(lambda: Client.show(self, ref))

    async def answer(self, answer: Answer) -> Step:
        """As a Client does, once the notice is here."""
        return await _once_here(lambda: Client.answer(self, answer))


async def _once_here(ask: Callable[[], Awaitable[_T]]) -> _T:
    end = time.monotonic() + _ON_ITS_WAY_S
    while True:
        try:
            return await ask()
        except NotFoundError:
            if time.monotonic() >= end:
                raise
        await asyncio.sleep(0.03)


class Stage:
    """Two relays in memory and a clock, for stations in this process; they use the first unless told otherwise."""

    def __init__(self) -> None:
        self.brokers = {"first": MemoryBroker(), "second": MemoryBroker()}
        self.broker = self.brokers["first"]
        self.clock = TestClock()
        self.began_s = self.clock.now().wall_s
        self.daemons: dict[Path, Daemon] = {}  # the latest of each home

    @asynccontextmanager
    async def running(
        self, home: Home, *, attended: bool = True, relays: Sequence[str] = ("first",)
    ) -> AsyncIterator[Client]:
        """Run a station until the block ends; its clean end is part of every test."""
        daemon = self.daemon(home, attended=attended, relays=relays)
        run = asyncio.create_task(daemon.run())
        try:
            async with PatientClient(home) as client:
                await _answers(client, run)
                yield client
        finally:
            daemon.stop()
            await asyncio.wait_for(run, WITHIN_S)

    def daemon(self, home: Home, *, attended: bool = True, relays: Sequence[str] = ("first",)) -> Daemon:
        """A station that was not started yet."""
        settings = config.Config(relay=tuple(RelayConfig(name=name, url="mqtt://memory:1") for name in relays))
        keys = Keyring.load(home, no_passphrase, officers=attended)
        daemon = Daemon(home, settings, keys, self.clock, attended=attended, open_relay=self._relay)
        self.daemons[home.path] = daemon
        return daemon

    def engine(self, home: Home) -> Engine:
        """The engine of the station that runs in a home, to do what the API does not let anybody do."""
        return self.daemons[home.path]._engine_ref

    def _relay(self, settings: RelayConfig, deliver: Deliver, on_state: OnState) -> Relay:
        return self.brokers[settings.name].relay(settings.name, deliver, on_state)


async def _answers(client: Client, run: "asyncio.Task[None]") -> None:
    end = time.monotonic() + WITHIN_S
    while True:
        if run.done():
            run.result()
        with contextlib.suppress(DaemonError):
            await client.status()
            return
        assert time.monotonic() < end, f"the station did not answer within {WITHIN_S} s"
        await asyncio.sleep(0.01)


async def stored(client: Client, submit: Submit, within_s: float = WITHIN_S) -> Notice:
    """Send a notice and wait until it is at the other side."""
    return await client.wait_for((await client.submit(submit)).id, state="STORED", timeout_s=within_s)


def queue_one(home: Home, text: str = "waits") -> None:
    """Put a notice into the queue of a station that does not run, and leave it there."""
    keys, (peer,), clock = Keyring.load(home, no_passphrase, officer="Duty officer"), home.lines(), TestClock()
    store = Store(home.database_path, read_body)
    try:
        port = open_port(RealSuite(), peer, keys, store, LockFile(home.heads_lock_path), clock.now())
        prepared = submission.prepare(port, keys, consultation(text), clock.now())
        submission.queue(store, Record(store), prepared, clock.now())
        store.commit()
    finally:
        store.close()


async def converse(north: Client, south: Client) -> None:
    """North sends three notices; South acknowledges the first, refuses the second and sends one of its own."""
    for number in (1, 2, 3):
        await stored(north, consultation(f"notice {number}"))
    await until(south.inbox, lambda page: len(page.notices) == 3, what="three notices at SOUTH")
    await south.answer(Answer(ref="NORTH 1", verdict="acknowledged", text="roger"))
    await south.answer(Answer(ref="NORTH 2", verdict="refused", text="say again"))
    await stored(south, consultation("and from the south"))
    await north.wait_for("NORTH 1", state="ACKNOWLEDGED", timeout_s=WITHIN_S)
    await north.wait_for("NORTH 2", state="REFUSED", timeout_s=WITHIN_S)
    for client in (north, south):
        await until(partial(line_of, client), settled, what="both logs signed at both ends")


def settled(line: LineStatus) -> bool:
    """Whether everything in both logs of a line is signed and receipted."""
    own, mirror = line.own, line.mirror
    return own.size == own.signed == own.receipted and mirror.size == mirror.signed and not line.not_stored
