"""The program as a whole: whatever is typed, nobody sees a traceback, and the exit code is one of those promised."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.cli import program
from hotline.cli.group import NAMES
from hotline.home import Home
from tests.cli.calls import EXIT_CODES, call, finish, refused, spawn
from tests.house.source import ROOT

# Those that would run on when their words are right: each has tests of its own.
RUN_ON = {"relay", "demo", "run"}
OPTIONS = [
    *("--json", "--home", "--no-color", "--help", "--version", "--from", "--to", "--wait", "--until", "--timeout"),
    *("--id", "--precedence", "--mode", "--bulk", "--template", "--limit", "--after", "--all", "--consumer"),
    *("--confirm", "--peek", "--open", "--officer", "--refuse", "--text", "--line", "--out", "--qr", "--show", "--as"),
    *("--safety-number", "--name", "--no-passphrase", "--reissue", "--expires", "--subject", "--alarms", "--", "-"),
]
# No slash: a path that is written to stays in the folder of the test.
TEXT = st.text(st.characters(exclude_characters="/~"), max_size=12).filter(lambda text: text not in ("..", "."))
WORDS = st.lists(st.one_of(st.sampled_from(OPTIONS), st.sampled_from(sorted(set(NAMES) - RUN_ON)), TEXT), max_size=7)


@given(st.sampled_from(sorted(set(NAMES) - RUN_ON)), WORDS)
@settings(max_examples=150)
def test_whatever_is_typed_ends_in_a_promised_exit_code_and_no_traceback(name: str, words: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"HOTLINE_HOME": f"{folder}/none"}):
        before = Path.cwd()
        os.chdir(folder)
        try:
            called = call(name, *words)
        finally:
            os.chdir(before)
    assert called.code in EXIT_CODES - {70}, called
    assert "Traceback" not in called.out + called.err
    assert called.code == 0 or called.err.startswith("error: ")


@given(WORDS)
def test_whatever_is_typed_before_a_command_is_refused_in_a_sentence(words: list[str]) -> None:
    with mock.patch.dict(os.environ, {"HOTLINE_HOME": "none"}):
        called = call("--frob", *words)
    assert called.code in {0, 2}  # 0: --help and --version come first wherever they stand
    assert "Traceback" not in called.out + called.err


def test_no_words_show_the_help() -> None:
    called = call()
    assert called.code == 0
    assert "Exit codes:" in called.out
    assert "Setting up:" in called.out


def test_the_help_names_every_exit_code() -> None:
    out = call("--help").out
    assert all(f"\n    {code} " in out for code in EXIT_CODES)


def test_the_version_is_that_of_the_package() -> None:
    from hotline import __version__

    assert call("--version").out == f"hotline {__version__}\n"


@pytest.mark.parametrize("before", [True, False])
def test_an_option_for_all_commands_may_stand_before_the_command_or_after_it(north: Home, *, before: bool) -> None:
    options = ["--home", str(north.path), "--json"]
    called = call(*options, "card") if before else call("card", *options)
    assert called.document["name"] == "NORTH"


def test_the_home_after_the_command_outweighs_the_one_before(north: Home, south: Home) -> None:
    assert call("card", "--json", "--home", str(south.path), home=north).document["name"] == "SOUTH"


def test_the_home_comes_from_the_environment_where_no_option_names_it(north: Home) -> None:
    with mock.patch.dict(os.environ, {"HOTLINE_HOME": str(north.path)}):
        assert call("card", "--json").document["name"] == "NORTH"


def test_a_home_that_is_none_is_named_with_what_to_do() -> None:
    refused(call("card", home=Path("nowhere")), 2, "nowhere", "hotline init")


def test_what_nobody_expected_is_told_in_a_sentence_and_kept_in_a_file(tmp_path: Path) -> None:
    fault = mock.patch.object(program, "_run", side_effect=ZeroDivisionError("secret words"))
    with fault, mock.patch("tempfile.tempdir", str(tmp_path)):
        called = call("status", "--json")
    assert called.code == 70
    assert called.document["exit"] == 70
    (kept,) = tmp_path.glob("hotline-defect-*.log")
    assert str(kept) in called.err
    assert "secret words" not in called.err
    assert "secret words" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_ctrl_c_ends_quietly() -> None:
    with mock.patch.object(program, "_run", side_effect=KeyboardInterrupt):
        called = call("status")
    assert (called.code, called.out, called.err) == (130, "", "")


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    script = (
        "import sys; from hotline.cli import main; sys.argv = ['hotline', '--help']; "
        "sys.stdin.read(); main()"  # once the reader is gone
    )
    command, pipe = [sys.executable, "-c", script], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_letter_that_the_terminal_lacks_does_not_stop_a_sentence() -> None:
    called = finish(spawn("card", "--home", "nörd☃", PYTHONIOENCODING="ascii", PYTHONUTF8="0"))
    assert called.code == 2
    assert "n\\xf6rd\\u2603" in called.err


def test_ctrl_c_of_a_process_that_waits_leaves_no_traceback(north: Home) -> None:
    process = spawn("relay", "--port", "0", "--allow-anonymous")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("ready ")
    process.send_signal(signal.SIGINT)
    called = finish(process)
    assert called.code in (0, 130)  # 130 if it comes before the relay listens for signals
    assert called.err == ""
