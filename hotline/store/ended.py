"""What ended with a generation and goes over to none (SPEC section 7.13): what officers are told to say again."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import apsw

from hotline.core import entry, queue
from hotline.core.queue import QueuedAnswer
from hotline.core.step import Event
from hotline.store.matters import ACKNOWLEDGE, REPLY, REPORT
from hotline.store.rows import many, one
from hotline.store.views import SqlLog

ANSWER_NOT_CARRIED = "NOT CARRIED OVER"
NAMED = 20  # by name; what is more is counted
_AT_ONCE = 256  # entries read at a time
_LIST_BYTES = 700  # of the journal's 1,024: a name of 64 bytes in each would not fit
_DUE = {ACKNOWLEDGE: "acknowledgement due", REPLY: "reply due", REPORT: "report due"}


class Ended:
    """The generation of these two logs, as it ended. `names` are what our notices and the peer's are called by."""

    def __init__(
        self, db: apsw.Connection, line: bytes, generation: int, own: SqlLog, mirror: int, names: tuple[str, str]
    ) -> None:
        self._db = db
        self._line = line
        self._generation = generation
        self._own = own
        self._mirror = mirror
        self._name, self._peer = names

    def answers(self, from_: int) -> Iterator[QueuedAnswer]:
        """Mine that stand in my log from this index on."""
        for at in range(from_, self._own.size(), _AT_ONCE):
            for stored in self._own.entries(at, min(at + _AT_ONCE, self._own.size())):
                content = entry.decode_content(entry.envelope(stored.entry).content)
                row = queue.from_entry(content, stored.salt, stored.body)
                if row is not None and isinstance(row.what, QueuedAnswer):
                    yield row.what

    def tell_answers(self, answers: Sequence[QueuedAnswer]) -> list[Event]:
        """Mark what they answer, and tell those that an officer gave: the peer's officers wait for them."""
        given = [(_verb(a), a) for a in answers if _verb(a)]
        for what, answer in given:
            mark = f"{ANSWER_NOT_CARRIED}: our {what} did not reach {self._peer} before this generation ended"
            sql = "UPDATE inbox SET marks = ltrim(marks || char(10) || ?, char(10)) WHERE log = ? AND idx = ?"
            self._db.execute(sql, (mark, self._mirror, answer.target))
        told = [
            self._alarm(
                f"Our {what} of {self._answered(answer.target)} did not reach {self._peer} before generation"
                f" {self._generation} ended: say it by telephone or in a notice."
            )
            for what, answer in given[:NAMED]
        ]
        if more := len(given) - len(told):
            text = f"{more} more of our answers did not reach {self._peer}; `hotline inbox` marks what they answer."
            told.append(self._alarm(text))
        return told

    def _answered(self, index: int) -> str:
        sql = "SELECT serial FROM inbox WHERE log = ? AND idx = ? AND serial > 0"
        row = one(self._db, sql, self._mirror, index)
        return f"{self._peer} {row[0]}" if row else f"entry {index} of {self._peer}'s log"

    def tell_open(self) -> list[Event]:
        """Deadlines, activities and unopened notices that are in force no more; before they are ended."""
        standing: dict[tuple[int, bytes], list[str]] = defaultdict(list)
        sql = "SELECT mine, id, what FROM deadline WHERE line = ? AND state < 3 ORDER BY due_s, mine, id, what"
        for mine, key, what in many(self._db, sql, self._line):
            standing[mine, bytes(key)].append(_DUE[what])
        sql = "SELECT mine, id FROM thread WHERE line = ? AND over = 0 AND start_s > 0 ORDER BY start_s, mine, id"
        for mine, key in many(self._db, sql, self._line):
            standing[mine, bytes(key)].append("in force")
        sql = """SELECT id FROM inbox WHERE log = ? AND type = 2 AND reason = '' AND opened = 0 AND listed = 1
                 ORDER BY idx"""
        for (key,) in many(self._db, sql, self._mirror):
            standing[0, bytes(key)].append("not opened")
        if not standing:
            return []
        named = self._listed(standing)
        more = f"; and {len(standing) - len(named)} more" if len(standing) > len(named) else ""
        return [
            self._alarm(
                f"Ended with generation {self._generation}, and to be said again in new notices where it still holds:"
                f" {'; '.join(named)}{more}."
            )
        ]

    def _listed(self, standing: dict[tuple[int, bytes], list[str]]) -> list[str]:
        named: list[str] = []
        for (mine, key), what in list(standing.items())[:NAMED]:
            each = f"{self._called(mine, key)}: {', '.join(what)}"
            if sum(len(text.encode()) + 2 for text in (*named, each)) > _LIST_BYTES:
                break
            named.append(each)
        return named

    def _called(self, mine: int, key: bytes) -> str:
        table, log, name = ("outbox", self._own.log, self._name) if mine else ("inbox", self._mirror, self._peer)
        sql = f"SELECT serial, kind FROM {table} WHERE log = ? AND id = ? AND idx >= 0 ORDER BY idx LIMIT 1"  # noqa: S608  # fixed names
        row = one(self._db, sql, log, key)
        return f"{name} {row[0]} ({row[1] or 'unreadable'})" if row else f"notice {key.hex()[:8]}"

    def _alarm(self, text: str) -> Event:
        return Event("not-carried", text, alarm=True, origin=self._own.origin)


def _verb(answer: QueuedAnswer) -> str:
    """What an officer has said with it; empty of what was only opened, and of what the machine refused."""
    if answer.type == entry.ACKNOWLEDGEMENT:
        return "acknowledgement"
    return "refusal" if answer.type == entry.REFUSAL and answer.verdict == entry.REFUSED_BY_OFFICER else ""
