"""The keys and cards of two simulated parties, and what their officers sign."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from hotline.core import checkpoint, encoding, entry
from hotline.core.card import Card, CardBody, OfficerKey, signed_message
from hotline.core.checkpoint import Checkpoint
from hotline.core.generation import Agreed
from hotline.core.identity import Line as Identity
from hotline.core.messages import Prekey
from hotline.core.ownlog import proposal_message
from hotline.core.prekeys import Maker, prekey_message
from hotline.core.queue import QueuedWatch
from hotline.core.suite import HybridSigner, LinkSigner, Opener, Suite
from tests.simulation.suite import Crypto


@dataclass(frozen=True)
class Keys:
    """All private keys of one party, and its card. A clone of the party holds the same. `officer` is the latest."""

    crypto: Crypto
    root: HybridSigner
    log: HybridSigner
    receipt: HybridSigner
    prekey_signer: HybridSigner
    officer: HybridSigner
    relieved: HybridSigner
    link: LinkSigner
    seal: Opener
    card: Card

    @classmethod
    def make(cls, crypto: Crypto, name: str, rng: random.Random) -> "Keys":
        root, log, receipt, signer, officer = (crypto.hybrid(rng) for _ in range(5))
        link, link_public = crypto.link(rng)
        seal, seal_public = crypto.opener(rng)
        body = CardBody(
            1, 1, "hotline-1", name, "+1", "hotline", root.public, log.public, receipt.public, signer.public,
            link_public, seal_public, rng.randbytes(32), (OfficerKey("duty", officer.public),),
            "entries and bodies up to this head are durable here; not published",
        )  # fmt: skip
        return cls(crypto, root, log, receipt, signer, officer, officer, link, seal, signed_card(root, body))

    def renewed(self, rng: random.Random) -> "Keys":
        """The same party after its root has signed a card with one more officer, who signs from now on."""
        officer, number = self.crypto.hybrid(rng), self.card.body.number + 1
        officers = (*self.card.body.officers, OfficerKey(f"officer {number}", officer.public))
        card = self.changed_card(number=number, officers=officers)
        return replace(self, officer=officer, relieved=self.officer, card=card)

    def changed_card(self, **changes: Any) -> Card:
        """The card with these fields, signed by the root."""
        return signed_card(self.root, msgspec.structs.replace(self.card.body, **changes))

    def identity(self, suite: Suite, peer: "Keys", agreed: Agreed | None = None) -> Identity:
        addresses = sorted((self.card.body.address, peer.card.body.address))
        return Identity.of(suite, self.card, peer.card, b"".join(addresses), agreed)

    def prekey_maker(self, rng: random.Random, line: bytes) -> Maker:
        def make(created_ms: int) -> tuple[Opener, Prekey]:
            opener, public = self.crypto.opener(rng)
            message = prekey_message(self.card.fingerprint, line, created_ms, public)
            return opener, Prekey(public, created_ms, self.prekey_signer.sign(message, message))

        return make

    def sign_head(self, cp: Checkpoint) -> bytes:
        return self.log.sign(*checkpoint.log_messages(cp))

    def sign_proposal(self, origin: str, size: int, root: bytes) -> bytes:
        message = proposal_message(origin, size, root)
        return self.log.sign(message, message)

    def sign_receipt(self, cp: Checkpoint, timestamp_s: int) -> bytes:
        return self.receipt.sign(*checkpoint.receipt_messages(cp, self.card.receipt_name, timestamp_s))

    @property
    def officer_id(self) -> bytes:
        return OfficerKey("", self.officer.public).id

    def release(self, pair_id: bytes, facts: entry.ReleaseFacts) -> entry.Release:
        message = entry.release_message(pair_id, facts, self.officer_id, entry.ROLE_RELEASER)
        return entry.Release(self.officer_id, entry.ROLE_RELEASER, self.officer.sign(message, message))

    def answer_signature(self, kind: int, line: bytes, origin: str, target: int, leaf: bytes, verdict: int) -> bytes:
        message = entry.answer_message(kind, line, origin, target, leaf, verdict, "", self.officer_id)
        return self.officer.sign(message, message)

    def watch(self, line: bytes, rand: bytes, state: int, signed_ms: int, *, handover: bool) -> QueuedWatch:
        """The latest officer comes on or goes off; in a handover it relieves the one before."""
        relieved = OfficerKey("", self.relieved.public).id if handover else b""
        owner, text = self.card.fingerprint, "all quiet"
        message = entry.watch_message(line, owner, rand, state, self.officer_id, relieved, signed_ms, text)
        signatures = self.officer.sign(message, message), self.relieved.sign(message, message) if handover else b""
        return QueuedWatch(rand, state, self.officer_id, relieved, signed_ms, text, *signatures)


def signed_card(root: HybridSigner, body: CardBody) -> Card:
    """Any card body, signed by any root."""
    raw = encoding.encode(body)
    return Card(body, raw, root.sign(signed_message(raw), signed_message(raw)))


def pair(crypto: Crypto, rng: random.Random, name: Callable[[int], str] = "AB".__getitem__) -> tuple[Keys, Keys]:
    return Keys.make(crypto, name(0), rng), Keys.make(crypto, name(1), rng)
