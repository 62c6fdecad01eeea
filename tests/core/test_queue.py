"""Rows of the queue become entries and back; the window keeps room for what is urgent."""

import random

import pytest

from hotline import limits
from hotline.core import entry, queue, tree
from hotline.core.entry import ACKNOWLEDGEMENT, OPENED, REFUSAL
from hotline.core.queue import (
    RANK_CARD,
    RANK_CONTROL,
    RANK_FLASH,
    QueuedAnswer,
    QueuedNotice,
    QueuedWatch,
    Window,
)
from hotline.errors import MalformedError
from tests.simulation.keys import Keys
from tests.simulation.suite import Crypto

RNG = random.Random(4)
SEEN = {"seen_size": 3, "seen_root": b"r" * 32}


def notice(precedence: int = 1) -> queue.Queued:
    what = QueuedNotice(b"t" * 32, b"i" * 16, precedence, 1, 99, ())
    return queue.notice_row(what, b"s" * 32, b"body")


def answer(kind: int, verdict: int) -> queue.Queued:
    return queue.answer_row(QueuedAnswer(kind, b"k" * 16, 7, b"l" * 32, verdict, "text", b"o" * 32, b"g" * 2484))


def watch(relieved: bytes = b"") -> queue.Queued:
    signatures = b"g" * 2484, b"h" * 2484 if relieved else b""
    return queue.watch_row(QueuedWatch(b"w" * 16, 1, b"o" * 32, relieved, 7, "all quiet", *signatures))


def card() -> queue.Queued:
    return queue.card_row(Keys.make(Crypto(), "A", random.Random(1)).card, b"s" * 32)


ROWS = [
    notice(), answer(OPENED, 0), answer(ACKNOWLEDGEMENT, 1), answer(REFUSAL, 4), watch(), watch(b"r" * 32), card(),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_a_row_survives_the_store_and_being_displaced_from_the_log(row: queue.Queued) -> None:
    assert queue.from_payload(row.key, row.rank, queue.payload(row.what), row.salt, row.body) == row
    made = queue.to_entry(row, serial=5, time_ms=8, seen_size=3, seen_root=b"r" * 32)
    content = entry.decode_content(entry.envelope(made).content)
    assert (content.time_ms, content.seen_size) == (8, 3)
    assert queue.from_entry(content, row.salt, row.body) == row
    assert entry.body_fits(made, row.salt, row.body)


def test_a_genesis_is_never_queued() -> None:
    genesis = entry.Genesis(1, 0, 0, tree.EMPTY_ROOT, 0, bytes(16), bytes(32), bytes(32), 1, bytes(32), bytes(32))
    assert queue.from_entry(genesis, b"", b"") is None


def test_a_card_is_queued_once_under_the_beginning_of_its_digest_with_the_roots_signature() -> None:
    keys = Keys.make(Crypto(), "A", random.Random(1))
    row = queue.card_row(keys.card, b"s" * 32)
    assert row.key == keys.card.digest[:16]
    assert row.body == keys.card.raw + keys.card.signature


def test_a_card_goes_before_what_its_new_officer_signs_though_that_be_flash() -> None:
    assert card().rank == RANK_CARD > notice(3).rank > watch().rank == RANK_CONTROL
    window = full(RANK_FLASH)
    window.drained(1, 1, 1.0)
    assert window.admits(RANK_CARD, 1)


def test_a_damaged_row_is_told_apart() -> None:
    with pytest.raises(MalformedError):
        queue.from_payload(b"k", 0, b"\xc0", b"", b"")


def test_flash_ranks_first_then_answers_then_notices_by_precedence() -> None:
    ranks = [notice(3).rank, answer(OPENED, 0).rank, notice(2).rank, notice(0).rank]
    assert ranks == sorted(ranks, reverse=True) == [RANK_FLASH, RANK_CONTROL, 2, 0]


def full(rank: int, size: int = 1) -> Window:
    window = Window()
    window.rate = 1e9
    while window.admits(rank, size):
        window.add(size, 0.0)
    return window


def test_each_rank_leaves_room_for_those_above_it() -> None:
    routine = full(0)
    assert routine.entries == limits.WINDOW_ENTRIES - limits.WINDOW_FLASH_ENTRIES - limits.WINDOW_CONTROL_ENTRIES
    assert routine.admits(RANK_CONTROL, 1)
    control = full(RANK_CONTROL)
    assert control.entries == limits.WINDOW_ENTRIES - limits.WINDOW_FLASH_ENTRIES
    assert control.admits(RANK_FLASH, limits.BODY_BYTES)
    assert full(RANK_FLASH).entries == limits.WINDOW_ENTRIES


def test_the_largest_flash_enters_beside_all_the_bytes_that_others_may_use() -> None:
    window = full(0, 1000)
    assert window.bytes <= limits.WINDOW_BYTES - limits.WINDOW_RESERVE_BYTES
    assert window.admits(RANK_FLASH, limits.BODY_BYTES + limits.ENTRY_BYTES)


def test_an_empty_window_admits_anything_so_that_nothing_wedges() -> None:
    window = Window()
    window.rate = 0.0001
    assert window.admits(0, 10 * limits.WINDOW_BYTES)
    window.add(1, 0.0)
    assert not window.admits(0, limits.DRAIN_FLOOR_BYTES_PER_S * limits.WINDOW_DRAIN_S)


def test_the_window_follows_the_rate_at_which_the_peer_drains() -> None:
    window = Window()
    assert window.allowed_bytes == limits.WINDOW_BYTES // 4
    for second in range(40):
        window.add(1000, float(second))
        window.drained(1, 1000, second + 1.0)
    assert window.allowed_bytes == pytest.approx(60_000, rel=0.01)
    assert (window.entries, window.bytes) == (0, 0)
    window.drained(5, 5000, 100.0)
    assert (window.entries, window.bytes) == (0, 0)
    window.add(10, 0.0)
    window.reset()
    assert (window.entries, window.bytes) == (0, 0)


def test_an_entry_without_a_seen_head_says_the_empty_tree() -> None:
    made = queue.to_entry(notice(), serial=1, time_ms=0, seen_size=0, seen_root=tree.EMPTY_ROOT)
    content = entry.decode_content(entry.envelope(made).content)
    assert (content.seen_size, content.seen_root) == (0, tree.EMPTY_ROOT)
