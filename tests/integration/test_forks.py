"""A station whose log key signed two histories: caught, convicted at both ends, and the other direction goes on."""

import asyncio
from pathlib import Path

import pytest

from hotline.api.types import Answer
from hotline.audit import fork_proof
from hotline.home import Home
from tests.station.forked import forked
from tests.station.pair import Stage, consultation, copy_home, line_is, line_of, stored, until

pytestmark = pytest.mark.integration


@pytest.fixture
def homes(made: Path, tmp_path: Path) -> tuple[Home, Home]:
    return asyncio.run(forked(made, tmp_path))


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_both_ends_freeze_the_forked_log_and_say_whose_it_is(homes: tuple[Home, Home], stage: Stage) -> None:
    async with stage.running(homes[0]) as north, stage.running(homes[1]) as south:
        accused, holder = await line_is(north, "frozen"), await line_is(south, "frozen")
    assert (accused.own.frozen, accused.mirror.frozen) == (True, False)
    assert (holder.own.frozen, holder.mirror.frozen) == (False, True)
    assert ["own log key" in a.text for a in accused.alarms if a.kind == "fork"] == [True]
    assert ["the peer's log key" in a.text for a in holder.alarms if a.kind == "fork"] == [True]


async def test_only_that_log_is_frozen_and_the_other_side_still_sends_and_answers(
    homes: tuple[Home, Home], stage: Stage
) -> None:
    async with stage.running(homes[0]) as north, stage.running(homes[1]) as south:
        await line_is(north, "frozen")
        await line_is(south, "frozen")
        await stored(south, consultation("and from the south"))
        await south.answer(Answer(ref="NORTH 1", verdict="acknowledged", text="roger"))
        await north.wait_for("NORTH 1", state="ACKNOWLEDGED", timeout_s=20)
        inbox = await north.inbox()
        assert [(n.subject, n.invalid) for n in inbox.notices] == [("and from the south", "")]
        waiting = (await north.submit(consultation("nothing goes into a frozen log"))).id
        await stored(south, consultation("still going"))
        assert (await north.show(waiting)).state == "QUEUED"
        assert (await line_of(south)).mirror.size == (await line_of(south)).mirror.signed


async def test_both_ends_export_the_same_proof_and_keep_it_through_a_restart(
    homes: tuple[Home, Home], stage: Stage
) -> None:
    async with stage.running(homes[0]) as north, stage.running(homes[1]) as south:
        await line_is(north, "frozen")
        await line_is(south, "frozen")
    proofs = [fork_proof(home, None) for home in homes]
    assert proofs[0] == proofs[1]
    async with stage.running(homes[0]) as north:
        assert (await line_of(north)).state == "frozen"
    async with stage.running(homes[1]) as south:
        assert (await line_of(south)).state == "frozen"
    assert [fork_proof(home, None) for home in homes] == proofs


async def test_a_side_that_lost_the_frozen_state_with_an_old_copy_is_told_again(
    homes: tuple[Home, Home], stage: Stage, tmp_path: Path
) -> None:
    older = copy_home(homes[0], tmp_path / "older")
    async with stage.running(homes[0]) as north, stage.running(homes[1]) as south:
        await line_is(north, "frozen")
        await line_is(south, "frozen")
    async with stage.running(older) as north, stage.running(homes[1]) as south:
        line = await line_is(north, "frozen")
        assert line.own.frozen
        held = await until(south.inbox, lambda page: page.notices, what="what SOUTH had before")
        assert [n.subject for n in held.notices] == ["before", "one history"]
