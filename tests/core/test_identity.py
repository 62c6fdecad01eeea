"""Line, origin, safety number and addresses: SPEC sections 3.3 and 3.4."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.core import identity
from hotline.core.card import Card, parse
from hotline.core.identity import Line
from hotline.custody.suite import RealSuite
from hotline.errors import CardError
from tests.custody.cards import station

FINGERPRINT = st.binary(min_size=32, max_size=32)


def card_of(name: str) -> Card:
    return parse(RealSuite(), station(name).text(name=name.upper()))


def line_between(mine: str, peer: str) -> Line:
    secret = station(mine).address.exchange(station(peer).address.public)
    return Line.of(RealSuite(), card_of(mine), card_of(peer), secret)


def hkdf(secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    """RFC 5869 for one block, from the standard library alone."""
    assert size <= 32
    prk = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(prk, info + b"\x01", hashlib.sha256)[:size]


@given(FINGERPRINT, FINGERPRINT)
def test_the_line_id_is_the_same_in_whichever_order_the_roots_come(a: bytes, b: bytes) -> None:
    assert identity.pair_id(a, b) == identity.pair_id(b, a)
    assert identity.pair_id(a, b) == hashlib.sha256(b"hotline/v1/line\0" + min(a, b) + max(a, b)).digest()


@given(FINGERPRINT, FINGERPRINT, FINGERPRINT)
def test_another_root_makes_another_line(a: bytes, b: bytes, c: bytes) -> None:
    assert (identity.pair_id(a, b) == identity.pair_id(a, c)) == (b == c)


@given(FINGERPRINT)
def test_the_safety_number_is_twelve_groups_of_the_hash_of_the_line(line: bytes) -> None:
    d = hashlib.sha512(b"hotline/v1/safety\0" + line).digest()
    groups = [f"{int.from_bytes(d[i : i + 5], 'big') % 100000:05}" for i in range(0, 60, 5)]
    assert identity.safety_number(line) == " ".join(groups)


def test_a_group_of_the_safety_number_keeps_its_leading_zeroes() -> None:
    numbers = [identity.safety_number(i.to_bytes(32, "big")) for i in range(300)]
    assert all(len(n) == 71 and len(n.split()) == 12 for n in numbers)
    assert any(group.startswith("0") for n in numbers for group in n.split())


def test_an_origin_names_prefix_line_owner_and_generation() -> None:
    line = line_between("north", "south")
    me, them = line.me.hex(), line.them.hex()
    assert line.my_origin() == f"hotline/{line.id.hex()}/{me}/1"
    assert line.peer_origin() == f"hotline/{line.id.hex()}/{them}/1"


def test_the_longest_prefix_makes_an_origin_within_the_bound_and_a_longer_one_is_refused() -> None:
    longest = parse(RealSuite(), station("north").text(prefix="a" * 64))
    assert len(identity.origin(longest, bytes(32), 2**53 - 1)) <= 255
    with pytest.raises(CardError, match="shorter prefix"):
        identity.origin(longest, bytes(32), 10**70)


def test_what_one_side_sends_with_the_other_expects() -> None:
    north, south = line_between("north", "south"), line_between("south", "north")
    assert north.id == south.id
    assert north.outgoing == south.incoming
    assert north.incoming == south.outgoing
    assert north.outgoing != north.incoming
    assert (north.my_origin(), north.peer_origin()) == (south.peer_origin(), south.my_origin())


def test_mac_key_and_topic_are_hkdf_over_the_pairwise_secret() -> None:
    line = line_between("north", "south")
    secret = station("south").address.exchange(station("north").address.public)
    for direction, sender, receiver in [(line.outgoing, line.me, line.them), (line.incoming, line.them, line.me)]:
        assert direction.mac_key == hkdf(secret, line.id, b"hotline/v1/mac\0" + sender + receiver, 32)
        assert direction.topic_id == hkdf(secret, line.id, b"hotline/v1/topic\0" + sender + receiver, 16).hex()


def test_a_line_with_oneself_is_refused() -> None:
    with pytest.raises(CardError, match="your own"):
        Line.of(RealSuite(), card_of("north"), card_of("north"), bytes(32))


def test_the_repr_of_a_line_shows_no_mac_key() -> None:
    line = line_between("north", "south")
    assert repr(line.outgoing) == "Direction(…)"
    assert repr(line.outgoing.mac_key) not in repr(line)
    assert line.outgoing.mac_key.hex() not in repr(line)
    assert line.outgoing.topic_id not in repr(line)
