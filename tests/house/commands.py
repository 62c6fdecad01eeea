"""The command line as its own declaration tells it: which commands there are, and which options each takes.

Typer brings its own copy of click, whose classes are not public: what is used here is the shape that both share.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """One command: the words that name it, and its options with whether each takes a value."""

    words: tuple[str, ...]
    options: dict[str, bool]
    subcommands: dict[str, "Command"]


def command_line() -> Command:
    """The whole tree. Imported here and not above, so that a broken CLI fails the tests and not their collection."""
    from typer.main import get_command

    from hotline.cli import app

    return _read(get_command(app), ())


def leaves(command: Command) -> Iterator[Command]:
    """Every command that does something, not the groups above it."""
    if not command.subcommands:
        yield command
    for subcommand in command.subcommands.values():
        yield from leaves(subcommand)


def _read(declared: Any, words: tuple[str, ...]) -> Command:
    context = declared.make_context("hotline", [], resilient_parsing=True)
    options = {
        name: not (getattr(parameter, "is_flag", False) or getattr(parameter, "count", False))
        for parameter in declared.get_params(context)
        if parameter.param_type_name == "option"
        for name in [*parameter.opts, *parameter.secondary_opts]
    }
    names = declared.list_commands(context) if hasattr(declared, "list_commands") else []
    subcommands = {name: _read(declared.get_command(context, name), (*words, name)) for name in names}
    return Command(words, options, subcommands)
