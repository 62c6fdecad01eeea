"""Many seeds on all cores, and the table of figures that closes them. Worker processes import it by this name."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext

from tests.simulation.defects import DEFECTS
from tests.simulation.seeds import REAL_EVERY, Life, Outcome

CHUNK = 5  # seeds that a process takes at a time
TEXT_CHARS = 600  # of one failure


def play(seed: int, steps: int) -> None:
    """One seed, every step printed; a violation is raised as it is."""
    began = time.monotonic()
    outcome = Life(seed, print).run(steps)
    print(_table([(seed, outcome)], steps, time.monotonic() - began, 1)[0])


def outcome_of(job: tuple[int, int, str]) -> tuple[int, Outcome | str]:
    """Play one seed: its figures, or the violation in words."""
    seed, steps, defect = job
    with DEFECTS[defect]() if defect else nullcontext():
        try:
            return seed, Life(seed).run(steps)
        except Exception as error:  # noqa: BLE001  # any failure of a seed is a finding; the run goes on to the next
            return seed, f"{type(error).__name__}: {str(error)[:TEXT_CHARS]}"


def outcomes(jobs: list[tuple[int, int, str]], processes: int) -> Iterator[tuple[int, Outcome | str]]:
    """In the order of the seeds, whatever the number of processes."""
    if processes == 1:
        yield from map(outcome_of, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(outcome_of, jobs, CHUNK)


def run_range(first: int, last: int, steps: int, processes: int, defect: str = "") -> int:
    began, done = time.monotonic(), []
    for seed, outcome in outcomes([(seed, steps, defect) for seed in range(first, last + 1)], processes):
        done.append((seed, outcome))
        if isinstance(outcome, str):
            print(f"seed {seed}: {outcome}\n  replay: make simulate SEED={seed}", flush=True)
    table, failed = _table(done, steps, time.monotonic() - began, processes)
    print(table)
    return 1 if failed else 0


def _table(done: Iterable[tuple[int, Outcome | str]], steps: int, took_s: float, processes: int) -> tuple[str, int]:
    total, seeds, failed = Outcome(), [], []
    for seed, outcome in done:
        seeds.append(seed)
        if isinstance(outcome, str):
            failed.append(seed)
        else:
            total.add(outcome)
    real = sum(seed % REAL_EVERY == REAL_EVERY - 1 for seed in seeds)
    lines = [
        ("seeds", f"{seeds[0]}-{seeds[-1]}: {len(seeds)} of {steps} steps, {real} with the real cryptography"),
        ("simulated", f"{total.simulated_s:.0f} s in {took_s:.0f} s on {processes} processes"),
        ("faults of machines and paths", ""),
        *_counted(total.faults),
        ("frames", ""),
        *_counted(total.frames),
        ("checked", ""),
        *_counted(total.checked),
        ("  liveness phases", f"{total.settled}, the slowest {total.settled_s:.0f} s"),
        ("violations", f"{len(failed)}{': seeds ' + ', '.join(map(str, failed)) if failed else ''}"),
    ]
    return "\n".join(f"{name:40}{value}".rstrip() for name, value in lines), len(failed)


def _counted(counts: Counter[str]) -> list[tuple[str, str]]:
    return [(f"  {name}", str(count)) for name, count in sorted(counts.items())]
