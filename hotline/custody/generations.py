"""The generations of a line as a home keeps them: what both sides signed about each that ended (SPEC section 7.13).

For each generation g that is closed, in `lines/<stem>.generations/`:

    <g>.mine.closing    our closing file; with it the line is closed here, and never speaks in that generation again
    <g>.peer.closing    the peer's; with it the next generation has begun here
    <g>.mine.card, <g>.peer.card
                        the cards under which that generation was held: what its logs verify by. Absent where this
                        home never held it, because the keys of that time are lost.

An empty folder is what `hotline pair` makes in a home that was made anew from its root (`Generations.awaits`). Names
that begin with a dot, and others, count for nothing: a write that was killed leaves such.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hotline import limits
from hotline.core import card as cards
from hotline.core import generation
from hotline.core.card import Card
from hotline.core.generation import Agreed, Closing, ClosingFile
from hotline.custody import files
from hotline.errors import CardError, MalformedError

if TYPE_CHECKING:
    from hotline.home import Home

_REMEDY = "Put the folder back as it was, from a backup of the home."
_NAME = re.compile(r"([1-9][0-9]{0,15})\.((?:mine|peer)\.(?:closing|card))")


@dataclass(frozen=True, slots=True)
class Before:
    """A generation that has ended; a card is None where this home never held it."""

    generation: int
    line: bytes
    mine: Card | None
    peer: Card | None
    my_closing: ClosingFile
    peer_closing: ClosingFile


@dataclass(frozen=True, slots=True)
class Generations:
    """`agreed` is the present generation, None for the first; `closing` ours if it is closed and the next not begun.

    With `awaits` this home was made anew from its root: it has no part in the generation that stands, and does nothing
    on the line until it has closed that with the peer's statement, and the next has begun.
    """

    agreed: Agreed | None = None
    closing: ClosingFile | None = None
    before: tuple[Before, ...] = ()  # the oldest first
    awaits: bool = False

    @property
    def closed(self) -> bool:
        """Whether the station does nothing on the line, until the next generation has begun."""
        return self.awaits or self.closing is not None

    @property
    def number(self) -> int:
        """Of the present generation, from 1."""
        return self.agreed.generation if self.agreed else 1


FIRST = Generations()


def folder(home: "Home", stem: str) -> Path:
    """Where the files of one line stand; there only once something was closed."""
    return home.lines_path / f"{stem}.generations"


def path_of(home: "Home", stem: str, number: int, what: str) -> Path:
    """`what` is `mine.closing`, `peer.closing`, `mine.card` or `peer.card`."""
    return folder(home, stem) / f"{number}.{what}"


def is_ours(name: str) -> bool:
    """Whether a file of this name in the folder counts for anything."""
    return _NAME.fullmatch(name) is not None


def load(home: "Home", stem: str, pair: bytes, me: bytes, them: bytes) -> Generations:
    """Return what stands in the folder of one line, each file checked whole. CardError, naming it, otherwise.

    The generations follow each other without a gap from the first that this home closed; if that is above 1, this
    home was made anew from its root, and the peer's statement is what it knows of the line before.
    """
    place = folder(home, stem)
    if not os.path.lexists(place):
        return FIRST
    found = _names(place)
    if not found:
        return Generations(awaits=True)
    numbers = sorted(number for number, what in found if what == "mine.closing")
    _require_none_alone(place, found, numbers)
    agreed: Agreed | None = None
    before: list[Before] = []
    for number in numbers:
        mine = _closing(path_of(home, stem, number, "mine.closing"), me)
        _require_next(place, number, mine.closing, pair, agreed, first=number == numbers[0])
        path = path_of(home, stem, number, "peer.closing")
        if (number, "peer.closing") not in found:
            if number != numbers[-1]:
                raise CardError(f"{files.shown(path)} is missing, and a later generation is there.", _REMEDY)
            return Generations(agreed, mine, tuple(before))
        peers = _closing(path, them)
        my_card = _card(path_of(home, stem, number, "mine.card"), me)
        peer_card = _card(path_of(home, stem, number, "peer.card"), them)
        before.append(Before(number, mine.closing.line, my_card, peer_card, mine, peers))
        agreed = _agree(path, mine, peers)
    return Generations(agreed, None, tuple(before))


def _names(place: Path) -> set[tuple[int, str]]:
    """The files of ours in the folder, as (generation, what). CardError for what is no folder: it decides too much."""
    try:
        if not stat.S_ISDIR(os.lstat(place).st_mode):
            raise CardError(f"{files.shown(place)} is no folder.", _REMEDY)
        matches = (_NAME.fullmatch(name) for name in os.listdir(place))
    except OSError as e:
        raise CardError(f"{files.shown(place)} cannot be read: {e.strerror}.", "Check its owner.") from None
    return {(int(match[1]), match[2]) for match in matches if match}


def _require_none_alone(place: Path, found: set[tuple[int, str]], numbers: list[int]) -> None:
    """That no statement of the peer stands there without ours: the generation would be taken for one that goes on."""
    for number in sorted(number for number, what in found if what == "peer.closing" and number not in numbers):
        raise CardError(f"{files.shown(place)}: {number}.mine.closing is missing.", _REMEDY)


def _agree(path: Path, mine: ClosingFile, peers: ClosingFile) -> Agreed:
    try:
        return generation.agree(mine.closing, peers.closing)
    except MalformedError as e:
        raise CardError(f"{files.shown(path)}: {e.what}", _REMEDY) from None


def _require_next(place: Path, number: int, mine: Closing, pair: bytes, agreed: Agreed | None, *, first: bool) -> None:
    """That our statement closes the generation that its name says, and that one is the next."""
    known = agreed or Agreed(1, pair, 0, 0)
    lost = first and mine.reason == generation.KEYS_LOST
    if mine.generation != number or (not lost and (mine.generation, mine.line) != (known.generation, known.line)):
        raise CardError(f"{files.shown(place)}: {number}.mine.closing does not close the generation there.", _REMEDY)


def _closing(path: Path, author: bytes) -> ClosingFile:
    # Late, as in hotline.home: this loads the cryptography library.
    from hotline.custody.suite import RealSuite

    text = files.read(path, limit_bytes=limits.CLOSING_FILE_BYTES, holds="The closing file", refusal=CardError)
    found = generation.parse(RealSuite(), text, source=files.shown(path))
    if found.closing.author != author:
        raise CardError(f"{files.shown(path)} is by another station.", _REMEDY)
    return found


def _card(path: Path, fingerprint: bytes) -> Card | None:
    if not os.path.lexists(path):
        return None
    from hotline.custody.suite import RealSuite  # late, as above

    text = files.read(path, limit_bytes=limits.CARD_BYTES, holds="The card", refusal=CardError)
    card = cards.parse(RealSuite(), text, source=files.shown(path))
    if card.fingerprint != fingerprint:
        raise CardError(f"{files.shown(path)} is the card of another station.", _REMEDY)
    return card
