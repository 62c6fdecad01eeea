"""Plays seeds: `make simulate`, `make simulate SEED=n` or `SEEDS=0-9999`.

    python -m tests.simulation N        one seed, step by step, printed
    python -m tests.simulation A-B      a range, on all cores, with a table of figures

Options: `--steps N` of each seed; `--jobs N` processes; `--defect NAME` brings back an old defect of
tests/simulation/defects.py, to see whether this finds it. The exit status is 1 if any seed failed.
"""

import argparse
import os
import sys
from contextlib import nullcontext

from tests.simulation.campaign import play, run_range
from tests.simulation.defects import DEFECTS
from tests.simulation.seeds import STEPS


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="Play seeds of the simulator.")
    parser.add_argument("seeds", help="one seed to replay step by step, or a range A-B")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--defect", choices=DEFECTS, default="")
    given = parser.parse_args(arguments)
    first, dash, last = given.seeds.partition("-")
    if dash:
        return run_range(int(first), int(last), given.steps, given.jobs, given.defect)
    with DEFECTS[given.defect]() if given.defect else nullcontext():
        play(int(first), given.steps)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
