"""C2SP signed notes: text with signature lines under it (https://c2sp.org/signed-note).

A note is what a third party is shown, so it has one encoding here: `parse` refuses whatever
`encode` does not make, and neither class can be built in a state that could not be encoded.
Nothing in a note is to be believed before `hotline.core.checkpoint` has verified its lines.
"""

import base64
import hashlib
from dataclasses import dataclass

from hotline import limits
from hotline.core import point
from hotline.core.suite import MLDSA44_PUBLIC
from hotline.errors import MalformedError
from hotline.text import safe

# The signature types in use; no others are accepted (signed-note advises against supporting more).
ED25519_NOTE = 0x01  # over the note's text
ED25519_COSIGNATURE = 0x04  # tlog-cosignature, with a time
MLDSA44_COSIGNATURE = 0x06  # tlog-cosignature, with a time or 0

KEY_ID_BYTES = 4
_DASH = "— "


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note: who claims to have signed, and with what. Raises MalformedError if it cannot be a line.

    `name` is the key name; `key_id` 4 bytes, a hint and no hash to rely on; `signature` 1 byte
    or more, whose form the signature type decides (a cosignature starts with its u64 time).
    """

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name, what="The key name of a signature line")
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise MalformedError(f"The signature line of {safe(self.name, limit=80)} holds no key id and signature.")

    @classmethod
    def parse(cls, line: str) -> "SignatureLine":
        """Return the line without its newline as a SignatureLine, or raise MalformedError."""
        if not line.startswith(_DASH):
            raise MalformedError("A line under the note is not a signature line: it has no em dash at its start.")
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        blob = from_base64(encoded, what="A signature line")
        return cls(name, blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])

    def encode(self) -> str:
        """Return the line, ending in its newline."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signature lines under it, none of them verified. Raises MalformedError if it cannot be a note.

    `text` ends in newline and holds no other control character; 1 to NOTE_SIGNATURES lines; at
    most NOTE_BYTES encoded. The lines keep their order, and may repeat or come from strangers.
    """

    text: str
    signatures: tuple[SignatureLine, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n"):
            raise MalformedError("The text of a note does not end in a newline.")
        check_printable(self.text.replace("\n", ""), what="The text of a note")
        if not 1 <= len(self.signatures) <= limits.NOTE_SIGNATURES:
            found, most = len(self.signatures), limits.NOTE_SIGNATURES
            raise MalformedError(f"A note has {found} signature lines; 1 to {most} are permitted.")
        _check_size(len(self.encode()))

    @classmethod
    def parse(cls, data: bytes) -> "Note":
        """Return `data` as a note, or raise MalformedError. `Note.parse(data).encode() == data` for all it accepts."""
        _check_size(len(data))
        try:
            decoded = data.decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedError("A note is not UTF-8.") from None
        # The text may hold empty lines: the last one is the one that separates (signed-note, Format).
        text, blank, below = decoded.rpartition("\n\n")
        if not blank or not below.endswith("\n"):
            raise MalformedError("A note has no signature lines under an empty line, or its last line does not end.")
        lines = below.removesuffix("\n").split("\n")
        return cls(text + "\n", tuple(SignatureLine.parse(line) for line in lines))

    def encode(self) -> bytes:
        """Return the note as UTF-8: the text, an empty line, the signature lines."""
        return (self.text + "\n" + "".join(line.encode() for line in self.signatures)).encode()


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """What a vkey says: a key name, a signature type of one byte, and the raw public key of that type."""

    name: str
    sig_type: int
    public: bytes


def key_id(name: str, sig_type: int, public: bytes) -> bytes:
    """Return `SHA-256(name ‖ 0x0A ‖ type ‖ public)[:4]` (signed-note; tlog-cosignature makes it a MUST)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([sig_type]) + public).digest()[:KEY_ID_BYTES]


def vkey(name: str, sig_type: int, public: bytes) -> str:
    """Return the verifier key text `name+hex key id+base64(type ‖ public)` for other C2SP tools."""
    check_name(name, what="The name of a verifier key")
    return f"{name}+{key_id(name, sig_type, public).hex()}+{to_base64(bytes([sig_type]) + public)}"


def parse_vkey(text: str) -> VerifierKey:
    """Return what a verifier key text says, or raise MalformedError, also if its key id is not that of the key."""
    name, _, rest = text.partition("+")
    check_name(name, what="The name of a verifier key")
    _, _, encoded = rest.partition("+")
    blob = from_base64(encoded, what="A verifier key")
    if len(blob) < 2 or vkey(name, blob[0], blob[1:]) != text:
        raise MalformedError("A verifier key does not have the form name+key id+key, or its key id is another key's.")
    if not _usable(blob[0], blob[1:]):
        raise MalformedError("A verifier key is of a kind, length or order that is not used here.")
    return VerifierKey(name, blob[0], blob[1:])


def _usable(sig_type: int, public: bytes) -> bool:
    if sig_type in (ED25519_NOTE, ED25519_COSIGNATURE):
        return point.acceptable(public)
    return sig_type == MLDSA44_COSIGNATURE and len(public) == MLDSA44_PUBLIC


def to_base64(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str, *, what: str) -> bytes:
    """Return the bytes of `text`, or raise MalformedError naming `what` unless it is their one encoding.

    Python's decoder passes over spare bits at the end; a signature could then be written in
    several ways and a note would have copies that differ.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:  # also what non-ASCII raises
        data = b""
    if to_base64(data) != text:
        raise MalformedError(f"{what} holds something that is not canonical base64.", reason="not-canonical")
    return data


def check_name(name: str, *, what: str) -> None:
    """Raise MalformedError naming `what` unless `name` can stand in a signature line: no space, no plus, not empty."""
    check_printable(name, what=what)
    if not name or "+" in name or any(c.isspace() for c in name):
        raise MalformedError(f"{what} is empty, or holds a space or a plus: {safe(name, limit=80)!r}.")


def check_printable(text: str, *, what: str) -> None:
    """Raise MalformedError naming `what` if `text` holds a character below U+0020 or cannot be UTF-8.

    Those are the characters that signed-note excludes. Others that could mislead a reader
    are legal in a note: they are made visible where it is shown, by `hotline.text.safe`.
    """
    if any(c < " " or "\ud800" <= c <= "\udfff" for c in text):
        raise MalformedError(f"{what} holds a control character.")


def _check_size(size: int) -> None:
    if size > limits.NOTE_BYTES:
        raise MalformedError(f"A note has {size} bytes; {limits.NOTE_BYTES} is the most.", reason="too-large")
