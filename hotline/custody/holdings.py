"""What a stopped station holds of a line's two logs, as its officers state when they close them (SPEC section 7.13)."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from hotline.core import card as cards
from hotline.core import entry, tree
from hotline.core.card import Card
from hotline.core.generation import STORE_LOST, Held, last_serial
from hotline.custody import files, generations
from hotline.custody.suite import RealSuite
from hotline.errors import CardError, MalformedError, StoreError
from hotline.home import Home, PeerLine
from hotline.store.archive import Archive, ArchivedLog
from hotline.store.lockfile import LockFile
from hotline.store.remains import fault_of
from hotline.text import safe

Relation = Literal["same", "beginning", "more", "other"]


@dataclass(frozen=True, slots=True)
class Holdings:
    """Both logs of the present generation, whether one is frozen, and the peer's newest card."""

    own: Held
    mirror: Held
    frozen: bool
    peer_card: Card


@dataclass(frozen=True, slots=True)
class Compared:
    """One log in both statements. `relation` says of the peer's copy against ours, as far as this home can tell:

    the same; a beginning of ours; more than we hold, of which a beginning may be ours; or another history; None where
    ours cannot be read any more. `above` are the serials of notices that we hold beyond a beginning, None where that
    cannot be told.
    """

    mine: bool
    ours: Held
    theirs: Held
    relation: Relation | None
    above: tuple[int, ...] | None


def read(home: Home, line: PeerLine, reason: int | None) -> Holdings:
    """Return what the database of a station that does not run holds of the line's present generation.

    StoreError for one that is gone or damaged, unless `reason` says that the store is lost: then nothing is held. A
    statement is final, and a database that is found again afterwards would be of no use any more.
    """
    agreed = line.generations.agreed
    first = (agreed.my_serial, agreed.peer_serial) if agreed else (0, 0)
    if fault := _fault(home):
        if reason != STORE_LOST:
            raise StoreError(
                f"{home.database_path}: {fault}.",
                "Look for a newer copy, or run: hotline recover. If it is lost for good: --reason store-lost",
            )
        return Holdings(_nothing(first[0]), _nothing(first[1]), False, line.card)
    if not home.database_path.exists():
        return Holdings(_nothing(first[0]), _nothing(first[1]), False, line.card)
    with Archive.open(home.database_path) as archive:
        logs = {log.mine: log for log in archive.logs(line.id)}
        own, mirror = (_held(archive, logs.get(mine), at) for mine, at in zip((True, False), first, strict=True))
        frozen = any(log.frozen for log in logs.values())
        return Holdings(own, mirror, frozen, _newest(line.card, archive.cards(line.id)))


def require_latest(home: Home, line: PeerLine) -> None:
    """Raise StoreError if database or lock file hold a later generation than the closing files lead to.

    Then files are missing: an officer would sign a second statement about what is closed, or a lost database would be
    rebuilt where no peer answers any more.
    """
    held = [LockFile(home.heads_lock_path).generation_with(line.card.fingerprint)]
    if home.database_path.exists() and not fault_of(home.database_path):
        with contextlib.suppress(StoreError), Archive.open(home.database_path) as archive:
            held += [number for _, pair, number in archive.lines() if pair == line.pair]
    present = 0 if line.generations.awaits else line.generations.number
    if max(held) > present:
        raise StoreError(
            f"This home has been in generation {max(held)} of the line with {safe(line.alias)}; the closing files that"
            " led there are not here.",
            f"Put {files.shown(generations.folder(home, line.file_stem))} back as it was: in what is closed nothing is"
            " said any more.",
        )


def compare(home: Home, line: bytes, mine: bool, ours: Held, theirs: Held) -> Compared:
    """Hold the peer's word of one log against our copy of it, as far as that can still be read."""
    if (ours.size, ours.root) == (theirs.size, theirs.root):
        return Compared(mine, ours, theirs, "same", ())
    if theirs.size > ours.size:
        return Compared(mine, ours, theirs, "more", None)
    unknown = Compared(mine, ours, theirs, None, None)
    try:
        with Archive.open(home.database_path) as archive:
            log = next((each for each in archive.logs(line) if each.mine == mine), None)
            if log is None or log.size < theirs.size:
                return unknown
            below = (stored.leaf for index, stored in archive.entries(log.id) if index < theirs.size)
            if tree.Frontier.of(below).root() != theirs.root:
                return Compared(mine, ours, theirs, "other", None)
            tail = (stored.entry for index, stored in archive.entries(log.id) if index >= theirs.size)
            return Compared(mine, ours, theirs, "beginning", tuple(_serials(tail)))
    except StoreError:
        return unknown


def _fault(home: Home) -> str:
    """What is wrong with the database, in a clause; nothing for a sound one, and for a station that had none yet."""
    if home.database_path.exists():
        return fault_of(home.database_path)
    begun = home.begun_path.exists() or home.heads_lock_path.is_file()
    return "it is gone, and this station has run before" if begun else ""


def _nothing(serial: int) -> Held:
    return Held(0, tree.EMPTY_ROOT, 0, serial)


def _held(archive: Archive, log: ArchivedLog | None, first: int) -> Held:
    """One log, whatever is INVALID in it. What was displaced counts for the serials: people have read them."""
    if log is None:
        return _nothing(first)
    leaves, serials = tree.Frontier(), list[int]()
    for _, stored in archive.entries(log.id):
        leaves.push(stored.leaf)
        serials += _serials((stored.entry,))
    displaced = list(_serials(archive.displaced(log)))
    last = last_serial(first, [*serials, *displaced], leaves.size + len(displaced))
    head = max((each.size for each in archive.heads(log)), default=0)
    return Held(leaves.size, leaves.root(), head if log.mine else archive.judged(log), last)


def _serials(entries: Iterable[bytes]) -> Iterator[int]:
    for each in entries:
        try:
            content = entry.decode_content(entry.envelope(each).content)
        except MalformedError:
            continue
        if isinstance(content, entry.Notice):
            yield content.serial


def _newest(held: Card, kept: list[tuple[int, bytes]]) -> Card:
    """The enrolled card, or a newer one that the peer's log has brought and that is not in its file yet."""
    for _, packed in kept:
        try:
            card = cards.unpack(RealSuite(), packed, source="The card kept from the peer's log")
        except CardError:
            continue  # damaged here; the file was compared by people
        if card.fingerprint == held.fingerprint and card.carries_on(held):
            held = card
    return held
