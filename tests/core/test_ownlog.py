"""The owner's side: nothing is signed that the peer has not receipted, and what the peer holds is taken back."""

import msgspec
import pytest

from hotline import limits
from hotline.core import entry, tree
from hotline.core.messages import Entries, Head, Message, MirrorState, Need
from hotline.core.queue import Queued
from hotline.core.step import LockedHead
from hotline.core.view import Lock
from hotline.store.views import SqlLine, SqlLog
from tests.simulation.liar import Liar
from tests.simulation.station import Snapshot
from tests.simulation.world import World


@pytest.fixture
def liar() -> Liar:
    return Liar().meet(1)


def proposed(said: list[Message]) -> list[tuple[int, int]]:
    return [(m.start, m.size) for m in said if isinstance(m, Entries)]


def needed(said: list[Message]) -> list[tuple[int, int]]:
    return [(m.start, m.end) for m in said if isinstance(m, Need)]


# --- propose, receipt, sign ------------------------------------------------------------------------------


def test_nothing_is_proposed_before_a_fresh_hello() -> None:
    liar = Liar()
    liar.submit(1)
    assert proposed(liar.wait(60)) == []
    assert proposed(liar.greet()) == [(0, 1)]


def test_the_genesis_goes_alone_until_it_is_signed() -> None:
    liar = Liar()
    liar.submit(2)
    liar.wait(1)
    assert proposed(liar.greet()) == [(0, 1)]
    assert set(proposed(liar.wait(20))) == {(0, 1)}
    assert proposed(liar.say(liar.receipt(1)) + liar.wait(0.5)) == [(1, 3)], "and the queue moves at once"


def test_unreceipted_entries_are_sent_again_less_and_less_often(liar: Liar) -> None:
    liar.submit(1)
    assert proposed(liar.heard()) == [(1, 2)]
    again = proposed(liar.wait(100))
    assert set(again) == {(1, 2)}
    assert 5 <= len(again) <= 9
    liar.say(liar.receipt(2))
    assert proposed(liar.wait(60)) == []


def test_a_receipt_that_was_lost_is_asked_for_with_the_last_entry_though_the_peer_holds_all(liar: Liar) -> None:
    liar.submit(2)
    liar.heard()
    liar.mirror = liar.holds(3, 1)
    liar.say(liar.hello())
    assert set(proposed(liar.wait(5))) == {(2, 3)}


def test_a_receipt_for_what_is_signed_is_answered_with_the_head(liar: Liar) -> None:
    liar.submit(1)
    liar.say(liar.receipt(2))
    assert [type(m) for m in liar.say(liar.receipt(2))] == [Head]


def test_a_peer_without_the_latest_head_is_shown_it_at_its_next_hello(liar: Liar) -> None:
    liar.submit(1)
    liar.say(liar.receipt(2))
    liar.mirror = liar.holds(2, 1)
    assert [m.size for m in liar.say(liar.hello()) if isinstance(m, Head)] == [2]


def test_of_several_receipts_in_one_step_and_batch_all_heads_end_at_the_largest(liar: Liar) -> None:
    liar.submit(3)
    liar.say(liar.receipt(2), liar.receipt(4), liar.receipt(3))
    head = liar.victim.view().own.head()
    assert head is not None
    assert head.size == liar.victim.line.own.signed == 4


def test_a_receipt_that_was_kept_before_a_crash_is_signed_after_it(liar: Liar) -> None:
    liar.submit(1)
    liar.victim.armed["after lock"] = 0
    with pytest.raises(Exception, match="after lock"):
        liar.say(liar.receipt(2))
    liar.restart()
    assert liar.victim.line.own.signed == 1
    liar.victim.tick(liar.now_s)
    assert liar.victim.line.own.signed == 2


# --- the queue -----------------------------------------------------------------------------------------------


def serials(liar: Liar) -> list[tuple[int, int]]:
    own = liar.victim.view().own
    contents = [entry.decode_content(entry.envelope(s.entry).content) for s in own.entries(1, own.size())]
    return [(c.precedence, c.serial) for c in contents if isinstance(c, entry.Notice)]


def test_flash_overtakes_all_that_is_queued_and_serials_follow_the_log(liar: Liar) -> None:
    for precedence in (0, 1, 3, 2, 3):
        row = liar.victim.notice(liar.rng.randbytes(16), precedence, b"text", False)
        liar.victim.submit(row, liar.now_s)
    liar.victim.tick(liar.now_s)
    assert serials(liar) == [(3, 1), (3, 2), (2, 3), (1, 4), (0, 5)]


def test_the_window_holds_the_rest_back_until_receipts_drain_it(liar: Liar) -> None:
    own = liar.victim.line.own
    own.window.rate = 1e6
    liar.submit(300)
    first = own.ledger.size
    assert first == 1 + limits.WINDOW_ENTRIES - limits.WINDOW_FLASH_ENTRIES - limits.WINDOW_CONTROL_ENTRIES
    liar.submit(1, precedence=3)
    assert own.ledger.size == first + 1
    liar.world.now_s += 1
    liar.say(liar.receipt(first + 1))
    liar.wait(1)
    assert own.ledger.size == 302
    assert liar.victim.view().queued(1) == []


def test_a_full_window_reads_one_row_of_the_queue_and_no_more(liar: Liar, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch used to read 256 bodies, up to 16 MiB, to find that none fits."""
    liar.submit(300)
    asked: list[int] = []
    view = type(liar.victim.view())
    real = view.queued

    def queued(self: SqlLine, limit: int) -> list[Queued]:
        asked.append(limit)
        return real(self, limit)

    monkeypatch.setattr(view, "queued", queued)
    liar.victim.tick(liar.now_s + 0.01)
    assert asked == [1]


# --- taken back from the peer ---------------------------------------------------------------------------------


class Backup:
    """A victim whose store is put back while the peer holds more entries, with the victim's own proposals."""

    def __init__(self, count: int = 3, *, lock: bool, signed: bool = True) -> None:
        self.liar = liar = Liar().meet(1)
        self.image: Snapshot = liar.victim.snapshot()
        self.ids = liar.submit(count)
        self.answers = [m for m in liar.heard() if isinstance(m, Entries)]
        self.size = 1 + count
        if signed:
            liar.say(liar.receipt(self.size))
        self.head = liar.victim.lock
        liar.mirror = liar.holds(self.size, self.size if signed else 1)
        liar.victim.restore(self.image, lock=lock)
        liar.victim.start(liar.now_s)

    def hand_back(self) -> list[Message]:
        echoed = [msgspec.structs.replace(m, echo=self.liar.theirs) for m in self.answers]
        return self.liar.say(*echoed)

    @property
    def own(self) -> list[bytes]:
        view = self.liar.victim.view().own
        return [s.entry for s in view.entries(1, view.size())]


def test_a_restored_station_signs_and_proposes_nothing_until_its_own_words_are_handed_back() -> None:
    back = Backup(lock=True)
    line, liar = back.liar.victim.line, back.liar
    assert line.own.restored
    liar.submit(1)
    assert needed(liar.greet()) == [(1, 4)]
    assert liar.victim.alarms["restored"] == 1, "it says so at once"
    assert proposed(liar.wait(3)) == []
    back.hand_back()
    assert not line.own.restored
    assert len(back.own) == 3
    liar.greet()
    liar.say(liar.receipt(4))
    assert line.own.signed == 4
    assert len(back.own) == 4, "and goes on with what was queued since"


def test_a_lock_file_that_is_ahead_stays_ahead_when_something_else_is_signed_meanwhile() -> None:
    """Cosigning the peer's entries used to write the lower own head over it: the next start forgot the restore."""
    back = Backup(lock=True)
    liar = back.liar
    liar.notice()
    liar.say(liar.entries(2, 3))
    assert liar.victim.lock is not None
    assert back.head is not None
    assert liar.victim.lock.own == back.head.own
    liar.restart()
    assert liar.victim.line.own.restored


def test_a_station_restored_with_its_lock_file_is_kept_in_step_by_the_peers_mirror_alone() -> None:
    back = Backup(lock=False, signed=False)
    liar = back.liar
    new = liar.submit(1)
    assert not liar.victim.line.own.restored
    assert needed(liar.greet()) == [(1, 4)]
    back.hand_back()
    liar.greet()
    assert len(back.own) == 4
    ids = [e.id for e in map(_content, back.own) if isinstance(e, entry.Notice)]
    assert ids == [*back.ids, *new]
    assert [e.serial for e in map(_content, back.own) if isinstance(e, entry.Notice)] == [1, 2, 3, 4]


def _content(raw: bytes) -> entry.AnyContent:
    return entry.decode_content(entry.envelope(raw).content)


def test_what_is_displaced_goes_out_again_by_its_id_and_nothing_twice() -> None:
    """The same notices, proposed in another order by a copy of the station, are in the peer's mirror already."""
    back = Backup(lock=False, signed=False)
    liar = back.liar
    liar.mirror = liar.holds(1, 1)
    other = liar.submit(2)
    liar.greet()
    assert len(back.own) == 2
    own_root = tree.root(
        [*liar.victim.view().own.leaves(0, 1), *[tree.leaf_hash(i.entry) for i in back.answers[0].items]]
    )
    liar.mirror = MirrorState(1, 4, own_root, 4, 1)
    assert needed(liar.greet()) == [(1, 4)]
    back.hand_back()
    assert [row.key for row in liar.victim.view().queued(9)] == other
    assert liar.tables()["displaced"] == 2
    liar.greet()
    ids = [e.id for e in map(_content, back.own) if isinstance(e, entry.Notice)]
    assert ids == [*back.ids, *other]


def test_a_notice_that_both_copies_of_a_station_had_queued_is_sent_once(liar: Liar) -> None:
    rows = [liar.victim.notice(liar.rng.randbytes(16), 0, b"text", False) for _ in range(2)]
    for row in rows:
        liar.victim.submit(row, liar.now_s)
    image = liar.victim.snapshot()
    liar.victim.tick(liar.now_s)
    (held,) = [m for m in liar.heard() if isinstance(m, Entries)]
    liar.victim.restore(image, lock=False)
    liar.world.now_s += 1
    liar.victim.start(liar.now_s)
    liar.mirror = liar.holds(1, 1)
    liar.greet()
    liar.mirror = MirrorState(1, held.size, held.root, held.size, 1)
    liar.greet()
    liar.say(msgspec.structs.replace(held, echo=liar.theirs))
    assert liar.tables()["displaced"] == 2
    assert liar.victim.view().queued(9) == []
    view = liar.victim.view().own
    assert [s.entry for s in view.entries(1, view.size())] == [i.entry for i in held.items]


def test_an_unreadable_lock_file_counts_as_restored_until_the_peer_shows_a_mirror_that_fits(liar: Liar) -> None:
    liar.submit(1)
    liar.victim.die()
    liar.victim.lock = Lock(False)
    liar.victim.start(liar.now_s)
    assert liar.victim.line.own.restored
    assert proposed(liar.wait(3)) == []
    liar.greet()
    assert liar.victim.lock.readable
    assert liar.victim.lock.own == LockedHead(liar.identity.peer_origin(), 1, liar.victim.line.own.ledger.root_at(1))
    assert (1, 2) in proposed(liar.wait(3))


def test_a_receipt_kept_before_the_lock_file_was_lost_is_signed_once_the_peer_is_in_step(liar: Liar) -> None:
    """It used to wait for the next entry: the notice stayed unsigned on an idle line."""
    liar.submit(1)
    liar.victim.armed["after commit"] = 0
    with pytest.raises(Exception, match="after commit"):
        liar.say(liar.receipt(2))
    liar.victim.die()
    liar.victim.lock = None
    liar.victim.start(liar.now_s)
    liar.victim.tick(liar.now_s)
    assert liar.victim.line.own.signed == 1
    liar.mirror = liar.holds(2, 1)
    liar.greet()
    assert liar.victim.line.own.signed == 2


def test_a_receipt_for_entries_that_gave_way_signs_nothing_of_what_took_their_place(liar: Liar) -> None:
    """Only a peer that lost data can show this: the receipt was of another history, the size the same."""
    image = liar.victim.snapshot()
    liar.submit(1)
    (held,) = [m for m in liar.heard() if isinstance(m, Entries)]
    liar.victim.restore(image, lock=False)
    liar.victim.start(liar.now_s)
    liar.greet()
    liar.submit(1)
    liar.victim.armed["after commit"] = 0
    with pytest.raises(Exception, match="after commit"):
        liar.say(liar.receipt(2))
    liar.victim.die()
    liar.victim.lock = Lock(False)
    liar.victim.start(liar.now_s)
    assert liar.victim.line.own.receipted == 2
    liar.mirror = MirrorState(1, 2, held.root, 2, 1)
    liar.greet()
    liar.say(msgspec.structs.replace(held, echo=liar.theirs))
    liar.greet()
    own = liar.victim.line.own
    assert (own.in_step, own.ledger.size, own.receipted, own.signed) == (True, 3, 1, 1), "what was displaced follows"
    liar.say(liar.receipt(2))
    assert own.signed == 2


def test_answers_in_several_frames_are_asked_on_after_the_last_and_in_any_order() -> None:
    back = Backup(3, lock=True)
    liar = back.liar
    whole = back.answers[0]
    liar.greet()
    parts = [part(liar, whole, i, i + 1) for i in range(3)]
    said = liar.say(parts[2], parts[0])
    assert liar.victim.rejected["adopt-gap"] == 1
    assert needed(said) == []
    assert needed(liar.wait(2))[0] == (2, 4)
    said = liar.say(msgspec.structs.replace(parts[1], echo=liar.theirs))
    liar.say(msgspec.structs.replace(parts[2], echo=liar.theirs))
    assert not liar.victim.line.own.restored
    assert needed(liar.wait(0.5)) == []


def part(liar: Liar, whole: Entries, first: int, last: int) -> Entries:
    """A part of the victim's proposal, with the victim's own signature over its end."""
    leaves = liar.victim.view().own.leaves(0, 1) + [tree.leaf_hash(i.entry) for i in whole.items]
    size = whole.start + last
    root = tree.root(leaves[:size])
    signature = liar.victim.keys.sign_proposal(whole.origin, size, root)
    return Entries(whole.origin, whole.start + first, whole.items[first:last], root, signature, liar.theirs)


def test_a_lost_answer_is_asked_for_again_less_and_less_often() -> None:
    back = Backup(lock=True)
    back.liar.greet()
    asked = needed(back.liar.wait(100))
    assert 4 <= len(asked) <= 10


def test_each_answer_of_a_long_recovery_leads_to_one_next_question() -> None:
    """Each frame used to ask for all the rest, and each answer was many frames: thousands for seventy entries."""
    back = Backup(12, lock=True)
    liar = back.liar
    liar.greet()
    asked = 0
    for i in range(12):
        asked += len(needed(liar.say(part(liar, back.answers[0], i, i + 1))))
    assert asked == 0
    assert len(back.own) == 12


def test_the_same_words_handed_back_again_change_nothing() -> None:
    back = Backup(lock=True)
    back.liar.greet()
    back.hand_back()
    before = back.liar.tables()
    assert needed(back.hand_back()) == []
    back.liar.greet()
    assert needed(back.hand_back()) == []
    assert back.liar.tables()["entry"] == before["entry"]


def test_words_with_a_body_that_does_not_fit_are_not_taken_back() -> None:
    back = Backup(lock=True)
    back.liar.greet()
    item = back.answers[0].items[0]
    bad = (msgspec.structs.replace(item, body=b"other"), *back.answers[0].items[1:])
    back.liar.say(msgspec.structs.replace(back.answers[0], items=bad, echo=back.liar.theirs))
    assert back.liar.victim.rejected["adopt-body"] == 1
    assert back.own == []


def test_words_handed_back_without_a_fresh_echo_are_not_taken() -> None:
    back = Backup(lock=True)
    back.liar.greet()
    back.liar.say(back.answers[0])
    assert back.liar.victim.rejected["origin"] == 1


def test_a_tail_that_contradicts_my_signed_head_is_outranked_and_not_taken(liar: Liar) -> None:
    backup = liar.victim.snapshot()
    liar.submit(1)
    (held,) = [m for m in liar.heard() if isinstance(m, Entries)]
    root = held.root
    liar.victim.restore(backup, lock=False)
    liar.victim.start(liar.now_s)
    liar.mirror = liar.holds(1, 1)
    liar.greet()
    liar.submit(2)
    liar.say(liar.receipt(3))
    liar.world.now_s += 5
    liar.mirror = MirrorState(1, 2, root, 2, 1)
    said = liar.say(liar.hello())
    assert [m.prior_size for m in said if isinstance(m, Head)] == [2]
    liar.world.now_s += 5
    liar.say(msgspec.structs.replace(held, echo=liar.theirs))
    assert liar.victim.rejected["not-asked"] == 1
    liar.say(liar.hello(mirror=MirrorState(1, 4, b"r" * 32, 4, 1)))
    said = liar.say(msgspec.structs.replace(held, echo=liar.theirs))
    assert [m.prior_size for m in said if isinstance(m, Head)] == [1]
    assert liar.victim.line.own.signed == 3
    (text,) = next(liar.victim.db._db.execute("SELECT text FROM event WHERE kind = 'conflict'"))
    assert "adopt-signed" in text, "what is rejected with an answer is told too"


def test_a_longer_tail_that_contradicts_below_my_signed_head_is_shown_that_head(liar: Liar) -> None:
    """Only NEED went out, whose answer could never be taken: both sides stood still for ever."""
    liar.submit(1)
    liar.say(liar.receipt(2))
    liar.mirror = MirrorState(1, 9, b"r" * 32, 9, 1)
    said = liar.say(liar.hello())
    assert [m.size for m in said if isinstance(m, Head)] == [2]
    assert needed(said) == [(2, 9)]


def test_a_recovery_past_one_window_goes_on_at_once() -> None:
    back = Backup(3, lock=True)
    liar = back.liar
    liar.mirror = msgspec.structs.replace(liar.mirror, size=600)
    assert needed(liar.greet()) == [(1, 1 + limits.WINDOW_ENTRIES)]
    liar.victim.line.own._needed_end = 4  # as if the peer had been asked for no more than that
    assert needed(back.hand_back()) == [(4, 4 + limits.WINDOW_ENTRIES)]


def test_a_peer_that_holds_again_what_it_lost_is_noted(liar: Liar) -> None:
    liar.submit(1)
    liar.say(liar.receipt(2))
    liar.wait(35)
    for size in (1, 1, 2):
        liar.mirror = liar.holds(size, size)
        liar.say(liar.hello())
    kinds = [r[0] for r in liar.victim.db._db.execute("SELECT kind FROM event WHERE kind LIKE 'peer-%'")]
    assert kinds == ["peer-lost-data", "peer-refilled"]


def test_a_restored_station_repeats_no_proposal_though_the_peer_shows_no_more_than_it_has() -> None:
    """A receipt used to start the retransmission of a log that the lock file had passed."""
    back = Backup(lock=True)
    liar = back.liar
    liar.submit(1)
    liar.mirror = liar.holds(1, 1)
    liar.greet()
    assert liar.victim.line.own.in_step
    liar.victim.line.own._retry_at = liar.now_s
    assert proposed(liar.wait(60)) == []
    assert liar.victim.line.state(liar.victim.now(liar.now_s), path_up=True) in ("stalled", "peer silent")


def test_a_frozen_log_proposes_nothing_and_a_hello_changes_nothing(liar: Liar) -> None:
    liar.victim.line.own.frozen = True
    liar.submit(1)
    assert proposed(liar.say(liar.hello()) + liar.wait(30)) == []


# --- what the entries say they have seen ------------------------------------------------------------------------


def seen(liar: Liar) -> list[int]:
    own = liar.victim.view().own
    return [_content(s.entry).seen_size for s in own.entries(1, own.size())]


def test_entries_name_the_largest_head_of_the_peer_that_was_cosigned(liar: Liar) -> None:
    liar.submit(1)
    liar.notice()
    liar.say(liar.entries(2, 3), liar.head(3))
    liar.submit(1)
    assert seen(liar) == [2, 3]
    liar.restart()
    liar.mirror = liar.holds(3, 1)
    liar.greet()
    liar.submit(1)
    assert seen(liar) == [2, 3, 3]


def test_only_signed_heads_are_named_as_seen_since_their_owner_may_withdraw_what_it_has_not_signed(liar: Liar) -> None:
    """An entry that named the tail was judged INVALID by the peer, and by every third party for ever."""
    liar.notice()
    liar.notice()
    liar.say(liar.entries(2, 4))
    liar.submit(1)
    assert seen(liar) == [2]
    liar.log[2:], liar.bodies[2:], liar.serial = [], [], 1
    for _ in range(3):
        liar.notice(time_ms=5)
    liar.say(liar.head(5, prior=4))
    liar.submit(1)
    assert seen(liar)[-1] == 2, "the signed head, which was cosigned before"
    liar.say(liar.entries(2, 5))
    liar.submit(1)
    assert seen(liar)[-1] == 5
    own = liar.victim.view().own
    (last,) = own.entries(own.size() - 1, own.size())
    assert _content(last.entry).seen_root == tree.root(liar.leaves(5))


def test_a_log_whose_last_entry_is_of_a_later_version_of_this_program_still_loads(liar: Liar) -> None:
    db = liar.victim.db
    leaf = tree.leaf_hash(b"later")
    db._db.execute(
        "INSERT INTO entry (log, idx, leaf, entry) VALUES (?, 1, ?, ?)", (liar.victim.view().own.log, leaf, b"later")
    )
    liar.restart()
    assert liar.victim.line.own.ledger.size == 2


# --- a later generation -------------------------------------------------------------------------------------------


def numbers(log: SqlLog) -> list[int]:
    contents = (entry.decode_content(entry.envelope(s.entry).content) for s in log.entries(0, log.size()))
    return [c.serial for c in contents if isinstance(c, entry.Notice)]


def later(world: World, said: int) -> None:
    """Both have begun generation 2 after so many notices of each in generation 1."""
    for _ in range(said):
        for party in (0, 1):
            world.submit(party)
    world.settle()
    for party in (0, 1):
        world.close(party)
    world.settle()


def test_the_first_notice_of_a_generation_has_the_serial_after_the_last_of_the_one_before() -> None:
    world = World(5)
    later(world, 3)
    station = world.parties[0]
    assert numbers(station.view().own) == []
    later(world, 0)
    world.submit(0)
    world.settle()
    assert station.identity.generation == 3
    assert numbers(station.view().own) == [4], "a generation without notices hands the numbers on"


@pytest.mark.parametrize("said", [0, 2])
def test_a_store_that_is_lost_in_a_later_generation_is_taken_back_with_its_serials(said: int) -> None:
    world = World(5)
    later(world, 3)
    for _ in range(said):
        world.submit(0)
    world.settle()
    assert world.restore(0, lock=True, total=True)
    world.settle()
    world.submit(0)
    world.settle()
    own = world.parties[0].view().own
    assert numbers(own) == numbers(world.parties[1].view().mirror) == list(range(4, 5 + said))


def test_what_is_displaced_in_a_later_generation_is_numbered_anew_from_where_it_stood() -> None:
    """A copy that goes out at the same time: what the other has said stands, and the rest follows it."""
    world = World(5)
    later(world, 3)
    world.cut_both_ways()
    assert world.submit(0)
    world.advance(1.0)
    assert world.clone(0)
    world.parties[0].die()
    world.cut_both_ways()
    world.submit_to_clone()
    world.advance(70.0)
    world.settle()
    own = world.parties[0].view().own
    assert numbers(own) == list(range(4, 4 + len(numbers(own))))
    assert len(numbers(own)) >= 2


def test_frames_of_the_generation_before_are_those_of_another_line() -> None:
    world = World(5)
    world.submit(0)
    world.settle()
    old = list(world.net._memory.kept)
    later(world, 1)
    before = [s.view().mirror.size() for s in world.parties]
    rejected = sum(sum(s.rejected.values()) for s in world.parties)
    for to, frame in old:
        world.parties[to].receive([frame], world.now_s)
    assert sum(sum(s.rejected.values()) for s in world.parties) == rejected + len(old)
    assert [s.view().mirror.size() for s in world.parties] == before
