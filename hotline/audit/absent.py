"""What a home should hold of the generations of its lines and does not, and what it holds that no file explains."""

from collections.abc import Mapping

from hotline.audit.eras import Era
from hotline.audit.report import LineReport, Report
from hotline.core import journal
from hotline.errors import MalformedError
from hotline.store.archive import Archive, ArchivedLog
from hotline.store.lockfile import LockFile
from hotline.text import safe


def absent(part: LineReport, archive: Archive, era: Era, logs: list[ArchivedLog], known: tuple[Era, ...]) -> None:
    """Of a generation whose logs, or whose cards, are not here: a problem, or a note where it can be so rightly.

    `known` are all generations of the line. Once a database is lost, the peer gives back the one that is present then.
    """
    sizes = era.closing.own.size + era.closing.mirror.size if era.closing else 0
    if logs:
        part.problems.append("the cards of then are not beside its closing files: nothing of it can be verified.")
    elif sizes and _lost_before(archive, [e.line for e in known if e.number > era.number]):
        part.notes.append("its logs were lost with a database; what the other side exports of them verifies.")
    elif sizes:
        part.problems.append(
            f"our closing statement names {sizes} entries in its two logs, and the database holds neither: "
            "an older database was restored, or another one."
        )
    elif era.ended:
        part.notes.append("this home never held it: nothing of it can be verified here.")


def _lost_before(archive: Archive, later: list[bytes]) -> bool:
    """Whether this database was begun after a loss, by its journal, which `hotline verify` verifies too."""
    return archive.began_anew() or any(_line(entry) in later for entry in archive.rebuilt())


def _line(entry: bytes) -> bytes:
    try:
        return journal.unpack(entry).line
    except MalformedError:
        return b""


def unexplained(
    report: Report, archive: Archive, locks: LockFile, known: Mapping[bytes, tuple[Era, ...]], peers: set[bytes],
    *, whole: bool,
) -> None:  # fmt: skip
    """Logs under a line id to which no closing file leads: they are as good as not here, and nothing verifies them.

    `known` are the generations of the lines that are checked, by pair id, and `peers` the fingerprints of their peers.
    With `whole` they are all lines of the home.
    """
    lines = {era.line for eras in known.values() for era in eras}
    held = archive.lines()
    for line, pair, generation in held:
        if line in lines:
            continue
        if pair in known:
            report.problems.append(
                f"station.db: no closing file here leads to line id {line.hex()[:16]}…, of which it holds logs "
                f"(generation {generation}): one was removed, or exchanged."
            )
        elif whole:
            report.notes.append(
                f"The card of the peer of line {safe(pair.hex()[:16])}… is not here: its logs are not verified."
            )
    for text in sorted(set(locks.lines()) - {line.hex() for line in (*lines, *(row[0] for row in held))}):
        if _author(locks, text) in peers:
            report.problems.append(
                f"heads.lock names line {text[:16]}…, to which no closing file here leads and of which the database "
                "holds nothing: an older home was put back around it."
            )


def _author(locks: LockFile, line: str) -> bytes:
    """The peer's fingerprint, as its origin in the lock file has it; empty where that cannot be told."""
    try:
        head = locks.lock(bytes.fromhex(line), fresh=True).peer
        return bytes.fromhex(head.origin.split("/")[-2]) if head else b""
    except (ValueError, IndexError):
        return b""
