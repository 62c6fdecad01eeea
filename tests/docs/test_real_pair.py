"""README's page for a real pair, typed word for word, with a mosquitto and two stations."""

import json
import shutil
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.brokers import eventually, free_port
from tests.docs.shells import Shells, Typed, shells, typed

ROOT = Path(__file__).resolve().parents[2]
# By the environment, since a daemon that is started by a test has no keyboard.
PASSPHRASE = "correct horse battery"
STAYS = ("mosquitto -c", "hotline run")


def attended(page: Shells, side: str) -> bool:
    try:
        status = json.loads(page.run(Typed(side, "hotline status --json")))
    except AssertionError:  # the daemon is not up yet
        return False
    return [line["state"] for line in status["lines"]] == ["attended"]


async def condition(met: Callable[[], bool], what: str) -> None:
    await eventually(met, within_s=90, what=what)


async def test_the_page_for_a_real_pair_works_word_for_word(tmp_path: Path) -> None:
    document = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("examples", "protocol"):
        shutil.copytree(ROOT / name, tmp_path / name)
    port, shown = free_port(), {}
    with shells(tmp_path, PYTHONPATH=str(ROOT), NO_COLOR="1", HOTLINE_PASSPHRASE=PASSPHRASE) as page:
        for line in typed(document):
            # Only what a second run on one machine cannot share is changed: the port and the folder of the homes.
            command = line.command.replace("1883", str(port)).replace("/tmp/hotline", f"{tmp_path}/homes")  # noqa: S108
            here = Typed(line.side, command)
            if "--print-mosquitto-conf" in command:
                command = command.replace("--print-mosquitto-conf", f"--port {port} --print-mosquitto-conf")
                here = Typed(line.side, command)
            if command.startswith(STAYS):
                page.leave_running(here)
                await condition(partial(ready, page, line, port), f"{line.command} is up")
            else:
                shown[line.side, line.command] = await said(page, here)
    assert_page(shown, tmp_path)


async def said(page: Shells, line: Typed) -> str:
    """What the command shows; `show` is given the moment in which an entry crosses the line, as a person would."""
    found: list[str] = []

    def shows() -> bool:
        try:
            found.append(page.run(line, answer_to(line.command)))
        except AssertionError:
            return False
        return line.side == "south" or "acknowledged by SOUTH" in found[-1]

    if not line.command.startswith("hotline show"):
        return page.run(line, answer_to(line.command))
    await condition(shows, line.command)
    return found[-1]


def ready(page: Shells, line: Typed, port: int) -> bool:
    if line.command.startswith("mosquitto"):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0
    return line.side == "north" or (attended(page, "north") and attended(page, "south"))


def answer_to(command: str) -> str:
    """What a person types: that the numbers are equal, and that the key values were read back."""
    return "equal" if command.startswith("hotline pair") else "y"


def assert_page(shown: dict[tuple[str, str], str], folder: Path) -> None:
    text = {command.split()[1]: out for (side, command), out in shown.items() if side == "north" and " " in command}
    assert "STORED" in text["send"]
    assert "acknowledged by SOUTH" in text["show"]
    assert "attended" in text["status"]
    assert "verify" in text
    assert (folder / "north-1.tlog-proof").read_bytes().startswith(b"c2sp.org/tlog-proof@v1\n")
    assert len(list((folder / "evidence").iterdir())) == 6
