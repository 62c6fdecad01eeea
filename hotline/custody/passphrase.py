"""Where a passphrase comes from: a file, the environment, or the keyboard.

Never the command line, which everybody on the machine can list.
"""

import getpass
import os
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from hotline import limits
from hotline.custody import bounds, files
from hotline.errors import KeyError_

VARIABLE = "HOTLINE_PASSPHRASE"
Ask = Callable[[str], str]


class Passphrase:
    """A passphrase that does not show itself: not in repr, not in a traceback that prints locals."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Take 1 to PASSPHRASE_BYTES bytes of text, or raise KeyError_.

        It is brought to Unicode form C, because keyboards differ in how they compose the same letter.
        """
        self._text = unicodedata.normalize("NFC", text)
        try:
            size = len(self._text.encode("utf-8"))
        except UnicodeEncodeError:
            raise _refuse("is not text in UTF-8", "Set the terminal to UTF-8, or use --passphrase-file.") from None
        if not 0 < size <= limits.PASSPHRASE_BYTES:
            raise _refuse(
                f"has {size} bytes", f"It needs 1 to {limits.PASSPHRASE_BYTES}; for none at all say --no-passphrase."
            )

    def reveal(self) -> bytes:
        """The UTF-8 bytes, for Argon2 and nobody else."""
        return self._text.encode("utf-8")

    def require_strength(self) -> None:
        """Raise KeyError_ if it is too short to protect a new key."""
        if len(self._text) < bounds.PASSPHRASE_LEAST_CHARS:
            raise _refuse(
                f"is shorter than {bounds.PASSPHRASE_LEAST_CHARS} characters",
                "Use several words that nobody would guess together.",
            )

    def __repr__(self) -> str:
        return "Passphrase(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a passphrase is not pickled")


def terminal() -> Ask | None:
    """Return a way to ask on the terminal of this process, or None if it has none. Standard input may be a pipe."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return None
    return _ask_unseen


def _ask_unseen(prompt: str) -> str:
    with warnings.catch_warnings():
        # getpass falls back to showing what is typed, with a warning: not for our passphrases.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except getpass.GetPassWarning:
            raise EOFError from None


@dataclass(slots=True)
class PassphraseSource:
    """Finds the passphrase when it is first needed, and keeps it for the other key files of this process.

    Order: `file` (--passphrase-file), the environment, the keyboard. With a file or variable given, the
    keyboard is never asked: a script must fail, not hang. `ask` shows a prompt and returns what was typed
    unseen; None means that there is no terminal.
    """

    file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    ask: Ask | None = field(default_factory=terminal, repr=False)
    _held: Passphrase | None = field(default=None, init=False, repr=False)

    def for_file(self, path: Path) -> Passphrase:
        """Return the passphrase that should open the key file at `path`. KeyError_ if there is no source."""
        if self._held is None:
            self._held = self._given() or Passphrase(self._typed(f"Passphrase for {files.shown(path)}: "))
        return self._held

    def for_new_keys(self) -> Passphrase:
        """Return the passphrase for keys about to be made; typed twice at the keyboard. KeyError_ if too short."""
        chosen = self._given()
        if chosen is None:
            chosen = Passphrase(self._typed("New passphrase: "))
            chosen.require_strength()
            if Passphrase(self._typed("The same once more: ")).reveal() != chosen.reveal():
                raise _refuse("was not typed the same twice", "Try again; nothing was made.")
        chosen.require_strength()
        self._held = chosen
        return chosen

    def _given(self) -> Passphrase | None:
        if self.file is not None:
            return read_file(self.file)
        text = self.environ.get(VARIABLE)
        return None if text is None else Passphrase(text)

    def _typed(self, prompt: str) -> str:
        if self.ask is None:
            raise KeyError_(
                "The keys need a passphrase, and there is no terminal to ask for it.",
                f"Give --passphrase-file FILE, or set {VARIABLE}, or run this in a terminal.",
                reason="no-passphrase",
            )
        try:
            return self.ask(prompt)
        except (EOFError, OSError, UnicodeDecodeError):
            raise _refuse("was not given", f"Type it, or give --passphrase-file FILE, or set {VARIABLE}.") from None


def read_file(path: Path) -> Passphrase:
    """Return the passphrase in a file of mode 0600, without the one newline that editors put at its end."""
    data = files.read(
        path, limit_bytes=limits.PASSPHRASE_BYTES + 2, holds="The passphrase file", private=True, refusal=KeyError_
    )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        # `from None`: the cause would carry the passphrase's bytes into a traceback.
        raise KeyError_(
            f"The passphrase file {files.shown(path)} is not UTF-8 text.", "Write it again.", reason="passphrase"
        ) from None
    return Passphrase(text.removesuffix("\n").removesuffix("\r"))


def _refuse(what: str, remedy: str) -> KeyError_:
    return KeyError_(f"The passphrase {what}.", remedy, reason="passphrase")
