"""The clock is the message: deadlines run at both ends, warn once, alarm once, and end when somebody has acted."""

import pytest

from hotline.api.types import Answer, Event, Notice
from hotline.client import Client
from hotline.home import Home
from tests.station.matters import ANSWERS, INQUIRY, acknowledged, amended, cancelled, completed, looked, started, taken
from tests.station.pair import Stage, consultation, line_is, line_of, until
from tests.station.test_desk import DAY_S, HOUR_S, acknowledge, at, exercise, notice, state_of

ROUTINE_S = 6 * HOUR_S  # RULES.md section 8


def dues(shown: Notice) -> dict[str, tuple[str, str]]:
    return {due.what: (due.owed_by, due.state) for due in shown.due}


async def told(client: Client, *kinds: str) -> list[Event]:
    """All that was told of deadlines so far."""
    return [event async for event in client.events(after=0, follow=False) if event.kind in kinds]


async def shows(client: Client, ref: str, what: str, state: str) -> Notice:
    return await until(lambda: client.show(ref), lambda x: state_of(x, what) == state, what=f"{what} {state}")


async def test_an_acknowledgement_is_warned_of_once_and_overdue_once_at_both_ends_also_after_a_restart(
    stage: Stage, north: Home, south: Home
) -> None:
    for ahead_s, state, warned, late in ((0.86, "warned", 1, 0), (0.2, "overdue", 1, 1), (0.5, "overdue", 1, 1)):
        async with stage.running(north) as n, stage.running(south) as s:
            await line_is(n, "attended", 60)
            if warned + late == 1:
                await taken(n, s, consultation("hear this"))
            stage.clock.ahead_s += ahead_s * ROUTINE_S
            for client in (n, s):
                await shows(client, "NORTH 1", "acknowledge", state)
                assert (await client.show("NORTH 1")).state == ("OVERDUE" if late else "STORED")
                assert len(await told(client, "due-soon")) == warned
                alarms = await told(client, "overdue")
                assert [alarm.alarm for alarm in alarms] == [True] * late
                line = await line_of(client)
                assert (line.due, line.overdue) == (1 - late, late)
            assert dues(await n.show("NORTH 1")) == {"acknowledge": ("peer", state)}
            assert dues(await s.show("NORTH 1")) == {"acknowledge": ("ours", state)}


async def test_what_nobody_could_receive_is_overdue_where_it_waits_and_the_clock_begins_anew_at_storage(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n:
        key = (await n.submit(consultation("is anybody there?"))).id
        stage.clock.ahead_s += ROUTINE_S + 60
        await shows(n, key, "acknowledge", "overdue")
        (alarm,) = await told(n, "overdue")
        assert "NOT at SOUTH yet" in alarm.text
        async with stage.running(south) as s:
            await n.wait_for(key, state="STORED", timeout_s=60)
            shown = await shows(n, key, "acknowledge", "open")
            left_s = shown.due[0].due_ms / 1000 - stage.clock.now().wall_s
            assert ROUTINE_S - 60 < left_s <= ROUTINE_S
            at_south = await until(lambda: s.show(key), lambda x: x.due, what="due at SOUTH")
            assert abs(at_south.due[0].due_ms - shown.due[0].due_ms) < 60_000
            stage.clock.ahead_s += ROUTINE_S + 60
            await shows(n, key, "acknowledge", "overdue")
            assert len(await told(n, "overdue")) == 2


@pytest.mark.parametrize("how", ["acknowledged", "refused", "a consultation that answers"])
async def test_whatever_answers_a_notice_ends_the_wait_for_it_at_both_ends(
    stage: Stage, north: Home, south: Home, how: str
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await taken(n, s, consultation("hear this"))
        if how == "acknowledged":
            await acknowledged(s, "NORTH 1")
        elif how == "refused":
            await s.answer(Answer(ref="NORTH 1", verdict="refused", text="Say again."))
        else:
            await taken(s, n, notice("consultation", {"text": "Understood.", "answers": "NORTH 1"}))
        for client in (n, s):
            await shows(client, "NORTH 1", "acknowledge", "met")
        stage.clock.ahead_s += 3 * DAY_S
        for client in (n, s):
            await looked(stage, north, south)
            assert not [a for a in await told(client, "overdue", "due-soon") if "NORTH 1 " in a.text]


async def test_opening_ends_nothing_and_a_reply_ends_both_what_was_owed_of_an_inquiry(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await taken(n, s, notice("inquiry", INQUIRY))
        assert dues(await s.show("NORTH 1")) == {"acknowledge": ("ours", "open"), "reply": ("ours", "open")}
        await s.answer(Answer(ref="NORTH 1", verdict="standby"))
        await n.wait_for("NORTH 1", state="OPENED", timeout_s=20)
        assert {state for _, state in dues(await n.show("NORTH 1")).values()} == {"open"}
        await taken(s, n, notice("reply", {"inquiry": "NORTH 1", "answers": ANSWERS}))
        for client in (n, s):
            assert {state for _, state in dues(await client.show("NORTH 1")).values()} == {"met"}
            assert (await client.show("NORTH 1")).state == "ANSWERED"


async def test_a_time_in_the_header_holds_against_that_of_the_rules_and_is_not_moved_by_storage(
    stage: Stage, north: Home, south: Home
) -> None:
    by = at(stage, 3 * HOUR_S + 60)
    async with stage.running(north) as n:
        key = (await n.submit(notice("consultation", {"text": "By three.", "acknowledge_by": by, "reply_by": by}))).id
        before = {due.what: due.due_ms for due in (await n.show(key)).due}
        assert set(before) == {"acknowledge", "reply"}
        assert len(set(before.values())) == 1
        stage.clock.ahead_s += HOUR_S
        async with stage.running(south) as s:
            await n.wait_for(key, state="STORED", timeout_s=60)
            for client in (n, s):
                shown = await until(lambda c=client: c.show(key), lambda x: x.due, what="the notice")  # type: ignore[misc]  # bound
                assert {due.what: due.due_ms for due in shown.due} == before
            stage.clock.ahead_s += 2 * HOUR_S + 120
            for client in (n, s):
                await shows(client, key, "reply", "overdue")


async def test_an_amended_notice_is_not_waited_for_any_more_and_its_amendment_is(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await taken(n, s, notice("exercise", exercise(stage)))
        await taken(n, s, amended(stage, "NORTH 1"))
        await taken(n, s, amended(stage, "NORTH 1", revision=3, ships=8))
        for client in (n, s):
            shown = [await client.show(f"NORTH {serial}") for serial in (1, 2, 3)]
            assert [state_of(x, "acknowledge") for x in shown] == ["met", "met", "open"]
            assert state_of(shown[0], "report") == "open"
            assert [x.state for x in shown] == ["SUPERSEDED", "SUPERSEDED", "STORED"]
        await acknowledge(s, "NORTH 3")
        await n.wait_for("NORTH 3", state="ACKNOWLEDGED", timeout_s=20)
        stage.clock.ahead_s += ROUTINE_S
        for client in (n, s):
            await looked(stage, north, south)
            assert await told(client, "overdue", "due-soon") == []


@pytest.mark.parametrize("how", ["completed", "cancelled"])
async def test_a_report_is_owed_by_its_author_from_the_end_of_the_exercise_on(
    stage: Stage, north: Home, south: Home, how: str
) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await taken(n, s, notice("exercise", exercise(stage)))
        await acknowledge(s, "NORTH 1")
        assert dues(await n.show("NORTH 1"))["report"] == ("ours", "open")
        assert dues(await s.show("NORTH 1"))["report"] == ("peer", "open")
        ends_s = stage.began_s + 63 * DAY_S
        due_ms = next(d.due_ms for d in (await n.show("NORTH 1")).due if d.what == "report")
        assert abs(due_ms / 1000 - (ends_s + 5 * DAY_S)) <= 60
        await taken(n, s, started(stage, "NORTH 1"))
        stage.clock.ahead_s += 68 * DAY_S + 120
        for client, who in ((n, "this station"), (s, "NORTH")):
            await shows(client, "NORTH 1", "report", "overdue")
            assert [a for a in await told(client, "overdue") if f"the report by {who} is overdue" in a.text]
            (activity,) = (await client.calendar()).activities
            assert activity.state == "overdue"
        ending = completed if how == "completed" else cancelled
        await line_is(n, "attended", 60)
        await taken(n, s, ending(stage, "NORTH 1"))
        for client in (n, s):
            assert dues(await client.show("NORTH 1"))["report"][1] == "met"


async def test_an_amendment_moves_the_end_and_with_it_the_report(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await taken(n, s, notice("exercise", exercise(stage)))
        longer = {"kind": "exercise", **exercise(stage), "end": at(stage, 73 * DAY_S)}
        await taken(n, s, notice("amendment", {"target": "NORTH 1", "reason": "Longer.", "replacement": longer}))
        for client in (n, s):
            due_ms = next(d.due_ms for d in (await client.show("NORTH 1")).due if d.what == "report")
            assert abs(due_ms / 1000 - (stage.began_s + 78 * DAY_S)) <= 60


async def test_what_expires_unanswered_alarms_its_sender_once_and_says_where_it_is(
    stage: Stage, north: Home, south: Home
) -> None:
    expires_s = stage.began_s + 1200
    async with stage.running(north) as n:
        async with stage.running(south) as s:
            for text in ("left alone", "answered"):
                await taken(n, s, consultation(text, expires_s=expires_s))
            await acknowledged(s, "NORTH 2")
            await n.wait_for("NORTH 2", state="ACKNOWLEDGED", timeout_s=20)
        await n.submit(consultation("nobody is there", expires_s=expires_s))
        stage.clock.ahead_s += 1300
        alarms = await until(lambda: told(n, "expired"), lambda found: len(found) == 2, what="two alarms")
        assert {alarm.alarm for alarm in alarms} == {True}
        texts = [alarm.text for alarm in alarms]
        assert any("NORTH 1 (left alone) has expired: STORED there, but not acknowledged." in text for text in texts)
        assert any("(nobody is there) has expired: NOT at SOUTH yet." in text for text in texts)
    async with stage.running(north) as n:
        stage.clock.ahead_s += 60
        await looked(stage, north)
        assert len(await told(n, "expired")) == 2


async def test_what_is_owed_to_a_line_that_was_removed_troubles_nobody(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as n, stage.running(south) as s:
        await taken(n, s, consultation("hear this"))
    for path in north.lines_path.iterdir():
        path.unlink()
    stage.clock.ahead_s += ROUTINE_S + 60
    async with stage.running(north) as n:
        desk = stage.engine(north).store.desk

        async def waiting() -> int:
            found = stage.engine(north).call(lambda now: len(desk.passed(now.wall_s, 9)))
            return found.result(20)

        await until(waiting, lambda left: left == 0, what="it to be done with")
        assert await told(n, "overdue") == []
