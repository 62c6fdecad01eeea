"""Prekeys: shown until echoed, replaced hourly, deleted only after the peer has shown a newer one."""

import random

import msgspec
import pytest

from hotline import limits
from hotline.core import frame
from hotline.core.messages import Prekey
from hotline.core.prekeys import Prekeys
from hotline.core.step import Now
from hotline.errors import MalformedError, SignatureError
from tests.simulation.keys import pair
from tests.simulation.suite import NO_KEY, Crypto

LINE = b"l" * 32


def at(seconds: float) -> Now:
    return Now(int(seconds * 1000), seconds)


def two() -> tuple[Prekeys, Prekeys]:
    rng = random.Random(1)
    keys = pair(Crypto(), rng)
    made = [Prekeys(keys[i].crypto.suite(rng), keys[i].prekey_maker(rng, LINE), LINE, keys[1 - i].card) for i in (0, 1)]
    for prekeys in made:
        prekeys.start(at(0))
    return made[0], made[1]


def tell(sender: Prekeys, receiver: Prekeys, seconds: float = 0.0) -> bool:
    return receiver.take(sender.to_show(), sender.seen(), at(seconds))


def test_a_prekey_is_shown_until_it_is_echoed() -> None:
    a, b = two()
    assert a.lacking
    assert len(a.to_show()) == 1
    assert tell(a, b)
    assert not tell(a, b), "the same again is not new"
    tell(b, a)
    assert a.to_show() == ()
    assert not a.lacking


def test_it_is_shown_again_to_a_peer_that_restarted_and_holds_none() -> None:
    a, b = two()
    tell(a, b)
    tell(b, a)
    _, restarted = two()
    tell(restarted, a)
    assert a.lacking
    assert tell(a, restarted)


def test_a_new_one_is_made_hourly_and_the_old_one_goes_only_after_the_new_is_echoed() -> None:
    a, b = two()
    tell(a, b)
    tell(b, a)
    old = a.to_show() or b.seen()
    assert not a.tick(at(limits.PREKEY_LIFE_S - 1))
    assert a.tick(at(limits.PREKEY_LIFE_S))
    tell(b, a, limits.PREKEY_LIFE_S)  # b still echoes the old one
    assert not a.tick(at(50 * limits.PREKEY_LIFE_S)), "never by date alone, and none beside an unseen one"
    assert a.opener(b.seen()) is not None
    assert len(a.to_show()) == 1
    tell(a, b)
    tell(b, a, 50 * limits.PREKEY_LIFE_S)
    assert isinstance(old, bytes)
    a.tick(at(50 * limits.PREKEY_LIFE_S + limits.PREKEY_GRACE_S - 1))
    assert a.opener(old) is not None
    a.tick(at(50 * limits.PREKEY_LIFE_S + limits.PREKEY_GRACE_S))
    assert a.opener(old) is None
    assert a.opener(b.seen()) is not None


def test_an_older_echo_neither_shortens_nor_lengthens_the_grace() -> None:
    a, b = two()
    tell(a, b)
    tell(b, a)
    a.tick(at(limits.PREKEY_LIFE_S))
    tell(a, b)
    late = b.seen()
    for seconds in (10.0, 200.0):
        a.take((), late, at(limits.PREKEY_LIFE_S + seconds))
    a.tick(at(limits.PREKEY_LIFE_S + limits.PREKEY_GRACE_S + 20))
    assert len(a._own) == 1


def test_a_prekey_with_another_signature_is_refused_and_nothing_is_taken() -> None:
    a, b = two()
    (shown,) = a.to_show()
    bad = msgspec.structs.replace(shown, created_ms=shown.created_ms + 1)
    with pytest.raises(SignatureError):
        b.take((bad,), frame.key_id(b.to_show()[0].public), at(0))
    assert b.peers is None
    assert b.lacking


def test_a_signed_prekey_that_nothing_can_be_sealed_to_is_refused_when_it_is_shown() -> None:
    """It used to be taken, and then raised at every sending, after the commit."""
    rng = random.Random(1)
    keys = pair(Crypto(), rng)
    b = Prekeys(keys[1].crypto.suite(rng), keys[1].prekey_maker(rng, LINE), LINE, keys[0].card)
    b.start(at(0))
    from hotline.core.prekeys import prekey_message

    message = prekey_message(keys[0].card.fingerprint, LINE, 1, NO_KEY)
    shown = Prekey(NO_KEY, 1, keys[0].prekey_signer.sign(message, message))
    with pytest.raises(MalformedError):
        b.take((shown,), b"", at(0))
    assert b.peers is None
