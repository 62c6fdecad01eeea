"""Emergency texts between two real stations, with real keys, over a line that is frozen or whose peer is away."""

from pathlib import Path

import pytest

from hotline.api.types import Emergency, EmergencyNew
from hotline.client import Client
from hotline.errors import KeyError_, UsageError
from hotline.home import Home
from hotline.station.emergency import compose
from tests.station.forked import forked
from tests.station.pair import Stage, line_is, until
from tests.station.test_printer import PrintingStage, printed


async def texts(client: Client) -> list[tuple[str, str, str, bool]]:
    """What a station lists: direction, officer, text, and whether it was seen."""
    return [(e.direction, e.officer, e.text, e.seen_ms > 0) for e in await client.emergencies()]


async def seen(client: Client, sent: Emergency) -> None:
    async def mine() -> list[Emergency]:
        return [e for e in await client.emergencies() if e.id == sent.id]

    await until(mine, lambda found: found and found[0].seen_ms, what="SEEN")


async def test_it_passes_a_frozen_line_both_ways_and_is_shown_as_an_alarm(made: Path, tmp_path: Path) -> None:
    homes, stage = await forked(made, tmp_path), Stage()
    async with stage.running(homes[0]) as north, stage.running(homes[1]) as south:
        await line_is(north, "frozen")
        await line_is(south, "frozen")
        for sender, receiver, text in ((north, south, "We were cloned."), (south, north, "Telephone us.")):
            await seen(sender, await sender.emergency(EmergencyNew(text=text)))
            assert ("received", "Duty officer", text, True) in await texts(receiver)
            (line,) = (await receiver.status()).lines
            assert [a.text for a in line.alarms if a.kind == "emergency"] == [f"EMERGENCY from Duty officer: {text}"]
        assert len((await north.status()).emergencies) == 2
        assert not [n for n in (await south.inbox()).notices if "cloned" in n.subject], "it is no notice"


async def test_what_was_sent_while_the_peer_was_away_survives_a_restart_and_arrives_once(
    north: Home, south: Home, stage: Stage
) -> None:
    async with stage.running(north) as n:
        sent = await n.emergency(EmergencyNew(text="Before you came."))
        assert await texts(n) == [("sent", "Duty officer", "Before you came.", False)]
    async with stage.running(south) as s:
        async with stage.running(north) as n:
            await seen(n, sent)
        async with stage.running(north) as n:
            await line_is(n, "attended")
            assert await texts(s) == [("received", "Duty officer", "Before you came.", True)]


async def test_it_is_printed_once_loudly(north: Home, south: Home, tmp_path: Path) -> None:
    paper, stage = tmp_path / "paper", PrintingStage()
    stage.command = ("tee", "-a", str(paper))
    async with stage.running(north) as n:
        async with stage.running(south):
            await seen(n, await n.emergency(EmergencyNew(text="Telephone us.")))
            text = await until(lambda: printed(paper), lambda text: "Telephone us." in text, what="a page")
            to_print = stage.daemons[south.path]._service.emergencies_to_print
            await until(to_print, lambda left: not left, what="the page known to be on paper")
        async with stage.running(south) as s:
            await line_is(n, "attended")
            await until(s.emergencies, len, what="the text that was kept")
    assert "EMERGENCY from NORTH, officer Duty officer" in text
    assert (await printed(paper)).count("Telephone us.") == 1


async def test_without_an_officer_nothing_is_signed(north: Home, stage: Stage) -> None:
    async with stage.running(north, attended=False) as n:
        with pytest.raises(KeyError_):
            await n.emergency(EmergencyNew(text="x", officer="Nobody"))
        assert await texts(n) == []


async def test_a_text_that_does_not_fit_is_refused(north: Home, stage: Stage) -> None:
    async with stage.running(north):
        engine = stage.engine(north)
        (port,) = engine.ports.values()
        signer = ("Duty officer", port.keys.officers.unlock("Duty officer", None))
        for text in ("", "  ", "x" * 1025, "é" * 513, "\ud800"):
            with pytest.raises(UsageError):
                compose(port, signer, text, 1)
