"""Rows as people see them: states, ladders and whose clock each time is."""

from hotline.api.types import Answer
from hotline.home import Home
from tests.station.pair import Stage, consultation, converse, stored, until


async def test_each_rung_says_whose_clock_its_time_is(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await converse(sender, receiver)
        sent = await sender.show("NORTH 1")
        assert [(step.state, step.clock) for step in sent.ladder] == [
            ("QUEUED", "ours"), ("STORED", "ours"), ("OPENED", "peer"), ("ACKNOWLEDGED", "peer"),
        ]  # fmt: skip
        assert sent.ladder[1].proof == "receipt"
        received = await receiver.show("NORTH 1")
        assert {step.clock for step in received.ladder} == {"ours"}
        assert received.state == "ACKNOWLEDGED"
        assert received.officers == ["Duty officer"]


async def test_an_expired_notice_is_expired_unless_it_was_answered_in_time(
    stage: Stage, north: Home, south: Home
) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        expires_s = stage.clock.now().wall_s + 600
        for text in ("answered", "left alone"):
            await stored(sender, consultation(text, expires_s=expires_s))
        await until(receiver.inbox, lambda page: len(page.notices) == 2, what="two notices")
        await receiver.answer(Answer(ref="NORTH 1", verdict="acknowledged"))
        await sender.wait_for("NORTH 1", state="ACKNOWLEDGED", timeout_s=20)
        stage.clock.ahead_s += 601
        for client in (sender, receiver):
            assert [(await client.show(f"NORTH {n}")).state for n in (1, 2)] == ["ACKNOWLEDGED", "EXPIRED"]


async def test_a_notice_shows_its_fields_its_bytes_and_its_printed_form(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        sent = await stored(sender, consultation("words to be read", precedence="FLASH", mode="DRILL"))
        await until(receiver.inbox, lambda page: page.notices, what="the notice")
        got = await receiver.show(sent.id)
        assert got.notice is not None
        assert got.notice["text"] == "words to be read"
        assert b"words to be read" in bytes.fromhex(got.raw)
        for word in ("FLASH", "DRILL", "NORTH", "SOUTH", "words to be read"):
            assert word in got.text
        assert (got.precedence, got.mode) == ("FLASH", "DRILL")


async def test_lists_show_no_bodies_and_everything_else(stage: Stage, north: Home, south: Home) -> None:
    async with stage.running(north) as sender, stage.running(south) as receiver:
        await converse(sender, receiver)
        everything = (await receiver.inbox(everything=True)).notices
        assert [n.kind for n in everything] == ["genesis", *3 * ["consultation"]]
        assert [n.kind for n in (await sender.inbox(everything=True)).notices] == [
            "genesis", "opened", "acknowledgement", "opened", "refusal", "consultation",
        ]  # fmt: skip
        assert {(n.raw, n.text, n.notice) for n in everything} == {("", "", None)}
        assert [n.state for n in (await sender.outbox(newest_first=False)).notices] == [
            "ACKNOWLEDGED", "REFUSED", "STORED",
        ]  # fmt: skip
