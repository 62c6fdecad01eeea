"""The unlocked keys of a station, loaded once by its daemon and held in memory while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hotline.core.card import Card
from hotline.core.identity import Line
from hotline.custody import files, keyfile
from hotline.custody.keyfile import Key, Unlock
from hotline.custody.suite import AddressKey, HybridKey, LinkKey, RealSuite, SealKey
from hotline.errors import CardError, KeyError_
from hotline.home import Home

_K = TypeVar("_K", HybridKey, LinkKey, SealKey, AddressKey)
_REMEDY = "Put back the key file and the station.card that were made together."


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """The station's six keys and the officers' that are here, each equal to its public half in `card`."""

    card: Card
    log: HybridKey
    receipt: HybridKey
    prekey_signer: HybridKey
    link: LinkKey
    seal: SealKey
    address: AddressKey
    officers: Mapping[str, HybridKey]  # by the name in the card

    def __repr__(self) -> str:
        return f"<Keyring of {self.card.body.name!r}, {len(self.officers)} officers>"

    @classmethod
    def load(cls, home: Home, unlock: Unlock, *, officers: bool = True) -> "Keyring":
        """Open the key files of `home`; about 0.12 s each, so call it off an event loop.

        `unlock` gives the passphrase for a file (`PassphraseSource.for_file`) and is not asked for open files.
        KeyError_, naming the file: wrong passphrase, damage, permissions, or keys that are not those of the card.
        """
        card, path = home.require().card(), home.station_key_path
        files.require_private_folder(home.keys_path)
        held = keyfile.read(path, "station", unlock)
        body = card.body
        return cls(
            card,
            _take(path, held, "log", HybridKey, body.log),
            _take(path, held, "receipt", HybridKey, body.receipt),
            _take(path, held, "prekey-signer", HybridKey, body.prekey_signer),
            _take(path, held, "link", LinkKey, body.link),
            _take(path, held, "seal", SealKey, body.seal),
            _take(path, held, "address", AddressKey, body.address),
            _officers(home, card, unlock) if officers else {},
        )

    def line(self, peer: Card) -> Line:
        """Return the fixed facts of the line with `peer`. CardError if the card is our own."""
        try:
            secret = self.address.exchange(peer.body.address)
        except ValueError:  # parse refuses such keys; the library has the last word
            raise CardError("The card's address key is of small order.", "Do not enrol this card.") from None
        return Line.of(RealSuite(), self.card, peer, secret)


def read_root(path: Path, card: Card, unlock: Unlock) -> HybridKey:
    """Return the root key in the file at `path`. KeyError_ if it is not the root of `card`."""
    return _take(path, keyfile.read(path, "root", unlock), "root", HybridKey, card.body.root)


def _officers(home: Home, card: Card, unlock: Unlock) -> dict[str, HybridKey]:
    certified = {officer.public: officer.name for officer in card.body.officers}
    found: dict[str, HybridKey] = {}
    for path in home.officer_key_paths():
        for key in keyfile.read(path, "officer", unlock).values():
            name = certified.get(key.public)
            if name is None or not isinstance(key, HybridKey):
                raise KeyError_(
                    f"The officer's key in {files.shown(path)} is not in this station's card.",
                    "Move the file away if that officer has left.",
                    reason="key-mismatch",
                )
            found[name] = key
    return found


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
