"""Bodies: one content, one byte form; everything else is refused by name."""

from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.errors import MalformedError, NoticeError
from hotline.notices import Notice, Unknown, decode_body, encode_body, from_mapping
from hotline.notices.consultation import Consultation
from hotline.notices.exercise import Exercise
from tests.notices.samples import NOW_S, error_of, exercise, is_safe
from tests.notices.strategies import json_values, notices

PLAIN = {
    "kind": "consultation",
    "version": 1,
    "dtg_s": NOW_S,
    "language": "en",
    "publicity": "confidential",
    "subject": "Ships",
    "text": "Request your intentions.",
}


def pack(fields: object) -> bytes:
    """Pack with the other library: what an independent implementation would send."""
    packed: bytes = msgpack.packb(fields)
    return packed


def least() -> Exercise:
    notice = from_mapping("exercise", exercise(), now_s=NOW_S)
    assert isinstance(notice, Exercise)
    return notice


def refused(data: bytes) -> MalformedError:
    with pytest.raises(MalformedError) as e:
        decode_body(data)
    assert is_safe(str(e.value))
    return e.value


def test_a_body_of_another_implementation_is_read() -> None:
    notice = decode_body(pack(PLAIN))
    assert isinstance(notice, Consultation)
    assert (notice.subject, notice.text, notice.dtg_s) == ("Ships", "Request your intentions.", NOW_S)


@given(notices)
def test_every_notice_survives_the_wire(notice: Notice) -> None:
    assert decode_body(encode_body(notice)) == notice


@given(notices)
def test_another_library_packs_every_notice_to_the_same_bytes(notice: Notice) -> None:
    data = encode_body(notice)
    fields = msgpack.unpackb(data)
    assert list(fields)[:2] == ["kind", "version"]
    assert pack(fields) == data


@given(notices, st.data())
def test_a_changed_byte_is_never_read_as_the_same_notice(notice: Notice, data: st.DataObject) -> None:
    body = bytearray(encode_body(notice))
    body[data.draw(st.integers(0, len(body) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        changed = decode_body(bytes(body))
    except MalformedError:
        return
    assert changed != notice


@given(notices, st.data())
def test_a_body_cut_short_is_malformed(notice: Notice, data: st.DataObject) -> None:
    body = encode_body(notice)
    refused(body[: data.draw(st.integers(0, len(body) - 1))])


@given(st.binary(max_size=200) | json_values.map(msgspec.msgpack.encode))
def test_no_bytes_raise_outside_the_error_tree(data: bytes) -> None:
    error = error_of(lambda: decode_body(data))
    assert error is None or (isinstance(error, MalformedError) and is_safe(str(error)))


@given(st.dictionaries(st.sampled_from(["dtg_s", "language", "text", "areas", "x\x1b"]), json_values))
def test_no_fields_of_a_known_kind_raise_outside_the_error_tree(fields: dict[str, object]) -> None:
    data = msgspec.msgpack.encode({"kind": "exercise", "version": 1} | fields)
    error = error_of(lambda: decode_body(data))
    assert error is None or (isinstance(error, MalformedError) and is_safe(str(error)))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"marking": None}, "not-canonical"),
        ({"action": []}, "not-canonical"),
        ({"marking": ""}, "malformed"),
        ({"colour\x1b": "red"}, "malformed"),
        ({"text": 7}, "malformed"),
        ({"text": "x\x00"}, "malformed"),
        ({"subject": "x\ny"}, "malformed"),
        ({"dtg_s": -1}, "malformed"),
        ({"dtg_s": 1.5}, "forbidden-type"),
        ({"publicity": "secret"}, "malformed"),
        ({"reply_by_s": NOW_S - 1}, "bad-notice"),
        ({"withheld": [{"field": "text", "reason": "no"}]}, "bad-notice"),
    ],
)
def test_a_body_that_breaks_one_rule_is_malformed(changed: dict[str, Any], reason: str) -> None:
    order = Consultation.__struct_fields__
    fields = PLAIN | changed
    ranked = sorted(fields, key=lambda k: -1 if k == "kind" else order.index(k) if k in order else 99)
    assert refused(pack({k: fields[k] for k in ranked})).reason == reason


def test_another_order_of_the_fields_is_malformed() -> None:
    assert refused(pack(dict(reversed(PLAIN.items())))).reason == "not-canonical"


def test_a_repeated_field_is_malformed() -> None:
    data = pack(PLAIN)
    assert refused(bytes([data[0] + 1]) + data[1:] + pack("text") + pack("Another text.")).reason == "not-canonical"


def test_a_longer_header_than_needed_is_malformed() -> None:
    data = pack(PLAIN)
    assert refused(b"\xde\x00\x07" + data[1:]).reason == "not-canonical"


def test_bytes_after_the_end_are_malformed() -> None:
    refused(pack(PLAIN) + b"\xc0")


def test_a_field_set_to_false_where_only_true_is_said_is_malformed() -> None:
    test = {"kind": "line-test", "version": 1, "dtg_s": NOW_S, "language": "en", "publicity": "public"}
    test |= {"serial": 1, "nonce": bytes(16), "text": "x", "path": "any"}
    assert not isinstance(decode_body(pack(test)), Unknown)
    assert refused(pack(test | {"manned": False})).reason == "not-canonical"


def test_a_polygon_that_crosses_itself_is_malformed_on_the_wire_too() -> None:
    fields = msgpack.unpackb(encode_body(least()))
    points = fields["areas"][0]["points"]
    points[1], points[2] = points[2], points[1]
    e = refused(pack(fields))
    assert e.reason == "bad-notice"
    assert "areas[0].points" in e.what


def test_deep_nesting_is_malformed() -> None:
    refused(
        b"\x83" + pack("kind") + pack("exercise") + pack("version") + pack(1) + pack("x") + b"\x91" * 9000 + b"\x01"
    )


def test_a_body_past_the_bound_is_malformed_before_it_is_decoded() -> None:
    assert refused(bytes(limits.BODY_BYTES + 1)).reason == "too-large"


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "overflight", "version": 1, "where": [1, 2]},
        {"kind": "consultation", "version": 2, "text": "x"},
        {"kind": "x" * 64, "version": 1},
        {"kind": "overflight", "version": 1} | {f"f{i}": b"\x00" for i in range(30)},
    ],
)
def test_a_kind_or_version_not_known_here_is_unknown_and_kept_raw(fields: dict[str, Any]) -> None:
    data = pack(fields)
    assert decode_body(data) == Unknown(fields["kind"], fields["version"], data)


@pytest.mark.parametrize(
    "data",
    [
        pack({"version": 1, "kind": "overflight"}),
        pack({"kind": "overflight", "x": 1, "version": 1}),
        pack({"kind": "overflight"}),
        pack({"kind": "overflight", "version": 0}),
        pack({"kind": "", "version": 1}),
        pack({"kind": "x" * 65, "version": 1}),
        pack({"kind": 7, "version": 1}),
        pack({"kind": "overflight", "version": 1, "x": 1.5}),
        pack({"kind": "overflight", "version": 1}) + b"\x01",
        b"\x83" + pack({"kind": "overflight", "version": 1})[1:] + pack("version") + pack(1),
        b"\x83" + pack({"kind": "overflight", "version": 1})[1:] + pack("x") + b"\x81\x80\x01",
        pack(["overflight", 1]),
        b"",
    ],
)
def test_what_is_not_even_an_unknown_kind_is_malformed(data: bytes) -> None:
    refused(data)


def test_a_notice_made_by_hand_is_checked_before_it_is_packed() -> None:
    for wrong in (
        msgspec.structs.replace(least(), ships=-1),
        msgspec.structs.replace(least(), purpose="\ud800"),
        msgspec.structs.replace(least(), ships=1 << 70),
        msgspec.structs.replace(least(), areas=object()),
        msgspec.structs.replace(least(), end_s=least().start_s),
    ):
        with pytest.raises(NoticeError):
            encode_body(wrong)


def test_a_list_where_a_tuple_belongs_packs_to_the_same_bytes() -> None:
    assert encode_body(msgspec.structs.replace(least(), action=[], states=["North"])) == encode_body(least())


def test_a_notice_too_large_for_a_body_is_refused_with_its_size() -> None:
    with pytest.raises(NoticeError, match=r"takes 64\d{3} bytes; 65536 is the most|takes \d{5} bytes") as e:
        from_mapping("consultation", {"text": "🚢" * 16_000, "action": ["🚢" * 120] * 16}, now_s=NOW_S)
    assert e.value.reason == "too-large"
