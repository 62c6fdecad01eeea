"""Cards for tests: proper ones, and ones with any field, byte or key exchanged and signed all the same."""

import base64
from functools import lru_cache
from typing import Any

from msgspec import structs

from hotline.core import card, encoding
from hotline.core.card import CardBody, OfficerKey
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, SealKey


class Station:
    """The keys of one station and its root, all in memory."""

    def __init__(self) -> None:
        self.root, self.log, self.receipt, self.prekey_signer, self.officer = (HybridKey.generate() for _ in range(5))
        self.link, self.seal, self.address = LinkKey.generate(), SealKey.generate(), AddressKey.generate()

    def body(self, **changes: Any) -> CardBody:
        """A proper body with some fields exchanged; structs do not check what they are made from."""
        proper = CardBody(
            version=1,
            number=1,
            suite="hotline-1",
            name="NORTH",
            phone="+7 000 000-00-00",
            prefix="hotline",
            root=self.root.public,
            log=self.log.public,
            receipt=self.receipt.public,
            prekey_signer=self.prekey_signer.public,
            link=self.link.public,
            seal=self.seal.public,
            address=self.address.public,
            officers=(OfficerKey("Duty officer", self.officer.public),),
            statement="entries and bodies up to this head are durable here; not published",
        )
        return structs.replace(proper, **changes)

    def text(self, **changes: Any) -> bytes:
        """The armoured card over `body(**changes)`, signed by the root."""
        return self.sign(encoding.encode(self.body(**changes)))

    def sign(self, raw: bytes) -> bytes:
        """The armoured card over any bytes, signed by the root."""
        return armour(raw + self.root.sign_one(card.signed_message(raw)))


def armour(packed: bytes) -> bytes:
    """BEGIN, base64 in lines of 64, END."""
    text = base64.b64encode(packed)
    lines = [text[i : i + 64] for i in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN HOTLINE CARD-----", *lines, b"-----END HOTLINE CARD-----", b""])


def unarmour(text: bytes) -> bytes:
    """What the base64 of a proper card holds."""
    return base64.b64decode(b"".join(text.split(b"\n")[1:-2]))


@lru_cache
def station(name: str) -> Station:
    """One station a name, made once a run: its keys are random, and no test may depend on them."""
    assert name
    return Station()
