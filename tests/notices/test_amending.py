"""Amendments completed from the record."""

from typing import Any

import pytest

from hotline.errors import NoticeError
from hotline.notices import KINDS, Known, Mode, Notice, begin, check_relations, complete_amendment, from_mapping
from tests.notices.record import LEAST, NORTH, Record
from tests.notices.samples import NOW_S, exercise

ID = bytes(range(16)).hex()


def known(kind: str = "exercise", **given: Any) -> Known:
    notice = from_mapping(kind, LEAST[kind] | given, now_s=NOW_S - 86_400)
    return Known(notice, Mode.OPERATION, same_author=True, thread=begin(notice), in_force=notice)


def draft(kind: str = "exercise", **changed: Any) -> dict[str, Any]:
    return {"target": ID, "reason": "Moved.", "replacement": {"kind": kind, **LEAST[kind], **changed}}


def complete(given: dict[str, Any], of: Known) -> Notice:
    return from_mapping("amendment", complete_amendment(given, of), now_s=NOW_S)


def test_revision_and_changed_fields_are_filled_in() -> None:
    filled = complete_amendment(draft(start="010400Z DEC 24", ships=3), known())
    assert (filled["revision"], filled["changed"]) == (2, ["start_s", "ships"])


def test_what_is_given_is_kept() -> None:
    filled = complete_amendment(draft(ships=3) | {"revision": 9, "changed": ["tanks"]}, known())
    assert (filled["revision"], filled["changed"]) == (9, ["tanks"])


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.amendable])
def test_every_kind_is_completed_such_that_the_rules_take_it(kind: str) -> None:
    before = known(kind, marking="LINE CONFIDENTIAL")
    after = complete(draft(kind), before)
    check_relations(after, Mode.OPERATION, lambda _: before)


def test_what_the_amendments_header_changes_is_found_too() -> None:
    filled = complete_amendment(draft() | {"publicity": "public", "dtg": "281230Z NOV 24"}, known())
    assert filled["changed"] == ["publicity"]


def test_the_revision_in_force_is_compared_not_the_first() -> None:
    line = Record()
    first = line.tell(NORTH, "exercise")
    line.amend(NORTH, first, ships=3)
    held = line.known(NORTH, first)
    assert held is not None
    assert complete_amendment(draft(), held)["changed"] == ["ships"]
    assert complete_amendment(draft(), held)["revision"] == 3


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        (draft(), "replacement", "nothing in it differs"),
        (draft("launch"), "replacement.kind", "cannot become one of kind launch"),
        (draft(start="noon"), "replacement.start", "no time"),
        ({"target": ID, "replacement": "x"}, "replacement", "not a table"),
        ({"target": ID, "replacement": exercise()}, "replacement.kind", "cannot be told"),
        ({"target": ID, "kind": "start", "replacement": {}}, "kind", "asked for"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_its_field(given: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(NoticeError, match=says) as e:
        complete_amendment(given, known())
    assert e.value.field == field


def test_without_a_replacement_it_is_the_replacement_that_is_asked_for() -> None:
    with pytest.raises(NoticeError) as e:
        complete({"target": ID, "reason": "x", "changed": ["ships"]}, known())
    assert e.value.field == "replacement"
