"""The station's own journal in the database (SPEC section 13): appended to in the transaction of what it tells of.

    store.journal.note("relay-up", "Relay first is connected.", now_ms=now.wall_ms, relay="first")

Writers of events use `Store.event`, which notes them here too.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import apsw

from hotline import limits
from hotline.core import journal, tree
from hotline.core.kinds import HAPPENED
from hotline.errors import MalformedError
from hotline.store.rows import many, one, sound, told_as

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class JournalHead:
    """A signed head: `generation` is that of its origin."""

    size: int
    generation: int
    root: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One entry with its place. `entry` is as it stands on disk, which nobody has checked."""

    index: int
    entry: journal.JournalEntry


class Journal:
    """The writing side, on the store's thread. `begin` opens the transaction."""

    def __init__(self, db: apsw.Connection, path: str, begin: Callable[[], None]) -> None:
        self._db = db
        self._path = path
        self._begin = begin
        self._frontier: tree.Frontier | None = None
        self._minute = -1
        self._taken: Counter[tuple[bytes, str]] = Counter()  # in this minute

    @property
    def size(self) -> int:
        """How many entries there are, those of the open transaction too."""
        row = one(self._db, "SELECT coalesce(max(idx) + 1, 0) FROM journal")
        return int(row[0]) if row else 0

    def note(
        self, kind: str, text: str, *, now_ms: int, line: bytes = b"", level: int = HAPPENED, **fields: str
    ) -> bool:
        """Append an entry to the open transaction; False where it is only counted, of too many in this minute.

        `kind` is one of `hotline.core.kinds`; neither `text` nor `fields` may hold a secret, or what a notice says.
        """
        return self.take(now_ms, line, kind, level, text, tuple(fields.items()))

    def take(
        self, now_ms: int, line: bytes, kind: str, level: int, text: str, fields: tuple[journal.Pair, ...] = ()
    ) -> bool:
        """The same, with fields of any name."""
        self.count_rest(now_ms)
        self._taken[line, kind] += 1
        if self._taken[line, kind] > limits.JOURNAL_A_MINUTE:
            return False
        self._append(now_ms, line, kind, level, text, fields)
        return True

    def count_rest(self, now_ms: int, *, end: bool = False) -> bool:
        """Once the minute is over, or at the `end`, tell how many were not written one by one; whether any were."""
        minute = now_ms // _MINUTE_MS
        if minute == self._minute and not end:
            return False
        taken, self._taken, self._minute = self._taken, Counter(), minute
        rest = {key: count - limits.JOURNAL_A_MINUTE for key, count in taken.items() if count > limits.JOURNAL_A_MINUTE}
        for (line, kind), count in rest.items():
            text = f"{count} more of kind {kind} within a minute."
            self._append(now_ms, line, "more", HAPPENED, text, (("kind", kind), ("count", str(count))))
        return bool(rest)

    def _append(
        self, now_ms: int, line: bytes, kind: str, level: int, text: str, fields: tuple[journal.Pair, ...]
    ) -> None:
        entry = journal.pack(now_ms, line, kind, level, text, fields)
        with told_as(self._path):
            self._begin()
            self._db.execute(
                "INSERT INTO journal (idx, leaf, entry, at_ms, kind, level) VALUES (?, ?, ?, ?, ?, ?)",
                (self.size, tree.leaf_hash(entry), entry, now_ms, kind, level),
            )

    # --- the tree ------------------------------------------------------------------------------------

    def root(self) -> bytes:
        """The root of all entries, those of the open transaction too."""
        frontier, size = self._frontier or tree.Frontier(), self.size
        for leaf in self._leaves(frontier.size, size):
            frontier.push(leaf)
        self._frontier = frontier
        return frontier.root()

    def holds(self, size: int, root: bytes) -> bool:
        """Whether the journal had this root at this size."""
        return size <= self.size and tree.Frontier.of(self._leaves(0, size)).root() == root

    def _leaves(self, start: int, end: int) -> list[bytes]:
        sql = "SELECT leaf FROM journal WHERE idx >= ? AND idx < ? ORDER BY idx"
        return [sound(self._path, row, bytes)[0] for row in many(self._db, sql, start, end)]

    def head(self) -> JournalHead | None:
        """The largest signed head."""
        row = one(self._db, "SELECT size, generation, root, signature FROM journal_head ORDER BY size DESC LIMIT 1")
        return JournalHead(*sound(self._path, row, int, int, bytes, bytes)) if row else None

    def keep_head(self, head: JournalHead) -> None:
        """Keep a head that was signed; the oldest give way, since each covers all before it."""
        with told_as(self._path):
            self._begin()
            self._db.execute(
                "INSERT OR REPLACE INTO journal_head (size, generation, root, signature) VALUES (?, ?, ?, ?)",
                (head.size, head.generation, head.root, head.signature),
            )
            self._db.execute(
                """DELETE FROM journal_head WHERE size <= (SELECT size FROM journal_head ORDER BY size DESC
                     LIMIT 1 OFFSET ?)""",
                (limits.JOURNAL_HEADS_KEPT,),
            )

    def last_kind(self) -> str:
        """The kind of the last entry, empty if there is none."""
        row = one(self._db, "SELECT kind FROM journal ORDER BY idx DESC LIMIT 1")
        return str(row[0]) if row else ""

    # --- what was told ---------------------------------------------------------------------------------

    def known(self) -> dict[str, str]:
        """The facts that the journal has told of last, by name: what differs at the next start is told then."""
        return {str(name): str(value) for name, value in many(self._db, "SELECT name, value FROM journal_known")}

    def know(self, facts: dict[str, str]) -> None:
        """These are the facts now, and no others."""
        with told_as(self._path):
            self._begin()
            self._db.execute("DELETE FROM journal_known")
            self._db.executemany("INSERT INTO journal_known (name, value) VALUES (?, ?)", list(facts.items()))


class JournalRows:
    """The reading side, over any connection."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def list(self, *, after: int | None, since_ms: int, kind: str, alarms: bool, limit: int) -> list[JournalRow]:
        """Entries, the newest last: those after an index from there on, or without one the latest.

        One whose bytes are damaged is left out: `hotline verify` names it.
        """
        where = "idx > ? AND at_ms >= ? AND (? = '' OR kind = ?) AND level >= ?"
        order = "DESC" if after is None else "ASC"
        sql = f"SELECT idx, entry FROM journal WHERE {where} ORDER BY idx {order} LIMIT ?"  # noqa: S608  # fixed words, bound values
        start, most = -1 if after is None else after, min(limit, limits.API_PAGE)
        rows = sorted(many(self._db, sql, start, since_ms, kind, kind, int(alarms), most))
        return [JournalRow(index, e) for index, data in rows if (e := _read(data)) is not None]

    def sizes(self) -> tuple[int, int]:
        """How many entries there are, and how many are under a signed head."""
        row = one(self._db, "SELECT (SELECT count(*) FROM journal), coalesce(max(size), 0) FROM journal_head")
        return (int(row[0]), int(row[1])) if row else (0, 0)


def _read(data: bytes) -> journal.JournalEntry | None:
    try:
        return journal.unpack(data)
    except MalformedError:
        return None
