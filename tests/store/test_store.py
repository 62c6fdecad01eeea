"""The writing connection: each kind of write, one transaction a batch, idempotent submission, and every bound."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from hotline import limits
from hotline.core import entry, queue, tree
from hotline.core.step import (
    Answered,
    Append,
    CosignIntent,
    Enqueue,
    Event,
    Freeze,
    Judged,
    KeepHead,
    KeepProposal,
    KeepReceipt,
    Stored,
    Truncate,
    Write,
)
from hotline.errors import BusyError, NotFoundError, NoticeError, StoreError
from hotline.store.store import Store, check_writable
from hotline.store.views import SqlLine
from tests.store import samples
from tests.store.samples import LINE, MIRROR, OWN, RANDOM, SIGNATURE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = samples.opened(tmp_path / "station.db")
    yield store
    store.close()


@pytest.fixture
def view(store: Store) -> SqlLine:
    return store.line(LINE, OWN, MIRROR)


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    """What another connection sees, which is what is committed."""
    db = apsw.Connection(str(store.path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return list(db.execute(sql))
    finally:
        db.close()


def apply(store: Store, *writes: Write, now_ms: int = 9) -> None:
    store.apply(LINE, list(writes), now_ms)


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_database_and_what_sqlite_puts_beside_it_are_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        store = samples.opened(tmp_path / "station.db")
        samples.submit(store, 1)
        store.commit()
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes == {"station.db": 0o600, "station.db-wal": 0o600, "station.db-shm": 0o600}


def test_a_database_whose_folder_does_not_exist_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/station\.db cannot be created") as caught:
        samples.opened(tmp_path / "nowhere" / "station.db")
    assert caught.value.remedy


def test_a_folder_in_the_place_of_the_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "station.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened") as caught:
        samples.opened(tmp_path / "station.db")
    assert caught.value.remedy


def test_a_home_that_is_no_folder_is_told_early(tmp_path: Path) -> None:
    check_writable(tmp_path / "station.db")
    with pytest.raises(StoreError, match="is not a folder"):
        check_writable(tmp_path / "nowhere" / "station.db")


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    store = samples.opened(tmp_path / "station.db")
    samples.submit(store, 1)
    samples.appended(store, 1)
    store.commit()
    store.close()
    again = samples.opened(tmp_path / "station.db")
    assert again.line(LINE, OWN, MIRROR).own.entries(0, 9) == [samples.stored(samples.row(1), 1)]
    again.close()


# --- one transaction a batch ------------------------------------------------------------------------


def test_nothing_of_a_batch_is_seen_by_another_connection_before_the_commit_and_all_of_it_after(store: Store) -> None:
    samples.submit(store, 1)
    samples.appended(store, 1)
    apply(store, samples.surface(0), Event("one", "two"))
    store.rejected(LINE, "relay", "frame-mac", 3, 4)
    counts = "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM entry), (SELECT count(*) FROM inbox), \
              (SELECT count(*) FROM event), (SELECT count(*) FROM rejected)"
    assert rows(store, counts) == [(0, 0, 0, 0, 0)]
    store.commit()
    assert rows(store, counts) == [(1, 1, 1, 1, 1)]


def test_a_batch_that_is_not_committed_is_gone_after_closing(tmp_path: Path) -> None:
    store = samples.opened(tmp_path / "station.db")
    samples.submit(store, 1)
    store.close()
    again = samples.opened(tmp_path / "station.db")
    assert again.line(LINE, OWN, MIRROR).queued(9) == []
    again.close()


def test_a_commit_of_nothing_and_an_empty_batch_do_nothing(store: Store) -> None:
    store.apply(LINE, [], 1)
    store.commit()
    store.commit()
    assert rows(store, "SELECT count(*) FROM event") == [(0,)]


def test_a_second_writer_is_told_that_the_store_is_in_use(store: Store) -> None:
    samples.submit(store, 1)
    other = Store(store.path, samples.read_body)
    other._db.set_busy_timeout(1)
    with pytest.raises(StoreError, match="in use by another process"):
        other.line(LINE, OWN, MIRROR)
    with pytest.raises(StoreError, match="in use by another process"):
        other.event(LINE, Event("a", "b"), 1)
    other.close()


# --- each kind of write ---------------------------------------------------------------------------------


def test_appended_entries_leave_the_queue_and_are_read_back_with_their_bodies(store: Store, view: SqlLine) -> None:
    for number in (1, 2):
        samples.submit(store, number)
    samples.appended(store, 1)
    assert [row.key for row in view.queued(9)] == [samples.notice_id(2)]
    expected = samples.stored(samples.row(1), 1)
    assert (view.own.size(), view.own.leaves(0, 9)) == (1, [expected.leaf])
    assert view.own.entries(0, 1) == [expected]
    assert view.own.last_serial() == 1
    assert view.mirror.size() == 0


def test_an_entry_without_a_body_is_read_back_with_an_empty_one(store: Store, view: SqlLine) -> None:
    apply(store, Append(MIRROR, 0, (samples.genesis(),)))
    assert view.mirror.entries(0, 1) == [samples.genesis()]


def test_appending_the_same_index_twice_is_refused_and_not_a_second_entry(store: Store) -> None:
    apply(store, Append(MIRROR, 0, (samples.genesis(),)))
    with pytest.raises(StoreError):
        apply(store, Append(MIRROR, 0, (samples.genesis(),)))


def test_the_largest_head_and_receipt_and_the_next_proposal_are_those_read_back(store: Store, view: SqlLine) -> None:
    heads = [KeepHead(OWN, size, samples.root(size), SIGNATURE) for size in (3, 1, 2)]
    receipts = [KeepReceipt(OWN, size, samples.root(size), 70 + size, SIGNATURE) for size in (3, 1, 2)]
    proposals = [KeepProposal(MIRROR, size, samples.root(size), b"p" * 2484) for size in (4, 2, 6)]
    apply(store, *heads, *receipts, *proposals)
    assert view.own.head() == heads[0]
    assert view.own.receipt() == receipts[0]
    assert (view.mirror.head(), view.mirror.receipt()) == (None, None)
    assert [view.mirror.proposal_after(size) for size in (0, 2, 5, 6)] == [
        proposals[1],
        proposals[0],
        proposals[2],
        None,
    ]


def test_only_the_latest_intent_to_cosign_is_kept(store: Store, view: SqlLine) -> None:
    assert view.mirror.intent() is None
    for size in (1, 2):
        apply(store, CosignIntent(MIRROR, size, samples.root(size), 100 + size))
    assert view.mirror.intent() == CosignIntent(MIRROR, 2, samples.root(2), 102)


def test_a_head_marks_exactly_the_notices_below_it_as_stored_and_once(store: Store) -> None:
    for number in (1, 2, 3):
        samples.submit(store, number)
    samples.appended(store, 1, 2)
    apply(store, KeepHead(OWN, 1, samples.root(1), SIGNATURE), now_ms=50)
    apply(store, KeepHead(OWN, 2, samples.root(2), SIGNATURE), now_ms=60)
    store.commit()
    assert rows(store, "SELECT idx, stored_ms FROM outbox ORDER BY seq") == [(0, 50), (1, 60), (-1, 0)]


def test_a_truncated_tail_is_kept_aside_with_its_reason_and_its_notices_are_queued_again(
    store: Store, view: SqlLine
) -> None:
    for number in (1, 2):
        samples.submit(store, number)
    samples.appended(store, 1, 2)
    apply(store, KeepHead(OWN, 1, samples.root(1), SIGNATURE))
    apply(store, KeepReceipt(OWN, 2, samples.root(2), 7, SIGNATURE))
    apply(store, KeepProposal(OWN, 2, samples.root(2), b"p" * 2484), CosignIntent(OWN, 2, samples.root(2), 7))
    lost = samples.row(2)
    again = Enqueue(lost.key, lost.rank, queue.payload(lost.what), lost.salt, lost.body)
    apply(store, Truncate(OWN, 1, "displaced"), again, now_ms=77)
    assert (view.own.size(), view.own.last_serial(), view.own.receipt()) == (1, 1, None)
    assert (view.own.intent(), view.own.proposal_after(0)) == (None, None)
    assert view.own.head() is not None
    assert [row.key for row in view.queued(9)] == [samples.notice_id(2)]
    store.commit()
    expected = samples.stored(lost, 2)
    kept = rows(store, "SELECT idx, entry, salt, body, reason, at_ms FROM displaced")
    assert kept == [(1, expected.entry, expected.salt, expected.body, "displaced", 77)]
    assert rows(store, "SELECT idx, serial FROM outbox ORDER BY seq") == [(0, 1), (-1, 0)]


def test_a_notice_that_went_out_again_after_being_displaced_is_one_row_with_its_new_place(store: Store) -> None:
    samples.submit(store, 1)
    samples.appended(store, 1)
    apply(store, Truncate(OWN, 0, "displaced"))
    apply(store, Append(OWN, 0, (samples.genesis(), samples.stored(samples.row(1), 1))))
    store.commit()
    assert rows(store, "SELECT idx, serial FROM outbox") == [(1, 1)]


def test_my_own_entries_taken_back_from_the_peer_appear_in_the_lists(store: Store, view: SqlLine) -> None:
    """A lost store is rebuilt: nothing of it was submitted here."""
    answer = samples.stored(samples.answer_row(5, entry.ACKNOWLEDGEMENT))
    apply(store, Append(OWN, 0, (samples.genesis(), samples.stored(samples.row(1), 1), answer)))
    apply(store, samples.surface(5, serial=1, number=9))
    store.commit()
    assert rows(store, "SELECT id, idx, serial, submitted_ms FROM outbox") == [(samples.notice_id(1), 1, 1, 1001)]
    assert rows(store, "SELECT target, type, mine, key FROM answer") == [(5, entry.ACKNOWLEDGEMENT, 1, RANDOM)]
    assert rows(store, "SELECT idx, opened FROM inbox") == [(5, 1)]
    assert view.own.last_serial() == 1


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x92\x09\x01", b"\x90" * 40])
def test_an_entry_of_mine_that_this_version_cannot_read_is_kept_and_wedges_nothing(
    store: Store, view: SqlLine, content: bytes
) -> None:
    raw = entry.seal_envelope(content)
    unreadable = Stored(raw, tree.leaf_hash(raw), b"", b"")
    apply(store, Append(OWN, 0, (unreadable,)))
    assert view.own.entries(0, 1) == [unreadable]


def test_an_officers_answer_keeps_the_officers_name_when_its_entry_is_appended(store: Store, view: SqlLine) -> None:
    queued = samples.answer_row(0)
    apply(store, samples.surface(0, number=4))
    store.enqueue_answer(LINE, MIRROR, queued, "duty", 33)
    assert view.queued(9) == [queued]
    apply(store, Append(OWN, 0, (samples.stored(queued),), (queued.key,)))
    store.commit()
    assert view.queued(9) == []
    assert rows(store, "SELECT officer, mine, at_ms FROM answer") == [("duty", 1, 33)]
    assert rows(store, "SELECT opened FROM inbox") == [(1,)]


def test_an_answer_of_the_peer_is_noted_once_with_its_place(store: Store) -> None:
    samples.submit(store, 1)
    samples.appended(store, 1)
    answered = Answered(OWN, 0, entry.ACKNOWLEDGEMENT, 3, 44, 1, "Petrov", "understood")
    apply(store, answered)
    apply(store, answered)
    store.commit()
    noted = "SELECT target, type, mine, time_ms, at_ms, verdict, officer, text, key FROM answer"
    assert rows(store, noted) == [(0, 4, 0, 44, 9, 1, "Petrov", "understood", (3).to_bytes(8, "big"))]


def test_an_entry_is_surfaced_once_and_a_second_time_is_an_error(store: Store, view: SqlLine) -> None:
    apply(store, samples.surface(0, kind=1), samples.surface(1, serial=1, number=7), Judged(MIRROR, 2, 1, 5))
    assert view.mirror.judged() == (2, 5)
    assert view.mirror.last_serial() == 1
    assert view.mirror.has_notice(samples.notice_id(7), 2)
    assert not view.mirror.has_notice(samples.notice_id(7), 1)
    assert not view.mirror.has_notice(samples.notice_id(8), 9)
    with pytest.raises(StoreError):
        apply(store, samples.surface(1))


def test_a_frozen_log_keeps_its_evidence(store: Store, view: SqlLine) -> None:
    assert view.mirror.frozen() == b""
    apply(store, Freeze(MIRROR, b"evidence"))
    assert (view.mirror.frozen(), view.own.frozen()) == (b"evidence", b"")


# --- the queue ---------------------------------------------------------------------------------------------


def test_the_queue_gives_the_highest_rank_first_and_then_the_oldest(store: Store, view: SqlLine) -> None:
    for number, precedence in enumerate([0, 3, 1, 3, 0]):
        samples.submit(store, number, precedence=precedence)
    store.enqueue_answer(LINE, MIRROR, samples.answer_row(0), "duty", 1)
    order = [samples.notice_id(1), samples.notice_id(3), RANDOM, *map(samples.notice_id, (2, 0, 4))]
    assert [row.key for row in view.queued(9)] == order
    assert [row.key for row in view.queued(2)] == order[:2]


def test_submitting_the_same_id_and_body_again_changes_nothing_wherever_the_notice_is_by_then(store: Store) -> None:
    assert samples.submit(store, 1)
    assert not samples.submit(store, 1)
    samples.appended(store, 1)
    assert not samples.submit(store, 1)
    store.commit()
    assert rows(store, "SELECT count(*) FROM outbox") == [(1,)]
    assert rows(store, "SELECT count(*) FROM queue") == [(0,)]


def test_submitting_the_same_id_with_another_body_is_refused_wherever_the_notice_is_by_then(store: Store) -> None:
    samples.submit(store, 1)
    for _ in ("queued", "in the log"):
        with pytest.raises(NoticeError, match="with another text") as caught:
            samples.submit(store, 1, b"other")
        assert (caught.value.field, bool(caught.value.remedy)) == ("id", True)
        if rows(store, "SELECT count(*) FROM entry") == [(0,)]:
            samples.appended(store, 1)
            store.commit()


def test_submitting_the_same_id_with_another_precedence_is_refused(store: Store) -> None:
    samples.submit(store, 1)
    with pytest.raises(NoticeError, match="precedence"):
        samples.submit(store, 1, precedence=3)


def test_a_full_queue_refuses_a_new_notice_and_takes_one_when_there_is_room_again(
    store: Store, view: SqlLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "QUEUE_NOTICES", 3)
    for number in (1, 2, 3):
        samples.submit(store, number)
    with pytest.raises(BusyError, match="holds 3 entries") as caught:
        samples.submit(store, 4)
    assert caught.value.remedy
    assert not samples.submit(store, 3), "a repeat is told its state also when the queue is full"
    samples.appended(store, 1)
    assert samples.submit(store, 4)
    assert len(view.queued(9)) == 3


def test_a_full_queue_still_takes_flash_up_to_its_own_share(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.queue_notices = 1
    monkeypatch.setattr(limits, "QUEUE_FLASH_NOTICES", 2)
    assert samples.submit(store, 1)
    with pytest.raises(BusyError, match="FLASH"):
        samples.submit(store, 2)
    assert samples.submit(store, 3, precedence=3)
    assert samples.submit(store, 4, precedence=3)
    with pytest.raises(BusyError):
        samples.submit(store, 5, precedence=3)


def test_the_queue_is_bounded_by_bytes_too_and_its_share_is_known_after_a_restart(tmp_path: Path) -> None:
    store = samples.opened(tmp_path / "station.db")
    assert samples.submit(store, 1)
    share = store.queue_share(LINE) * limits.QUEUE_NOTICES
    assert round(share) == 1
    store.queue_bytes = 1
    assert store.queue_share(LINE) > 1
    with pytest.raises(BusyError, match="bytes") as caught:
        samples.submit(store, 2)
    assert caught.value.reason == "queue-full"
    assert samples.submit(store, 3, precedence=3)
    store.commit()
    held = store._queue_size(LINE)
    store.close()
    again = samples.opened(tmp_path / "station.db")
    assert again._queue_size(LINE) == held
    samples.appended(again, 1)
    assert again._queue_size(LINE)[0] == 1
    assert again._queue_size(LINE)[1] < held[1]
    again.close()


def test_the_bound_of_the_queue_counts_what_a_restart_found_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "QUEUE_NOTICES", 2)
    store = samples.opened(tmp_path / "station.db")
    samples.submit(store, 1)
    store.commit()
    store.close()
    again = samples.opened(tmp_path / "station.db")
    apply(again, Enqueue(samples.notice_id(1), 0, b"", b"", b""))  # there already: not counted twice
    assert samples.submit(again, 2)
    with pytest.raises(BusyError):
        samples.submit(again, 3)
    again.close()


def test_a_row_of_another_kind_is_a_fault_of_the_calling_code(store: Store) -> None:
    with pytest.raises(TypeError):
        store.submit(LINE, OWN, samples.answer_row(0), samples.read_body(b""), 1)
    with pytest.raises(TypeError):
        store.enqueue_answer(LINE, MIRROR, samples.row(1), "duty", 1)


# --- consumers, events, counters, alarms ----------------------------------------------------------------------


def cursors(store: Store) -> list[tuple[object, ...]]:
    store.commit()
    return rows(store, "SELECT name, seq FROM cursor ORDER BY name")


def test_a_cursor_moves_forward_and_never_back(store: Store) -> None:
    apply(store, *(samples.surface(index) for index in range(5)))
    for seq in (2, 5, 3):
        store.confirm("printer", seq, 1)
    assert cursors(store) == [("printer", 5)]


def test_a_consumer_cannot_confirm_what_it_cannot_have_been_shown(store: Store) -> None:
    apply(store, samples.surface(0))
    with pytest.raises(NotFoundError, match="no row 2 yet"):
        store.confirm("printer", 2, 1)
    store.confirm("printer", 1, 1)
    assert cursors(store) == [("printer", 1)]


def test_a_consumer_past_the_bound_is_refused_and_the_known_ones_go_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONSUMERS", 2)
    apply(store, samples.surface(0))
    for name in ("a", "b"):
        store.confirm(name, 0, 1)
    with pytest.raises(BusyError, match="2 consumers"):
        store.confirm("c", 1, 1)
    store.confirm("a", 1, 1)
    assert cursors(store) == [("a", 1), ("b", 0)]


def test_the_oldest_events_give_way_and_alarms_stay(store: Store) -> None:
    total = limits.API_EVENTS_HELD + 600
    for number in range(1, total + 1):
        apply(store, Event("tick", str(number), alarm=number == 7))
    store.commit()
    assert rows(store, "SELECT seq FROM event WHERE alarm = 1") == [(7,)]
    ((count, last),) = rows(store, "SELECT count(*), max(seq) FROM event WHERE alarm = 0")
    assert last == total
    assert limits.API_EVENTS_HELD <= int(str(count)) <= limits.API_EVENTS_HELD + 256


def test_rejected_frames_are_added_up_by_line_path_and_reason(store: Store) -> None:
    for path, count, now_ms in (("a", 2, 10), ("b", 1, 20), ("a", 3, 30)):
        store.rejected(LINE, path, "frame-mac", count, now_ms)
    store.rejected(b"", "a", "topic", 1, 5)
    store.commit()
    assert rows(store, "SELECT path, reason, count, first_ms, last_ms FROM rejected ORDER BY line, path") == [
        ("a", "topic", 1, 5, 5), ("a", "frame-mac", 5, 10, 30), ("b", "frame-mac", 1, 20, 20),
    ]  # fmt: skip


def expired(store: Store, now_s: int = 100) -> list[tuple[bytes, bool]]:
    """What has expired by then, and whether the peer has it."""
    return [(identity, there) for _, identity, _, _, there in store.expired(now_s, 10)]


def expiring(store: Store, number: int, expires_s: int) -> None:
    what = queue.QueuedNotice(samples.SOUTH, samples.notice_id(number), 0, 0, expires_s, ())
    facts = samples.read_body(b"text")
    store.submit(LINE, OWN, queue.notice_row(what, samples.SALT, b"text"), facts, 1)


def test_what_has_expired_unanswered_is_told_the_earliest_first_and_once(store: Store) -> None:
    for number, expires_s in ((1, 100), (2, 101), (3, 50), (4, 0)):
        expiring(store, number, expires_s)
    identities = [samples.notice_id(number) for number in (3, 1)]
    assert expired(store) == [(identity, False) for identity in identities]
    for identity in identities:
        store.mark_alarmed(OWN, identity)
    assert expired(store) == []


@pytest.mark.parametrize(
    ("kind", "waited_for"), [(entry.OPENED, True), (entry.ACKNOWLEDGEMENT, False), (entry.REFUSAL, False)]
)
def test_a_stored_notice_is_waited_for_until_it_is_acknowledged_or_refused(
    store: Store, kind: int, waited_for: bool
) -> None:
    expiring(store, 1, 100)
    samples.appended(store, 1)
    apply(store, KeepHead(OWN, 1, samples.root(1), SIGNATURE))
    assert expired(store) == [(samples.notice_id(1), True)]
    apply(store, Answered(OWN, 0, kind, 1, 2, 1, "Petrov", ""))
    assert bool(expired(store)) is waited_for


# --- what the record asks --------------------------------------------------------------------------------------


def named(store: Store, name: str) -> tuple[bytes, int] | None:
    return store.named(LINE, name, {"NORTH"}, {"SOUTH"})


def test_a_notice_is_found_by_what_officers_call_it_and_by_its_id(store: Store) -> None:
    samples.submit(store, 1)
    assert named(store, "NORTH 1") is None, "it has no serial while it is queued"
    samples.appended(store, 1)
    apply(store, samples.surface(0, serial=1, number=7))
    assert named(store, "NORTH 1") == named(store, samples.notice_id(1).hex()) == (samples.notice_id(1), 0)
    assert named(store, "SOUTH 1") == named(store, samples.notice_id(7).hex()) == (samples.notice_id(7), 0)
    for unknown in (
        "NORTH 2",
        "EAST 1",
        "1",
        "NORTH",
        "NORTH -1",
        "NORTH \u0661",
        samples.notice_id(9).hex(),
        "",
        "x" * 32,
    ):
        assert named(store, unknown) is None


def test_a_serial_that_the_peer_repeats_names_the_first_notice_of_it(store: Store) -> None:
    answer = samples.surface(2, kind=4)
    apply(
        store, samples.surface(0, serial=1, number=7), samples.surface(1, serial=1, number=8, reason="serial"), answer
    )
    assert named(store, "SOUTH 1") == (samples.notice_id(7), 0)


def test_an_id_that_both_sides_use_names_mine(store: Store) -> None:
    samples.submit(store, 7)
    apply(store, samples.surface(0, serial=1, number=7))
    assert store.described(LINE, samples.notice_id(7), mine=True) == (0, "text", False)
    assert store.described(LINE, samples.notice_id(7), mine=False) == (1, "from the peer", True)
    assert named(store, samples.notice_id(7).hex()) == (samples.notice_id(7), 0)


def test_the_body_of_a_notice_is_found_while_it_waits_and_in_the_log(store: Store) -> None:
    samples.submit(store, 1, b"the words")
    row = samples.row(1, b"the words")

    def body() -> bytes:
        return store.body_of(LINE, samples.notice_id(1), mine=True, index=-1)

    assert body() == b"the words"
    apply(store, Append(OWN, 0, (samples.stored(row, 1),), (row.key,)))
    assert body() == b"the words"
    assert store.own_id(OWN, 0) == samples.notice_id(1)
    assert store.own_id(OWN, 1) == b""
    apply(store, Append(MIRROR, 0, (samples.stored(samples.row(2, b"theirs"), 1),)))
    assert store.body_of(LINE, b"", mine=False, index=0) == b"theirs"
    assert store.body_of(LINE, b"", mine=False, index=1) == b""
    assert store.line_of(OWN) == store.line_of(MIRROR) == LINE


def test_what_this_station_answered_is_known_by_the_place_of_what_it_answered(store: Store) -> None:
    apply(store, samples.surface(0, number=4))
    assert store.given(MIRROR, 0) == []
    for kind in (entry.OPENED, entry.ACKNOWLEDGEMENT):
        store.enqueue_answer(LINE, MIRROR, samples.answer_row(0, kind, bytes([kind]) * 16), "duty", 33)
    assert store.given(MIRROR, 0) == [entry.OPENED, entry.ACKNOWLEDGEMENT]


@pytest.mark.parametrize(
    "call", ["event", "mark_alarmed", "expired", "named", "confirm", "rejected", "line", "view", "submit"]
)
def test_a_damaged_database_is_told_by_every_call_and_never_by_an_error_of_sqlite(tmp_path: Path, call: str) -> None:
    store = samples.opened(tmp_path / "station.db")
    view = store.line(LINE, OWN, MIRROR)
    samples.submit(store, 1)
    store.commit()
    for table in ("event", "outbox", "cursor", "rejected", "log", "queue", "inbox"):
        store._db.execute(f"DROP TABLE {table}")
    calls: dict[str, Callable[[], object]] = {
        "event": lambda: store.event(LINE, Event("a", "b"), 1),
        "mark_alarmed": lambda: store.mark_alarmed(OWN, samples.notice_id(1)),
        "expired": lambda: store.expired(1, 1),
        "named": lambda: named(store, "NORTH 1"),
        "confirm": lambda: store.confirm("a", 0, 1),
        "rejected": lambda: store.rejected(LINE, "a", "b", 1, 1),
        "line": lambda: store.line(LINE, OWN, MIRROR),
        "view": lambda: view.queued(1),
        "submit": lambda: samples.submit(store, 2),
    }
    with pytest.raises(StoreError, match=r"station\.db"):
        calls[call]()
    store.close()
