"""After the loss of the database: see what is there, move the rest aside, and prepare a store for the peers to fill.

Nothing is deleted, and every step can be interrupted and done again: the note `recovery.json` is on disk before the
first file moves, and the daemon does not start until the last has.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotline.audit import verify_home
from hotline.custody import files, holdings
from hotline.errors import HostError, NotFoundError, StoreError, UsageError
from hotline.home import Home, PeerLine
from hotline.recovery import state
from hotline.recovery.state import LostLine, Recovery
from hotline.station.bodies import read_body
from hotline.store.lockfile import LockFile
from hotline.store.remains import Remains, fault_of, remains_of
from hotline.store.store import Store

Progress = Callable[[int, int], None]
# The journal files first: a database without them is an older one, which the lock file tells; they alone are nothing.
_PARTS = ("-shm", "-wal", "")
_NO_DAMAGE = ("heads.lock", "our closing statement", "its closing files", "no closing file")


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One enrolled peer, and what the lock file says of the line with it; sizes are -1 where it says nothing."""

    name: str
    phone: str
    line_id: str
    signed: int
    cosigned: int
    begun: bool  # whether there can be anything to rebuild


@dataclass(frozen=True, slots=True)
class Findings:
    """What `examine` saw. `fault` says what is wrong with the database, in a clause; empty if it is sound."""

    home: str
    fault: str
    lock: str  # read, missing, damaged
    lines: tuple[FoundLine, ...]
    strangers: tuple[str, ...]  # lines that the lock file names and no card here belongs to
    interrupted: bool  # an earlier `hotline recover` did not come to its end
    remains: Remains
    ended: tuple[str, ...] = ()  # of generations that no peer gives back, in sentences


def examine(home: Home, progress: Progress | None = None) -> Findings:
    """Look at a home whose daemon does not run; nothing is changed.

    UsageError if the database is sound: there is nothing to recover. NotFoundError if no peer's card is here.
    StoreError if closing files are missing that led to the present generation of a line.
    """
    note, unreadable = _note(home)
    interrupted = unreadable or note.stage == "moving"
    fault = _fault(home, progress)
    if not fault and not interrupted:
        raise _sound(home, note)
    peers, locks = home.lines(), LockFile(home.heads_lock_path)
    if not peers:
        raise NotFoundError(
            f"No card of a peer is in {files.shown(home.lines_path)}: nobody is known who could give anything back.",
            "Get each peer's card again and enrol it with `hotline pair`, then run this again.",
        )
    for peer in peers:
        holdings.require_latest(home, peer)
    known = {line.hex() for peer in peers for line in (peer.id, *(b.line for b in peer.generations.before))}
    return Findings(
        str(home.path),
        fault,
        locks.state,
        tuple(_found(peer, locks) for peer in peers),
        tuple(line for line in locks.lines() if line not in known),
        interrupted,
        remains_of(home.database_path),
        tuple(sentence for peer in peers for sentence in _ended(peer)),
    )


def prepare(home: Home, findings: Findings, at_ms: int) -> Recovery:
    """Move what is left of the database to `lost/`, and leave an empty one; the caller holds the home's lock.

    HostError if the disk refuses: what was done stands, and the same call goes on from there.
    """
    note, unreadable = _note(home)
    if note.stage == "moving":
        recovery = note
    else:
        lines = {each.line: each for each in (*_lines(findings, certain=not unreadable), *note.lines)}
        recovery = Recovery("moving", _folder(home, at_ms), at_ms, tuple(lines.values()), losses(findings))
    folder = home.path / recovery.folder
    _make(home.lost_path)
    _make(folder)
    state.save(home, recovery)
    if findings.fault or note.stage == "moving":
        _move(home, folder)
    Store(home.database_path, read_body).close()
    state.mark_begun(home)
    prepared = Recovery("rebuilding", recovery.folder, recovery.at_ms, recovery.lines, recovery.lost)
    state.save(home, prepared)
    return prepared


def losses(findings: Findings) -> tuple[str, ...]:
    """What no peer holds or gives back, in sentences; with numbers where they could still be read."""
    remains = findings.remains
    queued = "an unknown number of" if remains.queued is None else str(remains.queued)
    subjects = f": {'; '.join(remains.subjects)}" if remains.subjects else ""
    drafts = "an unknown number of" if remains.drafts is None else str(remains.drafts)
    names = "every consumer" if remains.consumers is None else ", ".join(remains.consumers) or "no consumer"
    return (
        f"Queue: {queued} entries that had not reached a peer{subjects}.",
        f"Drafts: {drafts}.",
        f"Cursors: {names}. A consumer gets every notice again, each marked recovered.",
        "Events, alarms, emergency texts, counters and the journal of before; the times at which notices were stored "
        "and surfaced here.",
        *findings.ended,
    )


# --- looking --------------------------------------------------------------------------------------------------


def _note(home: Home) -> tuple[Recovery, bool]:
    """The note of an earlier call, and whether there is one that cannot be read."""
    try:
        return state.load(home), False
    except StoreError:
        return state.NONE, True


def _fault(home: Home, progress: Progress | None) -> str:
    path = home.database_path
    if not path.exists():
        return "it is gone"
    if fault := fault_of(path):
        return fault
    try:
        problems = verify_home(home, progress=progress).all_problems()
    except StoreError as e:
        return e.what.rstrip(".") if "damaged" in e.what else ""
    # An older database beside a newer lock file is no damage: `hotline run` has the peer hand back what it lacks. Nor
    # is one that lacks what was closed, or files beside it: nobody gives that back, and what is there would go too.
    return next((p.rstrip(".") for p in problems if not any(words in p for words in _NO_DAMAGE)), "")


def _sound(home: Home, note: Recovery) -> UsageError:
    if note.lines:
        return UsageError(
            f"{files.shown(home.path)} is prepared already, and is being rebuilt from its peers.",
            "Start it: hotline run. How far it is: hotline status",
        )
    return UsageError(
        f"{files.shown(home.database_path)} is sound: there is nothing to recover.",
        "Start the station: hotline run. An older copy needs nothing else either.",
    )


def _found(peer: PeerLine, locks: LockFile) -> FoundLine:
    lock = locks.lock(peer.id, fresh=True)
    sizes = [head.size if head else -1 for head in (lock.own, lock.peer)]
    begun = not peer.generations.closed and (locks.state != "read" or max(sizes) > 0)
    return FoundLine(peer.alias, peer.card.body.phone, peer.id.hex(), sizes[0], sizes[1], begun)


def _ended(peer: PeerLine) -> list[str]:
    """A station rebuilds the present generation alone: of what is closed nothing is sent any more, by either side."""
    past = [f"Generation {b.generation}" for b in peer.generations.before]
    past += [f"Generation {peer.generations.number}, which is closed,"] if peer.generations.closing else []
    return [
        f"{what} of the line with {peer.alias}: it is not rebuilt. {peer.alias} holds it: hotline export, there."
        for what in past
    ]


# --- preparing ------------------------------------------------------------------------------------------------


def _lines(findings: Findings, *, certain: bool) -> list[LostLine]:
    known = certain and findings.lock == "read"
    return [LostLine(each.line_id, known and each.signed <= 0) for each in findings.lines if each.begun]


def _folder(home: Home, at_ms: int) -> str:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at_ms // 1000))
    names = [stamp, *(f"{stamp}-{number}" for number in range(2, 100))]
    free = next(name for name in names if not (home.lost_path / name).exists())
    return f"{home.lost_path.name}/{free}"


def _make(folder: Path) -> None:
    if not folder.is_dir():
        files.make_folder(folder)


def _move(home: Home, folder: Path) -> None:
    """By rename, so that it needs no room. What stands there already was moved by an interrupted call."""
    try:
        for suffix in _PARTS:
            path = home.database_path.with_name(home.database_path.name + suffix)
            aside = folder / path.name
            if path.exists() and not aside.exists():
                os.rename(path, aside)
        files.sync_folder(folder)
        files.sync_folder(home.path)
    except OSError as e:
        raise HostError(
            f"{files.shown(home.database_path)} cannot be moved to {files.shown(folder)}: {e.strerror}.",
            "Check the home and its disk, then run this again.",
        ) from None
