"""Thirty faults on real processes: nothing is lost, nothing comes twice, both logs verify, and STORED is true."""

from pathlib import Path

import pytest

from tests.chaos.disks import why_none
from tests.chaos.faults import Trial, draw
from tests.chaos.rounds import RELAYS, Figures, play_round
from tests.station.pair import make_homes

TRIALS = 30
SEED = "4"
PARTS = 3  # each a line of its own, so that two processes share them
NOTICES_LEAST = TRIALS // PARTS  # of each part; some hundred is usual


def dealt(part: int, *, disks: bool) -> list[Trial]:
    """The share of one part of the thirty."""
    return draw(SEED, TRIALS, disks=disks)[part * TRIALS // PARTS : (part + 1) * TRIALS // PARTS]


def test_the_parts_are_thirty_trials_of_every_kind_that_this_machine_can_have(tmp_path: Path) -> None:
    disks = not why_none(tmp_path)
    all_of_them = draw(SEED, TRIALS, disks=disks)
    assert [trial for part in range(PARTS) for trial in dealt(part, disks=disks)] == all_of_them


@pytest.mark.integration
@pytest.mark.parametrize("part", range(PARTS))
async def test_whatever_is_killed_cut_or_put_back_all_that_was_accepted_is_at_the_other_side_once(
    part: int, tmp_path: Path
) -> None:
    disks = not why_none(tmp_path)
    made, figures, told = tmp_path / "made", Figures(), list[str]()
    make_homes(made)
    trials = dealt(part, disks=disks)
    relay = list(RELAYS)[part % len(RELAYS)]
    await play_round(made, tmp_path / "round", f"{SEED}/{part}", trials, told.append, figures, relay=relay, disks=disks)
    assert figures.verdict.holds
    assert len(told) == figures.trials == len(trials)
    assert set(figures.settled_s) == {trial.kind for trial in trials}
    assert figures.notices > NOTICES_LEAST
    assert figures.verified == 2 * (1 + len(trials) + 1)
