"""A small home with something of everything, its files damaged, and what the product says of it."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hotline.api.types import Duty, LineStatus
from hotline.audit import verify_home
from hotline.core.identity import origin
from hotline.core.step import Stored
from hotline.errors import PeerError, StoreError
from hotline.home import Home
from hotline.station.bodies import read_body
from hotline.store.lockfile import LockFile
from hotline.store.queries import Reader
from hotline.store.rows import many
from hotline.store.store import Store
from tests.station.matters import amended
from tests.station.pair import Stage, consultation, converse, copy_home, line_of, stored, until
from tests.station.people import add_second
from tests.station.test_desk import exercise, notice

Picture = dict[str, list[tuple[object, ...]]]
# What no log says and nobody signed: this machine's notes on its own doings and on its clock. That one of them was
# altered, nothing tells; no statement of either side rests on them.
LOCAL = {"event", "rejected", "cursor", "line_test", "deadline", "sqlite_sequence", "displaced"}
# Made from bodies by the rules between notices, or a copy of an entry: what they are made from is verified, they are
# not made again. A known gap.
DERIVED = {"matter", "thread", "watch"}
# Of other tables, the columns that are one or the other.
_NOTES = {
    "log": {"judged", "serial", "seen"},
    "intent": {"size", "root", "timestamp_s"},
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


def _still(line: LineStatus) -> bool:
    own, mirror = line.own, line.mirror
    same = own.size == own.signed == own.receipted and mirror.size == mirror.signed
    return same and not line.queued and not line.not_stored


def live(folder: Path) -> Home:
    """Let two stations of `folder` live a little; the first one's home, whole and closed."""
    asyncio.run(_live(folder))
    return Home(folder / "north")


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
        self.database, self.locks = self.home.database_path, self.home.heads_lock_path
        for path in to.glob("station.db-*"):
            path.unlink()
        self.whole = {path: path.read_bytes() for path in (self.database, self.locks)}
        self.lock_state = LockFile(self.locks)._locks
        self.picture = picture(self.database)

    def put(self, path: Path, data: bytes) -> None:
        """One file as given, the rest whole."""
        for other, whole in self.whole.items():
            other.write_bytes(data if other == path else whole)
        for left in self.home.path.glob("station.db-*"):
            left.unlink()

    def says(self) -> str:
        """What the product finds wrong; empty where it finds nothing. Anything outside its errors gets out."""
        found = _told(lambda: "; ".join(verify_home(self.home).all_problems()))
        opened = _told(self._opened)
        return found or opened

    def _opened(self) -> str:
        store = Store(self.database, read_body)
        try:
            for peer in self.home.lines():
                mine = self.home.card()
                view = store.line(peer.id, origin(mine, peer.id, 1), origin(peer.card, peer.id, 1))
                for log in (view.own, view.mirror):
                    assert all(isinstance(entry, Stored) for entry in log.entries(0, log.size()))
                    _ = log.head(), log.receipt(), log.intent(), log.judged(), log.frozen()
                _ = view.queued(100)
        finally:
            store.close()
        return ""

    def locks_changed(self) -> bool:
        """Whether the lock file, as it now is, is read as something else than it was; refused is not changed."""
        read = LockFile(self.locks)
        return read.state != "damaged" and read._locks != self.lock_state

    def changed(self) -> list[str]:
        """What can be read otherwise than before."""
        try:
            now = picture(self.database)
        except StoreError:
            return []
        return sorted(name for name in self.picture.keys() | now.keys() if self.picture.get(name) != now.get(name))


def _told(run: Callable[[], str]) -> str:
    try:
        return run()
    except (StoreError, PeerError) as e:
        return e.what
