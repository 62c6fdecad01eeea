"""Evidence about one notice: a C2SP `.tlog-proof` with the log's and the receipt's signatures (SPEC section 5.5)."""

from hotline.audit.eras import Era, eras
from hotline.audit.reference import Ref, not_found, parse_ref
from hotline.core import checkpoint, entry, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.proof import Extra, Proof
from hotline.core.step import KeepHead, KeepReceipt
from hotline.errors import CheckFailed, NotFoundError, NotYet, UsageError
from hotline.home import Home, PeerLine
from hotline.store.archive import Archive, ArchivedLog
from hotline.text import safe


def prove(home: Home, ref: str, *, show_body: bool = True) -> bytes:
    """Return the proof of a notice, sent or received, as the bytes of a `.tlog-proof` file.

    Of a line it is the one of the latest generation that has such a notice. NotFoundError if there is none here, or
    none ever will be; NotYet if no head that covers it is signed and receipted. Without `show_body` the proof shows
    the entry's commitment only.
    """
    wanted = parse_ref(ref)
    mine = home.require().card()
    with Archive.open(home.database_path) as archive:
        places = [place for peer in home.lines() if (place := _latest(archive, mine, peer, wanted))]
        if len(places) > 1:
            raise UsageError(f"{ref} is said on {len(places)} lines.", "Use the notice's id: `hotline show` tells it.")
        if not places:
            raise not_found(ref)
        ((era, log, index),) = places
        ours, theirs = era.cards()
        owner, holder = (ours, theirs) if log.mine else (theirs, ours)
        try:
            return _prove(archive, log, owner, holder, index, show_body).encode()
        except NotYet:
            if era.ended:
                raise _never(ref, era) from None
            raise


def _never(ref: str, era: Era) -> NotFoundError:
    return NotFoundError(
        f"Generation {era.number} has ended before a head over {safe(ref, limit=60)} was signed and receipted: it will"
        " not be.",
        "Say it anew if it still holds; what went again has a serial of its own, which `hotline outbox` tells.",
    )


def _latest(archive: Archive, mine: Card, peer: PeerLine, wanted: Ref) -> tuple[Era, ArchivedLog, int] | None:
    """Where the notice stands on one line. Ours comes first: a peer may use an id or a name of ours."""
    known = eras(mine, peer)
    names = {True: {mine.body.name}, False: {peer.card.body.name, peer.alias}}
    for ours in (True, False):
        for era in reversed(known):
            card = era.mine if ours else era.peer
            called = names[ours] | ({card.body.name} if card else set())
            for log in archive.logs(era.line):
                index = _find(archive, log, wanted, called) if log.mine == ours else None
                if index is not None:
                    return era, log, index
    return None


def _find(archive: Archive, log: ArchivedLog, wanted: Ref, names: set[str]) -> int | None:
    if wanted.id:
        return archive.find(log, notice_id=wanted.id)
    if wanted.name not in names:
        return None
    return archive.find(log, serial=wanted.serial)


def _prove(archive: Archive, log: ArchivedLog, owner: Card, holder: Card, index: int, show_body: bool) -> Proof:
    head, receipt = _covering(archive, log, index)
    leaves = []
    shown = None
    for at, stored in archive.entries(log.id):
        if at >= head.size:
            break
        leaves.append(tree.leaf_hash(stored.entry))  # never the leaf that is kept beside it: evidence is of the bytes
        if at == index:
            shown = stored
    whole = shown is not None and entry.body_fits(shown.entry, shown.salt, shown.body)
    if shown is None or not whole or tree.root(leaves) != head.root:
        raise CheckFailed("The log on disk is not what was signed: it proves nothing.", "Run `hotline verify`.")
    extra = Extra(shown.entry, shown.salt if show_body else b"", shown.body if show_body else b"")
    note = checkpoint.evidence_note(
        Checkpoint(log.origin, head.size, head.root),
        log_public=owner.body.log,
        head_signature=head.signature,
        receipt_public=holder.body.receipt,
        receipt_name=holder.receipt_name,
        timestamp_s=receipt.timestamp_s,
        receipt_signature=receipt.signature,
    )
    return Proof(index, tuple(tree.inclusion_proof(leaves, index)), extra.encode(), note)


def _covering(archive: Archive, log: ArchivedLog, index: int) -> tuple[KeepHead, KeepReceipt]:
    """The smallest head over this entry that has a receipt of the same size."""
    receipts = {r.size: r for r in archive.receipts(log)}
    for head in archive.heads(log):
        if head.size > index and head.size in receipts:
            return head, receipts[head.size]
    raise NotYet("No head over this notice is signed and receipted yet.", "Wait until it is STORED.")
