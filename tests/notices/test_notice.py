"""The header of every notice."""

from typing import Any

import pytest

from hotline.errors import NoticeError
from hotline.notices import from_mapping
from hotline.notices.notice import PUBLICITY_WORDS, Notice, check_order
from hotline.notices.schema import fields_of
from hotline.notices.values import ChoiceValue
from tests.notices.samples import NOW_S, exercise


def refusal(**changed: Any) -> NoticeError:
    with pytest.raises(NoticeError) as e:
        from_mapping("exercise", exercise(**changed), now_s=NOW_S)
    assert e.value.remedy
    return e.value


def test_a_notice_knows_its_kind() -> None:
    assert from_mapping("exercise", exercise(), now_s=NOW_S).kind == "exercise"


def test_a_kind_without_a_headline_of_its_own_shows_its_name() -> None:
    assert Notice.headline(from_mapping("exercise", exercise(), now_s=NOW_S)) == "exercise"


def test_every_term_of_publicity_has_its_words() -> None:
    (value,) = (f.value for f in fields_of(Notice) if f.name == "publicity")
    assert isinstance(value, ChoiceValue)
    assert set(value.words) == set(PUBLICITY_WORDS)


@pytest.mark.parametrize("name", ["acknowledge_by", "reply_by"])
def test_a_deadline_before_the_date_of_the_notice_is_refused_naming_both(name: str) -> None:
    e = refusal(**{name: "271229Z NOV 24"})
    assert e.what == f"{name}: 271229Z NOV 24 is before dtg, 271230Z NOV 24."
    assert e.field == name


def test_a_deadline_at_the_date_of_the_notice_is_taken() -> None:
    from_mapping("exercise", exercise(acknowledge_by="271230Z NOV 24"), now_s=NOW_S)


def test_the_same_time_is_no_order_unless_it_is_allowed() -> None:
    check_order("start", NOW_S, "end", NOW_S, same_allowed=True)
    with pytest.raises(NoticeError, match="end: 271230Z NOV 24 is the same as start"):
        check_order("start", NOW_S, "end", NOW_S)


def test_a_withheld_field_is_kept_with_its_reason() -> None:
    notice = from_mapping(
        "exercise", exercise(withheld=[{"field": "weapon_class", "reason": "Not released."}]), now_s=NOW_S
    )
    assert [(w.field, w.reason) for w in notice.withheld] == [("weapon_class", "Not released.")]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"ships": 10, "field": "ships"}, "withheld[0].field: ships is both given and withheld."),
        ({"ships": 0, "field": "ships"}, "withheld[0].field: ships is both given and withheld."),
        ({"field": "areas"}, "withheld[0].field: areas cannot be withheld in a notice of kind exercise."),
        ({"field": "colour\x1b"[:6]}, "withheld[0].field: colour cannot be withheld"),
        ({"field": "kind"}, "withheld[0].field: kind cannot be withheld"),
    ],
)
def test_only_a_field_that_may_be_withheld_and_is_not_given_is(changed: dict[str, Any], says: str) -> None:
    field = changed.pop("field")
    e = refusal(withheld=[{"field": field, "reason": "Not released."}], **changed)
    assert str(e).startswith(says)
    assert e.field == "withheld[0].field"


def test_a_field_withheld_twice_is_refused() -> None:
    item = {"field": "ships", "reason": "Not released."}
    assert refusal(withheld=[item, item]).what == "withheld[1].field: ships is withheld twice."


def test_withholding_asks_for_a_reason() -> None:
    assert refusal(withheld=[{"field": "ships"}]).field == "withheld[0].reason"


def test_a_kind_without_withholdable_fields_says_so() -> None:
    given = {"text": "x", "withheld": [{"field": "text", "reason": "no"}]}
    with pytest.raises(NoticeError, match="Fields that can be: none"):
        from_mapping("consultation", given, now_s=NOW_S)
