"""Incidents."""

from typing import Any

import msgpack
import pytest

from hotline.errors import MalformedError, NoticeError
from hotline.notices import (
    KINDS,
    Envelope,
    Mode,
    Precedence,
    check_envelope,
    decode_body,
    draft,
    encode_body,
    from_mapping,
    render,
    to_mapping,
)
from hotline.notices.incident import CAN_BE_UNKNOWN, Incident
from tests.notices.samples import NOW_S
from tests.notices.spoilt import example, refusal

LEAST = {"facts": "A missile was lost.", "intent": "unknown"}


def least(**changed: Any) -> Incident:
    notice = from_mapping("incident", LEAST | changed, now_s=NOW_S)
    assert isinstance(notice, Incident)
    return notice


def test_facts_and_intent_alone_go_out_and_everything_else_is_said_to_be_unknown() -> None:
    assert least().unknown == CAN_BE_UNKNOWN
    assert least().headline() == "INTENT UNKNOWN, time unknown: A missile was lost."


def test_what_is_left_out_is_unknown_and_what_is_given_or_withheld_is_not() -> None:
    notice = least(time="271200Z NOV 24", withheld=[{"field": "units_own", "reason": "Not disclosed."}])
    assert notice.unknown == tuple(n for n in CAN_BE_UNKNOWN if n not in ("time_s", "units_own"))


def test_unknown_withheld_and_not_stated_print_differently() -> None:
    notice = least(withheld=[{"field": "units_own", "reason": "Not disclosed."}])
    page = render(notice, Envelope("NORTH", "SOUTH", Precedence.FLASH, Mode.OPERATION))
    assert " 2. POSITION: UNKNOWN to the originator\n" in page
    assert " 4. ORIGINATOR'S UNITS: WITHHELD by the originator: Not disclosed.\n" in page
    assert "Not stated: items 3 (Place), 7 (Assessment), 13 (Recordings)." in page


@pytest.mark.parametrize("named", [["time"], ["time_s"], ["next_update", "time"], ["casualties", "time_s", "time_s"]])
def test_unknown_fields_are_named_as_in_files_or_as_on_the_wire_in_any_order(named: list[str]) -> None:
    assert least(unknown=named).unknown == CAN_BE_UNKNOWN


def test_it_is_flash_unless_it_is_said_otherwise() -> None:
    read = draft("incident", LEAST, now_s=NOW_S)
    assert read.precedence is Precedence.FLASH
    check_envelope(read.notice, read.precedence, read.mode)


def test_all_texts_of_a_flash_count_together() -> None:
    notice = least(facts="word " * 120, assessment="word " * 81)
    with pytest.raises(NoticeError, match="the texts have 201 words") as e:
        check_envelope(notice, Precedence.FLASH, Mode.OPERATION)
    assert e.value.field == "facts"
    check_envelope(notice, Precedence.PRIORITY, Mode.OPERATION)


def test_the_friendly_form_of_an_incident_reads_back() -> None:
    assert from_mapping("incident", to_mapping(least())) == least()


def test_what_is_known_of_time_and_place_is_read_back() -> None:
    values = KINDS["incident"].read_back(example("incident"))
    assert [(v.name, v.shown) for v in values] == [("time", "021142Z DEC 24"), ("position", "34-31.20N 033-48.50E")]
    assert KINDS["incident"].read_back(least()) == ()


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"unknown": ["time"]}, "unknown", "unknown: time_s is both given and said to be unknown."),
        ({"unknown": ["facts"]}, "unknown[2]", "unknown[2]: this is none of the values known."),
        ({"unknown": "time"}, "unknown", "unknown: this is a text, not a list."),
        ({"unknown": [["time"]]}, "unknown[2]", "unknown[2]: this is none of the values known."),
        ({"withheld": "position"}, "withheld", "withheld: this is a text, not a list."),
        ({"withheld": [{"field": "time_s", "reason": "x"}]}, "withheld[0].field", "withheld[0].field: time_s cannot"),
        ({"next_update": "021147Z DEC 24"}, "next_update", "next_update: 021147Z DEC 24 is before dtg"),
        ({"facts": None}, "facts", "facts: this field is required and not given."),
        ({"request": ""}, "request", "request: this field is empty."),
    ],
)
def test_a_wrong_incident_is_refused(changed: dict[str, Any], field: str, says: str) -> None:
    named, what = refusal("incident", **changed)
    assert (named, what[: len(says)]) == (field, says)


@pytest.mark.parametrize(
    ("unknown", "says"),
    [
        (CAN_BE_UNKNOWN[1:], "time: neither given, nor withheld, nor said to be unknown."),
        (CAN_BE_UNKNOWN[::-1], "unknown: the fields are not in their order, each once."),
        ((*CAN_BE_UNKNOWN[:7], "request"), "unknown: the fields are not in their order, each once."),
    ],
)
def test_on_the_wire_nothing_is_filled_in(unknown: tuple[str, ...], says: str) -> None:
    fields = msgpack.unpackb(encode_body(least())) | {"unknown": list(unknown)}
    with pytest.raises(MalformedError) as e:
        decode_body(msgpack.packb(fields))
    assert says in e.value.what


def test_a_field_withheld_and_said_to_be_unknown_is_refused() -> None:
    withheld = [{"field": "casualties", "reason": "Next of kin first."}]
    with pytest.raises(NoticeError, match="casualties is both withheld and said to be unknown"):
        least(withheld=withheld, unknown=["casualties"])
