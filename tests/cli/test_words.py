"""What people are told of states: each apart from the others, and never more than is known."""

from typing import get_args

import pytest

from hotline.api.types import Due, LineState, LineStatus, LogStatus, Notice, NoticeState, Step
from hotline.cli import words

LOG = LogStatus(origin="o", size=1, signed=1, receipted=1)


def notice(**fields: object) -> Notice:
    """A notice of ours at SOUTH, unless said otherwise."""
    plain = {
        "direction": "sent", "line": "SOUTH", "ref": "NORTH 7", "id": "00" * 16, "kind": "consultation",
        "subject": "s", "precedence": "ROUTINE", "mode": "OPERATION", "state": "STORED", "time_ms": 1732710600000,
        "index": 7, "serial": 7, "expires_s": 0,
    }  # fmt: skip
    return Notice(**{**plain, **fields})  # type: ignore[arg-type]


def line(**fields: object) -> LineStatus:
    """A line with all well, unless said otherwise."""
    plain = {
        "name": "SOUTH", "state": "attended", "phone": "+1 555 0100", "line_id": "00" * 32, "own": LOG, "mirror": LOG,
        "queued": 0, "not_stored": 0, "unsigned": 0, "unread": 0, "last_sent": 7, "last_received": 41,
        "peer_heard_s": 1.0, "peer_attended": True, "rules_agree": True, "rejected": {}, "alarms": [],
    }  # fmt: skip
    return LineStatus(**{**plain, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("state", get_args(NoticeState))
def test_every_state_of_a_notice_has_words_of_its_own(state: NoticeState) -> None:
    assert words.sent_state(state, "SOUTH") != state
    others = [words.sent_state(other, "SOUTH") for other in get_args(NoticeState) if other != state]
    assert words.sent_state(state, "SOUTH") not in others


def test_what_was_not_carried_over_never_reads_as_though_it_went_or_still_went() -> None:
    left = notice(state="QUEUED", past=True, remarks=["NOT CARRIED OVER to the next generation"])
    assert words.notice_state(left) == "NOT CARRIED OVER, not shown at SOUTH: say it anew if it still holds"
    step = Step(state="QUEUED", time_ms=1732710600000, clock="ours")
    assert words.rung(step, left).endswith("queued here, not at SOUTH")
    answered = notice(direction="received", state="ACKNOWLEDGED", past=True, remarks=["NOT CARRIED OVER: our ack"])
    assert words.notice_state(answered) == "acknowledged by us, NOT CARRIED OVER: SOUTH does not have that answer"


@pytest.mark.parametrize("state", get_args(NoticeState)[1:])  # what is queued at the peer has not come
def test_every_state_of_a_received_notice_has_words_of_its_own(state: NoticeState) -> None:
    assert words.received_state(state) != state or state == "OVERDUE"
    others = [words.received_state(other) for other in get_args(NoticeState) if other != state]
    assert words.received_state(state) not in others


def owing(what: str, owed_by: str, state: str = "overdue") -> Due:
    """A deadline."""
    return Due(what=what, due_ms=1732710600000, owed_by=owed_by, state=state)  # type: ignore[arg-type]


def rung(state: NoticeState, **fields: object) -> Step:
    """A rung of a ladder, by our clock unless said otherwise."""
    return Step(**{"state": state, "time_ms": 1732710600000, "clock": "ours", **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("direction", "what", "owed_by", "said"),
    [
        ("sent", "acknowledge", "peer", "not acknowledged by SOUTH"),
        ("sent", "reply", "peer", "no reply from SOUTH"),
        ("sent", "report", "ours", "no report by us"),
        ("received", "acknowledge", "ours", "not acknowledged by us"),
        ("received", "reply", "ours", "no reply by us"),
        ("received", "report", "peer", "no report from SOUTH"),
    ],
)
def test_an_overdue_notice_says_who_has_not_done_what(direction: str, what: str, owed_by: str, said: str) -> None:
    late = notice(direction=direction, state="OVERDUE", due=[owing(what, owed_by)])
    assert words.notice_state(late) == f"OVERDUE: {said}"


def test_an_overdue_notice_says_how_far_it_has_come() -> None:
    late = notice(state="OVERDUE", ladder=[rung("QUEUED"), rung("STORED")], due=[owing("acknowledge", "peer")])
    assert words.notice_state(late) == "OVERDUE: not acknowledged by SOUTH (stored at SOUTH)"


def test_an_overdue_notice_without_a_deadline_is_told_by_its_ladder() -> None:
    assert words.notice_state(notice(state="OVERDUE")) == "OVERDUE: not acknowledged by SOUTH"
    acknowledged = notice(state="OVERDUE", ladder=[rung("ACKNOWLEDGED")])
    assert words.notice_state(acknowledged) == "OVERDUE: no reply from SOUTH (acknowledged by SOUTH)"
    void = notice(state="OVERDUE", ladder=[rung("STORED"), rung("ACKNOWLEDGED", void=True)])
    assert words.notice_state(void) == "OVERDUE: not acknowledged by SOUTH (stored at SOUTH)"


def test_what_is_acknowledged_and_owes_a_reply_too_late_says_both() -> None:
    late = notice(state="ACKNOWLEDGED", due=[owing("acknowledge", "peer", "met"), owing("reply", "peer")])
    assert words.notice_state(late) == "acknowledged by SOUTH; OVERDUE: no reply from SOUTH"


def test_an_answered_notice_names_who_answered() -> None:
    assert words.notice_state(notice(state="ANSWERED")) == "answered by SOUTH"
    assert words.notice_state(notice(state="ANSWERED", direction="received")) == "answered by us"


def test_a_superseded_notice_names_what_took_its_place_and_that_its_acknowledgement_is_void() -> None:
    ladder = [rung("ACKNOWLEDGED", void=True), rung("SUPERSEDED", text="amended by NORTH 9", proof="NORTH 9")]
    assert words.notice_state(notice(state="SUPERSEDED")) == "superseded"
    assert words.notice_state(notice(state="SUPERSEDED", ladder=ladder[1:])) == "superseded (amended by NORTH 9)"
    said = words.notice_state(notice(state="SUPERSEDED", ladder=ladder))
    assert said == "superseded (amended by NORTH 9), its acknowledgement is void"


def test_an_acknowledgement_that_an_amendment_made_void_is_never_said_to_stand() -> None:
    ladder = [rung("ACKNOWLEDGED", void=True), rung("SUPERSEDED", text="amended by NORTH 9", proof="NORTH 9")]
    assert words.notice_state(notice(state="ACKNOWLEDGED", ladder=ladder)) == (
        "acknowledged by SOUTH (void since NORTH 9)"
    )
    assert words.rung(ladder[0], notice()).endswith("acknowledged  VOID: amended after that")
    assert words.rung(ladder[1], notice()).endswith("superseded: amended by NORTH 9")
    fresh = [*ladder, rung("ACKNOWLEDGED")]
    assert words.notice_state(notice(state="ACKNOWLEDGED", ladder=fresh)) == "acknowledged by SOUTH"


@pytest.mark.parametrize(
    ("remark", "mark"),
    [
        ("LATE: 4 d before the start, 5 d agreed", "LATE"),
        ("RELEASED BY ONE PERSON", "RELEASED BY ONE PERSON"),
        ("SIGNED BY 1, where the agreed rules ask for 2", "SIGNED BY 1"),
        ("\x1b[2JLATE: x", "\\u{1b}[2JLATE"),
    ],
)
def test_a_remark_has_a_mark_for_lists(remark: str, mark: str) -> None:
    assert words.mark(remark) == mark


@pytest.mark.parametrize(
    ("digest", "said"),
    [("00" * 32, "the built-in ones"), ("0123456789abcdef" * 4, "digest 0123 4567 89ab cdef…")],
)
def test_a_digest_is_said_as_people_compare_it(digest: str, said: str) -> None:
    assert words.digest(digest) == said


def test_a_revision_is_in_force_until_its_matter_is_over() -> None:
    assert words.revision("amended", 2) == ", revision 2 in force"
    assert words.revision("cancelled", 2) == words.revision("completed", 2) == ", last revision 2"
    assert words.revision("", 0) == ""


def test_a_queued_notice_is_said_not_to_be_there() -> None:
    assert words.notice_state(notice(state="QUEUED", ref="")) == "queued, NOT at SOUTH yet"


def test_a_received_notice_is_told_from_our_side() -> None:
    assert words.notice_state(notice(direction="received", state="STORED")) == "not opened yet"


def test_an_invalid_notice_is_said_to_be_so_whatever_its_state() -> None:
    assert words.notice_state(notice(direction="received", invalid="kind")) == "INVALID: kind"


def test_a_recovered_notice_is_marked() -> None:
    assert words.notice_state(notice(recovered=True)) == "stored at SOUTH, recovered"


@pytest.mark.parametrize("state", get_args(LineState))
def test_every_state_of_a_line_but_attended_says_what_to_do_and_whom_to_call(state: LineState) -> None:
    advice = words.line_advice(line(state=state))
    assert (advice == "") is (state == "attended")
    assert state == "attended" or "+1 555 0100" in advice
    others = [words.line_advice(line(state=other)) for other in get_args(LineState) if other != state]
    assert advice not in others


def test_a_card_without_a_telephone_number_is_said_to_have_none() -> None:
    assert "no telephone number" in words.line_advice(line(state="peer silent", phone=""))


def test_a_rung_names_whose_clock_its_time_is_from_and_what_proves_it() -> None:
    step = Step(
        state="OPENED", time_ms=1732710600000, clock="peer", officer="Duty officer", proof="entry 2 of SOUTH's log"
    )
    said = words.rung(step, notice())
    assert said == "271230Z NOV 24 by SOUTH's clock  opened by Duty officer (entry 2 of SOUTH's log)"


def test_control_characters_of_the_peer_are_shown_and_not_obeyed() -> None:
    step = Step(state="REFUSED", time_ms=1, clock="peer", officer="\x1b[2J", text="a\u202eb")
    assert not set("\x1b\u202e") & set(words.rung(step, notice(line="\x1b")))
    assert "\x1b" not in words.line_advice(line(state="frozen", name="\x1b", phone="\x1b"))


@pytest.mark.parametrize(
    ("time_ms", "said"),
    [(0, "-"), (1732710600000, "271230Z NOV 24"), (1, "?"), (2**53 - 1, "?"), (-5, "?")],
)
def test_a_time_is_a_date_time_group_and_no_number_breaks_it(time_ms: int, said: str) -> None:
    assert words.time(time_ms) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "never"), (2.4, "2 s"), (119, "119 s"), (180, "3 min"), (7300, "2 h"), (400_000, "5 d")],
)
def test_a_span_is_said_as_people_say_it(seconds: float | None, said: str) -> None:
    assert words.ago(seconds) == said


@pytest.mark.parametrize(("seconds", "said"), [(0.0048, "4.8 ms"), (1.25, "1.2 s")])
def test_what_took_long_is_said_in_seconds(seconds: float, said: str) -> None:
    assert words.took(seconds) == said
