"""Re-reading the station's own journal from disk: every entry, leaf, root and signed head (SPEC section 13.5)."""

from hotline.audit.report import JournalReport
from hotline.core import checkpoint, journal, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.step import LockedHead
from hotline.core.suite import Suite
from hotline.errors import MalformedError
from hotline.store.archive import Archive, JournalLine
from hotline.store.journal import JournalHead

_PROBLEMS_SHOWN = 20


def verify_journal(suite: Suite, archive: Archive, card: Card, locked: LockedHead | None) -> JournalReport:
    """Check the journal of the station of `card`; `locked` is what the lock file names. Faults are collected."""
    check = _Check(suite, archive, card)
    check.run()
    check.against_lock(locked)
    return check.report


class _Check:
    """Problems are collected, the first of them first."""

    def __init__(self, suite: Suite, archive: Archive, card: Card) -> None:
        self._suite = suite
        self._archive = archive
        self._card = card
        self._roots: dict[int, bytes] = {0: tree.EMPTY_ROOT}
        self._sound = 0  # entries below the largest head whose root fits
        self.report = JournalReport()

    def run(self) -> None:
        """Recompute the tree over all entries, then hold each head against it."""
        heads = self._archive.journal_heads()
        frontier, wanted = tree.Frontier(), {head.size for head in heads}
        for row in self._archive.journal():
            if row.index != frontier.size:
                self._problem(f"entry {frontier.size} is missing.")
                break
            self._entry(row)
            frontier.push(tree.leaf_hash(row.entry))
            if frontier.size in wanted:
                self._roots[frontier.size] = frontier.root()
        self.report.entries = frontier.size
        self._frontier = frontier
        for head in heads:
            self._head(head)

    def _entry(self, row: JournalLine) -> None:
        if tree.leaf_hash(row.entry) != row.leaf:
            self._problem(f"entry {row.index} was altered: its bytes do not hash to its leaf hash.")
        try:
            entry = journal.unpack(row.entry)
        except MalformedError as e:
            self._problem(f"entry {row.index} is none: {e.what}")
            return
        if (entry.kind, entry.level, entry.time_ms) != (row.kind, row.level, max(row.at_ms, 0)):
            self._problem(f"entry {row.index} is listed under another kind, level or time than it has.")

    def _head(self, head: JournalHead) -> None:
        self.report.heads += 1
        cp = Checkpoint(journal.origin(self._card, max(head.generation, 1)), head.size, head.root)
        if not checkpoint.verify_head(self._suite, self._card.body.log, cp, head.signature):
            self._problem(f"the head of size {head.size} does not verify with the log key.")
        elif head.size > self.report.entries:
            self._problem(f"entries {self.report.entries} to {head.size - 1} are signed and missing.")
        elif self._roots.get(head.size) != head.root:
            self._problem(
                f"the head of size {head.size} has another root than the entries: one of {self._sound} to "
                f"{head.size - 1} was altered."
            )
        else:
            self._sound = self.report.signed = head.size
            self.report.signatures += 2

    def against_lock(self, locked: LockedHead | None) -> None:
        """The head that was signed last, as the lock file names it, must be one that this journal has had."""
        if locked is None:
            return
        if journal.generation_of(self._card, locked.origin) == 0:
            self._problem("heads.lock names a journal that is not this station's.")
        elif locked.size > self.report.entries:
            self._problem(
                f"heads.lock names size {locked.size} of the journal, but the database holds {self.report.entries}: "
                "its tail was cut off, or an older database was restored."
            )
        elif self._root_at(locked.size) != locked.root:
            self._problem(f"heads.lock names another root of the journal at size {locked.size} than the database has.")

    def _root_at(self, size: int) -> bytes:
        leaves = (tree.leaf_hash(row.entry) for row in self._archive.journal() if row.index < size)
        return tree.Frontier.of(leaves).root()

    def _problem(self, text: str) -> None:
        if len(self.report.problems) < _PROBLEMS_SHOWN:
            self.report.problems.append(text)
