"""Emergency text: kept and shown once, said to be seen each time, bounded, and passing whatever the logs' state is."""

import msgpack
import pytest
from msgspec import structs

from hotline import limits
from hotline.core import messages
from hotline.core.checkpoint import Checkpoint
from hotline.core.emergency import emergency_message, seen_message
from hotline.core.messages import Emergency, Fork, Message, Seen, SignedHead
from hotline.errors import BusyError
from tests.simulation.liar import Liar


@pytest.fixture
def liar() -> Liar:
    return Liar().meet()


def signed(liar: Liar, number: int = 1, text: str = "Telephone us.", *, mine: bool = False) -> Emergency:
    """By the peer's officer; `mine` by the victim's."""
    keys = liar.victim.keys if mine else liar.keys
    sender = liar.identity.them if mine else liar.identity.me
    key = bytes([number] * 16)
    message = emergency_message(liar.identity.id, sender, key, 5, keys.officer_id, text)
    return Emergency(key, 5, keys.officer_id, text, keys.officer.sign(message, message))


def submit(liar: Liar, number: int = 1) -> Emergency:
    """The victim's officer sends one."""
    e, victim = signed(liar, number, mine=True), liar.victim
    now = victim.now(liar.now_s)
    victim.db.apply(liar.identity.id, victim.line.emergencies.submit(e, "duty", now).writes, now.wall_ms)
    victim.db.commit()
    return e


def saw(liar: Liar, e: Emergency) -> Seen:
    """The peer's station has it."""
    message = seen_message(liar.identity.id, liar.identity.me, messages.pack(e)[1])
    return Seen(e.id, liar.keys.receipt.sign(message, message))


def of(said: list[Message], kind: type[Message]) -> list[Message]:
    return [m for m in said if isinstance(m, kind)]


def rows(liar: Liar) -> list[tuple[bool, str, bool]]:
    return [(row.mine, row.text, row.seen_ms > 0) for row in liar.victim.db.emergencies.latest(1000)]


def test_what_an_officer_signs_and_what_was_seen_are_the_bytes_of_the_specification() -> None:
    message = emergency_message(b"l" * 32, b"s" * 32, b"i" * 16, 5, b"o" * 32, "Telephone us.")
    packed = msgpack.packb([b"l" * 32, b"s" * 32, b"i" * 16, 5, b"o" * 32, "Telephone us."])
    assert message == b"hotline/v1/emergency\x00" + packed
    assert seen_message(b"l" * 32, b"h" * 32, b"payload") == b"hotline/v1/seen\x00" + msgpack.packb(
        [b"l" * 32, b"h" * 32, b"payload"]
    )


# --- theirs -----------------------------------------------------------------------------------------------------


def test_what_comes_is_kept_and_alarmed_once_and_seen_each_time(liar: Liar) -> None:
    e = signed(liar)
    message = seen_message(liar.identity.id, liar.identity.them, messages.pack(e)[1])
    seen = Seen(e.id, liar.victim.keys.receipt.sign(message, message))
    for _ in range(3):
        assert of(liar.say(e), Seen) == [seen]
    assert rows(liar) == [(False, "Telephone us.", True)]
    assert liar.victim.alarms["emergency"] == 1
    liar.restart()
    liar.greet()
    assert of(liar.say(e), Seen) == [seen]
    assert rows(liar) == [(False, "Telephone us.", True)]


def test_another_text_under_a_known_id_changes_nothing(liar: Liar) -> None:
    liar.say(signed(liar))
    assert of(liar.say(signed(liar, text="All is well.")), Seen) == []
    assert liar.victim.rejected["emergency-id"] == 1
    assert rows(liar) == [(False, "Telephone us.", True)]


def test_only_an_officer_of_the_peers_card_is_believed_and_only_for_this_line_and_text(liar: Liar) -> None:
    e = signed(liar)
    liar.say(structs.replace(e, officer=b"o" * 32))
    assert liar.victim.rejected["officer"] == 1
    for changed in ({"text": "All is well."}, {"time_ms": 6}, {"id": b"i" * 16}):
        liar.say(structs.replace(e, **changed))
    liar.say(structs.replace(signed(liar, mine=True), officer=e.officer))
    assert liar.victim.rejected["emergency-signature"] == 4
    assert rows(liar) == []


def test_a_flood_is_bounded_and_what_was_not_taken_is_taken_when_it_comes_again(liar: Liar) -> None:
    said = [m for n in range(1, 20) for m in liar.say(signed(liar, n))]
    assert len(of(said, Seen)) == limits.EMERGENCIES == len(rows(liar))
    assert liar.victim.rejected["emergency-rate"] == 19 - limits.EMERGENCIES
    liar.wait(limits.EMERGENCY_PERIOD_S + 1)
    liar.greet()
    assert len(of(liar.say(signed(liar, 19)), Seen)) == 1


# --- mine -------------------------------------------------------------------------------------------------------


def test_mine_is_sent_again_until_it_was_seen_also_after_a_restart(liar: Liar) -> None:
    e = submit(liar)
    assert len(of(liar.wait(40), Emergency)) in (6, 7)
    assert liar.victim.alarms["emergency-unseen"] == 0
    liar.wait(40)
    assert liar.victim.alarms["emergency-unseen"] == 1
    liar.restart()
    assert of(liar.greet() + liar.wait(1), Emergency)[0] == e
    liar.say(saw(liar, e))
    assert of(liar.wait(60), Emergency) == []
    assert rows(liar) == [(True, "Telephone us.", True)]
    liar.restart()
    liar.greet()
    assert of(liar.wait(60), Emergency) == []


def test_a_seen_of_another_text_or_of_nothing_settles_nothing(liar: Liar) -> None:
    e = submit(liar)
    other = structs.replace(e, text="All is well.")
    liar.say(Seen(e.id, saw(liar, other).signature))
    liar.say(Seen(b"x" * 16, saw(liar, e).signature))
    assert liar.victim.rejected["seen-signature"] == 1
    assert rows(liar) == [(True, "Telephone us.", False)]


def test_a_ninth_that_waits_is_refused_to_the_officer(liar: Liar) -> None:
    for n in range(limits.EMERGENCIES):
        submit(liar, n)
    with pytest.raises(BusyError, match="takes no more"):
        submit(liar, 100)


# --- whatever the state of the logs is ------------------------------------------------------------------------------


def passes(liar: Liar) -> None:
    e = signed(liar, 7)
    assert len(of(liar.say(e), Seen)) == 1
    mine = submit(liar, 8)
    assert mine in of(liar.wait(1), Emergency)


def test_it_passes_before_either_log_has_begun() -> None:
    liar = Liar()
    liar.wait(0.5)
    liar.greet()
    assert liar.victim.line.own.signed == 0
    passes(liar)


@pytest.mark.parametrize("whose", ["theirs", "mine"])
def test_it_passes_a_frozen_line(liar: Liar, whose: str) -> None:
    origin = liar.identity.peer_origin() if whose == "mine" else liar.identity.my_origin()
    keys = liar.victim.keys if whose == "mine" else liar.keys
    roots = (b"p" * 32, b"q" * 32)
    first, second = (SignedHead(1, root, keys.sign_head(Checkpoint(origin, 1, root))) for root in roots)
    liar.say(Fork(origin, first, second, roots[1], ()))
    assert any(liar.frozen())
    passes(liar)


def test_it_passes_a_line_that_is_not_in_step(liar: Liar) -> None:
    liar.mirror = structs.replace(liar.holds(1, 1), size=9, root=b"z" * 32)
    liar.greet()
    assert not liar.victim.line.own.in_step
    passes(liar)
