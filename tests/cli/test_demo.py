"""`hotline demo`: the main job for real, and nothing left behind."""

import itertools
import json
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.calls import Called, call, finish, spawn
from tests.cli.test_processes import alive

pytestmark = pytest.mark.integration
STEPS = ["relay", "keys", "cards", "stations", "QUEUED", "STORED", "OPENED", "ACKNOWLEDGED", "speed"]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a path short enough for sockets, in place of the system's for temporary files."""
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        yield Path(folder)


def gone_within(pids: list[int], seconds: float) -> None:
    """What was told to stop has some seconds for it; whoever inherits the processes may be slow to collect them."""
    end = time.monotonic() + seconds
    while any(alive(pid) and not collected(pid) for pid in pids):
        assert time.monotonic() < end, "the stations and the relay are still there"
        time.sleep(0.05)


def collected(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("hotline-demo-*")]


def test_the_main_job_happens_step_by_step_and_nothing_is_left(place: Path) -> None:
    called = finish(spawn("demo", TMPDIR=str(place)), 120)
    assert called.code == 0, called
    words = [line.split() for line in called.out.splitlines()]
    told = [row[2] for row in words if len(row) > 3 and row[1] in ("ms", "s")]
    assert told == [*STEPS, "stop", "verify", "verify"]
    assert "median" in called.out
    assert "stopped and removed" in called.out
    assert left(place) == []


def test_kept_stations_answer_the_three_commands_that_are_told_until_they_are_stopped_as_told(place: Path) -> None:
    called = finish(spawn("demo", "--keep", TMPDIR=str(place)), 120)
    assert called.code == 0, called
    *commands, stop = [line.strip() for line in called.out.splitlines() if line.startswith("  ")]
    pids = [int(word.strip(";")) for word in stop.split() if word.strip(";").isdigit() and len(word.strip(";")) > 1]
    try:
        assert len(pids) == 3
        assert all(map(alive, pids))
        inbox, send, status = (call(*shlex.split(command)[1:]) for command in commands[-3:])
        assert "exercise" in inbox.out
        assert "stored at SOUTH" in send.out
        assert "attended" in status.out
    finally:
        subprocess.run(stop, shell=True, check=True)  # noqa: S602 (what a person is told to type)
    gone_within(pids, 60)
    assert left(place) == []


def test_what_is_kept_is_named_for_programs_too(place: Path) -> None:
    document = finish(spawn("demo", "--keep", "--json", TMPDIR=str(place)), 120).document
    for pid in document["pids"]:
        os.kill(pid, signal.SIGTERM)
    assert gone(document["pids"])
    assert [step["step"] for step in document["steps"]] == [*STEPS, "verify", "verify"]
    assert Path(document["folder"]).is_dir()


def test_ctrl_c_in_the_middle_stops_every_process(place: Path) -> None:
    process = spawn("demo", TMPDIR=str(place))
    assert process.stdout is not None
    pids: list[int] = []
    while len(pids) < 3:
        line = process.stdout.readline()
        assert line, process.communicate()
        words = line.replace(",", " ").replace(";", " ").split()
        pids += [int(after) for word, after in itertools.pairwise(words) if word == "process"]
    process.send_signal(signal.SIGINT)
    called = finish(process)
    assert called.code == 130
    assert "Traceback" not in called.err
    assert gone(pids)
    assert left(place) == []


def test_a_failure_shows_the_end_of_the_logs_and_stops_everything(place: Path) -> None:
    called = _without_its_relay(place)
    assert called.code != 0
    assert "--- the end of" in called.err
    assert "Traceback" not in called.err.partition("--- the end of")[0]
    assert left(place) == []


def _without_its_relay(place: Path) -> Called:
    """Run the demo where its relay cannot start: the library for it is broken."""
    broken = place / "broken"
    (broken / "amqtt").mkdir(parents=True)
    (broken / "amqtt" / "__init__.py").write_text("raise ImportError('taken away by a test')\n")
    return finish(spawn("demo", "--json", TMPDIR=str(place), PYTHONPATH=str(broken)), 120)


def gone(pids: list[int]) -> bool:
    """Whether these processes end; they take a few seconds, and more on a busy machine."""
    for _ in range(600):
        if not any(map(alive, pids)):
            return True
        time.sleep(0.1)
    return False


def test_the_document_of_a_failure_is_one_document(place: Path) -> None:
    assert json.loads(_without_its_relay(place).out)["exit"] == 4
