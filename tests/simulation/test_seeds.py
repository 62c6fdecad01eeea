"""Lives of a line drawn from seeds: every fault at once, invariants after each step, then everything must arrive."""

from collections import Counter

import pytest

from tests.simulation.__main__ import STEPS, main
from tests.simulation.seeds import REAL_EVERY, Life

SEEDS = 200
CHUNK = 10  # seeds in one test: enough tests to share between processes, few enough to read


@pytest.mark.simulation
@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_seed_breaks_an_invariant_and_all_that_was_queued_arrives_once_the_faults_stop(first: int) -> None:
    for seed in range(first, first + CHUNK):
        try:
            Life(seed).run(STEPS)
        except Exception as error:  # noqa: BLE001  # whatever it is, the seed must be shown with it
            pytest.fail(f"seed {seed}: {error!r:.800}\nreplay: python -m tests.simulation {seed}")


def test_a_seed_is_repeatable() -> None:
    first, again = (Life(17).run(60) for _ in range(2))
    assert first == again


def test_every_kind_of_fault_is_drawn_by_some_seed() -> None:
    faults: Counter[str] = Counter()
    for seed in range(60):
        life = Life(seed)
        for _ in range(60):
            life.step()
        faults += life.world.faults + life.world.net.counts
        faults += Counter(f"crash {point}" for s in life.world.parties for point in s.crashes)
    wanted = {
        "killed", "cloned", "restored", "total loss", "lock lost", "lock damaged", "with its lock",
        "without its lock", "clock jumps", "dropped", "repeated", "replayed", "held back", "garbled",
        "crash before commit", "crash after commit", "crash after lock", "crash after sign", "crash before send",
        "crash between sends",
    }  # fmt: skip
    assert wanted - faults.keys() == set()


def test_one_seed_in_fifty_runs_with_the_real_cryptography() -> None:
    assert [Life(seed).world.real for seed in range(REAL_EVERY)].count(True) == 1


def test_a_seed_is_played_step_by_step_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["3", "5"]) == 0
    shown = capsys.readouterr().out
    assert "faults off" in shown
    assert main([]) == 2
    assert main(["3-4", "5"]) == 0
    assert "violations 0" in capsys.readouterr().out
