"""Making a station: its root, its keys, one officer's key and its first card; and signing its card anew.

A home appears complete or not at all: it is built and read back in a folder beside it, then renamed. An officer is
added when the card is there: the key file, read back, comes before it, and means nothing without it.
"""

import fcntl
import glob
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from hotline import config, limits
from hotline.core import card as cards
from hotline.core import encoding
from hotline.core.card import Card, CardBody, OfficerKey
from hotline.custody import files, keyfile
from hotline.custody.enrol import looks
from hotline.custody.keyfile import Cost, Key, Unlock
from hotline.custody.keyring import Keyring, read_any_root, read_root
from hotline.custody.officers import key_places
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, RealSuite, SealKey
from hotline.errors import BusyError, CardError, HostError, KeyError_, UsageError
from hotline.home import Home
from hotline.relay.config import RelayConfig
from hotline.text import safe

DEFAULT_PREFIX = "hotline"
DEFAULT_OFFICER = "Duty officer"
_CALLED = {"name": "a name", "phone": "a telephone number", "officer": "an officer's name"}
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


def renew_station(
    home: Home,
    plan: Plan,
    passphrase: Callable[[], Passphrase | None],
    root_key: Path,
    unlock_root: Unlock,
    number: int,
    *,
    old: Card | None = None,
    cost: Cost | None = None,
) -> Card:
    """Make a home with new keys under the root in the file `root_key`, and return its card, of this `number`.

    For whoever has nothing else left. Each line goes on there in a new generation (SPEC section 7.13). The root key is
    read and not copied. `passphrase` is asked once that is done. Raises as `make_station` does; UsageError for a number
    that a card cannot have; CardError if `old`, the card that the plan was taken from, is of another root.
    """
    _require_free(home.path)
    if not 1 < number <= limits.TREE_SIZE:
        raise UsageError(f"{number} cannot be the number of this card.", "It is above that of every earlier card.")
    root = read_any_root(root_key, unlock_root)
    if old is not None:
        _require_root_of(old, root_key, root)
    words = passphrase()
    with _building(home.path) as place:
        _fill(place, plan, words, cost, root, number)
        files.create(place.renewed_path, b"")
        _read_back(place, words, root)
        _move_in(place.path, home.path)
    return home.card()


def _require_root_of(old: Card, path: Path, root: HybridKey) -> None:
    """The old root must not sign a card in another station's name: the peer's card is at hand too."""
    if old.body.root != root.public:
        raise CardError(
            f"The card of {safe(old.body.name)} is not of the root key in {files.shown(path)}; nothing was made.",
            "Give your own latest card with --card; without it, --name and --number.",
            reason="other-root",
        )


def reissue_card(
    home: Home, unlock: Unlock, *, name: str | None = None, phone: str | None = None, root_key: Path | None = None
) -> Card:
    """Sign the card anew with another name or telephone number and the next number; return it.

    Needs the root key, at `root_key` or in the home. UsageError if nothing would change. A running daemon goes by
    the old card until it is told (`Client.reload_card`) or starts again; its peers are told through the logs.
    """
    with files.locked(home.require().keys_path, wait=False):
        old = home.card()
        body = structs.replace(
            old.body,
            name=old.body.name if name is None else name,
            phone=old.body.phone if phone is None else phone,
        )
        _check_text("name", body.name, least=1)
        _check_text("phone", body.phone, least=0)
        if body == old.body:
            raise UsageError("The card says that already; no new one was made.", "Give another --name or --phone.")
        _require_next(old)
        return _replace_card(home, body, read_root(root_key or home.root_key_path, old, unlock))


def add_officer(
    home: Home,
    name: str,
    unlock_root: Unlock,
    new_passphrase: Callable[[], Passphrase | None],
    *,
    root_key: Path | None = None,
    cost: Cost | None = None,
) -> Card:
    """Make the key file of another officer, and sign the card anew with that officer in it; return the card.

    `new_passphrase` is asked after all that needs no answer was checked; None makes an open file. The daemon and the
    peers learn of it as of every new card (`reissue_card`). Stopped between file and card, the key is certified
    nowhere: the next try with the same passphrase goes on with it. UsageError: the name is taken, or cannot be one.
    CardError: the card is full. KeyError_: the root, its passphrase, or a key file that is there already.
    """
    with files.locked(home.require().keys_path, wait=False):
        old = home.card()
        _check_text("officer", name, least=1)
        _require_new_officer(old, name)
        _require_next(old)
        root = read_root(root_key or home.root_key_path, old, unlock_root)
        path = key_places(home, [*(officer.name for officer in old.body.officers), name])[name]
        key = _officer_key(path, old, new_passphrase(), cost)
        body = structs.replace(old.body, officers=(*old.body.officers, OfficerKey(name, key.public)))
        return _replace_card(home, body, root)


def _require_new_officer(card: Card, name: str) -> None:
    officers = card.body.officers
    if looks(name) in map(looks, (officer.name for officer in officers)):
        raise UsageError(
            f"{safe(name)} is an officer in this station's card already.",
            "Use another name; one that stands in a card stays there, so that what it signed verifies.",
            reason="name-taken",
        )
    if len(officers) >= limits.CARD_OFFICERS:
        raise CardError(f"The card has {len(officers)} officers, which is the most.", "Make a new station.")


def _officer_key(path: Path, card: Card, passphrase: Passphrase | None, cost: Cost | None) -> HybridKey:
    """Return the new officer's key as it was read from `path`, made there unless an interrupted try has left it."""
    if not os.path.lexists(path):
        keyfile.create(path, "officer", {"officer": HybridKey.generate()}, passphrase, cost=cost)
    elif keyfile.has_passphrase(path) != (passphrase is not None):
        raise _left_over(path)
    try:
        key = keyfile.read(path, "officer", lambda _: _given(path, passphrase)).get("officer")
    except KeyError_ as e:
        raise _left_over(path) if e.reason == "wrong-passphrase" else e from None
    if not isinstance(key, HybridKey) or key.public in card.body.officer_keys:
        raise _left_over(path)
    return key


def _given(path: Path, passphrase: Passphrase | None) -> Passphrase:
    if passphrase is None:
        raise _left_over(path)
    return passphrase


def _left_over(path: Path) -> KeyError_:
    return KeyError_(
        f"{files.shown(path)} is here already, and the card certifies no officer for it.",
        "If it is from a try that was interrupted, give the passphrase of then; else move the file away.",
        reason="exists",
    )


def _require_next(card: Card) -> None:
    if card.body.number >= limits.TREE_SIZE:
        raise CardError("The card's number cannot grow any more.", "Make a new station.")


def _replace_card(home: Home, body: CardBody, root: HybridKey) -> Card:
    card = sign_card(structs.replace(body, number=body.number + 1), root)
    files.replace(home.card_path, card.text().encode("ascii"))
    return card


def sign_card(body: CardBody, root: HybridKey) -> Card:
    """Return the card over `body`, accepted by the same checks that a peer makes. CardError if they fail."""
    raw = encoding.encode(body)
    text = Card(body, raw, root.sign_one(cards.signed_message(raw))).text()
    return cards.parse(RealSuite(), text.encode("ascii"), source="the new card")


def _fill(
    home: Home, plan: Plan, passphrase: Passphrase | None, cost: Cost | None,
    held_root: HybridKey | None = None, number: int = 1,
) -> None:  # fmt: skip
    """Write all files; without `held_root` a root is made, and its key kept there too."""
    root, officer, station = held_root or HybridKey.generate(), HybridKey.generate(), _station_keys()
    card = sign_card(structs.replace(_first_body(plan, root, officer, station), number=number), root)
    for folder in (home.keys_path, home.lines_path):
        files.make_folder(folder)
    if held_root is None:
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


def _read_back(home: Home, passphrase: Passphrase | None, held_root: HybridKey | None = None) -> None:
    """Open all that was written, as the daemon and the next ceremony will: a key that cannot be read is no key."""

    def unlock(_: Path) -> Passphrase:
        if passphrase is None:
            raise HostError("A key file came back from the disk with a passphrase that it was not given.")
        return passphrase

    keyring = Keyring.load(home, unlock)
    if held_root is None:
        read_root(home.root_key_path, keyring.card, unlock)
    config.load(home.config_path)
    if len(keyring.officers) != 1:
        raise HostError("The officer's key was not found again after it was written.", "Check the disk.")


def _check_text(field: str, value: str, *, least: int) -> None:
    # `safe` is stricter than the specification: it refuses private-use and unassigned characters too.
    whole = bool(value.strip()) or (not value and least == 0)
    if not whole or safe(value) != value or not cards.displayable(value):
        raise UsageError(
            f"{safe(value, limit=80)!r} cannot be {_CALLED[field]}.",
            f"It has {least} to {limits.NAME_BYTES} bytes of printable text.",
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
