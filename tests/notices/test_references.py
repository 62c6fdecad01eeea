"""Names of notices in drafts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.errors import HotlineError, NotFoundError, NoticeError
from hotline.notices import KINDS, draft, from_mapping, placeholders, resolve
from tests.notices.record import LEAST, cancellation
from tests.notices.samples import NOW_S, error_of
from tests.notices.strategies import json_values

TARGET = bytes(range(16))
SEVEN, NINE = b"\x07" * 16, b"\x09" * 16


def find(name: str) -> bytes:
    held = {"NORTH 7": SEVEN, "NORTH 9": NINE}
    if name not in held:
        raise NotFoundError(f"There is no notice {name}.", "See `hotline outbox`.")
    return held[name]


def test_every_name_becomes_the_id_that_is_found() -> None:
    named = {**cancellation(TARGET), "target": "NORTH 7", "successor": "NORTH 9"}
    resolved = resolve("cancellation", named, find)
    assert (resolved["target"], resolved["successor"]) == (SEVEN.hex(), NINE.hex())
    assert named["target"] == "NORTH 7"
    assert from_mapping("cancellation", resolved, now_s=NOW_S).kind == "cancellation"


@pytest.mark.parametrize(
    "said", [TARGET.hex(), TARGET.hex().upper(), "00010203-0405-0607-0809-0a0b0c0d0e0f", "", None, 7, ["NORTH 7"]]
)
def test_what_is_an_id_or_no_name_is_left_to_the_schema(said: object) -> None:
    assert resolve("start", {"target": said}, find) == {"target": said}


def test_what_is_not_found_is_the_finders_error() -> None:
    with pytest.raises(NotFoundError, match="NORTH 8"):
        resolve("start", {"target": "NORTH 8"}, find)


def test_the_headers_references_stay_names() -> None:
    given = {"text": "x", "references": ["NORTH 8"]}
    assert resolve("consultation", given, find) == given


@pytest.mark.parametrize("data", [None, "x", 7, ["target"]])
def test_what_is_no_table_is_refused(data: Any) -> None:
    with pytest.raises(NoticeError, match="not a table"):
        resolve("start", data, find)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(NoticeError, match="no kind of notice"):
        placeholders("x", {})


def test_a_draft_that_names_notices_can_be_checked_without_the_station() -> None:
    named = {**cancellation(TARGET), "target": "NORTH 7", "envelope": {"mode": "DRILL"}}
    assert draft("cancellation", placeholders("cancellation", named), now_s=NOW_S).notice.kind == "cancellation"


def test_an_amendment_can_be_checked_before_its_revision_is_known() -> None:
    replacement = {"kind": "exercise", **LEAST["exercise"]}
    named = {"target": "NORTH 7", "reason": "x", "replacement": replacement}
    assert from_mapping("amendment", placeholders("amendment", named), now_s=NOW_S).kind == "amendment"
    with pytest.raises(NoticeError, match="an amendment of this kind") as e:
        from_mapping("amendment", placeholders("amendment", {**named, "changed": ["x"]}), now_s=NOW_S)
    assert e.value.field == "changed[0]"


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(["target", "about", "answers"]), json_values))
def test_no_draft_raises_outside_the_error_tree(kind: str, data: dict[str, Any]) -> None:
    error = error_of(lambda: resolve(kind, data, find))
    assert error is None or isinstance(error, HotlineError)
    assert set(placeholders(kind, data)) >= {k for k, v in data.items() if v is not None}
