"""What is drawn from a seed: the same again, and each kind in its turn."""

from tests.chaos.faults import DISK_FAULTS, FAULTS, ONE, SLOW_AFTER, SLOW_FAULTS, Trial, draw

KINDS = {*FAULTS, *DISK_FAULTS}


def drawn(seed: str, count: int) -> list[Trial]:
    return draw(seed, count, disks=True)


def test_a_seed_draws_the_same_trials_again_and_another_seed_others() -> None:
    assert drawn("7/0", 40) == drawn("7/0", 40)
    assert drawn("7/0", 40) != drawn("7/1", 40)


def test_every_kind_of_fault_comes_once_before_any_comes_again() -> None:
    first = [trial.kind for trial in drawn("7", len(KINDS))]
    assert sorted(first) == sorted(KINDS)


def test_where_no_disk_can_be_mounted_what_needs_one_is_not_dealt() -> None:
    assert {trial.kind for trial in draw("7", len(KINDS), disks=False)} == set(FAULTS)


def test_the_slow_fault_comes_once_and_in_long_rounds_alone() -> None:
    assert {trial.kind for trial in drawn("7", SLOW_AFTER)} == KINDS
    assert [trial.kind for trial in drawn("7", 2 * SLOW_AFTER) if trial.kind in SLOW_FAULTS] == list(SLOW_FAULTS)


def test_each_fault_strikes_the_side_that_it_names_and_one_store_alone_is_ever_old_or_refused() -> None:
    struck = {trial.kind: trial.struck for trial in drawn("7", len(KINDS))}
    assert struck["NORTH killed"] == (0,)
    assert struck["SOUTH killed"] == (1,)
    assert struck["both stations killed"] == struck["relay and both stations killed"] == (0, 1)
    assert {len(struck[kind]) for kind in ONE} == {1}
