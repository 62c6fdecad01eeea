"""Launch notices."""

from typing import Any

import pytest

from hotline.notices import KINDS, subject
from hotline.notices.launch import Launch
from tests.notices.spoilt import example, refusal

LAUNCH = KINDS["launch"]


def test_the_headline_says_when_and_in_which_direction_before_what() -> None:
    assert example("launch").headline() == "100300Z DEC 24 to 101500Z DEC 24, azimuth 075: SLBM launch"
    assert subject(example("launch")) == example("launch").headline()


@pytest.mark.parametrize(
    ("launch_class", "says"),
    [("slv", "space launch"), ("sounding-rocket", "sounding rocket launch"), ("icbm", "ICBM launch")],
)
def test_the_title_names_the_class(launch_class: str, says: str) -> None:
    assert LAUNCH.title_of(example("launch", launch_class=launch_class)) == says


def test_the_title_names_the_vehicle_where_it_is_not_withheld() -> None:
    notice = example("launch", launch_class="slv", vehicle="Carrier 2", withheld=None)
    assert LAUNCH.title_of(notice) == "space launch: Carrier 2"


def test_an_officer_reads_back_the_window_and_where_it_begins_and_ends() -> None:
    assert [(v.name, v.shown) for v in LAUNCH.read_back(example("launch"))] == [
        ("window_start", "100300Z DEC 24"),
        ("window_end", "101500Z DEC 24"),
        ("launch_area.centre", "70-00.00N 040-00.00E"),
        ("impact_areas[0].centre", "70-40.00N 052-00.00E"),
    ]


def test_the_window_is_that_of_the_launch() -> None:
    notice = example("launch")
    assert isinstance(notice, Launch)
    assert LAUNCH.window(notice) == (notice.window_start_s, notice.window_end_s)


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"window_end": "100300Z DEC 24"}, "window_end", "window_end: 100300Z DEC 24 is the same as window_start"),
        ({"azimuth_deg": 360}, "azimuth_deg", "azimuth_deg: the number is outside 0 to 359."),
        ({"impact_areas": []}, "impact_areas", "impact_areas: the list has 0 items; 1 is the least."),
        ({"count": 0}, "count", "count: the number is outside 1 to 1,000."),
        ({"vehicle": "X"}, "withheld[0].field", "withheld[0].field: vehicle is both given and withheld."),
        (
            {"launch_area": {"points": ["0N 0E", "1N 1E", "0N 1E", "1N 0E"]}},
            "launch_area.points",
            "launch_area.points: the side of",
        ),
        (
            {"impact_areas": [{"points": ["0N 0E", "1N 1E", "0N 1E", "1N 0E"]}]},
            "impact_areas[0].points",
            "impact_areas[0].points: the side of",
        ),
    ],
)
def test_a_wrong_launch_is_refused(changed: dict[str, Any], field: str, says: str) -> None:
    named, what = refusal("launch", **changed)
    assert (named, what[: len(says)]) == (field, says)
