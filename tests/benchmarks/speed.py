"""Measures what the requirement bounds: commands on a large store, and packing of notices. `make bench`

Times are of a machine that does nothing else, best of several: noise only ever adds. Ends with 1 if a bound is missed.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from msgspec import structs

from hotline.home import Home
from hotline.notices import Notice, decode_body, encode_body, from_mapping, to_mapping
from hotline.station.logs import configure
from tests.benchmarks.fill import filled, mixed
from tests.notices.samples import NOW_S

STORE_NOTICES = 100_000
COMMAND_MS = 500.0
PACKED_PER_S = 50_000.0
BODY_BYTES = 1024
TRIES = 7
READY_S = 60
_PROGRAM = "from hotline.cli import main; main()"


@dataclass(frozen=True)
class Measure:
    """One row: a figure in its unit, and the bound that it has to keep, 0 for none; `most` tells on which side."""

    what: str
    figure: float
    unit: str
    bound: float = 0.0
    most: bool = True

    @property
    def kept(self) -> bool:
        """Whether the bound is kept."""
        return not self.bound or (self.figure < self.bound if self.most else self.figure > self.bound)

    def line(self) -> str:
        """The row as it is printed."""
        bound = f"{'<' if self.most else '>'} {self.bound:,.0f}" if self.bound else ""
        return (
            f"{self.what:<56}{self.figure:>12,.0f} {self.unit:<4}{bound:>10}  {'' if self.kept else 'MISSED'}".rstrip()
        )


def best_s(act: Callable[[], object], tries: int = TRIES) -> float:
    """Seconds of the fastest of several tries."""

    def once() -> float:
        begun = time.perf_counter()
        act()
        return time.perf_counter() - begun

    return min(once() for _ in range(tries))


def command(home: Home, *words: str) -> str:
    """Run `hotline WORDS` as its own process, from the start of the interpreter to its end; return what it printed."""
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words, "--home", str(home.path)], capture_output=True, text=True, check=True
    )
    return ran.stdout


@contextmanager
def daemon(home: Home) -> Iterator[None]:
    """The station of a home as a process of its own, while the block runs; its log is a file beside the home."""
    with home.path.with_suffix(".log").open("wb") as log:
        words = [sys.executable, "-c", _PROGRAM, "run", "--home", str(home.path)]
        process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            _await_socket(home, process)
            yield
        finally:
            process.terminate()
            process.wait(READY_S)


def _await_socket(home: Home, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + READY_S
    while not home.socket_path().exists():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"The station on {home.path} did not start: {home.path.with_suffix('.log').read_text()}")
        time.sleep(0.05)


def commands(home: Home) -> Iterator[Measure]:
    """The list commands on whatever the home holds."""
    page = json.loads(command(home, "inbox", "--json", "--limit", "1000"))["notices"]
    exercise = next(each["ref"] for each in page if each["kind"] == "exercise")
    for words in (
        ("inbox",),
        ("inbox", "--limit", "1000"),
        ("calendar",),
        ("calendar", "--limit", "1000"),
        ("show", exercise, "--peek"),
        ("thread", exercise),
        ("outbox",),
        ("status",),
    ):
        # The bound is on the commands as they are typed; a page of the most rows is shown beside them.
        bound = COMMAND_MS if words[0] in ("inbox", "calendar", "show") and "--limit" not in words else 0.0
        seconds = best_s(partial(command, home, *words))
        yield Measure(f"hotline {' '.join(words)}", 1000 * seconds, "ms", bound)


def floor() -> Iterator[Measure]:
    """What no command can be faster than: the interpreter, and the modules of a command that asks the station."""
    for what, code in (
        ("the interpreter alone", "pass"),
        ("importing hotline.notices", "import hotline.notices"),
        ("importing hotline.client", "import hotline.client"),
        ("importing what `hotline inbox` needs", "import hotline.cli.program, hotline.cli.inbox, hotline.client"),
    ):
        yield Measure(what, 1000 * best_s(partial(_python, code)), "ms")


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def packing(size_bytes: int = BODY_BYTES, count: int = 2000) -> Iterator[Measure]:
    """Validating and encoding notices of about this size: one of words, and one of areas, whose sides are checked."""
    for notice in (_of_words(size_bytes), _of_areas(size_bytes)):
        body = encode_body(notice)
        for what, act, bound in (
            ("validate and encode", partial(encode_body, notice), PACKED_PER_S),
            ("decode and validate", partial(decode_body, body), 0.0),
            ("from the fields of a file", partial(_from_fields, notice.kind, to_mapping(notice)), 0.0),
        ):
            seconds = best_s(partial(_repeat, act, count))
            yield Measure(f"{notice.kind} of {len(body)} bytes: {what}", count / seconds, "/s", bound, most=False)


def _of_words(size_bytes: int) -> Notice:
    least = from_mapping("consultation", {"text": "x", "subject": "Passage"}, now_s=NOW_S)
    return structs.replace(least, text="x" * (size_bytes - len(encode_body(least))))


def _of_areas(size_bytes: int) -> Notice:
    least = from_mapping("exercise", next(mixed(1, 1, NOW_S)).notice, now_s=NOW_S)
    return structs.replace(least, purpose="x" * (size_bytes - len(encode_body(least))))


def _from_fields(kind: str, given: Mapping[str, object]) -> None:
    encode_body(from_mapping(kind, given, now_s=NOW_S))


def _repeat(act: Callable[[], object], count: int) -> None:
    for _ in range(count):
        act()


def told(measures: Iterator[Measure]) -> bool:
    """Print rows as they come; whether all bounds are kept."""
    kept = True
    for measure in measures:
        print(measure.line(), flush=True)
        kept = kept and measure.kept
    return kept


def main(words: Sequence[str] | None = None) -> int:
    """The script: fill a store, or take one that was filled before, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=STORE_NOTICES, help="how many the store holds")
    parser.add_argument("--folder", type=Path, help="keep the filled homes here, and take them from here next time")
    given = parser.parse_args(words)
    configure("error", "text")
    kept = told(packing())
    kept = told(floor()) and kept
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as temporary:
        folder = given.folder or Path(temporary)
        home = Home(folder / "north")
        if not home.database_path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            home = asyncio.run(filled(folder, given.notices, lambda text: print(f"  {text}", file=sys.stderr)))
        with daemon(home):
            kept = told(commands(home)) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
