"""What programs ask of a station, through its socket, as they will."""

import asyncio

import pytest

from hotline.api.types import Answer, Submit, Submitted
from hotline.client import Client
from hotline.errors import CallerError, NotFoundError, NoticeError
from hotline.home import Home
from tests.station.pair import Stage, consultation, converse, line_is, line_of, stored, until


async def test_what_was_submitted_is_queued_while_nobody_is_there(stage: Stage, north: Home) -> None:
    async with stage.running(north) as client:
        outcome = await client.submit(consultation("wait"))
        assert (outcome.state, outcome.line, outcome.repeated) == ("QUEUED", "SOUTH", False)
        notice = await client.show(outcome.id)
        assert (notice.state, notice.ref, notice.index, notice.serial) == ("QUEUED", "", -1, 0)
        assert "wait" in notice.text
        line = await line_of(client)
        assert (line.queued, line.not_stored) == (1, 1)


async def test_a_repeat_is_told_what_the_first_has_reached(stage: Stage, north: Home, south: Home) -> None:
    submit = consultation("once", id="ab" * 16)
    async with stage.running(north) as client, stage.running(south):
        first = await stored(client, submit)
        again = await client.submit(submit)
        assert (again.id, again.state, again.repeated) == (first.id, "STORED", True)
        with pytest.raises(NoticeError, match="another text"):
            await client.submit(consultation("twice", id="ab" * 16))
        assert (await line_of(client)).own.size == 2


async def test_of_many_one_that_is_wrong_does_not_stop_the_others(stage: Stage, north: Home) -> None:
    good, bad = consultation("good"), Submit(kind="consultation", notice={"txt": "bad"})
    async with stage.running(north) as client:
        outcomes = [outcome async for outcome in client.submit_many([good, bad, good])]
        assert [isinstance(outcome, Submitted) for outcome in outcomes] == [True, False, True]
        assert (await line_of(client)).queued == 2


async def test_a_line_is_found_by_its_name_and_another_is_refused_with_the_names_there_are(
    stage: Stage, north: Home
) -> None:
    async with stage.running(north) as client:
        assert (await client.submit(consultation("x", to="SOUTH"))).line == "SOUTH"
        with pytest.raises(NotFoundError, match="The lines here: SOUTH"):
            await client.submit(consultation("x", to="WEST"))


async def test_a_station_without_lines_says_how_to_get_one(stage: Stage, north: Home) -> None:
    for path in north.lines_path.iterdir():
        path.unlink()
    async with stage.running(north) as client:
        with pytest.raises(NotFoundError, match="hotline pair"):
            await client.submit(consultation("x"))


async def test_notices_are_found_by_reference_and_by_id_at_both_ends(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await converse(sender, receiver)
        for client in (sender, receiver):
            assert (await client.show("NORTH 2")).subject == "notice 2"
            assert (await client.show("SOUTH 1")).subject == "and from the south"
        by_id = await receiver.show((await sender.show("NORTH 2")).id)
        assert by_id.ref == "NORTH 2"
        with pytest.raises(NotFoundError):
            await Client.show(sender, "NORTH 99")  # at once: nothing is on its way
        with pytest.raises(CallerError, match="no reference"):
            await sender.show("what?")


async def test_lists_come_in_pages_without_gap_or_overlap(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        for number in range(7):
            await stored(sender, consultation(f"{number}"))
        await until(receiver.inbox, lambda page: len(page.notices) == 7, what="seven notices")
        seen, after = [], 0
        while True:
            page = await receiver.inbox(after=after, limit=3)
            seen += [notice.subject for notice in page.notices]
            if not page.next:
                break
            after = page.next
        assert seen == [str(number) for number in range(7)]
        sent, before = [], 0
        while True:
            page = await sender.outbox(limit=3, before=before)
            sent += [notice.subject for notice in page.notices]
            if not page.next:
                break
            before = page.next
        assert sent == [str(number) for number in reversed(range(7))]


async def test_each_consumer_has_a_place_of_its_own_that_survives_a_restart(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as sender:
        async with stage.running(south) as receiver:
            for number in range(3):
                await stored(sender, consultation(f"{number}"))
            page = await until(
                lambda: receiver.inbox(consumer="gateway"), lambda page: len(page.notices) == 3, what="three"
            )
            await receiver.confirm("gateway", page.notices[1].seq)
        async with stage.running(south) as receiver:
            assert [n.subject for n in (await receiver.inbox(consumer="gateway")).notices] == ["2"]
            assert len((await receiver.inbox(consumer="another")).notices) == 3
            with pytest.raises(NotFoundError):
                await receiver.confirm("gateway", 999)


async def test_events_are_woken_by_commits_and_resume_from_a_cursor(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south):
        await line_is(sender, "attended")
        after = (await sender.status()).last_event
        assert after > 0

        async def first_stored() -> int:
            async for event in sender.events(after=after):
                if event.kind == "stored":
                    return event.seq
            raise AssertionError

        waiting = asyncio.create_task(first_stored())
        await sender.submit(consultation("wakes"))
        seq = await asyncio.wait_for(waiting, 20)
        kept = [event async for event in sender.events(after=after, follow=False)]
        assert [event.seq for event in kept] == sorted(event.seq for event in kept)
        assert seq in {event.seq for event in kept}
        assert (await sender.status()).last_event >= seq


async def test_status_tells_of_both_logs_and_the_last_serials(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await converse(sender, receiver)
        status = await sender.status()
        assert (status.name, status.attended, status.officers) == ("NORTH", True, ["Duty officer"])
        line = status.lines[0]
        assert (line.own.size, line.own.receipted, line.own.signed) == (4, 4, 4)
        # South's genesis, opened and acknowledged, opened and refused, and its own notice.
        assert (line.mirror.size, line.mirror.receipted, line.mirror.signed) == (6, 6, 6)
        assert (line.last_sent, line.last_received, line.unread) == (3, 1, 1)
        assert line.rules_agree
        assert line.peer_attended


async def test_an_unread_notice_is_read_once_it_was_opened(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await stored(sender, consultation("read me"))
        await until(lambda: line_of(receiver), lambda line: line.unread == 1, what="an unread notice")
        await receiver.answer(Answer(ref="NORTH 1", verdict="opened"))
        assert (await line_of(receiver)).unread == 0


async def test_a_notice_submitted_again_minutes_later_is_the_same_though_the_station_gave_it_its_time(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as sender, stage.running(south):
        first = consultation("once", id="a" * 32)
        assert not (await sender.submit(first)).repeated
        await sender.wait_for("a" * 32, state="STORED", timeout_s=20)
        stage.clock.ahead_s += 180
        assert (await sender.submit(first)).repeated
        with pytest.raises(NoticeError):
            await sender.submit(consultation("another text", id="a" * 32))
