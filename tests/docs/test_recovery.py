"""The runbook docs/runbooks/recovery.md, typed word for word beside a running peer, each loss after the other."""

import json
import subprocess
from functools import partial
from pathlib import Path

import pytest

from hotline import config
from hotline.custody.ceremony import Plan, make_station
from hotline.custody.enrol import enrol
from hotline.home import Home
from tests.brokers import ROOT, eventually, mosquitto
from tests.docs.shells import Shells, Typed, shells, typed
from tests.station.pair import NAMES

pytestmark = pytest.mark.integration


def line_of(page: Shells, name: str) -> dict[str, object]:
    """The only line of a running station as its status tells it; nothing while it does not answer."""
    try:
        shown = page.run(Typed("", f"hotline status --home {name} --json 2>/dev/null"))
    except AssertionError:
        return {}
    line: dict[str, object] = json.loads(shown)["lines"][0]
    return line


def whole(page: Shells, name: str, size: int) -> bool:
    line = line_of(page, name)
    own = line.get("own")
    if not isinstance(own, dict) or line["rebuild"] is not None or line["state"] != "attended":
        return False
    return bool(own["signed"] == own["size"] >= size)


def start(page: Shells, name: str) -> "subprocess.Popen[bytes]":
    return page.leave_running(Typed("", f"hotline run --home {name}"))


async def test_each_loss_of_the_page_is_mended_by_what_the_page_says(tmp_path: Path) -> None:
    document = (ROOT / "docs" / "runbooks" / "recovery.md").read_text(encoding="utf-8")
    async with mosquitto(tmp_path) as relay:
        homes = [Home(tmp_path / name) for name in NAMES]
        for home in homes:
            make_station(home, Plan(home.path.name.upper(), phone="+1 555 0100"), None)
            config.add_relay(home.config_path, relay.config("first"))
        for home, other in zip(homes, reversed(homes), strict=True):
            enrol(home, other.card_path, confirm=lambda *_: True)
        with shells(tmp_path, PYTHONPATH=str(ROOT), NO_COLOR="1") as page:
            running = {name: start(page, name) for name in NAMES}
            await eventually(partial(whole, page, "north", 1), within_s=90, what="both are up")
            await follow(page, document, running)


def subjects(page: Shells) -> list[str]:
    inbox = json.loads(page.run(Typed("", "hotline inbox --home south --json")))
    return [notice["subject"] for notice in inbox["notices"]]


async def follow(page: Shells, document: str, running: "dict[str, subprocess.Popen[bytes]]") -> None:
    """Type every line of the page; after each start, NORTH must be whole again, with one notice more."""
    page.run(Typed("", "hotline send consultation one --home north --wait"))
    said = 1
    losses, root_alone = document.split("## 8. ")
    shown = ""
    for line in typed(losses):
        if line.command.startswith("hotline run"):
            running["north"] = page.leave_running(line)
            await eventually(partial(whole, page, "north", said + 1), within_s=90, what=line.command)
            page.run(Typed("", f"hotline send consultation 'after {said}' --home north --wait"))
            said += 1
            continue
        shown += page.run(line)
        if line.command.startswith("kill"):
            assert running["north"].wait(60) == 0, "a clean stop"
    await eventually(lambda: len(subjects(page)) >= said, within_s=60, what="all of them at SOUTH")
    assert subjects(page) == ["one", *(f"after {number}" for number in range(1, said))], "each once, in order"
    await follow_root_alone(page, root_alone, running)
    for words in ("heads.lock is there", "No peer can give back", "Prepared.", "Everything holds.", "rebuilt"):
        assert words in shown, words


async def follow_root_alone(page: Shells, section: str, running: "dict[str, subprocess.Popen[bytes]]") -> None:
    """SOUTH loses all keys but its root; what waits for it at NORTH arrives, and both go on."""
    shown = ""
    for line in typed(section):
        if not line.command.startswith("hotline run"):
            shown += page.run(line, "equal")
            continue
        name = line.command.split()[-1]
        running[name] = page.leave_running(line)
        if name == "north":
            await eventually(partial(whole, page, name, 1), within_s=90, what=line.command)
            for sender in ("north", "south"):
                page.run(Typed("", f"hotline send consultation 'from {sender}' --home {sender} --wait"))
    assert shown.count("Generation 2 of the line with") == 2
    assert "THEIR CARD CHANGES: number 2 instead of 1" in shown
    assert shown.count("Everything holds.") == 2
