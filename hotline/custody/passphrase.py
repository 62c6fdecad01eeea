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
from hotline.text import safe

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
        """The UTF-8 bytes, for Argon2 and the station's own socket, and nobody else."""
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

    With `whose` it is the passphrase of that person, and the variable, which is the station's, is not looked at:
    nobody's key gets another's passphrase unseen. `option` is how the file is named on the command line.
    """

    file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    ask: Ask | None = field(default_factory=terminal, repr=False)
    whose: str = ""
    option: str = "--passphrase-file"
    _held: Passphrase | None = field(default=None, init=False, repr=False)
    _is_typed: bool = field(default=False, init=False)
    _asked: set[Path] = field(default_factory=set, init=False, repr=False)

    def for_file(self, path: Path) -> Passphrase:
        """Return the passphrase that should open the key file at `path`. KeyError_ if there is no source.

        Who asks a second time for one file says by that that the first did not open it: the keyboard is asked anew.
        """
        if self._held is None:
            self._held = self._given()
            self._is_typed = self._held is None
        if self._held is None or (self._is_typed and path in self._asked):
            what = f"of {safe(self.whose)}" if self.whose else f"for {files.shown(path)}"
            self._held = Passphrase(self._typed(f"Passphrase {what}: "))
        self._asked.add(path)
        return self._held

    def for_new_keys(self) -> Passphrase:
        """Return the passphrase for keys about to be made; typed twice at the keyboard. KeyError_ if too short."""
        chosen = self._given()
        if chosen is None:
            chosen = Passphrase(self._typed(f"New passphrase{f' of {safe(self.whose)}' if self.whose else ''}: "))
            chosen.require_strength()
            if Passphrase(self._typed("The same once more: ")).reveal() != chosen.reveal():
                raise _refuse("was not typed the same twice", "Try again; nothing was made.")
        chosen.require_strength()
        self._held = chosen
        return chosen

    def _given(self) -> Passphrase | None:
        if self.file is not None:
            return read_file(self.file)
        text = None if self.whose else self.environ.get(VARIABLE)
        return None if text is None else Passphrase(text)

    def _typed(self, prompt: str) -> str:
        ways = f"{self.option} FILE" + ("" if self.whose else f", or set {VARIABLE}")
        if self.ask is None:
            raise KeyError_(
                f"{f'The key of {safe(self.whose)} needs' if self.whose else 'The keys need'} a passphrase, "
                "and there is no terminal to ask for it.",
                f"Give {ways}, or run this in a terminal.",
                reason="no-passphrase",
            )
        try:
            return self.ask(prompt)
        except (EOFError, OSError, UnicodeDecodeError):
            raise _refuse("was not given", f"Type it, or give {ways}.") from None


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
