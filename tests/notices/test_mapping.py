"""The friendly form."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import NoticeError
from hotline.notices import KINDS, Notice, from_mapping, to_mapping
from tests.notices.samples import NOW_S, error_of, exercise, is_safe
from tests.notices.strategies import json_values, notices


@given(notices)
def test_every_notice_survives_its_friendly_form(notice: Notice) -> None:
    assert from_mapping(notice.kind, to_mapping(notice)) == notice


@given(notices)
def test_every_notice_survives_json(notice: Notice) -> None:
    assert from_mapping(notice.kind, json.loads(json.dumps(to_mapping(notice)))) == notice


def test_the_friendly_form_writes_times_and_positions_as_text() -> None:
    shown = to_mapping(from_mapping("exercise", exercise(), now_s=NOW_S))
    assert list(shown)[:3] == ["kind", "version", "dtg"]
    assert shown["dtg"] == "2024-11-27T12:30:00Z"
    assert shown["areas"] == [{"shape": "polygon", "points": exercise()["areas"][0]["points"]}]
    assert "ships" not in shown


def test_a_notice_without_a_date_is_dated_now_to_the_minute() -> None:
    assert from_mapping("exercise", exercise(), now_s=NOW_S + 59).dtg_s == NOW_S


def test_without_a_clock_the_date_is_required() -> None:
    with pytest.raises(NoticeError, match="dtg: this field is required and not given"):
        from_mapping("exercise", exercise())


def test_a_clock_out_of_its_century_is_named() -> None:
    with pytest.raises(NoticeError, match="Set the clock"):
        from_mapping("exercise", exercise(), now_s=0)


def test_null_stands_for_a_field_left_out() -> None:
    given_nulls = exercise() | {"marking": None, "language": None, "dtg": None, "ships": None}
    assert from_mapping("exercise", given_nulls, now_s=NOW_S) == from_mapping("exercise", exercise(), now_s=NOW_S)


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("exercise", {"kind": "consultation"}, "kind: the notice says 'consultation' where exercise is asked for."),
        ("exercise", {"version": 2}, "version: this is none of the values known. Use 1."),
        ("exercise", {"designaton": "X"}, "designaton: there is no such field here. Did you mean designation?"),
        ("exercise", {"kind\n": 1}, "kind\\u{a}: there is no such field here."),
        ("exercize", {}, "kind: there is no kind of notice 'exercize'."),
    ],
)
def test_a_wrong_mapping_is_refused_with_one_sentence_and_a_remedy(
    kind: str, data: dict[str, object], says: str
) -> None:
    with pytest.raises(NoticeError) as e:
        from_mapping(kind, exercise() | data, now_s=NOW_S)
    assert str(e.value).startswith(says)
    assert e.value.remedy


def test_what_is_no_mapping_at_all_is_refused() -> None:
    with pytest.raises(NoticeError, match="notice: this is a list, not a table"):
        from_mapping("exercise", [], now_s=NOW_S)  # type: ignore[arg-type]  # a caller without types is what is tested


_names = st.sampled_from(["text", "areas", "start", "end", "states", "withheld", "phases", "troops", "nonce", "dtg"])


@given(st.sampled_from(list(KINDS)), st.dictionaries(_names | st.text(max_size=9), json_values), st.booleans())
def test_no_mapping_raises_outside_the_error_tree(kind: str, data: dict[str, object], sound: bool) -> None:
    whole = exercise() | data if sound else data
    error = error_of(lambda: from_mapping(kind, whole, now_s=NOW_S))
    assert error is None or (error.remedy and is_safe(str(error)))
