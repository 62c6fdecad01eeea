"""`hotline follow --print`: each notice that arrives goes to a command, in order, none twice and none forgotten."""

import shlex
import signal
import sys
import time
import uuid
from pathlib import Path

import pytest

from hotline.cli.printing import words_of
from hotline.errors import UsageError
from tests.cli.calls import call, finish, refused, spawn
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, sent


def printer(folder: Path, code: int = 0) -> str:
    """A command that keeps each page in a file of its own, as a printer keeps paper."""
    script = folder / "printer.py"
    script.write_text(
        "import os, sys\n"
        f"number = len(os.listdir({str(folder)!r}))\n"
        f"open({str(folder)!r} + f'/{{number:04d}}.page', 'w').write(sys.stdin.read())\n"
        f"sys.exit({code})\n"
    )
    return shlex.join([sys.executable, str(script)])


def pages(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted(folder.glob("*.page"))]


def until_printed(folder: Path, ref: str) -> None:
    deadline = time.monotonic() + 90
    while not any(f"END OF {ref}\n" in page for page in pages(folder)):
        assert time.monotonic() < deadline, pages(folder)
        time.sleep(0.02)


@pytest.mark.parametrize("command", ["", " ", "'unclosed", "a\0b"])
def test_a_command_that_is_none_is_refused(command: str) -> None:
    with pytest.raises(UsageError, match="--print"):
        words_of(command)


def test_a_command_is_read_as_a_shell_reads_it_and_run_without_one() -> None:
    assert words_of("lp -d 'the desk' ; rm $HOME") == ["lp", "-d", "the desk", ";", "rm", "$HOME"]


@pytest.mark.integration
def test_what_arrives_is_printed_and_opened_by_nobody(pair: Pair, tmp_path: Path) -> None:
    before = sent(pair.north)["ref"]
    arrived(pair.south, before)
    process = spawn("follow", "--print", printer(tmp_path), "--home", str(pair.south.path))
    ref = ""
    deadline = time.monotonic() + 90
    while not pages(tmp_path):  # until it listens, what comes is none of its business
        ref = sent(pair.north)["ref"]
        assert time.monotonic() < deadline
    until_printed(tmp_path, ref)
    process.send_signal(signal.SIGINT)
    assert finish(process).code == 130
    assert arrived(pair.south, ref)["state"] == "STORED"
    assert f"END OF {before}\n" not in "".join(pages(tmp_path))
    assert pages(tmp_path)[-1].splitlines()[-1] == "State: not opened yet."


@pytest.mark.integration
def test_an_emergency_text_is_printed_too(pair: Pair, tmp_path: Path) -> None:
    process = spawn("follow", "--print", printer(tmp_path), "--home", str(pair.south.path))
    deadline = time.monotonic() + 90
    while not any("EMERGENCY from" in page and "Telephone us." in page for page in pages(tmp_path)):
        call("emergency", "Telephone us.", "--wait", home=pair.north)  # until it listens, it prints none
        assert time.monotonic() < deadline, pages(tmp_path)
        time.sleep(1.0)  # no more than the station takes in a minute
    process.send_signal(signal.SIGINT)
    assert finish(process).code == 130


@pytest.mark.integration
def test_a_named_printer_goes_on_where_it_stopped_and_prints_nothing_twice(pair: Pair, tmp_path: Path) -> None:
    name = f"printer-{uuid.uuid4()}"
    call("inbox", "--consumer", name, "--confirm", "--limit", "1000", home=pair.south)  # what came long ago
    words = ["follow", "--print", printer(tmp_path), "--consumer", name, "--home", str(pair.south.path)]
    refs = []
    for _ in range(2):
        refs.append(sent(pair.north)["ref"])
        arrived(pair.south, refs[-1])
        process = spawn(*words)
        until_printed(tmp_path, refs[-1])
        process.send_signal(signal.SIGINT)
        finish(process)
    printed = "".join(pages(tmp_path))
    assert [printed.count(f"END OF {ref}\n") for ref in refs] in ([1, 1], [2, 1])  # stopped before it confirmed
    assert all(page.endswith("\n") for page in pages(tmp_path))


@pytest.mark.integration
def test_a_printer_that_fails_is_told_and_the_page_is_not_taken_for_printed(pair: Pair, tmp_path: Path) -> None:
    arrived(pair.south, sent(pair.north)["ref"])
    name = f"printer-{uuid.uuid4()}"
    for _ in range(2):
        called = call("follow", "--print", printer(tmp_path, code=3), "--consumer", name, home=pair.south)
        refused(called, 4, "ended with code 3", "not printed")
    first, second = pages(tmp_path)
    assert first.splitlines()[1] == second.splitlines()[1]
    refused(call("follow", "--print", "/no/such/printer", "--consumer", name, home=pair.south), 4, "cannot be run")


@pytest.mark.parametrize("words", [["--json"], ["--alarms"], ["--until-now"], ["--after", "0"]])
def test_notices_and_events_are_not_mixed(words: list[str]) -> None:
    refused(call("follow", "--print", "lp", *words), 2, "--print")


def test_a_consumer_without_a_printer_is_refused() -> None:
    refused(call("follow", "--consumer", "x"), 2, "--print")
