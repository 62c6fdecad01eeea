"""`hotline rules`."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import words
from hotline.cli.files import shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, OfficerOption, OfficerPassphraseOption
from hotline.cli.output import Output
from hotline.cli.signing import signed
from hotline.cli.station import ask
from hotline.cli.terminal import declined
from hotline.errors import CheckFailed, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import RulesView
    from hotline.rules import Rules

_HELD_BACK = (
    "Until both hold the same, only FLASH, incident, consultation, call request and line test pass by themselves."
)


def rules(
    line: Annotated[str, typer.Option("--line", metavar="NAME", help="The line.  [else the only one]")] = "",
    take: Annotated[
        Path | None, typer.Option("--set", metavar="FILE", help="Take the rules in this file, from now on.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Take the built-in rules again.")] = False,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help="Compare this file with the rules in force.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option("--check", metavar="FILE", help="Check this file; no station need run.")
    ] = None,
    built_in: Annotated[
        bool, typer.Option("--built-in", help="Print the built-in rules; no station need run.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; scripts are never asked.")] = False,
    officer: OfficerOption = "",
    passphrase_file: OfficerPassphraseOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Print or set the agreed rules of a line.

    They are printed as a file to edit, with their digest. Both sides set the same file;
    the line compares the digests and alarms while they differ. Which kinds, lead times,
    deadlines and signatures: the comments in the file say it. --compare ends with exit
    code 1 where something differs.

    Example:
      hotline rules > rules.toml
      hotline rules --check rules.toml
      hotline rules --set rules.toml --line SOUTH
    """
    out = Output(json, no_color)
    if sum(map(bool, (take, reset, compare, check, built_in))) > 1:
        raise UsageError(
            "Two things are asked of the rules at once.",
            "Give only one of --set, --reset, --compare, --check and --built-in.",
        )
    if built_in:
        _built_in(out)
    elif check is not None:
        _check(out, check)
    elif compare is not None:
        _compare(out, ask(home, lambda client: client.rules(line)), compare)
    elif take is not None or reset:
        taking = Taking(home, line, take, officer, passphrase_file)
        _set(out, taking, asking=not (yes or json))
    else:
        _print(out, ask(home, lambda client: client.rules(line)))


def _built_in(out: Output) -> None:
    from hotline import rules as agreed

    text = agreed.format(agreed.BUILT_IN)
    if not out.document({"title": agreed.BUILT_IN.title, "digest": agreed.BUILT_IN_DIGEST.hex(), "text": text}):
        out.say(text.rstrip("\n"))


def _check(out: Output, file: Path) -> None:
    from hotline import rules as agreed

    held = agreed.load(file)
    digest, differing = agreed.digest_of(held).hex(), agreed.differences(agreed.BUILT_IN, held)
    if out.document({"file": str(file), "title": held.title, "digest": digest, "differences": differing}):
        return
    out.say(f"{shown(file)} holds rules: {_named(held.title, digest)}.", style="green")
    _differences(out, differing, f"Against the built-in rules (here), {shown(file)} (there) changes:")


def _compare(out: Output, view: "RulesView", file: Path) -> None:
    from hotline import rules as agreed

    theirs = agreed.load(file)
    differing = agreed.differences(_held(view), theirs)
    if not out.document({"line": view.line, "file": str(file), "same": not differing, "differences": differing}):
        _differences(out, differing, f"Rules in force with {safe(view.line)} (here), and {shown(file)} (there):")
        if not differing:
            out.say(f"{shown(file)} holds the rules that are in force with {safe(view.line)}.", style="green")
    if differing:
        count = f"{len(differing)} {'value differs' if len(differing) == 1 else 'values differ'}"
        out.fail(CheckFailed(f"{count} from the rules in force.", "Agree by telephone, then both use --set."))


@dataclass(frozen=True, slots=True)
class Taking:
    """What was typed to take other rules; without a file the built-in ones."""

    home: Path | None
    line: str
    file: Path | None
    officer: str
    passphrase_file: Path | None

    def take(self, text: str, line: str) -> "RulesView":
        """Let the station take them, by the officer's word."""

        def act(passphrase: str) -> "RulesView":
            return ask(
                self.home,
                lambda client: client.set_rules(text, line, officer=self.officer, passphrase=passphrase),
            )

        return signed(self.home, self.officer, self.passphrase_file, act)


def _set(out: Output, taking: Taking, *, asking: bool) -> None:
    from hotline import rules as agreed

    new = agreed.BUILT_IN if taking.file is None else agreed.load(taking.file)
    view = ask(taking.home, lambda client: client.rules(taking.line))
    differing = agreed.differences(_held(view), new)
    if differing and asking:
        _differences(out, differing, f"In force with {safe(view.line)} (here), and new (there):")
        if sys.stdin.isatty() and sys.stdout.isatty() and not typer.confirm("Take these rules?"):
            declined(out, "The rules stay as they are. Nothing was changed.")
    taken = taking.take("" if taking.file is None else agreed.format(new), view.line)
    if not out.document(taken):
        out.say(f"In force with {safe(taken.line)} from now on: {_named(taken.title, taken.digest)}.")
        _tell_peer(out, taken)


def _held(view: "RulesView") -> "Rules":
    from hotline import rules as agreed

    return agreed.parse(view.text, f"the rules held for {safe(view.line)}")


def _differences(out: Output, differing: list[str], heading: str) -> None:
    if differing:
        out.say(heading)
    for each in differing:
        out.say(f"  {safe(each)}")


def _print(out: Output, view: "RulesView") -> None:
    if out.document(view):
        return
    # Comments, so that what is printed is a file to edit.
    out.say(f"# In force with {safe(view.line)}: {_named(view.title, view.digest)}.")
    out.say(f"# {_peer_words(view)}", style="" if view.agree else "bold red")
    out.say(safe(view.text.rstrip("\n"), limit=len(view.text), lines=True))


def _named(title: str, digest: str) -> str:
    """The title and, where it is not that of the built-in ones, the digest.

    A file without a title has that of the built-in rules: it must not be taken for them.
    """
    from hotline import rules as agreed

    if not digest.strip("0"):
        return safe(title)
    changed = " with changes, without a title" if title == agreed.BUILT_IN.title else ""
    return f"{safe(title)}{changed}, {words.digest(digest)}"


def _tell_peer(out: Output, view: "RulesView") -> None:
    out.say(_peer_words(view), style="green" if view.agree else "yellow")
    if not view.agree:
        out.say(_HELD_BACK)


def _peer_words(view: "RulesView") -> str:
    peer = safe(view.line)
    if not view.peer_digest:
        return f"{peer} has not shown its rules yet."
    if view.agree:
        return f"{peer} holds the same."
    return f"{peer} holds OTHER rules: {words.digest(view.peer_digest)}."
