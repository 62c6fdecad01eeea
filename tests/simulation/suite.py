"""A suite that is fast and repeatable: hashes in the place of signatures and of sealing, randomness from a seed.

Anybody could forge its signatures: who needs nothing but the public key needs no private one. The simulator's
liars are told apart from its honest stations by what they do, not by what they could compute.
"""

import hashlib
import hmac
import random
from dataclasses import dataclass

from hotline.core.suite import (
    AEAD_TAG,
    ED25519_PUBLIC,
    HYBRID_PUBLIC,
    MLDSA44_SIGNATURE,
    XWING_ENC,
    XWING_PUBLIC,
    HybridSigner,
    LinkSigner,
    Opener,
    Suite,
)
from hotline.custody import suite as custody
from hotline.errors import MalformedError

NO_KEY = bytes(XWING_PUBLIC)  # stands for an X-Wing key that nothing can be sealed to


def _ed25519(public: bytes, message: bytes) -> bytes:
    return hashlib.sha512(b"ed" + public + message).digest()


def _mldsa44(public: bytes, message: bytes) -> bytes:
    return hashlib.sha256(b"ml" + public + message).digest().ljust(MLDSA44_SIGNATURE, b"\xab")


class FastSuite:
    """`hotline.core.suite.Suite` over SHA-2 alone."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def verify_ed25519(self, public: bytes, message: bytes, signature: bytes) -> bool:
        return signature == _ed25519(public, message)

    def verify_mldsa44(self, public: bytes, message: bytes, signature: bytes) -> bool:
        return signature == _mldsa44(public, message)

    def hkdf_sha256(self, secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
        return hashlib.sha512(secret + salt + info).digest()[:size]

    def hmac_sha256(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, hashlib.sha256)

    def seal(self, public: bytes, info: bytes, plaintext: bytes) -> bytes:
        if public == NO_KEY:
            raise MalformedError("The key to seal to is not a proper X-Wing key.", reason="seal-key")
        enc = self._rng.randbytes(16).ljust(XWING_ENC, b"\xcd")
        return enc + _tag(public, info, enc, plaintext) + plaintext

    def random(self, size: int) -> bytes:
        return self._rng.randbytes(size)


def _tag(public: bytes, info: bytes, enc: bytes, plaintext: bytes) -> bytes:
    return hashlib.sha256(public + info + enc + plaintext).digest()[:AEAD_TAG]


def _point(rng: random.Random) -> bytes:
    """A proper Ed25519 public key."""
    return custody.LinkKey(rng.randbytes(custody.LinkKey.SEED_BYTES)).public


class FastHybrid:
    """A hybrid signer of the fast suite."""

    def __init__(self, rng: random.Random) -> None:
        self.public = _point(rng) + rng.randbytes(HYBRID_PUBLIC - ED25519_PUBLIC)  # cards are judged by the core itself

    def sign(self, ed25519_message: bytes, mldsa44_message: bytes) -> bytes:
        halves = self.public[:ED25519_PUBLIC], self.public[ED25519_PUBLIC:]
        return _ed25519(halves[0], ed25519_message) + _mldsa44(halves[1], mldsa44_message)


class FastLink:
    """A link key of the fast suite."""

    def __init__(self, rng: random.Random) -> None:
        self.public = _point(rng)

    def sign(self, message: bytes) -> bytes:
        return _ed25519(self.public, message)


class FastOpener:
    """An X-Wing key of the fast suite."""

    def __init__(self, rng: random.Random) -> None:
        self.public = rng.randbytes(XWING_PUBLIC)

    def open(self, info: bytes, sealed: bytes) -> bytes | None:
        enc, tag, plaintext = sealed[:XWING_ENC], sealed[XWING_ENC:][:AEAD_TAG], sealed[XWING_ENC + AEAD_TAG :]
        return plaintext if _tag(self.public, info, enc, plaintext) == tag else None


class SeededRealSuite(custody.RealSuite):
    """The product's cryptography; only nonces and salts are drawn from the seed. Sealing and ML-DSA draw their own."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def random(self, size: int) -> bytes:
        return self._rng.randbytes(size)


@dataclass(frozen=True)
class Crypto:
    """Which of the two is used: a factory of suites and keys."""

    real: bool = False

    def suite(self, rng: random.Random) -> Suite:
        return SeededRealSuite(rng) if self.real else FastSuite(rng)

    def hybrid(self, rng: random.Random) -> HybridSigner:
        return custody.HybridKey(rng.randbytes(custody.HybridKey.SEED_BYTES)) if self.real else FastHybrid(rng)

    def link(self, rng: random.Random) -> tuple[LinkSigner, bytes]:
        key = custody.LinkKey(rng.randbytes(custody.LinkKey.SEED_BYTES)) if self.real else FastLink(rng)
        return key, key.public

    def opener(self, rng: random.Random) -> tuple[Opener, bytes]:
        key = custody.SealKey(rng.randbytes(custody.SealKey.SEED_BYTES)) if self.real else FastOpener(rng)
        return key, key.public
