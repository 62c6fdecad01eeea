"""Reading the record: what is planned, what falls due, and a page of it however much there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.store.desk import Desk
from hotline.store.matters import ACKNOWLEDGE, MET, OVERDUE, REPLY, ThreadRow
from hotline.store.store import Store
from tests.store import samples
from tests.store.samples import LINE

OTHER = b"O" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = samples.opened(tmp_path / "station.db")
    yield store
    store.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    return store.desk


def plan(number: int, start_s: int, end_s: int, *, over: bool = False, line: bytes = LINE) -> ThreadRow:
    key = samples.notice_id(number)
    return ThreadRow(line, True, key, "exercise", str(number), 0, "announced", 1, start_s, end_s, key, over)


def titles(rows: list[ThreadRow]) -> list[str]:
    return [row.title for row in rows]


def test_what_is_late_stands_first_then_what_comes_by_its_start_and_what_has_no_time_is_left_out(desk: Desk) -> None:
    rows = [plan(1, 200, 300), plan(2, 20, 40), plan(3, 90, 110), plan(4, 10, 60), plan(5, 95, 400, over=True)]
    for row in (*rows, plan(6, 0, 0), plan(7, 1, 2, over=True)):
        desk.keep_thread(row)
    assert titles(desk.activities(LINE, 100, 9, past=False)) == ["4", "2", "3", "5", "1"]
    assert titles(desk.activities(LINE, 100, 9, past=True)) == ["5", "7"]
    assert titles(desk.activities(LINE, 100, 2, past=False)) == ["4", "2"]


def test_activities_are_of_one_line_or_of_all(desk: Desk) -> None:
    for row in (plan(1, 200, 300), plan(2, 210, 300, line=OTHER)):
        desk.keep_thread(row)
    assert titles(desk.activities(LINE, 100, 9, past=False)) == ["1"]
    assert titles(desk.activities(OTHER, 100, 9, past=False)) == ["2"]
    assert titles(desk.activities(b"", 100, 9, past=False)) == ["1", "2"]


def test_a_page_of_activities_is_bounded_however_much_is_asked_for(desk: Desk) -> None:
    for number in range(1, limits.API_PAGE + 20):
        desk.keep_thread(plan(number, 200 + number, 300 + number))
    assert len(desk.activities(b"", 100, 10**9, past=False)) == limits.API_PAGE


@given(
    data=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50), st.booleans()), max_size=12), now=st.integers(0, 99)
)
def test_every_activity_is_shown_once_and_what_is_over_is_past_at_once(
    data: list[tuple[int, int, bool]], now: int
) -> None:
    store = Store(Path(":memory:"), samples.read_body)
    for number, (start_s, length_s, over) in enumerate(data):
        store.desk.keep_thread(plan(number, start_s, start_s + length_s, over=over))
    past, rest = (store.desk.activities(b"", now, 99, past=past) for past in (True, False))
    assert sorted(titles(past)) == sorted(str(number) for number, (_, _, over) in enumerate(data) if over)
    assert [row.end_s for row in past] == sorted((row.end_s for row in past), reverse=True)
    still = [str(n) for n, (start_s, length_s, over) in enumerate(data) if not over or start_s + length_s >= now]
    assert sorted(titles(rest)) == sorted(still)
    store.close()


def test_deadlines_come_near_and_pass_in_the_order_of_their_times(desk: Desk) -> None:
    for number, due_s in ((1, 300), (2, 100), (3, 200)):
        desk.open_deadline(LINE, samples.notice_id(number), REPLY, due_s, due_s - 50, 0, mine=True, owed=False)
    assert [row.due_s for row in desk.to_warn(150, 9)] == [100, 200]
    assert [row.due_s for row in desk.passed(199, 9)] == [100]
    assert [row.due_s for row in desk.passed(999, 2)] == [100, 200]
    assert desk.standing(LINE) == (3, 0)
    desk.overdue(LINE, samples.notice_id(2), REPLY, mine=True)
    desk.meet(LINE, samples.notice_id(1), (ACKNOWLEDGE, REPLY), mine=True)
    assert desk.standing(LINE) == (1, 1)
    assert [row.state for row in desk.deadlines(LINE, samples.notice_id(1), mine=True)] == [MET]
    assert [row.state for row in desk.deadlines(LINE, samples.notice_id(2), mine=True)] == [OVERDUE]
    assert desk.deadlines(LINE, samples.notice_id(2), mine=False) == []


def test_what_is_not_there_is_nothing_and_no_error(desk: Desk) -> None:
    key = samples.notice_id(1)
    assert (desk.matter(LINE, key, mine=True), desk.thread(LINE, key, mine=True)) == (None, None)
    assert (desk.watch(LINE, mine=True), desk.card(LINE, mine=True), desk.draft(1)) == (None, (0, b""), None)
    assert (desk.of_thread(LINE, key, mine=True), desk.referring(LINE, key, mine=True)) == ([], [])
    assert (desk.tests(LINE, 9, mine=True, manned=False), desk.drafts(), desk.held(LINE)) == ([], [], 0)
