"""Signatures put to a use that they were not made for: another line, mode, notice, verdict, role, target, log."""

import random
from typing import Any

import pytest

from hotline.core import entry, queue, tree
from hotline.core.suite import label
from tests.simulation.keys import Keys
from tests.simulation.liar import Liar
from tests.simulation.suite import Crypto


def reasons(liar: Liar) -> list[str]:
    liar.say(liar.entries(1, len(liar.log)), liar.head(len(liar.log)))
    liar.wait(0.5)
    liar.mirror = liar.holds(liar.victim.line.own.ledger.size, 1)
    liar.greet()
    liar.wait(1.0)
    return [r for (r,) in liar.victim.db._db.execute("SELECT reason FROM inbox WHERE idx > 0 ORDER BY idx")]


def released(liar: Liar, **lies: Any) -> None:
    """A notice whose release was signed for facts that differ from its own by `lies`."""
    row = liar.row(liar.rng.randbytes(16))
    true: dict[str, Any] = {
        "recipient": liar.identity.them, "id": row.key, "precedence": 0, "mode": 1,
        "commitment": entry.commitment(row.salt, row.body), "body_bytes": len(row.body), "expires_s": 0,
    }  # fmt: skip
    line, role = lies.pop("line", liar.identity.id), lies.pop("role", 1)
    facts = entry.ReleaseFacts(**(true | lies))
    message = entry.release_message(line, facts, liar.keys.officer_id, role)
    release = entry.Release(liar.keys.officer_id, 1, liar.keys.officer.sign(message, message))
    liar.notice(what={"id": row.key, "mode": 1, "releases": (release,)}, body=row.body)
    liar.log.pop()
    liar.bodies.pop()
    what = queue.QueuedNotice(liar.identity.them, row.key, 0, 1, 0, (release,))
    content = queue.to_entry(
        queue.notice_row(what, row.salt, row.body),
        serial=liar.serial, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT,
    )  # fmt: skip
    liar.write(content, row.salt, row.body)


@pytest.mark.parametrize(
    "lie",
    [
        {"mode": 0}, {"precedence": 3}, {"recipient": b"x" * 32}, {"id": b"o" * 16}, {"expires_s": 9},
        {"commitment": b"c" * 32}, {"body_bytes": 4}, {"line": b"l" * 32}, {"role": 2},
    ],
)  # fmt: skip
def test_a_release_for_other_facts_releases_nothing(lie: dict[str, Any]) -> None:
    liar = Liar().meet(0)
    released(liar)
    released(liar, **lie)
    assert reasons(liar) == ["", "release"]


def answer(liar: Liar, **lies: Any) -> None:
    """An acknowledgement of the victim's first notice, signed for other facts."""
    leaf = liar.victim.view().own.leaves(1, 2)[0]
    true: dict[str, Any] = {
        "kind": entry.ACKNOWLEDGEMENT, "line": liar.identity.id, "origin": liar.identity.peer_origin(), "target": 1,
        "target_leaf": leaf, "verdict": 1, "text": "", "officer": liar.keys.officer_id,
    }  # fmt: skip
    message = entry.answer_message(**(true | lies))
    signature = liar.keys.officer.sign(message, message)
    what = queue.QueuedAnswer(4, liar.rng.randbytes(16), 1, leaf, 1, "", liar.keys.officer_id, signature)
    row = queue.answer_row(what)
    liar.write(queue.to_entry(row, serial=0, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT))


@pytest.mark.parametrize(
    "lie",
    [
        {"kind": entry.OPENED}, {"verdict": 0}, {"text": "yes"}, {"target": 0}, {"target_leaf": b"l" * 32},
        {"origin": "another log"}, {"line": b"l" * 32}, {"officer": b"o" * 32},
    ],
)  # fmt: skip
def test_an_answer_signed_for_something_else_answers_nothing(lie: dict[str, Any]) -> None:
    liar = Liar().meet(0)
    liar.submit(1)
    liar.heard()
    liar.say(liar.receipt(2))
    answer(liar, **lie)
    answer(liar)
    assert reasons(liar) == ["signature", ""]
    assert next(liar.victim.db._db.execute("SELECT count(*) FROM answer WHERE mine = 0"))[0] == 1


def test_no_label_is_the_beginning_of_another() -> None:
    names = "root officer card card-digest line safety mac topic body release answer proposal frame"
    labels = [label(n) for n in (names + " sealing-key seal link prekey").split()]
    assert not [(a, b) for a in labels for b in labels if a is not b and b.startswith(a)]


def test_a_peer_whose_card_holds_my_own_officers_key_cannot_use_what_my_officer_signed() -> None:
    """Keys are distinct within a card, and nothing stops a peer from certifying mine: the signed facts must."""
    rng, crypto = random.Random(3), Crypto()
    mine, peer = Keys.make(crypto, "A", rng), Keys.make(crypto, "B", rng)
    line = mine.identity(crypto.suite(rng), peer)
    facts = entry.ReleaseFacts(line.them, b"i" * 16, 0, 0, b"c" * 32, 5, 0)
    back = entry.ReleaseFacts(line.me, b"i" * 16, 0, 0, b"c" * 32, 5, 0)
    assert entry.release_message(line.id, facts, mine.officer_id, 1) != entry.release_message(
        line.id, back, mine.officer_id, 1
    )
    there = entry.answer_message(4, line.id, line.peer_origin(), 1, b"l" * 32, 1, "", mine.officer_id)
    here = entry.answer_message(4, line.id, line.my_origin(), 1, b"l" * 32, 1, "", mine.officer_id)
    assert there != here
