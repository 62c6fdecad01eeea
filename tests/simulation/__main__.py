"""`python -m tests.simulation SEED [STEPS]` plays one seed step by step; `A-B` runs a range and prints figures."""

import sys
import time
from collections import Counter

from tests.simulation.seeds import Life

STEPS = 120


def play(seed: int, steps: int) -> None:
    outcome = Life(seed, print).run(steps)
    print(outcome)


def run_range(first: int, last: int, steps: int) -> int:
    frames: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    checked: Counter[str] = Counter()
    failed, simulated, began, worst = [], 0.0, time.monotonic(), 0.0
    for seed in range(first, last + 1):
        try:
            outcome = Life(seed).run(steps)
        except Exception as error:  # noqa: BLE001  # any failure of a seed is a finding; the run goes on to the next
            failed.append(seed)
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:600]}")
            continue
        frames, faults, checked = frames + outcome.frames, faults + outcome.faults, checked + outcome.checked
        simulated += outcome.simulated_s
        worst = max(worst, outcome.settled_s)
    print(f"{last - first + 1} seeds of {steps} steps, {simulated:.0f} s simulated in {time.monotonic() - began:.1f} s")
    print(f"frames {dict(frames)}\nfaults {dict(faults)}\nchecked {dict(checked)}\nslowest to settle {worst:.0f} s")
    print(f"violations {len(failed)}: {failed}")
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    steps = int(arguments[1]) if len(arguments) > 1 else STEPS
    first, dash, last = arguments[0].partition("-")
    if dash:
        return run_range(int(first), int(last), steps)
    play(int(first), steps)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
