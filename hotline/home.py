"""A station's home: one folder, 0700, with all that a station is. What each file is, and who changes it can do what:

station.toml      Settings and relays, written by people. Whoever changes it can cut the station off, or point it at
                  relays of their own, which learn times and sizes, never contents. They cannot speak for it.
station.card      Our card, signed by our root. Exchanged for another, the daemon refuses to start: the keys differ.
keys/station.key  The six keys that the daemon uses. Whoever has it and its passphrase *is* this station on every line,
                  until the peers are told by telephone.
keys/officer-<name>.key
                  One officer's key, under a passphrase of that officer's own: with the station's, releases, answers
                  and watches in that name. Taken away, that officer cannot come on duty here; the card still has
                  the public half, so that what was signed verifies.
keys/root.key     Signs cards and nothing else. Whoever has it can certify officers of their own in a card of a higher
                  number, which peers take. Only a card with a new name, telephone number or officer needs it: keep
                  it offline, on two media, away from this machine.
lines/<id>.card   The card of each enrolled peer, named by the first 16 hex digits of the pair id. Whoever adds one has
                  added a peer; whoever removes one has cut a line. `hotline pair CARD --show` tells whether a card
                  is the one that was compared.
lines/<id>.toml   What we call that peer. Exchanged between two lines, a notice goes to the wrong one.
lines/<id>.generations/
                  What officers of both sides have signed about generations of the line that ended, and the cards of
                  then (SPEC section 7.13). Whoever removes it sets the line back to a generation that is closed at the
                  peer: nothing passes.
lines/<id>.rules.toml
                  The agreed rules, where they are not the built-in ones. Whoever changes it changes deadlines and who
                  must sign at this end; both ends alarm, since the digests then differ.
station.db        Both logs of every line, the queue, the inbox. Whoever changes an entry is found by `hotline verify`
                  and by the peer; whoever deletes the file costs us what the peers do not hold. Bodies stand in it
                  in clear: whoever reads it has read everything. The journal stands in it too: whoever alters that is
                  found by `hotline verify`.
heads.lock        What was signed last (SPEC sections 8, 13). Deleted, the station takes itself for restored and asks
                  the peer. Rolled back together with station.db, and with a peer that lies, it can sign two heads.
station.begun     Empty: this station has had a station.db. If that is gone then, the daemon does not start until
                  `hotline recover` was run. Deleted together with station.db and heads.lock, the station takes itself
                  for new.
station.renewed   Empty: this home was made anew from its root, with new keys. Each line that is enrolled here waits
                  for a new generation. Deleted, lines enrolled from then on begin with keys that the peers refuse.
recovery.json     What `hotline recover` is rebuilding. Deleted, a line goes on with whatever it holds so far.
lost/             What `hotline recover` has moved aside: read it, copy it, delete it when nobody asks for it any more.
run.lock          Locked (flock) by the daemon that runs, with its process id for people. Deleting it lets a second
                  daemon start beside the first; both sign with one key.
api.sock          Whoever can write to it can send notices as this station, and sign as the officers unlocked in it.

Every file is 0600. `root`, and every program that runs as the owner of this folder, can do all of the above.
"""

import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hotline import limits
from hotline.core import identity
from hotline.core.card import Card, parse
from hotline.custody import bounds, files, generations
from hotline.custody.generations import FIRST, Generations
from hotline.errors import BusyError, CardError, HostError, NotFoundError

VARIABLE = "HOTLINE_HOME"
DEFAULT = "~/.hotline"
_HEX_OF_LINE = 16


@dataclass(frozen=True, slots=True)
class PeerLine:
    """An enrolled peer: what we call it here, its accepted card, and the line that the two roots make."""

    alias: str
    card: Card = field(repr=False)  # its keys would fill a screen
    pair: bytes  # 32 bytes, SPEC section 3.3
    generations: Generations = field(default=FIRST, repr=False)

    @property
    def id(self) -> bytes:
        """The line id of the present generation, 32 bytes."""
        return self.generations.agreed.line if self.generations.agreed else self.pair

    @property
    def file_stem(self) -> str:
        """The name of its files in `lines/`, without ending."""
        return self.pair.hex()[:_HEX_OF_LINE]


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one home, and what can be asked of it without opening keys or the database."""

    path: Path

    @classmethod
    def find(cls, option: str | Path | None = None, environ: Mapping[str, str] | None = None) -> "Home":
        """Return the home that `--home`, else HOTLINE_HOME, else `~/.hotline` names. It need not exist."""
        named = str(option or (os.environ if environ is None else environ).get(VARIABLE) or DEFAULT)
        if "\0" in named:
            raise NotFoundError("The path of the home holds a zero byte.", "Give --home with a path.")
        try:
            return cls(Path(os.path.abspath(Path(named).expanduser())))
        except RuntimeError:
            raise NotFoundError(f"{named!a} names no home.", f"Give --home, or set {VARIABLE}.") from None

    @property
    def config_path(self) -> Path:
        return self.path / "station.toml"

    @property
    def card_path(self) -> Path:
        return self.path / "station.card"

    @property
    def keys_path(self) -> Path:
        return self.path / "keys"

    @property
    def root_key_path(self) -> Path:
        return self.keys_path / "root.key"

    @property
    def station_key_path(self) -> Path:
        return self.keys_path / "station.key"

    @property
    def lines_path(self) -> Path:
        return self.path / "lines"

    @property
    def database_path(self) -> Path:
        return self.path / "station.db"

    @property
    def heads_lock_path(self) -> Path:
        return self.path / "heads.lock"

    @property
    def begun_path(self) -> Path:
        return self.path / "station.begun"

    @property
    def renewed_path(self) -> Path:
        return self.path / "station.renewed"

    @property
    def recovery_path(self) -> Path:
        return self.path / "recovery.json"

    @property
    def lost_path(self) -> Path:
        return self.path / "lost"

    @property
    def run_lock_path(self) -> Path:
        return self.path / "run.lock"

    def require(self) -> "Home":
        """Return this home if it is one, and private. NotFoundError or KeyError_ with the remedy otherwise."""
        if not self.card_path.is_file() or not self.config_path.is_file():
            raise NotFoundError(
                f"{files.shown(self.path)} is not the home of a station.",
                f"Name it with --home or {VARIABLE}, or make it: hotline init --home {files.shown(self.path)}",
            )
        files.require_private_folder(self.path)
        return self

    def officer_key_path(self, name: str, *, apart: bool = False) -> Path:
        """Where an officer's key file stands: a name in ASCII for people, or a hash of one that has none.

        With `apart` both, for an officer whose name in ASCII is another's too.
        """
        slug = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in name.lower()).split())
        hashed = hashlib.sha256(name.encode()).hexdigest()[:8]
        stem = f"{slug}-{hashed}" if slug and apart else slug or hashed
        return self.keys_path / f"officer-{stem}.key"

    def officer_key_paths(self) -> list[Path]:
        """The officers' key files that are here, in the order of their names."""
        return sorted(self.keys_path.glob("officer-*.key"))

    def card(self) -> Card:
        """Our own card, checked as strictly as a peer's."""
        return self._read_card(self.card_path)

    def lines(self) -> list[PeerLine]:
        """The enrolled peers, by what we call them. CardError, naming the file, if one is damaged or not of this home.

        Each card is checked whole, some 4 ms.
        """
        paths = sorted(self.lines_path.glob("*.card"))
        if len(paths) > limits.LINES:
            raise CardError(
                f"{files.shown(self.lines_path)} holds {len(paths)} cards; {limits.LINES} is the most.", "Remove some."
            )
        mine = self.card().fingerprint if paths else b""
        return sorted((self._line(mine, path) for path in paths), key=lambda line: line.alias.casefold())

    def line_paths(self, pair: bytes) -> tuple[Path, Path]:
        """Where the card and the local settings of a line stand."""
        stem = pair.hex()[:_HEX_OF_LINE]
        return self.lines_path / f"{stem}.card", self.lines_path / f"{stem}.toml"

    def _line(self, mine: bytes, path: Path) -> PeerLine:
        # Late, so that asking for a path does not load a TOML schema: the command line's --help is instant.
        from hotline.config import load_alias

        card = self._read_card(path)
        pair = identity.pair_id(mine, card.fingerprint)
        card_path, alias_path = self.line_paths(pair)
        if path != card_path:
            raise CardError(
                f"{files.shown(path)} does not belong to this home: its line is {card_path.stem}.",
                "Move it away, and enrol the card with `hotline pair`.",
            )
        held = generations.load(self, card_path.stem, pair, mine, card.fingerprint)
        return PeerLine(load_alias(alias_path) or card.body.name, _newest(card, held), pair, held)

    def _read_card(self, path: Path) -> Card:
        # Late for the same reason: this loads the cryptography library.
        from hotline.custody.suite import RealSuite

        text = files.read(path, limit_bytes=limits.CARD_BYTES, holds="The card", refusal=CardError)
        return parse(RealSuite(), text, source=files.shown(path))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home for one daemon. BusyError, naming the home and the process, if another holds it.

        The file is never deleted: a second process could lock a new file of the same name beside us.
        """
        handle = self._open_lock()
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.ftruncate(handle, 0)
                os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
            except BlockingIOError:
                raise self._busy(handle) from None
            except OSError as e:
                raise self._cannot_lock(e) from None
            yield
        finally:
            os.close(handle)

    def _open_lock(self) -> int:
        try:
            return os.open(self.run_lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, files.PRIVATE_FILE)
        except OSError as e:
            raise self._cannot_lock(e) from None

    def _cannot_lock(self, error: OSError) -> HostError:
        return HostError(
            f"{files.shown(self.run_lock_path)} cannot be locked: {error.strerror}.", "Check the home and its owner."
        )

    def _busy(self, handle: int) -> BusyError:
        pid = _pid(handle)
        return BusyError(
            f"The home {files.shown(self.path)} is in use by a running daemon" + (f", process {pid}." if pid else "."),
            "Use it through its commands, or stop it first" + (f": kill {pid}" if pid else "."),
        )

    def socket_path(self, *, create: bool = False, environ: Mapping[str, str] | None = None) -> Path:
        """Where the daemon listens: `api.sock` in the home or, if that path is too long for a socket, in a short one.

        The daemon asks with `create`, its clients without. HostError if the short folder is not ours alone:
        in /tmp anybody could have put one there to be spoken to in our place.
        """
        inside = self.path / "api.sock"
        if len(os.fsencode(inside)) <= bounds.SOCKET_PATH_BYTES:
            return inside
        folder = self._socket_folder(os.environ if environ is None else environ)
        if create and not os.path.lexists(folder):
            files.make_folder(folder)
        if os.path.lexists(folder):
            _require_ours(folder)
        return folder / "api.sock"

    def _socket_folder(self, environ: Mapping[str, str]) -> Path:
        """The first candidate that is there, so that a client without XDG_RUNTIME_DIR finds a daemon with it."""
        uid = os.getuid()
        name = f"hotline-{uid}-{hashlib.sha256(os.fsencode(self.path.resolve())).hexdigest()[:16]}"
        parents = [environ.get("XDG_RUNTIME_DIR"), f"/run/user/{uid}", tempfile.gettempdir()]
        usable = [Path(p) / name for p in parents if p and os.path.isdir(p) and os.access(p, os.W_OK)]
        if not usable:
            raise HostError("There is no folder for the socket.", "Set XDG_RUNTIME_DIR, or use a shorter --home.")
        return next((folder for folder in usable if os.path.lexists(folder)), usable[0])


def _newest(card: Card, held: Generations) -> Card:
    """The peer's card, or the one with which it began the present generation: a crash can leave the old file there."""
    brought = held.before[-1].peer_closing.card if held.before else card
    return brought if brought.body.number > card.body.number else card


def _pid(handle: int) -> int | None:
    text = os.pread(handle, bounds.PID_BYTES, 0).strip()
    return int(text) if text.isdigit() else None


def _require_ours(folder: Path) -> None:
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise HostError(
            f"{files.shown(folder)}, where the socket would stand, is not a folder of yours alone.",
            "Somebody else made it: remove it, or use a home with a shorter path.",
            reason="socket-folder",
        )
