"""The unlocked keys of a station, loaded once by its daemon and held in memory while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hotline.core.card import Card
from hotline.core.generation import Agreed
from hotline.core.identity import Line
from hotline.custody import files, keyfile
from hotline.custody.keyfile import Key, Unlock
from hotline.custody.officers import Officers
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, RealSuite, SealKey
from hotline.errors import CardError, KeyError_
from hotline.home import Home

_K = TypeVar("_K", HybridKey, LinkKey, SealKey, AddressKey)
_REMEDY = "Put back the key file and the station.card that were made together."


@dataclass(slots=True, repr=False, eq=False)
class Keyring:
    """The station's six keys and the officers on duty, each equal to its public half in `card`.

    Only `card` is ever exchanged, by `take_card`, for one with the same keys of the station.
    """

    card: Card
    log: HybridKey
    receipt: HybridKey
    prekey_signer: HybridKey
    link: LinkKey
    seal: SealKey
    address: AddressKey
    officers: Officers

    def __repr__(self) -> str:
        return f"<Keyring of {self.card.body.name!r}, {len(self.officers)} on duty>"

    @classmethod
    def load(cls, home: Home, unlock: Unlock, *, officers: bool = True, officer: str = "") -> "Keyring":
        """Open the key files of `home`; about 0.12 s each, so call it off an event loop.

        With `officers` the one called `officer` is on duty then, or the only one whose key is here. Of several,
        with none named, nobody is: each has an own passphrase, and comes on duty later.

        `unlock` gives the passphrase for a file (`PassphraseSource.for_file`) and is not asked for open files.
        KeyError_, naming the file: wrong passphrase, damage, permissions, or keys that are not those of the card.
        """
        card, path = home.require().card(), home.station_key_path
        files.require_private_folder(home.keys_path)
        held = keyfile.read(path, "station", unlock)
        body = card.body
        keys = cls(
            card,
            _take(path, held, "log", HybridKey, body.log),
            _take(path, held, "receipt", HybridKey, body.receipt),
            _take(path, held, "prekey-signer", HybridKey, body.prekey_signer),
            _take(path, held, "link", LinkKey, body.link),
            _take(path, held, "seal", SealKey, body.seal),
            _take(path, held, "address", AddressKey, body.address),
            Officers(home, card),
        )
        first = (officer or keys.officers.only()) if officers else None
        if first:
            keys.officers.come_on(first, _open_first(keys.officers, first, unlock))
        return keys

    def take_card(self, home: Home) -> Card:
        """Go by the card that is in `home` now, signed anew since; return it. The same card again changes nothing.

        CardError if it is not one that the log may carry to the peers (SPEC section 4.7): of another root or
        station, of a lower number, with another key or address, or without an officer who was in it.
        """
        new, held = home.card(), self.card
        if new.raw == held.raw:
            return held
        if not new.carries_on(held):
            raise _not_carried_on(files.shown(home.card_path), new, held)
        self.officers.take_card(new)
        self.card = new
        return new

    def line(self, peer: Card, agreed: Agreed | None = None) -> Line:
        """Return the fixed facts of the present generation of the line with `peer`. CardError if the card is ours."""
        try:
            secret = self.address.exchange(peer.body.address)
        except ValueError:  # parse refuses such keys; the library has the last word
            raise CardError("The card's address key is of small order.", "Do not enrol this card.") from None
        return Line.of(RealSuite(), self.card, peer, secret, agreed)


def read_root(path: Path, card: Card, unlock: Unlock) -> HybridKey:
    """Return the root key in the file at `path`. KeyError_ if it is not the root of `card`."""
    return _take(path, keyfile.read(path, "root", unlock), "root", HybridKey, card.body.root)


def read_any_root(path: Path, unlock: Unlock) -> HybridKey:
    """Return the root key in the file at `path`, whosever it is. KeyError_ if it holds none."""
    key = keyfile.read(path, "root", unlock).get("root")
    if not isinstance(key, HybridKey):
        raise KeyError_(f"{files.shown(path)} holds no `root` key.", "Check the path.", reason="key-file")
    return key


def _open_first(officers: Officers, name: str, unlock: Unlock) -> HybridKey:
    """Open an officer's key; a second time if the station's passphrase is not this officer's, and people are asked."""
    try:
        return officers.open(name, unlock)
    except KeyError_ as e:
        if e.reason != "wrong-passphrase":
            raise
    return officers.open(name, unlock)


def _not_carried_on(where: str, new: Card, held: Card) -> CardError:
    if new.fingerprint != held.fingerprint:
        return CardError(f"{where} is the card of another station.", _REMEDY, reason="key-mismatch")
    if new.body.number <= held.body.number:
        return CardError(
            f"{where} has the number {new.body.number}, and the station goes by number {held.body.number}.",
            "Put back the card that was signed last.",
            reason="old-card",
        )
    return CardError(
        f"{where} changes keys, prefix or suite of the station, or lacks an officer who was in the card.",
        "Put back the card that was signed last; only names, the telephone number and new officers may change.",
        reason="keys-changed",
    )


def _take(path: Path, held: Mapping[str, Key], name: str, kind: type[_K], public: bytes) -> _K:
    key = held.get(name)
    if not isinstance(key, kind):
        raise KeyError_(f"{files.shown(path)} holds no `{name}` key.", _REMEDY, reason="key-file")
    if key.public != public:
        raise KeyError_(
            f"The `{name}` key in {files.shown(path)} is not the one in the station's card.",
            _REMEDY,
            reason="key-mismatch",
        )
    return key
