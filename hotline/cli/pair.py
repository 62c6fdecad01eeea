"""`hotline pair`."""

import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.cli import card as cards
from hotline.cli.options import HomeOption, JsonOption, NoColorOption
from hotline.cli.output import Output
from hotline.errors import CardError, HostError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.core.card import Card
    from hotline.custody.enrol import Confirm, Enrolled
    from hotline.home import Home


def pair(
    card: Annotated[Path, typer.Argument(metavar="CARD", help="The peer's card, as a file.")],
    safety_number: Annotated[
        str | None,
        typer.Option(
            "--safety-number", metavar="DIGITS", help="The 60 digits as the other side reads them; for scripts."
        ),
    ] = None,
    alias: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="What we call the peer.  [else the card's name]")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Show the safety number only; enrol nothing.")] = False,
    qr: Annotated[bool, typer.Option("--qr", help="With --show: as a QR code too.")] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Enrol the card of a peer, after comparing the safety number.

    The number is the same on both sides if both hold the right cards. Compare it in
    person, or by voice with somebody you know: it is the one moment in which an
    impostor can be found out. A newer card of a peer that is enrolled needs no comparison.

    Example:
      hotline pair south.card
      hotline pair south.card --show
    """
    from hotline.home import Home

    out = Output(json, no_color)
    place = Home.find(home).require()
    if show:
        if safety_number is not None or alias is not None:
            raise UsageError("--show enrols nothing.", "Leave out --show, or --safety-number and --as.")
        _show(out, place, card, qr=qr)
    else:
        _enrol(out, place, card, safety_number, alias)


def _show(out: Output, home: "Home", path: Path, *, qr: bool) -> None:
    from hotline.custody import safety
    from hotline.custody.enrol import read_card

    mine, peer = home.card(), read_card(path)
    if peer.fingerprint == mine.fingerprint:
        raise CardError("This card is your own.", "Give the card that the other side made.", reason="own-card")
    number = safety.number(mine, peer)
    if not out.document({"name": peer.body.name, "fingerprint": peer.fingerprint.hex(), "safety_number": number}):
        _say_number(out, peer, number)
        if qr:
            out.say("\n" + safety.qr(number))


def _say_number(out: Output, peer: "Card", number: str) -> None:
    from hotline.custody import safety

    for line in cards.lines(peer):
        out.say(line)
    out.say(f"\nSafety number with {safe(peer.body.name)}:\n")
    for row in safety.rows(number):
        out.say(f"    {row}", style="bold")


def _enrol(out: Output, home: "Home", path: Path, typed: str | None, alias: str | None) -> None:
    from hotline.custody.enrol import enrol

    ask = None if out.json or typed is not None or not sys.stdin.isatty() else _asking(out)
    done = enrol(home, path, safety_number=typed, confirm=ask, alias=alias)
    restart = daemon_runs(home)
    document = {
        "line": done.line.alias,
        "line_id": done.line.id.hex(),
        "replaced": done.replaced,
        "restart": restart,
    }
    if not out.document(document):
        _tell(out, done, restart=restart)


def _asking(out: Output) -> "Confirm":
    """Return what shows the number to a person, and asks for the other side's."""

    def confirm(peer: "Card", number: str) -> bool:
        from hotline.custody import safety

        _say_number(out, peer, number)
        out.say("\n" + safety.qr(number))
        out.say(f"Compare all twelve groups with {safe(peer.body.name)}, in person or by voice.")
        answer = typer.prompt("Type the number as they read it to you, or `equal` if you hold both screens")
        return answer.strip().lower() == "equal" or safety.same(answer, number)

    return confirm


def daemon_runs(home: "Home") -> bool:
    """Return whether a station answers at this home's socket; it learns of a new line when it starts."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(home.socket_path()))
        except (OSError, HostError):
            return False
        return True


def _tell(out: Output, done: "Enrolled", *, restart: bool) -> None:
    name = safe(done.line.alias)
    if done.replaced is None:
        if done.line.generations.awaits:
            out.say(f"The line with {name} is enrolled, and waits: its next generation begins with their closing file.")
            out.say(f"They close first; then here: hotline generation close {name} FILE")
        else:
            out.say(f"The line with {name} is made. It works once {name} has enrolled your card too.", style="green")
    else:
        out.say(f"The card of {name} is replaced: number {done.line.card.body.number} instead of {done.replaced}.")
    if restart:
        out.say("The station is running with what it knew before: stop it and run it again.", style="yellow")
