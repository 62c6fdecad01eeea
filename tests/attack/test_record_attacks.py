"""The record against a hostile peer, a full queue, rules that shut a station up, and clocks that jump."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from hotline import notices
from hotline.api.types import DraftNew, Duty, LineStatus, LineTestNew, Release, Submit
from hotline.client import Client
from hotline.core import entry
from hotline.core.step import Enqueue, Now
from hotline.custody.ceremony import add_officer
from hotline.errors import KeyError_, NoticeError
from hotline.home import Home
from hotline.station import submission
from hotline.station.bodies import read_body
from hotline.station.desk import _fixed_again
from hotline.station.linetests import SETTLED_S
from hotline.store import matters
from hotline.store.store import Store
from tests.station.matters import INQUIRY, amended, cancelled, completed, started
from tests.station.pair import Stage, TestClock, consultation, line_is, line_of, no_passphrase, stored, until
from tests.station.test_desk import DAY_S, HOUR_S, arrived, at, exercise, notice
from tests.station.test_printer import PrintingStage, printed


def urgent(submit: Submit) -> Submit:
    return structs.replace(submit, precedence="IMMEDIATE")


async def test_what_corrects_what_is_queued_never_overtakes_it(stage: Stage, north: Home, south: Home) -> None:
    """Each is correct as it was submitted; the peer must not see them in an order in which they are not."""
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
        for _ in range(3):
            await stored(n, notice("exercise", exercise(stage)))
    async with stage.running(north) as n:
        sent = [
            await n.submit(amended(stage, "NORTH 1", revision=2, ships=7)),
            await n.submit(amended(stage, "NORTH 1", revision=3, ships=8, precedence="FLASH")),
            await n.submit(started(stage, "NORTH 2")),
            await n.submit(urgent(completed(stage, "NORTH 2"))),
            await n.submit(amended(stage, "NORTH 3", revision=2, ships=7)),
            await n.submit(urgent(cancelled(stage, "NORTH 3"))),
        ]
        async with stage.running(south) as s:
            for one in sent:
                await n.wait_for(one.id, state="STORED", timeout_s=20)
            page = await until(s.inbox, lambda p: len(p.notices) == 9, what="all of them at SOUTH")
            assert [x.invalid for x in page.notices] == [""] * 9
            assert [(await s.show(f"NORTH {x}")).thread_state for x in (1, 2, 3)] == [
                "amended",
                "completed",
                "cancelled",
            ]


async def test_a_successor_that_is_queued_goes_before_the_cancellation_that_names_it(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
        await stored(n, notice("exercise", exercise(stage)))
    async with stage.running(north) as n:
        instead = await n.submit(notice("exercise", exercise(stage, 70 * DAY_S)))
        last = await n.submit(urgent(cancelled(stage, "NORTH 1", successor=instead.id)))
        async with stage.running(south) as s:
            await n.wait_for(last.id, state="STORED", timeout_s=20)
            page = await until(s.inbox, lambda p: len(p.notices) == 3, what="all of them at SOUTH")
            assert [x.invalid for x in page.notices] == [""] * 3


@pytest.mark.parametrize("hindrance", ["rules", "queue"])
async def test_a_line_test_that_cannot_be_queued_is_alarmed_and_stops_nothing(
    stage: Stage, north: Home, south: Home, monkeypatch: pytest.MonkeyPatch, hindrance: str
) -> None:
    """It comes of no call, so nobody is there to take the error."""
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
        if hindrance == "rules":
            await n.set_rules('[kinds.line-test]\nmodes = ["DRILL"]\n')
        else:
            stage.engine(north).store.queue_notices = 0
        stage.clock.ahead_s += SETTLED_S
        await line_is(n, "attended", 60)
        await until(
            partial(_later, stage, n), lambda x: any("cannot be sent" in a.text for a in x.alarms), what="the alarm"
        )
        assert stage.engine(north).failed.done() is False


async def _later(stage: Stage, client: Client) -> LineStatus:
    """How the line is some minutes later; a side's turn to test comes every two hours."""
    stage.clock.ahead_s += HOUR_S / 6
    return await line_of(client)


class SetClock(TestClock):
    """One whose wall clock is set by people, too."""

    set_by_s = 0

    def now(self) -> Now:
        now = super().now()
        return Now(now.wall_ms + 1000 * self.set_by_s, now.mono_s)


async def test_line_tests_are_sent_and_missed_also_after_the_clock_was_put_back(
    stage: Stage, north: Home, south: Home
) -> None:
    stage.clock = clock = SetClock()
    clock.set_by_s = 1000 * HOUR_S
    async with stage.running(north) as n:
        async with stage.running(south):
            await line_is(n, "attended")
            clock.ahead_s += SETTLED_S
            await line_is(n, "attended", 60)
            await n.line_test(LineTestNew())
            wrong = await until(partial(line_of, n), lambda x: x.tests.echo_ms, what="the echo")
            clock.set_by_s = 0
            await until(
                partial(_later, stage, n), lambda x: 0 < x.tests.sent_ms < wrong.tests.sent_ms, what="another test"
            )
        before = (await line_of(n)).tests.missed
        await until(partial(_later, stage, n), lambda x: x.tests.missed > before + 1, what="the silence told")


async def test_what_a_peer_writes_into_the_envelope_stops_neither_the_display_nor_the_printer(
    north: Home, south: Home, tmp_path: Path
) -> None:
    """An expiry in the year 285,000,000, and the id of a notice of the victim's own."""
    paper, stage = tmp_path / "paper", PrintingStage()
    stage.command = ("tee", "-a", str(paper))
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        mine = await stored(s, consultation("said by SOUTH"))
        await stored(n, consultation("never printed otherwise", id=mine.id, expires_s=2**53 - 1))
        text = await until(lambda: printed(paper), lambda found: "never printed" in found, what="the page")
        assert "said by SOUTH" not in text
        assert "no time to reckon with" in str((await s.show("NORTH 1")).text)


async def test_what_is_submitted_after_a_restart_waits_too_while_the_rules_differ(
    stage: Stage, north: Home, south: Home
) -> None:
    """Before the peer has told its rules again, nobody can say that they agree."""
    statement = {"text": "Both sides confirm.", "release": at(stage, DAY_S), "consent_sought": False}
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await s.set_rules('title = "Other rules"\n')
        await until(partial(line_of, n), lambda x: not x.rules_agree, what="the difference seen")
        await n.submit(notice("statement", statement))
    async with stage.running(north) as n:
        last = await n.submit(notice("statement", statement))
        async with stage.running(south):
            await stored(n, consultation("passes"))
            assert ((await n.show(last.id)).state, (await line_of(n)).held) == ("QUEUED", 2)


async def test_a_notice_that_only_its_drafter_signed_says_that_nobody_released_it(
    stage: Stage, north: Home, south: Home
) -> None:
    """Who has the log key and a draft, but no officer, can put the draft into the log."""
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await n.draft(DraftNew(submit=consultation("not to be sent")))
        engine = stage.engine(north)

        def leak(now: Now) -> None:
            (row,), (port,) = engine.store.desk.drafts(), engine.ports.values()
            fixed = _fixed_again(port, row)
            release = entry.Release(row.officer, entry.ROLE_DRAFTER, row.signature)
            queued = submission.Prepared(fixed, (release,)).row
            engine.store.submit(row.line, port.view.own.origin, queued, fixed.body_facts, now.wall_ms)
            port.machine.wake()

        await asyncio.wrap_future(engine.call(leak))
        page = await until(s.inbox, lambda p: p.notices, what="the draft at SOUTH")
        assert page.notices[0].officers == []
        assert [r for r in page.notices[0].remarks if r.startswith("NOT RELEASED")]


async def test_a_line_test_that_is_no_test_is_shown_like_any_notice(stage: Stage, north: Home, south: Home) -> None:
    """NOTICES.md, section 25: machines echo it and nobody would read it."""
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        engine = stage.engine(north)

        def send(now: Now) -> None:
            (port,) = engine.ports.values()
            test = structs.replace(engine.tests.compose(port, now), text="We fire missiles at noon.")
            body = notices.encode_body(test)
            commitment = entry.commitment(bytes(32), body)
            facts = entry.ReleaseFacts(port.identity.them, b"i" * 16, 3, 0, commitment, len(body), 0)
            fixed = submission.Fixed(port, test, facts, bytes(32), body)
            queued = submission.Prepared(fixed, ()).row
            engine.store.submit(port.identity.id, port.view.own.origin, queued, fixed.body_facts, now.wall_ms)
            port.machine.wake()

        await asyncio.wrap_future(engine.call(send))
        page = await until(s.inbox, lambda p: p.notices, what="the test at SOUTH")
        assert [r for r in page.notices[0].remarks if r.startswith("AGAINST THE RULES")]


async def test_no_number_of_questions_hides_that_a_notice_was_amended_and_answered(
    stage: Stage, north: Home, south: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matters, "THREAD_NOTICES", 3)
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, notice("exercise", exercise(stage)))
        await arrived(s, "NORTH 1")
        for _ in range(4):
            await stored(s, notice("inquiry", {**INQUIRY, "about": "NORTH 1"}))
        await stored(s, notice("consultation", {"text": "understood", "answers": "NORTH 1"}))
        answered = await until(lambda: n.show("NORTH 1"), lambda x: x.state == "ANSWERED", what="answered")
        assert answered.ladder[-1].proof == "SOUTH 5"
        await stored(n, amended(stage, "NORTH 1"))
        for client in (n, s):
            await until(lambda c=client: c.show("NORTH 1"), lambda x: x.state == "SUPERSEDED", what="superseded")  # type: ignore[misc]  # bound


async def test_a_reference_is_not_judged_by_what_only_its_reader_calls_its_author(
    stage: Stage, north: Home, south: Home
) -> None:
    """An honest drill cites a paper of another line, NEAR 1; here NEAR happens to be what SOUTH calls NORTH."""
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, consultation("an operation"))
        (port,) = stage.engine(south).ports.values()
        port.alias = "NEAR"
        cites = {"text": "a drill", "references": ["NEAR 1"]}
        await stored(n, notice("consultation", cites, mode="DRILL"))
        page = await until(s.inbox, lambda p: len(p.notices) == 2, what="both at SOUTH")
        assert [x.invalid for x in page.notices] == ["", ""]


async def test_what_was_cancelled_is_not_waited_for(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, notice("exercise", exercise(stage)))
        await stored(n, amended(stage, "NORTH 1"))
        await stored(n, cancelled(stage, "NORTH 1"))
        await arrived(s, "NORTH 3")
        for client in (n, s):
            states = {(x, d.what): d.state for x in (1, 2, 3) for d in (await client.show(f"NORTH {x}")).due}
            assert {at for (x, _), at in states.items() if x < 3} == {"met"}
            assert states[3, "acknowledge"] == "open"


async def test_a_draft_that_has_expired_is_not_released(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
        submit = structs.replace(consultation("in time"), expires_s=stage.clock.now().wall_s + HOUR_S)
        await n.draft(DraftNew(submit=submit))
        stage.clock.ahead_s += 2 * HOUR_S
        with pytest.raises(NoticeError, match="expires_s"):
            await n.release(Release(draft=1))


async def test_a_card_that_cannot_be_written_to_its_file_is_alarmed_and_holds_all_the_same(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        (file,) = south.lines_path.glob("*.card")
        file.unlink()
        file.mkdir()
        add_officer(north, "Second", no_passphrase, lambda: None)
        await n.reload_card()
        await until(partial(line_of, s), lambda x: any(a.kind == "card-file" for a in x.alarms), what="the alarm")
        await n.duty(Duty(on=True, officer="Second"))
        line = await until(partial(line_of, s), lambda x: x.watch is not None, what="the watch of a new officer")
        assert line.watch is not None
        assert line.watch.officer == "Second"


async def test_an_officer_whom_the_card_does_not_name_yet_is_refused_by_name(stage: Stage, north: Home) -> None:
    async with stage.running(north):
        (port,) = stage.engine(north).ports.values()
        with pytest.raises(KeyError_, match="Second"):
            submission.officer_id_of(port, "Second")


async def test_an_amendment_does_not_end_the_wait_for_a_reply(stage: Stage, north: Home, south: Home) -> None:
    call = {
        "principals_own": ["Chief of the General Staff"],
        "principals_other": ["Chairman of the Joint Chiefs of Staff"],
        "subject": "Exercise",
        "windows": [{"start": at(stage, DAY_S), "end": at(stage, DAY_S + HOUR_S)}],
        "interpreters": "both",
        "method": "Telephone",
        "call_back_check": "Call the number of the card.",
    }
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, notice("call-request", call))
        replacement = {"kind": "call-request", **call, "subject": "Exercise and launch"}
        amendment = {"target": "NORTH 1", "reason": "More to say.", "replacement": replacement}
        await stored(n, notice("amendment", amendment))
        await arrived(s, "NORTH 2")
        for client in (n, s):
            due = {d.what: d.state for d in (await client.show("NORTH 1")).due}
            assert due == {"acknowledge": "met", "reply": "open"}
        answer = {"request": "NORTH 1", "verdict": "decline", "reason": "Not today."}
        await stored(s, notice("call-answer", answer))
        for client in (n, s):
            await until(
                lambda c=client: c.show("NORTH 1"),  # type: ignore[misc]  # bound
                lambda x: {d.state for d in x.due} == {"met"},
                what="nothing waited for",
            )


async def test_a_notice_that_was_queued_for_long_is_due_at_the_same_time_at_both_ends(
    stage: Stage, north: Home, south: Home
) -> None:
    """Both count from the receipt, and neither past the start of what is announced."""
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
    async with stage.running(north) as n:
        sent = await n.submit(notice("exercise", exercise(stage, 5 * HOUR_S, late_reason="Decided at short notice.")))
        text = {"text": "x", "release": at(stage, 5 * HOUR_S), "consent_sought": True}
        asked = await n.submit(notice("statement", text))
        stage.clock.ahead_s += 4 * HOUR_S
        async with stage.running(south) as s:
            for one in (sent, asked):
                await n.wait_for(one.id, state="STORED", timeout_s=60)
                await until(s.inbox, lambda p, one=one: any(x.id == one.id for x in p.notices), what="both at SOUTH")  # type: ignore[misc]  # bound
                here, there = [{d.what: d.due_ms for d in (await c.show(one.id)).due} for c in (n, s)]
                assert here.keys() == there.keys()
                assert all(abs(here[what] - there[what]) < 30_000 for what in here)


async def test_who_goes_off_duty_after_the_clock_was_put_back_is_off_duty(
    stage: Stage, north: Home, south: Home
) -> None:
    stage.clock = clock = SetClock()
    async with stage.running(north, attended=False) as n, stage.running(south) as s:
        await line_is(s, "peer unattended")
        await n.duty(Duty(on=True, officer="Duty officer"))
        await until(partial(line_of, s), lambda x: x.watch and x.watch.on, what="the watch")
        clock.set_by_s = -600
        await n.duty(Duty(on=False))
        await until(partial(line_of, s), lambda x: x.watch and not x.watch.on, what="the end of the watch")


def test_what_waits_again_goes_before_all_that_rests_on_it() -> None:
    """Displaced after a loss: it comes last and at its own rank, below what was submitted since."""
    store, line = Store(Path(":memory:"), read_body), b"l" * 32
    store.line(line, "own", "mirror")
    first, second, third, cancels, instead = (bytes([n]) * 16 for n in range(1, 6))
    desk = store.desk
    of_first: dict[str, Any] = {"mine": True, "target": first, "target_mine": True, "root": first}
    desk.note(line, first, "exercise", 0, mine=True)
    desk.note(line, instead, "exercise", 0, mine=True)
    for key in (second, third):
        desk.note(line, key, "amendment", 0, relation="amends", **of_first)
    desk.note(line, cancels, "cancellation", 0, relation="cancels", successor=instead, **of_first)
    for key, rank in ((third, 2), (cancels, 9), (instead, 0), (second, 0), (first, 0)):
        store.apply(line, [Enqueue(key, rank, b"", b"", b"")], 1)
    for key in (instead, second, first):
        desk.requeued(line, key)
    rows = store._db.execute("SELECT key FROM queue ORDER BY rank DESC, seq").fetchall()
    order = [row[0] for row in rows]
    assert [key for key in order if key != instead] == [first, second, third, cancels]
    assert order.index(instead) < order.index(cancels)
    store.close()
