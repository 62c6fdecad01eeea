"""Exporting a line for somebody who has neither Hotline nor trust: SPEC section 9."""

from pathlib import Path

from hotline.audit import chain
from hotline.audit.eras import Era, closings_before, era_of
from hotline.audit.fork import one_line
from hotline.audit.verify import newest_card
from hotline.core import checkpoint, entry, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint
from hotline.core.generation import ClosingFile
from hotline.core.note import Note
from hotline.errors import CheckFailed, HostError, UsageError
from hotline.home import Home
from hotline.store.archive import Archive, ArchivedLog

_REMEDY = "Run `hotline verify`: it names what was altered."


def export_line(home: Home, line: str | None, folder: Path, *, generation: int | None = None) -> list[Path]:
    """Write both cards, and each log's entries and checkpoint, into a new or empty folder; return the files.

    Of the present generation if none is named; of one above 1 also the closing files of all before it.
    """
    peer = one_line(home.require(), line)
    era = era_of(home.card(), peer, generation)
    cards, closings = era.cards(), closings_before(peer, era.number)
    try:
        with Archive.open(home.database_path) as archive:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise UsageError(f"{folder} is not empty.", "Give a new folder.")
            return [*_write(archive, era, *cards, folder), *_write_closings(closings, folder)]
    except OSError as e:
        raise HostError(f"{folder} cannot be written: {e.strerror}.", "Choose another folder.") from None


def _write_closings(closings: list[ClosingFile], folder: Path) -> list[Path]:
    made = [folder / chain.file_name(file.closing.generation, file.closing.author) for file in closings]
    for path, file in zip(made, closings, strict=True):
        path.write_text(file.text(), encoding="ascii")
    return made


def _write(archive: Archive, era: Era, mine: Card, theirs: Card, folder: Path) -> list[Path]:
    for log in archive.logs(era.line):
        _require_whole(archive, log)
        theirs = theirs if log.mine else newest_card(archive, log, theirs)
    made = [folder / f"{_stem(card)}.card" for card in (mine, theirs)]
    for path, card in zip(made, (mine, theirs), strict=True):
        path.write_text(card.text(), encoding="ascii")
    for log in archive.logs(era.line):
        owner, holder = (mine, theirs) if log.mine else (theirs, mine)
        made += _write_log(archive, log, owner, holder, folder)
    return made


def _require_whole(archive: Archive, log: ArchivedLog) -> None:
    """An altered store must not become evidence that only its reader finds out."""
    heads = archive.heads(log)
    size, root = (heads[-1].size, heads[-1].root) if heads else (0, tree.EMPTY_ROOT)
    frontier = tree.Frontier()
    for index, stored in archive.entries(log.id):
        if index >= size:
            break
        if stored.body and not entry.body_fits(stored.entry, stored.salt, stored.body):
            raise CheckFailed(f"Entry {index} of {log.origin} was altered: nothing is exported.", _REMEDY)
        frontier.push(tree.leaf_hash(stored.entry))
    if frontier.root() != root:
        raise CheckFailed(f"{log.origin} on disk is not what was signed: nothing is exported.", _REMEDY)


def _stem(card: Card) -> str:
    return card.fingerprint[:16].hex()


def _write_log(archive: Archive, log: ArchivedLog, owner: Card, holder: Card, folder: Path) -> list[Path]:
    note = _checkpoint(archive, log, owner, holder)
    if note is None:
        return []
    cp = Checkpoint.parse_text(note.text)
    entries = folder / f"{_stem(owner)}.entries"
    with entries.open("wb") as f:
        for index, stored in archive.entries(log.id):
            if index >= cp.size:
                break
            for part in (stored.entry, stored.salt, stored.body):
                f.write(len(part).to_bytes(4, "big") + part)
    signed = folder / f"{_stem(owner)}.checkpoint"
    signed.write_bytes(note.encode())
    return [entries, signed]


def _checkpoint(archive: Archive, log: ArchivedLog, owner: Card, holder: Card) -> Note | None:
    """The largest head that has a receipt of its size, with all four lines; None before the first."""
    receipts = {r.size: r for r in archive.receipts(log)}
    for head in reversed(archive.heads(log)):
        if head.size in receipts:
            r = receipts[head.size]
            return checkpoint.evidence_note(
                Checkpoint(log.origin, head.size, head.root),
                log_public=owner.body.log,
                head_signature=head.signature,
                receipt_public=holder.body.receipt,
                receipt_name=holder.receipt_name,
                timestamp_s=r.timestamp_s,
                receipt_signature=r.signature,
            )
    return None
