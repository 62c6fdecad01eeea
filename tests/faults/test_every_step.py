"""Every step of a short life of two stations goes wrong once: a crash there, the step failed, the step done but failed.

After each both go on, and each play ends with the same checks (`tests.faults.pair`): what was answered as accepted is
at the other side once, nothing that was surfaced changes, STORED stands on a receipt and a head, all heads and receipts
that either log key ever signed fit one tree, and `hotline verify` finds nothing at either end. Before each signature
the disk is looked at as a power cut would leave it (`tests.faults.vouched`). Chosen here is one of all steps before
which a crash finds the same disk; `make damage` has every step in every way.
"""

import random

import pytest

from tests.faults.machine import CRASH, FAIL, PERSIST, SPEECH, Plan
from tests.faults.pair import ACTS, Act, Theatre

pytestmark = pytest.mark.usefixtures("steps")
_STRIDE = 19  # of steps whose unsynced writes survive, in CI
acts = pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)


def chosen(theatre: Theatre, act: Act, how: str, every: bool) -> list[int]:
    """The steps to go wrong: found by counting those of a play in which nothing does."""
    counted = theatre.played(act, Plan())
    if how == CRASH:
        return list(range(1, len(counted.steps) + 1)) if every else counted.classes
    # In CI a step fails in one of the two ways; `make damage` has each in both.
    return counted.disks if every else counted.disks_first[how == PERSIST :: 2]


@acts
def test_the_same_act_takes_the_same_steps_so_that_counting_them_reaches_each(theatre: Theatre, act: Act) -> None:
    first, second = (theatre.played(act, Plan()).steps for _ in range(2))
    assert first == second
    assert {step.split()[1] for step in first} >= {"write", "sync", "make", "rename", "remove", *SPEECH}


@acts
@pytest.mark.parametrize("how", [CRASH, FAIL, PERSIST])
def test_no_step_that_goes_wrong_loses_repeats_or_forges_anything(
    theatre: Theatre, act: Act, how: str, every: bool
) -> None:
    for at in chosen(theatre, act, how, every):
        assert theatre.played(act, Plan(at, how)).hit, f"step {at} was not reached"


@acts
def test_no_crash_whose_unsynced_writes_survive_loses_repeats_or_forges_anything(
    theatre: Theatre, act: Act, every: bool
) -> None:
    for at in range(1, len(theatre.played(act, Plan()).steps) + 1, 1 if every else _STRIDE):
        assert theatre.played(act, Plan(at, keep=True)).hit, f"step {at} was not reached"


@acts
def test_no_crash_of_whose_unsynced_writes_some_survive_loses_repeats_or_forges_anything(
    theatre: Theatre, act: Act, every: bool
) -> None:
    """By sectors, so that a page may be half written; other ones at each step."""
    for at in range(1 + _STRIDE // 2, len(theatre.played(act, Plan()).steps) + 1, 1 if every else _STRIDE):
        assert theatre.played(act, Plan(at, keep=random.Random(at))).hit, f"step {at} was not reached"
