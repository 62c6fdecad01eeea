"""The one real suite, `hotline-1` (SPEC sections 1 and 6.2), over the `cryptography` package."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hotline.core.suite import XWING_ENC
from hotline.errors import HostError, MalformedError

_MLKEM_PUBLIC = 1184
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


class RealSuite:
    """`hotline.core.suite.Suite` with real cryptography."""

    def verify_ed25519(self, public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def verify_mldsa44(self, public: bytes, message: bytes, signature: bytes) -> bool:
        try:
            mldsa.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def hkdf_sha256(self, secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
        return HKDF(hashes.SHA256(), size, salt, info).derive(secret)

    def hmac_sha256(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, hashlib.sha256)

    def seal(self, public: bytes, info: bytes, plaintext: bytes) -> bytes:
        """Seal; MalformedError if `public` is no proper key. A peer's prekey is signed, but the peer may be hostile."""
        try:
            key = hpke.MLKEM768X25519PublicKey(
                mlkem.MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC]),
                x25519.X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC:]),
            )
            return _SUITE.encrypt(plaintext, key, info)
        except ValueError:  # ML-KEM coefficients past q, an X25519 half of small order, or another length
            raise MalformedError("The key to seal to is not a proper X-Wing key.", reason="seal-key") from None

    def random(self, size: int) -> bytes:
        return secrets.token_bytes(size)


class HybridKey:
    """A private Ed25519 + ML-DSA-44 key from two 32-byte seeds. Its repr shows no secret."""

    SEED_BYTES = 64

    def __init__(self, seeds: bytes) -> None:
        self._seeds = seeds
        self._ed = ed25519.Ed25519PrivateKey.from_private_bytes(seeds[:32])
        self._ml = mldsa.MLDSA44PrivateKey.from_seed_bytes(seeds[32:])
        self.public = self._ed.public_key().public_bytes_raw() + self._ml.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> "HybridKey":
        return cls(secrets.token_bytes(cls.SEED_BYTES))

    def seeds(self) -> bytes:
        """The 64 secret bytes, for custody to seal to disk and nobody else."""
        return self._seeds

    def sign(self, ed25519_message: bytes, mldsa44_message: bytes) -> bytes:
        return self._ed.sign(ed25519_message) + self._ml.sign(mldsa44_message)

    def sign_one(self, message: bytes) -> bytes:
        """Sign one message with both halves (SPEC section 1)."""
        return self.sign(message, message)


class LinkKey:
    """The private link key, from a 32-byte seed."""

    SEED_BYTES = 32

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._key = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> "LinkKey":
        return cls(secrets.token_bytes(cls.SEED_BYTES))

    def seeds(self) -> bytes:
        """The 32 secret bytes, for custody to seal to disk and nobody else."""
        return self._seed

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


class SealKey:
    """A private X-Wing key, kept as its halves (64 + 32 bytes) because the pair has no serialisation of its own."""

    SEED_BYTES = 96

    def __init__(self, seeds: bytes) -> None:
        self._seeds = seeds
        ml = mlkem.MLKEM768PrivateKey.from_seed_bytes(seeds[:64])
        x = x25519.X25519PrivateKey.from_private_bytes(seeds[64:])
        self._key = hpke.MLKEM768X25519PrivateKey(ml, x)
        self.public = ml.public_key().public_bytes_raw() + x.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> "SealKey":
        return cls(secrets.token_bytes(cls.SEED_BYTES))

    def seeds(self) -> bytes:
        """The 96 secret bytes, for custody to seal to disk and nobody else. Prekeys' are never asked for."""
        return self._seeds

    def open(self, info: bytes, sealed: bytes) -> bytes | None:
        if len(sealed) < XWING_ENC:
            return None
        try:
            return _SUITE.decrypt(sealed, self._key, info)
        except (InvalidTag, ValueError):
            return None


class AddressKey:
    """The private X25519 key of the pairwise secret (SPEC section 3.4)."""

    SEED_BYTES = 32

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._key = x25519.X25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> "AddressKey":
        return cls(secrets.token_bytes(cls.SEED_BYTES))

    def seeds(self) -> bytes:
        """The 32 secret bytes, for custody to seal to disk and nobody else."""
        return self._seed

    def exchange(self, peer_public: bytes) -> bytes:
        """Return Z; ValueError if it is zero, which a key of small order makes."""
        return self._key.exchange(x25519.X25519PublicKey.from_public_bytes(peer_public))


def require_algorithms() -> None:
    """Fail at start, with the remedy, if this build of `cryptography` lacks what the suite needs."""
    try:
        HybridKey.generate()
        SealKey.generate()
    except UnsupportedAlgorithm as e:
        raise HostError(
            f"This build of the `cryptography` package has no {e}.",
            "Install the wheel of version 50 or later from the lock file.",
        ) from None
