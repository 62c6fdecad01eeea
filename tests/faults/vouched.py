"""Before a signature, what a power cut would leave holds all that the signature rests on (SPEC section 8)."""

from pathlib import Path

import apsw

from hotline.core import entry, tree
from hotline.core.step import SignHead, SignReceipt
from hotline.core.view import Lock
from hotline.store.views import SqlLog


def check_vouched(request: SignHead | SignReceipt, database: Path, lock: Lock) -> None:
    """Assert that this database and lock file, as they are on disk, bear the signature that is asked for."""
    cp = request.checkpoint
    db = apsw.Connection(str(database))
    try:
        rows = list(db.execute("SELECT id FROM log WHERE origin = ?", (cp.origin,)))
        assert rows, f"signs size {cp.size} of {cp.origin}, of which nothing is on disk"
        _check_log(request, SqlLog(db, rows[0][0], cp.origin))
    finally:
        db.close()
    locked = lock.own if isinstance(request, SignHead) else lock.peer
    assert locked is not None, f"signs size {cp.size} before any lock file is on disk"
    assert (locked.origin, locked.size, locked.root) == (cp.origin, cp.size, cp.root), (
        "signs what is not locked on disk"
    )


def _check_log(request: SignHead | SignReceipt, log: SqlLog) -> None:
    cp = request.checkpoint
    stored = log.entries(0, cp.size)
    assert len(stored) == cp.size, f"signs size {cp.size} with {len(stored)} entries on disk"
    assert tree.Frontier.of(iter([each.leaf for each in stored])).root() == cp.root, (
        "signs another root than is on disk"
    )
    if isinstance(request, SignHead):
        receipt = log.receipt()
        assert receipt is not None, "signs a head with no receipt on disk"
        assert (receipt.size, receipt.root) == (cp.size, cp.root), "signs a head whose receipt is not on disk"
    else:
        fits = [entry.body_fits(each.entry, each.salt, each.body) for each in stored]
        assert all(fits), f"receipts entry {fits.index(False)} without its body on disk"
        intent = log.intent()
        assert intent is not None, "signs a receipt whose statement is not on disk"
        stated = (intent.size, intent.root, intent.timestamp_s)
        assert stated == (cp.size, cp.root, request.timestamp_s), "signs a receipt with another statement on disk"
