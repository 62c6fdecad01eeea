"""The commands that documents tell people to type exist, with the options that they name.

This is about names; that the pages work from start to end is for the tests that run them.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.commands import Command, command_line
from tests.house.source import ROOT

DOCUMENTS = ["README.md", "keys/README.md", "docs/runbooks/recovery.md"]
FENCE = re.compile(r"^```(console|sh)\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROMPT = re.compile(r"\s*[\w@:~-]*\$ ")  # also `north$ `, where a page shows two shells
BETWEEN_COMMANDS = {"|", "||", "&", "&&", ";", "(", ")"}
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def shell_lines(document: str) -> Iterator[str]:
    """Lines to type: all of ```sh, and those behind a prompt in ```console; continued lines are joined."""
    for language, block in FENCE.findall(document):
        for line in block.replace("\\\n", " ").splitlines():
            if language == "sh":
                yield line
            elif prompted := PROMPT.match(line):
                yield line[prompted.end() :]


def hotline_calls(line: str) -> Iterator[list[str]]:
    """The words behind `hotline` for each call of it in a shell line, with pipes, lists and NAME=value before it."""
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    call: list[str] = []
    for word in [*words, ";"]:
        if word in BETWEEN_COMMANDS:
            if call and Path(call[0]).name == "hotline":
                yield call[1:]
            call = []
        elif call or not ASSIGNMENT.match(word):
            call.append(word)


def call_fault(root: Command, words: list[str]) -> str | None:
    """The first word that the command line does not know, said as a sentence."""
    command, rest = root, list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            break
        if word.startswith("-") and word != "-":
            name, equals, _ = word.partition("=")
            if name not in {*command.options, "--help"}:
                return f"`{' '.join(['hotline', *command.words])}` has no option {name}"
            if command.options.get(name) and not equals and rest:
                rest.pop(0)
        elif command.subcommands:
            if word not in command.subcommands:
                return f"`{' '.join(['hotline', *command.words])}` has no command {word}"
            command = command.subcommands[word]
    return None


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_hotline_command_in_the_document_exists_with_the_options_it_is_given(name: str) -> None:
    document = (ROOT / name).read_text(encoding="utf-8")
    calls = [call for line in shell_lines(document) for call in hotline_calls(line)]
    assert calls, f"{name} shows no hotline command in a console or sh block: the rule would check nothing"
    root = command_line()
    faults = {" ".join(["hotline", *call]): call_fault(root, call) for call in calls}
    assert {call: fault for call, fault in faults.items() if fault} == {}


SAMPLE = Command(
    (),
    {"--home": True, "--version": False},
    {"send": Command(("send",), {"--to": True, "--wait": False}, {})},
)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("hotline --home north send notice.toml --to SOUTH --wait", None),
        ("hotline send --to=SOUTH notice.toml", None),
        ("HOTLINE_HOME=north .venv/bin/hotline send x | less", None),
        ("hotline send -- --odd-name.toml", None),
        ("hotline", None),
        ("make demo && hotline sned x", "`hotline` has no command sned"),
        ("hotline send --too SOUTH x; true", "`hotline send` has no option --too"),
        ("hotline --hom north send x", "`hotline` has no option --hom"),
    ],
)
def test_the_rule_finds_a_word_that_the_command_line_does_not_know(line: str, fault: str | None) -> None:
    found = [call_fault(SAMPLE, call) for call in hotline_calls(line)]
    assert found == [fault]


def test_only_what_is_to_be_typed_is_read_from_a_document() -> None:
    document = """hotline a
```console
$ hotline b \
  --c
hotline's answer
north$ hotline d
```
```sh
hotline e  # why
```
```toml
hotline = "f"
```
"""
    calls = [call for line in shell_lines(document) for call in hotline_calls(line)]
    assert calls == [["b", "--c"], ["d"], ["e"]]
