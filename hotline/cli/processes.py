"""Processes of `hotline demo`, in sessions of their own: Ctrl-C reaches the demo alone, and the demo stops them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from hotline import limits
from hotline.cli.files import shown
from hotline.errors import DaemonError, NotYet
from hotline.text import safe

_TAIL_BYTES = 4096
_TAIL_LINES = 12
_POLL_S = 0.01


class Process:
    """One `hotline` command as a process of its own; its output goes to two files beside each other."""

    def __init__(self, name: str, folder: Path, *words: str) -> None:
        self.name = name
        self.log_path = folder / f"{name}.log"
        self.out_path = folder / f"{name}.out"
        environ = {key: value for key, value in os.environ.items() if not key.startswith("HOTLINE_")}
        with open(self.out_path, "xb") as out, open(self.log_path, "xb") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "hotline", *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=environ,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    def require_alive(self) -> None:
        """Raise DaemonError if the process has ended."""
        code = self._popen.poll()
        if code is not None:
            raise DaemonError(
                f"The process {self.name} ended by itself, with code {code}.", "Its log, shown above, says why."
            )

    def ready_document(self, timeout_s: float) -> dict[str, object]:
        """Wait for the first line of output, a JSON document, and return it."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            line, newline, _ = self.out_path.read_bytes().partition(b"\n")
            if newline:
                document = json.loads(line)
                if isinstance(document, dict) and "error" not in document:
                    return document
            self.require_alive()
            time.sleep(_POLL_S)
        raise NotYet(f"The process {self.name} was not ready within {timeout_s:g} s.", "Its log is shown above.")

    def tail(self) -> list[str]:
        """The last lines of its log, safe to print."""
        with open(self.log_path, "rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            text = log.read(_TAIL_BYTES).decode("utf-8", errors="backslashreplace")
        return [safe(line, limit=300) for line in text.splitlines()[-_TAIL_LINES:]]

    def tell_to_stop(self) -> None:
        """Send it SIGTERM."""
        self._popen.terminate()

    def wait(self) -> int:
        """Wait for its end, end it by force where that takes too long, and return its exit code."""
        try:
            return self._popen.wait(limits.STOP_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            return self._popen.wait()

    def stop(self) -> int:
        """Stop it cleanly, and return its exit code."""
        self.tell_to_stop()
        return self.wait()


class Group:
    """The processes of one demonstration, stopped together, the last started first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._running: list[Process] = []
        self.all: list[Process] = []

    def start(self, name: str, *words: str) -> Process:
        """Start `hotline` with these words. The caller stops the group, whatever happens."""
        process = Process(name, self.folder, *words)
        self._running.append(process)
        self.all.append(process)
        return process

    def stop(self, process: Process) -> int:
        """Stop one of them."""
        self._running.remove(process)
        return process.stop()

    def stop_all(self) -> None:
        """Stop what still runs. Ctrl-C is not heard meanwhile: it must not leave processes behind."""
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            for process in reversed(self._running):
                process.tell_to_stop()  # all are told first, then waited for
            while self._running:
                self._running[-1].wait()
                self._running.pop()
        finally:
            signal.signal(signal.SIGINT, before)

    def release(self) -> None:
        """Leave what runs running."""
        self._running.clear()

    def tails(self) -> Iterator[str]:
        """The end of each log, for when something failed."""
        for process in self.all:
            yield f"--- the end of {shown(process.log_path)}"
            yield from process.tail()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end this process as Ctrl-C does: by stopping what it started."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.raise_signal(signal.SIGINT)

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
