"""The cryptographic operations that the core needs, as an interface (SPEC sections 1 and 6.2).

The suite is fixed by the cards and never negotiated. The product has one implementation,
`hotline.custody.suite`; the simulator has a fast one. Nothing here holds a private key.
"""

import hashlib
from typing import Protocol

ED25519_PUBLIC = 32
ED25519_SIGNATURE = 64
MLDSA44_PUBLIC = 1312
MLDSA44_SIGNATURE = 2420
HYBRID_PUBLIC = ED25519_PUBLIC + MLDSA44_PUBLIC
HYBRID_SIGNATURE = ED25519_SIGNATURE + MLDSA44_SIGNATURE
XWING_PUBLIC = 1216
XWING_ENC = 1120
AEAD_TAG = 16


def label(name: str) -> bytes:
    """Return `L(name)` of SPEC section 1, the prefix that separates one use of a hash or key from all others."""
    return b"hotline/v1/" + name.encode("ascii") + b"\0"


def digest(name: str, *parts: bytes) -> bytes:
    """Return SHA-256 over `L(name)` and the parts, 32 bytes. The caller sees to it that the parts cannot slide."""
    return hashlib.sha256(label(name) + b"".join(parts)).digest()


class Suite(Protocol):
    """Deterministic checks and openings, and one sealing operation that draws its own randomness."""

    def verify_ed25519(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Return whether the 64-byte signature verifies; False for any malformed input."""
        ...

    def verify_mldsa44(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Return whether the 2,420-byte signature verifies with the empty context; False for any malformed input."""
        ...

    def hkdf_sha256(self, secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
        """Return `size` bytes of HKDF-SHA256 (RFC 5869)."""
        ...

    def hmac_sha256(self, key: bytes, message: bytes) -> bytes:
        """Return the 32-byte HMAC-SHA256."""
        ...

    def seal(self, public: bytes, info: bytes, plaintext: bytes) -> bytes:
        """Return enc (1,120) ‖ ciphertext under HPKE base mode to an X-Wing key of 1,216 bytes."""
        ...

    def random(self, size: int) -> bytes:
        """Return `size` unpredictable bytes (nonces, salts)."""
        ...


class HybridSigner(Protocol):
    """A private hybrid key in use; the halves may sign different messages (heads and receipts do)."""

    @property
    def public(self) -> bytes:
        """The hybrid public key, 1,344 bytes."""
        ...

    def sign(self, ed25519_message: bytes, mldsa44_message: bytes) -> bytes:
        """Return Ed25519 ‖ ML-DSA-44 signatures, 2,484 bytes."""
        ...


class LinkSigner(Protocol):
    """The link key: Ed25519, deterministic, never suspended. It signs frames and nothing else."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        ...


class Opener(Protocol):
    """A private X-Wing key that opens what was sealed to it."""

    def open(self, info: bytes, sealed: bytes) -> bytes | None:
        """Return the plaintext of enc ‖ ciphertext, or None if it does not open."""
        ...


def verify_hybrid(suite: Suite, public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether both halves of a hybrid signature over one message verify (SPEC section 1)."""
    return verify_halves(suite, public, message, message, signature)


def verify_halves(
    suite: Suite, public: bytes, ed25519_message: bytes, mldsa44_message: bytes, signature: bytes
) -> bool:
    """Return whether both halves verify, each over its own message (SPEC sections 5.3 and 5.4)."""
    if len(public) != HYBRID_PUBLIC or len(signature) != HYBRID_SIGNATURE:
        return False
    return suite.verify_ed25519(
        public[:ED25519_PUBLIC], ed25519_message, signature[:ED25519_SIGNATURE]
    ) and suite.verify_mldsa44(public[ED25519_PUBLIC:], mldsa44_message, signature[ED25519_SIGNATURE:])
