"""Two engines joined by nothing but their frames, with every commit, lock, signature and frame written down."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from hotline.api.types import Submit, Submitted
from hotline.core.step import SignHead, SignReceipt, Step
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite
from hotline.errors import HotlineError, StoreError
from hotline.home import Home
from hotline.station import submission
from hotline.station.bodies import read_body
from hotline.station.engine import Engine
from hotline.station.port import Port, open_port
from hotline.store.lockfile import LockFile
from hotline.store.store import Store
from tests.station.pair import WITHIN_S, TestClock, copy_home, no_passphrase

COMMIT, LOCK, SIGN, SEND = "clsx"


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Return once it is true; fail when it is not in time."""
    end = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not come true within {WITHIN_S} s"
        time.sleep(0.002)


class _Store(Store):
    done: list[str]
    fails = False

    def commit(self) -> None:
        if self._open:
            self.done.append(COMMIT)
            if self.fails:
                raise StoreError("The disk is full.", "Free some space.")
        super().commit()


class _Locks(LockFile):
    done: list[str]
    fails = False

    def replace(self, locks: Any) -> None:
        self.done.append(LOCK)
        if self.fails:
            raise StoreError("The lock file cannot be written.", "Check the disk.")
        super().replace(locks)


class _Port(Port):
    done: list[str]

    def sign(self, request: SignHead | SignReceipt) -> Step:
        self.done.append(SIGN)
        return super().sign(request)


class Bench:
    """One engine. `done` is what it did, a letter each, in order."""

    def __init__(self, home: Home, clock: TestClock) -> None:
        self.done: list[str] = []
        self.keys = Keyring.load(home, no_passphrase)
        self.store = _Store(home.database_path, read_body)
        self.locks = _Locks(home.heads_lock_path)
        (peer,) = home.lines()
        port = open_port(RealSuite(), peer, self.keys, self.store, self.locks, clock.now())
        self.port = _Port(**{field.name: getattr(port, field.name) for field in fields(port)})
        self.store.done = self.locks.done = self.port.done = self.done
        self.store.commit()
        self.sent: list[tuple[str, bytes]] = []
        self.peer: Bench | None = None
        self.clock = clock
        self.engine = Engine(self.store, self.locks, [self.port], clock, self._send)

    @property
    def story(self) -> str:
        return "".join(self.done)

    def _send(self, topic: str, frames: list[bytes]) -> None:
        self.done.append(SEND)
        self.sent += [(topic, frame) for frame in frames]
        if self.peer is not None:
            for frame in frames:
                self.peer.engine.frame("memory", topic, frame)

    def submit(self, text: str) -> "Future[Submitted | HotlineError]":
        """Queue a consultation; the future of its outcome."""
        submit = Submit(kind="consultation", notice={"text": text})
        prepared = submission.prepare(self.port, self.keys, submit, self.clock.now())
        return self.engine.call(lambda now: submission.queue(self.store, self.engine.record, prepared, now))

    @property
    def failure(self) -> BaseException | None:
        """Why the engine ended by itself."""
        return self.engine.failed.exception(WITHIN_S)


def _in_step(bench: Bench) -> bool:
    own = bench.port.machine.own
    return own.in_step and own.signed == own.ledger.size > 0


@contextmanager
def benches(made: Path, folder: Path) -> Iterator[tuple[Bench, Bench]]:
    """North and South, running and in step; stopped at the end."""
    clock = TestClock()
    north, south = (Bench(copy_home(Home(made / name), folder / name), clock) for name in ("north", "south"))
    north.peer, south.peer = south, north
    for bench in (north, south):
        bench.engine.start()
    try:
        wait_for(lambda: all(_in_step(b) for b in (north, south)), "both logs begun and signed")
        yield north, south
    finally:
        for bench in (north, south):
            bench.engine.stop(WITHIN_S)
