"""The passphrase of an officer who signs without being on duty: asked only where the station needs it."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from hotline.cli.station import ask
from hotline.errors import KeyError_

_T = TypeVar("_T")


def signed(home: Path | None, officer: str, file: Path | None, act: Callable[[str], _T]) -> _T:
    """Do `act` without a passphrase; where the station asks for the officer's, once more with that.

    It comes from `file`, else from the keyboard, never from HOTLINE_PASSPHRASE: that is the station's. KeyError_
    where there is neither, and for whatever else keeps the officer from signing.
    """
    try:
        return act("")
    except KeyError_ as error:
        if error.reason != "no-passphrase":
            raise
    return act(_passphrase(home, officer or _only(home), file))


def _only(home: Path | None) -> str:
    """The station asks for a passphrase without a name only where it has one officer's key."""
    return next(iter(ask(home, lambda client: client.on_duty()).officers), "")


def _passphrase(home: Path | None, officer: str, file: Path | None) -> str:
    from hotline.custody.passphrase import PassphraseSource
    from hotline.home import Home

    path = Home.find(home).officer_key_path(officer)
    return PassphraseSource(file, whose=officer).for_file(path).reveal().decode()
