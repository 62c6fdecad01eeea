"""Starts."""

import pytest

from hotline.errors import NoticeError
from hotline.notices import KINDS, Precedence, from_mapping
from hotline.notices.start import Start
from tests.notices.record import start
from tests.notices.samples import NOW_S

TARGET = bytes(range(16))


def notice(**changed: object) -> Start:
    made = from_mapping("start", start(TARGET, **changed), now_s=NOW_S)
    assert isinstance(made, Start)
    return made


def test_a_start_as_notified_needs_a_time_alone() -> None:
    assert notice().headline() == "Started 010530Z DEC 24, as notified"


def test_a_start_otherwise_says_how_it_differs() -> None:
    made = notice(as_notified=False, deviations="Half an hour late.")
    assert made.headline() == "Started 010530Z DEC 24, NOT as notified"


def test_it_goes_ahead_of_routine_traffic_and_its_time_is_read_back() -> None:
    kind = KINDS["start"]
    assert kind.precedence is Precedence.PRIORITY
    assert [(v.name, v.shown) for v in kind.read_back(notice())] == [("actual", "010530Z DEC 24")]


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"as_notified": False}, "deviations", "with as_notified = false they are required"),
        ({"deviations": "Late."}, "deviations", "they are given, with as_notified = true"),
        ({"as_notified": None}, "as_notified", "required"),
        ({"actual": "010530 DEC 24"}, "actual", "no time"),
        ({"target": ""}, "target", "empty"),
    ],
)
def test_a_wrong_start_is_refused_by_its_field(changed: dict[str, object], field: str, says: str) -> None:
    with pytest.raises(NoticeError, match=says) as e:
        notice(**changed)
    assert e.value.field == field
