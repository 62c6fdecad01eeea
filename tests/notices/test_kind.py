"""What a kind says of itself."""

import pytest

from hotline.notices import KINDS, Kind, Mode, Precedence, from_mapping
from hotline.notices.amendment import Amendment
from hotline.notices.schema import UnionValue, fields_of
from tests.notices.record import LEAST
from tests.notices.samples import NOW_S


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_the_mode_taken_by_default_is_one_the_kind_may_have(kind: Kind) -> None:
    assert kind.mode in kind.modes


def test_a_kind_changes_nothing_that_is_given_unless_it_says_so() -> None:
    exercise = KINDS["exercise"]
    assert exercise.complete({"a": 1}) == {"a": 1}
    assert (exercise.precedence, exercise.mode, exercise.version) == (Precedence.ROUTINE, Mode.OPERATION, 1)


def test_a_thread_is_titled_by_the_headline_unless_the_kind_says_otherwise() -> None:
    notice = from_mapping("statement", LEAST["statement"], now_s=NOW_S)
    assert Kind(schema=type(notice), title="x").title_of(notice) == notice.headline() != notice.kind


def test_a_kind_has_no_window_and_nothing_to_read_back_unless_it_says_so() -> None:
    notice = from_mapping("consultation", LEAST["consultation"], now_s=NOW_S)
    assert KINDS["consultation"].window(notice) is None
    assert KINDS["consultation"].read_back(notice) == ()


@pytest.mark.parametrize("kind", [k for k in LEAST if KINDS[k].window(from_mapping(k, LEAST[k], now_s=NOW_S))])
def test_what_has_a_window_is_read_back(kind: str) -> None:
    values = KINDS[kind].read_back(from_mapping(kind, LEAST[kind], now_s=NOW_S))
    assert values
    assert len({value.name for value in values}) == len(values)


def test_the_kinds_that_an_amendment_can_replace_are_those_that_say_so() -> None:
    (replacement,) = (f.value for f in fields_of(Amendment) if f.name == "replacement")
    assert isinstance(replacement, UnionValue)
    assert {arm.struct for arm in replacement.arms} == {kind.schema for kind in KINDS.values() if kind.amendable}
