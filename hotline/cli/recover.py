"""`hotline recover`."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli.files import shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, PassphraseFileOption
from hotline.cli.output import Output
from hotline.cli.progress import counting
from hotline.cli.terminal import Keyboard, declined
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.recovery.recover import Findings, FoundLine
    from hotline.recovery.state import Recovery

_LOCK = {
    "read": "heads.lock is there: it says what was signed last.",
    "missing": "heads.lock is gone: nobody here knows what was signed last, and each peer's word has to do.",
    "damaged": "heads.lock cannot be read: nobody here knows what was signed last, and each peer's word has to do.",
}


def recover(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.", show_default=False)] = False,
    passphrase_file: PassphraseFileOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Prepare a lost or damaged database to be rebuilt from the peers.

    For the day when station.db is gone or damaged, and the keys are there. It says what
    it found and what no peer can give back, and asks. What is left of the database is
    moved to lost/ in the home, never deleted. Then start the station: the peers hand back
    both logs, each entry proven by signatures, and nothing is proposed or signed until
    that is done. A database that is sound is left alone.

    Example:
      hotline recover
      hotline recover --yes --passphrase-file duty.passphrase
    """
    from hotline.custody.keyring import Keyring
    from hotline.custody.passphrase import PassphraseSource
    from hotline.home import Home
    from hotline.recovery import recover as recovery

    out = Output(json, no_color)
    place = Home.find(home).require()
    with place.lock():
        # First of all, and only to see that they open: without its keys the station could prove nothing.
        Keyring.load(place, PassphraseSource(passphrase_file).for_file, officers=False)
        with counting(out, "entries checked") as progress:
            found = recovery.examine(place, progress)
        _tell(out, found)
        if not yes:
            _ask(out)
        prepared = recovery.prepare(place, found, time.time_ns() // 1_000_000)
    if not out.document(_document(found, prepared)):
        out.say(f"Prepared. What was left is in {shown(place.path / prepared.folder)}. Start the station: hotline run")
        out.say("How far it is: hotline status. Its end is told there too.")


def _tell(out: Output, found: "Findings") -> None:
    from hotline.recovery.recover import losses

    out.say(f"The database of {safe(found.home)}: {safe(found.fault or 'moved aside by an earlier call')}.")
    out.say(_LOCK[found.lock])
    for line in found.lines:
        out.say(f"  {_line(line)}")
    for stranger in found.strangers:
        out.say(
            f"  Line {stranger[:16]}… is in heads.lock, and its peer's card is not here: enrol it with hotline pair.",
            style="bold red",
        )
    if not found.interrupted:
        out.say("No peer can give back:")
        for loss in losses(found):
            out.say(f"  {loss}")


def _line(line: "FoundLine") -> str:
    phone = safe(line.phone) or "no telephone number"
    if not line.begun:
        return f"{safe(line.name)} ({phone}): nothing was ever signed on this line."
    if line.signed < 0 and line.cosigned < 0:
        return f"{safe(line.name)} ({phone}): how far both logs had come is not known here."
    signed, cosigned = max(line.signed, 0), max(line.cosigned, 0)
    return f"{safe(line.name)} ({phone}): {signed} entries of ours signed, {cosigned} of theirs receipted."


def _ask(out: Output) -> None:
    keyboard = Keyboard.require(out, "Add --yes.")
    if keyboard.line("Move the database aside and prepare a new one? Type yes:") != "yes":
        declined(out, "Nothing was changed.")


def _document(found: "Findings", prepared: "Recovery") -> dict[str, object]:
    return {
        "home": found.home,
        "fault": found.fault,
        "lock": found.lock,
        "lines": found.lines,
        "without_card": found.strangers,
        "folder": prepared.folder,
        "lost": prepared.lost,
    }
