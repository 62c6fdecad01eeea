"""`hotline duty`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.cli.station import ask
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.api.types import Duty, OnDuty

Action = Literal["on", "off", "show"]


def duty(
    action: Annotated[Action, typer.Argument(metavar="ACTION", help="on, off or show.")] = "show",
    officer: Annotated[
        str, typer.Option("--officer", metavar="NAME", help="Who comes on or goes off.  [else the only one who can]")
    ] = "",
    relieve: Annotated[
        str, typer.Option("--relieve", metavar="NAME", help="With on: who hands over, and goes off with that.")
    ] = "",
    text: Annotated[str, typer.Option("--text", metavar="WORDS", help="What the next watch has to know.")] = "",
    passphrase_file: Annotated[
        Path | None,
        typer.Option(
            "--passphrase-file",
            metavar="FILE",
            help="With on: read the officer's passphrase from a file of mode 0600.  [else asked]",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Come on duty, go off, or show who is.

    On duty, an officer's key is unlocked in the station, which signs with it what that
    officer does. Coming on and going off are signed into the log of each line: the peer
    sees who has the watch. With --relieve both sign, the one who comes and the one who
    hands over, who has to be on duty for that.

    The passphrase is the officer's own. It is typed, or read from a file, and never taken
    from HOTLINE_PASSPHRASE, which is the station's. Going off needs none.

    Example:
      hotline duty
      hotline duty on --officer "Colonel B" --relieve "Colonel A" --text "Quiet night."
      hotline duty off --officer "Colonel B"
    """
    from msgspec.structs import replace

    out = Output(json, no_color)
    _check_words(action, officer, relieve, text, passphrase_file)
    now = ask(home, lambda client: client.on_duty())
    if action == "show":
        _tell(out, now)
        return
    change = replace(_change(action, now, home, officer, passphrase_file), relieve=relieve, text=text)
    after = ask(home, lambda client: client.duty(change))
    _tell(out, after, _sentence(change))


def _check_words(action: Action, officer: str, relieve: str, text: str, passphrase_file: Path | None) -> None:
    if action == "show" and (officer or text):
        raise UsageError("`hotline duty show` changes nothing.", "Leave out --officer and --text, or say on or off.")
    if action != "on" and (relieve or passphrase_file):
        raise UsageError("--relieve and --passphrase-file belong to `hotline duty on`.", "Leave them out.")
    if relieve and relieve == officer:
        raise UsageError("Nobody relieves oneself.", "Give --relieve with the one who hands over.")


def _change(action: Action, now: "OnDuty", home: Path | None, officer: str, file: Path | None) -> "Duty":
    from hotline.api.types import Duty

    if action == "off":
        return Duty(on=False, officer=officer or _the_one(now.on_duty, "officers are on duty", "Nobody is on duty."))
    who = officer or _the_one(now.officers, "officers' keys are here", "No officer's key is here.")
    return Duty(on=True, officer=who, passphrase="" if who in now.on_duty else _passphrase(home, who, file))


def _the_one(names: list[str], what: str, none: str) -> str:
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError(none, "See: hotline officer list")
    raise UsageError(f"{len(names)} {what}: {', '.join(map(safe, names))}.", "Say which one: --officer NAME.")


def _passphrase(home: Path | None, officer: str, file: Path | None) -> str:
    """The officer's passphrase; nothing for a key file that lies open."""
    from hotline.custody.officers import Officers
    from hotline.custody.passphrase import PassphraseSource
    from hotline.home import Home

    place = Home.find(home).require()
    if not Officers(place, place.card()).sealed(officer):
        return ""
    return PassphraseSource(file, whose=officer).for_file(place.officer_key_path(officer)).reveal().decode()


def _sentence(change: "Duty") -> str:
    who = safe(change.officer)
    if not change.on:
        return f"{who} is off duty."
    return f"{who} is on duty" + (f", and has relieved {safe(change.relieve)}." if change.relieve else ".")


def _tell(out: Output, now: "OnDuty", sentence: str = "") -> None:
    if out.document(now):
        return
    if sentence:
        out.say(f"{sentence} It is signed into the log of each line.", style="green")
    names = ", ".join(map(safe, now.on_duty))
    out.say(f"On duty: {names}" if names else "NOBODY IS ON DUTY.", style="bold" if names else "bold red")
    off = [safe(name) for name in now.officers if name not in now.on_duty]
    if off:
        out.say(f"Off duty: {', '.join(off)}")
