"""Which public keys may be enrolled: SPEC section 1."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from hypothesis import given
from hypothesis import strategies as st

from hotline.core import point
from tests.custody import points

SEEDS = st.binary(min_size=32, max_size=32)


def ed25519_public(seed: bytes) -> bytes:
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


@given(SEEDS)
def test_every_key_that_ed25519_makes_is_acceptable(seed: bytes) -> None:
    assert point.acceptable(ed25519_public(seed))


def test_the_test_knows_eight_distinct_torsion_points_that_vanish_when_taken_eight_times() -> None:
    assert len(set(points.TORSION)) == 8
    for affine in points.torsion():
        total = (0, 1)
        for _ in range(8):
            total = points.add(total, affine)
        assert total == (0, 1)


@pytest.mark.parametrize("public", points.TORSION, ids=bytes.hex)
def test_a_torsion_point_is_refused(public: bytes) -> None:
    assert not point.acceptable(public)


@pytest.mark.parametrize("public", [*points.NOT_CANONICAL, *points.MINUS_ZERO], ids=bytes.hex)
def test_an_encoding_that_is_not_canonical_is_refused(public: bytes) -> None:
    assert not point.acceptable(public)


def test_bytes_that_are_no_point_of_the_curve_are_refused() -> None:
    assert not point.acceptable(points.OFF_CURVE)


@given(st.binary(max_size=64).filter(lambda b: len(b) != 32))
def test_a_key_of_another_length_is_refused(public: bytes) -> None:
    assert not point.acceptable(public)


@given(SEEDS)
def test_acceptable_decides_about_any_32_bytes_without_raising(public: bytes) -> None:
    assert point.acceptable(public) in (True, False)


@given(SEEDS, st.integers(1, 7))
def test_a_key_of_mixed_order_is_acceptable_because_only_small_order_verifies_forgeries(seed: bytes, i: int) -> None:
    mixed = points.add(points.decode(ed25519_public(seed)), points.torsion()[i])
    assert point.acceptable(points.encode(mixed))


def test_the_library_lets_anybody_sign_for_a_torsion_point_which_is_why_we_refuse_them() -> None:
    identity = points.encode((0, 1))
    forged = identity + bytes(32)  # R = identity, S = 0: S·B = R + h·A whatever the message
    ed25519.Ed25519PublicKey.from_public_bytes(identity).verify(forged, b"anything at all")


@pytest.mark.parametrize("public", points.X25519_SMALL, ids=bytes.hex)
def test_an_x25519_key_of_small_order_is_found_in_each_of_its_encodings(public: bytes) -> None:
    assert point.small_order_x25519(public)
    with pytest.raises(ValueError, match="shared key"):
        x25519.X25519PrivateKey.generate().exchange(x25519.X25519PublicKey.from_public_bytes(public))


@given(SEEDS)
def test_an_x25519_key_is_called_small_exactly_when_the_library_finds_no_secret(public: bytes) -> None:
    try:
        x25519.X25519PrivateKey.generate().exchange(x25519.X25519PublicKey.from_public_bytes(public))
        small = False
    except ValueError:
        small = True
    assert point.small_order_x25519(public) == small
