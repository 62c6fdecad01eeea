"""Lists, one notice, and counts, as people and programs ask for them; all bounded, along indexes, never in the way."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from hotline import limits
from hotline.core import entry
from hotline.core.step import Answered, Event, Judged, KeepHead
from hotline.errors import StoreError
from hotline.store import queries
from hotline.store.desk import Desk
from hotline.store.matters import ThreadRow
from hotline.store.queries import Counts, Given, Happened, Reader, Received, Sent
from hotline.store.store import Store
from tests.store import samples
from tests.store.samples import LINE, MIRROR, OWN, RANDOM, SIGNATURE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = samples.opened(tmp_path / "station.db")
    yield store
    store.close()


@pytest.fixture
def busy(store: Store) -> Store:
    """Five notices of mine (1 and 2 stored, 3 in the log, 4 and 5 queued) and six entries of the peer."""
    for number in range(1, 6):
        samples.submit(store, number, b"body %d" % number, now_ms=number)
    samples.appended(store, 1, 2, 3, now_ms=10)
    store.apply(LINE, [KeepHead(OWN, 2, samples.root(2), SIGNATURE)], 20)
    store.apply(
        LINE,
        [
            samples.surface(0, kind=1),
            samples.surface(1, serial=1, number=11),
            samples.surface(2, kind=4),
            samples.surface(3, serial=2, number=12),
            samples.surface(4, kind=4, reason="target"),
            samples.surface(5, kind=0, reason="content"),
            samples.surface(6, serial=2, number=12, reason="serial"),
            Judged(MIRROR, 7, 2, 0),
        ],
        30,
    )
    store.commit()
    return store


def reading(store: Store) -> Reader:
    """A reader for the length of one test; the store's fixture closes the file under it."""
    return Reader(apsw.Connection(str(store.path), flags=apsw.SQLITE_OPEN_READONLY), store.path)


# --- the inbox ------------------------------------------------------------------------------------


def test_the_inbox_is_in_order_and_goes_on_after_any_seq(busy: Store) -> None:
    reader = reading(busy)
    assert [r.index for r in reader.inbox(0, 100, notices_only=False)] == [0, 1, 2, 3, 4, 5, 6]
    assert [r.index for r in reader.inbox(2, 2, notices_only=False)] == [2, 3]
    assert reader.inbox(7, 100, notices_only=False) == []


def test_the_inbox_of_notices_leaves_out_valid_answers_and_nothing_that_is_invalid(busy: Store) -> None:
    reader = reading(busy)
    assert [r.index for r in reader.inbox(0, 100, notices_only=True)] == [1, 3, 4, 5, 6]
    assert [r.index for r in reader.latest_inbox(2, notices_only=True)] == [5, 6]
    assert [r.index for r in reader.latest_inbox(100, notices_only=False)] == list(range(7))


def test_a_row_of_the_inbox_holds_all_that_was_surfaced(busy: Store) -> None:
    (first,) = reading(busy).inbox(1, 1, notices_only=False)
    assert first == Received(
        2, LINE, MIRROR, 1, 2, 5, 30, "", False, samples.notice_id(11), 1, 1, 0, 7, ("duty",), "sample", "from the peer"
    )  # fmt: skip


def test_a_notice_of_the_peer_is_found_by_serial_or_id_and_the_first_where_it_is_repeated(busy: Store) -> None:
    reader = reading(busy)
    for found in (reader.received(MIRROR, serial=2), reader.received(MIRROR, notice_id=samples.notice_id(12))):
        assert found is not None
        assert (found.index, found.reason) == (3, "")
    assert reader.received(MIRROR, serial=9) is None
    assert reader.received(MIRROR, notice_id=bytes(16)) is None
    assert reader.received(OWN, serial=1) is None


# --- the outbox -----------------------------------------------------------------------------------


def test_the_outbox_goes_from_the_newest_or_the_oldest_and_on_from_any_row(busy: Store) -> None:
    reader = reading(busy)
    newest = reader.outbox(3, before=0, newest_first=True)
    assert [s.id[-1] for s in newest] == [5, 4, 3]
    assert [s.id[-1] for s in reader.outbox(9, before=newest[-1].row, newest_first=True)] == [2, 1]
    oldest = reader.outbox(2, before=0, newest_first=False)
    assert [s.id[-1] for s in oldest] == [1, 2]
    assert [s.id[-1] for s in reader.outbox(9, before=oldest[-1].row, newest_first=False)] == [3, 4, 5]


def test_the_place_of_a_row_in_the_outbox_survives_a_vacuum(busy: Store) -> None:
    before = [(s.row, s.id) for s in reading(busy).outbox(9, before=0, newest_first=True)]
    busy.close()
    db = apsw.Connection(str(busy.path))
    db.execute("DELETE FROM outbox WHERE seq = 2; VACUUM")
    db.close()
    assert [(s.row, s.id) for s in reading(busy).outbox(9, before=0, newest_first=True)] == [
        row for row in before if row[0] != 2
    ]


def test_a_row_of_the_outbox_says_how_far_the_notice_is(busy: Store) -> None:
    reader = reading(busy)
    assert reader.sent(OWN, serial=1) == Sent(
        samples.notice_id(1), LINE, OWN, 0, 1, 0, 0, 0, "sample", "body 1", 1, 20, 1
    )
    unsigned, queued = reader.sent(OWN, serial=3), reader.sent(OWN, notice_id=samples.notice_id(5))
    assert unsigned is not None
    assert (unsigned.index, unsigned.stored_ms) == (2, 0)
    assert queued is not None
    assert (queued.index, queued.serial, queued.stored_ms) == (-1, 0, 0)
    assert reader.sent(OWN, serial=0) is None
    assert reader.sent(OWN, notice_id=samples.notice_id(9)) is None


# --- one entry --------------------------------------------------------------------------------------


def test_answers_are_those_of_both_sides_in_the_order_in_which_they_came(busy: Store) -> None:
    busy.enqueue_answer(LINE, MIRROR, samples.answer_row(1, entry.ACKNOWLEDGEMENT), "duty", 50)
    busy.enqueue_answer(LINE, MIRROR, samples.answer_row(1, random=b"q" * 16), "duty", 40)
    busy.apply(LINE, [Answered(OWN, 0, 4, 2, 44, 1, "Petrov", "understood")], 60)
    busy.commit()
    reader = reading(busy)
    assert [(a.type, a.mine, a.at_ms, a.officer) for a in reader.answers(MIRROR, 1)] == [
        (entry.OPENED, True, 40, "duty"), (entry.ACKNOWLEDGEMENT, True, 50, "duty"),
    ]  # fmt: skip
    assert reader.answers(OWN, 0) == [Given(4, False, 44, 60, 1, "Petrov", "understood", (2).to_bytes(8, "big"))]
    assert reader.answers(OWN, 1) == []


def test_a_peer_that_answers_one_notice_without_end_is_shown_in_part(busy: Store) -> None:
    busy.apply(LINE, [Answered(OWN, 0, 3, index, 1, 0, "x", "") for index in range(1000)], 60)
    busy.commit()
    assert len(reading(busy).answers(OWN, 0)) == queries.ANSWERS_SHOWN


def test_leaf_and_body_are_those_of_the_entry_or_of_the_queue(busy: Store) -> None:
    reader = reading(busy)
    expected = samples.stored(samples.row(1), 1)
    assert (reader.leaf(OWN, 0), reader.body(OWN, 0)) == (expected.leaf, expected.body)
    assert (reader.leaf(OWN, 9), reader.body(OWN, 9)) == (None, b"")
    assert reader.queued_body(LINE, samples.notice_id(4)) == b"body 4"
    assert reader.queued_body(LINE, samples.notice_id(1)) == b""


# --- status --------------------------------------------------------------------------------------------


def test_the_counts_of_a_line_are_of_what_waits_and_of_valid_notices_that_nobody_answered(busy: Store) -> None:
    assert reading(busy).counts(LINE) == Counts(queued=2, not_stored=3, unread=2, last_sent=3, last_received=2)
    busy.enqueue_answer(LINE, MIRROR, samples.answer_row(1), "duty", 40)
    busy.apply(LINE, [KeepHead(OWN, 3, samples.root(3), SIGNATURE)], 41)
    busy.commit()
    assert reading(busy).counts(LINE) == Counts(queued=3, not_stored=2, unread=1, last_sent=3, last_received=2)


def test_a_notice_that_was_answered_before_it_was_surfaced_again_is_not_unread(store: Store) -> None:
    """A lost store is rebuilt: my own answers are back first."""
    store.enqueue_answer(LINE, MIRROR, samples.answer_row(1, random=RANDOM), "duty", 40)
    store.apply(LINE, [samples.surface(1, serial=1, number=1), samples.surface(2, serial=2, number=2)], 50)
    store.commit()
    assert reading(store).counts(LINE).unread == 1


def test_the_counts_of_a_line_that_has_nothing_are_zero(store: Store) -> None:
    assert reading(store).counts(LINE) == Counts(0, 0, 0, 0, 0)
    assert reading(store).counts(b"?" * 32) == Counts(0, 0, 0, 0, 0)


def test_rejected_frames_are_added_up_over_paths(busy: Store) -> None:
    for path, reason, count in (("a", "frame-mac", 2), ("b", "frame-mac", 3), ("a", "frame-size", 1)):
        busy.rejected(LINE, path, reason, count, 1)
    busy.rejected(b"", "a", "topic", 9, 1)
    busy.commit()
    assert reading(busy).rejected(LINE) == {"frame-mac": 5, "frame-size": 1}


def test_events_go_on_after_any_seq_and_alarms_are_the_latest_of_their_line(busy: Store) -> None:
    for number in range(1, 5):
        busy.apply(LINE, [Event("kind", str(number), alarm=number != 2, index=number)], number)
    busy.event(b"?" * 32, Event("other", "5", alarm=True), 5)
    busy.commit()
    reader = reading(busy)
    assert [e.text for e in reader.events(2, 2)] == ["3", "4"]
    assert reader.alarms(LINE, 2) == [
        Happened(4, 4, LINE, "kind", "4", True, 4), Happened(3, 3, LINE, "kind", "3", True, 3),
    ]  # fmt: skip
    assert [e.text for e in reader.alarms(LINE, 9)] == ["4", "3", "1"]
    assert reader.last_event() == 5


def test_a_consumer_that_never_confirmed_begins_at_zero(busy: Store) -> None:
    assert reading(busy).cursor("printer") == 0
    busy.confirm("printer", 3, 1)
    busy.commit()
    assert reading(busy).cursor("printer") == 3
    assert reading(busy).last_event() == 0


def test_no_list_is_longer_than_a_page_whatever_is_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "API_PAGE", 3)
    for number in range(1, 6):
        samples.submit(store, number)
        store.apply(LINE, [samples.surface(number), Event("a", "b", alarm=True)], 1)
    store.commit()
    reader = reading(store)
    lists: list[list[object]] = [
        [*reader.inbox(0, 10**9, notices_only=False)],
        [*reader.inbox(0, 10**9, notices_only=True)],
        [*reader.latest_inbox(10**9, notices_only=True)],
        [*reader.outbox(10**9, before=0, newest_first=True)],
        [*reader.outbox(10**9, before=0, newest_first=False)],
        [*reader.events(0, 10**9)],
        [*reader.alarms(LINE, 10**9)],
    ]
    assert [len(found) for found in lists] == [3] * len(lists)


# --- together with the writer -----------------------------------------------------------------------------


def test_a_slow_reader_sees_one_moment_and_never_blocks_the_writer(busy: Store) -> None:
    with Reader.open(busy.path) as slow:
        before = slow.counts(LINE)
        busy._db.set_busy_timeout(0)  # whatever it had to wait for would fail
        for number in range(100, 150):
            samples.submit(busy, number)
            busy.commit()
        assert slow.counts(LINE) == before
    with Reader.open(busy.path) as later:
        assert later.counts(LINE).queued == before.queued + 50


def test_a_reader_sees_nothing_of_a_batch_that_is_not_committed_and_does_not_wait_for_it(busy: Store) -> None:
    samples.submit(busy, 100)
    with Reader.open(busy.path) as reader:
        assert reader.sent(OWN, notice_id=samples.notice_id(100)) is None


def test_a_reader_cannot_write(busy: Store) -> None:
    with pytest.raises(StoreError, match="cannot be opened or written"), Reader.open(busy.path) as reader:
        reader._db.execute("DELETE FROM inbox")


def test_a_query_on_a_damaged_database_is_told_with_its_file(busy: Store) -> None:
    busy._db.execute("DROP TABLE event")
    with Reader.open(busy.path) as reader, pytest.raises(StoreError, match=r"station\.db"):
        reader.last_event()


# --- speed ----------------------------------------------------------------------------------------------

# Rows of these are a few for each line: there is no need of an index for every question about them.
# Drafts are bounded by limits.DRAFTS.
SMALL = {"log", "l", "rejected", "json_each", "draft"}


def plans(store: Store) -> Iterator[tuple[str, str]]:
    """(statement, step of its plan) of everything that the reader and the hot paths of the writer ask."""
    asked: dict[str, Any] = {}

    def note(_: apsw.Cursor, sql: str, values: Any) -> bool:
        asked[sql] = values
        return True

    reader = reading(store)
    for db in (reader._db, store._db):
        db.set_exec_trace(note)
    for only in (True, False):
        reader.inbox(1, 9, notices_only=only)
        reader.latest_inbox(9, notices_only=only)
        reader.outbox(9, before=1, newest_first=only)
    for serial, identity in ((1, b""), (0, samples.notice_id(1))):
        reader.received(MIRROR, serial=serial, notice_id=identity)
        reader.sent(OWN, serial=serial, notice_id=identity)
    reader.answers(OWN, 1)
    reader.counts(LINE)
    reader.rejected(LINE)
    reader.alarms(LINE, 9)
    reader.events(1, 9)
    reader.last_event()
    reader.cursor("a")
    reader.leaf(OWN, 1)
    reader.body(OWN, 1)
    reader.queued_body(LINE, samples.notice_id(1))
    view = store.line(LINE, OWN, MIRROR)
    view.queued(9)
    view.mirror.has_notice(samples.notice_id(1), 9)
    for ask in (view.own.size, view.own.head, view.own.receipt, view.own.last_serial):
        ask()
    view.mirror.proposal_after(1)
    view.own.entries(0, 9)
    view.own.leaves(0, 9)
    store.expired(1, 9)
    store.named(LINE, "NORTH 1", {"NORTH"}, {"SOUTH"})
    store.named(LINE, "SOUTH 1", {"NORTH"}, {"SOUTH"})
    store.named(LINE, samples.notice_id(1).hex(), {"NORTH"}, {"SOUTH"})
    store.body_of(LINE, samples.notice_id(1), mine=True, index=-1)
    store.body_of(LINE, b"", mine=False, index=1)
    for mine in (True, False):
        store.described(LINE, samples.notice_id(1), mine=mine)
    store.own_id(OWN, 1)
    store.given(MIRROR, 1)
    store.has_sent(OWN, samples.notice_id(1))
    ask_of_the_record(reader, store)
    samples.submit(store, 99)
    samples.appended(store, 99)
    store.apply(LINE, [KeepHead(OWN, 4, samples.root(4), SIGNATURE), Answered(OWN, 0, 4, 2, 1, 1, "x", "")], 1)
    store.enqueue_answer(LINE, MIRROR, samples.answer_row(3), "duty", 1)
    for db in (reader._db, store._db):
        db.set_exec_trace(None)
    for sql, values in asked.items():
        if sql.split()[0] in ("SELECT", "UPDATE", "DELETE"):
            yield from ((sql, step) for *_, step in store._db.execute(f"EXPLAIN QUERY PLAN {sql}", values))


def ask_of_the_record(reader: Reader, store: Store) -> None:
    """All that `hotline.store.matters` and `hotline.store.desk` ask, and what they write."""
    known, m, d = samples.notice_id(1), reader.matters, store.desk
    for mine in (True, False):
        m.matter(LINE, known, mine=mine)
        m.thread(LINE, known, mine=mine)
        m.of_thread(LINE, known, mine=mine)
        m.referring(LINE, known, mine=mine)
        m.replacing(LINE, known, mine=mine, after=1)
        m.settling(LINE, known, mine=mine)
        m.deadlines(LINE, known, mine=mine)
        m.watch(LINE, mine=mine)
        m.card(LINE, mine=mine)
        m.tests(LINE, 9, mine=mine, manned=True)
    for past in (True, False):
        for line in (LINE, b""):
            m.activities(line, 50, 9, past=past)
    m.to_warn(9, 9)
    m.passed(9, 9)
    m.standing(LINE)
    m.drafts()
    m.draft(1)
    m.held(LINE)
    m.is_held(LINE, known)
    write_the_record(d)


def write_the_record(d: Desk) -> None:
    known, other = samples.notice_id(1), samples.notice_id(5)
    d.note(LINE, known, "exercise", 0, mine=True)
    d.note(LINE, other, "amendment", 0, mine=True, relation="amends", target=known, target_mine=True, root=known)
    d.keep_thread(ThreadRow(LINE, True, known, "exercise", "x", 0, "announced", 1, 5, 6, known, False))
    (matter,) = d.referring(LINE, known, mine=True)
    d.replaced(matter)
    d.belongs(matter, root=known, root_mine=True)
    for table in ("outbox", "inbox"):
        d.mark(table, LINE, known, ["LATE"])
    d.open_deadline(LINE, known, 1, 5, 4, 3, mine=True, owed=False)
    d.restart_deadlines(LINE, 1, 0, 9, 50)
    d.warned(LINE, known, 1, mine=True)
    d.overdue(LINE, known, 1, mine=True)
    d.meet(LINE, known, (1, 2), mine=True)
    d.hold(LINE, ["consultation", "incident"])
    d.let_go(LINE)
    d.hold_one(LINE, other)
    d.let_go_despite(LINE, other)
    d.requeued(LINE, other)
    d.requeued(LINE, known)
    d.keep_watch(LINE, 1, "duty", "", 5, "", mine=True)
    d.keep_card(LINE, 2, b"card", mine=True)
    for serial in range(1, 130):
        d.keep_test(LINE, serial.to_bytes(16, "big"), serial, RANDOM, serial, mine=True, manned=False)
    d.test_answered(LINE, known, 9, "", mine=True)
    d.drop_draft(1)


def test_no_question_of_a_reader_or_of_a_batch_reads_a_whole_table_or_sorts_one(busy: Store) -> None:
    found = list(plans(busy))
    assert len({sql for sql, _ in found}) > 70
    slow = [
        (sql, step)
        for sql, step in found
        if ("TEMP B-TREE" in step and "GROUP BY" not in step)
        or ((scan := re.match(r"SCAN (\w+)", step)) and scan[1] not in SMALL and not bounded(sql, step))
    ]
    assert slow == []


def bounded(sql: str, step: str) -> bool:
    """A scan in the order that is asked for, which ends at the LIMIT, reads no more than a page."""
    ordered = re.search(r"ORDER BY i\.seq DESC LIMIT", sql)
    return bool(ordered) and "TEMP" not in step
