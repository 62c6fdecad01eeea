"""`python -m tests.chaos --trials N --seed S`: real processes killed and connections broken; a table at the end."""

import argparse
import asyncio
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.chaos.rounds import Figures, run


def table(figures: Figures) -> Iterator[str]:
    """The lines of the report."""
    yield f"{'fault':<32}{'trials':>7}{'settled after, median':>23}{'worst':>9}"
    for kind, times in sorted(figures.settled_s.items()):
        yield f"{kind:<32}{len(times):>7}{statistics.median(times):>21.2f} s{max(times):>7.2f} s"
    yield f"{'all':<32}{figures.trials:>7}"
    yield f"notices sent {figures.notices}, of them submitted again {figures.repeats}"
    yield f"consumers killed {figures.consumer_deaths}, handled again {figures.handled_again}"
    yield f"homes verified from disk {figures.verified}"
    verdict = figures.verdict
    yield f"lost {len(verdict.lost)}, twice {len(verdict.twice)}, other faults {len(verdict.faults)}"


def sentences(error: BaseException) -> Iterator[str]:
    """What went wrong, out of the groups that tasks put around it."""
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from sentences(each)
    else:
        yield f"{type(error).__name__}: {error}"


def main(arguments: list[str]) -> int:
    """Run, print the table, and return 1 with the seed if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None, help="else a new one")
    parser.add_argument("--verbose", action="store_true", help="tell each trial")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    figures, began, failed = Figures(), time.monotonic(), False
    print(f"seed {seed}, {given.trials} trials", flush=True)
    with tempfile.TemporaryDirectory(prefix="hotline-chaos-") as folder:
        try:
            tell = partial(print, flush=True) if given.verbose else lambda _: None
            asyncio.run(run(Path(folder), given.trials, seed, tell, figures))
        except Exception as error:  # noqa: BLE001  # any failure is a finding, and its seed must be told
            failed = True
            print("\n".join(sentences(error)))
    print("\n".join(table(figures)), f"in {time.monotonic() - began:.0f} s")
    if failed:
        print(f"FAILED. Again: make chaos ARGS='--trials {given.trials} --seed {seed}'")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
