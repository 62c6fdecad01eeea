"""`python -m tests.chaos --trials N --seed S`: processes killed, connections broken, disks full; a table at the end."""

import argparse
import asyncio
import secrets
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from itertools import takewhile
from pathlib import Path

from tests.chaos.disks import why_none
from tests.chaos.faults import DISK_FAULTS, draw
from tests.chaos.rounds import RELAYS, Figures, Tell, play_round
from tests.station.pair import make_homes

ROUND_TRIALS = 20
LANES = 3  # rounds that are played at the same time: much of a trial is waiting
TOLD_EVERY = 10  # trials


def table(figures: Figures, no_disks: str) -> Iterator[str]:
    """The lines of the report."""
    yield f"{'fault':<34}{'trials':>7}{'settled after, median':>23}{'worst':>9}"
    for kind, times in sorted(figures.settled_s.items()):
        yield f"{kind:<34}{len(times):>7}{statistics.median(times):>21.2f} s{max(times):>7.2f} s"
    for kind in DISK_FAULTS if no_disks else ():
        yield f"{kind:<34}{0:>7}  left out: {no_disks}"
    slowest = max((max(times) for times in figures.settled_s.values()), default=0.0)
    yield f"{'all':<34}{figures.trials:>7}{'':>23}{slowest:>7.2f} s"
    for what, count in sorted(figures.counts.items()):
        yield f"{what}: {count}"
    yield f"homes verified from disk, and what they show as STORED looked up in the other: {figures.verified}"
    verdict = figures.verdict
    yield f"notices sent {figures.notices}, lost {len(verdict.lost)}, twice {len(verdict.twice)}"
    yield from verdict.faults


def sentences(error: BaseException) -> Iterator[str]:
    """What went wrong, out of the groups that tasks put around it."""
    yield from getattr(error, "__notes__", ())
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from sentences(each)
    else:
        yield f"{type(error).__name__}: {error}"


async def campaign(
    folder: Path, trials: int, seed: int, tell: Tell, figures: Figures, *, only: int | None, disks: bool
) -> None:
    """Play all rounds, or one alone. The first that fails ends the others; its error carries its number as a note.

    Ctrl-C or SIGTERM ends it after the trials at hand, with everything judged.
    """
    stopped = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, stopped.set)
    made = folder / "made"
    made.mkdir()
    make_homes(made)
    free = asyncio.Semaphore(LANES)
    count = min(trials, max(LANES, -(-trials // ROUND_TRIALS)))

    async def play(number: int) -> None:
        share = trials * (number + 1) // count - trials * number // count
        relay = list(RELAYS)[number % len(RELAYS)]
        name = f"{seed}/{number}"
        async with free:
            if stopped.is_set():
                return
            dealt = takewhile(lambda _: not stopped.is_set(), draw(name, share, disks=disks))
            try:
                await play_round(
                    made, folder / str(number), name, dealt,
                    lambda text: tell(f"round {number}, {relay}: {text}"), figures, relay=relay, disks=disks,
                )  # fmt: skip
            except Exception as error:
                error.add_note(f"round {number}, {relay}:")
                raise

    async with asyncio.TaskGroup() as tasks:
        for number in range(count) if only is None else [only]:
            tasks.create_task(play(number))


class Progress:
    """A line now and then, or one for each trial."""

    def __init__(self, trials: int, figures: Figures, *, verbose: bool) -> None:
        self._trials, self._figures, self._verbose = trials, figures, verbose
        self._told, self._began = 0, time.monotonic()

    def tell(self, text: str) -> None:
        done = self._figures.trials
        if self._verbose:
            print(text, flush=True)
        elif done >= self._told + TOLD_EVERY:
            self._told = done
            print(f"{done} of {self._trials} trials, {time.monotonic() - self._began:.0f} s", flush=True)


def main(arguments: list[str]) -> int:
    """Run, print the table, and return 1 with the seed if anything failed; then the homes are kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None, help="else a new one")
    parser.add_argument("--round", type=int, default=None, help="play this round alone, as in a run of so many trials")
    parser.add_argument("--verbose", action="store_true", help="tell each trial")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(2**32) if given.seed is None else given.seed
    folder = Path(tempfile.mkdtemp(prefix="hotline-chaos-"))
    no_disks = why_none(folder)
    figures, began, failed = Figures(), time.monotonic(), False
    progress = Progress(given.trials, figures, verbose=given.verbose)
    print(f"seed {seed}, {given.trials} trials", flush=True)
    play = partial(campaign, only=given.round, disks=not no_disks)
    try:
        asyncio.run(play(folder, given.trials, seed, progress.tell, figures))
    except Exception as error:  # noqa: BLE001  # any failure is a finding, and its seed must be told
        failed = True
        print("\n".join(sentences(error)))
    print("\n".join(table(figures, no_disks)), f"in {time.monotonic() - began:.0f} s")
    if failed:
        print(f"FAILED. The homes are in {folder}. Again: make chaos ARGS='--trials {given.trials} --seed {seed}'")
        print("The round that failed alone: the same with --round and its number.")
    else:
        shutil.rmtree(folder)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
