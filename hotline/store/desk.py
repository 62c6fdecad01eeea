"""Writing the record: threads, deadlines, drafts, watches, cards, line tests; in the transaction of the batch."""

from collections.abc import Callable, Sequence
from pathlib import Path

import apsw

from hotline import limits
from hotline.core import queue
from hotline.errors import BusyError
from hotline.store.matters import MET, OVERDUE, REPLY, WARNED, DraftRow, Matter, Matters, ThreadRow
from hotline.store.rows import many, one, told_as

DESPITE_RULES = "Let go although the rules differ"
# What a notice of these relations may say depends on those of them that came before it (NOTICES.md, section 26).
_CHANGING = ("amends", "cancels", "starts", "completes", "reports")
_CHANGES = f"relation IN {_CHANGING}"
HELD_RANK = -1  # below every rank: such rows are not taken into the log
TESTS_KEPT = 1000  # of each side of a line: six weeks of hourly ones


class Desk(Matters):
    """Belongs to the store; used by its thread only. `begin` opens the transaction if none is open."""

    def __init__(self, db: apsw.Connection, path: Path, begin: Callable[[], None]) -> None:
        super().__init__(db)
        self._path = str(path)
        self._begin = begin

    def _run(self, sql: str, *args: object) -> int:
        with told_as(self._path):
            self._begin()
            self._db.execute(sql, args)
            return self._db.changes()

    # --- threads ---------------------------------------------------------------------------------

    def note(
        self, line: bytes, notice_id: bytes, kind: str, mode: int, *, mine: bool, relation: str = "",
        target: bytes = b"", target_mine: bool = False, root: bytes = b"", root_mine: bool = False, index: int = -1,
        successor: bytes = b"",
    ) -> None:  # fmt: skip
        """Keep what a notice refers to; without a relation it is the first of its own thread.

        An empty root with a relation: what it refers to has not come yet (`belongs`).
        """
        root, root_mine = (root, root_mine) if relation else (notice_id, mine)
        self._run(
            """INSERT OR IGNORE INTO matter (line, mine, id, kind, mode, relation, target, target_mine, root, root_mine,
                 idx, successor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            line, int(mine), notice_id, kind, mode, relation, target, int(target_mine), root, int(root_mine), index,
            successor,
        )  # fmt: skip

    def belongs(self, matter: Matter, *, root: bytes, root_mine: bool) -> None:
        """What a notice refers to has come: it belongs to that thread."""
        sql = "UPDATE matter SET root = ?, root_mine = ? WHERE line = ? AND mine = ? AND id = ?"
        self._run(sql, root, int(root_mine), matter.line, int(matter.mine), matter.id)

    def keep_thread(self, t: ThreadRow) -> None:
        """Keep the state of a thread."""
        self._run(
            """INSERT OR REPLACE INTO thread (line, mine, id, kind, title, mode, state, revision, start_s, end_s,
                 latest, over) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            t.line, int(t.mine), t.id, t.kind, t.title, t.mode, t.state, t.revision, t.start_s, t.end_s, t.latest,
            int(t.over),
        )  # fmt: skip

    def mark(self, log_table: str, line: bytes, notice_id: bytes, marks: Sequence[str]) -> None:
        """Keep what an officer must see beside a notice of the `outbox` or `inbox`."""
        table, mine = ("outbox", 1) if log_table == "outbox" else ("inbox", 0)
        sql = f"""UPDATE {table} SET marks = ? WHERE id = ?
                  AND log IN (SELECT id FROM log WHERE line = ? AND mine = {mine})"""  # noqa: S608  # fixed names
        self._run(sql, "\n".join(marks), notice_id, line)

    # --- deadlines -------------------------------------------------------------------------------

    def open_deadline(
        self, line: bytes, notice_id: bytes, what: int, due_s: int, warn_s: int, span_s: int, *, mine: bool, owed: bool,
        most_s: int = 0,
    ) -> None:  # fmt: skip
        """Begin a deadline; one that is there already is set anew, unless it was met."""
        self._run(
            """INSERT INTO deadline (line, mine, id, what, owed, due_s, warn_s, span_s, most_s, state)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (line, mine, id, what) DO UPDATE SET
               due_s = excluded.due_s, warn_s = excluded.warn_s, span_s = excluded.span_s, most_s = excluded.most_s,
               state = 0 WHERE state < 3""",
            line, int(mine), notice_id, what, int(owed), due_s, warn_s, span_s, most_s,
        )  # fmt: skip

    def restart_deadlines(self, line: bytes, own_log: int, start: int, end: int, now_s: int) -> None:
        """The peer has the notices of [start, end) of my log: what counts from receipt counts from now.

        As at the peer, what is still to begin is acknowledged before it begins, and what is released viewed before.
        """
        bound = f"most_s > ?1 OR (what = {REPLY} AND most_s > 0)"
        due = f"(CASE WHEN {bound} THEN min(?1 + span_s, most_s) ELSE ?1 + span_s END)"
        self._run(
            f"""UPDATE deadline SET due_s = {due}, warn_s = {due} - (due_s - warn_s), state = 0
               WHERE line = ?2 AND mine = 1 AND span_s > 0 AND state < 3 AND owed = 0
               AND id IN (SELECT id FROM outbox WHERE log = ?3 AND idx >= ?4 AND idx < ?5)""",  # noqa: S608  # fixed words
            now_s, line, own_log, start, end,
        )  # fmt: skip

    def meet(self, line: bytes, notice_id: bytes, whats: Sequence[int], *, mine: bool) -> None:
        """What was waited for has come, late or not."""
        for what in whats:
            sql = "UPDATE deadline SET state = ? WHERE line = ? AND mine = ? AND id = ? AND what = ?"
            self._run(sql, MET, line, int(mine), notice_id, what)

    def warned(self, line: bytes, notice_id: bytes, what: int, *, mine: bool) -> None:
        """Somebody was told that it comes near."""
        self._set_state(WARNED, line, notice_id, what, mine)

    def overdue(self, line: bytes, notice_id: bytes, what: int, *, mine: bool) -> None:
        """Somebody was told that it has passed."""
        self._set_state(OVERDUE, line, notice_id, what, mine)

    def _set_state(self, state: int, line: bytes, notice_id: bytes, what: int, mine: bool) -> None:
        sql = "UPDATE deadline SET state = ? WHERE line = ? AND mine = ? AND id = ? AND what = ? AND state < 3"
        self._run(sql, state, line, int(mine), notice_id, what)

    # --- the queue -------------------------------------------------------------------------------

    def hold(self, line: bytes, passing: Sequence[str]) -> int:
        """Keep queued notices back, except FLASH, these kinds, and what an officer let go; return how many."""
        marks = ", ".join("?" * len(passing))
        sql = f"""UPDATE queue SET rank = {HELD_RANK} WHERE line = ? AND rank >= 0 AND rank < ? AND EXISTS (
                    SELECT 1 FROM log l CROSS JOIN outbox o ON o.log = l.id AND o.id = queue.key
                    WHERE l.line = queue.line AND l.mine = 1 AND o.idx < 0 AND instr(o.marks, ?) = 0
                    AND o.kind NOT IN ({marks}))"""  # noqa: S608  # fixed names, bound values
        return self._run(sql, line, queue.RANK_CONTROL, DESPITE_RULES, *passing)

    def hold_one(self, line: bytes, key: bytes) -> None:
        """Keep one queued notice back."""
        self._run("UPDATE queue SET rank = ? WHERE line = ? AND key = ?", HELD_RANK, line, key)

    def let_go(self, line: bytes) -> int:
        """Let all held notices go; return how many."""
        moved = self._free(line)
        sql = """SELECT q.key, q.rank FROM queue q JOIN matter m ON m.line = q.line AND m.mine = 1 AND m.id = q.key
                 WHERE q.line = ? AND q.rank >= 0 AND m.target_mine = 1 AND m.relation <> ''
                 ORDER BY q.rank DESC, q.seq"""
        # They have their own ranks again, and have lost those to which more urgent ones had pulled them.
        for key, rank in many(self._db, sql, line) if moved else ():
            self.pull_targets(line, key, rank)
        return moved

    def let_go_despite(self, line: bytes, key: bytes) -> None:
        """An officer lets this one go although the rules differ, and what it refers to: they are not held again."""
        self._free(line, key)
        self._mark_despite(line, key)
        self.pull_targets(line, key, self._rank(line, key))

    def _free(self, line: bytes, key: bytes = b"") -> int:
        chosen = "AND key = ?" if key else ""
        sql = f"""UPDATE queue SET rank = (SELECT CASE o.precedence WHEN {queue.FLASH} THEN {queue.RANK_FLASH}
                    ELSE o.precedence END FROM log l CROSS JOIN outbox o ON o.log = l.id
                    WHERE l.line = queue.line AND l.mine = 1 AND o.id = queue.key)
                  WHERE line = ? AND rank < 0 {chosen}"""  # noqa: S608  # fixed names, bound values
        return self._run(sql, line, *((key,) if key else ()))

    def _mark_despite(self, line: bytes, key: bytes) -> None:
        sql = """UPDATE outbox SET marks = ltrim(marks || char(10) || ?, char(10)) WHERE id = ? AND instr(marks, ?) = 0
                 AND log IN (SELECT id FROM log WHERE line = ? AND mine = 1)"""
        self._run(sql, DESPITE_RULES, key, DESPITE_RULES, line)

    def _rank(self, line: bytes, key: bytes) -> int:
        row = one(self._db, "SELECT rank FROM queue WHERE line = ? AND key = ?", line, key)
        return int(row[0]) if row else HELD_RANK

    def pull_targets(self, line: bytes, key: bytes, rank: int) -> None:
        """What this notice of mine rests on and is queued goes before it: the peer could not understand it otherwise.

        Also what is held, unless this one is. Ends at what goes as early already, since what that rests on does so too.
        """
        waiting = [key] if rank > HELD_RANK else []
        while waiting:
            matter = self.matter(line, waiting.pop(), mine=True)
            for before in self._rests_on(matter) if matter is not None else ():
                freed = self._free(line, before)
                if freed:
                    self._mark_despite(line, before)
                if self._pull(line, before, rank) or freed:
                    waiting.append(before)

    def _rests_on(self, m: Matter) -> list[bytes]:
        """What of mine must be known before this one: its target, its successor, what changed the target before it."""
        if not m.relation or not m.target_mine:
            return []
        sql = f"""SELECT m.id FROM matter m CROSS JOIN queue q ON q.line = m.line AND q.key = m.id
                  WHERE m.line = ? AND m.target = ? AND m.target_mine = 1 AND m.mine = 1 AND m.relation <> ''
                  AND m.{_CHANGES} AND m.seq < ? ORDER BY m.seq"""  # noqa: S608  # fixed words
        earlier = many(self._db, sql, m.line, m.target, m.seq) if m.relation in _CHANGING else []
        return [m.target, *([m.successor] if m.successor else []), *(bytes(row[0]) for row in earlier)]

    def _resting_on(self, m: Matter) -> list[bytes]:
        """What of mine must come after this one, in order: the other way round."""
        sql = f"""SELECT id, seq FROM matter WHERE line = ?1 AND target = ?2 AND target_mine = 1 AND mine = 1
                    AND relation <> '' UNION
                  SELECT id, seq FROM matter WHERE line = ?1 AND successor = ?2 AND successor <> x'' AND mine = 1 UNION
                  SELECT id, seq FROM matter WHERE line = ?1 AND target = ?3 AND target_mine = ?4 AND mine = 1
                    AND relation <> '' AND {_CHANGES} AND ?5 AND seq > ?6 ORDER BY seq"""  # noqa: S608  # fixed words
        changes = m.target_mine and m.relation in _CHANGING
        rows = many(self._db, sql, m.line, m.id, m.target, int(m.target_mine), int(changes), m.seq)
        return [bytes(row[0]) for row in rows]

    def _pull(self, line: bytes, key: bytes, rank: int) -> bool:
        sql = "UPDATE queue SET rank = ? WHERE line = ? AND key = ? AND rank < ?"
        return bool(self._run(sql, rank, line, key, rank))

    def requeued(self, line: bytes, key: bytes) -> None:
        """A notice of mine waits again that was in the log: what refers to it goes after it, however early it came."""
        waiting = [key]
        while waiting:
            before = self.matter(line, waiting.pop(), mine=True)
            for after in self._resting_on(before) if before is not None else ():
                sql = """UPDATE queue SET seq = (SELECT max(seq) FROM queue) + 1 WHERE line = ?1 AND key = ?2
                         AND seq < (SELECT seq FROM queue WHERE line = ?1 AND key = ?3)"""
                if before is not None and self._run(sql, line, after, before.id):
                    waiting.append(after)
                self.pull_targets(line, after, self._rank(line, after))
        self.pull_targets(line, key, self._rank(line, key))

    # --- drafts ----------------------------------------------------------------------------------

    def keep_draft(self, d: DraftRow) -> int:
        """Keep a draft and return its number. BusyError past the bound of drafts."""
        row = one(self._db, "SELECT count(*) FROM draft")
        if row and row[0] >= limits.DRAFTS:
            raise BusyError(f"There are {limits.DRAFTS} drafts already.", "Release or discard some.")
        self._run(
            """INSERT INTO draft (line, id, kind, subject, precedence, mode, expires_s, salt, body, drafter, officer,
                 signature, made_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            d.line, d.id, d.kind, d.subject, d.precedence, d.mode, d.expires_s, d.salt, d.body, d.drafter, d.officer,
            d.signature, d.made_ms,
        )  # fmt: skip
        return self._db.last_insert_rowid()

    def drop_draft(self, number: int) -> bool:
        """Take a draft away; False if there is none."""
        return bool(self._run("DELETE FROM draft WHERE number = ?", number))

    # --- watches, cards, tests ---------------------------------------------------------------------

    def keep_watch(
        self, line: bytes, state: int, officer: str, relieved: str, signed_ms: int, text: str, *, mine: bool
    ) -> None:
        """Keep a watch entry, unless a later one of that officer is known: an old one can be put into a log again.

        Whom it relieves goes off with it.
        """
        for name, on, off, said in ((officer, state, relieved, text), *(((relieved, 0, "", ""),) if relieved else ())):
            self._run(
                """INSERT INTO watch (line, mine, officer, state, relieved, signed_ms, text)
                   VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (line, mine, officer) DO UPDATE SET state = excluded.state,
                   relieved = excluded.relieved, signed_ms = excluded.signed_ms, text = excluded.text
                   WHERE excluded.signed_ms >= signed_ms""",
                line, int(mine), name, on, off, signed_ms, said,
            )  # fmt: skip

    def keep_card(self, line: bytes, number: int, packed: bytes, *, mine: bool) -> None:
        """Keep a card, unless a newer one is known."""
        self._run(
            """INSERT INTO card (line, mine, number, packed) VALUES (?, ?, ?, ?) ON CONFLICT (line, mine) DO UPDATE
               SET number = excluded.number, packed = excluded.packed WHERE excluded.number > number""",
            line, int(mine), number, packed,
        )  # fmt: skip

    def keep_test(
        self, line: bytes, notice_id: bytes, serial: int, nonce: bytes, at_ms: int, *, mine: bool, manned: bool
    ) -> None:
        """Keep a line test; the oldest give way."""
        new = self._run(
            """INSERT OR IGNORE INTO line_test (line, mine, id, serial, nonce, manned, at_ms, echo_ms, officer)
               VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')""",
            line, int(mine), notice_id, serial, nonce, int(manned), at_ms,
        )  # fmt: skip
        if new and self._db.last_insert_rowid() % 64 == 0:
            self._run(
                """DELETE FROM line_test WHERE line = ? AND mine = ? AND manned = ? AND seq <= (SELECT seq FROM
                     line_test WHERE line = ? AND mine = ? AND manned = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)""",
                line, int(mine), int(manned), line, int(mine), int(manned), TESTS_KEPT,
            )  # fmt: skip

    def test_answered(self, line: bytes, notice_id: bytes, now_ms: int, officer: str, *, mine: bool) -> None:
        """An echo, or an officer's acknowledgement of a manned test, has come; the first counts."""
        sql = """UPDATE line_test SET echo_ms = ?, officer = ?
                 WHERE line = ? AND mine = ? AND id = ? AND echo_ms <= 0"""
        self._run(sql, now_ms, officer, line, int(mine), notice_id)
