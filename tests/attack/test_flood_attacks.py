"""Whoever may repeat, withhold or write without end makes little of it: few answers, few rows, few alarms."""

import msgspec
import pytest

from hotline import limits
from hotline.core import encoding, entry, messages, tree
from hotline.core.frame import KEY_ID_BYTES, key_id
from hotline.core.messages import Entries, Hello, Message, MirrorState, Need, OwnState, Receipt
from tests.simulation.liar import Liar
from tests.simulation.network import Faults
from tests.simulation.world import World

# --- HELLO ----------------------------------------------------------------------------------------------


class Tape:
    """The frames that a relay carried, HELLOs apart, played again in a circle."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hellos: dict[int, list[bytes]] = {0: [], 1: []}
        self.others: dict[int, list[bytes]] = {0: [], 1: []}
        self._send = world.net.send
        self._at = 0
        world.net.send = self._record  # type: ignore[method-assign]

    def _record(self, to: int, frame: bytes, now_s: float) -> None:
        seal_id = key_id(self.world.parties[to].identity.mine.body.seal)
        kept = self.hellos if frame[1 : 1 + KEY_ID_BYTES] == seal_id else self.others
        kept[to].append(frame)
        self._send(to, frame, now_s)

    def stop(self) -> None:
        self.world.net.send = self._send  # type: ignore[method-assign]

    def play(self, kept: dict[int, list[bytes]], seconds: float, a_second: int = 40) -> None:
        """Play it at this rate while the world runs."""
        world = self.world
        for _ in range(round(seconds * 10)):
            for _ in range(a_second // 10):
                for to in (0, 1):
                    if kept[to]:
                        world.net._push(world.now_s, to, kept[to][self._at % len(kept[to])])
                self._at += 1
            world.advance(0.1)


@pytest.fixture
def taped(monkeypatch: pytest.MonkeyPatch) -> Tape:
    """Hours of a quiet line, on a tape that is longer than a receiver's memory of repeats."""
    monkeypatch.setattr(limits, "REPEAT_FRAMES", 64)
    world = World(11)
    tape = Tape(world)
    world.advance(3 * 3600)
    tape.stop()
    world.net.faults = Faults(delay_s=(1.0, 1.05))
    return tape


def in_step(world: World) -> bool:
    return all(s.line.own.in_step and s.line.peer_seen_s is not None for s in world.parties)


def test_old_hellos_played_without_end_do_not_keep_a_restarted_pair_apart_nor_make_it_talk(taped: Tape) -> None:
    """Each answer made a new nonce and took the one slot: at a second's delay nothing was fresh for minutes."""
    world = taped.world
    for party in (0, 1):
        world.crash(party)
        world.start(party)
    said = [s.hellos for s in world.parties]
    taped.play(taped.hellos, 6)
    assert in_step(world)
    taped.play(taped.hellos, 114)
    assert in_step(world)
    assert all(s.hellos - n <= 60 for s, n in zip(world.parties, said, strict=True))


@pytest.mark.parametrize("restarted", [0, 1])
def test_one_restarted_station_is_in_step_soon_while_old_hellos_are_played(taped: Tape, restarted: int) -> None:
    world = taped.world
    taped.play(taped.hellos, 60)
    world.crash(restarted)
    world.start(restarted)
    taped.play(taped.hellos, 6)
    assert in_step(world)


def test_a_pair_that_lost_touch_for_long_finds_itself_again_while_old_hellos_are_played(taped: Tape) -> None:
    world = taped.world
    world.net.cut = {0, 1}
    world.advance(600)
    world.net.cut.clear()
    since = world.now_s
    taped.play(taped.hellos, 40)
    assert all((s.line.peer_seen_s or 0) > since for s in world.parties)


def test_frames_sealed_to_prekeys_that_are_gone_prompt_few_hellos() -> None:
    world = World(12)
    tape = Tape(world)
    world.advance(5)
    for _ in range(5):
        world.submit(1)
        world.advance(1)
    tape.stop()
    world.crash(0)
    world.start(0)
    world.advance(20)
    before = world.parties[0].hellos
    tape.play({0: tape.others[0], 1: []}, 300, 10)
    assert world.parties[0].rejected["frame-key"] >= 2000
    assert world.parties[0].hellos - before <= 35


def test_asks_that_are_not_fresh_push_out_no_nonce_and_leave_fresh_ones_their_answers() -> None:
    liar = Liar().meet(1)
    nonce = liar.theirs
    for n in range(100):
        liar.world.now_s += 0.05
        liar.say(liar.hello(echo=b"e" * 16, nonce=n.to_bytes(16, "big"), ask=True, prekey=(), prekey_seen=b""))
    fresh = liar.hello(echo=nonce, nonce=b"f" * 16, ask=True)
    answers = [m for m in liar.say(fresh) if isinstance(m, Hello)]
    assert [a.echo for a in answers] == [b"f" * 16]
    assert liar.victim.line.peer_seen_s == liar.now_s


def test_a_generation_that_is_not_the_first_is_refused() -> None:
    liar = Liar().meet(1)
    liar.say(liar.hello(own=OwnState(0, 1, 1)))
    liar.say(liar.hello(mirror=MirrorState(0, 1, tree.EMPTY_ROOT, 0, 0)))
    assert liar.victim.rejected == {"generation": 2}


# --- the unsigned tail -------------------------------------------------------------------------------------


def fill(liar: Liar, size: int) -> None:
    while len(liar.log) < size:
        liar.write(b"%d" % len(liar.log))


def pour(liar: Liar, start: int) -> list[Message]:
    """Send the log from `start` on in full frames."""
    said: list[Message] = []
    for at in range(start, len(liar.log), limits.WINDOW_ENTRIES):
        said = liar.say(liar.entries(at, min(at + limits.WINDOW_ENTRIES, len(liar.log))))
    return said


def test_a_peer_that_signs_nothing_cannot_make_a_holder_keep_entries_without_end() -> None:
    liar = Liar().meet(0)
    most = 1 + limits.UNSIGNED_TAIL_ENTRIES + limits.WINDOW_ENTRIES
    fill(liar, most + 600)
    said = pour(liar, 1)
    mirror = liar.victim.line.mirror
    held = mirror.ledger.size
    assert held < most
    assert [m.size for m in said if isinstance(m, Receipt)] == [held], "its receipt goes again, so that the head comes"
    liar.say(liar.head(held))
    pour(liar, held)
    assert mirror.ledger.size == len(liar.log)


def test_a_claim_to_have_signed_much_lifts_no_bound_but_a_signed_head_does() -> None:
    liar = Liar().meet(0)
    fill(liar, 3000)
    liar.say(liar.hello(own=OwnState(1, 3000, 3000)))
    pour(liar, 1)
    mirror = liar.victim.line.mirror
    assert mirror.ledger.size < 1 + limits.UNSIGNED_TAIL_ENTRIES + limits.WINDOW_ENTRIES
    liar.say(liar.head(3000))
    pour(liar, mirror.ledger.size)
    assert mirror.head_size == 3000


def test_the_same_tail_and_the_same_head_in_turn_leave_one_alarm_and_one_displaced_tail() -> None:
    liar = Liar().meet(0)
    kept = list(liar.log), list(liar.bodies)
    fill(liar, 5)
    tail = liar.entries(1, 5)
    liar.log, liar.bodies = kept
    for n in range(8):
        liar.write(b"other %d" % n)
    head = liar.head(9, prior=5)
    for _ in range(10):
        liar.world.now_s += 1
        liar.say(tail)
        liar.say(head)
    assert liar.victim.alarms["tail-replaced"] == 1
    assert liar.tables()["displaced"] == 4
    liar.say(liar.entries(1, 9))
    assert liar.victim.line.mirror.head_size == 9


def test_a_stalled_head_does_not_keep_the_holder_from_cosigning() -> None:
    liar = Liar().meet(4)
    kept = list(liar.log), list(liar.bodies)
    del liar.log[1:], liar.bodies[1:]
    fill(liar, 8)
    stalled = liar.head(8, prior=3)
    liar.log, liar.bodies = kept
    liar.say(stalled)
    assert liar.victim.rejected["stalled"] == 1
    liar.notice()
    said = liar.say(liar.entries(5, 6))
    assert [m.size for m in said if isinstance(m, Receipt)] == [6]


def test_an_older_head_that_outranks_a_tail_does_not_lower_what_the_lock_file_names() -> None:
    liar = Liar().meet(1)
    backup = liar.victim.snapshot()
    fill(liar, 6)
    liar.say(liar.entries(2, 6), liar.head(6))
    lock = liar.victim.lock
    assert lock is not None
    assert lock.peer is not None
    assert lock.peer.size == 6
    liar.victim.restore(backup, lock=True)
    liar.victim.start(liar.now_s)
    liar.greet()
    true = list(liar.log)
    liar.log[2:] = [b"a", b"b", b"c", b"d"]
    liar.say(liar.entries(2, 4))
    liar.log = true
    said = liar.say(liar.head(5, prior=3)) + liar.say(liar.entries(2, 5))
    assert liar.victim.alarms["tail-replaced"] == 1
    assert [m for m in said if isinstance(m, Receipt)] == []
    assert liar.victim.lock is not None
    assert liar.victim.lock.peer == lock.peer
    said = liar.say(liar.entries(5, 6))
    assert [m.size for m in said if isinstance(m, Receipt)] == [6]


# --- alarms ---------------------------------------------------------------------------------------------------


def test_a_batch_of_invalid_entries_makes_one_alarm_for_each_reason() -> None:
    liar = Liar().meet(0)
    fill(liar, 200)
    liar.say(liar.entries(1, 200), liar.head(200))
    liar.wait(2)
    assert liar.tables()["inbox"] == 200
    assert liar.victim.alarms["invalid"] == 1
    assert liar.victim.alarms["refusals-held"] == 1
    texts = [t for (t,) in liar.victim.db._db.execute("SELECT text FROM event WHERE alarm = 1 ORDER BY seq")]
    assert any("entry 1 of the peer and 198 more: envelope" in t for t in texts)
    assert any("135 entries from 65 on" in t for t in texts)


def proposed(liar: Liar) -> list[Entries]:
    own = liar.victim.identity.my_origin()
    return [m for m in liar.heard() if isinstance(m, Entries) and m.origin == own]


def lost(liar: Liar) -> list[Entries]:
    """The victim proposed three entries in a frame each, and its store is put back; the peer holds them."""
    backup = liar.victim.snapshot()
    frames = []
    for _ in range(3):
        liar.submit(1)
        frames += proposed(liar)
    liar.mirror = liar.holds(4, 1)
    liar.victim.restore(backup, lock=True)
    liar.victim.start(liar.now_s)
    liar.heard()
    return frames


def test_an_adoption_of_many_frames_makes_one_alarm() -> None:
    liar = Liar().meet(0)
    frames = lost(liar)
    assert len(frames) == 3
    liar.greet()
    liar.say(*[msgspec.structs.replace(f, echo=liar.theirs) for f in frames])
    assert liar.victim.line.own.ledger.size == 4
    assert liar.victim.alarms["restored"] == 1


# --- what was not asked for, or is not due --------------------------------------------------------------------


def test_own_entries_are_taken_only_as_the_answer_to_a_need() -> None:
    liar = Liar().meet(0)
    liar.mirror = liar.holds(1, 1)
    frames = lost(liar)
    liar.mirror = MirrorState(1, 1, tree.root(liar.victim.view().own.leaves(0, 1)), 1, 1)
    liar.greet()
    liar.say(*[msgspec.structs.replace(f, echo=liar.theirs) for f in frames])
    assert liar.victim.line.own.ledger.size == 1
    assert liar.victim.rejected["not-asked"] == 3


def test_a_restored_station_hands_out_no_proposal_in_answer_to_a_need() -> None:
    liar = Liar().meet(0)
    backup = liar.victim.snapshot()
    liar.submit(2)
    liar.say(liar.receipt(3))
    liar.victim.restore(backup, lock=True)
    liar.victim.start(liar.now_s)
    liar.wait(1)
    liar.greet()
    assert liar.victim.line.own.restored
    own = liar.victim.identity.my_origin()
    assert [m for m in liar.say(Need(own, 0, 1, liar.theirs)) if isinstance(m, messages.Entries)] == []


def test_the_seen_size_of_an_entry_that_is_invalid_for_another_reason_binds_the_next() -> None:
    liar = Liar().meet(0)
    liar.submit(1)
    liar.say(liar.receipt(2))
    liar.mirror = liar.holds(2, 2)
    own, i = liar.victim.line.own.ledger, liar.identity
    misplaced = entry.Genesis(1, 0, 2, own.root_at(2), 0, b"r" * 16, i.me, i.them, 1, i.mine.digest, bytes(32))
    liar.write(entry.seal_envelope(encoding.encode(misplaced)))
    liar.notice(seen_size=1, seen_root=own.root_at(1))
    liar.say(liar.entries(1, 3), liar.head(3))
    liar.greet()
    liar.greet()
    reasons = [r for (r,) in liar.victim.db._db.execute("SELECT reason FROM inbox ORDER BY idx")]
    assert reasons == ["", "position", "seen"]
