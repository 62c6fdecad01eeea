"""Every command explains itself with an example, speaks JSON, and asking for help is instant."""

import subprocess
import sys

from tests.house.commands import command_line, leaves
from tests.house.source import ROOT

# The heavy ones: together they are most of the time between typing a command and its first line.
HEAVY = ["cryptography", "aiohttp", "aiomqtt", "amqtt", "apsw"]

# Runs `hotline --help` as its console script does, then says which of the heavy modules it brought in.
ASK_FOR_HELP = """
import sys
from hotline.cli import main
sys.argv = ["hotline", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("loaded:", *sorted(sys.modules))
"""

# Wide enough that no option's name is cut, and no colour between its letters.
PLAIN_TERMINAL = {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1", "PATH": ""}


def ask_for_help(*words: str) -> str:
    asked = subprocess.run(
        [sys.executable, "-c", ASK_FOR_HELP, *words, "--help"],
        cwd=ROOT,
        env=PLAIN_TERMINAL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert asked.returncode == 0, f"hotline {' '.join(words)} --help failed:\n{asked.stdout}{asked.stderr}"
    return asked.stdout


def test_every_command_has_help_with_an_example() -> None:
    helps = {" ".join(command.words): ask_for_help(*command.words) for command in leaves(command_line())}
    assert helps, "the command line has no commands: the rule would check nothing"
    assert [name for name, text in helps.items() if "Example" not in text] == []
    assert [name for name, text in helps.items() if f"hotline {name}" not in text.partition("Example")[2]] == []


def test_every_command_answers_in_json_when_asked_to() -> None:
    assert [" ".join(command.words) for command in leaves(command_line()) if "--json" not in command.options] == []


def test_asking_for_help_loads_no_heavy_library() -> None:
    loaded = ask_for_help().rpartition("loaded:")[2].split()
    assert "hotline.cli" in loaded
    assert [name for name in HEAVY if name in loaded] == []
