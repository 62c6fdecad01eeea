"""Calling the command line from a test: in this process, or as a process of its own where that is what is tested."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from hotline.cli.program import run
from hotline.home import Home
from tests.house.source import ROOT

# What the epilog of `hotline --help` promises, and nothing else.
EXIT_CODES = {0, 1, 2, 3, 4, 5, 70, 130, 141}


@dataclass(frozen=True)
class Called:
    """How a call ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        assert self.out.endswith("\n"), self
        assert self.out.count("\n") == 1, self
        return json.loads(self.out)

    @property
    def documents(self) -> list[Any]:
        """The documents of a command that prints one on each line."""
        return [json.loads(line) for line in self.out.splitlines()]


def call(*words: str, home: Home | Path | None = None, stdin: bytes = b"") -> Called:
    """Run one command in this process, with pipes where a person would have a terminal."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    place = [] if home is None else ["--home", str(home.path if isinstance(home, Home) else home)]
    pipe = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    with mock.patch("sys.stdin", pipe), redirect_stdout(out), redirect_stderr(err):
        code = run([*place, *words])
    return Called(code, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    data = stream.buffer
    assert isinstance(data, io.BytesIO)
    return data.getvalue().decode()


def spawn(*words: str, **environ: str) -> subprocess.Popen[str]:
    """Start `hotline` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "hotline", *words],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], timeout_s: float = 60) -> Called:
    """Wait for the end of a spawned command."""
    with process:
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Called(process.returncode, out, err)


def refused(called: Called, code: int, *words: str) -> str:
    """Assert that a call was refused in one clear sentence that holds `words`; return it."""
    assert called.code == code, called
    assert called.err.startswith("error: "), called
    assert called.err.count("\n") == 1, called
    assert "Traceback" not in called.out + called.err, called
    assert re.search(r"[.?!)\"/\w-]\n$", called.err), called
    for word in words:
        assert word in called.err, called
    return called.err


@contextmanager
def typing(answer: str) -> Iterator[None]:
    """A person at a terminal who types `answer` whenever asked."""

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    with mock.patch("sys.stdin", Keyboard(answer)):
        yield


class Screen(io.StringIO):
    """A terminal that a person looks at."""

    def isatty(self) -> bool:
        return True


@contextmanager
def looking(**environ: str) -> Iterator[Screen]:
    """A person looks at standard output and standard error."""
    screen = Screen()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    settings = plain | {"TERM": "xterm-256color", "COLUMNS": "60"} | environ
    with mock.patch.dict(os.environ, settings, clear=True), redirect_stdout(screen), redirect_stderr(screen):
        yield screen
