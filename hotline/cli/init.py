"""`hotline init`."""

import os
from collections.abc import Callable
from functools import partial
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
    from hotline.custody.ceremony import Plan
    from hotline.custody.passphrase import Passphrase
    from hotline.home import Home
    from hotline.relay.config import RelayConfig

RelayVersion = Literal["auto", "5", "3.1.1"]
NameOption = Annotated[
    str,
    typer.Option(
        "--name", metavar="NAME", help="What people call the station, such as NORTH; needed.", show_default=False
    ),
]
PhoneOption = Annotated[str, typer.Option("--phone", metavar="NUMBER", help="Where to call when the line is down.")]
PrefixOption = Annotated[
    str, typer.Option("--prefix", metavar="WORD", help="What the names of its logs begin with.  [hotline]")
]
FirstOfficerOption = Annotated[str, typer.Option("--officer", metavar="NAME", help="The post or person who signs.")]
RelayOption = Annotated[
    str | None,
    typer.Option("--relay", metavar="URL", help="mqtt://host:port, or mqtts:// with TLS.", show_default=False),
]
RelayUserOption = Annotated[
    str | None, typer.Option("--relay-user", metavar="NAME", help="Our name at the relay.", show_default=False)
]
RelayPasswordOption = Annotated[
    Path | None,
    typer.Option(
        "--relay-password-file", metavar="FILE", help="Holds our password there; mode 0600.", show_default=False
    ),
]
RelayCaOption = Annotated[
    Path | None,
    typer.Option("--relay-ca-file", metavar="FILE", help="The relay's certificate authority, PEM.", show_default=False),
]
RelayVersionOption = Annotated[RelayVersion, typer.Option("--relay-version", help="Of MQTT; auto tries 5, then 3.1.1.")]
FromRootOption = Annotated[
    Path | None,
    typer.Option(
        "--from-root",
        metavar="FILE",
        help="All other keys are lost: make new ones under this root key.",
        show_default=False,
    ),
]
OldCardOption = Annotated[
    Path | None,
    typer.Option("--card", metavar="FILE", help="With --from-root: the latest card.", show_default=False),
]
NumberOption = Annotated[
    int | None,
    typer.Option(
        "--number",
        metavar="N",
        help="With --from-root: the new card's.  [else one above --card]",
        show_default=False,
    ),
]
RootPassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--root-passphrase-file",
        metavar="FILE",
        help="The root key's, mode 0600.  [else HOTLINE_PASSPHRASE, else asked]",
        show_default=False,
    ),
]
NoPassphraseOption = Annotated[
    bool,
    typer.Option(
        "--no-passphrase", help="Leave the keys open on the disk: for demonstrations only.", show_default=False
    ),
]


def init(
    name: NameOption = "",
    phone: PhoneOption = "",
    prefix: PrefixOption = "",
    officer: FirstOfficerOption = "Duty officer",
    relay: RelayOption = None,
    relay_user: RelayUserOption = None,
    relay_password_file: RelayPasswordOption = None,
    relay_ca_file: RelayCaOption = None,
    relay_version: RelayVersionOption = "auto",
    from_root: FromRootOption = None,
    card: OldCardOption = None,
    number: NumberOption = None,
    root_passphrase_file: RootPassphraseOption = None,
    passphrase_file: PassphraseFileOption = None,
    no_passphrase: NoPassphraseOption = False,
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

    With --from-root everything but the root key is lost: new station and officer keys are
    made under it, and name, telephone number and prefix are those of --card unless given.
    Without an old card, ask a peer by telephone for its number (hotline generation show),
    and give --number above it. Each line then goes on in a new generation.

    Example:
      hotline init --name NORTH --phone "+1 555 0100" --relay mqtt://relay.example:1883
      hotline init --from-root stick/root.key --card old.card
    """
    from hotline.custody.ceremony import make_station
    from hotline.home import Home

    out = Output(json, no_color)
    relays = _relays(relay, relay_user, relay_password_file, relay_ca_file, relay_version)
    _check_renewal(from_root, card, number, root_passphrase_file)
    plan, old = _plan(card, name, phone, prefix, officer, relays)
    place = Home.find(home)
    _require_new(place)  # before anybody thinks of a passphrase for nothing
    chosen = partial(_passphrase, passphrase_file, no_passphrase)
    if from_root is not None:
        made = _renew(place, plan, from_root, root_passphrase_file, chosen, number, old)
    else:
        made = make_station(place, plan, chosen())
    if not out.document(_document(place, made, renewed=from_root is not None)):
        _tell(out, place, made, relays, named=home is not None, is_open=no_passphrase, root=from_root)


def _check_renewal(from_root: Path | None, card: Path | None, number: int | None, file: Path | None) -> None:
    if from_root is None and (card or number is not None or file):
        raise UsageError("--card, --number and --root-passphrase-file belong to --from-root.", "Leave them out.")
    if from_root is not None and not card and number is None:
        raise UsageError(
            "The new card needs a number above that of every earlier one.",
            "Give the latest card with --card, or --number N: a peer can read you the number that it holds.",
        )


def _plan(
    card: Path | None, name: str, phone: str, prefix: str, officer: str, relays: "tuple[RelayConfig, ...]"
) -> "tuple[Plan, Card | None]":
    """What the station is told of itself, and the old card."""
    from hotline.custody.ceremony import DEFAULT_PREFIX, Plan
    from hotline.custody.enrol import read_card

    old = read_card(card) if card is not None else None
    if old:
        name, phone, prefix = name or old.body.name, phone or old.body.phone, prefix or old.body.prefix
    if not name:
        raise UsageError("The station needs a name.", "Give it with --name, such as NORTH.")
    return Plan(name, phone, prefix or DEFAULT_PREFIX, officer, relays), old


def _number(given: int | None, least: int) -> int:
    if given is not None and given <= least:
        raise UsageError(f"--card has the number {least}, and --number {given} is not above it.", "Leave out --number.")
    return given if given is not None else least + 1


def _renew(
    home: "Home", plan: "Plan", root: Path, root_file: Path | None,
    chosen: "Callable[[], Passphrase | None]", number: int | None, old: "Card | None",
) -> "Card":  # fmt: skip
    from hotline.custody.ceremony import renew_station
    from hotline.custody.passphrase import PassphraseSource

    unlock = PassphraseSource(root_file, option="--root-passphrase-file").for_file
    return renew_station(home, plan, chosen, root, unlock, _number(number, old.body.number if old else 0), old=old)


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


def _document(home: "Home", card: "Card", *, renewed: bool) -> dict[str, object]:
    return {
        "home": str(home.path),
        "name": card.body.name,
        "fingerprint": card.fingerprint.hex(),
        "card": str(home.card_path),
        "number": card.body.number,
        "root_key": None if renewed else str(home.root_key_path),
    }


def _tell(
    out: Output, home: "Home", card: "Card", relays: "tuple[RelayConfig, ...]", *, named: bool, is_open: bool,
    root: Path | None,
) -> None:  # fmt: skip
    hotline = f"hotline --home {quoted(home.path)}" if named else "hotline"
    own = f"{safe(card.body.name).lower().replace(' ', '-')}.card"
    out.say(f"The station {safe(card.body.name)} is made, in {safe(str(home.path))}.")
    if is_open:
        out.say("Its keys lie OPEN on the disk (--no-passphrase): for demonstrations only.", style="yellow")
    out.say("\nWhat to do next:")
    if root is None:
        steps = [f"Move the root key to a medium that you lock away: {safe(str(home.root_key_path))}"]
    else:
        steps = [f"Lock the root key away again, it was not copied: {shown(root)}"]
    if not relays:
        steps.append(f"Add a relay, both stations the same: {safe(str(home.config_path))}")
    secrets = [Path(each.password_file) for each in relays if each.password_file]
    steps += [
        f"Write our password at the relay to:  {shown(file)} (chmod 600)" for file in secrets if not file.exists()
    ]
    steps += [
        f"Hand your card to the other side:    {hotline} card --out {own}",
        f"Take theirs, and compare the number: {hotline} pair THEIR.card",
        *([] if root is None else [f"Take their closing file, and go on:   {hotline} generation --help"]),
        f"Go on duty:                          {hotline} run",
    ]
    for number, step in enumerate(steps, 1):
        out.say(f"  {number}. {step}")
