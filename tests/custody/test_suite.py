"""The real suite: known answers, round trips, and False or None instead of an exception for whatever is malformed."""

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import given
from hypothesis import strategies as st

from hotline.core import suite as core
from hotline.custody import suite
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, RealSuite, SealKey
from hotline.errors import HostError, MalformedError
from tests.custody import points

SUITE = RealSuite()
KEY, LINK, SEAL = HybridKey(bytes(range(64))), LinkKey(bytes(range(32))), SealKey(bytes(range(96)))


def test_it_is_what_the_core_asks_for() -> None:
    wanted: core.Suite = SUITE
    signer: core.HybridSigner = KEY
    link: core.LinkSigner = LINK
    opener: core.Opener = SEAL
    assert None not in (wanted, signer, link, opener)


# --- known answers ---------------------------------------------------------------------------------


def test_ed25519_gives_the_answers_of_rfc_8032() -> None:
    """Section 7.1, test 3."""
    key = LinkKey(bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"))
    assert key.public.hex() == "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    signature = key.sign(bytes.fromhex("af82"))
    assert signature.hex() == (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    assert SUITE.verify_ed25519(key.public, bytes.fromhex("af82"), signature)


def test_hmac_gives_the_answers_of_rfc_4231() -> None:
    """Test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert SUITE.hmac_sha256(b"Jefe", b"what do ya want for nothing?").hex() == expected


def test_hkdf_gives_the_answers_of_rfc_5869() -> None:
    """Test case 1."""
    okm = SUITE.hkdf_sha256(b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42)
    assert okm.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


def test_x25519_gives_the_answers_of_rfc_7748() -> None:
    """Section 5.2: the iterated function after one round."""
    nine = b"\x09" + bytes(31)
    assert AddressKey(nine).exchange(nine).hex() == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"


# --- signatures ------------------------------------------------------------------------------------


def test_keys_are_made_again_from_their_seeds_and_sign_the_same_with_ed25519() -> None:
    for made in (HybridKey.generate(), LinkKey.generate(), SealKey.generate(), AddressKey.generate()):
        assert len(made.seeds()) == made.SEED_BYTES
        assert type(made)(made.seeds()).public == made.public
    assert LINK.sign(b"x") == LinkKey(LINK.seeds()).sign(b"x")


def test_public_keys_and_signatures_have_the_sizes_of_the_specification() -> None:
    assert (len(KEY.public), len(LINK.public), len(SEAL.public)) == (1344, 32, 1216)
    assert (len(KEY.sign_one(b"x")), len(LINK.sign(b"x"))) == (2484, 64)


@given(st.binary(max_size=100), st.data())
def test_a_signature_does_not_survive_one_changed_byte(message: bytes, draw: st.DataObject) -> None:
    signature = KEY.sign_one(message)
    ed, ml = KEY.public[:32], KEY.public[32:]
    assert SUITE.verify_ed25519(ed, message, signature[:64])
    assert SUITE.verify_mldsa44(ml, message, signature[64:])
    changed = bytearray(signature)
    at = draw.draw(st.integers(0, len(signature) - 1))
    changed[at] ^= draw.draw(st.integers(1, 255))
    if at < 64:
        assert not SUITE.verify_ed25519(ed, message, bytes(changed[:64]))
    else:
        assert not SUITE.verify_mldsa44(ml, message, bytes(changed[64:]))
    assert not SUITE.verify_ed25519(ed, message + b"x", signature[:64])
    assert not SUITE.verify_mldsa44(ml, message + b"x", signature[64:])


@given(st.binary(max_size=40) | st.sampled_from([bytes(1312), bytes(1313)]), st.binary(max_size=70))
def test_keys_and_signatures_of_any_form_do_not_verify_and_raise_nothing(public: bytes, signature: bytes) -> None:
    assert not SUITE.verify_ed25519(public, b"message", signature)
    assert not SUITE.verify_mldsa44(public, b"message", signature)
    assert not SUITE.verify_mldsa44(public, b"message", signature.ljust(2420, b"\0"))


# --- sealing -----------------------------------------------------------------------------------------


@given(st.binary(max_size=2000), st.binary(max_size=100))
def test_what_is_sealed_is_opened_under_the_same_info_alone(plaintext: bytes, info: bytes) -> None:
    sealed = SUITE.seal(SEAL.public, info, plaintext)
    assert len(sealed) == core.XWING_ENC + len(plaintext) + core.AEAD_TAG
    assert SEAL.open(info, sealed) == plaintext
    assert SEAL.open(info + b"x", sealed) is None
    assert SealKey.generate().open(info, sealed) is None


def test_sealing_twice_gives_two_ciphertexts() -> None:
    assert SUITE.seal(SEAL.public, b"", b"x") != SUITE.seal(SEAL.public, b"", b"x")


def test_any_byte_changed_does_not_open() -> None:
    sealed = SUITE.seal(SEAL.public, b"info", b"plaintext")
    for at in range(0, len(sealed), 3):
        assert SEAL.open(b"info", sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]) is None


@given(st.binary(max_size=1300) | st.sampled_from([bytes(1120), bytes(1136), bytes(1137), b"\xff" * 1200]))
def test_arbitrary_bytes_do_not_open_and_raise_nothing(sealed: bytes) -> None:
    assert SEAL.open(b"info", sealed) is None


@pytest.mark.parametrize("small", points.X25519_SMALL, ids=bytes.hex)
def test_an_encapsulation_with_a_point_of_small_order_does_not_open(small: bytes) -> None:
    sealed = SUITE.seal(SEAL.public, b"info", b"plaintext")
    assert SEAL.open(b"info", sealed[:1088] + small + sealed[1120:]) is None


@pytest.mark.parametrize(
    "public",
    [b"", bytes(32), SEAL.public[:-1], SEAL.public + b"\0", b"\xff" * 1184 + SEAL.public[1184:],
     *(SEAL.public[:1184] + small for small in points.X25519_SMALL)],
)  # fmt: skip
def test_sealing_to_what_is_no_proper_key_is_the_peers_fault(public: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        SUITE.seal(public, b"info", b"plaintext")
    assert caught.value.reason == "seal-key"


# --- the pairwise secret, and the rest ------------------------------------------------------------------


def test_both_ends_derive_one_secret() -> None:
    north, south = AddressKey.generate(), AddressKey.generate()
    assert north.exchange(south.public) == south.exchange(north.public) != bytes(32)


@pytest.mark.parametrize("small", points.X25519_SMALL, ids=bytes.hex)
def test_a_secret_that_would_be_zero_is_refused(small: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        AddressKey.generate().exchange(small)


def test_random_bytes_are_of_the_size_asked_for_and_differ() -> None:
    assert [len(SUITE.random(size)) for size in (0, 1, 16, 32)] == [0, 1, 16, 32]
    assert SUITE.random(16) != SUITE.random(16)


def test_no_secret_is_shown_by_a_key_that_is_printed() -> None:
    for made in (KEY, LINK, SEAL, AddressKey(bytes(range(32)))):
        for shown in (repr(made), str(made), f"{made}"):
            assert made.seeds().hex()[:16] not in shown
            assert repr(made.seeds()[:8])[2:-1] not in shown


def test_a_build_without_the_algorithms_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    suite.require_algorithms()

    def lacking() -> HybridKey:
        raise UnsupportedAlgorithm("ML-DSA-44")

    monkeypatch.setattr(HybridKey, "generate", staticmethod(lacking))
    with pytest.raises(HostError, match="ML-DSA-44") as caught:
        suite.require_algorithms()
    assert "version 50" in caught.value.remedy
