"""An officer's answers: signed, opened first, and said once."""

import asyncio

import pytest

from hotline.api.types import Answer
from hotline.client import Client
from hotline.errors import CallerError, KeyError_, NotFoundError
from hotline.home import Home
from tests.station.pair import Stage, consultation, line_of, stored, until


async def arrived(client: Client) -> None:
    await until(client.inbox, lambda page: len(page.notices) == 1, what="the notice")


async def test_acknowledging_what_was_not_opened_opens_it_first(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await stored(sender, consultation("hear this"))
        await arrived(receiver)
        step = await receiver.answer(Answer(ref="NORTH 1", verdict="acknowledged", text="roger"))
        assert (step.state, step.officer, step.text) == ("ACKNOWLEDGED", "Duty officer", "roger")
        notice = await sender.wait_for("NORTH 1", state="ACKNOWLEDGED", timeout_s=20)
        assert [s.state for s in notice.ladder] == ["QUEUED", "STORED", "OPENED", "ACKNOWLEDGED"]
        assert [s.proof for s in notice.ladder[2:]] == ["entry 1 of SOUTH's log", "entry 2 of SOUTH's log"]


async def test_the_same_answer_given_twice_even_at_once_is_one_entry(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await stored(sender, consultation("hear this"))
        await arrived(receiver)
        answer = Answer(ref="NORTH 1", verdict="acknowledged")
        steps = await asyncio.gather(*(receiver.answer(answer) for _ in range(5)))
        assert len({step.time_ms for step in steps}) == 1
        await sender.wait_for("NORTH 1", state="ACKNOWLEDGED", timeout_s=20)
        assert (await line_of(receiver)).own.size == 3  # genesis, opened, acknowledged


async def test_a_refusal_reaches_the_sender_with_its_words(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await stored(sender, consultation("hear this"))
        await arrived(receiver)
        await receiver.answer(Answer(ref="NORTH 1", verdict="refused", text="wrong station"))
        notice = await sender.wait_for("NORTH 1", state="REFUSED", timeout_s=20)
        assert (notice.ladder[-1].text, notice.ladder[-1].officer) == ("wrong station", "Duty officer")


async def test_what_cannot_be_answered_is_refused_with_the_reason(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await stored(sender, consultation("hear this"))
        await arrived(receiver)
        with pytest.raises(CallerError, match="your own notice"):
            await sender.answer(Answer(ref="NORTH 1", verdict="opened"))
        with pytest.raises(NotFoundError):
            await Client.answer(receiver, Answer(ref="NORTH 2", verdict="opened"))  # at once: nothing is on its way
        with pytest.raises(CallerError, match="256 bytes"):
            await receiver.answer(Answer(ref="NORTH 1", verdict="refused", text="\u00e9" * 200))
        with pytest.raises(KeyError_, match="not on duty"):
            await receiver.answer(Answer(ref="NORTH 1", verdict="opened", officer="Nobody"))
        assert (await line_of(receiver)).own.size == 1


async def test_a_station_without_officers_cannot_answer(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south, attended=False) as receiver:
        await stored(sender, consultation("hear this"))
        await arrived(receiver)
        with pytest.raises(KeyError_, match="No officer is on duty"):
            await receiver.answer(Answer(ref="NORTH 1", verdict="opened"))
