"""One station with its disk, its sender and its consumer; and copies of its home as a crash leaves it."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from hotline.client import Client
from hotline.errors import HostError
from hotline.home import Home
from tests.chaos.consumer import NAME, Consumer
from tests.chaos.disks import Disk
from tests.chaos.sender import Sender
from tests.integration.pair import Station

START_S = 120  # three lines on two cores that others use too
AGAIN_S = 0.03
BACKUPS = 4  # kept of each side, the oldest first
_OF_A_PROCESS = shutil.ignore_patterns("api.sock", "run.lock")


@dataclass(frozen=True)
class Held:
    """What the database of a stopped station, or a copy of one, holds: ids in hex, and the seq that was confirmed."""

    ids: frozenset[str]  # submitted there, also what is queued
    stored: frozenset[str]
    cursor: int


def held(home: Home) -> Held:
    """Read it as SQLite does after a crash."""
    db = apsw.Connection(str(home.database_path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        ids = dict(db.execute("SELECT lower(hex(id)), stored_ms > 0 FROM outbox"))
        cursor = [seq for (seq,) in db.execute("SELECT seq FROM cursor WHERE name = ?", (NAME,))]
    finally:
        db.close()
    return Held(frozenset(ids), frozenset(key for key, stored in ids.items() if stored), *(cursor or [0]))


class Side:
    """What the rounds and the faults know of one end of the line."""

    def __init__(self, station: Station, client: Client, disk: Disk | None, folder: Path, seed: str) -> None:
        self.station, self.client, self.disk = station, client, disk
        self.sender = Sender(client, station.name, f"{seed} sends at {station.name}")
        self.consumer = Consumer(station.home, folder / f"{station.name}.handled", f"{seed} {station.name}")
        self.backups: list[Home] = []
        self.crashes = 0  # ends of its daemon that were not clean: a page may be handled again after each
        self.shown_again = 0  # notices confirmed since the backup that was put back: its cursor shows them again
        self.stopped_itself = 0
        self.may_end = False  # its disk refuses writes: it has to stop by itself
        station.environ["PYTHONFAULTHANDLER"] = "1"

    async def start(self) -> None:
        """Start its daemon and wait until it answers. One that hangs shows where, in the log that fails the trial."""
        process = self.station.spawn()
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            assert process.poll() is None, f"{self.station.name} ended:\n{self.station.log}"
            with contextlib.suppress(HostError):
                if (await self.client.status()).pid == process.pid:
                    return
            await asyncio.sleep(AGAIN_S)
        process.send_signal(signal.SIGABRT)
        await asyncio.to_thread(process.wait)
        raise AssertionError(f"{self.station.name} did not answer within {START_S} s:\n{self.station.log}")

    async def kill(self) -> None:
        """SIGKILL."""
        self.crashes += 1
        await self.station.kill()

    def has_ended(self) -> bool:
        """Whether its daemon is gone. AssertionError if that is not how a refused write ends one."""
        process = self.station.process
        assert process is not None
        if process.poll() is None:
            return False
        log = self.station.log
        assert self.may_end, f"{self.station.name} ended:\n{log}"
        assert process.returncode == HostError.exit_code, f"{self.station.name} ended with {process.returncode}:\n{log}"
        assert "Traceback" not in log, f"{self.station.name} has logged a bug:\n{log}"
        return True

    async def keep_up(self) -> None:
        """Start it again where a refused write has ended it."""
        if await self.clear_away():
            await self.start()

    async def clear_away(self) -> bool:
        """Whether its daemon has ended by itself; it can be started again then."""
        if not self.has_ended():
            return False
        self.stopped_itself += 1
        await self.kill()
        return True

    def put_back(self, backup: Home, *, whole: bool) -> None:
        """Exchange the home for an older copy, whole or the database alone, and note what it cannot know any more."""
        before, old = held(self.station.home), held(backup)
        for path in list(self.station.home.path.iterdir()):
            if whole or path.name.startswith("station.db"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(
            backup.path,
            self.station.home.path,
            ignore=None if whole else lambda _, names: [name for name in names if not name.startswith("station.db")],
            dirs_exist_ok=True,
        )
        self.sender.sent.forget(known=old.ids, stored=before.stored, in_order=old.stored)
        self.shown_again += len({seq for seq, _ in self.consumer.handled() if seq > old.cursor})


async def take_copies(sides: Sequence[Side], folder: Path) -> list[Home]:
    """Stop both daemons for a moment, and copy both homes: the bytes that a SIGKILL of that moment would leave."""
    pids = [side.station.pid for side in sides]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        return await asyncio.to_thread(_copies, sides, pids, folder)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _copies(sides: Sequence[Side], pids: Sequence[int], folder: Path) -> list[Home]:
    for pid in pids:
        stopped = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        assert stopped is not None
    copies = [Home(folder / side.station.home.path.name) for side in sides]
    for side, copy in zip(sides, copies, strict=True):
        shutil.copytree(side.station.home.path, copy.path, ignore=_OF_A_PROCESS)
        side.backups.append(copy)
        while len(side.backups) > BACKUPS:
            shutil.rmtree(side.backups.pop(0).path)
    return copies
