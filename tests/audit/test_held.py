"""A log in a list answers the core as one in a database does, and knows of no heads."""

from hotline.audit.held import HeldLine, HeldLog
from hotline.core import tree
from hotline.core.ledger import Ledger
from hotline.core.step import Stored

ENTRIES = [Stored(bytes([n]), tree.leaf_hash(bytes([n])), b"", b"") for n in range(5)]


def test_its_entries_are_given_by_range() -> None:
    log = HeldLog(ENTRIES)
    assert log.size() == 5
    assert log.entries(1, 3) == ENTRIES[1:3]
    assert log.leaves(3, 9) == [entry.leaf for entry in ENTRIES[3:]]


def test_a_ledger_over_it_has_the_root_of_its_leaves() -> None:
    ledger = Ledger("origin", HeldLog(ENTRIES))
    assert ledger.root() == tree.root([entry.leaf for entry in ENTRIES])
    assert ledger.root_at(2) == tree.root([entry.leaf for entry in ENTRIES[:2]])


def test_it_holds_nothing_but_entries() -> None:
    log = HeldLog(ENTRIES)
    assert (log.head(), log.receipt(), log.intent(), log.proposal_after(0)) == (None, None, None, None)
    assert (log.last_serial(), log.judged(), log.has_notice(b"", 5), log.frozen()) == (0, (0, 0), False, b"")
    assert HeldLine(log, log).queued(10) == []
