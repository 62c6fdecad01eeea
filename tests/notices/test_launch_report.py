"""Reports of launches."""

from hotline.notices import KINDS
from tests.notices.spoilt import example, refusal

AREA = {"centre": "57-30.00N 162-00.00E", "radius_nm": 2}


def test_the_headline_says_the_result_first_and_an_anomaly_last() -> None:
    assert example("launch-report").headline() == "LAUNCHED 100612Z DEC 24"
    late = example("launch-report", result="aborted", anomaly="Lost\nafter 40 s.")
    assert late.headline() == "ABORTED 100612Z DEC 24, anomaly: Lost after 40 s."


def test_the_time_and_the_actual_area_are_read_back() -> None:
    values = KINDS["launch-report"].read_back(example("launch-report", actual_areas=[AREA]))
    assert [(v.name, v.shown) for v in values] == [
        ("time", "100612Z DEC 24"),
        ("actual_areas[0].centre", "57-30.00N 162-00.00E"),
    ]


def test_where_nothing_was_launched_nothing_came_down() -> None:
    field, what = refusal("launch-report", result="not-launched", actual_areas=[AREA])
    assert (field, what) == ("actual_areas", "actual_areas: with result not-launched nothing came down.")
    assert example("launch-report", result="aborted", actual_areas=[AREA]).kind == "launch-report"


def test_an_actual_area_that_is_none_is_refused() -> None:
    field, _ = refusal("launch-report", actual_areas=[{"points": ["0N 0E", "1N 1E", "0N 1E", "1N 0E"]}])
    assert field == "actual_areas[0].points"
