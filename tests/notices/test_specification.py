"""protocol/NOTICES.md and the schemas say the same."""

import re
from pathlib import Path

import pytest
from msgspec import Struct

from hotline.notices import KINDS, Notice, bounds, decode_body, encode_body
from hotline.notices.consultation import Consultation
from hotline.notices.incident import CAN_BE_UNKNOWN
from hotline.notices.kind import Kind
from hotline.notices.schema import Field, ListValue, RecordValue, UnionValue, fields_of, holds_notice
from hotline.notices.values import (
    ChoiceValue,
    FlagValue,
    HexValue,
    NoticeIdValue,
    NumberValue,
    PositionValue,
    TextValue,
    TimeValue,
    Value,
)

SPECIFICATION = (Path(__file__).parents[2] / "protocol" / "NOTICES.md").read_text()
MAP = re.compile(r"^\*\*(\w+)\*\*: map ((?:(?!\*\*).+\n)+)", re.MULTILINE)
MEMBER = re.compile(r" (?=`\w+` (?:line|text|time|count|flag|integer|list|one of|binary))")
ROW = re.compile(r"^\| (\w+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", re.MULTILINE)


def rows(heading: str) -> list[tuple[str, str, str]]:
    section = SPECIFICATION.partition(f"{heading}\n")[2].partition("\n## ")[0]
    return [(m[1], m[2].strip(), m[3].strip()) for m in ROW.finditer(section) if m[1] != "field"]


def words_of(value: Value, *, required: bool = True) -> str:
    """Say a type as the specification does, as far as a rule gives it."""
    match value:
        case TextValue():
            return f"{'text' if value.free else 'line'}({value.most})"
        case TimeValue():
            return "time"
        case FlagValue():
            return "flag" if required else "mark"
        case NumberValue(0, bounds.COUNT_MOST):
            return "count"
        case NumberValue():
            return f"integer, {value.hint}"
        case ListValue(least=least, most=most):
            return f"list({max(least, 1)}–{most}, {words_of(value.item)}"
        case ChoiceValue((1,)):
            return "1"
        case ChoiceValue():
            return "one of"
        case NoticeIdValue():
            return "notice id"
        case HexValue():
            return f"binary, {value.size} bytes"
        case PositionValue():
            return "position"
        case UnionValue() if not holds_notice(value):
            return "area"
        case RecordValue():
            return value.struct.__name__.lower()
    return ""


def type_words(field: Field) -> str:
    return "" if field.name == "language" else words_of(field.value, required=field.required)


# What only a rule across fields requires.
REQUIRED_IF = {
    ("exercise", "hazard_areas"): "if live_fire",
    ("start", "deviations"): "if not as_notified",
    ("completion", "deviations"): "if not as_notified",
    ("completion", "residual_text"): "if residual_hazards",
    ("call-answer", "reason"): "if decline",
    **{("incident", name): "or unknown" for name in CAN_BE_UNKNOWN},
}


def required_words(field: Field, kind: str) -> str:
    required = REQUIRED_IF.get((kind, field.name), "yes" if field.required else "no")
    return f"{required}, withholdable" if field.withholdable else required


def described(fields: list[Field], table: list[tuple[str, str, str]], kind: str = "") -> None:
    assert [name for name, _, _ in table] == [f.name for f in fields]
    for field, (name, type_said, required_said) in zip(fields, table, strict=True):
        assert type_said.startswith(type_words(field)), name
        assert required_said == required_words(field, kind), name


def test_the_header_is_as_specified() -> None:
    kind, *table = rows("## 4. Header of every kind")
    assert kind[0] == "kind"
    described(list(fields_of(Notice)), table)


@pytest.mark.parametrize("name", KINDS)
def test_the_fields_of_each_kind_are_as_specified(name: str) -> None:
    (heading,) = re.findall(rf"^## \d+\. {name}, version {KINDS[name].version}$", SPECIFICATION, re.MULTILINE)
    described(list(fields_of(KINDS[name].schema))[len(fields_of(Notice)) :], rows(heading), name)


def structs_in(value: Value) -> set[type[Struct]]:
    """Return the structs that a value holds at any depth, each described in words; not areas, not whole notices."""
    match value:
        case ListValue():
            return structs_in(value.item)
        case RecordValue():
            return {value.struct}.union(*(structs_in(f.value) for f in fields_of(value.struct)))
    return set()


STRUCTS: set[type[Struct]] = set().union(*(structs_in(f.value) for k in KINDS.values() for f in fields_of(k.schema)))


@pytest.mark.parametrize("struct", sorted(STRUCTS, key=str))
def test_what_a_list_holds_is_as_specified(struct: type[Struct]) -> None:
    (said,) = [m[2].replace("\n", " ") for m in MAP.finditer(SPECIFICATION) if m[1] == struct.__name__]
    members = [member for member in MEMBER.split(f" {said}") if member]
    fields = fields_of(struct)
    assert len(members) == len(fields)
    for member, field in zip(members, fields, strict=True):
        assert re.match(rf"`{field.name}` {re.escape(words_of(field.value, required=field.required))}", member)
        assert ("optional" in member) == (not field.required), member


@pytest.mark.parametrize(
    ("kind", "field"),
    [(k, f) for k in KINDS.values() for f in fields_of(k.schema) if isinstance(f.value, ChoiceValue)],
    ids=lambda item: getattr(item, "name", ""),
)
def test_every_word_of_a_choice_is_in_the_specification(kind: Kind, field: Field) -> None:
    assert isinstance(field.value, ChoiceValue)
    assert [w for w in field.value.words if w != 1 and f"`{w}`" not in SPECIFICATION] == []


def test_the_example_of_the_specification_is_what_it_says() -> None:
    digits, size = (
        re.findall(r"```\n([0-9a-f\s]+)```", SPECIFICATION),
        re.findall(r"a body of (\d+) bytes", SPECIFICATION),
    )
    data = bytes.fromhex(digits[0])
    notice = decode_body(data)
    assert isinstance(notice, Consultation)
    assert (notice.subject, notice.text) == ("Passage of ships", "Request your intentions.")
    assert notice.dtg_s == 1_732_710_600
    assert encode_body(notice) == data
    assert int(size[0]) == len(data)


def test_the_bounds_of_the_specification_are_those_of_the_code() -> None:
    for number in (bounds.LATITUDE_MOST_MMIN, bounds.LONGITUDE_MOST_MMIN, bounds.RADIUS_MOST_MNM, bounds.COUNT_MOST):
        assert f"{number:,}" in SPECIFICATION
    for number in (bounds.TIME_LEAST_S, bounds.TIME_MOST_S):
        assert str(number) in SPECIFICATION
    assert f"at most {bounds.URGENT_WORDS} words" in SPECIFICATION
    assert f"at most {bounds.URGENT_CHARS:,} characters" in SPECIFICATION
