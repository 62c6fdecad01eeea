"""A disk that refuses a write, or keeps it and says that it did not. SQLite itself reports it to the real store."""

from collections import Counter

import apsw

from hotline.errors import StoreError

# `kept` is what the field calls failed-but-persisted: the caller is told of a failure, the disk has it.
WRITE_FAULTS = ("write failed", "commit failed", "commit failed but kept", "lock failed", "lock failed but kept")
_WRITING = ("INSERT", "UPDATE", "DELETE")


class Disk:
    """Counts down to the write that fails. A station that meets StoreError stops, so one fault is armed at a time."""

    def __init__(self) -> None:
        self._armed: dict[str, int] = {}
        self.failed: Counter[str] = Counter()
        self.refused = False  # in the life of this process

    def arm(self, fault: str, passes: int, db: apsw.Connection) -> None:
        """Fail at the write of this kind after so many: rows, commits, or lock files."""
        self._armed[fault] = passes
        if fault == "write failed":
            db.exec_trace = self._row
        elif fault == "commit failed":
            db.set_commit_hook(lambda: self._now("commit failed"))

    def clear(self) -> None:
        """A new process on a disk that is whole again."""
        self._armed.clear()
        self.refused = False

    def check(self, fault: str) -> None:
        """Raise StoreError if this write is the one."""
        if self._now(fault):
            raise StoreError("The disk reports an error.", "Check the disk.")

    def _now(self, fault: str) -> bool:
        if fault not in self._armed:
            return False
        self._armed[fault] -= 1
        if self._armed[fault] >= 0:
            return False
        del self._armed[fault]
        self.failed[fault] += 1
        self.refused = True
        return True

    def _row(self, _: apsw.Cursor, sql: str, __: object) -> bool:
        """SQLite asks before each statement; False makes it fail."""
        return not (sql.lstrip().startswith(_WRITING) and self._now("write failed"))
