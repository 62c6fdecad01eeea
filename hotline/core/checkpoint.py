"""Heads and receipts: what the log key and the receipt key sign, and how a note carries it (SPEC sections 5.3, 5.4).

Each is two signatures by one hybrid key, both over one (origin, size, root), each in the form
that a C2SP text defines, so that tools which know neither Hotline nor the other half can check
their half:

    head      Ed25519    type 0x01   over the note's text                       signed-note
              ML-DSA-44  type 0x06   over cosigned_message, time 0              tlog-cosignature
    receipt   Ed25519    type 0x04   over "cosignature/v1", the time, the text  tlog-cosignature
              ML-DSA-44  type 0x06   over cosigned_message, the same time       tlog-cosignature

Between stations they travel as 2,484 bytes, Ed25519 ‖ ML-DSA-44, without the lines' names, key
ids and times: both sides know those. Notes are made when a third party is to be shown something.
"""

import struct
from dataclasses import dataclass

from hotline import limits
from hotline.core import tree
from hotline.core.note import (
    ED25519_COSIGNATURE,
    ED25519_NOTE,
    MLDSA44_COSIGNATURE,
    Note,
    SignatureLine,
    check_name,
    from_base64,
    key_id,
    to_base64,
)
from hotline.core.suite import (
    ED25519_PUBLIC,
    ED25519_SIGNATURE,
    HYBRID_PUBLIC,
    HYBRID_SIGNATURE,
    MLDSA44_SIGNATURE,
    Suite,
    verify_halves,
)
from hotline.errors import MalformedError, SignatureError
from hotline.text import safe

_SUBTREE_LABEL = b"subtree/v1\n\0"  # tlog-cosignature: the first 12 bytes of cosigned_message
_TIME_BYTES = 8
_START = 0  # a checkpoint is the subtree that starts at the first leaf
_NO_TIME = 0  # of a log's own line: it makes no statement that this is its largest tree


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root of one log, signed by nobody yet (SPEC section 5.3). Raises MalformedError if it cannot be one.

    `origin` 1 to 255 bytes as UTF-8, fit to be a key name; `size` in leaves, 0 … 2^53 - 1;
    `root` 32 bytes. Size 0 can be written down but is never a head or receipted.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        _check_cosigner(self.origin, what="The origin of a checkpoint")
        if not 0 <= self.size <= limits.TREE_SIZE or len(self.root) != tree.HASH_BYTES:
            raise MalformedError("A checkpoint's size or root hash is out of bounds.")

    def text(self) -> str:
        """Return the note text: origin, size and root hash, each line ending in newline (tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @classmethod
    def parse_text(cls, text: str) -> "Checkpoint":
        """Return the checkpoint that a note's text holds, or raise MalformedError.

        Extension lines, which tlog-checkpoint permits, are refused: the ML-DSA-44 message does
        not cover them, so a head with one would be signed by one half of the key only.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise MalformedError("A checkpoint does not have exactly three lines.")
        size = parse_decimal(lines[1], what="The size in a checkpoint")
        return cls(lines[0], size, from_base64(lines[2], what="The root hash of a checkpoint"))


def log_messages(cp: Checkpoint) -> tuple[bytes, bytes]:
    """Return what the two halves of the log key sign: (Ed25519 message, ML-DSA-44 message) (SPEC section 5.3)."""
    return cp.text().encode(), _cosigned_message(cp.origin, _NO_TIME, cp)


def receipt_messages(cp: Checkpoint, receipt_name: str, timestamp_s: int) -> tuple[bytes, bytes]:
    """Return what the two halves of the receipt key sign: (Ed25519 message, ML-DSA-44 message) (SPEC section 5.4).

    Raises MalformedError if the name is not 1 to 255 bytes fit to be a key name, or the time
    not 1 … 2^53 - 1 seconds.
    """
    _check_receipt(receipt_name, timestamp_s)
    timed = f"cosignature/v1\ntime {timestamp_s}\n{cp.text()}"
    return timed.encode(), _cosigned_message(receipt_name, timestamp_s, cp)


def verify_head(suite: Suite, log_public: bytes, cp: Checkpoint, signature: bytes) -> bool:
    """Return whether `signature` (2,484 bytes) makes `cp` a head of the log with this key (1,344 bytes).

    False for size 0. The caller compares the origin: a key signs several logs (one a line and generation).
    """
    return cp.size >= 1 and verify_halves(suite, log_public, *log_messages(cp), signature)


def verify_receipt(
    suite: Suite, receipt_public: bytes, receipt_name: str, cp: Checkpoint, timestamp_s: int, signature: bytes
) -> bool:
    """Return whether `signature` (2,484 bytes) is a receipt for `cp` by this key (1,344 bytes) at this time.

    False for size 0, and for a time or name out of bounds.
    """
    try:
        messages = receipt_messages(cp, receipt_name, timestamp_s)
    except MalformedError:
        return False
    return cp.size >= 1 and verify_halves(suite, receipt_public, *messages, signature)


# --- as lines of a note ---------------------------------------------------------------


def head_lines(cp: Checkpoint, log_public: bytes, signature: bytes) -> list[SignatureLine]:
    """Return the two lines of a head, 0x01 then 0x06. Nothing is verified: `signature` is one that was.

    Raises MalformedError unless `log_public` has 1,344 bytes and `signature` 2,484.
    """
    ed25519, mldsa44 = _split_hybrid(log_public, signature)
    ids = _line_ids(cp.origin, ED25519_NOTE, log_public)
    return [
        SignatureLine(cp.origin, ids[0], ed25519),
        SignatureLine(cp.origin, ids[1], _u64(_NO_TIME) + mldsa44),
    ]


def receipt_lines(receipt_public: bytes, receipt_name: str, timestamp_s: int, signature: bytes) -> list[SignatureLine]:
    """Return the two lines of a receipt, 0x04 then 0x06. Nothing is verified: `signature` is one that was.

    Raises MalformedError unless `receipt_public` has 1,344 bytes, `signature` 2,484, and the name
    and time are as `receipt_messages` wants them.
    """
    ed25519, mldsa44 = _split_hybrid(receipt_public, signature)
    _check_receipt(receipt_name, timestamp_s)
    ids, time = _line_ids(receipt_name, ED25519_COSIGNATURE, receipt_public), _u64(timestamp_s)
    return [SignatureLine(receipt_name, ids[0], time + ed25519), SignatureLine(receipt_name, ids[1], time + mldsa44)]


def evidence_note(
    cp: Checkpoint,
    *,
    log_public: bytes,
    head_signature: bytes,
    receipt_public: bytes,
    receipt_name: str,
    timestamp_s: int,
    receipt_signature: bytes,
) -> Note:
    """Return the note of four lines that shows a head and its receipt to a third party (SPEC section 5.5).

    The order is that of SPEC's example: the log's 0x01 and 0x06, the receipt's 0x04 and 0x06.
    Nothing is verified. Raises MalformedError as `head_lines` and `receipt_lines` do.
    """
    log = head_lines(cp, log_public, head_signature)
    receipt = receipt_lines(receipt_public, receipt_name, timestamp_s, receipt_signature)
    return Note(cp.text(), (*log, *receipt))


def parse_head_note(suite: Suite, note: Note, log_public: bytes) -> tuple[Checkpoint, bytes]:
    """Return the head that a note shows, verified: its checkpoint and its signature of 2,484 bytes.

    The lines are those named as the note's own origin; the caller compares that origin with
    the one it expects. Lines of other keys are ignored (a MUST of signed-note).
    Raises MalformedError if the text is not a checkpoint, SignatureError if either line is
    missing, repeated, or does not verify.
    """
    cp = Checkpoint.parse_text(note.text)
    ids = _line_ids(cp.origin, ED25519_NOTE, log_public)
    ed25519 = _one_line(note, cp.origin, ids[0], ED25519_SIGNATURE)
    time, mldsa44 = _take_time(_one_line(note, cp.origin, ids[1], _TIME_BYTES + MLDSA44_SIGNATURE))
    if time != _NO_TIME or not verify_head(suite, log_public, cp, ed25519 + mldsa44):
        raise SignatureError(f"The head of {safe(cp.origin)} at size {cp.size} is not signed by its log's key.")
    return cp, ed25519 + mldsa44


def parse_receipt(suite: Suite, note: Note, receipt_public: bytes, receipt_name: str) -> tuple[int, bytes]:
    """Return the receipt that a note shows, verified: its time in seconds and its signature of 2,484 bytes.

    Lines of other keys are ignored. Raises MalformedError if the text is not a checkpoint,
    SignatureError if either line is missing, repeated, or does not verify, or their times differ.
    """
    cp = Checkpoint.parse_text(note.text)
    ids = _line_ids(receipt_name, ED25519_COSIGNATURE, receipt_public)
    time, ed25519 = _take_time(_one_line(note, receipt_name, ids[0], _TIME_BYTES + ED25519_SIGNATURE))
    same, mldsa44 = _take_time(_one_line(note, receipt_name, ids[1], _TIME_BYTES + MLDSA44_SIGNATURE))
    signature = ed25519 + mldsa44
    if time != same or not verify_receipt(suite, receipt_public, receipt_name, cp, time, signature):
        raise SignatureError(f"The receipt for {safe(cp.origin)} at size {cp.size} is not signed by its holder's key.")
    return time, signature


def parse_decimal(text: str, *, what: str) -> int:
    """Return the number, 0 … 2^53 - 1, or raise MalformedError unless `text` is its one ASCII decimal writing."""
    # The length first: int() takes quadratic time, and refuses past 4,300 digits with an error of its own.
    if len(text) > len(str(limits.TREE_SIZE)) or not (text.isascii() and text.isdigit()):
        raise MalformedError(f"{what} is not a decimal number within bounds.")
    number = int(text)
    if str(number) != text or number > limits.TREE_SIZE:
        raise MalformedError(f"{what} has leading zeroes or is out of bounds.", reason="not-canonical")
    return number


def _cosigned_message(cosigner: str, timestamp_s: int, cp: Checkpoint) -> bytes:
    """Return the `cosigned_message` of tlog-cosignature for a whole tree; both names are 1 to 255 bytes."""
    name, origin = cosigner.encode(), cp.origin.encode()
    return b"".join(
        [
            _SUBTREE_LABEL,
            bytes([len(name)]) + name,
            _u64(timestamp_s),
            bytes([len(origin)]) + origin,
            _u64(_START) + _u64(cp.size) + cp.root,
        ]
    )


def _line_ids(name: str, ed25519_type: int, public: bytes) -> tuple[bytes, bytes]:
    """Return the key ids of a hybrid key's two lines, Ed25519 under the given type and ML-DSA-44 as 0x06."""
    if len(public) != HYBRID_PUBLIC:
        raise MalformedError(f"A hybrid public key has {len(public)} bytes instead of {HYBRID_PUBLIC}.")
    ed25519, mldsa44 = public[:ED25519_PUBLIC], public[ED25519_PUBLIC:]
    return key_id(name, ed25519_type, ed25519), key_id(name, MLDSA44_COSIGNATURE, mldsa44)


def _split_hybrid(public: bytes, signature: bytes) -> tuple[bytes, bytes]:
    if len(public) != HYBRID_PUBLIC or len(signature) != HYBRID_SIGNATURE:
        raise MalformedError("A hybrid key or signature does not have its length.")
    return signature[:ED25519_SIGNATURE], signature[ED25519_SIGNATURE:]


def _one_line(note: Note, name: str, line_id: bytes, size: int) -> bytes:
    """Return the signature bytes of the only line by this key, or raise SignatureError.

    A repeated line would be harmless if equal, but two readers could take different ones if not.
    """
    found = [line.signature for line in note.signatures if (line.name, line.key_id) == (name, line_id)]
    if len(found) != 1:
        raise SignatureError(f"The note has {len(found)} lines of {safe(name)} with key id {line_id.hex()}, not one.")
    if len(found[0]) != size:
        raise SignatureError(f"The signature of {safe(name)} with key id {line_id.hex()} does not have its length.")
    return found[0]


def _take_time(signature: bytes) -> tuple[int, bytes]:
    """Take apart the `timestamped_signature` of tlog-cosignature: seconds, and the bare signature."""
    return int.from_bytes(signature[:_TIME_BYTES], "big"), signature[_TIME_BYTES:]


def _check_cosigner(name: str, *, what: str) -> None:
    check_name(name, what=what)
    if len(name.encode()) > limits.ORIGIN_BYTES:
        raise MalformedError(f"{what} is longer than {limits.ORIGIN_BYTES} bytes.", reason="too-large")


def _check_receipt(name: str, timestamp_s: int) -> None:
    _check_cosigner(name, what="A receipt name")
    if not 1 <= timestamp_s <= limits.TREE_SIZE:
        raise MalformedError("The time of a receipt is out of bounds.")


def _u64(number: int) -> bytes:
    return struct.pack(">Q", number)
