"""Whoever waits for a state hears: it is or was reached, it may still come, or it never will."""

from typing import Literal, get_args

import pytest

from hotline.api.types import Due, Notice, NoticeState, Step
from hotline.client.ladder import has_reached
from hotline.errors import CheckFailed
from tests.api.fake import notice, step

STATES: tuple[NoticeState, ...] = get_args(NoticeState)
SENT = (step("QUEUED"), step("STORED"))
ACKNOWLEDGED = (*SENT, step("OPENED"), step("ACKNOWLEDGED"))
SUPERSEDED = step("SUPERSEDED")
VOID = (*SENT, step("OPENED"), step("ACKNOWLEDGED", void=True), SUPERSEDED)
LATE = (*SENT, step("OVERDUE"))
Ladder = tuple[Step, ...]


def at(state: NoticeState, ladder: Ladder = (), *, index: int = 5, due: tuple[Due, ...] = ()) -> Notice:
    return notice(direction="sent", id="ab" * 16, ref="NORTH 1", state=state, index=index, ladder=ladder, due=due)


def reply(state: Literal["open", "warned", "overdue", "met"]) -> Due:
    return Due(what="reply", due_ms=1, owed_by="peer", state=state)


@pytest.mark.parametrize("state", STATES)
def test_the_state_that_a_notice_has_is_reached(state: NoticeState) -> None:
    assert has_reached(at(state), state)
    assert has_reached(at(state, SENT), state)


@pytest.mark.parametrize(
    ("state", "ladder", "wanted"),
    [
        ("ACKNOWLEDGED", (), "STORED"),
        ("ANSWERED", (), "QUEUED"),
        ("OVERDUE", LATE, "STORED"),
        ("OVERDUE", (*ACKNOWLEDGED, step("OVERDUE")), "ACKNOWLEDGED"),
        ("ANSWERED", (*LATE, step("ANSWERED")), "OVERDUE"),
        ("ANSWERED", (*SENT, step("ANSWERED")), "ACKNOWLEDGED"),
        ("REFUSED", (), "OPENED"),
        ("REFUSED", (*SENT, step("REFUSED")), "OPENED"),
        ("SUPERSEDED", VOID, "OPENED"),
        ("SUPERSEDED", (*ACKNOWLEDGED, SUPERSEDED), "ACKNOWLEDGED"),
        ("SUPERSEDED", (*SENT, step("REFUSED"), SUPERSEDED), "OPENED"),
        ("EXPIRED", SENT, "STORED"),
    ],
)
def test_a_state_that_was_passed_was_reached(state: NoticeState, ladder: Ladder, wanted: NoticeState) -> None:
    assert has_reached(at(state, ladder), wanted)


@pytest.mark.parametrize(
    ("state", "ladder", "due", "wanted"),
    [
        ("QUEUED", SENT[:1], (), "STORED"),
        ("STORED", SENT, (), "REFUSED"),
        ("STORED", SENT, (), "OVERDUE"),
        ("ACKNOWLEDGED", ACKNOWLEDGED, (), "ANSWERED"),
        ("ACKNOWLEDGED", ACKNOWLEDGED, (), "SUPERSEDED"),
        ("ACKNOWLEDGED", ACKNOWLEDGED, (reply("open"),), "OVERDUE"),
        ("ACKNOWLEDGED", ACKNOWLEDGED, (reply("met"), reply("warned")), "OVERDUE"),
        ("REFUSED", (*SENT, step("REFUSED")), (), "SUPERSEDED"),
        ("OVERDUE", LATE, (), "ACKNOWLEDGED"),
        ("OVERDUE", (*ACKNOWLEDGED, step("OVERDUE")), (), "ANSWERED"),
        ("SUPERSEDED", (*SENT, SUPERSEDED), (), "OPENED"),
        ("EXPIRED", SENT, (), "OPENED"),
    ],
)
def test_what_may_still_come_is_waited_for(
    state: NoticeState, ladder: Ladder, due: tuple[Due, ...], wanted: NoticeState
) -> None:
    assert not has_reached(at(state, ladder, due=due), wanted)


@pytest.mark.parametrize(
    ("state", "ladder", "wanted"),
    [
        ("REFUSED", (), "ACKNOWLEDGED"),
        ("REFUSED", (), "ANSWERED"),
        ("ACKNOWLEDGED", (), "REFUSED"),
        ("ACKNOWLEDGED", (), "EXPIRED"),
        ("ACKNOWLEDGED", (), "OVERDUE"),
        ("ANSWERED", (), "REFUSED"),
        ("SUPERSEDED", (*ACKNOWLEDGED, SUPERSEDED), "REFUSED"),
        ("SUPERSEDED", (*SENT, step("REFUSED"), SUPERSEDED), "ACKNOWLEDGED"),
    ],
)
def test_what_will_never_be_is_said_so(state: NoticeState, ladder: Ladder, wanted: NoticeState) -> None:
    with pytest.raises(CheckFailed, match=f"NORTH 1 is {state}: it will not be {wanted}"):
        has_reached(at(state, ladder, due=(reply("met"), reply("overdue"))), wanted)


def test_what_expired_in_the_queue_never_leaves_it() -> None:
    with pytest.raises(CheckFailed, match="it will not be STORED"):
        has_reached(at("EXPIRED", SENT[:1], index=-1), "STORED")


def test_a_void_acknowledgement_is_none_also_where_an_answer_stands_above_it() -> None:
    for ladder in (VOID, (*VOID, step("ANSWERED"))):
        with pytest.raises(CheckFailed, match="NORTH 1 is SUPERSEDED: the ACKNOWLEDGED on its ladder is void"):
            has_reached(at("SUPERSEDED", ladder), "ACKNOWLEDGED")


@pytest.mark.parametrize("state", STATES)
def test_whatever_a_notice_has_come_to_another_may_still_take_its_place(state: NoticeState) -> None:
    assert has_reached(at(state, SENT), "SUPERSEDED") is (state == "SUPERSEDED")
