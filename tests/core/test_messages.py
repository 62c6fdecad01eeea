"""Messages: each is read back as it was sent, and each field is refused past its bound (SPEC section 6.6)."""

from contextlib import suppress
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from hotline import limits
from hotline.core import encoding, frame, messages
from hotline.core.messages import (
    Emergency,
    Entries,
    Fork,
    Head,
    Hello,
    Item,
    Message,
    MirrorState,
    Need,
    OwnState,
    Prekey,
    Receipt,
    Seen,
    SignedHead,
)
from hotline.errors import MalformedError

B16, B32, SIGNATURE = b"r" * 16, b"h" * 32, b"s" * 2484
ORIGIN = "hotline/" + "a" * 64 + "/" + "b" * 64 + "/1"
MOST = limits.TREE_SIZE
HEAD = SignedHead(4, B32, SIGNATURE)
PREKEY = Prekey(b"p" * 1216, 5, SIGNATURE)
SAMPLES: list[Message] = [
    Hello(B16, b"", True, OwnState(1, 3, 2), MirrorState(1, 3, B32, 3, 2), (PREKEY,), b"k" * 8, False, B32, 1),
    Entries(ORIGIN, 0, (Item(b"e" * 40, B32, b"body"), Item(b"e" * 40, b"", b"")), B32, SIGNATURE, b""),
    Receipt(ORIGIN, 3, B32, 1_700_000_000, SIGNATURE),
    Head(ORIGIN, 3, B32, SIGNATURE, 2, B32, (B32, B32)),
    Need(ORIGIN, 0, 256, B16),
    Fork(ORIGIN, HEAD, HEAD, B32, (B32,)),
    Emergency(B16, 5, B32, "Telephone us.", SIGNATURE),
    Seen(B16, SIGNATURE),
]
HELLO, ENTRIES, RECEIPT, SIGNED, NEED, FORK, EMERGENCY, SEEN = SAMPLES


def again(message: Message) -> Message:
    kind, payload = messages.pack(message)
    return messages.unpack(kind, payload)


def refused(message: Message) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        again(message)
    return caught.value


uints = st.integers(0, MOST)
sizes = st.integers(1, MOST)
b32 = st.binary(min_size=32, max_size=32)
echo = st.sampled_from([b"", B16])
origins = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255)
hashes = st.lists(b32, max_size=64).map(tuple)
signatures = st.binary(min_size=2484, max_size=2484)
anything: st.SearchStrategy[Message] = st.one_of(
    st.builds(
        Hello, st.binary(min_size=16, max_size=16), echo, st.booleans(), st.builds(OwnState, uints, uints, uints),
        st.builds(MirrorState, uints, uints, b32, uints, uints), st.sampled_from([(), (PREKEY,)]),
        st.sampled_from([b"", b"k" * 8]), st.booleans(), b32, uints,
    ),
    st.builds(
        Entries, origins, uints,
        st.lists(st.builds(Item, st.binary(max_size=99), st.sampled_from([b"", B32]), st.binary(max_size=99)),
                 min_size=1, max_size=9).map(tuple),
        b32, st.just(SIGNATURE), echo,
    ),
    st.builds(Receipt, origins, sizes, b32, sizes, signatures),
    st.builds(Head, origins, sizes, b32, signatures, uints, b32, hashes),
    st.builds(Head, origins, sizes, b32, signatures, st.just(0), st.just(b""), hashes),
    st.builds(Need, origins, uints, uints, echo),
    st.builds(Emergency, st.just(B16), uints, b32, st.text(min_size=1, max_size=256), signatures),
    st.builds(Seen, st.just(B16), signatures),
    st.builds(Fork, origins, st.builds(SignedHead, sizes, b32, signatures), st.just(HEAD), b32, hashes),
)  # fmt: skip


@given(anything)
def test_every_message_is_read_back_as_it_was_sent(message: Message) -> None:
    assert again(message) == message


def test_the_type_codes_are_those_of_the_specification() -> None:
    assert [messages.pack(sample)[0] for sample in SAMPLES] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [messages.pack_code(type(sample)) for sample in SAMPLES] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_payload_is_an_array_of_the_fields_in_their_order() -> None:
    _, payload = messages.pack(NEED)
    assert payload == msgpack.packb([ORIGIN, 0, 256, B16])
    _, payload = messages.pack(SIGNED)
    assert payload == msgpack.packb([ORIGIN, 3, B32, SIGNATURE, 2, B32, [B32, B32]])


def test_the_size_that_entries_propose_is_past_their_last_item() -> None:
    assert isinstance(ENTRIES, Entries)
    assert structs.replace(ENTRIES, start=7).size == 9


@pytest.mark.parametrize("kind", [0, 9, 255])
def test_an_unknown_type_is_refused_by_its_number(kind: int) -> None:
    with pytest.raises(MalformedError, match=str(kind)) as caught:
        messages.unpack(kind, b"\x90")
    assert caught.value.reason == "message-type"


@pytest.mark.parametrize("kind", range(1, 9))
def test_a_message_under_another_type_is_refused(kind: int) -> None:
    for sample in SAMPLES:
        code, payload = messages.pack(sample)
        if code != kind:
            with pytest.raises(MalformedError):
                messages.unpack(kind, payload)


@given(st.integers(0, 255), st.binary(max_size=300))
def test_arbitrary_payloads_are_read_or_refused(kind: int, payload: bytes) -> None:
    try:
        message = messages.unpack(kind, payload)
    except MalformedError:
        return
    assert messages.pack(message) == (kind, payload)


@given(st.sampled_from(SAMPLES), st.data())
def test_a_changed_byte_is_refused_or_says_something_else(sample: Message, draw: st.DataObject) -> None:
    kind, payload = messages.pack(sample)
    at = draw.draw(st.integers(0, len(payload) - 1))
    changed = payload[:at] + bytes([payload[at] ^ draw.draw(st.integers(1, 255))]) + payload[at + 1 :]
    with suppress(MalformedError):
        assert messages.unpack(kind, changed) != sample


SIZE: list[Any] = [0, -1, MOST + 1, "1", None]
UINT = SIZE[1:]
HASH: list[Any] = [b"", b"h" * 31, b"h" * 33, "h" * 32]
ECHO: list[Any] = [b"r", b"r" * 15, b"r" * 17, None]
ORIGINS: list[Any] = ["", "o" * 256, b"origin", "two words", "new\nline", "end\n", "é", "\x00", "\x7f"]
PROOF: list[Any] = [(B32,) * 65, (b"h" * 31,), (b"",), None]
SIGNED_BAD: list[Any] = [b"", SIGNATURE[1:], SIGNATURE + b"s"]
BOUNDS: list[tuple[Message, str, list[Any]]] = [
    (HELLO, "nonce", [b"", B16[1:], B16 + b"r"]),
    (HELLO, "echo", ECHO),
    (HELLO, "ask", [0, 1, None]),
    (HELLO, "attended", [0, 1, None]),
    (HELLO, "own", [OwnState(-1, 0, 0), OwnState(0, MOST + 1, 0), OwnState(0, 0, -1), None]),
    (HELLO, "mirror", [MirrorState(0, 0, b"", 0, 0), MirrorState(0, 0, B32, MOST + 1, 0),
                       MirrorState(0, 0, B32, 0, -1)]),
    (HELLO, "prekey", [(PREKEY, PREKEY), (structs.replace(PREKEY, public=b"p" * 1215),),
                       (structs.replace(PREKEY, public=b"p" * 1217),), (structs.replace(PREKEY, created_ms=-1),),
                       (structs.replace(PREKEY, signature=b""),)]),
    (HELLO, "prekey_seen", [b"k", b"k" * 7, b"k" * 9]),
    (HELLO, "rules", HASH),
    (HELLO, "card_number", UINT),
    (ENTRIES, "origin", ORIGINS),
    (ENTRIES, "start", UINT),
    (ENTRIES, "items", [(), (Item(b"", b"", b""),) * 257, (Item(bytes(limits.ENTRY_BYTES + 1), b"", b""),),
                        (Item(b"", b"s" * 31, b""),), (Item(b"", b"s", b""),), (Item(b"", b"s" * 33, b""),),
                        (Item(b"", b"", bytes(limits.BODY_BYTES + 1)),)]),
    (ENTRIES, "root", HASH),
    (ENTRIES, "proposal", SIGNED_BAD),
    (ENTRIES, "echo", ECHO),
    (RECEIPT, "origin", ORIGINS),
    (RECEIPT, "size", SIZE),
    (RECEIPT, "root", HASH),
    (RECEIPT, "timestamp_s", SIZE),
    (RECEIPT, "signature", SIGNED_BAD),
    (SIGNED, "origin", ORIGINS),
    (SIGNED, "size", SIZE),
    (SIGNED, "root", HASH),
    (SIGNED, "signature", SIGNED_BAD),
    (SIGNED, "prior_size", UINT),
    (SIGNED, "prior_root", HASH),  # the sample names a prior size, so its root must be there
    (SIGNED, "proof", PROOF),
    (NEED, "origin", ORIGINS),
    (NEED, "start", UINT),
    (NEED, "end", UINT),
    (NEED, "echo", ECHO),
    (FORK, "origin", ORIGINS),
    (FORK, "first", [structs.replace(HEAD, size=0), structs.replace(HEAD, root=b""),
                     structs.replace(HEAD, signature=b"")]),
    (FORK, "second", [structs.replace(HEAD, size=MOST + 1), None]),
    (FORK, "prior_root", HASH),
    (FORK, "proof", PROOF),
    (EMERGENCY, "id", [b"", b"r" * 15, b"r" * 17]),
    (EMERGENCY, "time_ms", UINT),
    (EMERGENCY, "officer", HASH),
    (EMERGENCY, "text", ["", "x" * 1025, "é" * 513]),
    (EMERGENCY, "signature", SIGNED_BAD),
    (SEEN, "id", [b"", b"r" * 15, b"r" * 17]),
    (SEEN, "signature", SIGNED_BAD),
]  # fmt: skip


@pytest.mark.parametrize(("message", "field", "values"), BOUNDS, ids=[f"{type(m).__name__}-{f}" for m, f, _ in BOUNDS])
def test_each_field_is_refused_past_its_bound(message: Message, field: str, values: list[Any]) -> None:
    for value in values:
        refused(structs.replace(message, **{field: value}))


def test_every_field_of_every_message_has_a_bound_that_is_tested() -> None:
    tested = {(type(message), field) for message, field, _ in BOUNDS}
    assert [(type(s), f) for s in SAMPLES for f in s.__struct_fields__ if (type(s), f) not in tested] == []


def test_entries_hold_as_many_and_as_long_items_as_the_bounds_say() -> None:
    assert isinstance(ENTRIES, Entries)
    many = structs.replace(ENTRIES, items=(Item(b"e", b"", b""),) * 256)
    longest = structs.replace(ENTRIES, items=(Item(bytes(limits.ENTRY_BYTES), B32, bytes(limits.BODY_BYTES)),))
    for message in (many, longest):
        assert again(message) == message


def test_the_largest_of_each_message_fits_a_frame() -> None:
    """One entry with its body, and both heads of a FORK with the longest proof; more entries go in more frames."""
    item = Item(bytes(limits.ENTRY_BYTES), B32, bytes(limits.BODY_BYTES))
    origin = "o" * limits.ORIGIN_BYTES
    largest: list[Message] = [
        HELLO,
        Entries(origin, MOST, (item,), B32, SIGNATURE, B16),
        Receipt(origin, MOST, B32, MOST, SIGNATURE),
        Head(origin, MOST, B32, SIGNATURE, MOST, B32, (B32,) * 64),
        Fork(origin, HEAD, HEAD, B32, (B32,) * 64),
    ]
    for message in largest:
        assert len(messages.pack(message)[1]) <= frame.PAYLOAD_BYTES
        assert frame.frame_bytes(len(messages.pack(message)[1])) <= limits.FRAME_BYTES


def test_the_overheads_that_packing_reckons_with_are_enough() -> None:
    items = tuple(Item(bytes(300), B32, bytes(70_000 if n == 0 else 300)) for n in range(60))
    message = Entries("o" * limits.ORIGIN_BYTES, MOST, items, B32, SIGNATURE, B16)
    contents = sum(len(i.entry) + len(i.salt) + len(i.body) for i in items)
    reckoned = contents + messages.ITEM_OVERHEAD_BYTES * len(items) + messages.ENTRIES_OVERHEAD_BYTES
    assert len(encoding.encode(message)) <= reckoned
