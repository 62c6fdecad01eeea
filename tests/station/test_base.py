"""Lines and notices are found by what people call them; who may sign is said by name."""

import pytest

from hotline.api.types import Answer, DraftNew
from hotline.client import Client
from hotline.errors import CallerError, KeyError_, NotFoundError
from hotline.home import Home
from tests.station.matters import taken
from tests.station.pair import Stage, consultation, line_is, stored
from tests.station.people import SECOND, WORDS, add_second
from tests.station.test_desk import arrived


async def test_a_line_that_is_not_here_is_told_with_those_that_are(stage: Stage, north: Home) -> None:
    async with stage.running(north) as n:
        with pytest.raises(NotFoundError, match=r"no line to 'EAST'.*SOUTH"):
            await n.submit(consultation("x", to="EAST"))
        assert (await n.submit(consultation("x", to="SOUTH"))).line == "SOUTH"
    for path in north.lines_path.iterdir():
        path.unlink()
    async with stage.running(north) as n:
        with pytest.raises(NotFoundError, match="no line yet"):
            await n.submit(consultation("x"))


async def test_a_peer_that_uses_an_id_of_mine_hides_nothing(stage: Stage, north: Home, south: Home) -> None:
    key = "56" * 16
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await taken(n, s, consultation("ours", id=key))
        await stored(s, consultation("theirs", id=key))
        await arrived(n, "SOUTH 1")
        shown = {ref: (await n.show(ref)).subject for ref in (key, "NORTH 1", "SOUTH 1")}
        assert shown == {key: "ours", "NORTH 1": "ours", "SOUTH 1": "theirs"}
        await n.answer(Answer(ref="SOUTH 1", verdict="acknowledged"))
        await s.wait_for("SOUTH 1", state="ACKNOWLEDGED", timeout_s=20)
        assert (await n.show("NORTH 1")).state == "STORED"


async def test_a_reference_that_names_nothing_is_refused(stage: Stage, north: Home) -> None:
    async with stage.running(north) as n:
        for ref in ("NORTH 1", "SOUTH 1", "EAST 1", "78" * 16):
            with pytest.raises(NotFoundError):
                await Client.show(n, ref)  # at once: nothing is on its way
        with pytest.raises(CallerError):
            await n.show("no reference at all")


async def test_an_officer_who_is_not_on_duty_signs_with_a_passphrase_and_only_with_the_right_one(
    stage: Stage, north: Home
) -> None:
    add_second(north)
    async with stage.running(north, attended=False) as n:
        new = consultation("drafted by the second", officer=SECOND)
        with pytest.raises(KeyError_, match="no passphrase was given") as missing:
            await n.draft(DraftNew(submit=new))
        assert missing.value.reason == "no-passphrase"
        with pytest.raises(KeyError_):
            await n.draft(DraftNew(submit=new, passphrase="wrong"))
        with pytest.raises(KeyError_):
            await n.draft(DraftNew(submit=consultation("x", officer="Nobody"), passphrase=WORDS))
        draft = await n.draft(DraftNew(submit=new, passphrase=WORDS))
        assert draft.drafter == SECOND
        assert (await n.on_duty()).on_duty == []
        assert [x.number for x in (await n.drafts()).drafts] == [draft.number]
