"""Rules between notices (NOTICES.md, section 26): each broken once; any sequence of notices is in test_sequences."""

from collections.abc import Callable
from typing import Any

import pytest

from hotline.errors import NoticeError
from hotline.notices import Known, Mode, check_relations, from_mapping
from tests.notices.record import (
    LEAST,
    NORTH,
    SOUTH,
    Record,
    cancellation,
    completion,
    launch_report,
    start,
)
from tests.notices.samples import NOW_S, exercise

UNHEARD_OF = bytes(15) + b"\xff"


def refused(call: Callable[[], object], field: str, says: str) -> None:
    with pytest.raises(NoticeError) as e:
        call()
    assert (e.value.field, e.value.reason) == (field, "rule"), e.value
    assert says in e.value.what
    assert e.value.what.startswith(field)
    assert e.value.remedy


def reply(inquiry: bytes, numbers: list[int]) -> dict[str, Any]:
    return {"inquiry": inquiry.hex(), "answers": [{"number": n, "text": "Ours."} for n in numbers]}


@pytest.fixture
def line() -> Record:
    return Record()


@pytest.mark.parametrize(
    ("kind", "field", "fields"),
    [
        ("cancellation", "target", cancellation(UNHEARD_OF)),
        ("start", "target", start(UNHEARD_OF)),
        ("completion", "target", completion(UNHEARD_OF)),
        ("launch-report", "target", launch_report(UNHEARD_OF)),
        ("inquiry", "about", {"about": UNHEARD_OF.hex()}),
        ("reply", "inquiry", reply(UNHEARD_OF, [1])),
        ("call-answer", "request", {"request": UNHEARD_OF.hex(), "verdict": "decline", "reason": "x"}),
        ("view", "target", {"target": UNHEARD_OF.hex(), "view": "agree"}),
        ("consultation", "answers", {"answers": UNHEARD_OF.hex()}),
    ],
)
def test_rule_1_a_target_is_a_notice_that_is_held(line: Record, kind: str, field: str, fields: dict[str, Any]) -> None:
    refused(lambda: line.tell(NORTH, kind, **fields), field, "no earlier notice of this line")


def test_rule_1_an_amendment_is_named_by_the_first_notice_never_by_an_amendment(line: Record) -> None:
    first = line.tell(NORTH, "exercise")
    second = line.amend(NORTH, first, ships=3)
    refused(lambda: line.tell(NORTH, "start", **start(second)), "target", "is of kind amendment")
    with pytest.raises(NoticeError, match="Name the first notice of the thread"):
        line.tell(NORTH, "cancellation", **cancellation(second))


@pytest.mark.parametrize(("told", "mode"), [(t, m) for t in Mode for m in Mode if t is not m])
def test_rule_2_target_and_notice_have_one_mode(line: Record, told: Mode, mode: Mode) -> None:
    target = line.tell(NORTH, "exercise", told)
    refused(
        lambda: line.tell(NORTH, "start", mode, **start(target)), "target", f"cannot refer to one of mode {told.name}"
    )
    line.tell(NORTH, "start", told, **start(target))


def test_rule_2_a_reference_has_the_same_mode_where_it_is_known(line: Record) -> None:
    real, drill = line.tell(NORTH, "exercise"), line.tell(SOUTH, "exercise", Mode.DRILL)
    names = [real.hex(), drill.hex()]
    refused(lambda: line.tell(NORTH, "consultation", references=names), "references[1]", "one of mode DRILL")
    refused(lambda: line.tell(NORTH, "consultation", Mode.DRILL, references=names), "references[0]", "mode OPERATION")
    line.tell(NORTH, "consultation", references=[real.hex(), UNHEARD_OF.hex()])


def test_rule_2_without_a_lookup_of_references_none_is_known() -> None:
    check_relations(
        from_mapping("consultation", {"text": "x", "references": ["NORTH 7"]}, now_s=NOW_S), Mode.TEST, lambda _: None
    )


def over(line: Record, target: bytes, how: str) -> None:
    if how == "cancelled":
        line.tell(NORTH, "cancellation", **cancellation(target))
    else:
        line.tell(NORTH, "start", **start(target))
        line.tell(NORTH, "completion", **completion(target))


@pytest.mark.parametrize("how", ["cancelled", "completed"])
def test_rule_3_what_is_over_is_not_changed_again(line: Record, how: str) -> None:
    target = line.tell(NORTH, "exercise")
    over(line, target, how)
    for kind, fields in (
        ("start", start(target)),
        ("completion", completion(target, not_started_reason="x")),
        ("cancellation", cancellation(target)),
    ):
        refused(lambda k=kind, f=fields: line.tell(NORTH, k, **f), "target", f"already {how}")  # type: ignore[misc]  # bound at once, not at the end of the loop
    refused(lambda: line.amend(NORTH, target, ships=3), "target", f"already {how}")
    line.tell(SOUTH, "inquiry", about=target.hex())


def test_rule_3_a_launch_is_reported_once(line: Record) -> None:
    target = line.tell(NORTH, "launch")
    line.tell(NORTH, "launch-report", **launch_report(target))
    refused(lambda: line.tell(NORTH, "launch-report", **launch_report(target)), "target", "already completed")


def test_rule_3_what_was_started_is_not_started_again_amended_or_not(line: Record) -> None:
    target = line.tell(NORTH, "exercise")
    line.tell(NORTH, "start", **start(target))
    line.amend(NORTH, target, ships=3)
    refused(lambda: line.tell(NORTH, "start", **start(target)), "target", "already been started")


@pytest.mark.parametrize("revision", [2, 4, 10_000])
def test_rule_4_a_revision_follows_the_one_in_force(line: Record, revision: int) -> None:
    target = line.tell(NORTH, "exercise")
    line.amend(NORTH, target, ships=3)
    replacement = {"kind": "exercise", **exercise(ships=4)}
    given: dict[str, Any] = {"target": target.hex(), "reason": "x", "changed": ["ships"], "replacement": replacement}
    refused(lambda: line.tell(NORTH, "amendment", revision=revision, **given), "revision", "3 follows")
    line.tell(NORTH, "amendment", revision=3, **given)


def test_rule_4_a_replacement_is_of_the_targets_kind(line: Record) -> None:
    target = line.tell(NORTH, "exercise")
    replacement = {"kind": "launch", **LEAST["launch"]}
    given: dict[str, Any] = {"target": target.hex(), "reason": "x", "changed": ["language"], "replacement": replacement}
    refused(lambda: line.tell(NORTH, "amendment", revision=2, **given), "replacement.kind", "cannot become")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (["start_s"], "ships differs and is not named"),
        (["ships"], "start_s differs and is not named"),
        (["ships", "start_s", "tanks"], "tanks is named and does not differ"),
        (["ships", "start_s", "withheld"], "withheld is named and does not differ"),
    ],
)
def test_rule_4_changed_names_exactly_what_differs(line: Record, changed: list[str], says: str) -> None:
    target = line.tell(NORTH, "exercise")
    replacement = {"kind": "exercise", **exercise(ships=3, start="010400Z DEC 24")}
    given: dict[str, Any] = {"target": target.hex(), "reason": "x", "revision": 2, "replacement": replacement}
    refused(lambda: line.tell(NORTH, "amendment", changed=changed, **given), "changed", says)


def test_rule_4_what_differs_is_told_from_the_revision_in_force_not_the_first(line: Record) -> None:
    target = line.tell(NORTH, "exercise")
    line.amend(NORTH, target, ships=3)
    given: dict[str, Any] = {"target": target.hex(), "reason": "x", "replacement": {"kind": "exercise", **exercise()}}
    line.tell(NORTH, "amendment", revision=3, changed=["ships"], **given)


@pytest.mark.parametrize(
    ("changed", "extends"),
    [
        ({"end": "041700Z DEC 24"}, True),
        ({"end": "031600Z DEC 24"}, False),
        ({"start": "010600Z DEC 24", "end": "041700Z DEC 24"}, False),
        ({"ships": 3}, False),
    ],
)
def test_rule_4_an_extension_starts_as_before_and_ends_later(
    line: Record, changed: dict[str, Any], extends: bool
) -> None:
    target = line.tell(NORTH, "exercise")
    names = [{"start": "start_s", "end": "end_s"}.get(n, n) for n in changed]
    given: dict[str, Any] = {"target": target.hex(), "reason": "x", "revision": 2, "changed": names}
    given["replacement"] = {"kind": "exercise", **exercise(**changed)}
    if extends:
        line.tell(NORTH, "amendment", window_extension=True, **given)
    else:
        refused(lambda: line.tell(NORTH, "amendment", window_extension=True, **given), "window_extension", "as before")


def test_rule_4_what_has_no_window_has_no_extension(line: Record) -> None:
    target = line.tell(NORTH, "incident")
    replacement = {"kind": "incident", **LEAST["incident"], "assessment": "A failure."}
    given: dict[str, Any] = {
        "target": target.hex(),
        "reason": "x",
        "revision": 2,
        "changed": ["assessment"],
        "replacement": replacement,
    }
    refused(lambda: line.tell(NORTH, "amendment", window_extension=True, **given), "window_extension", "as before")


def test_rule_5_what_ends_without_a_start_says_why(line: Record) -> None:
    target = line.tell(NORTH, "exercise")
    refused(lambda: line.tell(NORTH, "completion", **completion(target)), "not_started_reason", "no start was told")
    line.tell(NORTH, "completion", **completion(target, not_started_reason="The line was down."))


def test_rule_5_what_was_started_or_needs_no_start_gives_no_such_reason(line: Record) -> None:
    started, hazard = line.tell(NORTH, "exercise"), line.tell(NORTH, "hazard")
    line.tell(NORTH, "start", **start(started))
    for target in (started, hazard):
        said = completion(target, not_started_reason="x")
        refused(lambda s=said: line.tell(NORTH, "completion", **s), "not_started_reason", "none is due")  # type: ignore[misc]  # bound at once, not at the end of the loop
        line.tell(NORTH, "completion", **completion(target))


@pytest.mark.parametrize(
    ("numbers", "field", "says"),
    [
        ([1], "answers", "question 2 has no answers"),
        ([2], "answers", "question 1 has no answers"),
        ([1, 2, 3], "answers[2].number", "there is no question 3"),
    ],
)
def test_rule_6_each_question_has_one_answer(line: Record, numbers: list[int], field: str, says: str) -> None:
    inquiry = line.tell(SOUTH, "inquiry")
    refused(lambda: line.tell(NORTH, "reply", **reply(inquiry, numbers)), field, says)


def test_rule_6_a_later_reply_is_allowed(line: Record) -> None:
    inquiry = line.tell(SOUTH, "inquiry")
    for _ in range(2):
        line.tell(NORTH, "reply", **reply(inquiry, [1, 2]))


@pytest.mark.parametrize("view", ["agree", "object", "no-view", "satisfied", "not-satisfied", "meeting-asked"])
def test_rule_7_a_view_is_one_that_goes_with_its_target(line: Record, view: str) -> None:
    statement = line.tell(NORTH, "statement")
    answer = line.tell(NORTH, "reply", **reply(line.tell(SOUTH, "inquiry"), [1, 2]))
    fits, other = (statement, answer) if view in ("agree", "object", "no-view") else (answer, statement)
    line.tell(SOUTH, "view", target=fits.hex(), view=view)
    refused(lambda: line.tell(SOUTH, "view", target=other.hex(), view=view), "view", "is no view on a notice of kind")


@pytest.mark.parametrize(
    ("kind", "author", "target", "field", "fields"),
    [
        ("start", SOUTH, "exercise", "target", start),
        ("cancellation", SOUTH, "hazard", "target", cancellation),
        ("launch-report", SOUTH, "launch", "target", launch_report),
        ("reply", NORTH, "inquiry", "inquiry", lambda t: reply(t, [1, 2])),
        ("view", NORTH, "statement", "target", lambda t: {"target": t.hex(), "view": "agree"}),
        ("consultation", NORTH, "exercise", "answers", lambda t: {"answers": t.hex()}),
        (
            "call-answer",
            NORTH,
            "call-request",
            "request",
            lambda t: {"request": t.hex(), "verdict": "decline", "reason": "x"},
        ),
    ],
)
def test_a_target_is_of_the_side_that_the_table_says(
    line: Record, kind: str, author: str, target: str, field: str, fields: Callable[[bytes], dict[str, Any]]
) -> None:
    held = line.tell(NORTH, target)
    refused(lambda: line.tell(author, kind, **fields(held)), field, "can only name one of the")
    line.tell(NORTH if author == SOUTH else SOUTH, kind, **fields(held))


@pytest.mark.parametrize(
    ("kind", "target", "field", "fields"),
    [
        ("start", "hazard", "target", start),
        ("completion", "launch", "target", completion),
        ("launch-report", "exercise", "target", launch_report),
        ("cancellation", "statement", "target", cancellation),
    ],
)
def test_a_target_is_of_a_kind_that_the_table_says(
    line: Record, kind: str, target: str, field: str, fields: Callable[[bytes], dict[str, Any]]
) -> None:
    held = line.tell(NORTH, target)
    refused(lambda: line.tell(NORTH, kind, **fields(held)), field, f"is of kind {target}, which no {kind} can name")


def test_a_line_test_is_never_asked_about_or_answered(line: Record) -> None:
    test = line.tell(SOUTH, "line-test", Mode.TEST)
    refused(lambda: line.tell(NORTH, "inquiry", Mode.TEST, about=test.hex()), "about", "is of kind line-test")
    refused(lambda: line.tell(NORTH, "consultation", Mode.TEST, answers=test.hex()), "answers", "is of kind line-test")


def test_either_side_asks_about_any_notice_a_reply_too(line: Record) -> None:
    exercise_id = line.tell(NORTH, "exercise")
    inquiry = line.tell(SOUTH, "inquiry", about=exercise_id.hex())
    answer = line.tell(NORTH, "reply", **reply(inquiry, [1, 2]))
    line.tell(SOUTH, "inquiry", about=answer.hex())
    line.tell(NORTH, "inquiry", about=exercise_id.hex())


def test_a_successor_is_an_earlier_notice_of_the_same_kind_side_and_mode(line: Record) -> None:
    target = line.tell(NORTH, "exercise")
    others = {
        "no other earlier notice": [UNHEARD_OF, target],
        "of that kind and side": [line.tell(SOUTH, "exercise"), line.tell(NORTH, "launch")],
        "mode DRILL": [line.tell(NORTH, "exercise", Mode.DRILL)],
    }
    for says, successors in others.items():
        for successor in successors:
            given = cancellation(target, successor=successor.hex())
            refused(lambda g=given: line.tell(NORTH, "cancellation", **g), "successor", says)  # type: ignore[misc]  # bound at once, not at the end of the loop
    line.tell(NORTH, "cancellation", **cancellation(target, successor=line.tell(NORTH, "exercise").hex()))


def test_a_target_whose_record_is_not_kept_is_not_changed() -> None:
    target = from_mapping("exercise", exercise(), now_s=NOW_S)
    notice = from_mapping("start", start(UNHEARD_OF), now_s=NOW_S)
    known = Known(target, Mode.OPERATION, same_author=True, thread=None, in_force=target)
    refused(lambda: check_relations(notice, Mode.OPERATION, lambda _: known), "target", "no record is kept")
