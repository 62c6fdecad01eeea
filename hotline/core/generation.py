"""Closing statements, and the generation of a line that two of them begin (SPEC section 7.13).

An officer of each side signs where the logs of the old generation ended. The line id of the next one commits to both
statements: so nobody but two officers can begin it, and every head of it says what came before.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hotline import limits
from hotline.core import card as cards
from hotline.core import encoding, tree
from hotline.core.card import Bytes32, Card
from hotline.core.suite import HYBRID_SIGNATURE, Suite, digest, label, verify_hybrid
from hotline.errors import CardError, MalformedError, PeerError, SignatureError
from hotline.text import safe

BEGIN = "-----BEGIN HOTLINE CLOSING-----"
END = "-----END HOTLINE CLOSING-----"
_END_LINE = b"\n" + END.encode() + b"\n"
_LINE_CHARS = 64
_BEGIN_ANEW = "Make new stations at both sides, with new roots, and pair them."

FORK, STALLED, STORE_LOST, KEYS_LOST, OTHER = range(5)
REASONS = {
    FORK: "a log is forked",
    STALLED: "the line stands still",
    STORE_LOST: "a store is lost",
    KEYS_LOST: "a side has lost its keys",
    OTHER: "another reason",
}

_Size = Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)]


class Held(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One log as the author of a statement holds it.

    `signed` is the size of the largest signed head of the author's own log, or how much of the other's the author has
    surfaced: what it holds above that, its people have not seen. `serial` is what `last_serial` finds in the log.
    """

    size: _Size
    root: Bytes32
    signed: _Size
    serial: _Size


def last_serial(first: int, serials: Iterable[int], entries: int) -> int:
    """Return the largest serial among those of a log's notices, or its first serial: numbers do not begin anew.

    A serial that so many entries cannot have led to is no number that people were told in order: whoever has the log
    key could say the largest of all, and leave none for the generations after.
    """
    return max((serial for serial in serials if first < serial <= first + entries), default=first)


NOTHING = Held(0, tree.EMPTY_ROOT, 0, 0)


class Closing(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The array of SPEC section 7.13. `text` is from outside: shown through `hotline.text.safe`."""

    version: Literal[1]
    line: Bytes32
    generation: Annotated[int, Meta(ge=1, lt=limits.TREE_SIZE)]
    author: Bytes32
    card: Bytes32
    own: Held
    mirror: Held
    reason: Annotated[int, Meta(ge=FORK, le=OTHER)]
    time_ms: _Size
    text: Annotated[str, Meta(max_length=limits.REASON_BYTES)]
    officer: Bytes32
    signature: Annotated[bytes, Meta(min_length=HYBRID_SIGNATURE, max_length=HYBRID_SIGNATURE)]

    @property
    def digest(self) -> bytes:
        """The closing digest of SPEC section 3.3, 32 bytes, which covers the signature too."""
        return digest("closing-digest", encoding.encode(self))


def closing_message(unsigned: Closing) -> bytes:
    """What the officer signs: all but the signature, which may be of any content here."""
    fields = [getattr(unsigned, field) for field in Closing.__struct_fields__[:-1]]
    return label("closing") + encoding.encode(fields)


def line_of(before: bytes, generation: int, first: Closing, second: Closing) -> bytes:
    """Return the 32-byte line id of `generation`; `before` is that of the one that both statements close."""
    lower, higher = sorted((first, second), key=lambda c: c.author)
    return digest("generation", generation.to_bytes(8, "big"), before, lower.digest, higher.digest)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A generation above 1 as one side has it: its line id, and the serials before each log's first notice."""

    generation: int
    line: bytes
    my_serial: int
    peer_serial: int


def agree(mine: Closing, peers: Closing) -> Agreed:
    """Return the generation that two statements begin. MalformedError unless they close the same one.

    A serial that leaves no room is refused: who states it would leave the other side without any number to say.
    """
    if mine.author == peers.author:
        raise _unfit("Both closing statements are by the same side.", "Give the file that the other side has made.")
    if (mine.line, mine.generation) != (peers.line, peers.generation):
        raise _unfit(
            "The two closing statements are not of one generation.",
            "Let both sides close the generation that stands; `hotline generation show` tells which it is.",
        )
    if mine.reason == peers.reason == KEYS_LOST:
        raise _unfit("Both sides say that their keys are lost: neither knows what the line was.", _BEGIN_ANEW)
    generation = mine.generation + 1
    my_serial = max(mine.own.serial, peers.mirror.serial)
    peer_serial = max(mine.mirror.serial, peers.own.serial)
    if max(my_serial, peer_serial) > limits.FIRST_SERIAL:
        raise _unfit(f"A closing statement names a serial above {limits.FIRST_SERIAL}.", _BEGIN_ANEW)
    return Agreed(generation, line_of(mine.line, generation, mine, peers), my_serial, peer_serial)


def _unfit(what: str, remedy: str) -> MalformedError:
    return MalformedError(what, remedy, reason="closing")


def covered(peers: Closing, size: int, root: bytes) -> bool:
    """Whether what the peer holds of my log is a beginning of it: `root` is that of my log at `peers.mirror.size`.

    `size` is that of my log; what the peer holds beyond it is of another history, or of one that I have lost.
    """
    return peers.mirror.size <= size and peers.mirror.root == root


@dataclass(frozen=True, slots=True)
class ClosingFile:
    """An accepted closing file: the statement, and the card with which its author goes on."""

    closing: Closing
    card: Card

    def text(self) -> str:
        """The file of SPEC section 7.13."""
        packed = base64.b64encode(encoding.encode(self.closing)).decode("ascii")
        lines = [packed[i : i + _LINE_CHARS] for i in range(0, len(packed), _LINE_CHARS)]
        return "\n".join([BEGIN, *lines, END, ""]) + self.card.text()


def parse(suite: Suite, text: bytes, *, source: str = "the closing file") -> ClosingFile:
    """Return the closing file in `text`, its card and its signature verified; CardError, naming `source`, otherwise.

    `ClosingFile.text` gives back exactly what this accepts. Whether it is of this line, this peer and this generation
    is for the caller to see.
    """
    source = safe(source)
    remedy = "Copy the whole file as it was made, as plain text; or ask the other side for a fresh copy."
    end = text.find(_END_LINE) + len(_END_LINE)
    if len(text) > limits.CLOSING_FILE_BYTES or not text.startswith(BEGIN.encode()) or end < len(_END_LINE):
        raise CardError(f"{source} is not a closing file.", remedy)
    try:
        closing = encoding.decode(
            _statement(text[:end]), Closing, what="The closing statement", limit_bytes=limits.CLOSING_BYTES
        )
        card = cards.parse(suite, text[end:], source=f"the card in {source}")
        found = ClosingFile(closing, card)
        if found.text().encode("ascii") != text:
            raise MalformedError("Its armour is damaged.", reason="closing")
        _verify(suite, closing, card)
    except PeerError as e:
        raise CardError(f"{source}: {e.what}", remedy) from None
    return found


def _statement(armoured: bytes) -> bytes:
    """What the base64 between the first and the last line holds. The form of the lines is compared afterwards."""
    try:
        return base64.b64decode(b"".join(armoured.split(b"\n")[1:-2]), validate=True)
    except ValueError:
        raise MalformedError("Its armour is damaged.", reason="closing") from None


def _verify(suite: Suite, closing: Closing, card: Card) -> None:
    """That the card is the one that the statement names, and an officer of it has signed what can be."""
    if (card.fingerprint, card.digest) != (closing.author, closing.card):
        raise MalformedError("The card is not the one that the closing statement names.", reason="closing")
    if len(closing.text.encode("utf-8")) > limits.REASON_BYTES:
        raise MalformedError(f"Its text is over {limits.REASON_BYTES} bytes.", reason="closing")
    if not all(_possible(held) for held in (closing.own, closing.mirror)):
        raise MalformedError("What it says of a log cannot be.", reason="closing")
    if closing.reason == KEYS_LOST and (closing.own, closing.mirror) != (NOTHING, NOTHING):
        raise MalformedError("Who has lost the keys holds nothing of the logs.", reason="closing")
    officer = card.officer(closing.officer)
    if officer is None or not verify_hybrid(suite, officer.public, closing_message(closing), closing.signature):
        raise SignatureError("The officer's signature does not verify.", reason="closing-signature")


def _possible(held: Held) -> bool:
    """What is signed is held, and nothing is the empty tree and nothing else is."""
    return held.signed <= held.size and (held.size == 0) == (held.root == tree.EMPTY_ROOT)
