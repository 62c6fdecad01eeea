"""Which notice another names."""

import pytest

from hotline.notices import KINDS, Link, from_mapping, link_of, settles
from hotline.notices.link import FIELDS
from hotline.notices.schema import fields_of
from hotline.notices.values import NoticeIdValue
from tests.notices.record import LEAST, cancellation, completion, launch_report, start
from tests.notices.samples import NOW_S

TARGET = bytes(range(16))
ID = TARGET.hex()
LINKED = {
    "amendment": (
        {"target": ID, "revision": 2, "changed": ["purpose"], "reason": "x"}
        | {"replacement": {"kind": "exercise", **LEAST["exercise"]}},
        "amends",
    ),
    "cancellation": (cancellation(TARGET), "cancels"),
    "start": (start(TARGET), "starts"),
    "completion": (completion(TARGET), "completes"),
    "launch-report": (launch_report(TARGET), "reports"),
    "inquiry": ({**LEAST["inquiry"], "about": ID}, "asks-about"),
    "reply": ({"inquiry": ID, "answers": [{"number": 1, "text": "x"}]}, "replies"),
    "call-answer": ({"request": ID, "verdict": "decline", "reason": "x"}, "answers-call"),
    "view": ({"target": ID, "view": "agree"}, "views"),
    "consultation": ({"text": "x", "answers": ID}, "answers"),
}


@pytest.mark.parametrize("kind", LINKED)
def test_a_notice_with_a_target_is_linked_to_it(kind: str) -> None:
    given, relation = LINKED[kind]
    link = link_of(from_mapping(kind, given, now_s=NOW_S))
    assert link is not None
    assert (link.relation, link.target) == (relation, TARGET)


@pytest.mark.parametrize("kind", LEAST)
def test_a_notice_without_a_target_is_linked_to_none(kind: str) -> None:
    assert link_of(from_mapping(kind, LEAST[kind], now_s=NOW_S)) is None


def test_every_kind_that_can_name_a_notice_has_its_relation() -> None:
    naming = {k for k, kind in KINDS.items() if any(isinstance(f.value, NoticeIdValue) for f in fields_of(kind.schema))}
    assert naming == set(FIELDS) == set(LINKED)


def test_the_target_is_the_first_of_a_kinds_notice_ids() -> None:
    for name, (target, _) in FIELDS.items():
        ids = [f.name for f in fields_of(KINDS[name].schema) if isinstance(f.value, NoticeIdValue)]
        assert ids[0] == target


def test_only_what_answers_settles_its_target() -> None:
    relations = {relation for _, relation in FIELDS.values()}
    assert {r for r in relations if settles(r, "exercise")} == {"replies", "answers-call", "views", "answers"}


def test_a_link_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Link("amends", TARGET).target = b""  # type: ignore[misc]  # that it cannot be assigned is what is tested


def test_a_consultation_does_not_answer_what_has_an_answer_of_its_own_kind() -> None:
    assert settles("answers", "incident")
    assert not any(settles("answers", kind) for kind in ("inquiry", "call-request", "statement"))
    assert settles("replies", "inquiry")
