"""What arrives is on paper: each notice once and in order, and an alarm when it is not."""

import asyncio
from pathlib import Path

import msgspec

from hotline import config
from hotline.client import Client
from hotline.config import StationConfig
from hotline.custody.keyring import Keyring
from hotline.home import Home
from hotline.relay.config import RelayConfig
from hotline.station.daemon import Daemon
from tests.station.pair import Stage, consultation, line_is, no_passphrase, stored, until


class PrintingStage(Stage):
    """SOUTH prints with this command."""

    command: tuple[str, ...] = ()

    def daemon(self, home: Home, *, attended: bool = True, relays: object = ("first",)) -> Daemon:
        command = self.command if home.path.name == "south" else ()
        settings = config.Config(
            station=StationConfig(print_command=command), relay=(RelayConfig(name="first", url="mqtt://memory:1"),)
        )
        keys = Keyring.load(home, no_passphrase, officers=attended)
        daemon = Daemon(home, settings, keys, self.clock, attended=attended, open_relay=self._relay)
        self.daemons[home.path] = daemon
        return daemon


async def printed(path: Path) -> str:
    return await asyncio.to_thread(lambda: path.read_text() if path.exists() else "")


async def confirmed(client: Client) -> None:
    """Wait until nothing is left to print: a page is on paper before it is known to be, and else comes again."""
    await until(lambda: client.inbox(consumer="printer"), lambda page: not page.notices, what="all confirmed")


async def test_each_notice_is_printed_once_and_in_order_and_what_came_before_is_not(
    north: Home, south: Home, tmp_path: Path
) -> None:
    paper, stage = tmp_path / "paper", PrintingStage()
    async with stage.running(north) as n, stage.running(south):
        await line_is(n, "attended")
        await stored(n, consultation("before there was a printer"))
    stage.command = ("tee", "-a", str(paper))
    async with stage.running(north) as n:
        async with stage.running(south) as s:
            await line_is(n, "attended")
            for number in (1, 2):
                await stored(n, consultation(f"page {number}"))
            await until(lambda: printed(paper), lambda text: "page 2" in text, what="two pages")
            await confirmed(s)
        async with stage.running(south):
            await line_is(n, "attended")
            await stored(n, consultation("page 3"))
            text = await until(lambda: printed(paper), lambda text: "page 3" in text, what="a third page")
    assert [f"page {n}" in page for n, page in enumerate(text.split("\f")[:-1], 1)] == [True, True, True]
    assert "before there was a printer" not in text


async def test_a_printer_that_fails_alarms_and_nothing_is_confirmed(north: Home, south: Home) -> None:
    stage = PrintingStage()
    stage.command = ("false",)
    async with stage.running(north) as n, stage.running(south) as s:
        await line_is(n, "attended")
        await stored(n, consultation("not on paper"))

        async def alarms() -> list[str]:
            found = []
            async for event in s.events(after=0, follow=False):
                found += [event.text] if event.kind == "printer" and event.alarm else []
            return found

        assert "was not printed" in (await until(alarms, lambda a: a, what="the alarm"))[0]
        assert len((await s.inbox(consumer="printer")).notices) == 1


def test_the_command_is_a_list_of_words_and_no_shell() -> None:
    read = config.parse('[station]\nprint_command = ["lp", "-d", "desk; rm"]\n', source="station.toml")
    assert read.station.print_command == ("lp", "-d", "desk; rm")
    assert msgspec.structs.asdict(read.station)["print_command"][2] == "desk; rm"
