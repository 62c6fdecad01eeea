"""Cancellations."""

import pytest

from hotline.errors import NoticeError
from hotline.notices import KINDS, Precedence, from_mapping
from hotline.notices.cancellation import Cancellation
from tests.notices.record import cancellation
from tests.notices.samples import NOW_S

TARGET = bytes(range(16))


def notice(**changed: object) -> Cancellation:
    made = from_mapping("cancellation", cancellation(TARGET, **changed), now_s=NOW_S)
    assert isinstance(made, Cancellation)
    return made


def test_a_cancellation_says_from_when_and_why() -> None:
    made = notice()
    assert (made.target, made.reason, made.successor) == (TARGET, None, None)
    assert made.headline() == "Cancelled from 301200Z NOV 24: weather"


def test_it_goes_ahead_of_routine_traffic_and_its_time_is_read_back() -> None:
    kind = KINDS["cancellation"]
    assert kind.precedence is Precedence.PRIORITY
    assert [(v.name, v.shown) for v in kind.read_back(notice())] == [("effective", "301200Z NOV 24")]
    assert kind.window(notice()) is None


def test_a_successor_is_another_notice() -> None:
    assert notice(successor="FF" * 16).successor == b"\xff" * 16


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"target": "NORTH 7"}, "target"),
        ({"target": None}, "target"),
        ({"effective": "noon"}, "effective"),
        ({"reason_category": "mood"}, "reason_category"),
        ({"reason": "x" * 1001}, "reason"),
        ({"warnings_withdrawn": "yes"}, "warnings_withdrawn"),
        ({"successor": "00"}, "successor"),
    ],
)
def test_a_wrong_cancellation_is_refused_by_its_field(changed: dict[str, object], field: str) -> None:
    with pytest.raises(NoticeError) as e:
        notice(**changed)
    assert e.value.field == field
    assert e.value.remedy
