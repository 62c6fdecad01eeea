"""Amendments by themselves; what they ask of the notice they amend is in test_relations."""

from typing import Any

import msgpack
import msgspec
import pytest

from hotline.errors import MalformedError, NoticeError
from hotline.notices import (
    KINDS,
    Envelope,
    Mode,
    Precedence,
    check_envelope,
    decode_body,
    encode_body,
    from_mapping,
    render,
    to_mapping,
)
from hotline.notices.amendment import OF_THE_TELLING, Amendment, fields_changed, presumed
from hotline.notices.schema import UnionValue, fields_of
from tests.notices.record import LEAST
from tests.notices.samples import NOW_S, exercise

AMENDABLE = [name for name, kind in KINDS.items() if kind.amendable]


def given(**changed: Any) -> dict[str, Any]:
    least = {
        "target": bytes(range(16)).hex(),
        "revision": 2,
        "changed": ["start_s"],
        "reason": "The start moves.",
        "replacement": {"kind": "exercise", **exercise()},
    }
    return least | changed


def amendment(**changed: Any) -> Amendment:
    made = from_mapping("amendment", given(**changed), now_s=NOW_S)
    assert isinstance(made, Amendment)
    return made


def replaced(**changed: Any) -> dict[str, Any]:
    return {"kind": "exercise", **exercise(**changed)}


@pytest.mark.parametrize("kind", AMENDABLE)
def test_every_kind_that_can_be_amended_fits_into_an_amendment(kind: str) -> None:
    made = amendment(replacement={"kind": kind, **LEAST[kind]}, changed=["language"])
    assert made.replacement == from_mapping(kind, LEAST[kind], now_s=NOW_S)
    assert decode_body(encode_body(made)) == made
    assert from_mapping("amendment", to_mapping(made)) == made


def test_no_other_kind_fits_into_an_amendment() -> None:
    (value,) = (f.value for f in fields_of(Amendment) if f.name == "replacement")
    assert isinstance(value, UnionValue)
    assert sorted(str(arm.struct.__struct_config__.tag) for arm in value.arms) == sorted(AMENDABLE)
    with pytest.raises(NoticeError, match="which one this is cannot be told") as e:
        amendment(replacement={"kind": "consultation", "text": "x"})
    assert e.value.field == "replacement.kind"


@pytest.mark.parametrize("kind", AMENDABLE)
def test_the_body_is_what_every_messagepack_library_writes(kind: str) -> None:
    body = encode_body(amendment(replacement={"kind": kind, **LEAST[kind]}, changed=["language"]))
    assert msgpack.packb(msgpack.unpackb(body)) == body


def test_a_replacement_packed_with_a_longer_header_is_malformed() -> None:
    body = encode_body(amendment())
    at = body.index(b"\xabreplacement") + len(b"\xabreplacement")
    assert body[at] & 0xF0 == 0x80
    with pytest.raises(MalformedError, match="not in the one permitted encoding"):
        decode_body(body[:at] + b"\xde\x00" + bytes([body[at] & 0x0F]) + body[at + 1 :])


def test_a_replacement_takes_the_header_of_its_amendment() -> None:
    made = amendment(language="ru", publicity="do-not-announce")
    assert (made.replacement.dtg_s, made.replacement.language) == (made.dtg_s, "ru")
    assert made.replacement.publicity == "do-not-announce"


def test_an_incident_within_an_amendment_says_what_is_unknown_as_one_alone_does() -> None:
    made = amendment(replacement={"kind": "incident", **LEAST["incident"]}, changed=["facts"])
    assert "casualties" in made.replacement.said_unknown()


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"revision": 1}, "revision", "outside 2 to 10,000"),
        ({"revision": 10_001}, "revision", "outside 2 to 10,000"),
        ({"changed": []}, "changed", "1 is the least"),
        ({"changed": ["strat_s"]}, "changed[0]", "Did you mean start_s?"),
        ({"changed": ["dtg_s"]}, "changed[0]", "no field that an amendment of this kind changes"),
        ({"changed": ["azimuth_deg"]}, "changed[0]", "no field that an amendment of this kind changes"),
        ({"changed": ["ships", "ships"]}, "changed[1]", "named twice"),
        ({"changed": ["\u202e"]}, "changed[0]", r"\\u\{202e\} is no field"),
        ({"reason": None}, "reason", "required"),
        ({"replacement": "x"}, "replacement", "not a table"),
        ({"replacement": {**exercise()}}, "replacement.kind", "Give kind = "),
        ({"replacement": {"kind": ["exercise"]}}, "replacement.kind", "Give kind = "),
        ({"replacement": replaced(start=None)}, "replacement.start", "required"),
        ({"replacement": replaced(end="010400Z DEC 24")}, "replacement.end", "is before start"),
        ({"replacement": replaced(live_fire=True)}, "replacement.hazard_areas", "at least one hazard area"),
        ({"replacement": replaced(drafter="Desk 3")}, "replacement.drafter", "Give drafter in the amendment"),
        ({"replacement": replaced(references=["N 7"])}, "replacement.references", "Give references in the amendment"),
        ({"replacement": replaced(dtg="271231Z NOV 24")}, "replacement.dtg", "Leave it out"),
        ({"replacement": replaced(version=2)}, "replacement.version", "Use 1"),
    ],
)
def test_a_wrong_amendment_is_refused_by_its_field(changed: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(NoticeError, match=says) as e:
        amendment(**changed)
    assert e.value.field == field
    assert e.value.what.startswith(field)


def test_what_is_changed_leaves_the_act_of_telling_aside() -> None:
    before = from_mapping("exercise", exercise(drafter="Desk 3", acknowledge_by="281230Z NOV 24"), now_s=NOW_S)
    after = from_mapping("exercise", exercise(ships=3, publicity="public"), now_s=NOW_S + 60)
    assert fields_changed(before, after) == ("publicity", "ships")
    assert fields_changed(before, before) == ()
    assert {f.name for f in fields_of(type(before))} >= OF_THE_TELLING


def test_what_is_made_up_for_a_check_leaves_what_is_given() -> None:
    made_up = {k: v for k, v in given().items() if k not in ("revision", "changed")}
    assert from_mapping("amendment", presumed(made_up), now_s=NOW_S).kind == "amendment"
    assert presumed(given(revision=7))["revision"] == 7


def test_an_officer_reads_back_the_values_of_the_replacement() -> None:
    kind = KINDS["amendment"]
    made = amendment()
    assert [(v.name, v.shown) for v in kind.read_back(made)] == [
        ("replacement.start", "010500Z DEC 24"),
        ("replacement.end", "031700Z DEC 24"),
        ("replacement.areas[0].points[0]", "34-30.00N 033-12.00E"),
    ]
    assert kind.window(made) == KINDS["exercise"].window(made.replacement)


def test_the_headline_says_which_revision_of_what() -> None:
    assert amendment().headline() == ("Revision 2: 010500Z DEC 24 to 031700Z DEC 24, no live fire: ILLUSTRATION 24")


def test_the_printed_form_has_the_whole_replacement_under_the_numbers_of_its_kind() -> None:
    page = render(amendment(), Envelope("NORTH", "SOUTH", Precedence.PRIORITY, Mode.OPERATION, serial=8))
    assert " 6. REPLACEMENT:\n    EXERCISE\n" in page
    assert "     5. START: 010500Z DEC 24\n" in page
    assert "    Not stated: items 9 (Hazard areas), 11 (Troops)" in page


def test_a_text_in_the_replacement_cannot_imitate_an_item() -> None:
    forged = "x" * 40 + " " + "y" * 20 + "  5. START: 020500Z DEC 24"
    terms = amendment(replacement=replaced(purpose=forged, publicity_terms=forged, contact_point=forged))
    page = render(terms, Envelope("NORTH", "SOUTH", Precedence.PRIORITY, Mode.OPERATION, serial=8)).splitlines()
    assert sum("5. START" in line for line in page) == 4
    assert [line for line in page if line.lstrip().startswith("5. START") and not line.startswith(" " * 8)] == [
        "     5. START: 010500Z DEC 24"
    ]


def test_urgent_texts_are_counted_in_the_replacement_too() -> None:
    long = amendment(replacement=replaced(purpose="word " * 201))
    check_envelope(long, Precedence.PRIORITY, Mode.OPERATION)
    with pytest.raises(NoticeError) as e:
        check_envelope(long, Precedence.FLASH, Mode.OPERATION)
    assert e.value.field == "replacement.purpose"


def test_a_replacement_that_breaks_its_rules_is_malformed_on_the_wire() -> None:
    raw = msgpack.unpackb(encode_body(amendment()))
    raw["replacement"]["end_s"] = raw["replacement"]["start_s"]
    with pytest.raises(MalformedError, match=r"replacement\.end"):
        decode_body(msgspec.msgpack.encode(raw))
