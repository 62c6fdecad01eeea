"""The runbook of a frozen log, typed word for word at two stations of which one has really signed two histories."""

import json
import shutil
from functools import partial
from pathlib import Path

from hotline import config
from hotline.home import Home
from tests.brokers import embedded, eventually
from tests.docs.shells import Shells, Typed, shells, typed
from tests.station.forked import forked
from tests.station.pair import make_homes

ROOT = Path(__file__).resolve().parents[2]


def _is(page: Shells, home: Home, state: str) -> bool:
    try:
        status = json.loads(page.run(Typed("", f"hotline status --json --home {home.path}")))
    except AssertionError:  # the daemon is not up yet
        return False
    return [line["state"] for line in status["lines"]] == [state]


async def _type(page: Shells, line: Typed, homes: dict[str, Home]) -> str:
    """Do what one line of the page says; a person compares the number on both screens."""
    if not line.command.startswith("hotline run"):
        return page.run(line, "equal" if "generation open" in line.command else "")
    page.leave_running(line)
    if line.side == "south":
        for home in homes.values():
            await eventually(partial(_is, page, home, "attended"), within_s=30, what=f"{home.path.name} attended")
    return ""


async def test_the_page_for_a_frozen_log_works_word_for_word(tmp_path: Path) -> None:
    make_homes(tmp_path / "made")
    homes = await forked(tmp_path / "made", tmp_path)
    shutil.copytree(ROOT / "protocol", tmp_path / "protocol", ignore=shutil.ignore_patterns("vectors"))
    async with embedded(tmp_path) as relay:
        with shells(tmp_path, PYTHONPATH=str(ROOT), NO_COLOR="1") as page:
            for side, home in zip(("north", "south"), homes, strict=True):
                config.add_relay(home.config_path, relay.config("relay"))
                page.run(Typed(side, f"export HOTLINE_HOME={home.path}"))
                page.leave_running(Typed(side, "hotline run"))
            for home in homes:
                await eventually(partial(_is, page, home, "frozen"), within_s=90, what=f"{home.path.name} frozen")
            sides = dict(zip(("north", "south"), homes, strict=True))
            page.run(Typed("north", "hotline send consultation waits"))
            shown = ""
            for line in typed((ROOT / "docs/runbooks/fork.md").read_text()):
                shown += await _type(page, line, sides)
            await eventually(
                lambda: "waits" in page.run(Typed("south", "hotline inbox")), within_s=90, what="what waited"
            )
    assert shown.count("NORTH is convicted of broken custody of its log key") == 4
    assert shown.count("SEEN") == 3, "twice when it was sent, and in the status afterwards"
    assert "the log is OURS" in shown
    assert "the log is NORTH's" in shown
    assert "EMERGENCY from NORTH, Duty officer" in shown
    assert shown.count("Generation 2 of the line with") == 2
    assert "TWO HISTORIES" in shown
    assert shown.count("Everything holds.") == 2
    assert [home.lines()[0].generations.number for home in homes] == [2, 2]
