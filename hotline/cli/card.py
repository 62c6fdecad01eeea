"""`hotline card`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotline.cli import newcard
from hotline.cli.files import STANDARD, hand_out, shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, PassphraseFileOption
from hotline.cli.output import Output
from hotline.errors import NotFoundError, UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.core.card import Card


def card(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A card to look at; left out: our own.")] = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the card to a file, to hand over; - prints it.")
    ] = None,
    qr: Annotated[bool, typer.Option("--qr", help="Show the fingerprint as a QR code too.")] = False,
    reissue: Annotated[
        bool, typer.Option("--reissue", help="Sign our card anew, with another --name or --phone.")
    ] = False,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="With --reissue.")] = None,
    phone: Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help="With --reissue.")] = None,
    root_key: Annotated[
        Path | None,
        typer.Option("--root-key", metavar="FILE", help="With --reissue: the root key, if not in the home."),
    ] = None,
    passphrase_file: PassphraseFileOption = None,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Show or hand out a contact card.

    A card is public: name, telephone number, keys. Hand it over in person, or by a way
    that the two sides compare afterwards (hotline pair). One that is signed anew needs
    neither: the station tells its peers through the line.

    Example:
      hotline card --out north.card
      hotline card south.card
    """
    from hotline.home import Home

    out = Output(json, no_color)
    if file is not None and (reissue or out_file):
        raise UsageError("--out and --reissue are about our own card, and a FILE is given.", "Leave one out.")
    if (name is not None or phone is not None or root_key is not None) and not reissue:
        raise UsageError("--name, --phone and --root-key belong to --reissue.", "Add --reissue, or leave them out.")
    held = _reissued(home, passphrase_file, name, phone, root_key) if reissue else _read(file, home)
    told = newcard.tell_station(Home.find(home)) if reissue else None
    if out_file is not None:
        hand_out(out_file, held.text().encode("ascii"))
    if out_file != STANDARD and not out.document(facts(held) | ({"told": told.taken} if told else {})):
        _tell(out, held, qr=qr)
        if out_file is not None:
            out.say(f"\nWritten to {shown(out_file)}. It is public; hand it over in person, or compare it afterwards.")
    if told:
        told.finish(Output(out.json or out_file == STANDARD, no_color))


def _read(file: Path | None, home: Path | None) -> "Card":
    from hotline.custody.enrol import read_card
    from hotline.home import Home

    return Home.find(home).require().card() if file is None else read_card(file)


def _reissued(
    home: Path | None, passphrase_file: Path | None, name: str | None, phone: str | None, root_key: Path | None
) -> "Card":
    from hotline.custody.ceremony import reissue_card
    from hotline.custody.passphrase import PassphraseSource
    from hotline.home import Home

    place = Home.find(home)
    if root_key is None and place.card_path.is_file() and not place.root_key_path.exists():
        raise NotFoundError(
            f"The root key is not in the home: there is no {shown(place.root_key_path)}.",
            "Bring it back for this, or say where it is: --root-key FILE.",
        )
    unlock = PassphraseSource(passphrase_file).for_file
    return reissue_card(place, unlock, name=name, phone=phone, root_key=root_key)


def facts(held: "Card") -> dict[str, Any]:
    """Return what a card says, for JSON."""
    body = held.body
    return {
        "name": body.name,
        "phone": body.phone,
        "number": body.number,
        "fingerprint": held.fingerprint.hex(),
        "officers": [{"name": officer.name, "id": officer.id.hex()} for officer in body.officers],
        "prefix": body.prefix,
        "suite": body.suite,
        "card": held.text(),
    }


def lines(held: "Card") -> list[str]:
    """Return what a card says, for people."""
    from hotline.custody import safety

    body = held.body
    first, second = safety.fingerprint_rows(held)
    return [
        f"Station      {safe(body.name)}",
        f"Telephone    {safe(body.phone) or 'none on the card'}",
        f"Officers     {', '.join(safe(officer.name) for officer in body.officers) or 'none'}",
        f"Card number  {body.number}",
        f"Fingerprint  {first}",
        f"             {second}",
    ]


def _tell(out: Output, held: "Card", *, qr: bool) -> None:
    for line in lines(held):
        out.say(line)
    if qr:
        from hotline.custody import safety

        out.say("\n" + safety.fingerprint_qr(held))
