"""The real suite: what it accepts, what it refuses, and that its keys do not show themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.core.suite import HYBRID_SIGNATURE, XWING_ENC, verify_halves, verify_hybrid
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, RealSuite, SealKey, require_algorithms
from hotline.errors import MalformedError
from tests.custody import points

SUITE = RealSuite()
HYBRID, LINK, SEAL = HybridKey.generate(), LinkKey.generate(), SealKey.generate()
KINDS = [HybridKey, LinkKey, SealKey, AddressKey]


def test_this_machine_has_the_algorithms() -> None:
    require_algorithms()


@given(st.binary(max_size=100))
def test_a_hybrid_signature_verifies_and_any_other_message_does_not(message: bytes) -> None:
    signature = HYBRID.sign_one(message)
    assert len(signature) == HYBRID_SIGNATURE
    assert verify_hybrid(SUITE, HYBRID.public, message, signature)
    assert not verify_hybrid(SUITE, HYBRID.public, message + b"\0", signature)


def test_both_halves_of_a_hybrid_signature_must_verify() -> None:
    signature, other = HYBRID.sign_one(b"m"), HybridKey.generate().sign_one(b"m")
    assert not verify_hybrid(SUITE, HYBRID.public, b"m", other[:64] + signature[64:])
    assert not verify_hybrid(SUITE, HYBRID.public, b"m", signature[:64] + other[64:])


def test_the_halves_may_sign_different_messages_and_are_not_exchangeable() -> None:
    signature = HYBRID.sign(b"a", b"b")
    assert verify_halves(SUITE, HYBRID.public, b"a", b"b", signature)
    assert not verify_halves(SUITE, HYBRID.public, b"b", b"a", signature)


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_malformed_keys_and_signatures_verify_as_false_and_raise_nothing(a: bytes, b: bytes, c: bytes) -> None:
    assert not SUITE.verify_mldsa44(a, b, c)
    assert not verify_hybrid(SUITE, a, b, c)
    assert SUITE.verify_ed25519(LINK.public, b, c) is False


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_is_sealed_opens_with_its_key_and_context_alone(plaintext: bytes, info: bytes) -> None:
    sealed = SUITE.seal(SEAL.public, info, plaintext)
    assert SEAL.open(info, sealed) == plaintext
    assert SEAL.open(info + b"\0", sealed) is None
    assert SEAL.open(info, sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    assert SealKey.generate().open(info, sealed) is None


@given(st.binary(max_size=XWING_ENC + 40))
def test_garbage_opens_to_none_and_raises_nothing(sealed: bytes) -> None:
    assert SEAL.open(b"", sealed) is None


@pytest.mark.parametrize(
    "public",
    [
        b"",
        SEAL.public[:-1],
        b"\xff" * 1184 + SEAL.public[-32:],  # coefficients past q
        SEAL.public[:-32] + points.X25519_SMALL[0],
    ],
    ids=["empty", "short", "no ML-KEM key", "small order"],
)
def test_sealing_to_a_key_that_is_none_is_the_peers_error(public: bytes) -> None:
    with pytest.raises(MalformedError, match="X-Wing"):
        SUITE.seal(public, b"", b"hello")


def test_two_address_keys_agree_and_a_key_of_small_order_is_an_error() -> None:
    a, b = AddressKey.generate(), AddressKey.generate()
    assert a.exchange(b.public) == b.exchange(a.public)
    with pytest.raises(ValueError, match="shared key"):
        a.exchange(bytes(32))


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_the_same_again_from_its_seeds_and_shows_them_nowhere(kind: type[HybridKey]) -> None:
    key = kind.generate()
    assert len(key.seeds()) == kind.SEED_BYTES
    assert kind(key.seeds()).public == key.public
    for shown in (repr(key), str(key)):
        assert key.seeds().hex() not in shown
        assert repr(key.seeds())[2:-1] not in shown
