"""The agreed rules of each line, `lines/<id>.rules.toml`; without that file the built-in ones hold."""

from pathlib import Path

from hotline import rules
from hotline.core.step import Event, Now
from hotline.custody import files
from hotline.home import Home, PeerLine
from hotline.rules import Rules
from hotline.rules.rules import ALWAYS_PASS
from hotline.station.port import Port
from hotline.store.store import Store


def path_of(home: Home, stem: str) -> Path:
    """Where the rules of a line stand."""
    return home.lines_path / f"{stem}.rules.toml"


def load(home: Home, peer: PeerLine) -> Rules:
    """The rules of a line. ConfigError, naming the file, if it cannot be used: nobody goes on with other rules."""
    path = path_of(home, peer.file_stem)
    return rules.load(path) if path.exists() else rules.BUILT_IN


def keep(home: Home, stem: str, agreed: Rules, text: str) -> None:
    """Put the file in place, durably; the built-in rules need none."""
    path = path_of(home, stem)
    if agreed == rules.BUILT_IN and not text:
        path.unlink(missing_ok=True)
        files.sync_folder(path.parent)
    else:
        files.replace(path, text.encode())


def hold_or_let_go(store: Store, port: Port, now: Now) -> bool:
    """While the rules differ, what does not always pass waits for an officer; whether anything moved."""
    line = port.identity.id
    if port.machine.peer_rules is None or port.machine.rules_differ == port.holding:
        return False
    port.holding = port.machine.rules_differ
    moved = store.desk.hold(line, sorted(ALWAYS_PASS)) if port.holding else store.desk.let_go(line)
    if moved:
        held, free = f"{moved} notices wait for an officer: the rules differ.", f"{moved} notices go out again."
        store.apply(line, [Event("rules-hold", held if port.holding else free)], now.wall_ms)
    return bool(moved)
