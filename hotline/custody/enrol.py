"""Enrolment: taking a peer's card into the home after people have compared the safety number."""

import os
import shlex
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import mlkem

from hotline import config, limits
from hotline.core import card as cards
from hotline.core import identity
from hotline.core.card import Card
from hotline.custody import files, generations, safety
from hotline.custody.generations import Generations
from hotline.custody.suite import RealSuite
from hotline.errors import CardError, KeyError_, UsageError
from hotline.home import Home, PeerLine
from hotline.text import safe

Confirm = Callable[[Card, str], bool]

# What the logs of a line stand on. A change of the log key is an entry (SPEC 4.2, type 8) that this version does not
# make: a station that lost its store proves its own words with it. Frames on their way are of the link key.
FIXED = ("prefix", "log", "receipt", "link")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What `enrol` did: the line as it now is, and the number of the card that was replaced, None for a new line."""

    line: PeerLine
    replaced: int | None


def read_card(source: Path | bytes) -> Card:
    """Return the card in a file, or in the text itself, if it may be enrolled. CardError, naming it, otherwise."""
    if isinstance(source, bytes):
        text, name = source, "The card"
    else:
        text = files.read(source, limit_bytes=limits.CARD_BYTES, holds="The card", refusal=CardError)
        name = files.shown(source)
    card = cards.parse(RealSuite(), text, source=name)
    require_kem(card, name)
    return card


def enrol(
    home: Home,
    source: Path | bytes,
    *,
    safety_number: str | None = None,
    confirm: Confirm | None = None,
    alias: str | None = None,
) -> Enrolled:
    """Take the card at `source` as a line of `home`, durable when this returns.

    A new line needs the safety number that the other side shows (`safety_number`), or a person who says that
    the two are equal (`confirm`, given the card and our number). A higher-numbered card of an enrolled root needs
    neither: the root, once compared, signed it; a number that is given is compared all the same.

    In a home that was made anew from its root a new line awaits a new generation (SPEC section 7.13): nothing is begun
    under keys that the peer does not know.

    CardError: a card that is refused, our own, an old one, one that changes what the logs stand on, a second line
    of one name, or one line too many. KeyError_: the numbers differ, or nobody compared them. Nothing is
    changed then. A running daemon learns of the line from its caller.
    """
    peer, mine = read_card(source), home.require().card()
    pair = identity.pair_id(mine.fingerprint, peer.fingerprint)
    if peer.fingerprint == mine.fingerprint:
        raise CardError("This card is your own.", "Give the card that the other side made.", reason="own-card")
    with files.locked(home.lines_path):
        lines = home.lines()
        old = next((line for line in lines if line.pair == pair), None)
        if old is not None:
            _require_newer(old, peer)
        elif len(lines) >= limits.LINES:
            raise CardError(f"This home has {limits.LINES} lines, which is the most.", "Make another station.")
        name = alias or (old.alias if old else peer.body.name)
        _require_free_name(name, mine, [line for line in lines if line.pair != pair])
        _compare(peer, identity.safety_number(pair), safety_number, confirm, known=old is not None)
        held = old.generations if old else _first(home, pair, mine, peer)
        _store(home, pair, peer, name)
    return Enrolled(PeerLine(name, peer, pair, held), old.card.body.number if old else None)


def _first(home: Home, pair: bytes, mine: Card, peer: Card) -> Generations:
    """What a new line begins with; before its card, so that it never stands there as one that begins by itself."""
    stem = home.line_paths(pair)[0].stem
    place = generations.folder(home, stem)
    if home.renewed_path.exists() and not os.path.lexists(place):
        files.make_folder(place)
        files.sync_folder(home.lines_path)
    return generations.load(home, stem, pair, mine.fingerprint, peer.fingerprint)


def require_kem(card: Card, name: str) -> None:
    """Refuse an ML-KEM key that is not in the form of FIPS 203: sealing to it would fail at each HELLO."""
    try:
        mlkem.MLKEM768PublicKey.from_public_bytes(card.body.seal[:-32])
    except ValueError:
        raise CardError(
            f"{name}: the ML-KEM half of its seal key is not a proper key.", "Do not enrol this card; tell the peer."
        ) from None


def _require_newer(old: PeerLine, peer: Card) -> None:
    held, given = old.card.body, peer.body
    if peer.raw == old.card.raw:
        raise CardError(
            f"This card is enrolled already, as {safe(old.alias)}.",
            "There is nothing to do.",
            reason="already-enrolled",
        )
    if given.number == held.number:
        raise CardError(
            f"This card and the one enrolled as {safe(old.alias)} have the same number, {given.number}, and differ.",
            "One root made two cards of one number: ask the other side by telephone which of them is right.",
            reason="same-number",
        )
    if given.number < held.number:
        raise CardError(
            f"This card has the number {given.number}; {safe(old.alias)} is enrolled with {held.number}.",
            "It is an old one: ask for the present card.",
            reason="old-card",
        )
    name = safe(shlex.quote(old.alias))
    changed = [field for field in FIXED if getattr(given, field) != getattr(held, field)]
    # What an officer has signed is verified against the present card, so nobody may vanish from it.
    if not {o.public for o in held.officers} <= {o.public for o in given.officers}:
        changed.append("officers (one is missing)")
    if changed:
        raise CardError(
            f"This card of {safe(old.alias)} changes {', '.join(changed)}; the line's logs stand on what they were.",
            f"It is taken only with a new generation: `hotline generation close {name}`, then `hotline generation open "
            f"{name} FILE` with their closing file, which has the card in it.",
            reason="keys-changed",
        )


def _require_free_name(name: str, mine: Card, others: Sequence[PeerLine]) -> None:
    if not name.strip() or safe(name) != name or not cards.displayable(name):
        raise UsageError(
            f"{safe(name, limit=80)!r} cannot be the name of a line.",
            f"Give --as with 1 to {limits.NAME_BYTES} bytes of printable text.",
        )
    # `NORTH 7` must mean one notice: names are compared as people see them.
    taken = {looks(line.alias): f"another line is called {line.alias}" for line in others}
    taken[looks(mine.body.name)] = "that is this station's own name"
    if looks(name) in taken:
        raise CardError(
            f"The line cannot be called {name}: {taken[looks(name)]}.",
            "Choose a name of your own for it: --as NAME.",
            reason="name-taken",
        )


def looks(name: str) -> str:
    """Return a name as people compare it: without regard to case, width and spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _compare(peer: Card, ours: str, typed: str | None, confirm: Confirm | None, *, known: bool) -> None:
    who = safe(peer.body.name)
    if typed is not None:
        if not safety.same(typed, ours):
            raise KeyError_(
                f"The safety number is not that of this card of {who}. It was not enrolled.",
                "Compare again, by voice or in person. If it still differs, this is not their card: use no other way "
                "to hurry it, and report it.",
                reason="safety-number",
            )
    elif known:
        return
    elif confirm is None:
        raise KeyError_(
            f"Nobody has compared the safety number with {who}. The card was not enrolled.",
            'Give --safety-number "…" as the other side reads it to you.',
            reason="safety-number",
        )
    elif not confirm(peer, ours):
        raise KeyError_(
            f"The safety numbers were not confirmed as equal. The card of {who} was not enrolled.",
            "Compare them by voice or in person, then run this again.",
            reason="safety-number",
        )


def _store(home: Home, pair: bytes, peer: Card, alias: str) -> None:
    """The card last: a line exists when its card does, and then it has its name."""
    card_path, alias_path = home.line_paths(pair)
    files.replace(alias_path, config.alias_text(alias).encode())
    files.replace(card_path, peer.text().encode("ascii"))
