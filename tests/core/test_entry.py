"""Entries: any bytes have an envelope, any change is noticed, each field has its bounds (SPEC sections 4.1 to 4.7)."""

import hashlib
from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core import encoding, entry, tree
from hotline.core.entry import (
    ACKNOWLEDGEMENT,
    CARD,
    GENESIS,
    NOTICE,
    OPENED,
    REFUSAL,
    WATCH,
    Acknowledgement,
    CardEntry,
    Genesis,
    Notice,
    Opened,
    Refusal,
    Release,
    ReleaseFacts,
    Watch,
)
from hotline.errors import MalformedError

B16, B32, SIGNATURE = b"r" * 16, b"h" * 32, b"s" * 2484
COMMON: list[Any] = [1, 1_700_000_000_000, 5, B32, 0]
RELEASE: list[Any] = [B32, 1, SIGNATURE]
FIELDS: dict[int, list[Any]] = {
    GENESIS: [GENESIS, *COMMON, B16, B32, B32, 1, B32, B32],
    NOTICE: [NOTICE, *COMMON, B32, B16, 1, 3, 2, 0, [RELEASE]],
    OPENED: [OPENED, *COMMON, B16, 7, B32, 0, "", B32, SIGNATURE],
    ACKNOWLEDGEMENT: [ACKNOWLEDGEMENT, *COMMON, B16, 7, B32, 1, "understood", B32, SIGNATURE],
    REFUSAL: [REFUSAL, *COMMON, B16, 7, B32, 4, "why", B32, SIGNATURE],
    WATCH: [WATCH, *COMMON, B16, 1, B32, b"o" * 32, 9, "all quiet", SIGNATURE, SIGNATURE],
    CARD: [CARD, *COMMON, 2, B32],
}
MACHINE = [REFUSAL, *COMMON, B16, 7, B32, 2, "content", b"", b""]
CLASSES = dict(zip(FIELDS, (Genesis, Notice, Opened, Acknowledgement, Refusal, Watch, CardEntry), strict=True))


def packed(fields: object) -> bytes:
    data: bytes = msgpack.packb(fields)
    return data


def changed(kind: int, at: int, value: object) -> bytes:
    fields = list(FIELDS[kind])
    fields[at] = value
    return packed(fields)


def refused(content: bytes, reason: str = "content") -> None:
    with pytest.raises(MalformedError) as caught:
        entry.decode_content(content)
    assert caught.value.reason == reason


# --- the envelope -----------------------------------------------------------------------------------


def test_an_envelope_is_what_the_specification_says_byte_by_byte() -> None:
    raw = entry.seal_envelope(b"content", 0x010203, B32)
    assert raw == b"\x01\x00\x01\x02\x03" + B32 + b"content"
    assert entry.seal_envelope(b"content") == b"\x01" + bytes(4) + bytes(32) + b"content"


@given(st.binary(max_size=200) | st.binary(min_size=30, max_size=80).map(lambda b: b"\x01\0\0" + b))
def test_any_bytes_have_an_envelope_and_nothing_is_raised(raw: bytes) -> None:
    parts = entry.envelope(raw)
    if parts.sound:
        assert entry.seal_envelope(parts.content, parts.body_bytes, parts.commitment) == raw
        assert parts.body_bytes <= limits.BODY_BYTES
    else:
        assert (parts.body_bytes, parts.commitment, parts.content) == (0, bytes(32), b"")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x01" + bytes(35),
        b"\x00" + bytes(40),
        b"\x02" + bytes(40),
        b"\x01" + bytes(limits.ENTRY_BYTES),
        b"\x01" + bytes(4) + B32 + b"content",
        b"\x01" + (limits.BODY_BYTES + 1).to_bytes(4, "big") + B32,
        b"\x01\xff\xff\xff\xff" + B32,
    ],
)
def test_what_does_not_fit_the_envelope_is_unsound_and_has_no_body(raw: bytes) -> None:
    assert not entry.envelope(raw).sound
    assert entry.body_fits(raw, b"", b"")
    assert not entry.body_fits(raw, B32, b"body")


@pytest.mark.parametrize(
    ("raw", "body_bytes"),
    [
        (b"\x01" + bytes(36), 0),
        (b"\x01" + bytes(limits.ENTRY_BYTES - 1), 0),
        (b"\x01\0\0\0\1" + bytes(32), 1),
        (b"\x01" + limits.BODY_BYTES.to_bytes(4, "big") + B32, limits.BODY_BYTES),
    ],
)
def test_an_envelope_is_sound_up_to_its_bounds(raw: bytes, body_bytes: int) -> None:
    assert entry.envelope(raw).sound
    assert entry.envelope(raw).body_bytes == body_bytes


# --- the commitment -----------------------------------------------------------------------------------


@given(st.binary(min_size=1, max_size=300))
def test_a_commitment_is_the_labelled_hash_of_salt_and_body_and_fits_them(body: bytes) -> None:
    commitment = entry.commitment(B32, body)
    assert commitment == hashlib.sha256(b"hotline/v1/body\x00" + B32 + body).digest()
    assert entry.body_fits(entry.seal_envelope(b"", len(body), commitment), B32, body)


@given(st.binary(min_size=1, max_size=100), st.data())
def test_any_byte_changed_in_salt_or_body_no_longer_fits(body: bytes, draw: st.DataObject) -> None:
    raw = entry.seal_envelope(b"", len(body), entry.commitment(B32, body))
    both = bytearray(B32 + body)
    both[draw.draw(st.integers(0, len(both) - 1))] ^= draw.draw(st.integers(1, 255))
    assert not entry.body_fits(raw, bytes(both[:32]), bytes(both[32:]))


def test_salt_and_body_cannot_slide_into_each_other_or_be_left_out() -> None:
    body = b"the body"
    raw = entry.seal_envelope(b"", len(body), entry.commitment(B32, body))
    for salt, shown in ((B32 + body[:1], body[1:]), (B32[:-1], B32[-1:] + body), (b"", b""), (B32, b""), (b"", body)):
        assert not entry.body_fits(raw, salt, shown)


def test_an_entry_without_a_body_fits_nothing_but_empty_ones() -> None:
    raw = entry.seal_envelope(b"content")
    assert entry.body_fits(raw, b"", b"")
    assert not entry.body_fits(raw, B32, b"")
    assert not entry.body_fits(raw, b"", b"x")


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_any_byte_changed_in_an_entry_changes_its_leaf_hash(kind: int, draw: st.DataObject) -> None:
    raw = bytearray(entry.seal_envelope(packed(FIELDS[kind]), 1, B32))
    before = tree.leaf_hash(bytes(raw))
    raw[draw.draw(st.integers(0, len(raw) - 1))] ^= draw.draw(st.integers(1, 255))
    assert tree.leaf_hash(bytes(raw)) != before


# --- the content ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FIELDS)
def test_each_type_is_the_array_of_the_specification_and_is_read_back(kind: int) -> None:
    content = entry.decode_content(packed(FIELDS[kind]))
    assert type(content) is CLASSES[kind]
    assert entry.type_of(content) == kind == entry.peek_type(packed(FIELDS[kind]))
    assert encoding.encode(content) == packed(FIELDS[kind])


def test_a_machines_refusal_has_neither_officer_nor_signature() -> None:
    content = entry.decode_content(packed(MACHINE))
    assert isinstance(content, Refusal)
    assert (content.officer, content.signature) == (b"", b"")


NOT_UINT: list[object] = [-1, 2**53, "1", b"1", None, True, 1.0, []]
BAD: dict[str, list[object]] = {
    "uint": NOT_UINT,
    "b16": [b"r" * 15, b"r" * 17, b"", "r" * 16, None],
    "b32": [b"h" * 31, b"h" * 33, b"", "h" * 32, None],
}
COMMON_KINDS = ["uint", "uint", "uint", "b32", "uint"]
KINDS: dict[int, list[str]] = {
    GENESIS: [*COMMON_KINDS, "b16", "b32", "b32", "uint", "b32", "b32"],
    NOTICE: [*COMMON_KINDS, "b32", "b16", "uint", "uint", "uint", "uint"],
    OPENED: [*COMMON_KINDS, "b16", "uint", "b32", "uint"],
    ACKNOWLEDGEMENT: [*COMMON_KINDS, "b16", "uint", "b32", "uint"],
    REFUSAL: [*COMMON_KINDS, "b16", "uint", "b32", "uint"],
    WATCH: [*COMMON_KINDS, "b16", "uint", "b32"],
    CARD: [*COMMON_KINDS, "uint", "b32"],
}


@pytest.mark.parametrize("kind", FIELDS)
def test_each_field_of_each_type_is_refused_out_of_its_bounds(kind: int) -> None:
    for at, field in enumerate(KINDS[kind], start=1):
        for value in BAD[field]:
            refused(changed(kind, at, value))


@pytest.mark.parametrize(
    ("kind", "at", "value"),
    [
        (NOTICE, 8, 0),  # serials begin at one
        (NOTICE, 9, 4),
        (NOTICE, 10, 3),
        (NOTICE, 12, [RELEASE] * 5),
        (NOTICE, 12, [[B32, 0, SIGNATURE]]),
        (NOTICE, 12, [[B32, 3, SIGNATURE]]),
        (NOTICE, 12, [[B32[1:], 1, SIGNATURE]]),
        (NOTICE, 12, [[B32, 1, SIGNATURE[1:]]]),
        (NOTICE, 12, [[B32, 1, SIGNATURE + b"s"]]),
        (NOTICE, 12, [[B32, 1]]),
        (NOTICE, 12, [[B32, 1, SIGNATURE, 0]]),
        (NOTICE, 12, None),
        (OPENED, 9, 1),
        (ACKNOWLEDGEMENT, 9, 0),
        (ACKNOWLEDGEMENT, 9, 2),
        (REFUSAL, 9, 0),
        (REFUSAL, 9, 5),
        (REFUSAL, 9, 2),  # a machine's verdict with an officer's signature
        *(
            (kind, 10, text)
            for kind in (OPENED, ACKNOWLEDGEMENT, REFUSAL)
            for text in ("x" * 257, "é" * 129, b"x", None)
        ),
        *((kind, 11, officer) for kind in (OPENED, ACKNOWLEDGEMENT, REFUSAL) for officer in (b"", B32[1:], B32 + b"h")),
        *(
            (kind, 12, sign)
            for kind in (OPENED, ACKNOWLEDGEMENT, REFUSAL)
            for sign in (b"", SIGNATURE[1:], SIGNATURE + b"s")
        ),
    ],
)
def test_a_value_that_fits_its_type_and_not_its_bound_is_refused(kind: int, at: int, value: object) -> None:
    refused(changed(kind, at, value))


@pytest.mark.parametrize(("at", "value"), [(9, 4), (11, B32), (12, SIGNATURE)])
def test_a_machines_refusal_with_a_part_of_an_officers_is_refused(at: int, value: object) -> None:
    fields = list(MACHINE)
    fields[at] = value
    refused(packed(fields))


@pytest.mark.parametrize("text", ["x" * 256, "é" * 128, "", "\u202e\x00"])
def test_the_text_of_an_answer_is_bounded_in_bytes_and_otherwise_free(text: str) -> None:
    content = entry.decode_content(changed(ACKNOWLEDGEMENT, 10, text))
    assert isinstance(content, Acknowledgement)
    assert content.text == text


@pytest.mark.parametrize("kind", FIELDS)
def test_a_field_too_few_or_too_many_is_refused(kind: int) -> None:
    refused(packed(FIELDS[kind][:-1]))
    refused(packed([*FIELDS[kind], 0]))


@pytest.mark.parametrize("kind", [-1, 2**53, 2**64 - 1])
def test_a_type_that_is_no_integer_of_this_protocol_is_of_no_form(kind: int) -> None:
    refused(packed([kind, *FIELDS[NOTICE][1:]]), "content")


@pytest.mark.parametrize("kind", [0, 8, 9, 99, limits.TREE_SIZE])
def test_a_reserved_or_unknown_type_is_told_apart_if_it_has_the_six_common_fields(kind: int) -> None:
    common = FIELDS[NOTICE][1:6]
    refused(packed([kind, *FIELDS[NOTICE][1:]]), "type")
    refused(packed([kind, *common]), "type")
    refused(packed([kind, *common, {"any": [1, 2]}]), "type")
    for bad in ([], ["any"], common[:-1], [-1, *common[1:]], [*common[:3], b"short", 0]):
        refused(packed([kind, *bad]), "content")


def test_an_unknown_type_in_another_encoding_than_the_one_is_of_no_form() -> None:
    known = packed([9, *FIELDS[NOTICE][1:6]])
    refused(known, "type")
    refused(known[:1] + b"\xcc" + known[1:], "content")


def test_an_answer_of_another_version_is_judged_by_the_form_of_this_one_first() -> None:
    fields = list(FIELDS[ACKNOWLEDGEMENT])
    fields[1] = 2
    refused(packed(fields), "version")
    fields[9] = 0  # the verdict of *opened*
    refused(packed(fields), "content")


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("version", [0, 2, limits.TREE_SIZE])
def test_another_version_of_the_same_form_is_told_apart(kind: int, version: int) -> None:
    refused(changed(kind, 1, version), "version")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xc1", b"\x90", b"\x80", b"\x01", b"\x91\xa1x", b"\x91\xc2", b"\x91\xc0", b"\xff" * 50, b"\x91\x81\x80\x01",
     b"\x92\x02\x81\x80\x01", b"\x92\x09\x81\x81\x01\x01\x01", b"\x91\x02\x00",
     b"\x92\x02\xca\0\0\0\0", b"\x92\x09\xa1\xff"],
)  # fmt: skip
def test_what_is_no_content_at_all_is_refused_and_nothing_else_is_raised(content: bytes) -> None:
    with pytest.raises(MalformedError):
        entry.decode_content(content)


@given(st.binary(max_size=120) | st.binary(max_size=60).map(lambda b: b"\x9d\x02" + b))
def test_arbitrary_content_is_decoded_or_refused(content: bytes) -> None:
    peeked = entry.peek_type(content)
    assert peeked is None or isinstance(peeked, int)
    reason = ""
    try:
        entry.decode_content(content)
    except MalformedError as e:
        reason = e.reason
    assert reason in ("", "content", "type", "version")


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_content_with_a_changed_byte_is_refused_or_says_something_else(kind: int, draw: st.DataObject) -> None:
    data = bytearray(packed(FIELDS[kind]))
    data[draw.draw(st.integers(0, len(data) - 1))] ^= draw.draw(st.integers(1, 255))
    with suppress(MalformedError):
        assert entry.decode_content(bytes(data)) != entry.decode_content(packed(FIELDS[kind]))


@pytest.mark.parametrize(
    "changes",
    [
        {7: 2}, {8: b""}, {9: B32}, {9: b""}, {9: b"o" * 31}, {7: 0}, {13: b""}, {12: b""}, {12: SIGNATURE[1:]},
        {11: "x" * 257}, {11: "\N{EURO SIGN}" * 86}, {10: -1}, {6: b""},
    ],
)  # fmt: skip
def test_a_watch_is_signed_by_all_whom_it_names_and_nobody_relieves_himself(changes: dict[int, object]) -> None:
    fields = list(FIELDS[WATCH])
    for at, value in changes.items():
        fields[at] = value
    refused(packed(fields))


@pytest.mark.parametrize("state", [0, 1])
def test_a_watch_that_relieves_nobody_has_one_signature(state: int) -> None:
    alone = [*FIELDS[WATCH][:7], state, B32, b"", 9, "", SIGNATURE, b""]
    assert isinstance(entry.decode_content(packed(alone)), Watch)


@given(st.binary(max_size=60))
def test_what_begins_as_anything_but_a_notice_is_never_answered(rest: bytes) -> None:
    for kind in range(12):
        begun = entry.seal_envelope(b"\x9e" + bytes([kind]) + rest)
        assert entry.unanswerable(begun) == (kind in CLASSES and kind != NOTICE)
    assert not entry.unanswerable(b"\x02" + entry.seal_envelope(b"\x9e\x03" + rest)[1:])
    assert not entry.unanswerable(rest[:38])


def test_content_over_the_size_of_an_entry_is_refused() -> None:
    refused(b"\x91" + b"\xc6" + limits.ENTRY_BYTES.to_bytes(4, "big") + bytes(limits.ENTRY_BYTES))


# --- what officers sign -------------------------------------------------------------------------------------


def test_a_release_covers_each_fact_of_the_notice_in_the_order_of_the_specification() -> None:
    facts = ReleaseFacts(B32, B16, 3, 2, bytes(32), 77, 88)
    message = entry.release_message(b"L" * 32, facts, b"O" * 32, 1)
    array = [1, b"O" * 32, b"L" * 32, B32, B16, NOTICE, 3, 2, bytes(32), 77, 88]
    assert message == b"hotline/v1/release\x00" + packed(array)


@pytest.mark.parametrize(
    "other",
    [
        ReleaseFacts(bytes(32), B16, 3, 2, bytes(32), 77, 88),
        ReleaseFacts(B32, bytes(16), 3, 2, bytes(32), 77, 88),
        ReleaseFacts(B32, B16, 2, 2, bytes(32), 77, 88),
        ReleaseFacts(B32, B16, 3, 0, bytes(32), 77, 88),
        ReleaseFacts(B32, B16, 3, 2, B32, 77, 88),
        ReleaseFacts(B32, B16, 3, 2, bytes(32), 78, 88),
        ReleaseFacts(B32, B16, 3, 2, bytes(32), 77, 0),
    ],
)
def test_a_release_of_one_notice_releases_no_other(other: ReleaseFacts) -> None:
    facts = ReleaseFacts(B32, B16, 3, 2, bytes(32), 77, 88)
    assert entry.release_message(b"L" * 32, facts, b"O" * 32, 1) != entry.release_message(
        b"L" * 32, other, b"O" * 32, 1
    )


def test_an_answer_covers_line_origin_target_verdict_text_and_officer() -> None:
    message = entry.answer_message(REFUSAL, b"L" * 32, "origin/1", 7, B32, 4, "why", b"O" * 32)
    assert message == b"hotline/v1/answer\x00" + packed([5, b"L" * 32, "origin/1", 7, B32, 4, "why", b"O" * 32])


def test_a_watch_covers_line_owner_and_all_that_it_says() -> None:
    message = entry.watch_message(b"L" * 32, b"F" * 32, B16, 1, b"O" * 32, B32, 77, "text")
    assert message == b"hotline/v1/watch\x00" + packed([b"L" * 32, b"F" * 32, B16, 1, b"O" * 32, B32, 77, "text"])


def test_a_release_is_the_array_of_the_specification() -> None:
    assert encoding.encode(Release(B32, 1, SIGNATURE)) == packed(RELEASE)
