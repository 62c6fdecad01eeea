"""`hotline init`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hotline.cli.files import quoted, shown
from hotline.cli.options import HomeOption, JsonOption, NoColorOption, PassphraseFileOption
from hotline.cli.output import Output
from hotline.errors import UsageError
from hotline.text import safe

if TYPE_CHECKING:
    from hotline.core.card import Card
    from hotline.custody.passphrase import Passphrase
    from hotline.home import Home
    from hotline.relay.config import RelayConfig

RelayVersion = Literal["auto", "5", "3.1.1"]


def init(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What people call the station, such as NORTH.")],
    phone: Annotated[str, typer.Option("--phone", metavar="NUMBER", help="Where to call when the line is down.")] = "",
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="WORD", help="What the names of its logs begin with.")
    ] = "hotline",
    officer: Annotated[
        str, typer.Option("--officer", metavar="NAME", help="The post or person who signs.")
    ] = "Duty officer",
    relay: Annotated[
        str | None,
        typer.Option("--relay", metavar="URL", help="mqtt://host:port, or mqtts:// with TLS.", show_default=False),
    ] = None,
    relay_user: Annotated[
        str | None, typer.Option("--relay-user", metavar="NAME", help="Our name at the relay.", show_default=False)
    ] = None,
    relay_password_file: Annotated[
        Path | None,
        typer.Option(
            "--relay-password-file", metavar="FILE", help="Holds our password there; mode 0600.", show_default=False
        ),
    ] = None,
    relay_ca_file: Annotated[
        Path | None,
        typer.Option(
            "--relay-ca-file", metavar="FILE", help="The relay's certificate authority, PEM.", show_default=False
        ),
    ] = None,
    relay_version: Annotated[
        RelayVersion, typer.Option("--relay-version", help="Of MQTT; auto tries 5, then 3.1.1.")
    ] = "auto",
    passphrase_file: PassphraseFileOption = None,
    no_passphrase: Annotated[
        bool,
        typer.Option(
            "--no-passphrase", help="Leave the keys open on the disk: for demonstrations only.", show_default=False
        ),
    ] = False,
    home: HomeOption = None,
    json: JsonOption = False,
    no_color: NoColorOption = False,
) -> None:
    """Make a station: its keys, its card, its settings.

    Nothing is overwritten: the home must not exist, or be an empty folder. The keys
    are protected by a passphrase, which is asked for unless a file or the variable
    HOTLINE_PASSPHRASE gives it; one officer needs no other, and several have their own
    (hotline officer). The root key signs the card and nothing else: move it to a safe
    medium afterwards.

    Example:
      hotline init --name NORTH --phone "+1 555 0100" --relay mqtt://relay.example:1883
    """
    from hotline.custody.ceremony import Plan, make_station
    from hotline.home import Home

    out = Output(json, no_color)
    relays = _relays(relay, relay_user, relay_password_file, relay_ca_file, relay_version)
    plan = Plan(name, phone, prefix, officer, relays)
    place = Home.find(home)
    _require_new(place)  # before anybody thinks of a passphrase for nothing
    card = make_station(place, plan, _passphrase(passphrase_file, no_passphrase))
    if not out.document(_document(place, card)):
        _tell(out, place, card, relays, named=home is not None, is_open=no_passphrase)


def _require_new(home: "Home") -> None:
    if home.card_path.exists():
        raise UsageError(
            f"{shown(home.path)} is the home of a station already; nothing in it was touched.",
            "Choose another --home.",
            reason="home-exists",
        )


def _relays(
    url: str | None, user: str | None, password_file: Path | None, ca_file: Path | None, version: RelayVersion
) -> "tuple[RelayConfig, ...]":
    from hotline.relay.config import RelayConfig

    if url is None:
        if user or password_file or ca_file:
            raise UsageError("Options for a relay are given, and no relay.", "Add --relay URL.")
        return ()
    password, ca = _absolute(password_file), _absolute(ca_file)
    return (RelayConfig(name="first", url=url, version=version, username=user, password_file=password, ca_file=ca),)


def _absolute(path: Path | None) -> str | None:
    """Paths in station.toml are relative to it; those typed here are relative to where we are."""
    return None if path is None else os.path.abspath(path)


def _passphrase(file: Path | None, none: bool) -> "Passphrase | None":
    from hotline.custody.passphrase import PassphraseSource

    if not none:
        return PassphraseSource(file).for_new_keys()
    if file is not None:
        raise UsageError("--no-passphrase and --passphrase-file contradict each other.", "Give one of them.")
    return None


def _document(home: "Home", card: "Card") -> dict[str, str]:
    return {
        "home": str(home.path),
        "name": card.body.name,
        "fingerprint": card.fingerprint.hex(),
        "card": str(home.card_path),
        "root_key": str(home.root_key_path),
    }


def _tell(
    out: Output, home: "Home", card: "Card", relays: "tuple[RelayConfig, ...]", *, named: bool, is_open: bool
) -> None:
    hotline = f"hotline --home {quoted(home.path)}" if named else "hotline"
    own = f"{safe(card.body.name).lower().replace(' ', '-')}.card"
    out.say(f"The station {safe(card.body.name)} is made, in {safe(str(home.path))}.")
    if is_open:
        out.say("Its keys lie OPEN on the disk (--no-passphrase): for demonstrations only.", style="yellow")
    out.say("\nWhat to do next:")
    steps = [f"Move the root key to a medium that you lock away: {safe(str(home.root_key_path))}"]
    if not relays:
        steps.append(f"Add a relay, both stations the same: {safe(str(home.config_path))}")
    secrets = [Path(each.password_file) for each in relays if each.password_file]
    steps += [
        f"Write our password at the relay to:  {shown(file)} (chmod 600)" for file in secrets if not file.exists()
    ]
    steps += [
        f"Hand your card to the other side:    {hotline} card --out {own}",
        f"Take theirs, and compare the number: {hotline} pair THEIR.card",
        f"Go on duty:                          {hotline} run",
    ]
    for number, step in enumerate(steps, 1):
        out.say(f"  {number}. {step}")
