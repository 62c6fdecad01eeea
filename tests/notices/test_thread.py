"""What is in force: the fold of a thread's notices."""

import itertools
from typing import Any

import pytest

from hotline.notices import KINDS, Notice, Thread, advance, begin, from_mapping, state_at
from hotline.notices.thread import OVER
from tests.notices.record import LEAST, NORTH, SOUTH, Record, cancellation, completion, launch_report, start
from tests.notices.samples import NOW_S, exercise

START_S, END_S = 1_733_029_200, 1_733_245_200  # 010500Z DEC 24, 031700Z DEC 24
DAY_S = 86_400
TARGET = bytes(range(16))


def notice(kind: str, **given: Any) -> Notice:
    return from_mapping(kind, LEAST.get(kind, {}) | given, now_s=NOW_S)


def amendment(revision: int = 2, kind: str = "exercise", **changed: Any) -> Notice:
    replacement = {"kind": kind, **LEAST[kind], **changed}
    given = {"target": TARGET.hex(), "revision": revision, "changed": ["language"], "reason": "x"}
    return notice("amendment", replacement=replacement, **given)


def fold(first: Notice, *then: Notice) -> Thread:
    thread = begin(first)
    for each in then:
        thread = advance(thread, each)
    return thread


def test_an_exercise_is_announced_under_its_designation_for_its_window() -> None:
    assert begin(notice("exercise")) == Thread("exercise", "ILLUSTRATION 24", "announced", 1, START_S, END_S)


@pytest.mark.parametrize("kind", LEAST)
def test_every_kind_without_a_target_begins_a_thread(kind: str) -> None:
    first = notice(kind)
    thread = begin(first)
    assert (thread.kind, thread.state, thread.revision) == (kind, "announced", 1)
    assert thread.title == KINDS[kind].title_of(first)
    assert (thread.start_s, thread.end_s) == (KINDS[kind].window(first) or (0, 0))


def test_a_title_is_by_default_the_headline() -> None:
    assert begin(notice("consultation", subject="Ships")).title == "Ships"


def test_an_amendment_brings_its_own_title_and_window() -> None:
    thread = fold(notice("exercise"), amendment(designation="NEW", end="041700Z DEC 24"))
    assert thread == Thread("exercise", "NEW", "amended", 2, START_S, END_S + DAY_S)


def test_a_thread_follows_its_notices_to_the_end() -> None:
    states = [
        fold(notice("exercise"), *then).state
        for then in itertools.accumulate(
            [(), (amendment(),), (notice("start", **start(TARGET)),), (notice("completion", **completion(TARGET)),)],
        )
    ]
    assert states == ["announced", "amended", "under way", "completed"]


def test_what_is_under_way_stays_so_when_it_is_amended() -> None:
    thread = fold(notice("exercise"), notice("start", **start(TARGET)), amendment(ships=3))
    assert (thread.state, thread.revision) == ("under way", 2)


@pytest.mark.parametrize("before", [(), (amendment(),), (notice("start", **start(TARGET)),)])
def test_a_cancellation_ends_a_thread_at_any_time(before: tuple[Notice, ...]) -> None:
    thread = fold(notice("exercise"), *before, notice("cancellation", **cancellation(TARGET)))
    assert thread.state == "cancelled"
    assert thread.state in OVER


def test_a_launch_report_completes_a_launch() -> None:
    thread = fold(notice("launch"), notice("launch-report", **launch_report(TARGET)))
    assert (thread.kind, thread.state) == ("launch", "completed")


@pytest.mark.parametrize(
    "other",
    [
        notice("inquiry", about=TARGET.hex()),
        notice("reply", inquiry=TARGET.hex(), answers=[{"number": 1, "text": "x"}]),
        notice("view", target=TARGET.hex(), view="satisfied"),
        notice("consultation", answers=TARGET.hex()),
        notice("call-answer", request=TARGET.hex(), verdict="decline", reason="x"),
    ],
    ids=lambda n: n.kind,
)
def test_questions_and_answers_leave_a_record_as_it_is(other: Notice) -> None:
    thread = begin(notice("exercise"))
    assert advance(thread, other) == thread


def test_a_question_about_a_reply_belongs_to_the_thread_of_the_exercise() -> None:
    line = Record()
    first = line.tell(NORTH, "exercise")
    inquiry = line.tell(SOUTH, "inquiry", about=first.hex())
    answers = [{"number": n, "text": "x"} for n in (1, 2)]
    reply = line.tell(NORTH, "reply", inquiry=inquiry.hex(), answers=answers)
    view = line.tell(SOUTH, "view", target=reply.hex(), view="satisfied")
    assert {line.roots[i] for i in (inquiry, reply, view)} == {first}
    line.tell(NORTH, "start", **start(first))
    assert line.state(view) == "under way"


@pytest.mark.parametrize(
    ("kind", "then", "due_s"),
    [
        ("exercise", (), END_S),
        ("exercise", (amendment(),), END_S),
        ("exercise", (amendment(end="041700Z DEC 24"),), END_S + DAY_S),
        ("exercise", (notice("start", **start(TARGET)),), END_S + 5 * DAY_S),
        ("launch", (), END_S + 5 * DAY_S),
        ("launch", (notice("start", **start(TARGET)),), END_S + 5 * DAY_S),
        ("out-of-service", (notice("start", **start(TARGET)),), 1_733_036_400 + 5 * DAY_S),
    ],
)
def test_a_record_is_overdue_once_what_is_owed_was_not_told(kind: str, then: tuple[Notice, ...], due_s: int) -> None:
    thread = fold(notice(kind), *then)
    assert state_at(thread, due_s, 5 * DAY_S) == thread.state
    assert state_at(thread, due_s + 1, 5 * DAY_S) == "overdue"


@pytest.mark.parametrize(
    ("kind", "then"),
    [
        ("exercise", (notice("cancellation", **cancellation(TARGET)),)),
        ("exercise", (notice("start", **start(TARGET)), notice("completion", **completion(TARGET)))),
        ("launch", (notice("launch-report", **launch_report(TARGET)),)),
        ("hazard", ()),
        ("out-of-service", ()),
        ("incident", ()),
        ("inquiry", ()),
    ],
)
def test_what_is_over_or_ends_by_itself_is_never_overdue(kind: str, then: tuple[Notice, ...]) -> None:
    thread = fold(notice(kind), *then)
    assert state_at(thread, END_S + 1000 * DAY_S, 0) == thread.state


def test_the_same_designation_is_kept_as_its_originator_wrote_it() -> None:
    assert begin(notice("exercise", designation="a\u202eb")).title == "a\u202eb"
    assert begin(from_mapping("exercise", exercise(), now_s=NOW_S)).title == "ILLUSTRATION 24"
