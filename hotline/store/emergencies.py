"""Emergency texts, kept beside the logs (SPEC section 7.11): reading for both, writing for the store alone."""

from dataclasses import dataclass

import apsw

from hotline import limits
from hotline.core.step import EmergencySeen, KeepEmergency
from hotline.store.rows import Row, many, one


@dataclass(frozen=True, slots=True)
class EmergencyRow:
    """One emergency text. `seen_ms` of mine is 0 until the peer's station has said that it stored and showed it."""

    seq: int
    line: bytes
    mine: bool
    id: bytes
    time_ms: int
    officer: str
    text: str
    at_ms: int
    seen_ms: int


@dataclass(frozen=True, slots=True)
class KeptEmergency:
    """One as an auditor reads it: the payload as it was signed, and the signature in the SEEN, for mine."""

    mine: bool
    id: bytes
    payload: bytes
    time_ms: int
    text: str
    seen_ms: int
    seen: bytes


class Emergencies:
    """Queries over one connection, all bounded; `keep` and the rest below write into the open transaction."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def payload(self, line: bytes, emergency_id: bytes, *, mine: bool) -> bytes:
        """As it was signed and sent, or empty; in whatever generation, so that what was shown is not shown again."""
        sql = """SELECT e.payload FROM log now JOIN log l ON l.pair = now.pair AND l.mine = 1
                 CROSS JOIN emergency e ON e.line = l.line AND e.mine = ?2 AND e.id = ?3
                 WHERE now.line = ?1 AND now.mine = 1 LIMIT 1"""
        row = one(self._db, sql, line, int(mine), emergency_id)
        return bytes(row[0]) if row else b""

    def unseen(self, line: bytes) -> list[tuple[bytes, bytes]]:
        """Id and payload of mine without a SEEN, oldest first."""
        sql = f"""SELECT id, payload FROM emergency WHERE line = ? AND mine = 1 AND seen_ms = 0
                  ORDER BY seq LIMIT {limits.EMERGENCIES}"""  # noqa: S608  # a number of ours
        return [(bytes(row[0]), bytes(row[1])) for row in many(self._db, sql, line)]

    def latest(self, limit: int) -> list[EmergencyRow]:
        """Of all lines and both directions, oldest first."""
        sql = """SELECT seq, line, mine, id, time_ms, officer, text, at_ms, seen_ms FROM emergency
                 ORDER BY seq DESC LIMIT ?"""
        rows = many(self._db, sql, min(limit, limits.API_PAGE))
        return [_row(row) for row in reversed(rows)]

    def to_print(self) -> list[EmergencyRow]:
        """The peers' that no printer has taken, oldest first."""
        sql = """SELECT seq, line, mine, id, time_ms, officer, text, at_ms, seen_ms FROM emergency
                 WHERE mine = 0 AND printed = 0 ORDER BY seq LIMIT ?"""
        return [_row(row) for row in many(self._db, sql, limits.EMERGENCIES_KEPT)]

    def kept(self, line: bytes) -> list[KeptEmergency]:
        """All of a line, oldest first."""
        sql = """SELECT mine, id, payload, time_ms, text, seen_ms, seen FROM emergency WHERE line = ?
                 ORDER BY seq LIMIT ?"""
        rows = many(self._db, sql, line, 2 * limits.EMERGENCIES_KEPT + limits.EMERGENCIES)
        return [KeptEmergency(bool(row[0]), *row[1:]) for row in rows]

    # --- writing, in the transaction of the batch ------------------------------------------------------

    def keep(self, line: bytes, e: KeepEmergency, now_ms: int) -> None:
        """Keep one, and no more than EMERGENCIES_KEPT of its direction; those that wait are not dropped."""
        self._db.execute(
            """INSERT INTO emergency (line, mine, id, payload, time_ms, officer, text, at_ms, seen_ms, seen, printed)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, x'', 0)""",
            (line, int(e.mine), e.id, e.payload, e.time_ms, e.officer, e.text, now_ms, 0 if e.mine else now_ms),
        )
        self._db.execute(
            """DELETE FROM emergency WHERE line = ?1 AND mine = ?2 AND seen_ms > 0 AND seq NOT IN
               (SELECT seq FROM emergency WHERE line = ?1 AND mine = ?2 ORDER BY seq DESC LIMIT ?3)""",
            (line, int(e.mine), limits.EMERGENCIES_KEPT),
        )

    def seen(self, line: bytes, e: EmergencySeen, now_ms: int) -> None:
        """The SEEN of one of mine has come."""
        sql = (
            "UPDATE emergency SET seen_ms = max(?, 1), seen = ? WHERE line = ? AND mine = 1 AND id = ? AND seen_ms = 0"
        )
        self._db.execute(sql, (now_ms, e.signature, line, e.id))

    def printed(self, seq: int) -> None:
        """The printer has taken one."""
        self._db.execute("UPDATE emergency SET printed = 1 WHERE seq = ?", (seq,))


def _row(row: Row) -> EmergencyRow:
    return EmergencyRow(*(*row[:2], bool(row[2]), *row[3:]))
