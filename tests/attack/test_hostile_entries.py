"""Entries of any content: each is stored, receipted, judged and shown, and the line goes on."""

import random
from typing import Any

import msgspec
import pytest

from hotline import limits
from hotline.core import encoding, entry, queue, tree
from tests.simulation.liar import Liar
from tests.simulation.world import World

ODD: list[Any] = [
    -1, 0, 1, 6, 255, 2**31, 2**53 - 1, 2**53, 2**64 - 1, -(2**63), "", "x", "\u202e\u2066", "a\x00b\x1b[2J", "x" * 300,
    b"", b"r" * 16, b"r" * 32, b"s" * 2484, None, True, [], [[]], {}, {"a": 1}, [[b"o" * 32, 1, b"s" * 2484]] * 5,
]  # fmt: skip


def hostile(rng: random.Random) -> bytes:
    """Content that is nearly right, or not at all."""
    kind = rng.choice([1, 2, 2, 3, 4, 5, 5, 6, 9, -1])
    fields: list[Any] = [kind, 1, 0, 0, tree.EMPTY_ROOT, 0]
    fields += {
        2: [b"x" * 32, rng.randbytes(16), rng.choice([1, 2, 2**53 - 1]), 0, 0, 0, []],
        5: [rng.randbytes(16), rng.choice([0, 1, 99]), b"l" * 32, rng.randint(0, 5), "t", b"", b""],
    }.get(kind, [rng.choice(ODD) for _ in range(rng.randint(0, 8))])
    for _ in range(rng.randint(0, 3)):
        fields[rng.randrange(len(fields))] = rng.choice(ODD)
    data = encoding.encode(fields)
    if rng.random() < 0.3:
        cut = bytearray(data)
        cut[rng.randrange(len(cut))] = rng.randrange(256)
        data = bytes(cut)
    return data[: limits.ENTRY_BYTES - 37]


@pytest.mark.parametrize("seed", range(6))
def test_any_content_is_stored_receipted_and_judged_and_the_line_goes_on(seed: int) -> None:
    rng, liar = random.Random(seed), Liar().meet(1)
    for _ in range(4):
        start = len(liar.log)
        for _ in range(25):
            body = rng.choice([b"", b"b", rng.randbytes(40)])
            salt = b"s" * 32 if body else b""
            made = entry.seal_envelope(hostile(rng), len(body), entry.commitment(salt, body) if body else bytes(32))
            if rng.random() < 0.2:
                made, salt, body = rng.randbytes(rng.choice([0, 1, 36, 37, 500])).replace(b"\x01", b"\x02"), b"", b""
            liar.write(made, salt, body)
        liar.say(liar.entries(start, len(liar.log)), liar.head(len(liar.log)))
        liar.mirror = liar.holds(liar.victim.line.own.ledger.size, 1)
        liar.greet()
        liar.wait(1.0)
        for size in range(liar.victim.line.own.signed + 1, liar.victim.line.own.ledger.size + 1):
            liar.say(liar.receipt(size))
    mirror = liar.victim.line.mirror
    assert mirror.head_size == mirror.cosigned[0] == len(liar.log)
    liar.mirror = liar.holds(liar.victim.line.own.ledger.size, 1)
    liar.greet()
    liar.wait(2.0)
    rows = list(liar.victim.db._db.execute("SELECT idx, reason FROM inbox ORDER BY seq"))
    assert [i for i, _ in rows] == list(range(len(liar.log)))
    assert sum(1 for _, reason in rows if not reason) >= 2


def test_two_stations_that_cannot_read_each_other_do_not_refuse_each_other_for_ever() -> None:
    """Entries that may be refusals of a later version, under a type of their own: at most 64 are refused in an hour."""
    liar = Liar().meet(0)
    for n in range(3 * limits.REFUSALS_OF_UNKNOWN):
        content = msgspec.msgpack.encode([99, 2, 0, 0, tree.EMPTY_ROOT, 0, n])
        liar.write(entry.seal_envelope(content))
    start = 1
    while start < len(liar.log):
        end = min(start + 100, len(liar.log))
        liar.say(liar.entries(start, end), liar.head(end))
        start = end
    liar.mirror = liar.holds(liar.victim.line.own.ledger.size, 1)
    liar.greet()
    liar.wait(5.0)
    log = liar.victim.view().own
    given = [entry.peek_type(entry.envelope(s.entry).content) for s in log.entries(0, log.size())].count(entry.REFUSAL)
    given += sum(isinstance(row.what, queue.QueuedAnswer) for row in liar.victim.view().queued(1000))
    assert 0 < given <= limits.REFUSALS_OF_UNKNOWN


def test_answers_and_geneses_however_invalid_are_never_refused() -> None:
    liar = Liar().meet(0)
    for kind in (entry.OPENED, entry.ACKNOWLEDGEMENT, entry.REFUSAL):
        verdict = {3: 0, 4: 1, 5: 4}[kind]
        what = queue.QueuedAnswer(kind, b"r" * 16, 99, b"l" * 32, verdict, "", b"o" * 32, b"s" * 2484)
        liar.write(queue.to_entry(queue.answer_row(what), serial=0, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT))
    liar.genesis()
    liar.say(liar.entries(1, 5), liar.head(5))
    liar.mirror = liar.holds(1, 1)
    liar.greet()
    liar.wait(3.0)
    reasons = [r for (r,) in liar.victim.db._db.execute("SELECT reason FROM inbox WHERE idx > 0 ORDER BY idx")]
    assert reasons == ["target"] * 3 + ["position"]
    assert liar.victim.view().queued(10) == []
    assert liar.victim.line.own.ledger.size == 1


@pytest.mark.parametrize("jump_ms", [-1_600_000_000_000, 10**14])
def test_clocks_that_are_wrong_by_decades_stop_nothing(jump_ms: int) -> None:
    world = World(31)
    world.advance(3.0)
    world.jump_clock(1, jump_ms)
    for party in (0, 1):
        world.submit(party)
    world.advance(5.0)
    world.jump_clock(1, -jump_ms)
    for party in (0, 1):
        world.submit(party)
    assert world.settle() < 60.0


@pytest.mark.parametrize("kind", [entry.GENESIS, entry.OPENED, entry.REFUSAL, entry.WATCH, entry.CARD])
def test_what_begins_as_no_notice_is_never_refused_whatever_its_form(kind: int) -> None:
    """Its author would find the refusal INVALID in turn: nobody answers these."""
    liar = Liar().meet(0)
    for version in (1, 2):
        liar.write(entry.seal_envelope(msgspec.msgpack.encode([kind, version, 0, 0, tree.EMPTY_ROOT, 0])))
    size = len(liar.log)
    liar.say(liar.entries(1, size), liar.head(size))
    liar.wait(2.0)
    assert liar.tables()["inbox"] == size
    assert liar.tables()["queue"] == 0
    assert liar.victim.view().own.size() == 1
    assert liar.victim.alarms["invalid"] == 1
