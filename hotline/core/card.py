"""The contact card: a station's public identity, signed by its root (SPEC section 3.2)."""

import base64
import binascii
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hotline import limits
from hotline.core import encoding, point
from hotline.core.suite import (
    ED25519_PUBLIC,
    HYBRID_PUBLIC,
    HYBRID_SIGNATURE,
    XWING_PUBLIC,
    Suite,
    digest,
    label,
    verify_hybrid,
)
from hotline.errors import CardError, MalformedError

BEGIN = "-----BEGIN HOTLINE CARD-----"
END = "-----END HOTLINE CARD-----"
SUITE_NAME = "hotline-1"
STATEMENT = "entries and bodies up to this head are durable here; not published"
_LINE_CHARS = 64

Name = Annotated[str, Meta(min_length=1, max_length=limits.NAME_BYTES)]
HybridPublic = Annotated[bytes, Meta(min_length=HYBRID_PUBLIC, max_length=HYBRID_PUBLIC)]
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]


class OfficerKey(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One certified officer: a post or name for display, and the hybrid public key."""

    name: Name
    public: HybridPublic

    @property
    def id(self) -> bytes:
        """The officer id of SPEC section 3.1, 32 bytes."""
        return digest("officer", self.public)


class CardBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The signed array of SPEC section 3.2, in its order."""

    version: Literal[1]
    number: Annotated[int, Meta(ge=1, le=limits.TREE_SIZE)]
    suite: Literal["hotline-1"]
    name: Name
    phone: Annotated[str, Meta(max_length=limits.NAME_BYTES)]
    prefix: Annotated[str, Meta(pattern=r"\A[a-z0-9.-]([a-z0-9./-]{0,62}[a-z0-9.-])?\Z")]
    root: HybridPublic
    log: HybridPublic
    receipt: HybridPublic
    prekey_signer: HybridPublic
    link: Bytes32
    seal: Annotated[bytes, Meta(min_length=XWING_PUBLIC, max_length=XWING_PUBLIC)]
    address: Bytes32
    officers: Annotated[tuple[OfficerKey, ...], Meta(max_length=limits.CARD_OFFICERS)]
    statement: Literal["entries and bodies up to this head are durable here; not published"]

    @property
    def officer_keys(self) -> tuple[bytes, ...]:
        """The officers' hybrid public keys, whatever their names."""
        return tuple(o.public for o in self.officers)


# What no card entry changes: keys, addresses and origins of the line rest on these.
_SETTLED = tuple(f for f in CardBody.__struct_fields__ if f not in ("number", "name", "phone", "officers"))


@dataclass(frozen=True, slots=True)
class Card:
    """An accepted card: its fields and the exact signed bytes."""

    body: CardBody
    raw: bytes
    signature: bytes

    @property
    def fingerprint(self) -> bytes:
        """The root fingerprint, 32 bytes."""
        return digest("root", self.body.root)

    @property
    def digest(self) -> bytes:
        """The card digest that the genesis cites, 32 bytes."""
        return digest("card-digest", self.raw)

    @property
    def receipt_name(self) -> str:
        """The cosigner name of this station's receipts (SPEC section 3.3)."""
        return f"{self.body.prefix}/{self.fingerprint.hex()}/receipt"

    def officer(self, officer_id: bytes) -> OfficerKey | None:
        """The certified officer with this id, or None."""
        return next((o for o in self.body.officers if o.id == officer_id), None)

    @property
    def packed(self) -> bytes:
        """Card body ‖ root signature: what the armour holds, and the body of a card entry (SPEC sections 3.2, 4.7)."""
        return self.raw + self.signature

    def carries_on(self, held: "Card") -> bool:
        """Whether a log may carry this card to a holder of `held` (SPEC section 4.7): more officers, another name or
        telephone number, all else the same, under a higher number."""
        if self.body.number <= held.body.number or not set(held.body.officer_keys) <= set(self.body.officer_keys):
            return False
        return all(getattr(self.body, field) == getattr(held.body, field) for field in _SETTLED)

    def text(self) -> str:
        """The armoured file of SPEC section 3.2."""
        packed = base64.b64encode(self.packed).decode("ascii")
        lines = [packed[i : i + _LINE_CHARS] for i in range(0, len(packed), _LINE_CHARS)]
        return "\n".join([BEGIN, *lines, END, ""])


def signed_message(raw: bytes) -> bytes:
    """What the root signs: `L("card") ‖ card body`."""
    return label("card") + raw


def parse(suite: Suite, text: bytes, *, source: str = "the card") -> Card:
    """Return the card in an armoured file if it may be enrolled, else raise CardError naming `source`.

    Checks in the order of SPEC section 3.2: form, body, keys, signature. The suite and version are
    looked at first, so that a card of a newer Hotline is told apart from a damaged one.
    """
    return unpack(suite, _unarmour(text, source), source=source)


def unpack(suite: Suite, packed: bytes, *, source: str = "the card") -> Card:
    """Return the card in card body ‖ root signature if it may be enrolled, else raise CardError naming `source`."""
    raw, signature = packed[:-HYBRID_SIGNATURE], packed[-HYBRID_SIGNATURE:]
    card = Card(_decode(raw, source), raw, signature)
    _check_names(card.body, source)
    _check_keys(card.body, source)
    if not verify_hybrid(suite, card.body.root, signed_message(raw), signature):
        raise CardError(
            f"{source}: the root's signature does not verify.", "Ask the peer for a fresh copy, by a safe way."
        )
    return card


def _unarmour(text: bytes, source: str) -> bytes:
    remedy = "Copy the whole file as it was made, from BEGIN to END, as plain text."
    if len(text) > limits.CARD_BYTES:
        raise CardError(f"{source} has {len(text)} bytes; a card has at most {limits.CARD_BYTES}.", remedy)
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise CardError(f"{source} is not a card: it is not ASCII text.", remedy) from None
    if len(lines) < 4 or lines[0] != BEGIN or lines[-2:] != [END, ""]:
        raise CardError(
            f"{source} is not a card: it lacks the BEGIN or END line, or has something around them.", remedy
        )
    inner = lines[1:-2]
    if any(len(line) != _LINE_CHARS for line in inner[:-1]) or not 0 < len(inner[-1]) <= _LINE_CHARS:
        raise CardError(f"{source}: its lines were broken differently than a card's.", remedy)
    try:
        packed = base64.b64decode("".join(inner), validate=True)
    except (binascii.Error, ValueError):
        raise CardError(f"{source}: its base64 is damaged.", remedy) from None
    if len(packed) <= HYBRID_SIGNATURE or base64.b64encode(packed).decode("ascii") != "".join(inner):
        raise CardError(f"{source}: its base64 is damaged or cut short.", remedy)
    return packed


def _decode(raw: bytes, source: str) -> CardBody:
    try:
        return encoding.decode(raw, CardBody, what=source, limit_bytes=limits.CARD_BYTES)
    except MalformedError as e:
        other = _other_version(raw)
        if other:
            raise CardError(f"{source} is a card of {other}.", "Both sides need the same protocol version.") from None
        raise CardError(f"{source} is not a valid card: {e.what}", "Ask the peer for a fresh copy.") from None


def _other_version(raw: bytes) -> str:
    """Name the version and suite of a card that is not ours, or return an empty string."""
    try:
        encoding.check_shape(raw, what="card")
        fields = msgspec.msgpack.decode(raw)
    except (MalformedError, msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    if not isinstance(fields, list) or not fields or not isinstance(fields[0], int):
        return ""
    suite = fields[2] if len(fields) > 2 and isinstance(fields[2], str) else SUITE_NAME
    if fields[0] == 1 and suite == SUITE_NAME:
        return ""
    return f"version {fields[0]}, suite {suite[:32]!a}; this program reads version 1, suite {SUITE_NAME}"


def _check_names(body: CardBody, source: str) -> None:
    for field, value in [("name", body.name), ("phone", body.phone), *[("officers", o.name) for o in body.officers]]:
        if not displayable(value):
            raise CardError(
                f"{source}: `{field}` is longer than {limits.NAME_BYTES} bytes or holds control or format characters.",
                "Ask the peer to make the card again with plain text.",
            )


def displayable(text: str) -> bool:
    """Return whether a display name fits SPEC section 3.2: at most 64 bytes, no control or format characters."""
    return len(text.encode("utf-8")) <= limits.NAME_BYTES and not any(
        unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text
    )


def _check_keys(body: CardBody, source: str) -> None:
    hybrids = [body.root, body.log, body.receipt, body.prekey_signer, *(o.public for o in body.officers)]
    ed25519 = [h[:ED25519_PUBLIC] for h in hybrids] + [body.link]
    if not all(point.acceptable(k) for k in ed25519):
        raise CardError(
            f"{source}: an Ed25519 key in it is not a proper key (wrong encoding or small order).",
            "Do not enrol this card. Tell the peer: either it is damaged on purpose, or its software is broken.",
        )
    x25519 = [body.seal[-32:], body.address]
    if any(point.small_order_x25519(k) for k in x25519):
        raise CardError(f"{source}: an X25519 key in it is of small order.", "Do not enrol this card; tell the peer.")
    halves = [*ed25519, *(h[ED25519_PUBLIC:] for h in hybrids), body.seal[:-32], *x25519]
    if len(set(halves)) != len(halves):
        raise CardError(f"{source}: two of its keys are the same.", "Do not enrol this card; tell the peer.")
