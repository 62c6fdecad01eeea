"""What is due when, and when it warns."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules import BUILT_IN, Deadline, Rules, deadlines
from hotline.rules.rules import FLASH, KINDS
from tests.rules.strategies import all_rules

HOUR_S = 3600
DAY_S = 24 * HOUR_S
NOW_S = 1_732_710_600
times = st.integers(1, 4_102_444_799)


def due(rules: Rules, kind: str, what: str, precedence: int = 0, **more: Any) -> Deadline | None:
    """The one deadline of this sort, for a notice received at NOW_S."""
    found = [d for d in deadlines(rules, kind=kind, precedence=precedence, from_s=NOW_S, **more) if d.what == what]
    return found[0] if found else None


def after_s(deadline: Deadline | None) -> int:
    assert deadline is not None
    return deadline.due_s - NOW_S


def test_an_inquiry_has_warned_before_43_hours_and_is_due_at_48() -> None:
    reply = due(BUILT_IN, "inquiry", "reply")
    assert reply is not None
    assert NOW_S + 24 * HOUR_S < reply.warn_s < NOW_S + 43 * HOUR_S
    assert reply.due_s == NOW_S + 48 * HOUR_S


@pytest.mark.parametrize(("precedence", "span_s"), [(3, 600), (2, 1800), (1, 3 * HOUR_S), (0, 6 * HOUR_S)])
def test_an_acknowledgement_is_due_by_precedence(precedence: int, span_s: int) -> None:
    assert after_s(due(BUILT_IN, "consultation", "acknowledge", precedence)) == span_s


def test_an_incident_is_acknowledged_in_ten_minutes_at_any_precedence_and_answered_in_48_hours() -> None:
    for precedence in range(4):
        assert after_s(due(BUILT_IN, "incident", "acknowledge", precedence)) == 600
        assert after_s(due(BUILT_IN, "incident", "reply", precedence)) == 48 * HOUR_S


def test_what_the_notice_asks_for_wins_over_the_rules() -> None:
    asked = {"acknowledge_by_s": NOW_S + 60, "reply_by_s": NOW_S + 90}
    assert after_s(due(BUILT_IN, "inquiry", "acknowledge", **asked)) == 60
    assert after_s(due(BUILT_IN, "inquiry", "reply", **asked)) == 90
    assert after_s(due(BUILT_IN, "consultation", "reply", **asked)) == 90
    assert after_s(due(BUILT_IN, "inquiry", "acknowledge", acknowledge_by_s=NOW_S + DAY_S)) == DAY_S


def test_a_precedence_of_a_kind_wins_over_the_kind_and_the_kind_over_the_precedence() -> None:
    rules = BUILT_IN.with_kind(
        "inquiry", acknowledge_s=1200, acknowledge_at_s=(0, 0, 0, 120), reply_at_s=(0, 0, 0, 7200)
    )
    assert [after_s(due(rules, "inquiry", "acknowledge", p)) for p in range(4)] == [1200, 1200, 1200, 120]
    assert [after_s(due(rules, "inquiry", "reply", p)) for p in range(4)] == [48 * HOUR_S] * 3 + [7200]


def test_a_reply_can_be_asked_at_one_precedence_alone() -> None:
    rules = BUILT_IN.with_kind("consultation", reply_at_s=(0, 0, 0, 7200))
    assert due(rules, "consultation", "reply", 0) is None
    assert after_s(due(rules, "consultation", "reply", FLASH)) == 7200


def test_a_launch_is_acknowledged_before_its_window_opens() -> None:
    assert after_s(due(BUILT_IN, "launch", "acknowledge", start_s=NOW_S + HOUR_S)) == HOUR_S
    assert after_s(due(BUILT_IN, "launch", "acknowledge", start_s=NOW_S + DAY_S)) == 6 * HOUR_S


def test_what_has_begun_already_is_acknowledged_in_its_whole_span() -> None:
    assert after_s(due(BUILT_IN, "launch", "acknowledge", start_s=NOW_S)) == 6 * HOUR_S


def test_a_statement_is_viewed_before_its_release() -> None:
    assert after_s(due(BUILT_IN, "statement", "reply", release_s=NOW_S + DAY_S)) == DAY_S
    assert due(BUILT_IN, "statement", "reply") is None
    sooner = BUILT_IN.with_kind("statement", reply_s=HOUR_S)
    assert after_s(due(sooner, "statement", "reply", release_s=NOW_S + DAY_S)) == HOUR_S
    assert after_s(due(sooner, "statement", "reply", release_s=NOW_S + 60)) == 60


@pytest.mark.parametrize(("kind", "span_s"), [("exercise", 5 * DAY_S), ("launch", 48 * HOUR_S)])
def test_the_author_reports_after_the_end_and_is_warned_within_that_span(kind: str, span_s: int) -> None:
    end_s = NOW_S + 30 * DAY_S
    report = due(BUILT_IN, kind, "report", end_s=end_s)
    assert report == Deadline("report", end_s + span_s, end_s + span_s * 85 // 100)
    assert due(BUILT_IN, kind, "report") is None


@pytest.mark.parametrize("kind", ["hazard", "inquiry", "out-of-service", "a kind of tomorrow"])
def test_nobody_owes_a_report_that_the_rules_do_not_ask_for(kind: str) -> None:
    assert due(BUILT_IN, kind, "report", end_s=NOW_S + DAY_S) is None


def test_a_line_test_has_a_deadline_only_if_a_person_answers_it() -> None:
    plain: dict[str, Any] = {"kind": "line-test", "precedence": 0, "from_s": NOW_S}
    assert deadlines(BUILT_IN, **plain, reply_by_s=NOW_S + 1) == ()
    (manned,) = deadlines(BUILT_IN, **plain, manned=True)
    assert (manned.what, after_s(manned)) == ("acknowledge", 900)


def test_a_kind_of_tomorrow_is_acknowledged_by_precedence() -> None:
    assert [d.what for d in deadlines(BUILT_IN, kind="new", precedence=3, from_s=NOW_S)] == ["acknowledge"]


def test_what_was_due_before_it_came_is_late_at_once() -> None:
    late = due(BUILT_IN, "inquiry", "reply", reply_by_s=NOW_S - 60)
    assert late == Deadline("reply", NOW_S - 60, NOW_S - 60)


@given(all_rules(), st.sampled_from(sorted(KINDS)), st.integers(0, 3), times, st.none() | times, times, times, times)
def test_each_deadline_stands_once_and_warns_within_its_span(
    rules: Rules, kind: str, precedence: int, from_s: int, by_s: int | None, start_s: int, end_s: int, release_s: int
) -> None:
    found = deadlines(
        rules,
        kind=kind,
        precedence=precedence,
        from_s=from_s,
        acknowledge_by_s=by_s,
        reply_by_s=by_s,
        start_s=start_s,
        end_s=end_s,
        release_s=release_s,
        manned=True,
    )
    assert len({d.what for d in found}) == len(found)
    assert found[0].what == "acknowledge"
    for d in found:
        begins_s = end_s if d.what == "report" else from_s
        assert min(begins_s, d.due_s) <= d.warn_s <= d.due_s
        assert d.warn_s < d.due_s or d.due_s <= begins_s
        left_s = d.due_s - d.warn_s
        assert left_s * 100 >= max(0, d.due_s - begins_s) * rules.warn_percent > (left_s - 1) * 100 or left_s == 0
