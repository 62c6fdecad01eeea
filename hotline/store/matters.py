"""Reading what the record holds: threads, deadlines, drafts, watches, line tests. For the writer and for readers."""

from dataclasses import dataclass

import apsw

from hotline import limits
from hotline.store.rows import Row, many, one

ACKNOWLEDGE, REPLY, REPORT = 1, 2, 3
OPEN, WARNED, OVERDUE, MET = 0, 1, 2, 3
ENDED = 4  # with the generation of its line: neither met nor missed
_THREAD = "line, mine, id, kind, title, mode, state, revision, start_s, end_s, latest, over"
_MATTER = "seq, line, mine, id, kind, mode, relation, target, target_mine, root, root_mine, idx, successor"
_DRAFT = (
    "number, line, id, kind, subject, precedence, mode, expires_s, salt, body, drafter, officer, signature, made_ms"
)
# Of one thread: an exercise of weeks with daily questions has some tens.
THREAD_NOTICES = 200
SETTLING_SHOWN = 16  # a later reply replaces an earlier one; a peer may write thousands


@dataclass(frozen=True, slots=True)
class Matter:
    """One notice and what it refers to; `target` is empty where it begins a thread, and `root` is then its own id."""

    seq: int
    line: bytes
    mine: bool
    id: bytes
    kind: str
    mode: int
    relation: str
    target: bytes
    target_mine: bool
    root: bytes
    root_mine: bool
    index: int
    successor: bytes


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """The state of a thread, by the id and side of its first notice."""

    line: bytes
    mine: bool
    id: bytes
    kind: str
    title: str
    mode: int
    state: str
    revision: int
    start_s: int
    end_s: int
    latest: bytes
    over: bool


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """A deadline of a notice; `owed` True where this station must act."""

    line: bytes
    mine: bool
    id: bytes
    what: int
    owed: bool
    due_s: int
    state: int


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft; `signature` is the drafter's over the release with role 2."""

    number: int
    line: bytes
    id: bytes
    kind: str
    subject: str
    precedence: int
    mode: int
    expires_s: int
    salt: bytes
    body: bytes
    drafter: str
    officer: bytes
    signature: bytes
    made_ms: int


@dataclass(frozen=True, slots=True)
class WatchRow:
    """The latest watch entry of one side of a line."""

    state: int
    officer: str
    relieved: str
    signed_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class TestRow:
    """A line test; `echo_ms` 0 until it was answered."""

    id: bytes
    serial: int
    nonce: bytes
    manned: bool
    at_ms: int
    echo_ms: int
    officer: str


class Matters:
    """Queries over one connection; every one is bounded and runs along an index."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    # --- threads ---------------------------------------------------------------------------------

    def matter(self, line: bytes, notice_id: bytes, *, mine: bool) -> Matter | None:
        """What is known of a notice of one side."""
        sql = f"SELECT {_MATTER} FROM matter WHERE line = ? AND mine = ? AND id = ?"  # noqa: S608  # fixed columns
        row = one(self._db, sql, line, int(mine), notice_id)
        return _matter(row) if row else None

    def has_record(self, line: bytes) -> bool:
        """Whether anything was noted of this line."""
        return one(self._db, "SELECT 1 FROM matter WHERE line = ? LIMIT 1", line) is not None

    def thread(self, line: bytes, root: bytes, *, mine: bool) -> ThreadRow | None:
        """The state of a thread that has one."""
        sql = f"SELECT {_THREAD} FROM thread WHERE line = ? AND mine = ? AND id = ?"  # noqa: S608  # fixed columns
        row = one(self._db, sql, line, int(mine), root)
        return _thread(row) if row else None

    def of_thread(self, line: bytes, root: bytes, *, mine: bool) -> list[Matter]:
        """The notices of a thread, in the order in which this station came to know them."""
        sql = f"""SELECT {_MATTER} FROM matter WHERE line = ? AND root = ? AND root_mine = ?
                  ORDER BY seq LIMIT {THREAD_NOTICES}"""  # noqa: S608  # fixed columns
        return [_matter(row) for row in many(self._db, sql, line, root, int(mine))]

    def referring(self, line: bytes, target: bytes, *, mine: bool) -> list[Matter]:
        """The notices that refer to one, in order."""
        sql = f"""SELECT {_MATTER} FROM matter WHERE line = ? AND target = ? AND target_mine = ? AND relation <> ''
                  ORDER BY seq LIMIT {THREAD_NOTICES}"""  # noqa: S608  # fixed columns
        return [_matter(row) for row in many(self._db, sql, line, target, int(mine))]

    def replacing(self, line: bytes, target: bytes, *, mine: bool, after: int) -> list[Matter]:
        """The first amendments, or the cancellation, of a notice that came after that of the seq `after`, in order."""
        sql = f"""SELECT {_MATTER} FROM matter WHERE line = ? AND target = ? AND target_mine = ?
                  AND relation IN ('amends', 'cancels') AND seq > ? ORDER BY seq LIMIT 8"""  # noqa: S608  # fixed columns
        return [_matter(row) for row in many(self._db, sql, line, target, int(mine), after)]

    def replaced(self, matter: Matter) -> list[bytes]:
        """The last amendments of what this one amends that came before it: those that can be waited for still."""
        sql = """SELECT id FROM matter WHERE line = ? AND target = ? AND target_mine = ?
                 AND relation IN ('amends', 'cancels') AND seq < ? ORDER BY seq DESC LIMIT 8"""
        rows = many(self._db, sql, matter.line, matter.target, int(matter.target_mine), matter.seq)
        return [bytes(row[0]) for row in rows]

    def settling(self, line: bytes, target: bytes, *, mine: bool) -> list[Matter]:
        """The latest notices that make this one ANSWERED, in order."""
        sql = f"""SELECT {_MATTER} FROM matter WHERE line = ? AND target = ? AND target_mine = ?
                  AND relation IN ('replies', 'answers-call', 'views', 'answers')
                  ORDER BY seq DESC LIMIT {SETTLING_SHOWN}"""  # noqa: S608  # fixed columns
        return [_matter(row) for row in many(self._db, sql, line, target, int(mine))][::-1]

    def activities(self, line: bytes, now_s: int, limit: int, *, past: bool) -> list[ThreadRow]:
        """Threads that have a time: overdue ones first, then the others by start; or with `past` what is over.

        What is over stands in both until its end. An empty `line` is every line.
        """
        most = min(limit, limits.API_PAGE)
        if past:
            return self._activities("over = 1 AND end_s > ?", "end_s DESC", line, most, 0)  # a bound keeps to the index
        open_late = self._activities("over = 0 AND end_s < ?", "end_s DESC", line, most, now_s)
        rest = self._activities("over = 0 AND end_s >= ?", "end_s", line, most, now_s)
        over = self._activities("over = 1 AND end_s >= ?", "end_s", line, most, now_s)
        return (open_late + sorted(rest + over, key=lambda t: (t.start_s, t.end_s)))[:most]

    def _activities(self, where: str, order: str, line: bytes, limit: int, *bound: int) -> list[ThreadRow]:
        chosen = "AND line = ?" if line else ""
        sql = f"""SELECT {_THREAD} FROM thread WHERE {where} AND start_s > 0 {chosen}
                  ORDER BY {order} LIMIT ?"""  # noqa: S608  # fixed columns, bound values
        return [_thread(row) for row in many(self._db, sql, *bound, *([line] if line else []), limit)]

    # --- deadlines -------------------------------------------------------------------------------

    def deadlines(self, line: bytes, notice_id: bytes, *, mine: bool) -> list[DeadlineRow]:
        """The deadlines of a notice."""
        sql = """SELECT line, mine, id, what, owed, due_s, state FROM deadline
                 WHERE line = ? AND mine = ? AND id = ? ORDER BY what"""
        return [_deadline(row) for row in many(self._db, sql, line, int(mine), notice_id)]

    def to_warn(self, now_s: int, limit: int) -> list[DeadlineRow]:
        """Open ones that come near, the earliest first."""
        sql = """SELECT line, mine, id, what, owed, due_s, state FROM deadline
                 WHERE state = 0 AND warn_s <= ? ORDER BY warn_s LIMIT ?"""
        return [_deadline(row) for row in many(self._db, sql, now_s, limit)]

    def passed(self, now_s: int, limit: int) -> list[DeadlineRow]:
        """Those that have passed and were not met, the earliest first."""
        sql = """SELECT line, mine, id, what, owed, due_s, state FROM deadline
                 WHERE state < 2 AND due_s <= ? ORDER BY due_s LIMIT ?"""
        return [_deadline(row) for row in many(self._db, sql, now_s, limit)]

    def standing(self, line: bytes) -> tuple[int, int]:
        """How many of a line are open, and how many overdue."""
        sql = "SELECT state = 2, count(*) FROM deadline WHERE line = ? AND state < 3 GROUP BY 1"
        counts = {bool(late): int(count) for late, count in many(self._db, sql, line)}
        return counts.get(False, 0), counts.get(True, 0)

    # --- drafts, watches, cards, tests ------------------------------------------------------------

    def drafts(self) -> list[DraftRow]:
        """The drafts that wait, oldest first."""
        sql = f"SELECT {_DRAFT} FROM draft ORDER BY number LIMIT {limits.DRAFTS}"  # noqa: S608  # fixed columns
        return [DraftRow(*row) for row in many(self._db, sql)]

    def draft(self, number: int) -> DraftRow | None:
        """One draft."""
        row = one(self._db, f"SELECT {_DRAFT} FROM draft WHERE number = ?", number)  # noqa: S608  # fixed columns
        return DraftRow(*row) if row else None

    def watch(self, line: bytes, *, mine: bool) -> WatchRow | None:
        """The latest change of the watch of a side; in a handover that of who came on."""
        sql = """SELECT state, officer, relieved, signed_ms, text FROM watch WHERE line = ? AND mine = ?
                 ORDER BY signed_ms DESC, state DESC LIMIT 1"""
        row = one(self._db, sql, line, int(mine))
        return WatchRow(*row) if row else None

    def on_watch(self, line: bytes, *, mine: bool) -> list[str]:
        """Who stands the watch of a side by its own signed word, the first who came on first."""
        sql = f"""SELECT officer FROM watch WHERE line = ? AND mine = ? AND state = 1
                  ORDER BY signed_ms LIMIT {limits.CARD_OFFICERS}"""  # noqa: S608  # a number of ours
        return [str(row[0]) for row in many(self._db, sql, line, int(mine))]

    def card(self, line: bytes, *, mine: bool) -> tuple[int, bytes]:
        """Number and bytes of the peer's newest card that came through its log; of ours as told. (0, b"") if none."""
        row = one(self._db, "SELECT number, packed FROM card WHERE line = ? AND mine = ?", line, int(mine))
        return (int(row[0]), bytes(row[1])) if row else (0, b"")

    def tests(self, line: bytes, limit: int, *, mine: bool, manned: bool) -> list[TestRow]:
        """Line tests of one side, the latest first."""
        sql = """SELECT id, serial, nonce, manned, at_ms, echo_ms, officer FROM line_test
                 WHERE line = ? AND mine = ? AND manned = ? ORDER BY seq DESC LIMIT ?"""
        rows = many(self._db, sql, line, int(mine), int(manned), limit)
        return [TestRow(*(*row[:3], bool(row[3]), *row[4:])) for row in rows]

    def held(self, line: bytes) -> int:
        """How many notices of ours wait because the rules differ."""
        row = one(self._db, "SELECT count(*) FROM queue WHERE line = ? AND rank < 0", line)
        return int(row[0]) if row else 0

    def is_held(self, line: bytes, notice_id: bytes) -> bool:
        """Whether this one does."""
        return one(self._db, "SELECT 1 FROM queue WHERE line = ? AND key = ? AND rank < 0", line, notice_id) is not None


def _matter(row: Row) -> Matter:
    return Matter(*(*row[:2], bool(row[2]), *row[3:8], bool(row[8]), row[9], bool(row[10]), *row[11:]))


def _thread(row: Row) -> ThreadRow:
    return ThreadRow(*(row[0], bool(row[1]), *row[2:11], bool(row[11])))


def _deadline(row: Row) -> DeadlineRow:
    return DeadlineRow(*(row[0], bool(row[1]), *row[2:4], bool(row[4]), *row[5:]))
