"""Section 3.2 and the keys of section 1: cards, and whatever a card must not hold."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from protocol.vectors.making.identity import NORTH, SOUTH, STATEMENT, WEST, L, armour, pack
from protocol.vectors.making.sink import Parts, case

P25519 = 2**255 - 19
CARD_FIELDS = (
    "version number suite name phone prefix root log receipt prekey-signer link seal address officers statement"
)
TORSION = {
    "order-1": "0100000000000000000000000000000000000000000000000000000000000000",
    "order-2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order-4": "0000000000000000000000000000000000000000000000000000000000000000",
    "order-4-negative": "0000000000000000000000000000000000000000000000000000000000000080",
    "order-8-a": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order-8-a-negative": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order-8-b": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order-8-b-negative": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}


def key_cases() -> None:
    public = NORTH.link.public
    case("card:ed25519-key", "ed25519-key", "1", key=public)
    # Adding the point of order 2, which is (0, -1), to a point (x, y) gives (-x, -y).
    number = int.from_bytes(public, "little")
    sign, y = number >> 255, number % 2**255
    mixed = ((P25519 - y) | ((1 - sign) << 255)).to_bytes(32, "little")
    about = "A point with a torsion part is not of small order, and is not refused."
    case("card:ed25519-key-with-torsion-part", "ed25519-key", "1", key=mixed, about=about)
    for name, encoded in TORSION.items():
        case(f"card:ed25519-key-{name}", "ed25519-key", "1", "small-order", key=bytes.fromhex(encoded))
    for name, value in {"y-is-p": P25519, "y-is-p-plus-1": P25519 + 1, "y-is-p-plus-3": P25519 + 3}.items():
        case(f"card:ed25519-key-{name}", "ed25519-key", "1", "not-canonical", key=value.to_bytes(32, "little"))
    for name, value in {"order-1-signed": 1, "order-2-signed": P25519 - 1}.items():
        key = (value | 1 << 255).to_bytes(32, "little")
        case(f"card:ed25519-key-{name}", "ed25519-key", "1", "not-canonical", key=key)
    case("card:ed25519-key-not-on-curve", "ed25519-key", "1", "not-on-curve", key=(2).to_bytes(32, "little"))
    case("card:x25519-key", "x25519-key", "3.2", key=NORTH.address_public)
    low = {"0": 0, "1": 1, "p-minus-1": P25519 - 1, "p": P25519}
    low["order-8"] = int("325606250916557431795983626356110631294008115727848805560023387167927233504")
    for name, value in low.items():
        case(f"card:x25519-key-{name}", "x25519-key", "3.2", "small-order", key=value.to_bytes(32, "little"))


def card_cases() -> None:
    for station in (NORTH, SOUTH, WEST):
        expect = {"name": station.name, "number": 1, "fingerprint": station.fp, "digest": station.digest}
        case(f"card:{station.name.lower()}", "card", "3.2", card=station.card, expect=expect)
    full_card()
    key_cases()
    text = WEST.card
    lines = text.split(b"\n")
    card_text("text-crlf", "card-lines", text.replace(b"\n", b"\r\n"))
    card_text("text-after", "card-lines", text + b"\n")
    rewrapped = b"\n".join([lines[0], lines[1][:60], lines[1][60:], *lines[2:]])
    card_text("text-short-line", "card-line-length", rewrapped)
    card_text("text-url-base64", "card-base64", text.replace(lines[1], b"_" + lines[1][1:]))
    long = Parts(((lines[0] + b"\n", 1), (b"A" * 64 + b"\n", 1280), (lines[-2] + b"\n", 1)))
    case("card:too-long", "card", "12", "card-size", card=long)
    signed = WEST.signed_body(WEST.body())
    card_text("body-changed", "ed25519-signature", armour(signed.replace(b"WEST", b"EAST")))
    body = pack(WEST.body())
    half = WEST.root.sign(L("card") + body, other=b"something else")
    card_text("mldsa-forged", "mldsa-signature", armour(body + half))
    card_text("signed-without-label", "ed25519-signature", armour(body + WEST.root.sign(body)))
    card_text("trailing-byte", "trailing-bytes", armour(WEST.signed_body(body + b"\0")))
    card_text("not-shortest", "not-shortest", armour(WEST.signed_body(body[:1] + b"\xcc\x01" + body[2:])))
    card_faults()


def full_card() -> None:
    body = WEST.body()
    body[13] = [[f"Officer {at}", full_officer(at)] for at in range(32)]
    about = "The largest number of officers; a card of 65,536 bytes would not hold them."
    case("card:32-officers", "card", "3.2", card=armour(WEST.signed_body(body)), about=about)


def full_officer(at: int) -> bytes:
    """A key that nobody needs to sign with: any 1312 bytes are an ML-DSA-44 public key."""
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([at + 1]) * 32)
    return private.public_key().public_bytes_raw() + hashlib.shake_256(bytes([at])).digest(1312)


def card_text(name: str, reason: str, text: bytes) -> None:
    case(f"card:{name}", "card", "3.2", reason, card=text)


def card_faults() -> None:
    fields = CARD_FIELDS.split()

    def changed(name: str, reason: str, /, **values: Any) -> None:
        body = WEST.body()
        for key, value in values.items():
            body[fields.index(key.replace("_", "-"))] = value
        card_text(name, reason, armour(WEST.signed_body(body)))

    changed("version-2", "version", version=2)
    changed("number-zero", "number", number=0)
    changed("suite-unknown", "suite", suite="hotline-2")
    changed("name-empty", "name", name="")
    changed("name-right-to-left-override", "name", name="WE\u202eST")
    changed("phone-control", "phone", phone="+00\n1")
    changed("prefix-capital", "prefix", prefix="Hotline")
    changed("prefix-slash-first", "prefix", prefix="/hotline")
    changed("prefix-slash-last", "prefix", prefix="hotline/")
    changed("statement-other", "statement", statement=STATEMENT + ".")
    changed("link-small-order", "small-order", link=bytes.fromhex(TORSION["order-8-a"]))
    changed("mlkem-coefficient", "mlkem-key", seal=b"\xff\xff" + WEST.seal.public[2:])
    changed("address-small-order", "small-order", address=bytes(32))
    half = WEST.receipt.classic.public + WEST.log.mldsa_public
    changed("halves-equal", "keys-not-distinct", receipt=half)
    changed("link-is-half-of-log", "keys-not-distinct", link=WEST.log.classic.public)
    card_text("body-of-14", "array-length", armour(WEST.signed_body(WEST.body()[:-1])))
