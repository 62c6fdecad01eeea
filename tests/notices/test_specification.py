"""protocol/NOTICES.md and the schemas say the same."""

import re
from pathlib import Path

import pytest

from hotline.notices import KINDS, Notice, bounds, decode_body, encode_body
from hotline.notices.consultation import Consultation
from hotline.notices.schema import Field, ListValue, fields_of
from hotline.notices.values import ChoiceValue, FlagValue, NumberValue, TextValue, TimeValue

SPECIFICATION = (Path(__file__).parents[2] / "protocol" / "NOTICES.md").read_text()
ROW = re.compile(r"^\| (\w+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", re.MULTILINE)


def rows(heading: str) -> list[tuple[str, str, str]]:
    section = SPECIFICATION.partition(f"{heading}\n")[2].partition("\n## ")[0]
    return [(m[1], m[2].strip(), m[3].strip()) for m in ROW.finditer(section) if m[1] != "field"]


def type_words(field: Field) -> str:
    """Say a field's type as the specification does, as far as a rule gives it."""
    match field.value:
        case TextValue() if field.name != "language":
            return f"{'text' if field.value.free else 'line'}({field.value.most})"
        case TimeValue():
            return "time"
        case FlagValue():
            return "flag" if field.required else "mark"
        case NumberValue(0, bounds.COUNT_MOST):
            return "count"
        case NumberValue():
            return f"integer, {field.value.hint}"
        case ListValue(least=least, most=most):
            return f"list({max(least, 1)}–{most}, "
        case ChoiceValue((1,)):
            return "1"
    return ""


def required_words(field: Field) -> str:
    if field.name == "hazard_areas":
        return "if live_fire"
    return "yes" if field.required else "no, withholdable" if field.withholdable else "no"


def described(fields: list[Field], table: list[tuple[str, str, str]]) -> None:
    assert [name for name, _, _ in table] == [f.name for f in fields]
    for field, (name, type_said, required_said) in zip(fields, table, strict=True):
        assert type_said.startswith(type_words(field)), name
        assert required_said == required_words(field), name


def test_the_header_is_as_specified() -> None:
    kind, *table = rows("## 4. Header of every kind")
    assert kind[0] == "kind"
    described(list(fields_of(Notice)), table)


@pytest.mark.parametrize("name", KINDS)
def test_the_fields_of_each_kind_are_as_specified(name: str) -> None:
    (heading,) = re.findall(rf"^## \d+\. {name}, version {KINDS[name].version}$", SPECIFICATION, re.MULTILINE)
    described(list(fields_of(KINDS[name].schema))[len(fields_of(Notice)) :], rows(heading))


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
