"""Warnings of hazards."""

from typing import Any

import pytest

from hotline.notices import KINDS, subject
from hotline.notices.hazard import Hazard, Notam
from tests.notices.spoilt import example, refusal

NOTAM = {"fir": "NICOSIA", "lower": "SFC", "upper": "UNL"}
HAZARD = KINDS["hazard"]


def test_the_headline_keeps_the_times_and_the_subject_when_it_is_cut() -> None:
    assert subject(example("hazard")).startswith("010500Z DEC 24 to 031700Z DEC 24: MISSILE FIRING")


def test_the_title_is_the_series_and_the_subject() -> None:
    assert HAZARD.title_of(example("hazard", series="NAVAREA III 123/24")) == "NAVAREA III 123/24: MISSILE FIRING"


def test_points_alone_say_where_it_is() -> None:
    notice = example("hazard", areas=None, positions=["34-30.00N 033-12.00E", "34-31.00N 033-12.00E"])
    assert [(v.name, v.shown) for v in HAZARD.read_back(notice)] == [
        ("start", "010500Z DEC 24"),
        ("end", "031700Z DEC 24"),
        ("positions[0]", "34-30.00N 033-12.00E"),
    ]


def test_the_window_is_that_of_the_hazard_and_not_of_the_warning() -> None:
    notice = example("hazard")
    assert isinstance(notice, Hazard)
    assert HAZARD.window(notice) == (notice.start_s, notice.end_s)
    assert notice.cancel_s - notice.end_s == 3600


def test_a_notice_to_airmen_prints_its_region_and_limits() -> None:
    assert Notam("NICOSIA", "SFC", "FL660").lines() == ["FIR NICOSIA", "  SFC to FL660"]
    assert Notam("LCCC", "SFC", "UNL", "A1/24", "QWMLW").lines()[0] == "NOTAM A1/24, FIR LCCC, Q-code QWMLW"


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"end": "010500Z DEC 24"}, "end", "end: 010500Z DEC 24 is the same as start"),
        ({"cancel": "031659Z DEC 24"}, "cancel", "cancel: 031659Z DEC 24 is before end"),
        ({"areas": None}, "areas", "areas: neither positions nor areas are given."),
        ({"notam": NOTAM | {"q_code": "QWM1W"}}, "notam.q_code", "notam.q_code: a Q-code is Q and four capital"),
        ({"notam": NOTAM | {"q_code": "WMLW"}}, "notam.q_code", "notam.q_code: a Q-code is Q and four capital"),
        ({"notam": {"fir": "LCCC"}}, "notam.lower", "notam.lower: this field is required and not given."),
        ({"areas": [{"points": ["0N 0E", "1N 1E", "0N 1E", "1N 0E"]}]}, "areas[0].points", "areas[0].points: the side"),
    ],
)
def test_a_wrong_hazard_is_refused(changed: dict[str, Any], field: str, says: str) -> None:
    named, what = refusal("hazard", **changed)
    assert (named, what[: len(says)]) == (field, says)


def test_a_warning_may_lapse_when_the_hazard_ends() -> None:
    assert example("hazard", cancel="031700Z DEC 24").kind == "hazard"
