"""Sections 1, 3.1, 3.3 and 3.4: labels, keys from fixed seeds, the three stations of the vectors, their line."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

import msgpack
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocol.vectors.making.sink import case, share

STATEMENT = "entries and bodies up to this head are durable here; not published"


def L(name: str) -> bytes:  # noqa: N802 - as SPEC.md writes it
    return f"hotline/v1/{name}\0".encode()


def H(*parts: bytes) -> bytes:  # noqa: N802 - as SPEC.md writes it
    return hashlib.sha256(b"".join(parts)).digest()


def pack(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value, use_bin_type=True)
    return packed


def seed(name: str, size: int = 32) -> bytes:
    return share(f"{name}.seed", hashlib.shake_256(f"hotline test vectors: {name}".encode()).digest(size))


class Ed25519:
    def __init__(self, name: str) -> None:
        self.private = ed25519.Ed25519PrivateKey.from_private_bytes(seed(f"{name}.ed25519"))
        self.public = share(f"{name}.ed25519.public", self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


class Hybrid:
    def __init__(self, name: str) -> None:
        self.classic = Ed25519(name)
        self.quantum = mldsa.MLDSA44PrivateKey.from_seed_bytes(seed(f"{name}.mldsa44"))
        self.mldsa_public = self.quantum.public_key().public_bytes_raw()
        self.public = share(f"{name}.public", self.classic.public + self.mldsa_public)

    def sign(self, message: bytes, other: bytes | None = None) -> bytes:
        return self.classic.sign(message) + self.quantum.sign(message if other is None else other)


class XWing:
    def __init__(self, name: str) -> None:
        self.mlkem_seed, self.x25519_private = seed(f"{name}.mlkem768", 64), seed(f"{name}.x25519")
        self.mlkem = mlkem.MLKEM768PrivateKey.from_seed_bytes(self.mlkem_seed)
        self.x25519 = x25519.X25519PrivateKey.from_private_bytes(self.x25519_private)
        halves = self.mlkem.public_key().public_bytes_raw() + self.x25519.public_key().public_bytes_raw()
        self.public = share(f"{name}.public", halves)
        self.key_id = H(L("sealing-key"), self.public)[:8]


class Station:
    def __init__(self, name: str, prefix: str, officers: Sequence[str]) -> None:
        self.name, self.prefix = name.upper(), prefix
        self.root, self.log, self.receipt, self.prekeys = (
            Hybrid(f"{name}.{role}") for role in ("root", "log", "receipt", "prekey-signer")
        )
        self.link, self.seal, self.prekey = Ed25519(f"{name}.link"), XWing(f"{name}.seal"), XWing(f"{name}.prekey")
        self.address = x25519.X25519PrivateKey.from_private_bytes(seed(f"{name}.address"))
        self.address_public = share(f"{name}.address.public", self.address.public_key().public_bytes_raw())
        self.officers = [(officer, Hybrid(f"{name}.officer{at}")) for at, officer in enumerate(officers)]
        self.fp = share(f"{name}.fingerprint", H(L("root"), self.root.public))
        self.receipt_name = f"{prefix}/{self.fp.hex()}/receipt"
        self.card = share(f"{name}.card", armour(self.signed_body(self.body())))
        self.digest = H(L("card-digest"), pack(self.body()))

    def body(self) -> list[Any]:
        keys = [key.public for key in (self.root, self.log, self.receipt, self.prekeys, self.link, self.seal)]
        officers = [[name, key.public] for name, key in self.officers]
        head = [1, 1, "hotline-1", self.name, "+00 000 0000", self.prefix]
        return [*head, *keys, self.address_public, officers, STATEMENT]

    def signed_body(self, body: Any) -> bytes:
        packed = body if isinstance(body, bytes) else pack(body)
        return packed + self.root.sign(L("card") + packed)

    def officer(self, at: int = 0) -> tuple[bytes, Hybrid]:
        key = self.officers[at][1]
        return H(L("officer"), key.public), key


def armour(octets_: bytes) -> bytes:
    text = base64.b64encode(octets_).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN HOTLINE CARD-----", *lines, "-----END HOTLINE CARD-----", ""]).encode()


NORTH = Station("north", "hotline", ["Duty officer", "Second officer"])
SOUTH = Station("south", "south.example/line-7", ["Officier de quart"])
WEST = Station("west", "hotline", [])  # a station with nobody on duty: the smallest card, and a stranger to the others


def line_of(a: Station, b: Station) -> bytes:
    return H(L("line"), *sorted([a.fp, b.fp]))


LINE = share("line.id", line_of(NORTH, SOUTH))


def origin_of(owner: Station, generation: int = 1, line: bytes = LINE) -> str:
    return f"{owner.prefix}/{line.hex()}/{owner.fp.hex()}/{generation}"


def pairwise(name: str, size: int, sender: Station, receiver: Station, line: bytes = LINE) -> bytes:
    secret = sender.address.exchange(receiver.address.public_key())
    info = L(name) + sender.fp + receiver.fp
    return HKDF(algorithm=hashes.SHA256(), length=size, salt=line, info=info).derive(secret)


def identity_cases() -> None:
    case("identity:root-fingerprint", "root-fingerprint", "3.1", root=NORTH.root.public, expect={"value": NORTH.fp})
    officer, key = NORTH.officer()
    case("identity:officer-id", "officer-id", "3.1", officer=key.public, expect={"value": officer})
    for order, pair in (("", (NORTH, SOUTH)), ("-swapped", (SOUTH, NORTH))):
        fps = {"first": pair[0].fp, "second": pair[1].fp}
        case(f"identity:line-id{order}", "line-id", "3.3", **fps, expect={"value": LINE})
    case("identity:line-with-itself", "line-id", "3.3", "same-root", first=NORTH.fp, second=NORTH.fp)
    for station in (NORTH, SOUTH):
        names = {"prefix": station.prefix, "fingerprint": station.fp}
        name = station.name.lower()
        expected = {"value": origin_of(station, 12)}
        case(f"identity:origin-{name}", "origin", "3.3", **names, line=LINE, generation=12, expect=expected)
        case(f"identity:receipt-name-{name}", "receipt-name", "3.3", **names, expect={"value": station.receipt_name})
    generation_0 = {"prefix": "hotline", "fingerprint": NORTH.fp, "line": LINE, "generation": 0}
    case("identity:generation-zero", "origin", "3.3", "generation", **generation_0)
    digest = hashlib.sha512(L("safety") + LINE).digest()
    groups = [f"{int.from_bytes(digest[at : at + 5], 'big') % 100_000:05d}" for at in range(0, 60, 5)]
    case("identity:safety-number", "safety-number", "3.3", line=LINE, expect={"groups": groups})
    for kind, size in (("mac", 32), ("topic", 16)):
        for sender, receiver in ((NORTH, SOUTH), (SOUTH, NORTH)):
            pairwise_case(kind, size, sender, receiver)
    small = {"sender": NORTH.fp, "receiver": SOUTH.fp, "line": LINE, "private": seed("north.address")}
    case("identity:pairwise-secret-zero", "mac-key", "3.4", "small-order", **small, public=bytes(32))
    case("identity:sealing-key-id", "sealing-key-id", "6.1", key=SOUTH.seal.public, expect={"value": SOUTH.seal.key_id})


def pairwise_case(kind: str, size: int, sender: Station, receiver: Station) -> None:
    name = f"identity:{kind}-{sender.name.lower()}-to-{receiver.name.lower()}"
    inputs = {"line": LINE, "sender": sender.fp, "receiver": receiver.fp}
    keys = {"private": seed(f"{sender.name.lower()}.address"), "public": receiver.address_public}
    expect = {"value": pairwise(kind, size, sender, receiver)}
    case(name, "mac-key" if kind == "mac" else "topic-id", "3.4", **inputs, **keys, expect=expect)
