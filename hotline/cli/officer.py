"""`hotline officer`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hotline.cli import newcard
from hotline.cli.files import shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, PassphraseFileOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import DaemonError, NotFoundError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.core.card import Card
    from hotline.custody.passphrase import Passphrase, PassphraseSource
    from hotline.home import Home

Action = Literal["list", "add", "passphrase"]


def officer(
    action: Annotated[Action, typer.Argument(metavar="ACTION", help="list, add or passphrase.")] = "list",
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which officer, as in the card.")] = "",
    root_key: Annotated[
        Path | None,
        typer.Option("--root-key", metavar="FILE", help="With add: the root key, if not in the home."),
    ] = None,
    passphrase_file: PassphraseFileOption = None,
    new_passphrase_file: Annotated[
        Path | None,
        typer.Option(
            "--new-passphrase-file",
            metavar="FILE",
            help="Read the officer's new passphrase from a file of mode 0600.  [else asked]",
            show_default=False,
        ),
    ] = None,
    no_passphrase: Annotated[
        bool,
        typer.Option(
            "--no-passphrase", help="With add: leave the key open on the disk, for demonstrations.", show_default=False
        ),
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """List the officers, add one, or change a passphrase.

    Each officer has an own key under an own passphrase, and nobody else's opens it.

    add makes the key of another officer and signs the card anew, for which the root key
    has to be here. --passphrase-file, else HOTLINE_PASSPHRASE, is the root key's. The new
    passphrase is chosen by the officer: it is typed, or read from --new-passphrase-file,
    and never taken from HOTLINE_PASSPHRASE, which is the station's.

    passphrase gives an officer's key another passphrase. --passphrase-file is the old one
    then; HOTLINE_PASSPHRASE is not looked at. A copy of the key file keeps the old one.

    Example:
      hotline officer
      hotline officer add "Colonel B" --root-key stick/root.key
      hotline officer passphrase "Colonel B"
    """
    from hotline.home import Home

    out = Output(json, no_color)
    _check_words(action, name, root_key, new_passphrase_file, open_key=no_passphrase)
    place = Home.find(home).require()
    if action == "list":
        _list(out, place)
    elif action == "add":
        new = None if no_passphrase else _new(name, new_passphrase_file)
        _add(out, place, name, root_key, passphrase_file, new)
    else:
        _change(out, place, name, passphrase_file, new_passphrase_file)


def _check_words(action: Action, name: str, root_key: Path | None, new: Path | None, *, open_key: bool) -> None:
    if action == "list" and (name or new):
        raise UsageError("`hotline officer list` takes no name and no passphrase.", "Leave them out.")
    if action != "list" and not name:
        raise UsageError("The officer's name is missing.", f'Such as: hotline officer {action} "Colonel B"')
    if action != "add" and (root_key or open_key):
        raise UsageError("--root-key and --no-passphrase belong to `hotline officer add`.", "Leave them out.")
    if open_key and new:
        raise UsageError("--no-passphrase and --new-passphrase-file contradict each other.", "Give one of them.")


def _new(name: str, file: Path | None) -> "PassphraseSource":
    from hotline.custody.passphrase import PassphraseSource

    return PassphraseSource(file, whose=name, option="--new-passphrase-file")


def _add(
    out: Output,
    home: "Home",
    name: str,
    root_key: Path | None,
    passphrase_file: Path | None,
    new: "PassphraseSource | None",
) -> None:
    from hotline.custody.ceremony import add_officer
    from hotline.custody.passphrase import PassphraseSource

    if root_key is None and not home.root_key_path.exists():
        raise NotFoundError(
            f"The root key is not in the home: there is no {shown(home.root_key_path)}.",
            "Bring it back for this, or say where it is: --root-key FILE.",
        )

    def chosen() -> "Passphrase | None":
        return new.for_new_keys() if new else None

    card = add_officer(home, name, PassphraseSource(passphrase_file).for_file, chosen, root_key=root_key)
    told = newcard.tell_station(home)
    if not out.document({"officer": name, "key": str(_place(home, card, name)), **_number(card), "told": told.taken}):
        _tell_added(out, home, card, name, is_open=new is None)
    told.finish(out)


def _tell_added(out: Output, home: "Home", card: "Card", name: str, *, is_open: bool) -> None:
    out.say(f"{safe(name)} is an officer of this station, in its card number {card.body.number}.")
    out.say(f"The key is in {shown(_place(home, card, name))}; keep a copy on a medium that you lock away.")
    if is_open:
        out.say("It lies OPEN on the disk (--no-passphrase): for demonstrations only.", style="yellow")


def _place(home: "Home", card: "Card", name: str) -> Path:
    from hotline.custody.officers import key_places

    return key_places(home, (officer.name for officer in card.body.officers))[name]


def _number(card: "Card") -> dict[str, int]:
    return {"card_number": card.body.number}


def _change(out: Output, home: "Home", name: str, old_file: Path | None, new_file: Path | None) -> None:
    from hotline.custody.officers import Officers
    from hotline.custody.passphrase import PassphraseSource

    old = PassphraseSource(old_file, whose=name)
    Officers(home, home.card()).change_passphrase(name, old.for_file, _new(name, new_file).for_new_keys)
    if not out.document({"officer": name, "changed": True}):
        out.say(f"The key of {safe(name)} has the new passphrase. Copies of the file keep the old one.", style="green")


def _list(out: Output, home: "Home") -> None:
    from hotline.custody.officers import Officers

    card = home.card()
    officers = Officers(home, card)
    on_duty, running = _on_duty(home)
    here = {*officers.names(), *on_duty}
    rows = [
        {"name": each.name, "id": each.id.hex(), "key_here": each.name in here, "on_duty": each.name in on_duty}
        for each in card.body.officers
    ]
    strays = officers.strays()
    document = {"officers": rows, **_number(card), "running": running, "unknown_files": [str(path) for path in strays]}
    if not out.document(document):
        _tell(out, rows, strays, running=running)


def _on_duty(home: "Home") -> tuple[list[str], bool]:
    """Who is on duty, and whether a station runs to be on duty at."""
    try:
        return ask(home.path, lambda client: client.on_duty()).on_duty, True
    except DaemonError as error:
        if error.reason != "not-running":
            raise
        return [], False


def _tell(out: Output, rows: list[dict[str, Any]], strays: list[Path], *, running: bool) -> None:
    cells = [
        (safe(row["name"]), "here" if row["key_here"] else "not here", "on duty" if row["on_duty"] else "off")
        for row in rows
    ]
    out.table(("OFFICER", "KEY", "DUTY"), cells, lambda row: "green" if row[2] == "on duty" else "")
    if not running:
        out.say("The station is not running: nobody is on duty.")
    for path in strays:
        out.say(f"Not known whose, by its name: {shown(path)}", style="yellow")
