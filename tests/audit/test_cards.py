"""Which card held at which entry, as somebody finds it who has the last one and the log."""

import random

import pytest

from hotline.audit.cards import Cards, newest
from hotline.core import entry, queue, tree
from hotline.core.card import Card
from hotline.core.step import Stored
from hotline.custody.suite import RealSuite
from tests.simulation.keys import Keys
from tests.simulation.suite import Crypto

SUITE, RNG = RealSuite(), random.Random(3)
FIRST = Keys.make(Crypto(real=True), "A", RNG)
SECOND = FIRST.renewed(RNG)
THIRD = SECOND.renewed(RNG)
STRANGER = Keys.make(Crypto(real=True), "B", RNG)


def announced(card: Card, **changes: int) -> Stored:
    row = queue.card_row(card, bytes(32))
    if changes:
        row = queue.Queued(row.key, row.rank, queue.QueuedCard(changes["number"], card.digest), row.salt, row.body)
    made = queue.to_entry(row, serial=0, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT)
    return Stored(made, tree.leaf_hash(made), row.salt, row.body)


def log(*cards: Card) -> list[tuple[int, Stored]]:
    """Cards at the indices 10, 20, 30 …"""
    return [(10 * at, announced(card)) for at, card in enumerate(cards, 1)]


def test_without_card_entries_the_last_card_holds_throughout() -> None:
    cards = Cards.of(SUITE, SECOND.card, [])
    assert cards.officers_at(0) is cards.held_at(7) is SECOND.card


def test_each_card_holds_from_its_entry_on_and_the_first_before_it_too() -> None:
    cards = Cards.of(SUITE, THIRD.card, log(SECOND.card, THIRD.card))
    assert [len(cards.officers_at(i).body.officers) for i in (0, 10, 11, 20, 21)] == [2, 2, 2, 2, 3]
    assert cards.fits(10)
    assert cards.fits(20)


def test_a_last_card_that_came_by_courier_holds_after_the_cards_of_the_log() -> None:
    cards = Cards.of(SUITE, THIRD.card, log(FIRST.card, SECOND.card))
    assert [len(cards.officers_at(i).body.officers) for i in (9, 11, 20, 21)] == [1, 1, 1, 3]


def test_the_same_card_again_and_an_older_one_fit_and_change_nothing() -> None:
    cards = Cards.of(SUITE, SECOND.card, log(SECOND.card, FIRST.card, SECOND.card))
    assert [cards.fits(i) for i in (10, 20, 30)] == [True, True, True]
    assert list(cards.fitting) == [10]


@pytest.mark.parametrize(
    "odd",
    [
        STRANGER.card,
        FIRST.changed_card(number=2, phone="+2"),
        FIRST.changed_card(number=2, officers=()),
        SECOND.changed_card(number=9, prefix="elsewhere"),
        Card(SECOND.card.body, SECOND.card.raw, FIRST.card.signature),
    ],
    ids=["of another", "same number, other content", "lacks officers", "other prefix", "not signed"],
)
def test_a_card_that_does_not_lead_to_the_last_one_fits_nowhere(odd: Card) -> None:
    cards = Cards.of(SUITE, SECOND.card, log(SECOND.card, odd))
    assert not cards.fits(20)
    assert cards.officers_at(15).raw == cards.officers_at(25).raw == SECOND.card.raw


def test_a_card_that_its_entry_does_not_state_fits_nowhere() -> None:
    cards = Cards.of(SUITE, SECOND.card, [(10, announced(SECOND.card, number=3))])
    assert cards.announced == {}
    assert not cards.fits(10)


def test_what_is_no_card_entry_is_passed_over() -> None:
    body = FIRST.card.packed
    raw = entry.seal_envelope(b"\x98\x07\xc0", len(body), entry.commitment(bytes(32), body))
    assert Cards.of(SUITE, FIRST.card, [(10, Stored(raw, b"", bytes(32), body))]).announced == {}


def test_the_newest_card_is_found_as_the_holder_finds_it() -> None:
    odd = FIRST.changed_card(number=8, officers=())
    assert newest(SUITE, FIRST.card, log(SECOND.card, odd, THIRD.card, SECOND.card)).raw == THIRD.card.raw
    assert newest(SUITE, THIRD.card, log(SECOND.card)).raw == THIRD.card.raw
    assert newest(SUITE, FIRST.card, []) is FIRST.card
