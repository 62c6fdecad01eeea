"""Completions."""

import pytest

from hotline.errors import NoticeError
from hotline.notices import KINDS, from_mapping
from hotline.notices.completion import Completion
from tests.notices.record import completion
from tests.notices.samples import BOX, NOW_S

TARGET = bytes(range(16))
CIRCLE = {"centre": "34-15.00N 033-36.00E", "radius_nm": 5}


def notice(**changed: object) -> Completion:
    made = from_mapping("completion", completion(TARGET, **changed), now_s=NOW_S)
    assert isinstance(made, Completion)
    return made


def test_a_completion_says_that_no_hazards_are_left() -> None:
    assert notice().headline() == "Completed 031640Z DEC 24, as notified, no hazards left"


def test_that_none_are_left_can_be_explained() -> None:
    assert notice(residual_text="The area was searched.").residual_hazards is False


def test_hazards_left_are_named_first_to_last() -> None:
    made = notice(residual_hazards=True, residual_text="A target is adrift.", residual_areas=[CIRCLE])
    assert made.headline().endswith("hazards LEFT")


def test_its_time_and_where_hazards_are_left_are_read_back() -> None:
    made = notice(residual_hazards=True, residual_text="A target.", residual_areas=[CIRCLE, {"points": BOX}])
    assert [(v.name, v.shown) for v in KINDS["completion"].read_back(made)] == [
        ("actual", "031640Z DEC 24"),
        ("residual_areas[0].centre", "34-15.00N 033-36.00E"),
    ]


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"as_notified": False}, "deviations", "required"),
        ({"deviations": "One firing less."}, "deviations", "as_notified = true"),
        ({"residual_hazards": True}, "residual_text", "required"),
        ({"residual_areas": [CIRCLE]}, "residual_areas", "residual_hazards = false"),
        ({"residual_hazards": None}, "residual_hazards", "required"),
        (
            {"residual_hazards": True, "residual_text": "x", "residual_areas": [{"points": [*BOX, BOX[0]]}]},
            "residual_areas[0].points",
            "are the same",
        ),
    ],
)
def test_a_wrong_completion_is_refused_by_its_field(changed: dict[str, object], field: str, says: str) -> None:
    with pytest.raises(NoticeError, match=says) as e:
        notice(**changed)
    assert e.value.field == field
