"""The whole command line as one program: what it catches, and with which exit code it ends."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer
from typer.main import get_command

from hotline.cli import failure
from hotline.cli.group import NAMES, CommandGroup
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.errors import HotlineError

EPILOG = """\b
Exit codes:
  0    done
  1    a check ran to its end, and the answer is no
  2    what was given is wrong, and nothing was changed: correct it and call again
  3    the other side, or somebody between, sent something wrong; it was not acted on
  4    this machine: its disk, its network, or a daemon that is not running
  5    not yet: what was waited for has not happened in the given time; nothing is lost
  70   a defect in Hotline
  130  interrupted
  141  whoever read the output has gone away

\b
With --json, standard output is one JSON document (from `follow`, and from
`send --bulk`, one on each line). A failure is such a document too, with the
same exit code; in words it always stands on standard error.

\b
Example:
  hotline init --name NORTH
  hotline send consultation "Request your intentions." --wait
"""

app = typer.Typer(
    cls=CommandGroup,
    add_completion=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        from hotline import __version__

        typer.echo(f"hotline {__version__}")
        raise typer.Exit


@app.callback()
def hotline(
    context: typer.Context,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
    _show_version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_version, show_default=False)
    ] = False,
) -> None:
    """A signed, sealed, acknowledged line between two parties who trust neither each other nor the network.

    Each command explains itself, with an example: hotline send --help
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    shared: dict[str, Any] = {"home": home, "json": json, "no_color": no_color}
    given = {name: value for name, value in shared.items() if value}
    context.default_map = dict.fromkeys(NAMES, given)


def main() -> NoReturn:
    """Run the command line of this process, and end the process."""
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = failure.READER_GONE
    if code == failure.READER_GONE:
        # What is still in the buffer goes nowhere; else the interpreter would complain of it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(words: Sequence[str]) -> int:
    """Run one command and return its exit code. Nothing is raised, whatever happens: nobody sees a traceback."""
    _never_fail_on_a_letter()
    try:
        return _told(words, json=failure.wants_json(words))
    except BrokenPipeError:
        return failure.READER_GONE


def _told(words: Sequence[str], *, json: bool) -> int:
    try:
        return _run(words)
    except HotlineError as error:
        return failure.tell(error, json=json)
    except typer.TyperException as error:
        return failure.tell(failure.usage(error), json=json)
    except (KeyboardInterrupt, typer.Abort):
        return failure.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 (the last resort: it is kept in a file, and told in a sentence)
        return failure.tell_defect(error, json=json)


def _run(words: Sequence[str]) -> int:
    """As typer's own `main` does, but leaving every failure to `run`."""
    command = get_command(app)
    try:
        with command.make_context("hotline", list(words)) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    return 0


def _never_fail_on_a_letter() -> None:
    """A terminal that lacks some letter must not stop a warning: such letters are shown as their number."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
