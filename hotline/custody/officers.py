"""The officers of a station: whose keys are here, and who of them is on duty with the key unlocked.

A sealed key file does not say whose it is. Its name does, made from the officer's; a file of another name is found
by trying the passphrase on it. What counts is the public key that the card certifies under the name.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

from hotline.core.card import Card
from hotline.custody import bounds, files, keyfile
from hotline.custody.keyfile import Cost, Unlock
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import HybridKey
from hotline.errors import CallerError, KeyError_
from hotline.home import Home
from hotline.text import safe


class Officers(Mapping[str, HybridKey]):
    """Those on duty with their unlocked keys, by the name in the card, in the order in which they came on.

    Safe to read on any thread while another changes it: what is held is replaced, never altered. Who needs several
    of them together takes `on_duty()` once.
    """

    def __init__(self, home: Home, card: Card) -> None:
        """Nobody is on duty. `card` is the station's own; `take_card` exchanges it."""
        self._home = home
        self._certified = card.body.officers
        self._on_duty: Mapping[str, HybridKey] = {}
        self._changing = threading.Lock()

    def __getitem__(self, name: str) -> HybridKey:
        return self._on_duty[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._on_duty)

    def __len__(self) -> int:
        return len(self._on_duty)

    def __repr__(self) -> str:
        return f"<Officers on duty: {', '.join(map(ascii, self._on_duty)) or 'nobody'}>"

    def on_duty(self) -> Mapping[str, HybridKey]:
        """Those on duty at this moment; who comes or goes later does not change it."""
        return self._on_duty

    def take_card(self, card: Card) -> None:
        """Go by another card of this station, in which everybody of the old one still stands."""
        self._certified = card.body.officers

    def names(self) -> list[str]:
        """Who is certified and whose key is here, on duty or not, in the order of the card. Opens no sealed file.

        A sealed file that was given another name is not known until its officer has come on duty.
        """
        places, found = self._places(), self._on_duty.keys() | self._in_open_strays()
        names = dict.fromkeys(officer.name for officer in self._certified)
        return [name for name in names if name in found or places[name].is_file()]

    def only(self) -> str | None:
        """The one officer whose key is here, if there is exactly one.

        With one officer certified and nobody's file found, whatever key file is here is taken for that one's.
        """
        names = self.names() or (list(self._places()) if self.strays() else [])
        return names[0] if len(names) == 1 else None

    def strays(self) -> list[Path]:
        """Key files whose names fit nobody in the card: renamed, of one who was never certified, or from elsewhere."""
        fitting = set(self._places().values())
        return list(islice((p for p in self._home.officer_key_paths() if p not in fitting), bounds.STRAY_OFFICER_FILES))

    def sealed(self, name: str) -> bool:
        """Whether a passphrase is needed for this officer's key. KeyError_ if it is not here or cannot be read."""
        paths = self._candidates(name)
        fitting = paths[:1] if paths[0] == self._places()[name] else paths
        return any(keyfile.has_passphrase(path) for path in fitting)

    def unlock(self, name: str, passphrase: Passphrase | None) -> HybridKey:
        """Open the key of this officer; 0.12 s or more, so call it off an event loop. Nobody comes on duty by it.

        None opens only a file without a passphrase. KeyError_, naming the officer or the file: not certified under
        this name, not here, damaged, open to others, another's key, or the passphrase is wrong.
        """

        def given(path: Path) -> Passphrase:
            if passphrase is None:
                raise KeyError_(
                    f"{files.shown(path)} has a passphrase, and none was given.",
                    f"Give the passphrase of {safe(name)}.",
                    reason="no-passphrase",
                )
            return passphrase

        return self.open(name, given)

    def open(self, name: str, unlock: Unlock) -> HybridKey:
        """As `unlock`, with the passphrase asked for a file when it is needed (`PassphraseSource.for_file`)."""
        return self._found(name, unlock)[1]

    def change_passphrase(
        self, name: str, old: Unlock, new: Callable[[], Passphrase], *, cost: Cost | None = None
    ) -> None:
        """Seal this officer's key file under another passphrase. `new` is asked once `old` has opened it.

        Durable when it returns, or nothing is changed. Raises as `unlock` does; BusyError if another command is
        changing the keys. On duty or not makes no difference: an unlocked key stays unlocked.
        """
        given: dict[Path, Passphrase] = {}

        def once(path: Path) -> Passphrase:
            return given.setdefault(path, old(path))

        with files.locked(self._home.keys_path, wait=False):
            path, _ = self._found(name, once)
            keyfile.change_passphrase(path, "officer", given.__getitem__, new(), cost=cost)

    def come_on(self, name: str, key: HybridKey) -> None:
        """Put an officer on duty, after those who are. KeyError_ if `key` is not certified under that name."""
        if key.public not in self._publics(name):
            raise KeyError_(
                f"The key is not the one that the card certifies for {safe(name)}.",
                "Unlock the key of that officer.",
                reason="key-mismatch",
            )
        with self._changing:
            self._on_duty = {**self._on_duty, name: key}

    def go_off(self, name: str) -> None:
        """Take an officer off duty and forget the unlocked key; nothing happens if that one is not on duty."""
        with self._changing:
            self._on_duty = {other: key for other, key in self._on_duty.items() if other != name}

    def _found(self, name: str, unlock: Unlock) -> tuple[Path, HybridKey]:
        """The file of this officer's key and the key. Of several refusals the first is told, of the fitting name."""
        refusals: list[KeyError_] = []
        for path in self._candidates(name):
            try:
                return path, self._opened(path, name, unlock)
            except KeyError_ as e:
                refusals.append(e)
        raise refusals[0]

    def _opened(self, path: Path, name: str, unlock: Unlock) -> HybridKey:
        publics, found = self._publics(name), _read(path, unlock)
        for key in found:
            if key.public in publics:
                return key
        whose = next((o.name for o in self._certified for key in found if key.public == o.public), None)
        if whose is not None:
            raise KeyError_(
                f"The key in {files.shown(path)} is that of {safe(whose)}, not of {safe(name)}.",
                f"Put the key file of {safe(name)} back.",
                reason="key-mismatch",
            )
        raise KeyError_(
            f"The officer's key in {files.shown(path)} is not in this station's card.",
            "Move the file away if that officer has left.",
            reason="key-mismatch",
        )

    def _publics(self, name: str) -> set[bytes]:
        publics = {officer.public for officer in self._certified if officer.name == name}
        if not publics:
            names = ", ".join(safe(officer.name) for officer in self._certified) or "nobody"
            raise KeyError_(
                f"{safe(name, limit=80)!r} is no officer in this station's card.",
                f"Certified: {names}. To add one: hotline officer add NAME.",
                reason="unknown-officer",
            )
        return publics

    def _candidates(self, name: str) -> list[Path]:
        """Where this officer's key may be, the likeliest first. KeyError_ if nowhere."""
        self._publics(name)
        place = self._places()[name]
        paths = [*([place] if place.is_file() else []), *self.strays()]
        if not paths:
            raise self._not_here(name)
        return paths

    def _not_here(self, name: str) -> KeyError_:
        return KeyError_(
            f"The key of {safe(name)} is not here.",
            f"Bring that officer's key file back to {files.shown(self._places()[name])}.",
            reason="key-absent",
        )

    def _places(self) -> dict[str, Path]:
        return key_places(self._home, (officer.name for officer in self._certified))

    def _in_open_strays(self) -> set[str]:
        """The officers whose keys lie open in files of other names."""
        publics = {key.public for path in self.strays() for key in _read_open(path)}
        return {officer.name for officer in self._certified if officer.public in publics}


def key_places(home: Home, names: Iterable[str]) -> dict[str, Path]:
    """Where the key file of each officer stands, by the order of the card.

    The first of those whose names look the same as a file's name has it; the others' carry a hash, and an officer
    added later takes no file from one who is there.
    """
    places: dict[str, Path] = {}
    taken: set[Path] = set()
    for name in names:
        plain = home.officer_key_path(name)
        places.setdefault(name, home.officer_key_path(name, apart=True) if plain in taken else plain)
        taken.add(plain)
    return places


def _read(path: Path, unlock: Unlock) -> list[HybridKey]:
    return [key for key in keyfile.read(path, "officer", unlock).values() if isinstance(key, HybridKey)]


def _read_open(path: Path) -> list[HybridKey]:
    def never(_: Path) -> Passphrase:
        raise KeyError_(f"{files.shown(path)} has a passphrase.", reason="no-passphrase")

    try:
        return _read(path, never)
    except CallerError:
        return []  # told when somebody wants to come on duty with it
