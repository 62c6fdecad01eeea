"""Who is asked and who is not, and how a line is read."""

import io
import sys

import pytest
import typer

from hotline.cli.output import Output
from hotline.cli.terminal import Keyboard, declined, talks
from hotline.errors import CheckFailed, UsageError
from tests.cli.calls import looking, typing
from tests.cli.typist import at_terminal


def test_a_person_at_a_terminal_is_asked_and_a_program_is_not() -> None:
    with looking(), typing(""):
        assert talks(Output())
        assert not talks(Output(json=True))
    with typing(""):
        assert not talks(Output())


def test_without_a_terminal_the_remedy_is_said() -> None:
    with pytest.raises(UsageError, match="no terminal") as caught:
        Keyboard.require(Output(), "Do this instead.")
    assert caught.value.remedy == "Do this instead."


def test_lines_come_one_by_one_and_their_end_ends_the_command() -> None:
    with looking() as screen, typing("  one \ntwo\n"):
        keyboard = Keyboard.require(Output(), "")
        assert [keyboard.line("First:"), keyboard.line("Second:")] == ["one", "two"]
        with pytest.raises(typer.Abort):
            keyboard.line("Third:")
    assert screen.getvalue().startswith("First: Second: ")


def test_who_declines_is_answered_in_plain_words_and_a_program_with_a_document() -> None:
    with looking() as screen, pytest.raises(typer.Exit) as ended:
        declined(Output(), "Nothing was done.")
    assert (ended.value.exit_code, screen.getvalue()) == (1, "Nothing was done.\n")
    with pytest.raises(CheckFailed, match="Nothing was done"):
        declined(Output(json=True), "Nothing was done.")


def test_a_prompt_cannot_steer_the_terminal() -> None:
    with looking() as screen, typing("x\n"):
        Keyboard(Output()).line("Na\x1b[2Jme\u202e:")
    assert screen.getvalue() == "Na\\u{1b}[2Jme\\u{202e}: "


def test_with_json_the_questions_stand_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with typing("x\n"):
        keyboard = Keyboard(Output(json=True))
        keyboard.say("Beside.")
        assert keyboard.line("What:") == "x"
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "Beside.\nWhat: ")


def test_bytes_that_are_no_text_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\n"), encoding="utf-8"))
    with looking() as screen, pytest.raises(typer.Abort):
        Keyboard(Output()).line("Name:")
    assert "UTF-8" in screen.getvalue()


def test_a_line_longer_than_a_terminal_takes_arrives_whole(tmp_path: object) -> None:
    with at_terminal("form", "consultation", "--out", f"{tmp_path}/long.toml") as person:
        person.answers(("Text", "a" * 6000 + " end"), ("…", ""), ("More fields?", ""))
        assert person.ends() == 0, person.shown
    with open(f"{tmp_path}/long.toml", encoding="utf-8") as file:
        assert "a" * 6000 + " end" in file.read()
