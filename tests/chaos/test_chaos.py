"""Thirty faults on real processes: nothing is lost, nothing comes twice, both logs verify."""

from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.rounds import Figures, run

TRIALS = 30
SEED = 4
NOTICES_LEAST = 10 * TRIALS


@pytest.mark.integration
async def test_whatever_is_killed_or_cut_all_that_was_accepted_is_at_the_other_side_once(tmp_path: Path) -> None:
    figures = Figures()
    told: list[str] = []
    await run(tmp_path, TRIALS, SEED, told.append, figures)
    assert figures.verdict.holds
    assert figures.trials == TRIALS
    assert set(figures.settled_s) == set(FAULTS)
    assert figures.notices > NOTICES_LEAST
    assert figures.repeats > 0
