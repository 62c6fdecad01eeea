"""The eight messages of a line, as typed payloads (SPEC section 6.6)."""

from typing import Annotated

import msgspec
from msgspec import Meta

from hotline import limits
from hotline.core import encoding, frame
from hotline.core.entry import Bytes16, Bytes32, Signature, Uint
from hotline.core.suite import HYBRID_SIGNATURE, XWING_PUBLIC
from hotline.errors import MalformedError

# Three bytes for each MessagePack header and up to nine for each integer; ENTRIES carries a signature besides.
ITEM_OVERHEAD_BYTES = 16
NONCE_BYTES = 16
ENTRIES_OVERHEAD_BYTES = 512 + HYBRID_SIGNATURE

Echo = Annotated[bytes, Meta(max_length=16)]
KeyId = Annotated[bytes, Meta(max_length=frame.KEY_ID_BYTES)]
# Visible ASCII, so that characters are bytes and no line of a note can be broken with it.
Origin = Annotated[str, Meta(min_length=1, max_length=limits.ORIGIN_BYTES, pattern=r"^[!-~]+\Z")]
Hashes = Annotated[tuple[Bytes32, ...], Meta(max_length=limits.PROOF_HASHES)]


class Message(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Base of the payloads: arrays, in field order."""


class OwnState(Message, frozen=True):
    """What I say of my own log."""

    generation: Uint
    size: Uint
    signed: Uint


class MirrorState(Message, frozen=True):
    """What I say of my mirror of your log."""

    generation: Uint
    size: Uint
    root: Bytes32
    cosigned: Uint
    head: Uint


class Prekey(Message, frozen=True):
    """SPEC section 6.5."""

    public: Annotated[bytes, Meta(min_length=XWING_PUBLIC, max_length=XWING_PUBLIC)]
    created_ms: Uint
    signature: Signature


class Hello(Message, frozen=True):
    """State, freshness and keys; no content."""

    nonce: Bytes16
    echo: Echo
    ask: bool
    own: OwnState
    mirror: MirrorState
    prekey: Annotated[tuple[Prekey, ...], Meta(max_length=1)]
    prekey_seen: KeyId
    attended: bool
    rules: Bytes32
    card_number: Uint


class Item(Message, frozen=True):
    """One entry with what opens its commitment."""

    entry: Annotated[bytes, Meta(max_length=limits.ENTRY_BYTES)]
    salt: Annotated[bytes, Meta(max_length=32)]
    body: Annotated[bytes, Meta(max_length=limits.BODY_BYTES)]


class Entries(Message, frozen=True):
    """A proposal with the entries that lead up to it."""

    origin: Origin
    start: Uint
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=limits.WINDOW_ENTRIES)]
    root: Bytes32
    proposal: Signature
    echo: Echo

    @property
    def size(self) -> int:
        """The tree size that is proposed."""
        return self.start + len(self.items)


class Receipt(Message, frozen=True):
    """The holder's cosignature, SPEC section 5.4."""

    origin: Origin
    size: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]
    root: Bytes32
    timestamp_s: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]
    signature: Signature


class Head(Message, frozen=True):
    """The owner's signed head; `prior_*` and `proof` where it must outrank a tail (SPEC section 7.6)."""

    origin: Origin
    size: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]
    root: Bytes32
    signature: Signature
    prior_size: Uint
    prior_root: Annotated[bytes, Meta(max_length=32)]
    proof: Hashes


class Need(Message, frozen=True):
    """Send me [start, end) of this log."""

    origin: Origin
    start: Uint
    end: Uint
    echo: Echo


class SignedHead(Message, frozen=True):
    """A head inside a FORK."""

    size: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]
    root: Bytes32
    signature: Signature


class Fork(Message, frozen=True):
    """Two heads of one log, and why they cannot both be of one tree."""

    origin: Origin
    first: SignedHead
    second: SignedHead
    prior_root: Bytes32
    proof: Hashes


class Emergency(Message, frozen=True):
    """An officer's text that needs no log (SPEC section 7.11)."""

    id: Bytes16
    time_ms: Uint
    officer: Bytes32
    text: Annotated[str, Meta(min_length=1, max_length=limits.EMERGENCY_BYTES)]
    signature: Signature


class Seen(Message, frozen=True):
    """That EMERGENCY is stored and shown here, by the receipt key."""

    id: Bytes16
    signature: Signature


_TYPES: dict[int, type[Message]] = {
    frame.HELLO: Hello,
    frame.ENTRIES: Entries,
    frame.RECEIPT: Receipt,
    frame.HEAD: Head,
    frame.NEED: Need,
    frame.FORK: Fork,
    frame.EMERGENCY: Emergency,
    frame.SEEN: Seen,
}
_CODES = {cls: code for code, cls in _TYPES.items()}


def pack(message: Message) -> tuple[int, bytes]:
    """Return the type code and payload of a message."""
    return _CODES[type(message)], encoding.encode(message)


def pack_code(cls: type[Message]) -> int:
    """Return the type code of a kind of message."""
    return _CODES[cls]


def unpack(kind: int, payload: bytes) -> Message:
    """Return the typed message, or raise MalformedError."""
    cls = _TYPES.get(kind)
    if cls is None:
        raise MalformedError(f"A message has the unknown type {kind}.", reason="message-type")
    message = encoding.decode(payload, cls, what=f"A {cls.__name__.upper()}", limit_bytes=frame.PAYLOAD_BYTES)
    for field in _EXACT:
        _check_exact(message, field)
    if isinstance(message, Entries) and any(len(i.salt) not in (0, 32) for i in message.items):
        raise MalformedError("A salt has neither 0 nor 32 bytes.")
    # What I take I may have to give back, and then with an echo (SPEC section 7.9).
    if isinstance(message, Entries) and len(payload) - len(message.echo) + NONCE_BYTES > frame.PAYLOAD_BYTES:
        raise MalformedError("ENTRIES leave no room for an echo.", reason="frame-room")
    if isinstance(message, Head) and message.prior_size and not message.prior_root:
        raise MalformedError("A HEAD names a prior size without its root.")
    if isinstance(message, Emergency) and len(message.text.encode("utf-8")) > limits.EMERGENCY_BYTES:
        raise MalformedError(f"An emergency text is over {limits.EMERGENCY_BYTES} bytes.", reason="too-large")
    return message


_EXACT = {"echo": NONCE_BYTES, "prekey_seen": frame.KEY_ID_BYTES, "prior_root": 32}


def _check_exact(message: Message, field: str) -> None:
    """These are either empty or of one length."""
    value = getattr(message, field, b"")
    if value and len(value) != _EXACT.get(field, len(value)):
        raise MalformedError(f"`{field}` has {len(value)} bytes.")
