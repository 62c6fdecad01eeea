"""Showing the FORKs that are kept, and the file that convicts for a third party (SPEC sections 6.6, 7.10 and 9).

A fork proves that one log key signed two histories. It convicts the custody of that key: a restored
copy, a clone, a thief. It says nothing of what anybody intended.
"""

import re
from dataclasses import dataclass

from hotline import limits
from hotline.core import card as cards
from hotline.core import checkpoint, tree
from hotline.core.card import Card
from hotline.core.checkpoint import Checkpoint, verify_head
from hotline.core.messages import Fork, SignedHead
from hotline.core.note import Note, from_base64, to_base64
from hotline.core.step import Now, Send, Step
from hotline.core.suite import Suite
from hotline.errors import MalformedError, SignatureError
from hotline.text import safe

HEADER = "hotline-fork@v1"
_PARTS = 6  # header, card, and the two halves of two notes; no part holds an empty line


def convicts(suite: Suite, log_public: bytes, fork: Fork) -> bool:
    """Return whether a FORK proves that this log key signed two inconsistent heads (SPEC section 6.6)."""
    first, second = fork.first, fork.second
    if first.root == fork.prior_root or not tree.verify_consistency(
        first.size, second.size, fork.prior_root, second.root, list(fork.proof)
    ):
        return False
    return all(
        verify_head(suite, log_public, Checkpoint(fork.origin, h.size, h.root), h.signature) for h in (first, second)
    )


class Telling:
    """When the kept FORKs are shown: less and less often, for as long as a log is frozen.

    There is no answer to wait for: who has lost the frozen state with an old copy of its disk learns of it again.
    """

    def __init__(self) -> None:
        self._at_s: float | None = None
        self._pause_s = limits.RETRANSMIT_FIRST_S

    def soon(self, now: Now) -> None:
        """At a start, or because the peer is there again."""
        self._pause_s = limits.RETRANSMIT_FIRST_S
        self._at_s = now.mono_s

    def tick(self, origins: list[str], now: Now, step: Step) -> None:
        """Show the FORKs of the logs that are frozen, if it is time."""
        if not origins:
            self._at_s = None
            return
        due = self._at_s is not None and now.mono_s >= self._at_s
        if due or self._at_s is None:
            self._at_s = now.mono_s + self._pause_s
            self._pause_s = min(2 * self._pause_s, limits.RETRANSMIT_MOST_S)
        for origin in origins if due else ():
            step.send(Send("fork", origin))

    def next_tick(self, origins: list[str]) -> float | None:
        """When `tick` has something to do, on the monotonic clock."""
        if not origins:
            return None
        return 0.0 if self._at_s is None else self._at_s


@dataclass(frozen=True, slots=True)
class ForkProof:
    """A fork for a third party: the owner's card, and the FORK."""

    card: Card
    fork: Fork

    def encode(self) -> bytes:
        """Return the text of the file (SPEC section 9). At most FORK_BYTES."""
        fork = self.fork
        above = [HEADER, f"prior {to_base64(fork.prior_root)}", *map(to_base64, fork.proof)]
        texts = ["\n".join(above) + "\n", self.card.text()]
        return b"\n".join([*(t.encode() for t in texts), *(self._note(head) for head in (fork.first, fork.second))])

    def _note(self, head: SignedHead) -> bytes:
        cp = Checkpoint(self.fork.origin, head.size, head.root)
        lines = checkpoint.head_lines(cp, self.card.body.log, head.signature)
        return Note(cp.text(), tuple(lines)).encode()

    @classmethod
    def parse(cls, suite: Suite, data: bytes) -> "ForkProof":
        """Return what a file proves, with everything verified; `encode` gives back exactly what this accepts.

        Raises MalformedError for another form, CardError for the card, SignatureError (reason `fork-evidence`) if
        it does not convict. Whether the card is the right one, only its root fingerprint tells.
        """
        if len(data) > limits.FORK_BYTES:
            raise MalformedError(f"A fork file has more than {limits.FORK_BYTES} bytes.", reason="too-large")
        parts = data.split(b"\n\n")
        if len(parts) != _PARTS or not parts[0].startswith(HEADER.encode()):
            raise MalformedError(f"This is not a fork file: it has not the parts of {HEADER}.")
        prior, proof = _above(parts[0])
        card = cards.parse(suite, parts[1] + b"\n", source="the card in the fork file")
        notes = [b"\n\n".join(parts[2:4]) + b"\n", b"\n\n".join(parts[4:6])]
        (one, first), (two, second) = (checkpoint.parse_head_note(suite, Note.parse(n), card.body.log) for n in notes)
        _check_origin(one.origin, two.origin, card)
        heads = SignedHead(one.size, one.root, first), SignedHead(two.size, two.root, second)
        found = cls(card, Fork(one.origin, *heads, prior, proof))
        if not convicts(suite, card.body.log, found.fork):
            raise SignatureError("The two heads are of one history: this file convicts nobody.", reason="fork-evidence")
        if found.encode() != data:
            raise MalformedError("A fork file is not in its one permitted form.", reason="not-canonical")
        return found


def _above(part: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """The prior root and the hashes of the proof."""
    try:
        header, prior, *hashes = part.decode("ascii").split("\n")
    except ValueError:  # not ASCII, or fewer lines
        raise MalformedError("A fork file has no prior root under its first line.") from None
    if header != HEADER or not prior.startswith("prior ") or len(hashes) > limits.PROOF_HASHES:
        raise MalformedError("The head of a fork file is not as specified.")
    found = [from_base64(h, what="A hash of a fork file") for h in (prior.removeprefix("prior "), *hashes)]
    if any(len(h) != tree.HASH_BYTES for h in found):
        raise MalformedError(f"A hash of a fork file has not {tree.HASH_BYTES} bytes.")
    return found[0], tuple(found[1:])


def _check_origin(first: str, second: str, card: Card) -> None:
    """Both heads are of one log, and of this card's owner (SPEC section 3.3)."""
    form = f"{re.escape(card.body.prefix)}/[0-9a-f]{{64}}/{card.fingerprint.hex()}/[1-9][0-9]*"
    if first != second or not re.fullmatch(form, first):
        raise SignatureError(f"The heads are not both of one log of {safe(card.body.name)}.", reason="origin")
