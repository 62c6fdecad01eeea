"""Typing the commands of a document into real shells on real terminals, as its reader would.

A block of `console` holds lines with a prompt: `$` is a shell of nobody in particular, `north$` and
`south$` are those of the two sides. All work in one folder; each side has its own environment.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_LINE = re.compile(r"^(?:(north|south))?\$ (.*)$")
_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Typed:
    """One command line of a document."""

    side: str  # north, south, or empty
    command: str


def typed(document: str) -> list[Typed]:
    """Every command of a document's console blocks, in order."""
    lines = (line for block in _BLOCK.findall(document) for line in block.splitlines())
    return [Typed(found[1] or "", found[2]) for line in lines if (found := _LINE.match(line))]


@dataclass
class Shells:
    """Runs commands; `stop` ends what was started and did not end by itself."""

    folder: Path
    environ: dict[str, dict[str, str]] = field(default_factory=dict)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, line: Typed, answer: str = "", within_s: float = 60) -> str:
        """Type the line, give `answer` at every prompt of the program, return what the terminal shows."""
        if line.command.startswith("export "):
            name, _, value = line.command.removeprefix("export ").partition("=")
            self._environ(line.side)[name] = value.strip('"')
            return ""
        master, slave = pty.openpty()
        process = self._start(line, slave, slave, at_keyboard=True)
        os.close(slave)
        try:
            shown = self._talk(process, master, answer, within_s)
        finally:
            os.close(master)
        code = process.wait(within_s)
        assert code == 0, f"{line.side}$ {line.command}\nended with {code}:\n{shown}"
        return shown

    def leave_running(self, line: Typed) -> subprocess.Popen[bytes]:
        """Start what stays in its own shell, its output in a file there."""
        log = (self.folder / f"{line.side or 'shell'}-{len(self.running)}.log").open("wb")
        process = self._start(line, subprocess.DEVNULL, log)
        log.close()
        self.running.append(process)
        return process

    def stop(self) -> None:
        """SIGTERM to each, and no mercy after ten seconds."""
        for process in reversed(self.running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    def _environ(self, side: str) -> dict[str, str]:
        return self.environ.setdefault(side, {})

    def _start(
        self, line: Typed, stdin: int, out: int | IO[bytes], *, at_keyboard: bool = False
    ) -> subprocess.Popen[bytes]:
        environ = {**os.environ, "TERM": "xterm", "PATH": f"{_commands(self.folder)}:/usr/sbin:{os.environ['PATH']}"}
        environ |= self._environ("") | self._environ(line.side)
        return subprocess.Popen(
            ["/bin/bash", "-c", line.command],
            cwd=self.folder, env=environ, stdin=stdin, stdout=out, stderr=out, start_new_session=True,
            preexec_fn=_at_keyboard if at_keyboard else None,  # noqa: PLW1509 (no other thread runs in these tests)
        )  # fmt: skip

    def _talk(self, process: subprocess.Popen[bytes], master: int, answer: str, within_s: float) -> str:
        shown, answered, deadline = b"", 0, time.monotonic() + within_s
        while time.monotonic() < deadline:
            has_ended = process.poll() is not None  # asked first: what it has said until then is still to be read
            ready, _, _ = select.select([master], [], [], 0.2)
            chunk = _read(master) if ready else b""
            shown = (shown + chunk)[-_MOST_BYTES:]
            if not chunk and has_ended:
                break
            # A program that waits for an answer has said something without ending the line.
            waits = not ready and answer and shown and not shown.endswith(b"\n") and len(shown) != answered
            if waits:
                os.write(master, answer.encode() + b"\n")
                answered = len(shown) + len(answer) + 2
        return shown.decode("utf-8", "replace")


def _at_keyboard() -> None:
    """Make standard input the terminal of the new session: passphrases are asked for on /dev/tty."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65_536)
    except OSError:  # Linux says so when the other end is closed
        return b""


def _commands(folder: Path) -> Path:
    """A folder for PATH with `hotline` and `python` as the reader has them, whatever environment the tests run in."""
    made = folder / ".commands"
    if not made.exists():
        made.mkdir()
        (made / "hotline").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hotline "$@"\n')
        (made / "python").symlink_to(sys.executable)
        (made / "hotline").chmod(0o755)
    return made


@contextlib.contextmanager
def shells(folder: Path, **environ: str) -> Iterator[Shells]:
    """Shells in `folder` with these variables, all ended afterwards."""
    made = Shells(folder, {"": dict(environ)})
    try:
        yield made
    finally:
        made.stop()
