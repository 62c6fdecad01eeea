"""The person at the terminal: whether there is one, and what is asked of them line by line."""

import sys
from importlib import import_module
from typing import NoReturn

import typer

from hotline.cli.output import Output
from hotline.errors import CheckFailed, UsageError
from hotline.text import safe


def talks(out: Output) -> bool:
    """Return whether somebody reads what this command prints and can answer. A pipe or --json is never asked."""
    return not out.json and sys.stdin.isatty() and sys.stdout.isatty()


def declined(out: Output, said: str) -> NoReturn:
    """End the command as the person at the terminal wants it: exit code 1, in plain words, for it is no error."""
    if out.json:
        raise CheckFailed(said)
    out.note(said)
    raise typer.Exit(CheckFailed.exit_code)


class Keyboard:
    """Asks line by line. Questions go to the terminal, also where standard output is a file or JSON."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._beside = out.json or not sys.stdout.isatty()

    @classmethod
    def require(cls, out: Output, remedy: str) -> "Keyboard":
        """Return the keyboard. UsageError with `remedy` where nobody sits at one."""
        if not (sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty())):
            raise UsageError("This asks questions, and there is no terminal to answer at.", remedy)
        if sys.stdout.isatty() and sys.stdin is sys.__stdin__:
            # Lines can then be edited, and be longer than the 4,095 bytes that a terminal itself takes.
            import_module("readline").parse_and_bind("set disable-completion on")
        return cls(out)

    def say(self, text: str = "", style: str = "") -> None:
        """Show something beside the questions."""
        if self._beside:
            self._out.note(text)
        else:
            self._out.say(text, style)

    def line(self, prompt: str) -> str:
        """Return what was typed, without white space around it. typer.Abort at Ctrl-D, the end of input, and Ctrl-C."""
        shown = safe(prompt, limit=400) + " "
        try:
            return (self._line_beside(shown) if self._beside else input(shown)).strip()
        except (EOFError, KeyboardInterrupt):
            raise typer.Abort from None
        except UnicodeDecodeError:
            self.say("That is not UTF-8 text: set the terminal to UTF-8.", "red")
            return self.line(prompt)

    def _line_beside(self, prompt: str) -> str:
        sys.stdout.flush()
        sys.stderr.write(prompt)
        sys.stderr.flush()
        typed = sys.stdin.readline()
        if not typed:
            raise EOFError
        return typed
