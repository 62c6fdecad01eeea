"""What two stations compute and check between themselves: sections 3.3, 3.4, 5.1, 5.2, 6, and the making of proofs.

It continues protocol/reference.py, written from SPEC.md alone, for the vectors only. A third party has no need of it:
to open a frame takes the receiver's private key, and proposals, prekeys and frames leave nothing behind to verify.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from protocol import reference
from protocol.reference import (
    HASH,
    INTEGER,
    POSITIVE,
    SIGNATURE,
    Checkpoint,
    Fault,
    Tree,
    array,
    form,
    label,
    octets,
    record,
    require,
    sha256,
    within,
)

FRAME_BYTES = frozenset(1024 << shift for shift in range(1, 8))
MAX_ITEMS = 256


class VerifierKey(NamedTuple):
    name: str
    type: int
    public: bytes


def read_vkey(text: str) -> VerifierKey:
    """C2SP signed-note, verifier keys, of the three types that the protocol uses."""
    parts = text.split("+", 2)
    require(len(parts) == 3, "vkey-form", "5.3", "a verifier key has three parts")
    material = reference.strict_base64(parts[2], "vkey-base64", "5.3")
    kinds = {reference.TYPE_ED25519: 32, reference.TYPE_COSIGNATURE: 32, reference.TYPE_MLDSA: reference.MLDSA_KEY}
    require(bool(material) and material[0] in kinds, "vkey-type", "5.3", "a verifier key of unknown type")
    key = VerifierKey(parts[0], material[0], material[1:])
    require(len(key.public) == kinds[key.type], "vkey-length", "5.3", "the key is not as long as its type asks")
    require(parts[1] == reference.note_key_id(key.name, key.type, key.public).hex(), "vkey-id", "5.3", "another key ID")
    if key.type != reference.TYPE_MLDSA:
        reference.check_ed25519_key(key.public)
    return key


# --- 3.3, 3.4 ---------------------------------------------------------------------------------------------------------


def safety_number(line: bytes) -> list[str]:
    digest = hashlib.sha512(label("safety") + line).digest()
    return [f"{int.from_bytes(digest[5 * i : 5 * i + 5], 'big') % 100_000:05d}" for i in range(12)]


def pairwise(private: bytes, public: bytes, line: bytes, name: str, sender: bytes, receiver: bytes) -> bytes:
    """Section 3.4: with the name `mac` the MAC key, with `topic` the topic id."""
    reference.check_x25519_key(public)
    theirs = x25519.X25519PublicKey.from_public_bytes(public)
    secret = x25519.X25519PrivateKey.from_private_bytes(private).exchange(theirs)
    info = label(name) + sender + receiver
    size = {"mac": 32, "topic": 16}[name]
    return HKDF(algorithm=hashes.SHA256(), length=size, salt=line, info=info).derive(secret)


# --- 5.1 Making proofs: RFC 9162 sections 2.1.3.1 and 2.1.4.1 ---------------------------------------------------------


def split(size: int) -> int:
    """The largest power of two below size."""
    return 1 << ((size - 1).bit_length() - 1)


def verify_note(note: reference.Note, name: str, public: bytes) -> None:
    """A plain Ed25519 line over the text, type 0x01."""
    size, kind = reference.ED25519_SIGNATURE, reference.TYPE_ED25519
    signature = reference.the_signature(note, name, kind, public, size, "5.3")
    reference.verify_ed25519(public, signature, note[0].encode(), "5.3")


def verify_consistency(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> None:
    """Section 2.1.4.2."""
    require(1 <= first <= second, "size-order", "5.1", f"consistency is not defined from {first} to {second}")
    if first == second:
        require(not proof, "proof-length", "5.1", "a tree needs no hashes to be consistent with itself")
        require(first_root == second_root, "consistency", "5.1", "two roots at one size")
        return
    require(bool(proof), "proof-length", "5.1", "the consistency proof has no hashes")
    start, *rest = proof if first & (first - 1) else [first_root, *proof]
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = start
    for left, sibling in reference.climb(node, last, rest):
        old = reference.node_hash(sibling, old) if left else old
        new = reference.node_hash(sibling, new) if left else reference.node_hash(new, sibling)
    require((old, new) == (first_root, second_root), "consistency", "5.1", "the proof does not lead to the two roots")


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*inclusion_proof(leaves[:k], index), Tree(leaves[k:]).root]
    return [*inclusion_proof(leaves[k:], index - k), Tree(leaves[:k]).root]


def consistency_proof(leaves: Sequence[bytes], first: int, whole: bool = True) -> list[bytes]:
    """*whole*: the first tree is all of what it is sought in, so its root is known to the verifier."""
    if first == len(leaves):
        return [] if whole else [Tree(leaves).root]
    k = split(len(leaves))
    if first <= k:
        return [*consistency_proof(leaves[:k], first, whole), Tree(leaves[k:]).root]
    return [*consistency_proof(leaves[k:], first - k, False), Tree(leaves[:k]).root]


# --- 5.2, 6.5 ---------------------------------------------------------------------------------------------------------


def verify_proposal(log: bytes, head: Checkpoint, signature: bytes) -> None:
    """Section 5.2. A proposal is of the form of a head, and is none."""
    origin = head.origin.encode()
    message = label("proposal") + bytes([len(origin)]) + origin + head.size.to_bytes(8, "big") + head.root
    reference.verify_hybrid(log, signature, message, "5.2")


def verify_prekey(prekey: Mapping[str, Any], signer: bytes, owner: bytes, line: bytes) -> None:
    """Section 6.5: the signature, and a key that can be sealed to."""
    message = label("prekey") + owner + line + prekey["created_ms"].to_bytes(8, "big") + prekey["key"]
    reference.verify_hybrid(signer, prekey["signature"], message, "6.5")
    reference.check_mlkem_key(prekey["key"][: reference.MLKEM_KEY])


# --- 6. Frames --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FrameContext:
    """What a receiver knows before a frame comes, with the two private halves of the one key that it may be for."""

    line: bytes
    sender: bytes
    receiver: bytes
    mac_key: bytes
    link: bytes
    mlkem_seed: bytes
    x25519_private: bytes
    is_prekey: bool


BOOLEAN, ORIGIN = form(bool, 0, 1), form(str, 1, reference.MAX_ORIGIN_BYTES, str.isascii)
ECHO = octets(0, 16)
PROOF_HASHES = array(HASH, 0, reference.MAX_PROOF_HASHES)
PREKEY = record("key created_ms signature", octets(reference.XWING_KEY), INTEGER, SIGNATURE)
SHOWN_HEAD = record("size root signature", POSITIVE, HASH, SIGNATURE)
OWN_LOG = record("generation size signed_size", POSITIVE, INTEGER, INTEGER)
MIRROR = record("generation size root cosigned_size head_size", POSITIVE, INTEGER, HASH, INTEGER, INTEGER)


HELLO = 1
MESSAGES: dict[int, reference.Form] = {
    HELLO: record(
        "nonce echo ask own_log mirror prekeys prekey_seen attended rules_digest card_number",
        *(octets(16), ECHO, BOOLEAN, OWN_LOG, MIRROR, array(PREKEY, 0, 1), octets(0, 8), BOOLEAN, HASH, INTEGER),
    ),
    2: record(
        "origin start items root proposal echo",
        *(ORIGIN, INTEGER, array(reference.ITEM, 1, MAX_ITEMS), HASH, SIGNATURE, ECHO),
    ),
    3: record("origin size root timestamp_s signature", ORIGIN, POSITIVE, HASH, POSITIVE, SIGNATURE),
    4: record(
        "origin size root signature prior_size prior_root proof",
        *(ORIGIN, POSITIVE, HASH, SIGNATURE, INTEGER, octets(0, 32), PROOF_HASHES),
    ),
    5: record("origin start end echo", ORIGIN, INTEGER, INTEGER, ECHO),
    6: record("origin first second prior_root proof", ORIGIN, SHOWN_HEAD, SHOWN_HEAD, HASH, PROOF_HASHES),
}


def sealing_key_id(public: bytes) -> bytes:
    return sha256(label("sealing-key"), public)[:8]


def open_frame(frame: bytes, context: FrameContext) -> tuple[int, bytes]:
    """Sections 6.1 to 6.3 and 6.6: the type of the message, and its payload, whose form has been checked."""
    # 6.1: the size, the version, the key and the MAC, before anything is opened.
    require(len(frame) in FRAME_BYTES, "frame-size", "6.1", f"a frame of {len(frame)} bytes")
    require(frame[0] == 1, "frame-version", "6.1", f"a frame of version {frame[0]}")
    quantum = mlkem.MLKEM768PrivateKey.from_seed_bytes(context.mlkem_seed)
    classic = x25519.X25519PrivateKey.from_private_bytes(context.x25519_private)
    key_id, mac, sealed = frame[1:9], frame[9:25], frame[25:]
    ours = sealing_key_id(quantum.public_key().public_bytes_raw() + classic.public_key().public_bytes_raw())
    require(key_id == ours, "key-id", "6.1", "sealed to another key")
    expected = hmac.digest(context.mac_key, label("frame") + b"\x01" + key_id + sealed, "sha256")[:16]
    require(hmac.compare_digest(mac, expected), "mac", "6.1", "the MAC is wrong")
    # 6.2: the seal, with the context in its info.
    about = context.line + context.sender + context.receiver + key_id
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
    try:
        inside = suite.decrypt(sealed, hpke.MLKEM768X25519PrivateKey(quantum, classic), label("seal") + about)
    except (InvalidTag, ValueError):
        raise Fault("seal", "6.2", "the seal does not open in this context") from None
    return read_inside(inside, about, context)


def read_inside(inside: bytes, about: bytes, context: FrameContext) -> tuple[int, bytes]:
    # 6.3: the context again, the sizes, the padding, and the sender's signature over all but the padding.
    require(inside[:104] == about, "context", "6.3", "the fields inside are not those of this line")
    kind, end = inside[104], 109 + int.from_bytes(inside[105:109], "big")
    require(end + 64 <= len(inside), "payload-size", "6.3", "the payload goes on after the frame")
    payload, signature, padding = inside[109:end], inside[end : end + 64], inside[end + 64 :]
    require(not any(padding), "padding", "6.3", "the padding is not zero")
    reference.verify_ed25519(context.link, signature, label("link") + about + bytes([kind]) + payload, "6.3")
    # 6.6: a known message; 6.2: HELLO to the seal key of the card, all else to a prekey.
    require(kind in MESSAGES, "message-type", "6.6", f"a message of type {kind}")
    require((kind == HELLO) != context.is_prekey, "wrong-key", "6.2", "sealed to the wrong one of two keys")
    within("payload", "6.6", lambda value: MESSAGES[kind](reference.decode(value)), payload)
    return kind, payload
