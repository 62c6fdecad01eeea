"""The tree of commands: complete, lazy, and saying the same in the list as in each command's own help."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from hotline.cli import group
from hotline.cli.group import FAMILIES, NAMES
from tests.cli.calls import call

WANTED = [
    *("init", "card", "pair", "officer", "run", "relay", "rules", "backup", "recover", "generation"),
    *("duty", "new", "form", "send", "draft", "release", "inbox", "outbox", "show", "thread", "calendar"),
    *("ack", "standby", "status", "follow", "journal", "line-test", "emergency"),
    *("verify", "prove", "export", "fork", "demo"),
]


def test_every_command_of_the_design_is_there_once() -> None:
    assert sorted(NAMES) == sorted(WANTED)


@pytest.mark.parametrize("name", WANTED)
def test_the_list_of_commands_says_what_the_command_says_first(name: str) -> None:
    module = name.replace("-", "_")
    function = getattr(importlib.import_module(f"hotline.cli.{module}"), module)
    said = next(commands[name] for commands in FAMILIES.values() if name in commands)
    assert (inspect.getdoc(function) or "").splitlines()[0] == said


@pytest.mark.parametrize("name", WANTED)
def test_the_help_of_each_command_ends_with_an_example_of_that_command(name: str) -> None:
    called = call(name, "--help")
    assert called.code == 0
    before, _, after = called.out.partition("Example:")
    assert "--json" in before
    assert "--home" in before
    assert all(line.startswith(("    hotline", "")) for line in after.splitlines())
    assert f"hotline {name}" in after


def test_each_line_of_an_example_stays_a_line() -> None:
    assert "hotline card --out north.card\n    hotline card south.card\n" in call("card", "--help").out


def test_the_list_shows_every_family_and_imports_no_command() -> None:
    script = "import sys; from hotline.cli.program import run; run(['--help']); print('loaded:', *sys.modules)"
    asked = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=_root())
    text, _, loaded = asked.stdout.partition("loaded:")
    assert all(family in text for family in FAMILIES)
    assert [name for name in NAMES if f"hotline.cli.{name.replace('-', '_')}" in loaded.split()] == []
    heavy = {"cryptography", "aiohttp", "aiomqtt", "apsw", "segno", "rich", "msgspec", "asyncio"}
    assert heavy & set(loaded.split()) == set()


def _root() -> Path:
    return Path(group.__file__).parents[2]


def test_a_command_that_does_not_exist_is_named_with_what_is_near() -> None:
    called = call("sedn", "x")
    assert called.code == 2
    assert "'sedn'" in called.err
    assert "hotline --help" in called.err
