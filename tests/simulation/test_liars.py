"""A peer that lies, and words of every malformed sort: nothing raises outside the error tree, nothing wrong is kept."""

from collections.abc import Callable

import msgspec
import pytest

from hotline import limits
from hotline.core import encoding, frame, messages, tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.messages import Entries, Fork, Head, Hello, Item, Message, MirrorState, Need, OwnState, Receipt
from tests.simulation.liar import Liar

ROOT = b"r" * 32
SIGNATURE = b"s" * 2484


@pytest.fixture
def liar() -> Liar:
    return Liar().meet(3)


def kinds(said: list[Message]) -> list[str]:
    return [type(m).__name__ for m in said]


# --- what the holder claims of my log --------------------------------------------------------------


def test_a_peer_that_understates_is_sent_the_entries_again_and_stored_stands(liar: Liar) -> None:
    liar.submit(2)
    liar.say(liar.receipt(3))
    assert liar.victim.line.own.signed == 3
    liar.wait(35)
    liar.mirror = liar.holds(1)
    liar.say(liar.hello(ask=True))
    assert liar.victim.alarms["peer-lost-data"] == 1
    assert liar.victim.line.own.signed == 3
    assert "Head" in kinds(liar.say(liar.hello()))


def test_a_hello_older_than_the_receipt_is_no_loss_of_the_peer(liar: Liar) -> None:
    before = liar.holds(1, 1)
    liar.submit(2)
    old = liar.sealed(liar.hello(mirror=before))
    liar.say(liar.receipt(3))
    liar.victim.receive([old], liar.now_s)
    assert liar.victim.alarms["peer-lost-data"] == 0
    assert liar.victim.line.own.peer_size == 3
    asked = [m for m in liar.wait(4) if isinstance(m, Hello)]
    assert asked, "the victim makes sure with a new nonce"


def test_a_peer_that_overstates_without_my_signature_changes_nothing(liar: Liar) -> None:
    liar.submit(1)
    own = liar.victim.view().own
    before = own.entries(0, 2)
    liar.mirror = MirrorState(1, 9, ROOT, 9, 1)
    said = liar.say(liar.hello())
    assert [m for m in said if isinstance(m, Need) and m.origin == own.origin]
    forged = Entries(own.origin, 1, (Item(b"\x01" + bytes(36), b"", b""),), ROOT, b"p" * 2484, liar.theirs)
    real_root = tree.root([*own.leaves(0, 1), tree.leaf_hash(b"\x01" + bytes(36))])
    liar.say(forged, msgspec.structs.replace(forged, root=real_root))
    assert liar.victim.rejected["adopt-root"] == liar.victim.rejected["adopt-proposal"] == 1
    assert own.entries(0, 2) == before
    assert not liar.victim.line.own.in_step


def test_a_peer_that_says_the_same_lie_for_ever_is_asked_less_and_less(liar: Liar) -> None:
    liar.mirror = MirrorState(1, 9, ROOT, 9, 1)
    asked = 0
    for _ in range(600):
        for said in liar.wait(1.0, 1.0):
            asked += isinstance(said, Hello | Need)
            if isinstance(said, Hello) and said.ask:
                asked += len(liar.say(liar.hello(echo=said.nonce)))
    assert asked < 200


def test_a_receipt_is_taken_only_for_my_root_and_with_both_signatures(liar: Liar) -> None:
    liar.submit(1)
    good = liar.receipt(2)
    halves = [good.signature[:64] + bytes(2420), bytes(64) + good.signature[64:]]
    for bad in [
        *(msgspec.structs.replace(good, signature=s) for s in halves),
        msgspec.structs.replace(good, timestamp_s=6),
        liar.receipt(2, ROOT),
        msgspec.structs.replace(good, size=3),
        msgspec.structs.replace(good, origin=liar.identity.my_origin()),
    ]:
        liar.say(bad)
        assert liar.victim.line.own.signed == 1
    assert sum(liar.victim.rejected.values()) == 6
    liar.say(good)
    assert liar.victim.line.own.signed == 2


def test_a_receipt_for_another_history_below_my_signed_head_is_answered_with_a_proof(liar: Liar) -> None:
    liar.submit(2)
    liar.say(liar.receipt(3))
    liar.world.now_s += 5
    said = liar.say(liar.receipt(2, ROOT))
    assert [m.prior_size for m in said if isinstance(m, Head)] == [2]
    assert "Head" not in kinds(liar.say(liar.receipt(1, ROOT))), "one proof a second"


# --- what the owner says of its log -----------------------------------------------------------------


def test_entries_that_fail_any_check_leave_no_row(liar: Liar) -> None:
    liar.notice()
    good = liar.entries(4, 5)
    item = good.items[0]
    bad = {
        "body-commitment": msgspec.structs.replace(good, items=(msgspec.structs.replace(item, body=b"other"),)),
        "conflict": msgspec.structs.replace(good, root=ROOT),
        "proposal-signature": msgspec.structs.replace(good, proposal=b"p" * 2484),
        "origin": msgspec.structs.replace(good, origin="hotline/other/1"),
    }
    before = liar.tables()
    for reason, message in bad.items():
        liar.say(message)
        assert liar.victim.rejected[reason] == 1
        assert liar.tables() == before
    changed = msgspec.structs.replace(liar.entries(2, 5), items=liar.entries(1, 4).items)
    liar.say(changed)
    assert liar.victim.rejected["conflict"] == 2
    assert liar.tables() == before
    assert "Receipt" in kinds(liar.say(good))


def test_entries_past_what_is_held_are_asked_for_and_not_kept(liar: Liar) -> None:
    liar.notice()
    liar.notice()
    before = liar.tables()
    said = liar.say(liar.entries(5, 6))
    assert [(m.start, m.end) for m in said if isinstance(m, Need)] == [(4, 5)]
    assert liar.tables() == before


def test_a_head_that_does_not_verify_leaves_no_row(liar: Liar) -> None:
    liar.notice()
    liar.say(liar.entries(4, 5))
    before = liar.tables()
    liar.say(msgspec.structs.replace(liar.head(5), signature=SIGNATURE))
    liar.say(msgspec.structs.replace(liar.head(5), origin=liar.identity.peer_origin()))
    assert liar.victim.rejected["head-signature"] == liar.victim.rejected["origin"] == 1
    assert liar.tables() == before


def test_two_signed_heads_of_one_size_freeze_that_log_and_convict(liar: Liar) -> None:
    liar.log.pop(), liar.bodies.pop()
    liar.notice(serial=3)
    said = liar.say(liar.head(4))
    assert liar.frozen() == (False, True)
    assert liar.victim.alarms["fork"] == 1
    (fork,) = [m for m in said if isinstance(m, Fork)]
    assert liar.say(liar.entries(0, 4)) == []
    assert liar.victim.rejected["frozen"] == 1
    assert fork.first.size == fork.second.size == 4
    liar.restart()
    assert liar.frozen() == (False, True)


def test_a_longer_signed_head_that_disproves_the_held_one_is_a_fork(liar: Liar) -> None:
    liar.log.pop(), liar.bodies.pop()
    liar.notice(serial=3)
    liar.notice()
    said = liar.say(liar.head(5, prior=4))
    assert liar.frozen() == (False, True)
    assert [m.second.size for m in said if isinstance(m, Fork)] == [5]


def test_a_signed_head_that_disproves_less_than_the_held_one_is_no_evidence_and_freezes_nothing(liar: Liar) -> None:
    liar.log[2:], liar.bodies[2:] = [], []
    liar.serial = 1
    for _ in range(3):
        liar.notice()
    before = liar.tables()
    liar.say(liar.head(5, prior=3))
    assert liar.victim.rejected["stalled"] == 1
    assert liar.frozen() == (False, False)
    assert liar.tables() == before


def test_a_signed_head_replaces_the_unsigned_tail_and_never_what_is_signed(liar: Liar) -> None:
    stale, stale_body = liar.log[:], liar.bodies[:]
    liar.notice()
    liar.say(liar.entries(4, 5))
    liar.log, liar.bodies, liar.serial = stale, stale_body, 3
    liar.notice(time_ms=7)
    liar.notice()
    said = liar.say(liar.head(6, prior=5))
    assert liar.victim.alarms["tail-replaced"] == 1
    assert [(m.start, m.end) for m in said if isinstance(m, Need)] == [(4, 6)]
    assert liar.tables()["displaced"] == 1
    liar.say(liar.entries(4, 6))
    assert liar.victim.line.mirror.head_size == 6
    assert liar.tables()["inbox"] == 6
    assert liar.frozen() == (False, False)


def test_a_head_with_a_consistent_proof_from_the_held_head_is_no_fork_though_the_tail_differs(liar: Liar) -> None:
    liar.notice()
    liar.say(liar.entries(4, 5))
    liar.log.pop(), liar.bodies.pop()
    liar.notice(serial=4, time_ms=7)
    liar.say(liar.head(5, prior=4))
    assert liar.frozen() == (False, False)
    assert liar.victim.alarms["tail-replaced"] == 1


def test_replayed_frames_of_the_past_do_nothing_and_are_not_answered_twice(liar: Liar) -> None:
    liar.notice()
    frames = [liar.sealed(m) for m in (liar.entries(4, 5), liar.head(5), liar.hello())]
    liar.victim.receive(frames, liar.now_s)
    liar.heard()
    before = liar.tables()
    for _ in range(50):
        liar.victim.receive(frames, liar.now_s)
    assert liar.heard() == []
    assert liar.tables() == before


# --- every malformed sort ------------------------------------------------------------------------------


def malformed(liar: Liar) -> list[Message]:
    """Well-formed payloads whose values make no sense."""
    origins = (liar.identity.my_origin(), liar.identity.peer_origin(), "x")
    most = limits.TREE_SIZE
    item = Item(b"", b"", b"")
    heads = [messages.SignedHead(s, ROOT, SIGNATURE) for s in (1, 4, most)]
    made: list[Message] = []
    for o in origins:
        for start in (0, 3, most):
            made += [Entries(o, start, (item,) * n, ROOT, b"p" * 2484, e) for n in (1, 256) for e in (b"", liar.theirs)]
        made += [Receipt(o, s, ROOT, t, SIGNATURE) for s in (1, 4, most) for t in (1, most)]
        for prior, root in ((0, b""), (4, ROOT), (most, ROOT)):
            sizes, proofs = (1, 4, 5, most), ((), (ROOT,) * 64)
            made += [Head(o, s, ROOT, SIGNATURE, prior, root, proof) for s in sizes for proof in proofs]
        made += [Need(o, s, e, c) for s in (0, 4, most) for e in (0, 4, most) for c in (b"", liar.theirs, b"n" * 16)]
        made += [Fork(o, a, b, ROOT, p) for a in heads for b in heads for p in ((), (ROOT,) * 64)]
    for size in (0, 4, most):
        mirror = MirrorState(1, size, ROOT, most, most)
        made += [liar.hello(mirror=mirror, own=OwnState(1, size, most)), liar.hello(mirror=mirror, echo=b"e" * 16)]
    later = OwnState(2, 0, 0), MirrorState(2, 0, ROOT, 0, 0)
    return [*made, liar.hello(own=later[0]), liar.hello(mirror=later[1]), liar.hello(prekey_seen=b"12345678")]


def test_senseless_values_in_any_message_raise_nothing_and_append_nothing(liar: Liar) -> None:
    before = liar.tables()
    for message in malformed(liar):
        liar.world.now_s += 0.6
        liar.say(message)
    assert liar.tables() == before
    assert liar.frozen() == (False, False)
    liar.mirror = liar.holds(1, 1)
    liar.greet()
    liar.notice()
    assert "Receipt" in kinds(liar.say(liar.entries(4, 5))), "the line still works"


@pytest.mark.parametrize("kind", [0, *range(1, 7), 7, 255])
@pytest.mark.parametrize(
    "payload",
    [b"", b"\x90", b"\xc0", b"\xff" * 40, encoding.encode([[]] * 3), encoding.encode({"a": 1}), b"\x91" * 2000],
)
def test_payloads_that_are_no_message_are_counted_and_ignored(liar: Liar, kind: int, payload: bytes) -> None:
    before = liar.tables()
    liar.victim.receive([liar.sealed_raw(kind, payload)], liar.now_s)
    assert sum(liar.victim.rejected.values()) == 1
    assert liar.heard() == []
    assert liar.tables() == before


def cut(data: bytes) -> bytes:
    return data[:-1]


def flipped(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("change", "reason"),
    [(cut, "frame-size"), (flipped(0), "frame-version"), (flipped(12), "frame-mac"), (flipped(1500), "frame-mac")],
)
def test_damaged_frames_are_counted_by_reason(liar: Liar, change: Callable[[bytes], bytes], reason: str) -> None:
    liar.victim.receive([change(liar.sealed(liar.hello()))], liar.now_s)
    assert liar.victim.rejected == {reason: 1}


def test_a_message_sealed_to_the_wrong_kind_of_key_is_refused(liar: Liar) -> None:
    kind, payload = messages.pack(liar.entries(0, 1))
    data = frame.seal(liar.suite, liar.identity, liar.keys.link, liar.identity.peer.body.seal, kind, payload)
    liar.victim.receive([data], liar.now_s)
    assert liar.victim.rejected == {"frame-key-use": 1}


def test_a_fork_convicts_my_own_log_only_with_two_heads_of_its_key(liar: Liar) -> None:
    own = liar.identity.peer_origin()
    unsigned = [messages.SignedHead(1, root, SIGNATURE) for root in (ROOT, b"q" * 32)]
    liar.say(Fork(own, unsigned[0], unsigned[1], b"q" * 32, ()))
    assert liar.victim.rejected["fork-evidence"] == 1
    keys = liar.victim.keys
    roots = (ROOT, b"q" * 32)
    signed = [messages.SignedHead(1, root, keys.sign_head(Checkpoint(own, 1, root))) for root in roots]
    liar.say(Fork(own, signed[0], signed[1], b"q" * 32, ()))
    assert liar.frozen() == (True, False)
    liar.submit(1)
    assert "Entries" not in kinds(liar.wait(5))
