"""The ceremony of a new generation (SPEC section 7.13): closing at a stopped station, and opening with the peer's file.

Each step is on disk before it is shown, and is found again by the next try: our statement is written once and never
replaced, and the peer's, once taken, is the one.
"""

import os
import secrets
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from hotline import limits
from hotline.core import generation, identity
from hotline.core.card import Card, OfficerKey
from hotline.core.generation import FORK, KEYS_LOST, NOTHING, OTHER, Agreed, Closing, ClosingFile
from hotline.core.suite import HYBRID_SIGNATURE
from hotline.custody import files, generations, holdings, safety
from hotline.custody.enrol import FIXED, looks, require_kem
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import CallerError, CardError, HostError, KeyError_, MalformedError, NotFoundError, UsageError
from hotline.home import Home, PeerLine
from hotline.text import safe

GetOfficer = Callable[[Card], HybridKey]
_AGREEMENT = "an agreement number"
_COPY = "Copy the whole file as it was made, as plain text; or ask the other side for a fresh copy."


@dataclass(frozen=True, slots=True)
class Why:
    """What an officer gives as the reason; None: fork if a log of the line is frozen, else another one."""

    text: str
    reason: int | None = None

    def __post_init__(self) -> None:
        if not self.text.strip() or safe(self.text) != self.text or len(self.text.encode()) > limits.REASON_BYTES:
            raise UsageError(
                "The reason that was given in words cannot stand in a closing statement.",
                f"Give --because with 1 to {limits.REASON_BYTES} bytes of printable text.",
            )


@dataclass(frozen=True, slots=True)
class Offer:
    """What people see before the next generation begins: the peer's file, what it begins, and what its card changes."""

    line: PeerLine
    file: ClosingFile
    agreed: Agreed
    changes: tuple[str, ...]  # in the card, against the enrolled one; empty for the same card

    @property
    def number(self) -> str:
        """The agreement number, the same at both ends."""
        return identity.safety_number(self.agreed.line)

    def is_number(self, typed: str) -> bool:
        """Whether what was typed is the agreement number. KeyError_ for the safety number, and for no number at all."""
        if safety.same(typed, self.number, _AGREEMENT):
            return True
        if safety.same(typed, identity.safety_number(self.line.pair), _AGREEMENT):
            raise KeyError_(
                f"That is the safety number of the line with {safe(self.line.alias)}, which stays as it is. What is "
                "compared now is the agreement number. The generation was not begun.",
                "Both sides read it from: hotline generation show, with the line and the other side's file.",
                reason="agreement-number",
            )
        return False


@dataclass(frozen=True, slots=True)
class Opened:
    """The generation that has begun, and whether it had before this call."""

    offer: Offer
    already: bool


Confirm = Callable[[Offer], bool]


def find(home: Home, name: str) -> PeerLine:
    """Return the enrolled line that people call `name`; the only one for an empty name. NotFoundError otherwise."""
    lines = home.require().lines()
    found = [line for line in lines if not name or looks(name) in (looks(line.alias), looks(line.card.body.name))]
    exact = [line for line in found if looks(line.alias) == looks(name)] or found
    if len(exact) != 1:
        names = ", ".join(safe(line.alias) for line in lines)
        raise NotFoundError(
            f"{safe(name, limit=80)!r} is no line here." if name else "Several lines, or none, are enrolled here.",
            f"Name one of them: {names}." if names else "Enrol the peer's card: hotline pair CARD.",
        )
    return exact[0]


def named(line: PeerLine) -> str:
    """Return the name of a line as it is typed into a shell, safe to print."""
    return safe(shlex.quote(line.alias))


def close(
    home: Home,
    name: str,
    why: Why,
    officer: GetOfficer,
    now_ms: int,
    *,
    number: int | None = None,
    theirs: Path | bytes | None = None,
) -> ClosingFile:
    """Close the present generation of a line for ever; return our closing file, on disk when this returns.

    One that is closed already gives the file that was made then, and nobody is asked for a key: the present one,
    or the generation `number`. `officer` opens the key of an officer of our card. `theirs` is the peer's file if it is
    at hand; a home that was made anew from its root needs it, and closes what it says.

    BusyError while the daemon runs. UsageError, CardError, KeyError_, StoreError: nothing was closed.
    """
    with _stopped(home):
        line = find(home, name)
        told = _read(theirs) if theirs is not None else None
        if mistaken := _mistaken(line, told):
            why = Why(mistaken.closing.text)
        elif made := _made(line, number):
            return made
        holdings.require_latest(home, line)
        if told:
            _require_fitting(line, told)
        if line.generations.awaits or mistaken:
            unsigned, peer_card = _lost(home.card(), line, told, why), None
        else:
            unsigned, peer_card = _held(home, line, told, why)
            if number is None:
                _require_begun(line, unsigned)
        mine = _signed(home.card(), structs.replace(unsigned, time_ms=now_ms), officer)
        if mistaken:
            _take_back(home, line, mistaken)
        _put(home, line, mine, peer_card)
        return mine


def open_(
    home: Home, name: str, source: Path | bytes, *, typed: str | None = None, confirm: Confirm | None = None
) -> Opened:
    """Begin the next generation with the peer's closing file; durable when this returns.

    People have compared the agreement number: `typed` is what the other side reads, or `confirm` shows it and
    answers. The file that began the present generation may be given again, and then only what a crash left undone is
    done.

    BusyError while the daemon runs. UsageError, CardError, KeyError_: nothing was changed.
    """
    with _stopped(home):
        line = find(home, name)
        theirs = _read(source)
        if _began_with(line, theirs):
            _put_card(home, line, line.card)
            return Opened(_offer(line, line.generations.before[-1].my_closing, theirs), already=True)
        offer = _fitting_offer(line, theirs)
        _compare(offer, typed, confirm)
        path = generations.path_of(home, line.file_stem, theirs.closing.generation, "peer.closing")
        files.replace(path, theirs.text().encode("ascii"))
        _put_card(home, line, line.card if line.card.carries_on(theirs.card) else theirs.card)
        return Opened(offer, already=False)


def look(home: Home, name: str, source: Path | bytes) -> Offer:
    """Return what the peer's closing file would begin here, with all checks of `open_`; nothing is changed."""
    line = find(home, name)
    theirs = _read(source)
    if _began_with(line, theirs):
        return _offer(line, line.generations.before[-1].my_closing, theirs)
    return _fitting_offer(line, theirs)


def number_of(source: Path | bytes) -> int:
    """Return the generation that a closing file closes, whosever it is. CardError if it is none."""
    return _read(source).closing.generation


@contextmanager
def _stopped(home: Home) -> Iterator[None]:
    """Neither a daemon nor another command of this kind runs beside us."""
    with home.require().lock(), files.locked(home.lines_path, wait=False):
        yield


# --- our own statement -------------------------------------------------------------------------------------------


def _made(line: PeerLine, number: int | None) -> ClosingFile | None:
    """Our file of the generation `number`, or of the present one, if that is closed. UsageError for a number that is
    neither, so that nobody closes another generation than they meant."""
    held = line.generations
    if held.closing is not None and number in (None, held.number):
        return held.closing
    before = next((each for each in held.before if each.generation == number), None)
    if before:
        return before.my_closing
    if number not in (None, held.number) and not held.awaits:
        raise UsageError(
            f"The present generation of {safe(line.alias)} is {held.number}, not {number}.",
            "See: hotline generation show",
            reason="other-generation",
        )
    return None


def _mistaken(line: PeerLine, told: ClosingFile | None) -> ClosingFile | None:
    """The statement of a home made anew that closed a generation which the peer, as its file now tells, has long left.

    Somebody gave an old file of theirs. It says nothing and begins nothing, since the peer takes none for that one.
    """
    made = line.generations.closing
    lost = made is not None and made.closing.reason == KEYS_LOST and not line.generations.before
    return made if made and lost and told and told.closing.generation > made.closing.generation else None


def _take_back(home: Home, line: PeerLine, mistaken: ClosingFile) -> None:
    """Stopped here, the home waits for the peer's file, as it did."""
    path = generations.path_of(home, line.file_stem, mistaken.closing.generation, "mine.closing")
    try:
        path.unlink()
        files.sync_folder(path.parent)
    except OSError as e:
        raise HostError(f"{files.shown(path)} cannot be removed: {e.strerror}.", "Check the home.") from None


def _held(home: Home, line: PeerLine, told: ClosingFile | None, why: Why) -> tuple[Closing, Card]:
    """The statement of a station that has its keys, unsigned, and the peer's newest card."""
    if why.reason == KEYS_LOST:
        raise UsageError(
            "This home has the keys with which the line was held.",
            "Who has lost them makes a new home: hotline init --from-root",
        )
    if told and (told.closing.line, told.closing.generation) != (line.id, line.generations.number):
        raise _other_generation(line.generations.number, told.closing)
    found = holdings.read(home, line, why.reason)
    if why.reason == FORK and not found.frozen:
        raise UsageError(
            f"No proof of a fork is kept for the line with {safe(line.alias)}. Nothing was closed.",
            "Give --reason other, or none; --because says the rest.",
            reason="no-fork",
        )
    reason = (FORK if found.frozen else OTHER) if why.reason is None else why.reason
    card = home.card()
    made = Closing(
        1, line.id, line.generations.number, card.fingerprint, card.digest, found.own, found.mirror, reason, 0,
        why.text, b"", b"\0" * HYBRID_SIGNATURE,
    )  # fmt: skip
    return made, found.peer_card


def _require_begun(line: PeerLine, unsigned: Closing) -> None:
    """Who asks once more for the file after the opening must not close the generation that has just begun."""
    number = line.generations.number
    if number > 1 and not unsigned.own.size and not unsigned.mirror.size:
        raise UsageError(
            f"Generation {number} of {safe(line.alias)} has carried nothing yet.",
            f"For our file of generation {number - 1} again add --generation {number - 1}; "
            f"to close this one all the same, --generation {number}.",
            reason="not-begun",
        )


def _lost(card: Card, line: PeerLine, told: ClosingFile | None, why: Why) -> Closing:
    """The statement of a home that was made anew from its root, unsigned: it knows what the other side says."""
    if told is None:
        raise UsageError(
            f"This home was made anew from its root, and holds nothing of the line with {safe(line.alias)}.",
            f"Give the closing file of the other side, which closes first: hotline generation close {named(line)} FILE",
            reason="awaits",
        )
    if told.closing.reason == KEYS_LOST:
        raise CardError(
            "Both sides have lost the keys of this line, and nobody knows where its logs ended.",
            "Make two new stations: hotline init in a new folder, without --from-root.",
            reason="both-lost",
        )
    return Closing(
        1, told.closing.line, told.closing.generation, card.fingerprint, card.digest, NOTHING, NOTHING, KEYS_LOST, 0,
        why.text, b"", b"\0" * HYBRID_SIGNATURE,
    )  # fmt: skip


def _signed(card: Card, unsigned: Closing, officer: GetOfficer) -> ClosingFile:
    key = officer(card)
    if key.public not in card.body.officer_keys:
        raise KeyError_("The key is no officer's of this station's card.", "Unlock the key of an officer in it.")
    unsigned = structs.replace(unsigned, officer=OfficerKey("", key.public).id)
    signature = key.sign_one(generation.closing_message(unsigned))
    made = ClosingFile(structs.replace(unsigned, signature=signature), card)
    return generation.parse(RealSuite(), made.text().encode("ascii"), source="the closing file that was made")


def _put(home: Home, line: PeerLine, mine: ClosingFile, peer_card: Card | None) -> None:
    """The cards first, our statement last: with that the line is closed, and the cards of then are there.

    The folder appears with both cards in it, since an empty one is that of a home made anew.
    """
    number, place = mine.closing.generation, generations.folder(home, line.file_stem)
    if not os.path.lexists(place):
        _make_folder(home, line)
    _sweep(place)
    if peer_card is not None:
        for what, card in (("mine.card", mine.card), ("peer.card", peer_card)):
            path = generations.path_of(home, line.file_stem, number, what)
            files.replace(path, card.text().encode("ascii"))
    path = generations.path_of(home, line.file_stem, number, "mine.closing")
    files.replace(path, mine.text().encode("ascii"))


def _make_folder(home: Home, line: PeerLine) -> None:
    """Make the folder with the peer's card in it, whole or not at all."""
    place = generations.folder(home, line.file_stem)
    stem = f".{place.name}."
    fresh = place.with_name(f"{stem}{secrets.token_hex(8)}.new")
    try:
        for left in home.lines_path.glob(f"{stem}*.new"):  # of a try that was killed
            shutil.rmtree(left)
        files.make_folder(fresh)
        files.create(fresh / f"{line.generations.number}.peer.card", line.card.text().encode("ascii"))
        os.rename(fresh, place)
        files.sync_folder(home.lines_path)
    except OSError as e:
        raise HostError(f"{files.shown(place)} cannot be made: {e.strerror}.", "Check the home and its disk.") from None


def _sweep(place: Path) -> None:
    """What killed writes have left: nobody reads it."""
    for left in place.glob(".*.new"):
        left.unlink()


# --- the peer's file ---------------------------------------------------------------------------------------------


def _read(source: Path | bytes) -> ClosingFile:
    if isinstance(source, bytes):
        text, name = source, "the closing file"
    else:
        name = files.shown(source)
        text = files.read(source, limit_bytes=limits.CLOSING_FILE_BYTES, holds="The closing file", refusal=CardError)
    found = generation.parse(RealSuite(), text, source=name)
    require_kem(found.card, name)
    return found


def _require_fitting(line: PeerLine, theirs: ClosingFile) -> None:
    """That it is the peer's, with a card that may follow the enrolled one, or that the enrolled one follows.

    A card that was signed anew after the closing may be enrolled by now: their statement names the one before for ever.
    """
    held, card = line.card, theirs.card
    who = safe(line.alias)
    if card.fingerprint != held.fingerprint:
        raise CardError(
            f"This closing file is not of {who}: the root fingerprint of its card is {card.fingerprint.hex()[:16]}….",
            "Give the file that the other side of this line made; your own goes to them.",
            reason="other-station",
        )
    if card.body.number < held.body.number and not held.carries_on(card):
        raise CardError(
            f"The card in the file has the number {card.body.number}; {who} is enrolled with {held.body.number}.",
            f"They begin with a card above {held.body.number - 1}: one made anew from the root takes "
            f"hotline init --from-root with --number {held.body.number + 1}.",
            reason="old-card",
        )
    if card.body.number == held.body.number and card.raw != held.raw:
        raise CardError(
            f"The card in the file and the one enrolled as {who} have the same number, {held.body.number}, and differ.",
            "One root made two cards of one number: ask the other side by telephone which of them is right.",
            reason="same-number",
        )


def _other_generation(number: int, theirs: Closing) -> CardError:
    remedy = "Compare with the other side, by voice: hotline generation show at both ends."
    if theirs.generation == number:
        what = f"This file closes another generation {number} of the line: it began with other statements."
    else:
        what = f"This file closes generation {theirs.generation}; here it is generation {number} that is to be closed."
    if theirs.generation < number:
        remedy = f"You have the file of an older generation; ask for the one of generation {number}."
    return CardError(what, remedy, reason="other-generation")


def _began_with(line: PeerLine, theirs: ClosingFile) -> bool:
    """Whether the present generation began with this very statement; CardError if it began with another one."""
    before = line.generations.before
    if not before or line.generations.closed or theirs.closing.author != before[-1].peer_closing.closing.author:
        return False
    kept = before[-1].peer_closing.closing
    if (theirs.closing.line, theirs.closing.generation) == (kept.line, kept.generation):
        if theirs.closing != kept:
            raise CardError(
                f"Generation {kept.generation + 1} has begun here with another statement of {safe(line.alias)}.",
                "Two statements of one side lead to two lines: compare the agreement numbers with them by voice.",
                reason="another-closing",
            )
        return True
    return False


def _not_closed(line: PeerLine) -> CallerError:
    if line.generations.awaits:
        what = f"This home was made anew from its root; it has not closed the line with {safe(line.alias)} yet."
        return UsageError(
            what, f"Close it with this file: hotline generation close {named(line)} FILE", reason="awaits"
        )
    return UsageError(
        f"Generation {line.generations.number} of {safe(line.alias)} is not closed here.",
        f"Each side closes it with `hotline generation close {named(line)}`.",
        reason="not-closed",
    )


def _fitting_offer(line: PeerLine, theirs: ClosingFile) -> Offer:
    _require_fitting(line, theirs)
    mine = line.generations.closing
    if mine is None:
        raise _not_closed(line)
    if (theirs.closing.line, theirs.closing.generation) != (mine.closing.line, mine.closing.generation):
        raise _other_generation(mine.closing.generation, theirs.closing)
    return _offer(line, mine, theirs)


def _offer(line: PeerLine, mine: ClosingFile, theirs: ClosingFile) -> Offer:
    try:
        agreed = generation.agree(mine.closing, theirs.closing)
    except MalformedError as e:
        raise CardError(e.what, e.remedy) from None
    return Offer(line, theirs, agreed, _changes(line.card, theirs.card))


def _changes(held: Card, card: Card) -> tuple[str, ...]:
    """What people are told of a card that is not the enrolled one."""
    if held.raw == card.raw or held.carries_on(card):
        return ()
    names = {"prekey_signer": "prekey signer", "log": "log key", "receipt": "receipt key", "link": "link key"}
    fields = (*FIXED, "prekey_signer", "seal", "address", "name", "phone")
    told = [names.get(each, each) for each in fields if getattr(held.body, each) != getattr(card.body, each)]
    gone = [o.name for o in held.body.officers if o.public not in card.body.officer_keys]
    come = [o.name for o in card.body.officers if o.public not in held.body.officer_keys]
    told += [f"officer gone: {safe(name)}" for name in gone] + [f"officer new: {safe(name)}" for name in come]
    return (f"number {card.body.number} instead of {held.body.number}", *told)


def _compare(offer: Offer, typed: str | None, confirm: Confirm | None) -> None:
    who = safe(offer.line.alias)
    if typed is not None:
        if not offer.is_number(typed):
            raise KeyError_(
                f"The agreement number is not the one that {who} reads. The generation was not begun.",
                "Compare again, by voice. If it still differs, the file is not theirs, or they took another file of "
                "yours: begin nothing, and find out.",
                reason="agreement-number",
            )
    elif confirm is None:
        raise KeyError_(
            f"Nobody has compared the agreement number with {who}. The generation was not begun.",
            'Give --number "…" as the other side reads it to you.',
            reason="agreement-number",
        )
    elif not confirm(offer):
        raise KeyError_(
            f"The agreement number was not confirmed as that of {who}. The generation was not begun.",
            "Compare it by voice, then run this again.",
            reason="agreement-number",
        )


def _put_card(home: Home, line: PeerLine, card: Card) -> None:
    """After the peer's statement, which says it too: stopped in between, the home reads the card from there."""
    path, _ = home.line_paths(line.pair)
    text = card.text().encode("ascii")
    if files.read(path, limit_bytes=limits.CARD_BYTES, holds="The card", refusal=CardError) != text:
        files.replace(path, text)
