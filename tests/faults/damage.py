"""A small home with something of everything, its files damaged, and what the product says of it."""

import asyncio
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path

from hotline import config
from hotline.api.types import Duty, LineStatus
from hotline.audit import verify_home
from hotline.core import tree
from hotline.core.step import SignHead, SignReceipt, Step, Stored
from hotline.custody.keyring import Keyring, read_root
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import RealSuite
from hotline.errors import HotlineError, PeerError, StoreError
from hotline.home import Home
from hotline.station import agreed
from hotline.station.bodies import read_body
from hotline.station.cards import newest
from hotline.station.engine import Engine
from hotline.station.port import Port, open_port
from hotline.station.record import Record
from hotline.store.archive import Archive
from hotline.store.lockfile import LockFile
from hotline.store.queries import Reader
from hotline.store.rows import many
from hotline.store.store import Store
from tests.station.matters import amended
from tests.station.pair import (
    Stage,
    TestClock,
    consultation,
    converse,
    copy_home,
    line_of,
    no_passphrase,
    queue_one,
    stored,
    until,
)
from tests.station.people import WORDS, add_second
from tests.station.test_desk import exercise, notice

Picture = dict[str, list[tuple[object, ...]]]
# What no log says and nobody signed: this machine's notes on its own doings and on its clock. That one of them was
# altered, nothing tells; no statement of either side rests on them.
LOCAL = {"event", "rejected", "cursor", "line_test", "deadline", "sqlite_sequence", "displaced", "journal_known"}
# Made from bodies by the rules between notices, or a copy of an entry: what they are made from is verified, they are
# not made again. A known gap.
DERIVED = {"matter", "thread", "watch"}
# Of other tables, the columns that are one or the other.
_NOTES = {
    "log": {"judged", "serial", "seen"},
    "intent": {"size", "root", "timestamp_s"},
    "queue": {"seq", "rank"},
    "outbox": {"seq", "submitted_ms", "appended_ms", "stored_ms", "alarmed", "marks"},
    "inbox": {
        "seq",
        "surfaced_ms",
        "recovered",
        "opened",
        "serial",
        "precedence",
        "mode",
        "expires_s",
        "officers",
        "marks",
    },
    "answer": {"time_ms", "at_ms", "officer"},
    "card": {"line", "mine"},
}


async def _live(folder: Path) -> None:
    stage = Stage()
    north, south = Home(folder / "north"), Home(folder / "south")
    async with stage.running(north) as n:
        async with stage.running(south) as s:
            await converse(n, s)
            sent = await stored(n, notice("exercise", exercise(stage)))
            await stored(n, amended(stage, sent.id))
            await n.duty(Duty(on=False))
            await n.duty(Duty(on=True, officer="Duty officer", text="All quiet."))
            add_second(north)
            await n.reload_card()
            for client in (n, s):
                await until(partial(line_of, client), _still, what="both logs signed at both ends")
        await n.submit(consultation("not yet sent", precedence="FLASH"))
    queue_one(north)


async def _go_on(folder: Path) -> None:
    """A second time, until a power cut: the home as it is then, with a -wal, is copied to `cut`."""
    stage = Stage()
    north, south = Home(folder / "north"), Home(folder / "south")
    async with stage.running(north) as n:
        async with stage.running(south) as s:
            await n.duty(Duty(on=True, officer="Duty officer"))  # of two nobody comes on by a start
            await stored(n, consultation("in the second run"))
            for client in (n, s):
                await until(partial(line_of, client), _still, what="both logs signed at both ends")
        await n.submit(consultation("the last word", precedence="FLASH"))
        copy_home(north, folder / "cut")


def _still(line: LineStatus) -> bool:
    own, mirror = line.own, line.mirror
    same = own.size == own.signed == own.receipted and mirror.size == mirror.signed
    return same and not line.queued and not line.not_stored


def live(folder: Path) -> tuple[Home, Home]:
    """Let two stations of `folder` live a little: the first one's home at rest, and after a power cut."""
    asyncio.run(_live(folder))
    rests = copy_home(Home(folder / "north"), folder / "rests")
    asyncio.run(_go_on(folder))
    return rests, Home(folder / "cut")


def picture(path: Path) -> Picture:
    """What the two sides have stated, as the database holds it, table by table; how the lists show it besides."""
    with Reader.open(path) as reader:
        db = reader._db
        shown: Picture = {}
        for (table,) in many(db, "SELECT name FROM sqlite_schema WHERE type = 'table'"):
            columns = [row[1] for row in many(db, f'PRAGMA table_info("{table}")')]
            kept = ", ".join(f'"{column}"' for column in columns if column not in _NOTES.get(table, ()))
            if table not in LOCAL | DERIVED:
                shown[table] = sorted(many(db, f'SELECT {kept} FROM "{table}"'), key=repr)  # noqa: S608  # its own names
        for mine, origin, line in many(db, "SELECT mine, origin, line FROM log"):
            numbers = [reader.entry(origin, index) for index in range(32)]
            shown[f"entries {mine}"] = [(*numbers, *(reader.body(origin, index) for index in range(32)))]
            _read_all(reader, origin, line, bool(mine))
        return shown


def _read_all(reader: Reader, origin: str, line: bytes, mine: bool) -> None:
    """What else lists ask: it may be refused with an error of ours, and with no other."""
    reader.inbox(0, 1000, notices_only=True)
    reader.outbox(1000, before=0, newest_first=True)
    reader.counts(line)
    reader.alarms(line, 100)
    reader.events(0, 1000)
    reader.rejected(line)
    reader.matters.watch(line, mine=mine)
    reader.matters.activities(line, 0, 100, past=False)
    for index in range(32):
        reader.answers(origin, index)
    for (key,) in many(reader._db, "SELECT id FROM matter WHERE mine = ?", int(mine)):
        reader.matters.matter(line, key, mine=mine)
        reader.matters.referring(line, key, mine=mine)


class Damaged:
    """A home to damage again and again; each time as it was before."""

    def __init__(self, home: Home, to: Path) -> None:
        self.home = copy_home(home, to)
        (to / "station.db-shm").unlink(missing_ok=True)
        self.database, self.locks = self.home.database_path, self.home.heads_lock_path
        self.wal = to / "station.db-wal"
        if self.wal.exists() and not self.wal.stat().st_size:
            self.wal.unlink()
        self.whole = {path: path.read_bytes() for path in sorted(to.rglob("*")) if path.is_file()}
        self.lock_state = LockFile(self.locks)._locks
        self.keys = Keyring.load(self.home, no_passphrase, officers=False)
        self.picture = picture(self.database)
        self.put(self.locks, self.whole[self.locks])
        with Archive.open(self.database) as archive:
            (self.peer,) = self.home.lines()
            self.leaves = {
                log.origin: [stored.leaf for _, stored in archive.entries(log.id)] for log in archive.logs(self.peer.id)
            }

    def put(self, path: Path, data: bytes) -> None:
        """One file as given, the rest whole."""
        for left in self.home.path.glob("station.db-*"):
            left.unlink()
        for other, whole in self.whole.items():
            other.write_bytes(data if other == path else whole)

    def says(self) -> str:
        """What the verification finds wrong, else what a start says; empty where they find nothing.

        Anything outside the product's errors gets out, and so does an error without a remedy.
        """
        return _told(lambda: "; ".join(verify_home(self.home).all_problems())) or _told(self._starts)

    def reads(self) -> str:
        """What a start says of the files that people and the ceremony made."""
        return _told(self._loads)

    def _loads(self) -> str:
        home = self.home
        config.load(home.require().config_path)
        keys = Keyring.load(home, no_passphrase, officer="Duty officer")
        for name in keys.officers.names():
            keys.officers.open(name, lambda _: Passphrase(WORDS))
        read_root(home.root_key_path, keys.card, no_passphrase)
        for peer in home.lines():
            keys.line(peer.card)
            agreed.load(home, peer)
        return ""

    def _starts(self) -> str:
        """As the daemon does, and one turn of its engine; whatever it signs must be of the whole home's history."""
        store = Store(self.database, read_body)
        try:
            locks, clock = LockFile(self.locks), TestClock()
            clock.ahead_s = 60
            record = Record(store)
            port = open_port(
                RealSuite(), newest(self.peer, store), self.keys, store, locks, clock.now(), read=record.read_body
            )
            record.backfill(port)
            for log in (port.view.own, port.view.mirror):
                assert all(isinstance(entry, Stored) for entry in log.entries(0, log.size()))
            engine = Engine(store, locks, [_Watched.of(port, self.leaves)], clock, lambda *_: None, record)
            engine._batch([], [])
        finally:
            store.close()
        return ""

    def locks_changed(self) -> bool:
        """Whether the lock file, as it now is, is read as something else than it was; refused is not changed."""
        read = LockFile(self.locks)
        return read.state != "damaged" and read._locks != self.lock_state

    def now(self) -> Picture:
        """The picture as it can be read now; empty where it is refused."""
        try:
            return picture(self.database)
        except StoreError:
            return {}

    def changed(self) -> list[str]:
        """What can be read otherwise than before."""
        now = self.now()
        return sorted(
            name for name in self.picture.keys() | now.keys() if now and self.picture.get(name) != now.get(name)
        )


class _Watched(Port):
    leaves: dict[str, list[bytes]]

    @classmethod
    def of(cls, port: Port, leaves: dict[str, list[bytes]]) -> "_Watched":
        watched = cls(**{f.name: getattr(port, f.name) for f in fields(port)})
        watched.leaves = leaves
        return watched

    def sign(self, request: SignHead | SignReceipt) -> Step:
        cp = request.checkpoint
        of = self.leaves[cp.origin][: cp.size]
        assert len(of) == cp.size, f"signs size {cp.size} of its own invention"
        assert tree.Frontier.of(iter(of)).root() == cp.root, f"signs another history of size {cp.size}"
        return super().sign(request)


def _told(run: Callable[[], str]) -> str:
    try:
        return run()
    except HotlineError as refusal:
        error = refusal
    assert error.remedy or isinstance(error, PeerError), f"says no remedy: {error.what}"
    assert 2 <= error.exit_code <= 4, f"ends with {error.exit_code}: {error.what}"
    return error.what
