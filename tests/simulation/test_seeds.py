"""Lives of a line drawn from seeds: every fault at once, invariants after each step, then everything must arrive."""

from collections import Counter

import pytest

from tests.simulation.__main__ import main
from tests.simulation.campaign import outcome_of
from tests.simulation.relays import MANNERS
from tests.simulation.seeds import AT_A_WRITE, ELSEWHERE, REAL_EVERY, STEPS, Life
from tests.simulation.station import CRASH_POINTS

SEEDS = 1000
SHORT = 60  # steps of each here, some 160 s of one core in all; `make simulate` plays twice as many
CHUNK = 20  # seeds in one test: enough tests to share between processes, few enough to read


@pytest.mark.simulation
@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_seed_breaks_an_invariant_and_all_that_was_queued_arrives_once_the_faults_stop(first: int) -> None:
    for seed in range(first, first + CHUNK):
        try:
            Life(seed).run(SHORT)
        except Exception as error:  # noqa: BLE001  # whatever it is, the seed must be shown with it
            pytest.fail(f"seed {seed}: {error!r:.800}\nreplay: make simulate SEED={seed} ARGS='--steps {SHORT}'")


def test_a_seed_is_repeatable() -> None:
    first, again = (Life(17).run(60) for _ in range(2))
    assert first == again


def test_every_kind_of_fault_is_drawn_by_some_seed() -> None:
    faults: Counter[str] = Counter()
    for seed in range(120):
        life = Life(seed)
        for _ in range(60):
            life.step()
        faults += life.faults + life.world.net.counts
    wanted = {
        "killed", "cloned", "restored", "total loss", "lock lost", "lock damaged", "with its lock",
        "without its lock", "clock jumps ahead", "clock jumps back", "clock off", "dropped", "repeated", "replayed",
        "held back", "garbled", "forged", "dropped by a relay", "held back by a relay", "cut one way", "cut both ways",
        "generation closed", "generation begun", "relay down", "dishonest relay beside an honest one",
        *(f"relay {manner}" for manner in MANNERS if manner != "honest"),
        *(f"crash {point}" for point in CRASH_POINTS), *(set(AT_A_WRITE) - set(CRASH_POINTS)),
    }  # fmt: skip
    assert wanted - faults.keys() == set()
    assert {*AT_A_WRITE, *ELSEWHERE} >= set(CRASH_POINTS)


def test_one_seed_in_fifty_runs_with_the_real_cryptography() -> None:
    assert [Life(seed).world.real for seed in range(REAL_EVERY)].count(True) == 1


def test_a_seed_is_played_step_by_step_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["3", "--steps", "5"]) == 0
    shown = capsys.readouterr().out
    assert "faults off" in shown
    assert "violations" + " " * 30 + "0" in shown


def test_a_range_is_played_by_several_processes_with_the_figures_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for jobs in "1", "2":
        assert main(["3-8", "--steps", "5", "--jobs", jobs]) == 0
        shown.append([line for line in capsys.readouterr().out.splitlines() if not line.startswith("simulated")])
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    ("defect", "seeds", "found"),
    [
        ("signs-first", (0,), "which nobody receipted"),
        ("ignores-own-lock", (10,), "signs a second history"),
        ("cosigns-past-its-lock", (10,), "signs a second history"),
        ("forgets-displaced", (16,), "lost"),
        ("surfaces-repeats", (27,), "shows a notice twice"),
        ("carries-the-queue-alone", (6,), "lost"),
    ],
)
def test_an_old_defect_brought_back_is_found_by_a_seed(defect: str, seeds: tuple[int, ...], found: str) -> None:
    """These are the first of 30 seeds that find it: `python -m tests.simulation 0-29 --defect NAME`."""
    outcomes = [outcome_of((seed, STEPS, defect))[1] for seed in seeds]
    assert any(isinstance(outcome, str) and found in outcome for outcome in outcomes)


def test_a_defect_brought_back_is_gone_afterwards(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["0-0", "--steps", "20", "--defect", "signs-first", "--jobs", "1"]) == 1
    assert "replay: make simulate SEED=0" in capsys.readouterr().out
    assert main(["0-0", "--steps", "20", "--jobs", "1"]) == 0
