"""Nobody but the root adds an officer, takes one away, or changes what a line stands on; not with all other keys."""

import random
from collections.abc import Callable

import pytest

from hotline.core import card as cards
from hotline.core import encoding
from hotline.core.card import Card
from hotline.errors import CardError
from tests.simulation.keys import Keys, signed_card
from tests.simulation.liar import Liar
from tests.simulation.world import World


@pytest.fixture
def liar() -> Liar:
    """Real keys: the thief is told from the owner by what it can compute. It has all but the root's."""
    return Liar(World(1, real=True)).meet(0)


def told(liar: Liar) -> list[str]:
    """Put what is new under a signed head; return the reasons of all that the victim has surfaced."""
    size = len(liar.log)
    liar.signed = size
    liar.say(liar.entries(liar.victim.line.mirror.ledger.size, size), liar.head(size))
    for _ in range(3):
        liar.wait(2.5)
        liar.greet()
    return [row[0] for row in liar.victim.db._db.execute("SELECT reason FROM inbox ORDER BY idx")]


def with_thief(keys: Keys, signer: Keys) -> Card:
    """A card with one officer more, as whoever has every key but the root's can make it."""
    body = keys.renewed(random.Random(9)).card.body
    return signed_card(signer.log, body)


def by_the_log_key(liar: Liar) -> Card:
    return with_thief(liar.keys, liar.keys)


def by_the_victims_log_key(liar: Liar) -> Card:
    return with_thief(liar.keys, liar.victim.keys)


def with_the_old_signature(liar: Liar) -> Card:
    body = liar.keys.renewed(random.Random(9)).card.body
    return Card(body, encoding.encode(body), liar.keys.card.signature)


def with_the_true_ed25519_half_alone(liar: Liar) -> Card:
    """As if Ed25519 were broken: the other half still stands."""
    true = liar.keys.renewed(random.Random(9)).card
    return Card(true.body, true.raw, true.signature[:64] + bytes(2420))


def with_the_true_mldsa_half_alone(liar: Liar) -> Card:
    true = liar.keys.renewed(random.Random(9)).card
    return Card(true.body, true.raw, bytes(64) + true.signature[64:])


def of_a_root_of_its_own(liar: Liar) -> Card:
    body = Keys.make(liar.keys.crypto, "A", random.Random(9)).card
    return Card(body.body, body.raw, body.signature)


FORGERIES: list[Callable[[Liar], Card]] = [
    by_the_log_key, by_the_victims_log_key, with_the_old_signature, with_the_true_ed25519_half_alone,
    with_the_true_mldsa_half_alone, of_a_root_of_its_own,
]  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_thief_of_link_and_log_key_adds_no_officer(liar: Liar, forgery: Callable[[Liar], Card]) -> None:
    liar.announce(forgery(liar))
    thief = liar.keys.renewed(random.Random(9))
    liar.watch(thief.watch(liar.identity.id, b"w" * 16, 1, 1, handover=False))
    assert told(liar)[-2:] == ["card", "officer"]
    assert not list(liar.victim.db._db.execute("SELECT 1 FROM card"))
    assert not list(liar.victim.db._db.execute("SELECT 1 FROM watch"))
    assert liar.victim.line.identity.peer.raw == liar.keys.card.raw


def test_an_old_card_played_again_takes_no_officer_away(liar: Liar) -> None:
    first, keys = liar.keys.card, liar.keys.renewed(liar.rng)
    for card in (keys.card, first):
        liar.announce(card)
    liar.watch(keys.watch(liar.identity.id, b"w" * 16, 1, 1, handover=True))
    assert told(liar)[-3:] == ["", "", ""]


def test_an_old_watch_played_again_shows_when_it_was_signed_and_changes_nobody(liar: Liar) -> None:
    """Who has the log key, and no officer's, can repeat what officers have signed: `signed_ms` tells it."""
    on = liar.keys.watch(liar.identity.id, b"a" * 16, 1, 1000, handover=False)
    off = liar.keys.watch(liar.identity.id, b"b" * 16, 0, 2000, handover=False)
    for what in (on, off, on):
        liar.watch(what)
    assert told(liar)[-3:] == ["", "", ""], "nothing is wrong with it but its age"
    assert list(liar.victim.db._db.execute("SELECT state, signed_ms FROM watch")) == [(0, 2000)]


def test_a_watch_of_another_line_of_this_owner_is_none_of_this_one(liar: Liar) -> None:
    """A hub's officer comes on for one line; the words for it are no words for another."""
    liar.watch(liar.keys.watch(b"x" * 32, b"a" * 16, 1, 1000, handover=False))
    assert told(liar)[-1] == "signature"


def test_the_victims_own_watch_is_no_watch_of_the_peer(liar: Liar) -> None:
    liar.watch(liar.victim.keys.watch(liar.identity.id, b"a" * 16, 1, 1000, handover=False))
    assert told(liar)[-1] == "officer"


@pytest.mark.parametrize("at", [0, 1, 40, 1300, 4000, 7000, -2485, -2484, -2420, -1])
def test_a_byte_changed_anywhere_in_a_card_makes_it_none(liar: Liar, at: int) -> None:
    packed = bytearray(liar.keys.renewed(liar.rng).card.packed)
    packed[at] ^= 1
    with pytest.raises(CardError):
        cards.unpack(liar.suite, bytes(packed))
