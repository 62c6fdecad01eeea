"""Every kind of alarm that the product can raise is shown with the number of the peer, wherever it is shown."""

import asyncio
from pathlib import Path

import pytest

from hotline.api.types import Event as Shown
from hotline.cli import follow, journal
from hotline.cli import status as status_command
from hotline.cli.output import Output
from hotline.client import Client
from hotline.core.kinds import ALARMS
from hotline.core.step import Event, Now
from hotline.home import Home
from tests.station.pair import Stage, copy_home, line_is

PHONE = "+7 000"


async def raised(stage: Stage, home: Home, client: Client, line: bytes, kind: str) -> Shown:
    """Raise an alarm of this kind as the station does, and return it as a listener gets it."""
    after = (await client.status()).last_event
    engine = stage.engine(home)

    def run(now: Now) -> None:
        engine.store.event(line, Event(kind, "Said by a test.", alarm=True), now.wall_ms)

    await asyncio.wrap_future(engine.call(run))
    return [e async for e in client.events(after=after, follow=False) if e.kind == kind and e.alarm][-1]


@pytest.fixture
def homes(made: Path, tmp_path: Path) -> tuple[Home, Home]:
    north, south = (copy_home(Home(made / name), tmp_path / name) for name in ("north", "south"))
    return north, south


async def test_each_kind_of_alarm_has_the_number_in_every_document_and_every_line_that_people_read(
    homes: tuple[Home, Home], capsys: pytest.CaptureFixture[str]
) -> None:
    stage, north = Stage(), homes[0]
    async with stage.running(north) as client, stage.running(homes[1]):
        await line_is(client, "attended")
        line = north.lines()[0].id
        for kind in ALARMS:
            for of in (line, b""):
                event = await raised(stage, north, client, of, kind)
                (entry,) = [e for e in (await client.journal(kind=kind)).entries if bool(e.line) == bool(of)][-1:]
                assert (event.phone, entry.phone) == (PHONE, PHONE), kind
                capsys.readouterr()
                follow._tell(Output(), event)
                journal._tell(Output(), entry)
                said = capsys.readouterr().out.splitlines()
                assert len(said) == 2
                assert all(PHONE in text for text in said), (kind, said)
            state = await client.status()
            assert all(alarm.phone == PHONE for alarm in state.lines[0].alarms)
            status_command._line(Output(), state.lines[0])
            alarms = [text for text in capsys.readouterr().out.splitlines() if text.startswith("ALARM")]
            assert all(PHONE in text for text in alarms)


async def test_what_is_no_alarm_names_no_number(homes: tuple[Home, Home]) -> None:
    stage = Stage()
    async with stage.running(homes[0]) as client:
        await line_is(client, "peer silent")
        assert {e.phone for e in (await client.journal()).entries if e.level != "alarm"} == {""}
