"""What two cards determine together: line, origins, names, safety number, addresses (SPEC sections 3.3 and 3.4)."""

import hashlib
from dataclasses import dataclass

from hotline import limits
from hotline.core.card import Card
from hotline.core.generation import Agreed
from hotline.core.suite import Suite, digest, label
from hotline.errors import CardError

SAFETY_GROUPS = 12
_GROUP_MODULUS = 100_000


def pair_id(first: bytes, second: bytes) -> bytes:
    """Return the 32-byte pair id of two root fingerprints, in whichever order: the line id in generation 1."""
    return digest("line", min(first, second), max(first, second))


def safety_number(pair: bytes) -> str:
    """Return twelve groups of five digits, the same at both ends; of a later line id, the agreement number."""
    d = hashlib.sha512(label("safety") + pair).digest()
    groups = (int.from_bytes(d[5 * i : 5 * i + 5], "big") % _GROUP_MODULUS for i in range(SAFETY_GROUPS))
    return " ".join(f"{g:05d}" for g in groups)


def origin(owner: Card, line: bytes, generation: int) -> str:
    """Return the origin of a log: `<prefix>/<hex line id>/<hex owner fp>/<generation>`."""
    text = f"{owner.body.prefix}/{line.hex()}/{owner.fingerprint.hex()}/{generation}"
    if generation < 1 or len(text) > limits.ORIGIN_BYTES:
        raise CardError(
            f"{text!r} is no origin: generations count from 1, and {limits.ORIGIN_BYTES} bytes are the most.",
            "Use a shorter prefix.",
        )
    return text


@dataclass(frozen=True, slots=True)
class Direction:
    """One direction of a line: its MAC key (secret) and its topic id. The repr shows neither."""

    mac_key: bytes
    topic_id: str

    def __repr__(self) -> str:
        return "Direction(…)"


def direction(suite: Suite, secret: bytes, line: bytes, sender: bytes, receiver: bytes) -> Direction:
    """Derive one direction's MAC key and topic id from the pairwise secret Z, 32 bytes."""

    def derive(purpose: str, size: int) -> bytes:
        return suite.hkdf_sha256(secret, line, label(purpose) + sender + receiver, size)

    return Direction(derive("mac", 32), derive("topic", 16).hex())


@dataclass(frozen=True, slots=True)
class Line:
    """The fixed facts of one generation of a line, from one side. Owned by the station; never changes while it runs.

    `id` names this generation, `pair` the two stations: the same in generation 1. The serials are those before the
    first notice of each log.
    """

    mine: Card
    peer: Card
    id: bytes
    outgoing: Direction
    incoming: Direction
    pair: bytes
    generation: int = 1
    my_serial: int = 0
    peer_serial: int = 0

    @classmethod
    def of(cls, suite: Suite, mine: Card, peer: Card, secret: bytes, agreed: Agreed | None = None) -> "Line":
        """Join two accepted cards; `secret` is Z of SPEC section 3.4, `agreed` a generation above 1.

        A card with our own root is refused.
        """
        me, them = mine.fingerprint, peer.fingerprint
        if me == them:
            raise CardError("This card is your own.", "Give the card that the other side made.")
        pair = pair_id(me, them)
        now = agreed or Agreed(1, pair, 0, 0)
        return cls(
            mine, peer, now.line, direction(suite, secret, now.line, me, them),
            direction(suite, secret, now.line, them, me), pair, now.generation, now.my_serial, now.peer_serial,
        )  # fmt: skip

    @property
    def me(self) -> bytes:
        """My root fingerprint."""
        return self.mine.fingerprint

    @property
    def them(self) -> bytes:
        """The peer's root fingerprint."""
        return self.peer.fingerprint

    def my_origin(self) -> str:
        """The origin of my log on this line."""
        return origin(self.mine, self.id, self.generation)

    def peer_origin(self) -> str:
        """The origin of the peer's log on this line."""
        return origin(self.peer, self.id, self.generation)
