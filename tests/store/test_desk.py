"""Writing the record: what is kept once, what outranks what, and what waits behind what."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hotline import limits
from hotline.core import queue
from hotline.core.step import Enqueue
from hotline.errors import BusyError, StoreError
from hotline.store.desk import DESPITE_RULES, TESTS_KEPT, Desk
from hotline.store.matters import ACKNOWLEDGE, MET, OPEN, REPORT, DraftRow
from hotline.store.store import Store
from hotline.store.views import SqlLine
from tests.store import samples
from tests.store.samples import LINE, MIRROR, OWN, RANDOM, notice_id

PASSING = ["consultation"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = samples.opened(tmp_path / "station.db")
    yield store
    store.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    return store.desk


@pytest.fixture
def view(store: Store) -> SqlLine:
    return store.line(LINE, OWN, MIRROR)


def waiting(view: SqlLine) -> list[int]:
    return [int.from_bytes(row.key, "big") for row in view.queued(99)]


def refers(desk: Desk, number: int, target: int) -> None:
    key = notice_id(target)
    desk.note(
        LINE, notice_id(number), "amendment", 0, mine=True, relation="amends", target=key, target_mine=True, root=key,
        root_mine=True,
    )  # fmt: skip


# --- the queue ---------------------------------------------------------------------------------------------


def test_held_notices_stay_until_they_are_let_go_in_the_order_of_their_precedence(
    store: Store, desk: Desk, view: SqlLine
) -> None:
    for number, precedence in ((1, 0), (2, 3), (3, 2), (4, 1)):
        samples.submit(store, number, precedence=precedence)
    store.enqueue_answer(LINE, MIRROR, samples.answer_row(0), "duty", 1)
    assert desk.hold(LINE, PASSING) == 3
    assert [row.key for row in view.queued(9)] == [notice_id(2), RANDOM]
    assert (desk.held(LINE), desk.is_held(LINE, notice_id(1)), desk.is_held(LINE, notice_id(2))) == (3, True, False)
    assert desk.let_go(LINE) == 3
    assert [row.key for row in view.queued(9)] == [notice_id(2), RANDOM, *map(notice_id, (3, 4, 1))]
    assert desk.let_go(LINE) == 0


def test_kinds_that_always_pass_are_not_held(store: Store, desk: Desk) -> None:
    samples.submit(store, 1)
    assert desk.hold(LINE, ["sample"]) == 0
    assert desk.hold(LINE, PASSING) == 1


def test_what_an_officer_let_go_is_not_held_again_also_after_a_restart(store: Store, desk: Desk, view: SqlLine) -> None:
    for number in (1, 2):
        samples.submit(store, number)
    desk.mark("outbox", LINE, notice_id(1), ["LATE"])
    desk.hold(LINE, PASSING)
    for _ in range(2):
        desk.let_go_despite(LINE, notice_id(1))
    assert waiting(view) == [1]
    store.commit()
    store.close()
    again = samples.opened(store.path)
    assert again.desk.held(LINE) == 1
    assert again.desk.hold(LINE, PASSING) == 0
    assert waiting(again.line(LINE, OWN, MIRROR)) == [1]
    ((marks,),) = again._db.execute("SELECT marks FROM outbox WHERE id = ?", (notice_id(1),))
    assert marks == f"LATE\n{DESPITE_RULES}"
    again.close()


def test_what_an_urgent_notice_refers_to_goes_before_it_however_far_back(
    store: Store, desk: Desk, view: SqlLine
) -> None:
    for number, precedence in ((1, 0), (2, 0), (3, 0), (4, 3), (5, 1)):
        samples.submit(store, number, precedence=precedence)
    desk.note(LINE, notice_id(1), "exercise", 0, mine=True)
    refers(desk, 2, 1)
    refers(desk, 4, 2)
    desk.pull_targets(LINE, notice_id(4), queue.RANK_FLASH)
    assert waiting(view) == [1, 2, 4, 5, 3]


def test_a_notice_that_is_let_go_takes_what_it_refers_to_along(store: Store, desk: Desk, view: SqlLine) -> None:
    for number, precedence in ((1, 0), (2, 2), (3, 0)):
        samples.submit(store, number, precedence=precedence)
    desk.note(LINE, notice_id(1), "exercise", 0, mine=True)
    refers(desk, 2, 1)
    desk.hold(LINE, PASSING)
    desk.let_go_despite(LINE, notice_id(2))
    assert waiting(view) == [1, 2]
    assert desk.hold(LINE, PASSING) == 0


def test_letting_all_go_keeps_every_notice_behind_what_it_refers_to(store: Store, desk: Desk, view: SqlLine) -> None:
    for number, precedence in ((1, 0), (2, 2), (3, 1)):
        samples.submit(store, number, precedence=precedence)
    desk.note(LINE, notice_id(1), "exercise", 0, mine=True)
    refers(desk, 2, 1)
    desk.hold(LINE, PASSING)
    desk.let_go(LINE)
    assert waiting(view) == [1, 2, 3]


@pytest.mark.parametrize("precedence", [0, 3])
def test_a_displaced_notice_goes_again_before_what_refers_to_it(
    store: Store, desk: Desk, view: SqlLine, precedence: int
) -> None:
    samples.submit(store, 2, precedence=precedence)
    samples.submit(store, 3)
    desk.note(LINE, notice_id(1), "exercise", 0, mine=True)
    refers(desk, 2, 1)
    refers(desk, 3, 2)
    lost = samples.row(1)
    store.apply(LINE, [Enqueue(lost.key, lost.rank, queue.payload(lost.what), lost.salt, lost.body)], 1)
    desk.requeued(LINE, notice_id(1))
    assert waiting(view) == [1, 2, 3]


# --- threads and deadlines -----------------------------------------------------------------------------------


def test_a_notice_is_noted_once_and_belongs_to_the_thread_of_what_it_refers_to(desk: Desk) -> None:
    for kind in ("exercise", "hazard"):
        desk.note(LINE, notice_id(1), kind, 0, mine=True)
    refers(desk, 2, 1)
    assert [m.kind for m in desk.of_thread(LINE, notice_id(1), mine=True)] == ["exercise", "amendment"]
    assert [m.id for m in desk.referring(LINE, notice_id(1), mine=True)] == [notice_id(2)]
    assert desk.of_thread(LINE, notice_id(1), mine=False) == []


def test_a_notice_that_came_before_what_it_refers_to_joins_its_thread_later(desk: Desk) -> None:
    first, reply = notice_id(1), notice_id(2)
    desk.note(LINE, reply, "reply", 0, mine=True, relation="replies", target=first, target_mine=False)
    (early,) = desk.referring(LINE, first, mine=False)
    assert early.root == b""
    desk.note(LINE, first, "inquiry", 0, mine=False, index=5)
    desk.belongs(early, root=first, root_mine=False)
    assert [m.id for m in desk.of_thread(LINE, first, mine=False)] == [reply, first]


def test_what_was_met_is_neither_opened_nor_told_again(desk: Desk) -> None:
    def open_it(due_s: int) -> None:
        desk.open_deadline(LINE, notice_id(1), ACKNOWLEDGE, due_s, due_s - 1, 9, mine=False, owed=True)

    open_it(50)
    open_it(60)
    (row,) = desk.deadlines(LINE, notice_id(1), mine=False)
    assert (row.due_s, row.state, row.owed) == (60, OPEN, True)
    desk.meet(LINE, notice_id(1), (ACKNOWLEDGE,), mine=False)
    open_it(70)
    desk.overdue(LINE, notice_id(1), ACKNOWLEDGE, mine=False)
    (row,) = desk.deadlines(LINE, notice_id(1), mine=False)
    assert (row.due_s, row.state) == (60, MET)
    assert desk.passed(999, 9) == desk.to_warn(999, 9) == []


def test_storage_begins_anew_only_what_counts_from_receipt_and_is_owed_by_the_peer(store: Store, desk: Desk) -> None:
    samples.submit(store, 1)
    samples.appended(store, 1)
    desk.open_deadline(LINE, notice_id(1), ACKNOWLEDGE, 100, 90, 60, mine=True, owed=False)
    desk.open_deadline(LINE, notice_id(1), 2, 100, 90, 0, mine=True, owed=False)
    desk.open_deadline(LINE, notice_id(1), REPORT, 100, 90, 60, mine=True, owed=True)
    desk.overdue(LINE, notice_id(1), ACKNOWLEDGE, mine=True)
    desk.restart_deadlines(LINE, 1, 1, 9, 1000)
    assert [row.due_s for row in desk.deadlines(LINE, notice_id(1), mine=True)] == [100, 100, 100]
    desk.restart_deadlines(LINE, 1, 0, 1, 1000)
    assert [(r.due_s, r.state) for r in desk.deadlines(LINE, notice_id(1), mine=True)] == [
        (1060, 0),
        (100, 0),
        (100, 0),
    ]
    assert [row.due_s for row in desk.to_warn(1050, 9)] == [100, 100, 1060]


# --- drafts, watches, cards, tests ------------------------------------------------------------------------------

DRAFT = DraftRow(0, LINE, notice_id(1), "exercise", "x", 2, 1, 9, b"s" * 32, b"body", "A", b"a" * 32, b"g", 77)


def test_a_draft_is_read_back_whole_and_its_number_is_never_given_again(desk: Desk) -> None:
    first = desk.keep_draft(DRAFT)
    assert desk.draft(first) == replace(DRAFT, number=first)
    assert desk.drop_draft(first)
    assert not desk.drop_draft(first)
    assert desk.keep_draft(DRAFT) == first + 1


def test_drafts_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DRAFTS", 2)
    numbers = [desk.keep_draft(DRAFT) for _ in range(2)]
    with pytest.raises(BusyError, match="2 drafts"):
        desk.keep_draft(DRAFT)
    desk.drop_draft(numbers[0])
    assert [row.number for row in desk.drafts()] == numbers[1:]
    desk.keep_draft(DRAFT)


def test_an_old_watch_put_into_the_log_again_changes_nothing(desk: Desk) -> None:
    for officer, signed_ms in (("A", 10), ("B", 20), ("A", 10)):
        desk.keep_watch(LINE, 1, officer, "", signed_ms, "", mine=False)
    found = desk.watch(LINE, mine=False)
    assert found is not None
    assert (found.officer, found.signed_ms) == ("B", 20)


def test_only_a_newer_card_takes_the_place_of_a_card(desk: Desk) -> None:
    for number, packed in ((2, b"two"), (1, b"one"), (2, b"another"), (3, b"three")):
        desk.keep_card(LINE, number, packed, mine=False)
        assert desk.card(LINE, mine=True) == (0, b"")
    assert desk.card(LINE, mine=False) == (3, b"three")


def test_of_line_tests_the_latest_are_kept_whatever_numbers_the_peer_gives_them(desk: Desk) -> None:
    for number in range(TESTS_KEPT + 200):
        desk.keep_test(LINE, notice_id(number), 2 * number + 1, RANDOM, number, mine=False, manned=False)
    kept = desk.tests(LINE, 10**6, mine=False, manned=False)
    assert TESTS_KEPT <= len(kept) <= TESTS_KEPT + 64
    assert kept[0].serial == 2 * (TESTS_KEPT + 199) + 1


def test_the_first_echo_of_a_line_test_counts(desk: Desk) -> None:
    desk.keep_test(LINE, notice_id(1), 1, RANDOM, 10, mine=True, manned=True)
    for echo_ms, officer in ((-1, ""), (30, "A"), (40, "B")):
        desk.test_answered(LINE, notice_id(1), echo_ms, officer, mine=True)
    (row,) = desk.tests(LINE, 9, mine=True, manned=True)
    assert (row.echo_ms, row.officer) == (30, "A")


def test_a_damaged_database_is_told_with_its_file(store: Store, desk: Desk) -> None:
    store._db.execute("DROP TABLE watch")
    with pytest.raises(StoreError, match=r"station\.db"):
        desk.keep_watch(LINE, 1, "A", "", 1, "", mine=True)
