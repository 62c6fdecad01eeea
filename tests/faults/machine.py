"""One station on a disk of its own: a step of it crashes or fails, and it starts again from what is left.

A step is whatever a power cut can fall between: each write, truncation, sync and deletion of SQLite; each
making, write, sync, rename and removal around the lock file; each signature; each sending of frames.
"""

import errno
import os
import random
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path, PosixPath
from typing import Any

import apsw
import pytest

from hotline.api.types import Answer
from hotline.core.step import Now, SignHead, SignReceipt, Step
from hotline.custody.keyring import Keyring
from hotline.custody.suite import RealSuite
from hotline.errors import HotlineError, StoreError
from hotline.home import Home, PeerLine
from hotline.station import answering, submission
from hotline.station.bodies import read_body
from hotline.station.engine import Engine
from hotline.station.port import Port, open_port
from hotline.store import lockfile
from hotline.store.lockfile import LockFile
from hotline.store.queries import Reader
from hotline.store.store import Store
from tests.faults.vouched import check_vouched
from tests.station.pair import consultation
from tests.store.disk import Disk

CRASH, FAIL, PERSIST = "crash", "fail", "fail but persist"
SPEECH = ("sign", "send")  # steps that no disk can fail
_WALL_MS = 1_795_000_000_000
_RESTART_S = 3.5  # a receipt that is signed again must not get a new time
_CHECKPOINT_PAGES = 24  # so small that writing the pages back into the database is among the steps


class Crashed(BaseException):
    """The power went; nothing that handles errors may handle this."""


@dataclass
class Plan:
    """Which step of all goes wrong, counted over both stations from 1, and how; 0 for none."""

    at: int = 0
    how: str = CRASH
    keep: random.Random | bool = False  # whether what was not synced is there after a crash; drawn: some of it is
    steps: list[str] = field(default_factory=list)  # as they were taken: "north write station.db-wal"
    hit: str = ""

    @property
    def classes(self) -> list[int]:
        """The steps before which a crash finds the disk as no earlier one does: unsynced writes are lost alike."""
        return [at for at, step in enumerate(self.steps, 1) if not _unsynced(step)] + [len(self.steps)]

    @property
    def disks(self) -> list[int]:
        """The steps that a disk can fail."""
        return [at for at, step in enumerate(self.steps, 1) if step.split()[1] not in SPEECH]

    @property
    def disks_first(self) -> list[int]:
        """Of these, of writes on end to one file the first and the last."""
        around = ["", *self.steps, ""]
        return [at for at in self.disks if not _unsynced(around[at]) or len({*around[at - 1 : at + 2]}) > 1]


def _unsynced(step: str) -> bool:
    return step.split()[1] in ("write", "truncate")


class SimClock:
    """Time that passes only when the test lets it."""

    def __init__(self) -> None:
        self.mono_s = 1000.0

    def now(self) -> Now:
        return Now(_WALL_MS + int(1000 * self.mono_s), self.mono_s)


class _Disk(Disk):
    def __init__(self, folder: Path, step: Callable[[str, Callable[[], None]], None]) -> None:
        self._step = step
        super().__init__(folder)
        self.syncs = False

    def operate(self, what: str, operation: Callable[[], None]) -> None:
        try:
            self._step(what, operation)
        except OSError as e:
            raise apsw.IOError(str(e)) from None


class _LockPath(PosixPath):
    """The path of the lock file, or of what stands beside it: it tells its machine what is done with it."""

    machine: "Machine"

    def unlink(self, missing_ok: bool = False) -> None:
        self.machine.step(f"remove {self.name}", lambda: super(_LockPath, self).unlink(missing_ok))

    def replace(self, target: Any) -> "_LockPath":
        self.machine.step(f"rename {self.name}", lambda: _rename(self, target))
        return self


def _rename(path: Path, target: Path) -> None:
    os.replace(path, target)


class Os:
    """The module `os` as the lock file sees it, with each call that changes the disk a step."""

    def __init__(self) -> None:
        self._open: dict[int, _LockPath] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: _LockPath, flags: int, mode: int = 0o777) -> int:
        made: list[int] = []
        if flags & os.O_CREAT:
            path.machine.step(f"make {path.name}", lambda: made.append(os.open(path, flags, mode)))
            path.machine.locks_disk.made(made[0])
        else:
            made.append(os.open(path, flags, mode))
        self._open[made[0]] = path
        return made[0]

    def close(self, fd: int) -> None:
        self._open.pop(fd, None)
        os.close(fd)

    def write(self, fd: int, data: bytes) -> int:
        path = self._open[fd]
        path.machine.step(f"write {path.name}", lambda: _write(fd, data))
        return len(data)

    def fsync(self, fd: int) -> None:
        path = self._open[fd]
        if path.is_dir():
            path.machine.step("sync the folder", path.machine.locks_disk.sync_folder)
        else:
            path.machine.step(f"sync {path.name}", lambda: path.machine.locks_disk.sync(path))


def _write(fd: int, data: bytes) -> None:
    assert os.write(fd, data) == len(data)


class _LocksDisk:
    """What a power cut leaves of the lock file: names as the folder was synced, contents as the files were."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._synced: dict[int, bytes] = {}
        self._names: dict[str, int] = {}
        for path in folder.glob("heads.*"):
            self.sync(path)
        self.sync_folder()

    def sync(self, path: Path) -> None:
        self._synced[path.stat().st_ino] = path.read_bytes()

    def sync_folder(self) -> None:
        self._names = {path.name: path.stat().st_ino for path in self._folder.glob("heads.*")}

    def made(self, fd: int) -> None:
        """A new file may have the number of one that is gone, and has nothing of it."""
        self._synced.pop(os.fstat(fd).st_ino, None)

    def after_power_cut(self, into: Path, keep: random.Random | bool) -> None:
        present = {path.name: path.stat().st_ino for path in self._folder.glob("heads.*")}
        written = {path.stat().st_ino: path.read_bytes() for path in self._folder.glob("heads.*")}
        for name, inode in (present if _kept(keep) else self._names).items():
            synced = self._synced.get(inode, b"")
            (into / name).write_bytes(written.get(inode, synced) if _kept(keep) else synced)


def _kept(keep: random.Random | bool) -> bool:
    return keep if isinstance(keep, bool) else keep.random() < 0.5


@dataclass(frozen=True)
class Signed:
    """What a station put its signature to: `time_s` as a receipt states it, 0 for a head."""

    time_s: int
    origin: str
    size: int
    root: bytes


class _Port(Port):
    machine_: "Machine"

    def sign(self, request: SignHead | SignReceipt) -> Step:
        self.machine_.step("sign", lambda: None)
        self.machine_.vouch(request)
        cp = request.checkpoint
        time_s = 0 if isinstance(request, SignHead) else request.timestamp_s
        self.machine_.signed.append(Signed(time_s, cp.origin, cp.size, cp.root))
        return super().sign(request)


class Machine:
    """A station and its disk. `start` and `turn` raise nothing for the fault that was planned: they start it again."""

    def __init__(self, home: Home, keys: Keyring, peer: PeerLine, plan: Plan, clock: SimClock, scratch: Path) -> None:
        self.name = home.path.name
        self._made, self._keys, self._peer = home, keys, peer
        self._plan, self.clock, self._scratch = plan, clock, scratch
        self.home = self._new_home()
        for kept in (home.database_path, home.heads_lock_path):
            if kept.exists():
                shutil.copy(kept, self.home.path)
        self._next: Home | None = None  # what the disk held when the power went
        self.signed: list[Signed] = []
        self.peer: Machine | None = None
        self.crashed = False
        self.disk: _Disk | None = None

    def _new_home(self) -> Home:
        """A home without database, lock file and keys."""
        path = self._scratch / f"{self.name}-{len(list(self._scratch.iterdir()))}"
        path.mkdir(mode=0o700)
        for name in ("station.card", "station.toml"):
            shutil.copy(self._made.path / name, path)
        shutil.copytree(self._made.lines_path, path / "lines")
        return Home(path)

    # --- what can go wrong ---------------------------------------------------------------------------

    def step(self, what: str, operation: Callable[[], None]) -> None:
        """Take one step, unless it is the one that goes wrong, or the power is off."""
        if self.crashed:
            raise OSError(errno.EIO, "the power is off")
        plan = self._plan
        plan.steps.append(f"{self.name} {what}")
        if len(plan.steps) != plan.at:
            operation()
            return
        plan.hit = plan.steps[-1]
        if plan.how == CRASH:
            self._crash()
        if plan.how == PERSIST:
            operation()
        if what in SPEECH:
            raise Crashed
        raise OSError(errno.EIO, "the test's disk failed")

    def _crash(self) -> None:
        self._next = self._new_home()
        assert self.disk is not None
        self.disk.after_power_cut(self._next.path, self._plan.keep)
        self.locks_disk.after_power_cut(self._next.path, self._plan.keep)
        self.crashed = True

    def vouch(self, request: SignHead | SignReceipt) -> None:
        """If the power went now, before the signature, the disk would know of it (SPEC section 8)."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            assert self.disk is not None
            self.disk.after_power_cut(Path(folder), keep=False)
            self.locks_disk.after_power_cut(Path(folder), keep=False)
            lock = LockFile(Path(folder) / self.home.heads_lock_path.name).lock(self.port.identity.id, fresh=False)
            check_vouched(request, Path(folder) / self.home.database_path.name, lock)

    # --- running -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start, a second time if the fault came in the first."""
        for _ in range(2):
            try:
                self._start()
            except (Crashed, StoreError):
                assert self._plan.hit, "a start failed by itself"
                self._recover()
            else:
                return
        raise AssertionError("it does not start again")

    def _start(self) -> None:
        home = self.home
        self.disk = _Disk(home.path, self.step)
        self.locks_disk = _LocksDisk(home.path)
        self.store: Store | None = None
        self.store = Store(home.database_path, read_body, vfs=self.disk.vfs)
        self.store._db.pragma("wal_autocheckpoint", _CHECKPOINT_PAGES)
        kind = type("_Path", (_LockPath,), {"machine": self})
        locks = LockFile(kind(home.heads_lock_path))
        port = open_port(RealSuite(), self._peer, self._keys, self.store, locks, self.clock.now())
        self.port = _Port(**{f.name: getattr(port, f.name) for f in fields(port)})
        self.port.machine_ = self
        self.store.commit()
        self.engine = Engine(self.store, locks, [self.port], self.clock, self._send)

    def _send(self, topic: str, frames: list[bytes]) -> None:
        self.step("send", lambda: None)
        if self.peer is not None and self.peer.disk is not None:
            for frame in frames:
                self.peer.engine.frame("memory", topic, frame)

    def turn(self) -> None:
        """One batch of the engine with all that has come in; the planned fault starts it anew."""
        engine = self.engine
        calls = [engine._calls.popleft() for _ in range(len(engine._calls))]
        try:
            engine._batch(calls, engine._inbound.take(1000))
        except (Crashed, OSError, StoreError) as e:
            if not self._plan.hit or not (self.crashed or isinstance(e, StoreError)):
                raise  # it failed by itself, or with what is not in the tree of errors
            engine._refuse_calls()
            self._recover()
            self.start()

    def _recover(self) -> None:
        """What the next start finds: after a crash what was synced, after a failure the files as they are."""
        self.shut()
        self.clock.mono_s += _RESTART_S
        if self._next is not None:
            self.home, self._next = self._next, None
            self.crashed = False

    def shut(self) -> None:
        """Close the store as the engine's end does, and let go of the disk."""
        if self.store is not None:
            self.store.close()
        if self.disk is not None:
            self.disk.unregister()
            self.disk = None

    def restart(self) -> None:
        """Stop in good order and start again."""
        self._recover()
        self.start()

    # --- what people do ------------------------------------------------------------------------------------

    def accepted(self, run: Callable[[Now], Any]) -> bool:
        """Whether a call was answered, not refused; the engine has handled it when this returns."""
        done: Future[Any] = self.engine.call(run)
        self.turn()
        error = done.exception(0)
        assert error is None or self._plan.hit, f"refused without a fault: {error}"
        return error is None and not isinstance(done.result(0), HotlineError)

    def submit(self, number: int, precedence: str = "ROUTINE") -> bytes:
        """Queue a consultation, as a client does: once more under its id if nobody knows whether it was kept."""
        key = notice_id(self.name, number)
        submit = consultation(f"{self.name} {number}", id=key.hex(), precedence=precedence)
        for _ in range(2):
            prepared = submission.prepare(self.port, self._keys, submit, self.clock.now(), _WALL_MS // 1000)
            if self.accepted(partial(submission.queue, self.engine.store, self.engine.record, prepared)):
                return key
        raise AssertionError("it was never accepted")

    def acknowledge(self, key: bytes) -> None:
        """Answer a notice of the peer; again if nobody knows whether that was kept."""
        answer = Answer(ref=key.hex(), verdict="acknowledged")
        for _ in range(2):
            with Reader.open(self.home.database_path) as reader:
                found = reader.received(self.port.view.mirror.origin, notice_id=key)
                assert found is not None
                given = reader.answers(found.origin, found.index)
                leaf = reader.leaf(found.origin, found.index) or b""
            if answering.already(answer, given):
                return
            rows = answering.prepare(self.port, self._keys, answer, found, given, leaf)
            engine = self.engine
            self.accepted(partial(answering.queue, engine.store, engine.record, self.port, rows, found))


def notice_id(name: str, number: int) -> bytes:
    """The id of the notice of this number from a station; the same in each play."""
    chance = random.Random(f"{name} {number}")
    data = bytearray(_WALL_MS.to_bytes(6, "big") + chance.randbytes(10))
    data[6], data[8] = 0x70 | data[6] & 0x0F, 0x80 | data[8] & 0x3F
    return bytes(data)


def watch_locks() -> Callable[[], None]:
    """Make the lock file's calls steps; return what undoes it."""
    patch = pytest.MonkeyPatch()
    patch.setattr(lockfile, "os", Os())
    return patch.undo
