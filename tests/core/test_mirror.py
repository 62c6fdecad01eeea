"""The holder's side: what it cosigns and when, what it asks for, what gives way."""

import pytest

from hotline import limits
from hotline.core.messages import Entries, Head, Message, Need, Receipt
from hotline.core.step import CosignIntent, LockedHead
from hotline.core.view import Lock
from tests.simulation.liar import Liar


@pytest.fixture
def liar() -> Liar:
    return Liar().meet(1)


def receipts(said: list[Message]) -> list[tuple[int, int]]:
    return [(m.size, m.timestamp_s) for m in said if isinstance(m, Receipt)]


def needs(said: list[Message]) -> list[tuple[int, int]]:
    return [(m.start, m.end) for m in said if isinstance(m, Need)]


def grow(liar: Liar, count: int) -> None:
    for _ in range(count):
        liar.notice()


def test_one_receipt_covers_all_that_a_batch_brought(liar: Liar) -> None:
    grow(liar, 3)
    said = liar.say(liar.entries(2, 3), liar.entries(3, 4), liar.entries(4, 5))
    assert [size for size, _ in receipts(said)] == [5]


def test_the_same_entries_again_are_answered_with_the_same_receipt_at_most_once_a_batch(liar: Liar) -> None:
    grow(liar, 2)
    first = receipts(liar.say(liar.entries(2, 4)))
    liar.world.now_s += 20
    liar.victim.wall_skew_ms = -86_400_000
    assert receipts(liar.say(liar.entries(2, 4), liar.entries(2, 3))) == first


def test_while_the_head_does_not_come_the_receipt_is_sent_again_less_and_less_often(liar: Liar) -> None:
    grow(liar, 1)
    liar.say(liar.entries(2, 3))
    sent = receipts(liar.wait(100))
    assert 5 <= len(sent) <= 9
    liar.say(liar.head(3))
    assert receipts(liar.wait(100)) == []


def test_a_crash_between_the_commit_and_the_lock_file_signs_the_same_statement_after_the_lock_file(liar: Liar) -> None:
    """The restarted holder used to sign it again without writing the lock file."""
    grow(liar, 1)
    liar.victim.armed["after commit"] = 0
    with pytest.raises(Exception, match="after commit"):
        liar.say(liar.entries(2, 3))
    intent = liar.victim.view().mirror.intent()
    assert intent is not None
    assert (intent.size, liar.victim.lock and liar.victim.lock.peer and liar.victim.lock.peer.size) == (3, 2)
    liar.world.now_s += 100
    liar.restart()
    liar.victim.tick(liar.now_s)
    assert liar.victim.lock is not None
    assert liar.victim.lock.peer == LockedHead(intent.origin, 3, intent.root)
    kept = liar.victim.view().mirror.receipt()
    assert kept is not None
    assert (kept.size, kept.timestamp_s) == (3, intent.timestamp_s)


def test_a_receipt_states_the_time_of_its_clock_also_after_one_that_was_wrong(liar: Liar) -> None:
    """A clock that was once in the future used to date all later receipts."""
    grow(liar, 2)
    ((_, first),) = receipts(liar.say(liar.entries(2, 3)))
    liar.victim.wall_skew_ms = -86_400_000
    ((_, second),) = receipts(liar.say(liar.entries(3, 4)))
    assert second == first - 86_400
    liar.victim.wall_skew_ms = -(10**14)
    grow(liar, 1)
    assert [s for _, s in receipts(liar.say(liar.entries(4, 5)))] == [1]


def test_a_lock_file_that_names_more_than_is_held_binds_until_it_is_held_again(liar: Liar) -> None:
    backup = liar.victim.snapshot()
    grow(liar, 2)
    liar.say(liar.entries(2, 4))
    lock = liar.victim.lock
    liar.victim.restore(backup, lock=True)
    liar.victim.start(liar.now_s)
    liar.greet()
    assert receipts(liar.say(liar.entries(2, 3))) == []
    liar.submit(1)
    liar.say(liar.receipt(2))
    assert lock is not None
    assert liar.victim.lock is not None
    assert liar.victim.lock.peer == lock.peer, "and another signature meanwhile does not lower it"
    assert receipts(liar.wait(40)) == []
    assert [size for size, _ in receipts(liar.say(liar.entries(3, 4)))] == [4]


def test_an_unreadable_lock_file_lets_nothing_be_cosigned_until_the_peer_has_shown_its_mirror(liar: Liar) -> None:
    grow(liar, 1)
    liar.victim.die()
    liar.victim.lock = Lock(False)
    liar.victim.start(liar.now_s)
    assert receipts(liar.say(liar.entries(2, 3))) == []
    assert liar.victim.lock == Lock(False)
    liar.greet()
    assert liar.victim.lock.readable
    assert [size for size, _ in receipts(liar.say(liar.entries(2, 3)))] == [3]


# --- what was lost here -------------------------------------------------------------------------------


@pytest.fixture
def lossy() -> Liar:
    """The victim's store is put back to two entries; the owner has signed eight."""
    liar = Liar().meet(1)
    backup = liar.victim.snapshot()
    grow(liar, 6)
    liar.say(liar.entries(2, 8), liar.head(8))
    liar.signed = 8
    liar.victim.restore(backup, lock=False)
    liar.victim.start(liar.now_s)
    return liar


def test_what_the_owner_has_signed_and_is_not_here_is_asked_for_and_shown_as_recovered(lossy: Liar) -> None:
    assert needs(lossy.greet()) == [(2, 8)]
    assert needs(lossy.say(lossy.entries(2, 5))) == [], "more frames of that answer may be on their way"
    assert needs(lossy.wait(2)) == [(5, 8)]
    lossy.say(lossy.entries(5, 8), lossy.head(8))
    rows = [r[0] for r in lossy.victim.db._db.execute("SELECT recovered FROM inbox ORDER BY idx")]
    assert rows == [0, 0, 1, 1, 1, 1, 1, 1]
    assert needs(lossy.wait(20)) == []


def test_a_need_whose_answer_is_lost_is_repeated_less_and_less_often(lossy: Liar) -> None:
    """It used to wait for the next heartbeat."""
    lossy.greet()
    asked = needs(lossy.wait(100))
    assert set(asked) == {(2, 8)}
    assert 4 <= len(asked) <= 8


def test_what_was_cosigned_by_the_lock_file_and_is_lost_is_asked_for_while_its_owner_has_it(liar: Liar) -> None:
    """An owner that was put back too has no head over it, and sent it only every 30 s: seed 8649 took four minutes."""
    backup = liar.victim.snapshot()
    grow(liar, 4)
    liar.say(liar.entries(2, 6))
    liar.victim.restore(backup, lock=True)
    liar.victim.start(liar.now_s)
    assert needs(liar.greet()) == [(2, 6)]
    liar.say(liar.entries(2, 3))
    assert needs(liar.wait(2)) == [(3, 6)]
    assert [size for size, _ in receipts(liar.say(liar.entries(3, 6)))] == [6]
    assert needs(liar.wait(20)) == []


def test_a_head_past_what_is_held_waits_for_the_entries_below_it(liar: Liar) -> None:
    grow(liar, 3)
    assert needs(liar.say(liar.head(4))) == [(2, 4)]
    assert needs(liar.say(liar.head(5), liar.head(4))) == [], "the same start is asked for twice a second at most"
    liar.say(liar.entries(2, 5))
    assert liar.victim.line.mirror.head_size == 5
    assert liar.tables()["inbox"] == 5


def test_an_older_head_changes_nothing(liar: Liar) -> None:
    before = liar.tables()
    liar.say(liar.head(1))
    liar.say(liar.head(2))
    assert liar.tables() == before


def test_a_long_gap_is_asked_for_in_parts(liar: Liar) -> None:
    liar.signed = 2
    liar.log += [b"\x01" + bytes(36)] * 400
    liar.signed = len(liar.log)
    assert needs(liar.greet()) == [(2, 2 + limits.WINDOW_ENTRIES)]


# --- the unsigned tail ----------------------------------------------------------------------------------


def test_what_is_proposed_and_not_signed_is_shown_apart_after_ten_seconds(liar: Liar) -> None:
    grow(liar, 1)
    liar.say(liar.entries(2, 3))
    liar.wait(limits.UNSIGNED_SHOWN_AFTER_S + 1)
    assert liar.victim.alarms["proposed-unsigned"] == 1
    assert liar.victim.line.unsigned(liar.victim.now(liar.now_s)) == 1


def test_steady_traffic_whose_heads_come_is_no_unsigned_proposal(liar: Liar) -> None:
    """The time used to count from the first entry of an unbroken stream."""
    grow(liar, 1)
    liar.say(liar.entries(2, 3))
    for _ in range(30):
        grow(liar, 1)
        size = len(liar.log)
        liar.say(liar.entries(size - 1, size), liar.head(size - 1))
        liar.wait(1.0)
    assert liar.victim.alarms["proposed-unsigned"] == 0


def replaced(liar: Liar) -> list[Message]:
    """The owner's signed head takes the place of a tail that it never signed."""
    grow(liar, 2)
    liar.say(liar.entries(2, 4))
    liar.log[2:], liar.bodies[2:], liar.serial = [], [], 1
    for _ in range(3):
        liar.notice(time_ms=9)
    return liar.say(liar.head(5, prior=4))


def test_a_receipt_below_the_replaced_tail_stays_and_is_never_dated_anew(liar: Liar) -> None:
    grow(liar, 1)
    before = liar.victim.line.mirror.receipt
    replaced(liar)
    mirror = liar.victim.line.mirror
    assert mirror.receipt == before or mirror.receipt is None
    kept = liar.victim.view().mirror.intent()
    held = CosignIntent(kept.origin, kept.size, kept.root, kept.timestamp_s) if kept else None
    assert mirror.intent == held, "memory and disk say the same"


def test_the_replaced_tail_is_cosigned_anew_from_the_signed_head(liar: Liar) -> None:
    replaced(liar)
    assert liar.victim.alarms["tail-replaced"] == 1
    assert [size for size, _ in receipts(liar.say(liar.entries(2, 5)))] == [5]
    assert liar.victim.line.mirror.head_size == 5


def test_a_holder_that_was_shown_a_signed_head_cosigns_nothing_beside_it_not_even_after_a_restart(liar: Liar) -> None:
    """The lock file used to be emptied when a tail gave way: an old proposal could then be cosigned below that head."""
    replaced(liar)
    assert liar.victim.lock is not None
    assert liar.victim.lock.peer == LockedHead(liar.identity.my_origin(), 5, liar.checkpoint(5).root)
    signed = liar.entries(2, 5)
    liar.log[2:], liar.bodies[2:], liar.serial = [], [], 1
    liar.notice(time_ms=77)
    assert receipts(liar.say(liar.entries(2, 3))) == []
    liar.restart()
    liar.greet()
    assert receipts(liar.say(liar.entries(2, 3))) == []
    assert receipts(liar.wait(30)) == []
    assert signed.size == 5


def test_a_head_that_was_shown_binds_before_its_entries_come(liar: Liar) -> None:
    grow(liar, 3)
    head = liar.head(5)
    liar.log[2:], liar.bodies[2:], liar.serial = [], [], 1
    liar.notice(time_ms=77)
    assert receipts(liar.say(head, liar.entries(2, 3))) == []


def test_a_tail_that_was_not_cosigned_yet_gives_way_and_the_receipt_below_it_stays(liar: Liar) -> None:
    grow(liar, 1)
    tail = liar.entries(2, 3)
    liar.log.pop(), liar.bodies.pop()
    liar.notice(serial=2, time_ms=9)
    before = liar.victim.line.mirror.receipt
    liar.say(tail, liar.head(3))
    assert liar.victim.alarms["tail-replaced"] == 1
    assert liar.victim.line.mirror.receipt == before
    assert liar.victim.lock is not None
    assert liar.victim.lock.peer == LockedHead(liar.identity.my_origin(), 3, liar.checkpoint(3).root)


def test_a_long_log_is_surfaced_in_batches_without_waiting(liar: Liar) -> None:
    grow(liar, limits.COMMIT_BATCH + 5)
    size = len(liar.log)
    liar.say(liar.entries(2, 200), liar.entries(200, size), liar.head(size))
    assert liar.tables()["inbox"] == 2 + limits.COMMIT_BATCH
    assert liar.victim.line.mirror.next_tick() == 0.0
    liar.wait(0.5)
    assert liar.tables()["inbox"] == size


def test_after_a_fork_nothing_of_that_log_is_sent_again(liar: Liar) -> None:
    grow(liar, 1)
    liar.say(liar.entries(2, 3))
    liar.log[1:], liar.bodies[1:], liar.serial = [], [], 0
    liar.notice()
    liar.say(liar.head(2))
    assert liar.frozen() == (False, True)
    assert not [m for m in liar.wait(60) if isinstance(m, Receipt | Need)]
    liar.restart()
    liar.greet()
    assert not [m for m in liar.wait(60) if isinstance(m, Receipt | Head | Entries | Need)]
