"""What tests of generations have in common: an officer's key, the two files, and homes whose stations have talked."""

import shutil
from collections.abc import Callable
from pathlib import Path

from hotline.core.card import Card
from hotline.core.generation import ClosingFile
from hotline.custody import closing, safety
from hotline.custody.closing import Opened, Why
from hotline.custody.enrol import enrol
from hotline.custody.officers import Officers
from hotline.custody.suite import HybridKey
from hotline.home import Home
from tests.station.pair import Stage, converse, copy_home, make_homes, no_passphrase

NOW_MS = 1_800_000_000_000


def officer(home: Home, name: str = "Duty officer") -> Callable[[Card], HybridKey]:
    """Open the key of an officer of `home`, when it is asked for."""
    return lambda card: Officers(home, card).open(name, no_passphrase)


def never(card: Card) -> HybridKey:
    """Nobody is to be asked for a key."""
    raise AssertionError(f"a key of {card.body.name} was asked for")


def close(home: Home, text: str = "The log is forked.", **more: object) -> ClosingFile:
    """Close the only line of a home."""
    return closing.close(home, "", Why(text), officer(home), NOW_MS, **more)  # type: ignore[arg-type]  # its keywords


def open_(home: Home, theirs: ClosingFile, **more: object) -> Opened:
    """Begin the next generation with the peer's file; people have compared the number, if nothing else is said."""
    if not more:
        more["confirm"] = lambda _: True
    return closing.open_(home, "", theirs.text().encode(), **more)  # type: ignore[arg-type]  # its keywords


def go_on(north: Home, south: Home) -> tuple[ClosingFile, ClosingFile]:
    """Both sides close and open; return the two files."""
    ours, theirs = close(north), close(south)
    open_(north, theirs)
    open_(south, ours)
    return ours, theirs


def pair(north: Home, south: Home) -> None:
    """Enrol each with the other."""
    number = safety.number(north.card(), south.card())
    enrol(north, south.card_path, safety_number=number)
    enrol(south, north.card_path, safety_number=number)


async def talked(folder: Path) -> None:
    """Make the homes `north` and `south` in `folder`: three notices one way, one the other, with answers."""
    make_homes(folder / "made")
    north, south = (copy_home(Home(folder / "made" / name), folder / name) for name in ("north", "south"))
    stage = Stage()
    async with stage.running(north) as n, stage.running(south) as s:
        await converse(n, s)
    shutil.rmtree(folder / "made")
