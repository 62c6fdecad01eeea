"""What is drawn from a seed: the same again, and each kind in its turn."""

from tests.chaos.faults import FAULTS, SLOW_AFTER, SLOW_FAULTS, draw


def test_a_seed_draws_the_same_trials_again_and_another_seed_others() -> None:
    assert draw("7/0", 40) == draw("7/0", 40)
    assert draw("7/0", 40) != draw("7/1", 40)


def test_every_kind_of_fault_comes_once_before_any_comes_again() -> None:
    first = [trial.kind for trial in draw("7", len(FAULTS))]
    assert sorted(first) == sorted(FAULTS)


def test_the_slow_fault_comes_once_and_in_long_rounds_alone() -> None:
    assert {trial.kind for trial in draw("7", SLOW_AFTER)} == set(FAULTS)
    assert [trial.kind for trial in draw("7", 2 * SLOW_AFTER) if trial.kind in SLOW_FAULTS] == list(SLOW_FAULTS)


def test_each_fault_strikes_the_side_that_it_names() -> None:
    struck = {trial.kind: trial.struck for trial in draw("7", len(FAULTS))}
    assert struck["NORTH killed"] == (0,)
    assert struck["SOUTH killed"] == (1,)
    assert struck["both stations killed"] == struck["relay and both stations killed"] == (0, 1)
