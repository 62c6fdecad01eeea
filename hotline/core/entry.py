"""Entries, the leaves of a log, and the commitments to their bodies (SPEC sections 4.1 to 4.7)."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from hotline import limits
from hotline.core import encoding
from hotline.core.suite import HYBRID_SIGNATURE, digest, label
from hotline.errors import MalformedError

ENVELOPE_VERSION = 1
ENVELOPE_BYTES = 37
NO_COMMITMENT = bytes(32)

GENESIS, NOTICE, OPENED, ACKNOWLEDGEMENT, REFUSAL, WATCH, CARD = 1, 2, 3, 4, 5, 6, 7
CONTENT_VERSION = 1

ROLE_RELEASER, ROLE_DRAFTER = 1, 2
VERDICT_OPENED, VERDICT_ACKNOWLEDGED = 0, 1
REFUSED_KIND, REFUSED_MALFORMED, REFUSED_INVALID, REFUSED_BY_OFFICER = 1, 2, 3, 4
WATCH_OFF, WATCH_ON = 0, 1

Uint = Annotated[int, Meta(ge=0, le=limits.TREE_SIZE)]
Bytes16 = Annotated[bytes, Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Signature = Annotated[bytes, Meta(min_length=HYBRID_SIGNATURE, max_length=HYBRID_SIGNATURE)]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The frozen part of an entry. `sound` is False where SPEC section 4.1 judges it INVALID(envelope)."""

    body_bytes: int
    commitment: bytes
    content: bytes
    sound: bool


_UNSOUND = Envelope(0, NO_COMMITMENT, b"", False)


def envelope(entry: bytes) -> Envelope:
    """Split any bytes into an envelope; what does not fit is unsound and has no body. Never raises."""
    if not ENVELOPE_BYTES <= len(entry) <= limits.ENTRY_BYTES or entry[0] != ENVELOPE_VERSION:
        return _UNSOUND
    size, commitment = int.from_bytes(entry[1:5], "big"), entry[5:37]
    if size > limits.BODY_BYTES or (size == 0 and commitment != NO_COMMITMENT):
        return _UNSOUND
    return Envelope(size, commitment, entry[ENVELOPE_BYTES:], True)


def seal_envelope(content: bytes, body_bytes: int = 0, commitment: bytes = NO_COMMITMENT) -> bytes:
    """Return the entry with this content and body commitment."""
    return bytes([ENVELOPE_VERSION]) + body_bytes.to_bytes(4, "big") + commitment + content


def commitment(salt: bytes, body: bytes) -> bytes:
    """Return H(L("body") ‖ salt ‖ body); the salt has 32 bytes."""
    return digest("body", salt, body)


def body_fits(entry: bytes, salt: bytes, body: bytes) -> bool:
    """Return whether salt and body are exactly those the entry commits to (empty ones where it has no body)."""
    parts = envelope(entry)
    if parts.body_bytes == 0:
        return not salt and not body
    return len(salt) == 32 and len(body) == parts.body_bytes and commitment(salt, body) == parts.commitment


class Content(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag_field="type"):
    """Fields common to all types (SPEC section 4.2); the type is the tag, first in the array."""

    version: Uint
    time_ms: Uint
    seen_size: Uint
    seen_root: Bytes32
    keys: Uint


_COMMON_FIELDS = 6
_Common = tuple[Uint, Uint, Uint, Uint, Bytes32, Uint]


class Genesis(Content, frozen=True, array_like=True, forbid_unknown_fields=True, tag=GENESIS):
    """Entry 0 of every log (SPEC section 4.3)."""

    random: Bytes16
    owner: Bytes32
    peer: Bytes32
    generation: Uint
    card: Bytes32
    rules: Bytes32


class Release(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An officer's signature under a notice (SPEC section 4.4)."""

    officer: Bytes32
    role: Annotated[int, Meta(ge=1, le=2)]
    signature: Signature


Releases = Annotated[tuple[Release, ...], Meta(max_length=limits.RELEASES)]


class Notice(Content, frozen=True, array_like=True, forbid_unknown_fields=True, tag=NOTICE):
    """A notice's header; its text is in the body (SPEC section 4.4)."""

    recipient: Bytes32
    id: Bytes16
    serial: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]
    precedence: Annotated[int, Meta(ge=0, le=3)]
    mode: Annotated[int, Meta(ge=0, le=2)]
    expires_s: Uint
    releases: Releases


class _Answer(Content, frozen=True, array_like=True, forbid_unknown_fields=True):
    random: Bytes16
    target: Uint
    target_leaf: Bytes32
    verdict: Annotated[int, Meta(ge=0, le=4)]
    text: Annotated[str, Meta(max_length=limits.REASON_BYTES)]
    officer: Annotated[bytes, Meta(max_length=32)]
    signature: Annotated[bytes, Meta(max_length=HYBRID_SIGNATURE)]


class Opened(_Answer, frozen=True, array_like=True, forbid_unknown_fields=True, tag=OPENED):
    """A named officer has opened the notice (SPEC section 4.5)."""


class Acknowledgement(_Answer, frozen=True, array_like=True, forbid_unknown_fields=True, tag=ACKNOWLEDGEMENT):
    """Received and understood; never agreement (SPEC section 4.5)."""


class Refusal(_Answer, frozen=True, array_like=True, forbid_unknown_fields=True, tag=REFUSAL):
    """Cannot process, and why (SPEC section 4.5)."""


class Watch(Content, frozen=True, array_like=True, forbid_unknown_fields=True, tag=WATCH):
    """Who comes on or goes off the watch at the log's owner, and whom the one who comes on relieves (SPEC 4.6)."""

    random: Bytes16
    state: Annotated[int, Meta(ge=0, le=1)]
    officer: Bytes32
    relieved: Annotated[bytes, Meta(max_length=32)]
    signed_ms: Uint
    text: Annotated[str, Meta(max_length=limits.REASON_BYTES)]
    signature: Signature
    relieved_signature: Annotated[bytes, Meta(max_length=HYBRID_SIGNATURE)]


class CardEntry(Content, frozen=True, array_like=True, forbid_unknown_fields=True, tag=CARD):
    """The owner's card, signed anew; the body is card body ‖ root signature (SPEC section 4.7)."""

    number: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]
    card: Bytes32


Answer = Opened | Acknowledgement | Refusal
AnyContent = Genesis | Notice | Opened | Acknowledgement | Refusal | Watch | CardEntry
WITH_BODY = (Notice, CardEntry)


def decode_content(content: bytes) -> AnyContent:
    """Return the typed content, or raise MalformedError with reason `content`, `type` or `version` (SPEC 4.8)."""
    try:
        value: AnyContent = encoding.decode(content, AnyContent, what="the entry", limit_bytes=limits.ENTRY_BYTES)  # type: ignore[arg-type]  # a union of structs is what msgspec decodes
    except MalformedError as e:
        raise MalformedError(e.what, e.remedy, reason=_why_undecodable(content)) from None
    if isinstance(value, _Answer):
        _check_answer(value)
    if isinstance(value, Watch):
        _check_watch(value)
    if value.version != CONTENT_VERSION:
        raise MalformedError(f"The entry has content version {value.version}.", reason="version")
    return value


def _check_answer(answer: _Answer) -> None:
    """The bounds of SPEC section 4.5 that lie between two fields."""
    machine = isinstance(answer, Refusal) and answer.verdict in (REFUSED_KIND, REFUSED_MALFORMED, REFUSED_INVALID)
    lengths = (0, 0) if machine else (32, HYBRID_SIGNATURE)
    verdicts = {OPENED: (VERDICT_OPENED,), ACKNOWLEDGEMENT: (VERDICT_ACKNOWLEDGED,), REFUSAL: (1, 2, 3, 4)}
    if (len(answer.officer), len(answer.signature)) != lengths or answer.verdict not in verdicts[type_of(answer)]:
        raise MalformedError("The answer's verdict, officer and signature do not fit together.", reason="content")
    if len(answer.text.encode("utf-8")) > limits.REASON_BYTES:
        raise MalformedError(f"The answer's text is over {limits.REASON_BYTES} bytes.", reason="content")


def _check_watch(watch: Watch) -> None:
    """The bounds of SPEC section 4.6 that lie between two fields."""
    lengths = (32, HYBRID_SIGNATURE) if watch.relieved else (0, 0)
    itself = watch.relieved == watch.officer
    if (len(watch.relieved), len(watch.relieved_signature)) != lengths or itself:
        raise MalformedError("The watch's relieved officer and signature do not fit together.", reason="content")
    if watch.relieved and watch.state == WATCH_OFF:
        raise MalformedError("Who goes off the watch relieves nobody.", reason="content")
    if len(watch.text.encode("utf-8")) > limits.REASON_BYTES:
        raise MalformedError(f"The watch's text is over {limits.REASON_BYTES} bytes.", reason="content")


def type_of(content: AnyContent | _Answer) -> int:
    """The type number of SPEC section 4.2."""
    return int(str(content.__struct_config__.tag))


def peek_type(content: bytes) -> int | None:
    """The type number of content that need not be otherwise understood, or None."""
    try:
        encoding.check_shape(content, what="entry")
        fields = msgspec.msgpack.decode(content)
    except (MalformedError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if isinstance(fields, list) and fields and type(fields[0]) is int:
        return fields[0]
    return None


def unanswerable(entry: bytes) -> bool:
    """Whether nobody answers an entry that begins so, whatever its form (SPEC section 4.8).

    Read from the two bytes that a header of less than 16 fields and the type take, so that both sides agree on it also
    where neither can read on: a refusal that its receiver finds INVALID would be of use to nobody.
    """
    if len(entry) < ENVELOPE_BYTES + 2 or entry[0] != ENVELOPE_VERSION or entry[ENVELOPE_BYTES] & 0xF0 != 0x90:
        return False
    return entry[ENVELOPE_BYTES + 1] in (GENESIS, OPENED, ACKNOWLEDGEMENT, REFUSAL, WATCH, CARD)


def _why_undecodable(content: bytes) -> str:
    """An entry of a type unknown here needs the fields that all types have, in the one encoding, and no more."""
    found = peek_type(content)
    if found is None or GENESIS <= found <= CARD:
        return "content"
    fields = msgspec.msgpack.decode(content)
    try:
        msgspec.convert(fields[:_COMMON_FIELDS], _Common)
        same = encoding.encode(fields) == content
    except (msgspec.MsgspecError, TypeError):
        return "content"
    return "type" if same else "content"


def release_message(line: bytes, notice: "ReleaseFacts", officer: bytes, role: int) -> bytes:
    """Return what a releaser or drafter signs (SPEC section 4.4)."""
    n = notice
    covered = [
        role,
        officer,
        line,
        n.recipient,
        n.id,
        NOTICE,
        n.precedence,
        n.mode,
        n.commitment,
        n.body_bytes,
        n.expires_s,
    ]
    return label("release") + encoding.encode(covered)


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """The facts of a notice that a release signature covers, known before it has an index or serial."""

    recipient: bytes
    id: bytes
    precedence: int
    mode: int
    commitment: bytes
    body_bytes: int
    expires_s: int


def answer_message(
    kind: int, line: bytes, origin: str, target: int, target_leaf: bytes, verdict: int, text: str, officer: bytes
) -> bytes:
    """Return what an officer signs when opening, acknowledging or refusing (SPEC section 4.5)."""
    return label("answer") + encoding.encode([kind, line, origin, target, target_leaf, verdict, text, officer])


def watch_message(
    line: bytes, owner: bytes, random: bytes, state: int, officer: bytes, relieved: bytes, signed_ms: int, text: str
) -> bytes:
    """Return what both officers of a handover sign, and one who comes on or goes off alone (SPEC section 4.6)."""
    return label("watch") + encoding.encode([line, owner, random, state, officer, relieved, signed_ms, text])
