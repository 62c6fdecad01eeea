"""Each example does what it says, against stations that run."""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.api.types import Submit
from hotline.client import Client
from hotline.home import Home
from tests.station.pair import Stage, consultation, copy_home, line_is, make_homes, stored, until

pytestmark = pytest.mark.integration
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROJECT = str(EXAMPLES.parent)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("homes")
    make_homes(folder)
    return folder


@pytest.fixture
def homes(made: Path, tmp_path: Path) -> tuple[Home, Home]:
    north, south = (copy_home(Home(made / name), tmp_path / name) for name in ("north", "south"))
    return north, south


async def started(example: str, *words: str, home: Home) -> asyncio.subprocess.Process:
    environ = {**os.environ, "HOTLINE_HOME": str(home.path), "PYTHONPATH": PROJECT}
    return await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLES / example), *words, env=environ, stdout=-1, stderr=-1, stdin=-3
    )


async def ended(process: asyncio.subprocess.Process) -> str:
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_the_smallest_client_says_where_its_consultation_is_stored(homes: tuple[Home, Home]) -> None:
    stage = Stage()
    async with stage.running(homes[0]) as north, stage.running(homes[1]):
        await line_is(north, "attended")
        assert "STORED at the peer as NORTH 1." in await ended(
            await started("send_and_wait.py", "Hello.", home=homes[0])
        )


async def test_the_listener_runs_its_command_for_each_flash_and_for_nothing_else(
    homes: tuple[Home, Home], tmp_path: Path
) -> None:
    stage, log = Stage(), tmp_path / "rung"
    async with stage.running(homes[0]) as north, stage.running(homes[1]) as south:
        await line_is(north, "attended")
        await stored(north, consultation("no hurry"))
        process = await started("flash_listener.py", "--", "tee", "-a", str(log), home=homes[1])
        try:
            await stored(north, consultation("first warning", precedence="FLASH"))
            await stored(north, consultation("second warning", precedence="FLASH"))
            await until(lambda: _text(log), lambda t: "second warning" in t, what="the command run for both")
            await until(lambda: _confirmed(south), lambda left: left == 0, what="everything confirmed")
        finally:
            process.terminate()
            await process.communicate()
    assert log.read_text().count("END OF NORTH") == 2
    assert "no hurry" not in log.read_text()


async def _text(path: Path) -> str:
    return await asyncio.to_thread(lambda: path.read_text() if path.exists() else "")


async def _confirmed(client: Client) -> int:
    return len((await client.inbox(consumer="flash-listener")).notices)


async def test_the_bridge_sends_each_file_once_and_says_what_was_wrong_with_another(
    homes: tuple[Home, Home], tmp_path: Path
) -> None:
    stage, folder = Stage(), tmp_path / "outgoing"
    folder.mkdir()
    (folder / "a.toml").write_text('kind = "consultation"\ntext = "from a file"\n[envelope]\nprecedence = "PRIORITY"\n')
    (folder / "b.json").write_text(json.dumps({"kind": "consultation", "text": ""}))
    (folder / "c.toml").write_text('kind = "consultation"\ntext = "on that"\nanswers = "SOUTH 1"\n')
    (folder / "half.toml.tmp").write_text('kind = "consul')
    async with stage.running(homes[0]) as north, stage.running(homes[1]) as south:
        await line_is(north, "attended")
        await stored(south, consultation("what is that?"))
        await until(north.inbox, lambda page: page.notices, what="the question at NORTH")
        process = await started("folder_bridge.py", str(folder), home=homes[0])
        try:
            await until(lambda: _files(folder), lambda names: len(names) == 1, what="three files taken")
        finally:
            process.terminate()
            await process.communicate()
        sent = json.loads((folder / "sent" / "a.outcome.json").read_text())
        assert (await north.wait_for(sent["id"], state="STORED")).precedence == "PRIORITY"
        answer = json.loads((folder / "sent" / "c.outcome.json").read_text())
        assert (await north.wait_for(answer["id"], state="STORED")).relation == "answers SOUTH 1"
        refused = json.loads((folder / "refused" / "b.outcome.json").read_text())
        assert refused["error"].startswith("text: ")
        # A crash between sending and moving: the file is there again, and is not sent again.
        (folder / "sent" / "a.toml").replace(folder / "a.toml")
        again = await started("folder_bridge.py", str(folder), home=homes[0])
        try:
            await until(lambda: _files(folder), lambda names: len(names) == 1, what="the file taken again")
        finally:
            again.terminate()
            await again.communicate()
        assert len((await north.outbox()).notices) == 2


async def _files(folder: Path) -> list[str]:
    return await asyncio.to_thread(lambda: [path.name for path in folder.iterdir() if path.is_file()])


def test_the_acceptance_scenario_plays_to_its_end_and_a_third_party_verifies_it() -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("HOTLINE_")}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "acceptance.py")],
        env={**environ, "PYTHONPATH": PROJECT}, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout
    for part in (
        "NORTH 2 is SUPERSEDED, amended by NORTH 3; void: acknowledgement by Duty officer",
        "first down, second up; the line is attended",
        "SOUTH 2 is ANSWERED, by NORTH 5",
        "NORTH 8 is ANSWERED, by SOUTH 3",
        "NORTH holds: EASTERN MEDITERRANEAN NAVAL EXERCISE (illustrative)\n  completed, revision 2",
        "SOUTH holds: EASTERN MEDITERRANEAN NAVAL EXERCISE (illustrative)\n  completed, revision 2",
        "Both sides handed over the same two logs, byte for byte.",
    ):
        assert part in told


def test_the_bridge_reads_every_example_notice_as_a_submission() -> None:
    spec = importlib.util.spec_from_file_location("folder_bridge", EXAMPLES / "folder_bridge.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for path in sorted((EXAMPLES / "notices").glob("*.toml")):
        assert isinstance(module.read(path), Submit), path.name
