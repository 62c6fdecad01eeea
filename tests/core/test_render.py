"""Messages are made from what is on disk: frames end where a proposal does, and carry what they may."""

import pytest

from hotline import limits
from hotline.core import frame, messages, tree
from hotline.core.messages import Entries, Head, Message, Need
from hotline.core.render import FrameRoom
from hotline.core.step import Send
from tests.simulation.liar import Liar


@pytest.fixture
def liar() -> Liar:
    return Liar().meet(1)


def rendered(liar: Liar, send: Send) -> list[Message]:
    liar.victim.outbox += liar.victim.line.render(send)
    return liar.heard()


def big(liar: Liar, count: int, size: int = 60_000) -> None:
    for _ in range(count):
        row = liar.victim.notice(liar.rng.randbytes(16), 3, bytes(size), False)
        liar.victim.submit(row, liar.now_s)
    liar.victim.tick(liar.now_s)
    liar.heard()


def test_entries_fill_frames_that_each_propose_their_own_end(liar: Liar) -> None:
    big(liar, 4)
    own = liar.victim.line.own.ledger
    said = [m for m in rendered(liar, Send("entries", own.origin, 1, own.size)) if isinstance(m, Entries)]
    assert [(m.start, m.size) for m in said] == [(1, 3), (3, 5)]
    assert [m.root for m in said] == [own.root_at(m.size) for m in said]
    assert all(len(messages.pack(m)[1]) <= frame.PAYLOAD_BYTES for m in said)


def test_one_send_carries_no_more_than_a_window(liar: Liar) -> None:
    big(liar, 6, 64_000)
    own = liar.victim.line.own.ledger
    said = rendered(liar, Send("entries", own.origin, 0, 10**6))
    assert sum(len(i.body) for m in said if isinstance(m, Entries) for i in m.items) <= limits.WINDOW_BYTES + 128_000
    assert rendered(liar, Send("entries", own.origin, own.size, own.size)) == []


def test_held_entries_go_back_in_frames_that_end_at_the_owners_own_proposals(liar: Liar) -> None:
    for _ in range(5):
        liar.notice()
    liar.say(liar.entries(2, 4), liar.entries(4, 7))
    origin = liar.identity.my_origin()
    said = [m for m in rendered(liar, Send("entries", origin, 3, 7, echo=b"e" * 16)) if isinstance(m, Entries)]
    assert [(m.start, m.size, m.echo) for m in said] == [(3, 4, b"e" * 16), (4, 7, b"e" * 16)]
    assert said[1].proposal == liar.entries(4, 7).proposal
    assert rendered(liar, Send("entries", origin, 7, 9)) == []


def test_a_need_echoes_the_latest_nonce_of_the_peer(liar: Liar) -> None:
    (need,) = rendered(liar, Send("need", "hotline/x/1", 3, 9))
    assert need == Need("hotline/x/1", 3, 9, liar.nonce)


def test_a_head_carries_the_proof_from_a_smaller_size(liar: Liar) -> None:
    liar.submit(3)
    liar.say(liar.receipt(4))
    own = liar.victim.line.own.ledger
    (head,) = rendered(liar, Send("head", own.origin, prior=2))
    assert isinstance(head, Head)
    assert tree.verify_consistency(2, 4, head.prior_root, head.root, list(head.proof))
    (plain,) = rendered(liar, Send("head", own.origin))
    assert isinstance(plain, Head)
    assert (plain.prior_size, plain.prior_root, plain.proof) == (0, b"", ())


def test_what_is_not_there_is_not_sent() -> None:
    liar = Liar()
    liar.greet()
    origin = liar.identity.peer_origin()
    for send in (Send("head", origin), Send("receipt", origin), Send("fork", origin)):
        assert rendered(liar, send) == []


def test_nothing_but_hello_is_sent_before_a_prekey_is_known() -> None:
    liar = Liar()
    line = liar.victim.line
    assert line.render(Send("need", "x", 0, 1)) == []
    assert len(line.render(Send("hello", ask=True))) == 1


def test_entries_that_make_no_progress_go_in_smaller_frames_and_in_large_ones_again_after_a_while(liar: Liar) -> None:
    big(liar, 6, size=10_000)
    own, line = liar.victim.line.own, liar.victim.line
    send = Send("entries", own.ledger.origin, 0, own.ledger.size)

    def largest() -> int:
        return max(len(f) for f in line.render(send))

    whole = largest()
    for _ in range(limits.NO_PROGRESS_BEFORE_HALVING):
        liar.wait(limits.RETRANSMIT_MOST_S)
    assert largest() <= whole // 2
    for _ in range(20 * limits.NO_PROGRESS_BEFORE_HALVING):
        liar.wait(limits.RETRANSMIT_MOST_S)
    assert largest() == frame.frame_bytes(10_000), "one entry always goes, whatever the limit"
    room = FrameRoom()
    room.tried(limits.NO_PROGRESS_BEFORE_HALVING)
    for _ in range(limits.PROGRESS_BEFORE_DOUBLING):
        room.progressed()
    assert room.bytes == FrameRoom().bytes
