"""Closing statements, and the generation of a line that two of them begin (SPEC section 7.13).

An officer of each side signs where the logs of the old generation ended. The line id of the next one commits to both
statements: so nobody but two officers can begin it, and every head of it says what came before.
"""

import base64
import binascii
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
_LINE_CHARS = 64

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

    `signed` is the size of the largest signed head of the author's own log, or the largest that the author has
    cosigned of the other's; `serial` the largest of a notice in it, 0 if there is none.
    """

    size: _Size
    root: Bytes32
    signed: _Size
    serial: _Size


NOTHING = Held(0, tree.EMPTY_ROOT, 0, 0)


class Closing(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The array of SPEC section 7.13."""

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
    """Return the generation that two statements begin. MalformedError unless they close the same one."""
    if mine.author == peers.author:
        raise MalformedError("Both closing statements are by the same side.", reason="closing")
    if (mine.line, mine.generation) != (peers.line, peers.generation):
        raise MalformedError("The two closing statements are not of one generation.", reason="closing")
    generation = mine.generation + 1
    return Agreed(
        generation,
        line_of(mine.line, generation, mine, peers),
        max(mine.own.serial, peers.mirror.serial),
        max(mine.mirror.serial, peers.own.serial),
    )


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

    Whether it is of this line, this peer and this generation is for the caller to see.
    """
    source = safe(source)
    remedy = "Copy the whole file as it was made, as plain text; or ask the other side for a fresh copy."
    end = text.find(END.encode() + b"\n")
    if len(text) > limits.CLOSING_FILE_BYTES or end < 0:
        raise CardError(f"{source} is not a closing file.", remedy)
    end += len(END) + 1
    try:
        closing = encoding.decode(
            _unarmour(text[:end]), Closing, what="The closing statement", limit_bytes=limits.CLOSING_BYTES
        )
        card = cards.parse(suite, text[end:], source=f"the card in {source}")
        _verify(suite, closing, card)
    except PeerError as e:
        raise CardError(f"{source}: {e.what}", remedy) from None
    return ClosingFile(closing, card)


def _unarmour(text: bytes) -> bytes:
    lines = text.split(b"\n")
    inner = lines[1:-2]
    whole = len(lines) >= 4 and lines[0] == BEGIN.encode()
    whole = whole and all(len(line) == _LINE_CHARS for line in inner[:-1]) and 0 < len(inner[-1]) <= _LINE_CHARS
    packed = b"".join(inner)
    try:
        statement = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        whole, statement = False, b""
    if not whole or base64.b64encode(statement) != packed:
        raise MalformedError("Its armour is damaged.", reason="closing")
    return statement


def _verify(suite: Suite, closing: Closing, card: Card) -> None:
    """That the card is the one that the statement names, and an officer of it has signed."""
    if (card.fingerprint, card.digest) != (closing.author, closing.card):
        raise MalformedError("The card is not the one that the closing statement names.", reason="closing")
    if closing.reason == KEYS_LOST and (closing.own, closing.mirror) != (NOTHING, NOTHING):
        raise MalformedError("Who has lost the keys holds nothing of the logs.", reason="closing")
    officer = card.officer(closing.officer)
    if officer is None or not verify_hybrid(suite, officer.public, closing_message(closing), closing.signature):
        raise SignatureError("The officer's signature does not verify.", reason="closing-signature")
