"""The table of figures says of each whether its bound is kept."""

import pytest

from tests.benchmarks.speed import Measure, best_s, packing, told


@pytest.mark.parametrize(
    ("measure", "kept"),
    [
        (Measure("slow enough", 400, "ms", 500), True),
        (Measure("too slow", 500, "ms", 500), False),
        (Measure("fast enough", 60_000, "/s", 50_000, most=False), True),
        (Measure("not fast enough", 50_000, "/s", 50_000, most=False), False),
        (Measure("nobody asks", 9_000, "ms"), True),
    ],
)
def test_a_figure_keeps_its_bound_or_is_marked(
    measure: Measure, kept: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(iter([measure])) is kept
    assert ("MISSED" in capsys.readouterr().out) is not kept


def test_packing_is_measured_on_notices_of_about_the_asked_size() -> None:
    rows = list(packing(count=1))
    assert all(row.figure > 0 for row in rows)
    assert {row.bound for row in rows} == {0.0, 50_000.0}


def test_the_best_of_several_tries_is_taken() -> None:
    tries: list[int] = []
    assert best_s(lambda: tries.append(1), tries=3) >= 0
    assert len(tries) == 3
