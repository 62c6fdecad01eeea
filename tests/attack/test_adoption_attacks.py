"""A peer that kept every proposal of mine, and hands back what suits it: nothing is lost, doubled, or signed twice."""

import msgspec

from hotline.core import entry
from hotline.core.messages import Entries, Message, MirrorState
from tests.simulation.liar import Liar


def proposals(liar: Liar, said: list[Message]) -> list[Entries]:
    own = liar.victim.identity.my_origin()
    return [m for m in said if isinstance(m, Entries) and m.origin == own]


def shown(liar: Liar, tail: Entries) -> list[Message]:
    """Claim to hold exactly this tail, and hand it over as the answer to the NEED that follows."""
    liar.mirror = MirrorState(1, tail.size, tail.root, tail.size, liar.victim.line.own.signed)
    liar.world.now_s += 40
    liar.victim.tick(liar.now_s)
    liar.heard()
    liar.say(liar.hello(echo=liar.theirs))
    return liar.say(msgspec.structs.replace(tail, echo=liar.theirs))


def serials(liar: Liar) -> list[int]:
    log = liar.victim.view().own
    contents = [entry.decode_content(entry.envelope(s.entry).content) for s in log.entries(0, log.size())]
    return [c.serial for c in contents if isinstance(c, entry.Notice)]


def ids(liar: Liar) -> list[bytes]:
    log = liar.victim.view().own
    contents = [entry.decode_content(entry.envelope(s.entry).content) for s in log.entries(0, log.size())]
    queued = [row.key for row in liar.victim.view().queued(100)]
    return [c.id for c in contents if isinstance(c, entry.Notice)] + queued


def two_tails() -> tuple[Liar, Entries, Entries, set[bytes]]:
    """The victim proposed one tail, was restored to before it, and proposed another tail."""
    liar = Liar().meet(0)
    liar.mirror = liar.holds(1, 1)
    backup = liar.victim.snapshot()
    first = set(liar.submit(3))
    (old,) = proposals(liar, liar.heard())
    liar.victim.restore(backup, lock=True)
    liar.victim.start(liar.now_s)
    liar.victim.tick(liar.now_s)
    liar.heard()
    liar.greet()
    second = set(liar.submit(2))
    (new,) = proposals(liar, liar.heard())
    return liar, old, new, first | second


def test_old_and_new_tails_handed_back_in_turn_lose_and_double_nothing() -> None:
    liar, old, new, all_ids = two_tails()
    for n in range(6):
        shown(liar, (old, new)[n % 2])
        held = ids(liar)
        assert len(held) == len(set(held))
        assert serials(liar) == list(range(1, len(serials(liar)) + 1))
    assert set(ids(liar)) == all_ids
    assert liar.victim.alarms["restored"] >= 6


def test_a_card_and_a_watch_that_are_displaced_go_out_again_the_card_first() -> None:
    liar = Liar().meet(0)
    liar.mirror = liar.holds(1, 1)
    backup = liar.victim.snapshot()
    liar.submit(1)
    (old,) = proposals(liar, liar.heard())
    liar.victim.restore(backup, lock=True)
    liar.victim.start(liar.now_s)
    liar.victim.tick(liar.now_s)
    liar.heard()
    liar.greet()
    keys = liar.victim.keys.renewed(liar.rng)
    watch = keys.watch(liar.identity.id, b"w" * 16, 1, 1, handover=True)
    liar.victim.renew_card(keys, liar.now_s)
    liar.victim.watch(watch, liar.now_s)
    liar.victim.tick(liar.now_s)
    assert kinds(liar) == [entry.GENESIS, entry.CARD, entry.WATCH]
    shown(liar, old)
    liar.mirror = liar.holds(2, 1)
    liar.wait(40)
    liar.greet()
    assert kinds(liar) == [entry.GENESIS, entry.NOTICE, entry.CARD, entry.WATCH]
    bodies = [s.body for s in liar.victim.view().own.entries(2, 3)]
    assert bodies == [keys.card.packed]


def kinds(liar: Liar) -> list[int]:
    log = liar.victim.view().own
    contents = [entry.decode_content(entry.envelope(s.entry).content) for s in log.entries(0, log.size())]
    return [entry.type_of(c) for c in contents]


def test_a_shorter_old_proposal_takes_nothing_away() -> None:
    liar = Liar().meet(0)
    liar.submit(1)
    (short,) = proposals(liar, liar.heard())
    liar.submit(2)
    liar.heard()
    before = ids(liar)
    liar.say(msgspec.structs.replace(short, echo=liar.theirs))
    assert ids(liar) == before
    assert liar.victim.line.own.ledger.size == 4


def test_a_tail_that_contradicts_what_i_signed_is_never_adopted() -> None:
    liar, old, new, _ = two_tails()
    liar.say(liar.receipt(3))
    assert liar.victim.line.own.signed == 3
    before = liar.victim.view().own.leaves(0, 9)
    shown(liar, old)
    assert liar.victim.view().own.leaves(0, 9) == before
    assert liar.victim.line.own.signed == 3
    assert new.size == 3


def test_an_old_tail_without_a_fresh_echo_is_not_adopted() -> None:
    liar, old, _, _ = two_tails()
    before = ids(liar)
    for echo in (b"", b"n" * 16):
        liar.say(msgspec.structs.replace(old, echo=echo))
    assert ids(liar) == before
    assert liar.victim.rejected["origin"] == 2


def test_a_receipt_for_the_tail_that_i_left_is_not_taken() -> None:
    liar, old, _, _ = two_tails()
    liar.say(liar.receipt(3, old.root if old.size == 3 else b"x" * 32))
    assert liar.victim.line.own.signed == 1


def test_a_restored_station_signs_no_other_head_whatever_the_peer_hands_it_while_its_lock_file_stands() -> None:
    liar = Liar().meet(0)
    liar.mirror = liar.holds(1, 1)
    backup = liar.victim.snapshot()
    liar.submit(2)
    liar.heard()
    liar.say(liar.receipt(3))
    locked = liar.victim.lock
    assert locked is not None
    assert locked.own is not None
    liar.victim.restore(backup, lock=True)
    liar.victim.start(liar.now_s)
    liar.greet()  # the peer lies: it claims to hold the genesis only
    liar.submit(1)
    for size in range(1, liar.victim.line.own.ledger.size + 1):
        liar.say(liar.receipt(size))
    liar.wait(40)
    assert liar.victim.line.own.signed <= 1
    assert proposals(liar, liar.heard()) == []
    assert liar.victim.lock is not None
    assert liar.victim.lock.own == locked.own
