"""What holds for every kind of notice: a new kind is held to it by being registered."""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.errors import MalformedError, NoticeError
from hotline.notices import (
    KINDS,
    Envelope,
    Mode,
    Notice,
    Precedence,
    Unknown,
    decode_body,
    draft,
    encode_body,
    from_mapping,
    render,
    subject,
    to_mapping,
)
from hotline.notices.columns import columns
from hotline.notices.render import SUBJECT_COLUMNS, WIDTH
from hotline.notices.schema import ListValue, RecordValue, UnionValue, fields_of
from hotline.notices.values import (
    ChoiceValue,
    FlagValue,
    HexValue,
    MilesValue,
    NoticeIdValue,
    NumberValue,
    PositionValue,
    TextValue,
    TimeValue,
    Value,
)
from tests.notices.full import changed_at, full, full_mapping, places
from tests.notices.samples import NOW_S, error_of, is_safe
from tests.notices.strategies import json_values, notices_of

every_kind = pytest.mark.parametrize("kind", KINDS)
few = settings(max_examples=30)  # where the drawn values decide little
ENVELOPE = Envelope("NORTH", "SOUTH", Precedence.PRIORITY, Mode.OPERATION, serial=7)
NOTICES = {name: notices_of(kind.schema) for name, kind in KINDS.items()}


def toml(value: object) -> str:
    """Return `value` on one line of TOML; JSON's texts, numbers and flags are TOML's."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {toml(v)}" for k, v in value.items()) + " }"
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)


@every_kind
@given(data=st.data())
def test_a_notice_survives_the_wire_json_and_toml_unchanged(kind: str, data: st.DataObject) -> None:
    notice = data.draw(NOTICES[kind])
    body = encode_body(notice)
    assert decode_body(body) == notice
    assert msgpack.packb(msgpack.unpackb(body)) == body
    shown = to_mapping(notice)
    lines = "\n".join(f"{name} = {toml(value)}" for name, value in shown.items())
    for read in (shown, json.loads(json.dumps(shown)), tomllib.loads(lines, parse_float=Decimal)):
        again = from_mapping(kind, read)
        assert again == notice
        assert encode_body(again) == body


def read_otherwise(body: bytes, notice: Notice) -> bool:
    """Whether a body that differs is refused, or is another notice of exactly these bytes."""
    try:
        other = decode_body(body)
    except MalformedError:
        return True
    return other != notice and (isinstance(other, Unknown) or encode_body(other) == body)


@every_kind
@given(data=st.data())
def test_a_changed_byte_is_malformed_or_another_notice_of_exactly_those_bytes(kind: str, data: st.DataObject) -> None:
    notice = data.draw(NOTICES[kind])
    body = encode_body(notice)
    for _ in range(8):
        at, to = data.draw(st.integers(0, len(body) - 1)), data.draw(st.integers(0, 255))
        changed = body[:at] + bytes([to]) + body[at + 1 :]
        assert changed == body or read_otherwise(changed, notice)


@every_kind
def test_every_bit_of_a_body_counts(kind: str) -> None:
    notice = full(kind)
    body = encode_body(notice)
    for at, byte in enumerate(body):
        for bit in range(8):
            assert read_otherwise(body[:at] + bytes([byte ^ 1 << bit]) + body[at + 1 :], notice), (at, bit)


@every_kind
@given(data=st.data())
def test_no_value_in_any_place_raises_outside_the_error_tree(kind: str, data: st.DataObject) -> None:
    whole = full_mapping(kind)
    paths = [path for path, _, _ in places(RecordValue(KINDS[kind].schema), whole)]
    spoilt = changed_at(whole, data.draw(st.sampled_from(paths)), data.draw(json_values))
    error = error_of(lambda: draft(kind, spoilt, now_s=NOW_S))
    assert error is None or (isinstance(error, NoticeError) and error.remedy and is_safe(str(error)))


@every_kind
@given(data=st.data())
def test_no_bytes_in_any_place_of_a_body_raise_outside_the_error_tree(kind: str, data: st.DataObject) -> None:
    whole = msgpack.unpackb(encode_body(full(kind)))
    paths = [path for path, _, _ in places(RecordValue(KINDS[kind].schema), whole, wire=True)]
    spoilt = msgpack.packb(changed_at(whole, data.draw(st.sampled_from(paths)), data.draw(json_values | st.binary())))
    error = error_of(lambda: decode_body(spoilt))
    assert error is None or (isinstance(error, MalformedError) and is_safe(str(error)))


def wrong_in_files(value: Value) -> list[object]:
    """Return values just past each bound, and of other types."""
    match value:
        case TextValue():
            return ["x" * (value.most + 1), "", "\x1b", 7]
        case NumberValue():
            return [value.least - 1, value.most + 1, "7", True, 1.5]
        case TimeValue():
            return ["1999-12-31T23:59:59Z", datetime(2100, 1, 1, tzinfo=UTC), "271230 NOV 24", 7]
        case MilesValue():
            return [0, value.most / 1000 + 0.001, "x"]
        case PositionValue():
            return ["91-00.00N 000-00.00E", "00-00.00N 180-00.01E", 7]
        case ListValue():
            return [[None] * (value.most + 1), "x", *([[]] if value.least else [])]
        case FlagValue():
            return ["yes", 1]
        case ChoiceValue():
            return ["nonsense", 7]
        case HexValue():
            return ["00" * (value.size + 1), "00" * (value.size - 1), "xy" * value.size, 7]
        case NoticeIdValue():
            return ["00" * 15, "NORTH 7", 7]
        case RecordValue() | UnionValue():
            return [7, [], {"no such field": 1}]
    raise TypeError(value)


@every_kind
def test_every_field_is_bounded_in_files_and_its_refusal_names_it(kind: str) -> None:
    whole = full_mapping(kind)
    for path, value, _ in places(RecordValue(KINDS[kind].schema), whole):
        for wrong in wrong_in_files(value):
            with pytest.raises(NoticeError) as e:
                from_mapping(kind, changed_at(whole, path, wrong), now_s=NOW_S)
            within = isinstance(value, RecordValue | UnionValue) and e.value.field.startswith(f"{path}.")
            assert within or e.value.field == path, (path, wrong)
            assert e.value.remedy


def wrong_on_the_wire(value: Value, held: Any) -> list[object]:
    """Return values just past each bound."""
    match value:
        case TextValue():
            return ["x" * (value.most + 1), "", "\x1b"]
        case NumberValue():
            return [value.least - 1, value.most + 1]
        case TimeValue():
            return [946_684_799, 4_102_444_800]
        case MilesValue():
            return [0, value.most + 1]
        case PositionValue():
            return [[5_400_001, 0], [0, -10_800_000], [0], [0, 0, 0]]
        case ListValue():
            return [list(held[:1]) * (value.most + 1)] if held else []
        case FlagValue():
            return [1]
        case ChoiceValue():
            return ["nonsense"]
        case HexValue():
            return [bytes(value.size + 1), bytes(value.size - 1)]
        case NoticeIdValue():
            return [bytes(15), bytes(17)]
    return [7]


@every_kind
def test_every_field_is_bounded_on_the_wire_and_its_refusal_names_it(kind: str) -> None:
    whole = msgpack.unpackb(encode_body(full(kind)))
    for path, value, held in places(RecordValue(KINDS[kind].schema), whole, wire=True):
        for wrong in wrong_on_the_wire(value, held):
            with pytest.raises(MalformedError) as e:
                decode_body(msgpack.packb(changed_at(whole, path, wrong)))
            assert path in e.value.what, (path, wrong)


@every_kind
@few
@given(data=st.data())
def test_the_printed_form_has_the_label_of_every_field(kind: str, data: st.DataObject) -> None:
    notice = data.draw(NOTICES[kind])
    page = render(notice, ENVELOPE)
    assert all(columns(line) <= WIDTH and is_safe(line) for line in page.split("\n"))
    items, _, rest = page.partition("\nNot stated: ")
    withheld = {item.field for item in notice.withheld}
    for field in fields_of(KINDS[kind].schema)[len(fields_of(Notice)) :]:
        stated = getattr(notice, field.name) not in (None, ()) or field.name in {*withheld, *notice.said_unknown()}
        if field.name == "unknown":
            continue  # each field that it names says so itself
        if stated:
            assert f". {field.title.upper()}:" in items, field.name
        else:
            assert field.title in " ".join(rest.split()), field.name


@every_kind
@few
@given(data=st.data())
def test_the_headline_begins_with_what_is_kept_when_it_is_cut(kind: str, data: st.DataObject) -> None:
    notice = data.draw(NOTICES[kind])
    assert "\n" not in notice.headline()
    assert columns(subject(notice)) <= SUBJECT_COLUMNS
    assert KINDS[kind].title_of(notice)


@every_kind
def test_a_notice_with_every_field_prints_each_of_them(kind: str) -> None:
    page = render(full(kind), ENVELOPE)
    left_out = {"calendar": "Nil", "incident": "Unknown"}.get(kind)
    own = fields_of(KINDS[kind].schema)[len(fields_of(Notice)) :]
    assert [f.title for f in own if f". {f.title.upper()}:" not in page and f.title != left_out] == []


def path_of(whole: Any, path: str) -> Any:
    """Return what the friendly form has at a path."""
    for step in re.findall(r"\w+", path):
        whole = whole[int(step) if step.isdigit() else step]
    return whole


@every_kind
@few
@given(data=st.data())
def test_what_is_read_back_is_in_the_notice_under_its_name(kind: str, data: st.DataObject) -> None:
    notice = data.draw(NOTICES[kind])
    shown = to_mapping(notice)
    values = KINDS[kind].read_back(notice)
    assert len({value.name for value in values}) == len(values)
    types = {path: value for path, value, _ in places(RecordValue(KINDS[kind].schema), shown)}
    for value in values:
        held = path_of(shown, value.name)
        assert value.label
        own = types.get(value.name)
        printed = own.lines(own.read(held, value.name)) if own else [value.shown]
        assert [value.shown] == printed


@every_kind
@few
@given(data=st.data())
def test_a_window_is_in_order_and_is_read_back(kind: str, data: st.DataObject) -> None:
    notice = data.draw(NOTICES[kind])
    window = KINDS[kind].window(notice)
    if window is not None:
        assert window[0] < window[1]
        assert KINDS[kind].read_back(notice)


@every_kind
def test_areas_and_windows_are_read_back(kind: str) -> None:
    has_area = any("areas" in f.name or f.name == "launch_area" for f in fields_of(KINDS[kind].schema))
    if has_area:
        assert any("N 0" in value.shown for value in KINDS[kind].read_back(full(kind)))
