"""Evidence for a third party: one entry, its place, and four signatures, in one text file (SPEC section 5.5).

The form is that of C2SP tlog-proof (https://c2sp.org/tlog-proof). A verifier needs this file
and the two cards, no network, and nobody's word.
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec

from hotline import limits
from hotline.core import encoding, tree
from hotline.core.checkpoint import Checkpoint, parse_decimal, parse_head_note, parse_receipt
from hotline.core.entry import body_fits
from hotline.core.note import Note, from_base64, to_base64
from hotline.core.suite import Suite
from hotline.errors import MalformedError, SignatureError
from hotline.text import safe

_HEADER = "c2sp.org/tlog-proof@v1"
_SALT_BYTES = 32
_EXTRA_BYTES = limits.ENTRY_BYTES + _SALT_BYTES + limits.BODY_BYTES + 16  # 16: more than the four headers of the array


class Extra(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the `extra` line holds: the leaf itself, and the body if it is shown (SPEC section 5.5).

    `entry` is as stored; `salt` 32 bytes and `body` 1 byte or more, or both empty. Nothing of
    it is authenticated before `verify`.
    """

    entry: Annotated[bytes, msgspec.Meta(max_length=limits.ENTRY_BYTES)]
    salt: Annotated[bytes, msgspec.Meta(max_length=_SALT_BYTES)]
    body: Annotated[bytes, msgspec.Meta(max_length=limits.BODY_BYTES)]

    def encode(self) -> bytes:
        """Return the array [entry, salt, body]."""
        return encoding.encode(self)

    @classmethod
    def parse(cls, data: bytes) -> "Extra":
        """Return the array that `data` holds, or raise MalformedError."""
        extra = encoding.decode(data, cls, what="The extra data of a proof", limit_bytes=_EXTRA_BYTES)
        if len(extra.salt) != (_SALT_BYTES if extra.body else 0):
            raise MalformedError("The extra data of a proof has a body without its salt, or a salt without its body.")
        return extra


@dataclass(frozen=True, slots=True)
class Proof:
    """A tlog-proof, not verified. Raises MalformedError if it cannot be one.

    `index` counts leaves from 0; `hashes` 0 to 64 of 32 bytes, from the leaf's sibling up;
    `extra` 1 byte or more, or None; `note` the checkpoint with its lines. At most PROOF_BYTES encoded.
    """

    index: int
    hashes: tuple[bytes, ...]
    extra: bytes | None
    note: Note

    def __post_init__(self) -> None:
        if not 0 <= self.index < limits.TREE_SIZE:
            raise MalformedError("The index of a proof is out of bounds.")
        if len(self.hashes) > limits.PROOF_HASHES or any(len(h) != tree.HASH_BYTES for h in self.hashes):
            raise MalformedError(f"A proof has more than {limits.PROOF_HASHES} hashes, or one is not of 32 bytes.")
        if self.extra == b"":
            # The line is there to carry something; an empty one would be a second writing of None.
            raise MalformedError("A proof has an extra line without data.")
        _check_size(len(self.encode()))

    @classmethod
    def parse(cls, data: bytes) -> "Proof":
        """Return `data` as a proof, or raise MalformedError. `encode` gives back exactly what this accepts."""
        _check_size(len(data))
        # No line above the checkpoint is empty, so the first empty line is where it begins.
        above, _, note = data.partition(b"\n\n")
        try:
            lines = above.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise MalformedError("A proof holds something other than ASCII above its checkpoint.") from None
        if lines.pop(0) != _HEADER:
            raise MalformedError(f"A proof does not start with {_HEADER}.")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = from_base64(lines.pop(0).removeprefix("extra "), what="The extra line of a proof")
        if not lines or not lines[0].startswith("index "):
            raise MalformedError("A proof has no index line in its place.")
        index = parse_decimal(lines.pop(0).removeprefix("index "), what="The index of a proof")
        hashes = tuple(from_base64(line, what="A hash of a proof") for line in lines)
        return cls(index, hashes, extra, Note.parse(note))

    def encode(self) -> bytes:
        """Return the text of the file."""
        lines = [_HEADER]
        if self.extra is not None:
            lines.append(f"extra {to_base64(self.extra)}")
        lines += [f"index {self.index}", *map(to_base64, self.hashes)]
        return "\n".join(lines).encode("ascii") + b"\n\n" + self.note.encode()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What `verify` has shown: each field is signed for by both keys, but for `body` if it is not shown.

    The author's log key signed for `entry` standing at `index`; the holder's receipt key signed
    that entries and bodies up to `checkpoint` were durable there, by its own clock at `timestamp_s`.
    """

    checkpoint: Checkpoint
    index: int
    entry: bytes
    leaf_hash: bytes
    salt: bytes  # 32 bytes, or empty if the body is not shown
    body: bytes  # fits the commitment in `entry`, or empty if it is not shown
    timestamp_s: int
    head_signature: bytes  # 2,484 bytes
    receipt_signature: bytes  # 2,484 bytes


def verify(
    suite: Suite,
    proof: Proof,
    *,
    origin: str,
    log_public: bytes,
    receipt_public: bytes,
    receipt_name: str,
) -> Evidence:
    """Return what the proof shows, or raise; the steps are numbered as in tlog-proof, "Verifying a tlog proof".

    `origin` and the keys (1,344 bytes each) come from the two cards, never from the proof.
    Raises MalformedError for what does not have the specified form, SignatureError (reason
    "body", "origin" or "inclusion" where it is that) for what does not verify.
    """
    # Step 1: compute the leaf hash, here from the entry in `extra`, whose body is checked against it.
    if proof.extra is None:
        raise MalformedError("The proof carries no entry.", "Ask for it again with its extra line.")
    extra = Extra.parse(proof.extra)
    if extra.body and not body_fits(extra.entry, extra.salt, extra.body):
        raise SignatureError("The body in the proof is not the one its entry commits to.", reason="body")
    leaf = tree.leaf_hash(extra.entry)

    # Step 2: the origin is acceptable and the checkpoint is signed by its log's key.
    # The origin first, so that somebody else's evidence is named as such and not as a bad signature.
    claimed = Checkpoint.parse_text(proof.note.text).origin
    if claimed != origin:
        raise SignatureError(f"The proof is about {safe(claimed)}, not about {safe(origin)}.", reason="origin")
    cp, head_signature = parse_head_note(suite, proof.note, log_public)

    # Step 3: cosignatures. The policy is one of one: the holder of this line's mirror.
    timestamp_s, receipt_signature = parse_receipt(suite, proof.note, receipt_public, receipt_name)

    # Step 4: the inclusion proof binds the leaf hash to the signed root.
    if not tree.verify_inclusion(leaf, proof.index, cp.size, proof.hashes, cp.root):
        raise SignatureError(f"Entry {proof.index} is not in {safe(origin)} at size {cp.size}.", reason="inclusion")
    return Evidence(
        checkpoint=cp,
        index=proof.index,
        entry=extra.entry,
        leaf_hash=leaf,
        salt=extra.salt,
        body=extra.body,
        timestamp_s=timestamp_s,
        head_signature=head_signature,
        receipt_signature=receipt_signature,
    )


def _check_size(size: int) -> None:
    if size > limits.PROOF_BYTES:
        raise MalformedError(f"A proof has {size} bytes; {limits.PROOF_BYTES} is the most.", reason="too-large")
