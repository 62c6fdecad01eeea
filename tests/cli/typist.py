"""A person who works one command at a real terminal: reads until something is shown, then types."""

import codecs
import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotline.home import Home
from tests.house.source import ROOT

END = "\x04"  # Ctrl-D
INTERRUPT = "\x03"  # Ctrl-C
_WITHIN_S = 60.0
_PRESSED_AGAIN_S = 2.0
# As `python -m hotline`, with the terminal as its own: passphrases are asked there.
_AT_OWN_TERMINAL = """
import fcntl, runpy, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
runpy.run_module("hotline", run_name="__main__", alter_sys=True)
"""
_READ_BYTES = 65_536


class Typist:
    """One running command. Each `answers` waits for what is shown after the last answer."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.shown = ""
        self._typed = ""
        self._process, self._master, self._seen = process, master, 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a letter may come in two parts

    def answers(self, *talk: tuple[str, str]) -> None:
        """For each pair: wait until the first is shown, then type the second and Enter (or Ctrl-D, Ctrl-C)."""
        for wanted, typed in talk:
            self._await(wanted)
            self._type(typed)

    def ends(self) -> int:
        """Read on to the end; return the exit code."""
        # A signal between readline's prompt and its select is seen at the next key only, and a Ctrl-D before the prompt
        # belongs to the terminal's own line: who was so quick presses it again.
        again = self._typed in (END, INTERRUPT)
        deadline = time.monotonic() + _WITHIN_S
        while time.monotonic() < deadline:
            if self._ready(time.monotonic() + _PRESSED_AGAIN_S):
                if not self._read(deadline):
                    break
            elif again:
                self._type(self._typed)
        return self._process.wait(_WITHIN_S)

    def _type(self, typed: str) -> None:
        self._typed = typed
        os.write(self._master, typed.encode() if typed in (END, INTERRUPT) else typed.encode() + b"\n")

    def _await(self, wanted: str) -> None:
        deadline = time.monotonic() + _WITHIN_S
        while wanted not in self.shown[self._seen :]:
            assert self._read(deadline), f"{wanted!r} was not asked:\n{self.shown}"
        self._seen = self.shown.index(wanted, self._seen) + len(wanted)

    def _read(self, deadline: float) -> bool:
        """Take what is shown next; False at the end of the command, or when it is silent for too long."""
        try:
            data = os.read(self._master, _READ_BYTES) if self._ready(deadline) else b""
        except OSError:  # Linux says so when the other end is closed
            data = b""
        self.shown += self._decoder.decode(data).replace("\r\n", "\n")
        return bool(data)

    def _ready(self, deadline: float) -> bool:
        """Wait until something is shown, or the command has ended; False when `deadline` comes first."""
        ready, _, _ = select.select([self._master], [], [], max(deadline - time.monotonic(), 0))
        return bool(ready)


@contextmanager
def at_terminal(*words: str, home: Home | Path | None = None, cwd: Path = ROOT) -> Iterator[Typist]:
    """Run `hotline` on a terminal of its own, and end it afterwards."""
    place = [] if home is None else ["--home", str(home.path if isinstance(home, Home) else home)]
    # No colours, and no bracketed paste: only the words are looked at.
    environ = {**os.environ, "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _AT_OWN_TERMINAL, *place, *words],
        cwd=cwd, env=environ, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        yield Typist(process, master)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_WITHIN_S)
        os.close(master)
