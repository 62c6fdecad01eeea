"""Making a station: its root, its keys, one officer's key and its first card; and signing its card anew.

A home appears complete or not at all: it is built and read back in a folder beside it, then renamed.
"""

import fcntl
import glob
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from hotline import config, limits
from hotline.core import card as cards
from hotline.core import encoding
from hotline.core.card import Card, CardBody, OfficerKey
from hotline.custody import files, keyfile
from hotline.custody.keyfile import Cost, Key, Unlock
from hotline.custody.keyring import Keyring, read_root
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, RealSuite, SealKey
from hotline.errors import BusyError, CardError, HostError, UsageError
from hotline.home import Home
from hotline.relay.config import RelayConfig
from hotline.text import safe

DEFAULT_PREFIX = "hotline"
DEFAULT_OFFICER = "Duty officer"
_PREFIX = re.compile(r"[a-z0-9.-](?:[a-z0-9./-]{0,62}[a-z0-9.-])?")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new station is told about itself; all of it becomes public in its card, but for the relays."""

    name: str
    phone: str = ""
    prefix: str = DEFAULT_PREFIX
    officer: str = DEFAULT_OFFICER
    relays: Sequence[RelayConfig] = ()

    def __post_init__(self) -> None:
        _check_text("name", self.name, least=1)
        _check_text("phone", self.phone, least=0)
        _check_text("officer", self.officer, least=1)
        if not _PREFIX.fullmatch(self.prefix):
            raise UsageError(
                f"{safe(self.prefix, limit=80)!r} cannot be a prefix.",
                "Use 1 to 64 of a-z 0-9 . - /, with no / at its ends.",
            )


def make_station(home: Home, plan: Plan, passphrase: Passphrase | None, *, cost: Cost | None = None) -> Card:
    """Make a complete home, or nothing, and return its card, number 1.

    None for the passphrase makes open key files, for demonstrations. UsageError if there is something at the
    place already (an empty folder is taken over). Everything was read back from disk when this returns.
    """
    _require_free(home.path)
    with _building(home.path) as place:
        _fill(place, plan, passphrase, cost)
        _read_back(place, passphrase)
        _move_in(place.path, home.path)
    return home.card()


def reissue_card(
    home: Home, unlock: Unlock, *, name: str | None = None, phone: str | None = None, root_key: Path | None = None
) -> Card:
    """Sign the card anew with another name or telephone number and the next number; return it.

    Needs the root key, at `root_key` or in the home. UsageError if nothing would change. A running daemon
    holds the old card until it starts again; each peer has to be given the new one.
    """
    old = home.require().card()
    body = structs.replace(
        old.body,
        number=old.body.number + 1,
        name=old.body.name if name is None else name,
        phone=old.body.phone if phone is None else phone,
    )
    _check_text("name", body.name, least=1)
    _check_text("phone", body.phone, least=0)
    if (body.name, body.phone) == (old.body.name, old.body.phone):
        raise UsageError("The card says that already; no new one was made.", "Give another --name or --phone.")
    if body.number > limits.TREE_SIZE:
        raise CardError("The card's number cannot grow any more.", "Make a new station.")
    root = read_root(root_key or home.root_key_path, old, unlock)
    card = sign_card(body, root)
    files.replace(home.card_path, card.text().encode("ascii"))
    return card


def sign_card(body: CardBody, root: HybridKey) -> Card:
    """Return the card over `body`, accepted by the same checks that a peer makes. CardError if they fail."""
    raw = encoding.encode(body)
    text = Card(body, raw, root.sign_one(cards.signed_message(raw))).text()
    return cards.parse(RealSuite(), text.encode("ascii"), source="the new card")


def _fill(home: Home, plan: Plan, passphrase: Passphrase | None, cost: Cost | None) -> None:
    root, officer, station = HybridKey.generate(), HybridKey.generate(), _station_keys()
    card = sign_card(_first_body(plan, root, officer, station), root)
    for folder in (home.keys_path, home.lines_path):
        files.make_folder(folder)
    keyfile.create(home.root_key_path, "root", {"root": root}, passphrase, cost=cost)
    keyfile.create(home.station_key_path, "station", station, passphrase, cost=cost)
    keyfile.create(home.officer_key_path(plan.officer), "officer", {"officer": officer}, passphrase, cost=cost)
    files.create(home.card_path, card.text().encode("ascii"))
    files.create(home.config_path, config.initial_text(plan.name, plan.relays).encode())


def _station_keys() -> dict[str, Key]:
    return {
        "log": HybridKey.generate(),
        "receipt": HybridKey.generate(),
        "prekey-signer": HybridKey.generate(),
        "link": LinkKey.generate(),
        "seal": SealKey.generate(),
        "address": AddressKey.generate(),
    }


def _first_body(plan: Plan, root: HybridKey, officer: HybridKey, station: dict[str, Key]) -> CardBody:
    return CardBody(
        version=1,
        number=1,
        suite="hotline-1",
        name=plan.name,
        phone=plan.phone,
        prefix=plan.prefix,
        root=root.public,
        log=station["log"].public,
        receipt=station["receipt"].public,
        prekey_signer=station["prekey-signer"].public,
        link=station["link"].public,
        seal=station["seal"].public,
        address=station["address"].public,
        officers=(OfficerKey(plan.officer, officer.public),),
        statement="entries and bodies up to this head are durable here; not published",
    )


def _read_back(home: Home, passphrase: Passphrase | None) -> None:
    """Open all that was written, as the daemon and the next ceremony will: a key that cannot be read is no key."""

    def unlock(_: Path) -> Passphrase:
        if passphrase is None:
            raise HostError("A key file came back from the disk with a passphrase that it was not given.")
        return passphrase

    keyring = Keyring.load(home, unlock)
    read_root(home.root_key_path, keyring.card, unlock)
    config.load(home.config_path)
    if len(keyring.officers) != 1:
        raise HostError("The officer's key was not found again after it was written.", "Check the disk.")


def _check_text(field: str, value: str, *, least: int) -> None:
    # `safe` is stricter than the specification: it refuses private-use and unassigned characters too.
    whole = bool(value.strip()) or (not value and least == 0)
    if not whole or safe(value) != value or not cards.displayable(value):
        raise UsageError(
            f"{safe(value, limit=80)!r} cannot be a {field}.",
            f"Give --{field} with {least} to {limits.NAME_BYTES} bytes of printable text.",
        )


def _require_free(path: Path) -> None:
    try:
        if not os.path.lexists(path) or (path.is_dir() and not any(path.iterdir())):
            return
    except OSError as e:
        raise HostError(f"{files.shown(path)} cannot be read: {e.strerror}.", "Check its path and owner.") from None
    what = "is the home of a station already" if Home(path).card_path.exists() else "exists and is not an empty folder"
    raise UsageError(
        f"{files.shown(path)} {what}; nothing in it was touched.", "Choose another --home.", reason="home-exists"
    )


@contextmanager
def _building(target: Path) -> Iterator[Home]:
    """Yield a home in a fresh folder beside `target`, and remove it unless it has moved away.

    The folder is locked while it is being built. One that nobody holds is what a killed ceremony left: its keys
    were never used, and they are removed.
    """
    stem = f".{target.name}.init-"
    try:
        target.parent.mkdir(mode=files.PRIVATE_FOLDER, parents=True, exist_ok=True)
        _sweep(target.parent, stem)
        place = target.with_name(stem + secrets.token_hex(8))
        files.make_folder(place)
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        raise HostError(
            f"{files.shown(target.parent)} cannot hold a home: {e.strerror}.", "Check its path and owner."
        ) from None
    try:
        yield Home(place)
    finally:
        os.close(handle)
        if os.path.lexists(place):
            shutil.rmtree(place)


def _sweep(parent: Path, stem: str) -> None:
    for left in parent.glob(f"{glob.escape(stem)}*"):
        handle = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left)
        except BlockingIOError:
            raise BusyError(
                f"Another ceremony is making {files.shown(parent / stem[1:-6])} now.", "Wait for it to end."
            ) from None
        finally:
            os.close(handle)


def _move_in(place: Path, target: Path) -> None:
    try:
        for folder in (place / "keys", place / "lines", place):
            files.sync_folder(folder)
        os.rename(place, target)  # onto an empty folder too; refused by the system if it is not empty
        files.sync_folder(target.parent)
    except OSError as e:
        raise HostError(f"{files.shown(target)} cannot be made: {e.strerror}.", "Check the folder above it.") from None
