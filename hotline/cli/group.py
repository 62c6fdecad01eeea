"""The tree of commands, declared by name: a command's own module is imported when it is called."""

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

# The first lines of the commands' own help, said again here so that the list of commands imports none of them.
FAMILIES: Mapping[str, Mapping[str, str]] = {
    "Setting up": {
        "init": "Make a station: its keys, its card, its settings.",
        "card": "Show or hand out a contact card.",
        "pair": "Enrol the card of a peer, after comparing the safety number.",
        "officer": "List the officers, add one, or change a passphrase.",
        "run": "Run the station until it is told to stop.",
        "relay": "Run a small relay for a first line, or list, add and remove the relays of a station.",
        "rules": "Print or set the agreed rules of a line.",
        "backup": "Copy the home to a new folder, while the station runs or not.",
        "generation": "Go on after a fork, a stalled line or lost keys: close a line for good, and begin anew.",
        "recover": "Prepare a lost or damaged database to be rebuilt from the peers.",
    },
    "On duty": {
        "duty": "Come on duty, go off, or show who is.",
        "new": "Begin a notice: print a file to fill in, or list all kinds.",
        "form": "Fill in a notice field by field, at the terminal.",
        "send": "Send a notice.",
        "draft": "Keep a notice until somebody releases it, or list what waits.",
        "release": "Let a draft go, as its releaser.",
        "inbox": "List what the peers have sent.",
        "outbox": "List what we have sent, and how far each notice has come.",
        "show": "Show one notice in full, with its ladder.",
        "thread": "Show one matter: all that both sides said of it, in order, and its state.",
        "calendar": "List what both sides plan and do, as it stands in force.",
        "ack": "Acknowledge a notice of the peer: received and understood.",
        "emergency": "Send an emergency text beside the logs, or list those that went and came.",
        "standby": "Tell the peer: received, stand by.",
        "status": "Show the state of the station, its relays and its lines.",
        "follow": "Show what happens, as it happens.",
        "line-test": "Send a line test now.",
        "journal": "Show the station's own journal: what happened to it, and what was done with its keys.",
    },
    "Proving": {
        "verify": "Check every byte of both logs from disk, without the daemon.",
        "prove": "Write the evidence for one notice to a file.",
        "export": "Write both logs of a line, or one notice in another format.",
        "fork": "Write the proof for which a log is frozen to a file.",
    },
    "Trying": {
        "demo": "Let two stations on this machine exchange a notice.",
    },
}
NAMES = [name for family in FAMILIES.values() for name in family]


class CommandGroup(TyperGroup):
    """Imports `hotline.cli.<name>` for the command `<name>`; its function of the same name is the command.

    A hyphen in a name is an underscore there.
    """

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the context is typer's business)
        """Return the names in the order of the help."""
        return list(NAMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return the command, or None if there is none of this name."""
        return load(cmd_name) if cmd_name in NAMES else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the list of commands, a family each."""
        for family, commands in FAMILIES.items():
            with formatter.section(family):
                formatter.write_dl(list(commands.items()))


def load(name: str) -> Any:
    """Import one command and return it as typer declares it."""
    module = importlib.import_module(f"hotline.cli.{name.replace('-', '_')}")
    function = getattr(module, name.replace("-", "_"))
    text, _, example = (inspect.getdoc(function) or "").partition("\nExample:")
    # \b: typer leaves the lines of such a paragraph as they are.
    epilog = f"\b\nExample:{example}".replace("\n\n", "\n\n\b\n")
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    cls = getattr(module, "COMMAND_CLASS", None)
    single.command(name, cls=cls, help=text, epilog=epilog)(function)
    return get_command(single)
