"""A peer that wants its victim not to notice: refusals by a machine, drafts shown as releases, oversized answers."""

import msgspec

from hotline.core import entry, frame, messages, queue, tree
from hotline.core.messages import Need
from tests.simulation.liar import Liar


def test_a_refusal_by_a_machine_alarms_the_sender() -> None:
    liar = Liar().meet(0)
    liar.submit(1, 3)
    liar.say(liar.receipt(2))
    (leaf,) = liar.victim.view().own.leaves(1, 2)
    answer = queue.QueuedAnswer(entry.REFUSAL, b"r" * 16, 1, leaf, 3, "no\x1b[2J", b"", b"")
    liar.write(queue.to_entry(queue.answer_row(answer), serial=0, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT))
    liar.say(liar.entries(1, 2), liar.head(2))
    liar.wait(2)
    assert liar.victim.alarms["refused"] == 1
    (text,) = next(liar.victim.db._db.execute("SELECT text FROM event WHERE kind = 'refused'"))
    assert "by its machine" in text
    assert "\x1b" not in text


def test_a_drafter_is_not_shown_as_the_one_who_released() -> None:
    liar = Liar().meet(1)
    row = liar.row(b"i" * 16)
    size = entry.commitment(row.salt, row.body)
    facts = entry.ReleaseFacts(liar.identity.them, b"i" * 16, 0, 0, size, len(row.body), 0)
    officer = liar.keys.release(liar.identity.id, facts).officer
    message = entry.release_message(liar.identity.id, facts, officer, entry.ROLE_DRAFTER)
    drafted = entry.Release(officer, entry.ROLE_DRAFTER, liar.keys.officer.sign(message, message))
    what = msgspec.structs.replace(row.what, id=b"i" * 16, releases=(drafted,))
    content = queue.to_entry(
        queue.Queued(b"", 0, what, row.salt, row.body), serial=2, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT
    )
    liar.write(content, row.salt, row.body)
    liar.say(liar.entries(2, 3), liar.head(3))
    liar.wait(1)
    reason, officers = next(liar.victim.db._db.execute("SELECT reason, officers FROM inbox WHERE idx = 2"))
    assert (reason, officers) == ("", "")


def test_entries_that_could_not_be_given_back_are_not_taken_and_a_need_for_anything_kills_nothing() -> None:
    liar = Liar().meet(1)
    start = len(liar.log)

    def payload_bytes() -> int:
        return len(messages.pack(liar.entries(start, len(liar.log)))[1])

    while payload_bytes() + 16_500 < frame.PAYLOAD_BYTES:
        liar.write(b"\x02" + bytes(16_383))
    liar.write(b"\x02" + bytes(300))
    missing = frame.PAYLOAD_BYTES - payload_bytes()
    liar.log.pop()
    liar.bodies.pop()
    liar.write(b"\x02" + bytes(300 + missing))
    assert payload_bytes() == frame.PAYLOAD_BYTES
    tight = liar.entries(start, len(liar.log))
    liar.say(tight)
    assert liar.victim.rejected["frame-room"] == 1
    liar.say(Need(tight.origin, start, len(liar.log), liar.theirs))
    assert liar.victim.line.mirror.ledger.size == start
