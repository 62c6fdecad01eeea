"""What both sides keep of one matter: amendments, threads, deadlines, read-back; two whole stations with one clock."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from hotline.api.types import Answer, DraftNew, Duty, LineTestNew, Notice, Release, Submit
from hotline.client import Client
from hotline.errors import CallerError, KeyError_, NotFoundError, NoticeError
from hotline.home import Home
from hotline.station import submission
from tests.station.pair import Stage, consultation, line_is, line_of, stored, until
from tests.station.people import SECOND, WORDS, add_second

HOUR_S = 3600
DAY_S = 24 * HOUR_S
CENTRE = "34-15.00N 033-36.00E"


def at(stage: Stage, ahead_s: float) -> str:
    """A time so far from the stage's beginning, in ISO 8601 and whole minutes."""
    moment_s = stage.began_s + ahead_s
    return datetime.fromtimestamp(moment_s - moment_s % 60, UTC).isoformat()


def exercise(stage: Stage, begins_in_s: float = 60 * DAY_S, **fields: object) -> dict[str, object]:
    """An exercise of three days, with live fire in one circle."""
    return {
        "designation": "ILLUSTRATION",
        "purpose": "Practice of naval forces.",
        "states": ["North"],
        "command_level": "Navy",
        "start": at(stage, begins_in_s),
        "end": at(stage, begins_in_s + 3 * DAY_S),
        "areas": [{"centre": CENTRE, "radius_nm": 12}],
        "live_fire": True,
        "hazard_areas": [{"centre": CENTRE, "radius_nm": 12}],
        "contact_point": "Duty officer, NORTH",
        **fields,
    }


def notice(kind: str, fields: Mapping[str, object], **more: object) -> Submit:
    return Submit(kind=kind, notice={**fields}, **more)  # type: ignore[arg-type]  # its other fields


async def arrived(client: Client, ref: str) -> Notice:
    """Wait until a notice of the peer is in the record here."""
    page = await until(client.inbox, lambda p: any(n.ref == ref for n in p.notices), what=f"{ref} in the inbox")
    return next(n for n in page.notices if n.ref == ref)


async def acknowledge(client: Client, ref: str) -> None:
    """Acknowledge with everything read back as it stands in the notice."""
    shown = await client.show(ref)
    assert shown.notice is not None
    values = {
        "start": str(shown.notice.get("start")),
        "end": str(shown.notice.get("end")),
        "hazard_areas[0].centre": CENTRE,
        "replacement.start": str((shown.notice.get("replacement") or {}).get("start")),
        "replacement.end": str((shown.notice.get("replacement") or {}).get("end")),
        "replacement.hazard_areas[0].centre": CENTRE,
    }
    asked = {value.name: values[value.name] for value in shown.read_back}
    await client.answer(Answer(ref=ref, verdict="acknowledged", read_back=asked))


async def test_an_amendment_that_moves_the_start_earlier_voids_the_acknowledgement_and_asks_anew(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, notice("exercise", exercise(stage)))
        await arrived(s, "NORTH 1")
        await acknowledge(s, "NORTH 1")
        await n.wait_for("NORTH 1", state="ACKNOWLEDGED")
        earlier = exercise(stage, 50 * DAY_S)
        before = await stored(
            n,
            notice(
                "amendment", {"target": "NORTH 1", "reason": "Weather.", "replacement": {"kind": "exercise", **earlier}}
            ),
        )
        assert before.relation == "amends NORTH 1"
        assert before.notice is not None
        assert (before.notice["revision"], before.notice["changed"]) == (2, ["start_s", "end_s"])
        for client in (n, s):
            await until(lambda c=client: c.show("NORTH 1"), lambda x: x.state == "SUPERSEDED", what="superseded")  # type: ignore[misc]  # bound
            old = await client.show("NORTH 1")
            (void,) = [step for step in old.ladder if step.state == "ACKNOWLEDGED"]
            assert void.void
            assert old.thread_state == "amended"
        (due,) = [d for d in (await s.show("NORTH 2")).due if d.what == "acknowledge"]
        assert (due.state, due.owed_by) == ("open", "ours")
        (activity,) = (await s.calendar()).activities
        assert (activity.state, activity.revision, activity.ref) == ("amended", 2, "NORTH 1")
        await acknowledge(s, "NORTH 2")
        fresh = await n.wait_for("NORTH 2", state="ACKNOWLEDGED")
        assert fresh.state == "ACKNOWLEDGED"


async def test_an_inquiry_is_warned_of_after_43_hours_and_overdue_after_48_at_both_ends(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        sent = await stored(
            n,
            notice(
                "inquiry",
                {
                    "concerns": "Movements near the border.",
                    "activity": "Troop movement",
                    "place": "Northern district",
                    "questions": ["What is moving?", "Until when?"],
                },
            ),
        )
        await arrived(s, "NORTH 1")
        await s.answer(Answer(ref="NORTH 1", verdict="acknowledged"))
        await n.wait_for("NORTH 1", state="ACKNOWLEDGED")
        stage.clock.ahead_s += 43 * HOUR_S
        for client in (n, s):
            await until(lambda c=client: c.show(sent.id), lambda x: state_of(x, "reply") == "warned", what="warned")  # type: ignore[misc]  # bound
            assert not [a for a in (await line_of(client)).alarms if a.kind == "overdue"]
        stage.clock.ahead_s += 5 * HOUR_S + 60
        for client in (n, s):
            await until(lambda c=client: c.show(sent.id), lambda x: x.state == "OVERDUE", what="overdue")  # type: ignore[misc]  # bound
            assert [a for a in (await line_of(client)).alarms if a.kind == "overdue"]
        await line_is(s, "attended", 60)
        reply = {
            "inquiry": "NORTH 1",
            "answers": [{"number": 1, "text": "Engineers."}, {"number": 2, "refusal": "Not released."}],
        }
        answered = await stored(s, notice("reply", reply), 60)
        assert answered.relation == "replies to NORTH 1"
        shown = await until(lambda: n.show("NORTH 1"), lambda x: x.state == "ANSWERED", what="answered")
        assert shown.ladder[-1].proof == answered.ref


def state_of(shown: Notice, what: str) -> str:
    return next(d.state for d in shown.due if d.what == what)


async def test_an_area_is_acknowledged_only_with_its_values_read_back(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, notice("exercise", exercise(stage)))
        await arrived(s, "NORTH 1")
        with pytest.raises(NoticeError, match="start"):
            await s.answer(Answer(ref="NORTH 1", verdict="acknowledged"))
        asked = [value.name for value in (await s.show("NORTH 1")).read_back]
        assert "start" in asked
        wrong = dict.fromkeys(asked, "010500Z DEC 24")
        with pytest.raises(NoticeError, match="not what the notice says"):
            await s.answer(Answer(ref="NORTH 1", verdict="acknowledged", read_back=wrong))
        step = await s.answer(Answer(ref="NORTH 1", verdict="standby"))
        assert step.text == "Received, stand by."
        await acknowledge(s, "NORTH 1")
        seen = await n.wait_for("NORTH 1", state="ACKNOWLEDGED")
        assert "Read back: " in seen.ladder[-1].text


async def test_a_late_notice_gives_its_reason_and_says_late_to_the_reader(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        with pytest.raises(NoticeError) as refused:
            await n.submit(notice("exercise", exercise(stage, 4 * DAY_S, environment="sea")))
        assert refused.value.field == "late_reason"
        reason = {"late_reason": "Decided at short notice.", "environment": "sea"}
        await stored(n, notice("exercise", exercise(stage, 4 * DAY_S, **reason)))
        got = await arrived(s, "NORTH 1")
        assert [r for r in got.remarks if r.startswith("LATE: ") and "5 d agreed" in r]


async def test_a_draft_is_released_by_another_officer_where_the_rules_ask_for_two(
    stage: Stage, north: Home, south: Home
) -> None:
    rules = "[kinds.consultation]\nsignatures = 2\n"
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        for client in (n, s):
            await client.set_rules(rules)
        await until(lambda: line_of(n), lambda x: x.rules_agree and x.peer_rules == x.rules, what="rules agreed")
        with pytest.raises(NoticeError, match="2 officers"):
            await n.submit(consultation("alone"))
        draft = await n.draft(DraftNew(submit=consultation("by two")))
        assert (draft.number, draft.drafter, draft.signatures) == (1, "Duty officer", 2)
        with pytest.raises(NoticeError, match="2 officers"):
            await n.release(Release(draft=1))
        assert len((await n.drafts()).drafts) == 1
        await n.discard(1)
        assert not (await n.drafts()).drafts


TWO = "[kinds.consultation]\nsignatures = 2\n\n[kinds.incident]\nsignatures = 2\n"


async def two_agreed(*clients: Client) -> None:
    """Both sides hold rules that ask for two officers."""
    for client in clients:
        await client.set_rules(TWO)
    for client in clients:
        await until(lambda c=client: c.rules(), lambda x: x.agree and x.peer_digest, what="rules agreed")  # type: ignore[misc]  # bound


async def test_drafter_and_releaser_are_two_people_over_the_same_bytes_also_after_a_restart(
    stage: Stage, north: Home, south: Home
) -> None:
    add_second(north)
    async with stage.running(south) as s:
        async with stage.running(north, attended=False) as n:
            await n.duty(Duty(on=True, officer="Duty officer"))
            await two_agreed(n, s)
            draft = await n.draft(DraftNew(submit=consultation("by two", precedence="PRIORITY")))
            assert (await n.on_duty()).on_duty == ["Duty officer"]
        async with stage.running(north, attended=False) as n:
            (kept,) = (await n.drafts()).drafts
            assert kept == draft
            assert "by two" in kept.text
            await until(n.rules, lambda x: x.peer_digest, what="the peer's rules")
            with pytest.raises(KeyError_, match="no passphrase"):
                await n.release(Release(draft=draft.number, officer=SECOND))
            with pytest.raises(NoticeError, match="2 officers") as alone:
                await n.release(Release(draft=draft.number, officer="Duty officer"))
            assert alone.value.reason == "two-people"
            assert (await n.drafts()).drafts == [draft]
            sent = await n.release(Release(draft=draft.number, officer=SECOND, passphrase=WORDS))
            assert sent.id == draft.id
            assert (await n.drafts()).drafts == []
            assert (await n.on_duty()).on_duty == []
            with pytest.raises(NotFoundError, match="no draft"):
                await n.release(Release(draft=draft.number, officer=SECOND, passphrase=WORDS))
            await n.wait_for(sent.id, state="STORED", timeout_s=60)
            for client in (n, s):
                shown = await until(lambda c=client: c.show(sent.id), lambda _: True, what="the notice")  # type: ignore[misc]  # bound
                assert (shown.officers, shown.drafters, shown.remarks) == ([SECOND], ["Duty officer"], [])
                assert (shown.subject, shown.precedence, shown.invalid) == ("by two", "PRIORITY", "")


async def test_an_incident_goes_out_from_one_person_and_says_so_at_both_ends(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await two_agreed(n, s)
        facts = {"facts": "A missile left its course.", "intent": "unknown"}
        sent = await stored(n, notice("incident", facts, precedence="FLASH"))
        got = await arrived(s, "NORTH 1")
        assert got.remarks == (await n.show(sent.id)).remarks == ["RELEASED BY ONE PERSON"]


async def test_a_peer_that_lets_out_alone_what_two_were_to_sign_is_marked(
    stage: Stage, north: Home, south: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await two_agreed(n, s)
        monkeypatch.setattr(submission, "require", lambda *_, **__: None)
        await stored(n, consultation("by one"))
        got = await arrived(s, "NORTH 1")
        assert got.invalid == ""
        assert got.remarks == ["SIGNED BY 1, where the agreed rules ask for 2"]


async def test_what_does_not_always_pass_waits_for_an_officer_while_the_rules_differ(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await s.set_rules('title = "Other rules"\n')
        line = await until(lambda: line_of(n), lambda x: not x.rules_agree, what="the difference seen")
        assert [a for a in line.alarms if a.kind == "rules-differ"]
        statement = {"text": "Both sides confirm.", "release": at(stage, DAY_S), "consent_sought": False}
        held = await n.submit(notice("statement", statement))
        assert (await n.show(held.id)).remarks == ["HELD: the two sides hold different rules"]
        await stored(n, consultation("passes"))
        assert (await n.show(held.id)).state == "QUEUED"
        await n.release(Release(ref=held.id, despite_rules=True))
        await n.wait_for(held.id, state="STORED")
        again = await n.submit(notice("statement", statement))
        await s.set_rules("")
        await n.wait_for(again.id, state="STORED")


async def test_a_drill_cannot_change_an_operation_and_nothing_amends_what_is_not_there(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
        await stored(n, notice("exercise", exercise(stage)))
        start = {"target": "NORTH 1", "actual": at(stage, 0), "as_notified": True}
        with pytest.raises(NoticeError) as refused:
            await n.submit(notice("start", start, mode="DRILL"))
        assert refused.value.reason == "rule"
        with pytest.raises(Exception, match="no notice 'NORTH 9'"):
            await n.submit(notice("start", {**start, "target": "NORTH 9"}))
        await stored(n, notice("start", start))
        assert (await n.calendar()).activities[0].state == "under way"


async def test_duty_is_handed_over_signed_and_the_peer_sees_who_stands_the_watch(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north, attended=False) as n, stage.running(south) as s:
        await line_is(s, "peer unattended")
        with pytest.raises(KeyError_, match="on duty"):
            await n.submit(consultation("nobody is here"))
        state = await n.duty(Duty(on=True, officer="Duty officer", text="All quiet."))
        assert state.on_duty == ["Duty officer"]
        line = await until(lambda: line_of(s), lambda x: x.watch is not None, what="the watch")
        assert line.watch is not None
        assert (line.watch.officer, line.watch.on, line.watch.text) == ("Duty officer", True, "All quiet.")
        await line_is(s, "attended")
        page = await until(s.inbox, lambda p: p.notices, what="the manned test of the watch")
        assert page.notices[0].kind == "line-test"
        await s.answer(Answer(ref=page.notices[0].ref, verdict="acknowledged"))
        tests = (await until(lambda: line_of(n), lambda x: x.tests.manned_ms, what="a person's answer")).tests
        assert tests.manned_officer == "Duty officer"
        await n.duty(Duty(on=False))
        await line_is(s, "peer unattended")


async def test_a_line_test_is_echoed_by_the_machine_and_kept_out_of_the_inbox(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south, attended=False) as s:
        await line_is(s, "attended")
        await n.line_test(LineTestNew())
        tests = (await until(lambda: line_of(n), lambda x: x.tests.echo_ms, what="the echo")).tests
        assert tests.echo_s is not None
        assert tests.echo_s < 60
        assert not (await s.inbox()).notices
        assert not (await n.inbox()).notices
        assert not (await n.outbox()).notices
        assert not (await s.outbox()).notices
        assert (await line_of(s)).unread == 0


async def test_what_was_refused_cannot_be_acknowledged_and_what_was_acknowledged_cannot_be_refused(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        for number in (1, 2):
            await stored(n, consultation(f"notice {number}"))
            await arrived(s, f"NORTH {number}")
        await s.answer(Answer(ref="NORTH 1", verdict="refused", text="say again"))
        with pytest.raises(CallerError, match="refused here already"):
            await s.answer(Answer(ref="NORTH 1", verdict="acknowledged"))
        await s.answer(Answer(ref="NORTH 2", verdict="acknowledged"))
        with pytest.raises(CallerError, match="acknowledged here already"):
            await s.answer(Answer(ref="NORTH 2", verdict="refused", text="no"))


async def test_an_alarm_stands_in_the_status_only_while_it_is_true(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await s.set_rules('title = "Other rules"\n')
        await until(lambda: line_of(n), lambda x: [a.kind for a in x.alarms] == ["rules-differ"], what="the alarm")
        await s.set_rules("")
        line = await until(lambda: line_of(n), lambda x: x.rules_agree, what="agreement")
        assert not line.alarms


async def test_a_cancellation_that_is_not_at_the_peer_yet_supersedes_nothing(
    stage: Stage, north: Home, south: Home
) -> None:
    cancelled = {
        "target": "NORTH 1",
        "effective": at(stage, 0),
        "reason_category": "weather",
        "warnings_withdrawn": True,
    }
    async with stage.running(north) as n:
        async with stage.running(south) as s:
            await line_is(n, "attended")
            await stored(n, notice("exercise", exercise(stage)))
            await arrived(s, "NORTH 1")
        queued = await n.submit(notice("cancellation", cancelled))
        assert (await n.show("NORTH 1")).state == "STORED"
        async with stage.running(south):
            await n.wait_for(queued.id, state="STORED", timeout_s=60)
            await until(lambda: n.show("NORTH 1"), lambda x: x.state == "SUPERSEDED", what="cancelled")


async def test_a_consultation_leaves_an_inquiry_open_and_the_printed_form_names_what_is_referred_to(
    stage: Stage, north: Home, south: Home
) -> None:
    inquiry = {"concerns": "Movements.", "activity": "Troops", "place": "North", "questions": ["What is moving?"]}
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, notice("inquiry", inquiry))
        await arrived(s, "NORTH 1")
        await stored(s, notice("consultation", {"text": "on your question", "answers": "NORTH 1"}))
        await arrived(n, "SOUTH 1")
        shown = await n.show("NORTH 1")
        assert (shown.state, state_of(shown, "reply")) == ("STORED", "open")
        assert shown.thread_state == ""
        reply = await stored(s, notice("reply", {"inquiry": "NORTH 1", "answers": [{"number": 1, "text": "No."}]}))
        assert f"INQUIRY: NORTH 1, id {shown.id}" in reply.text
