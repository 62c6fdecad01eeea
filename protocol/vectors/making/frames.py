"""Section 6: frames, sealed by HPKE (RFC 9180, base mode) with X-Wing, which is written out here."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from protocol.vectors.making.entries import TIME_MS, Log
from protocol.vectors.making.identity import LINE, NORTH, SOUTH, WEST, Ed25519, H, L, XWing, origin_of, pack, pairwise
from protocol.vectors.making.notes import RECEIPT_S, u8, u64
from protocol.vectors.making.sink import case, share


def hpke_seal(key: XWing, info: bytes, plaintext: bytes) -> tuple[bytes, bytes]:
    """What pyca does inside; here from the two specifications, so that the verifier's opening is checked by it."""
    ephemeral = x25519.X25519PrivateKey.generate()
    shared_m, encapsulated = key.mlkem.public_key().encapsulate()
    ephemeral_public = ephemeral.public_key().public_bytes_raw()
    shared_x, receiver = ephemeral.exchange(key.x25519.public_key()), key.x25519.public_key().public_bytes_raw()
    shared = hashlib.sha3_256(shared_m + shared_x + ephemeral_public + receiver + rb"\.//^\\"[:6]).digest()
    suite = b"HPKE" + (0x647A).to_bytes(2, "big") + (1).to_bytes(2, "big") + (3).to_bytes(2, "big")

    def extract(salt: bytes, label: bytes, material: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + material, "sha256")

    def expand(secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
        labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, labelled + b"\x01", "sha256")[:size]

    context = b"\0" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    secret = extract(shared, b"secret", b"")
    cipher = ChaCha20Poly1305(expand(secret, b"key", context, 32))
    sealed = cipher.encrypt(expand(secret, b"base_nonce", context, 12), plaintext, b"")
    return encapsulated + ephemeral_public, sealed


@dataclass
class Frame:
    """A frame from NORTH to SOUTH; each attribute is what a fault may set otherwise."""

    kind: int
    payload: bytes
    key: XWing = SOUTH.prekey
    line: bytes = LINE
    inside_line: bytes = LINE
    link: Ed25519 = NORTH.link
    signed_kind: int = 0
    payload_size: int = -1
    padding: bytes = b"\0"
    version: bytes = b"\x01"
    key_id: bytes = b""
    mac_key: bytes = field(default_factory=lambda: pairwise("mac", 32, NORTH, SOUTH))
    spoil: Callable[[bytes], bytes] = lambda sealed: sealed

    def octets(self) -> bytes:
        key_id = self.key_id or self.key.key_id
        about = NORTH.fp + SOUTH.fp + self.key.key_id
        signed = L("link") + self.inside_line + about + u8(self.signed_kind or self.kind) + self.payload
        size = len(self.payload) if self.payload_size < 0 else self.payload_size
        plain = (
            self.inside_line + about + u8(self.kind) + size.to_bytes(4, "big") + self.payload + self.link.sign(signed)
        )
        total = next(1024 << at for at in range(1, 8) if 1024 << at >= 1145 + len(plain) + 16)
        plain = (plain + bytes(total - 1145 - 16 - len(plain) - 1) + self.padding)[: total - 1145 - 16]
        enc, ciphertext = hpke_seal(self.key, L("seal") + self.line + about, plain)
        sealed = self.spoil(enc + ciphertext)
        mac = hmac.digest(self.mac_key, L("frame") + b"\x01" + key_id + sealed, "sha256")[:16]
        return self.version + key_id + mac + sealed


def frame_cases(north: Log) -> None:
    nonce, echo, empty = H(b"nonce")[:16], H(b"echo")[:16], H(b"")
    signature = bytes(range(256)) * 9 + bytes(180)
    created = TIME_MS
    prekey_message = L("prekey") + NORTH.fp + LINE + u64(created) + NORTH.prekey.public
    prekey = [NORTH.prekey.public, created, NORTH.prekeys.sign(prekey_message)]
    root = north.root(4)
    hello = [nonce, b"", True, [1, 4, 3], [1, 0, empty, 0, 0], [prekey], b"", True, bytes(32), 1]
    short = [nonce, echo, False, [1, 4, 4], [1, 4, root, 4, 4], [], SOUTH.prekey.key_id, False, bytes(32), 1]
    item = [b"\x01" + bytes(36), b"", b""]  # the smallest entry
    entries = [north.origin, 0, [item], north.root(1), signature, echo]
    need = [origin_of(SOUTH), 0, 4, echo]
    framed("hello", Frame(1, pack(hello), SOUTH.seal))
    framed("hello-once-echoed", Frame(1, pack(short), SOUTH.seal))
    framed("entries", Frame(2, pack(entries)))
    framed("receipt", Frame(3, pack([north.origin, 4, root, RECEIPT_S, signature])))
    framed("head", Frame(4, pack([north.origin, 4, root, signature, 0, b"", []])))
    framed("need", Frame(5, pack(need)))
    framed("fork", Frame(6, pack([north.origin, [3, root, signature], [4, root, signature], empty, [bytes(32)]])))
    frame_faults(need, entries, hello)
    values = {"key": prekey[0], "created_ms": created, "signature": prekey[2], "signer": NORTH.prekeys.public}
    where = {"fingerprint": NORTH.fp, "line": LINE}
    unusable = b"\xff\xff" + NORTH.prekey.public[2:]
    signed = NORTH.prekeys.sign(L("prekey") + NORTH.fp + LINE + u64(created) + unusable)
    odd = values | {"key": unusable, "signature": signed}
    case("frame:prekey-mlkem-coefficient", "prekey", "6.5", "mlkem-key", **odd, **where)
    case("frame:prekey", "prekey", "6.5", **values, **where)
    case(
        "frame:prekey-of-another-line", "prekey", "6.5", "ed25519-signature", **values, **(where | {"line": bytes(32)})
    )
    case(
        "frame:prekey-redated", "prekey", "6.5", "ed25519-signature", **(values | {"created_ms": created + 1}), **where
    )


def framed(
    name: str, frame: Frame, reason: str = "", spec: str = "6.3", octets_: bytes = b"", prekey: bool | None = None
) -> None:
    key = frame.key
    inputs: dict[str, Any] = {
        "frame": octets_ or frame.octets(),
        "line": LINE,
        "sender": NORTH.fp,
        "receiver": SOUTH.fp,
    }
    inputs |= {"mac_key": share("north.to.south.mac-key", pairwise("mac", 32, NORTH, SOUTH)), "link": NORTH.link.public}
    inputs |= {"mlkem_seed": key.mlkem_seed, "x25519_private": key.x25519_private}
    inputs["is_prekey"] = key is SOUTH.prekey if prekey is None else prekey
    expect = None if reason else {"type": frame.kind, "payload": frame.payload}
    case(f"frame:{name}", "frame", spec, reason, **inputs, expect=expect)


def frame_faults(need: list[Any], entries: list[Any], hello: list[Any]) -> None:
    packed = pack(need)
    good = Frame(5, packed)
    octets_ = good.octets()
    framed("one-byte-short", good, "frame-size", "6.1", octets_[:-1])
    framed("one-byte", good, "frame-size", "6.1", b"\x01")
    framed("of-3-kib", good, "frame-size", "6.1", octets_ + bytes(1024))
    framed("version-2", Frame(5, packed, version=b"\x02"), "frame-version", "6.1")
    framed("other-key-id", Frame(5, packed, key_id=WEST.seal.key_id), "key-id", "6.1")
    framed("mac-changed", good, "mac", "6.1", octets_[:9] + bytes(16) + octets_[25:])
    framed("sent-back", Frame(5, packed, mac_key=pairwise("mac", 32, SOUTH, NORTH)), "mac", "6.1")
    framed("ciphertext-changed", Frame(5, packed, spoil=lambda s: s[:-1] + bytes([s[-1] ^ 1])), "seal", "6.2")
    framed("enc-changed", Frame(5, packed, spoil=lambda s: bytes([s[0] ^ 1]) + s[1:]), "seal", "6.2")
    framed("sealed-for-another-line", Frame(5, packed, line=bytes(32)), "seal", "6.2")
    framed("inside-of-another-line", Frame(5, packed, inside_line=bytes(32)), "context")
    framed("link-of-another", Frame(5, packed, link=WEST.link), "ed25519-signature")
    framed("link-over-another-type", Frame(5, packed, signed_kind=4), "ed25519-signature")
    framed("padding-not-zero", Frame(5, packed, padding=b"\x01"), "padding")
    framed("payload-beyond-frame", Frame(5, packed, payload_size=2048), "payload-size")
    framed("message-unknown", Frame(7, packed), "message-type", "6.6")
    framed("hello-to-a-prekey", Frame(1, pack(hello)), "wrong-key", "6.2")
    framed("need-to-the-seal-key", Frame(5, packed, SOUTH.seal), "wrong-key", "6.2")
    framed("payload-trailing-byte", Frame(5, packed + b"\0"), "payload", "6.6")
    framed("payload-field-missing", Frame(5, pack(need[:-1])), "payload", "6.6")
    framed("payload-echo-of-8", Frame(5, pack([*need[:3], bytes(8)])), "payload", "6.6")
    framed("entries-without-items", Frame(2, pack([*entries[:2], [], *entries[3:]])), "payload", "6.6")
    short = [*entries[:4], bytes(64), *entries[5:]]
    framed("entries-proposal-of-64", Frame(2, pack(short)), "payload", "6.6")
    framed("head-with-65-hashes", head_of_65(), "payload", "6.6")


def head_of_65() -> Frame:
    return Frame(4, pack([origin_of(NORTH), 4, bytes(32), bytes(2484), 0, b"", [bytes(32)] * 65]))
