"""The contact card: each rule of SPEC section 3.2 broken once, and what remains accepted."""

import hashlib
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.core import card
from hotline.core.card import Card, OfficerKey, displayable
from hotline.core.encoding import encode
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import CardError
from tests.custody import points
from tests.custody.cards import armour, station, unarmour

NORTH = station("north")
HYBRIDS = ["root", "log", "receipt", "prekey_signer"]


def parse(text: bytes) -> Card:
    return card.parse(RealSuite(), text, source="peer.card")


def refused(text: bytes, words: str) -> CardError:
    """Parse `text`, which must be refused with a sentence that names the file and holds `words`."""
    with pytest.raises(CardError, match=words) as caught:
        parse(text)
    assert "peer.card" in caught.value.what
    assert caught.value.remedy
    return caught.value


def fields() -> list[Any]:
    unpacked: list[Any] = msgpack.unpackb(encode(NORTH.body()))
    return unpacked


def with_ed25519(field: str, public: bytes) -> dict[str, Any]:
    """The change that exchanges the Ed25519 half of one key."""
    if field == "link":
        return {"link": public}
    if field == "officer":
        return {"officers": (OfficerKey("X", public + NORTH.officer.public[32:]),)}
    return {field: public + getattr(NORTH, field).public[32:]}


# --- what is accepted ------------------------------------------------------------------


def test_a_proper_card_is_accepted_and_written_back_byte_for_byte() -> None:
    text = NORTH.text()
    accepted = parse(text)
    assert accepted.body == NORTH.body()
    assert accepted.text().encode() == text


def test_fingerprint_digest_and_names_are_those_of_the_specification() -> None:
    accepted = parse(NORTH.text())
    fingerprint = hashlib.sha256(b"hotline/v1/root\0" + NORTH.root.public).digest()
    assert accepted.fingerprint == fingerprint
    assert accepted.digest == hashlib.sha256(b"hotline/v1/card-digest\0" + accepted.raw).digest()
    assert accepted.receipt_name == f"hotline/{fingerprint.hex()}/receipt"


def test_an_officer_is_found_by_id_and_a_stranger_is_not() -> None:
    accepted = parse(NORTH.text())
    officer_id = hashlib.sha256(b"hotline/v1/officer\0" + NORTH.officer.public).digest()
    found = accepted.officer(officer_id)
    assert found is not None
    assert (found.name, found.id) == ("Duty officer", officer_id)
    assert accepted.officer(bytes(32)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"number": 2**53 - 1},
        {"name": "я" * 32},
        {"name": "N" * 64},
        {"phone": ""},
        {"prefix": "a"},
        {"prefix": "a" * 64},
        {"prefix": "north.example/line-1"},
        {"officers": ()},
    ],
    ids=str,
)
def test_each_bound_itself_is_still_accepted(change: dict[str, Any]) -> None:
    accepted = parse(NORTH.text(**change))
    assert {name: getattr(accepted.body, name) for name in change} == change


def test_two_officers_may_have_one_name_because_keys_tell_them_apart() -> None:
    officers = (OfficerKey("Duty", NORTH.officer.public), OfficerKey("Duty", HybridKey.generate().public))
    assert parse(NORTH.text(officers=officers)).body.officers == officers


# --- the text --------------------------------------------------------------------------


def test_a_text_of_other_form_is_refused() -> None:
    text = NORTH.text()
    lines = text.split(b"\n")
    faults = {
        "empty": b"",
        "markers alone": lines[0] + b"\n" + lines[-2] + b"\n",
        "no newline at the end": text[:-1],
        "two newlines at the end": text + b"\n",
        "text after": text + b"with kind regards\n",
        "text before": b"Dear colleague,\n" + text,
        "a byte order mark": b"\xef\xbb\xbf" + text,
        "two cards": text + text,
        "carriage returns": text.replace(b"\n", b"\r\n"),
        "other markers": text.replace(b"HOTLINE CARD", b"Hotline card"),
        "a private key's markers": text.replace(b"HOTLINE CARD", b"HOTLINE KEY"),
        "an empty line": b"\n".join([*lines[:3], b"", *lines[3:]]),
        "one line": lines[0] + b"\n" + b"".join(lines[1:-2]) + b"\n" + lines[-2] + b"\n",
        "a space in a line": text.replace(lines[5], lines[5][:-1] + b" "),
        "a character that is not base64": text.replace(lines[5], lines[5][:-1] + b"!"),
        "not ASCII": text.replace(lines[5], lines[5][:-2] + "я".encode()),
        "URL-safe base64": text.replace(b"+", b"-").replace(b"/", b"_"),
        "cut in the middle": b"\n".join([*lines[:20], lines[-2], b""]),
        "signature alone": armour(bytes(2484)),
        "over the bound": text + b"\n" * 65536,
    }
    wrongly = []
    for name, fault in faults.items():
        try:
            refused(fault, "peer.card")
        except pytest.fail.Exception:
            wrongly.append(name)
    assert wrongly == []


def test_lines_broken_at_another_column_are_refused_although_the_bytes_are_the_same() -> None:
    text = NORTH.text().split(b"\n")
    inner = b"".join(text[1:-2])
    for width in (63, 65, 76):
        broken = [inner[i : i + width] for i in range(0, len(inner), width)]
        refused(b"\n".join([text[0], *broken, *text[-2:]]), "broken differently")


def test_base64_with_spare_bits_or_without_its_padding_is_refused() -> None:
    raw = encode(NORTH.body())
    packed = raw + NORTH.root.sign_one(card.signed_message(raw))
    while len(packed) % 3 != 1:  # a name longer by one byte, until the base64 ends in two signs of padding
        raw = encode(NORTH.body(name=f"N{'x' * (len(packed) % 3 + 1)}"))
        packed = raw + NORTH.root.sign_one(card.signed_message(raw))
    text = armour(packed)
    parse(text)
    end = text.index(b"==\n")
    spare = bytes([text[end - 1] + 1])
    refused(text[: end - 1] + spare + text[end:], "base64")
    refused(text.replace(b"==\n", b"\n"), "base64")


def test_a_text_over_the_bound_is_refused_before_it_is_read() -> None:
    refused(b"\xff" * 81921, "81921 bytes")


# --- the body --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"number": 0},
        {"number": -1},
        {"number": 2**53},
        {"number": "1"},
        {"name": ""},
        {"name": "N" * 65},
        {"name": "я" * 33},
        {"name": b"NORTH"},
        {"name": "NO\nRTH"},
        {"name": "NO\x1b[31mRTH"},
        {"name": "\u202eHTRON"},
        {"name": "NO\u200bRTH"},
        {"phone": "1" * 65},
        {"phone": "+7\u20660"},
        {"phone": None},
        {"prefix": ""},
        {"prefix": "a" * 65},
        {"prefix": "/a"},
        {"prefix": "a/"},
        {"prefix": "/"},
        {"prefix": "North"},
        {"prefix": "a b"},
        {"prefix": "a+b"},
        {"prefix": "a\n"},  # would put a line into every checkpoint; `$` in a pattern lets it through
        {"prefix": "\u0430"},  # a Cyrillic letter that looks like a
        {"statement": "published"},
        {"statement": ""},
        {"officers": None},
    ],
    ids=ascii,
)
def test_a_field_out_of_its_bound_is_refused(change: dict[str, Any]) -> None:
    refused(NORTH.text(**change), "peer.card")


@pytest.mark.parametrize("name", ["", "N" * 65, "D\u202eO", "D\0O"], ids=ascii)
def test_an_officers_name_out_of_its_bound_is_refused(name: str) -> None:
    refused(NORTH.text(officers=(OfficerKey(name, NORTH.officer.public),)), "peer.card")


@pytest.mark.parametrize("field", [*HYBRIDS, "link", "seal", "address"])
@pytest.mark.parametrize("size", ["one short", "one long", "empty"])
def test_a_key_of_another_length_is_refused(field: str, size: str) -> None:
    key = getattr(NORTH.body(), field)
    refused(NORTH.text(**{field: {"one short": key[:-1], "one long": key + b"\0", "empty": b""}[size]}), "peer.card")


def test_a_thirty_third_officer_is_refused() -> None:
    refused(NORTH.text(officers=(OfficerKey("X", NORTH.officer.public),) * 33), "peer.card")


@pytest.mark.parametrize(("version", "suite"), [(2, "hotline-1"), (1, "hotline-2"), (0, "hotline-1"), (1, "")])
def test_a_card_of_another_version_or_suite_is_told_apart_from_a_damaged_one(version: int, suite: str) -> None:
    caught = refused(NORTH.text(version=version, suite=suite), f"version {version}, suite '{suite}'")
    assert "same protocol version" in caught.remedy


def test_a_card_of_a_later_version_is_told_apart_whatever_else_stands_in_it() -> None:
    refused(NORTH.sign(msgpack.packb([2, {"all": "new"}])), "version 2")


def _reencoded() -> dict[str, bytes]:
    body = fields()
    minimal = encode(NORTH.body())
    assert msgpack.packb(body) == minimal
    names = ["version", "number", "suite", "name", "phone", "prefix", "root", "log", "receipt", "prekey", "link"]
    mapping = dict(zip([*names, "seal", "address", "officers", "statement"], body, strict=True))
    return {
        "a field too many": msgpack.packb([*body, 0]),
        "a field too few": msgpack.packb(body[:-1]),
        "an officer's field too many": msgpack.packb([*body[:13], [[*body[13][0], 0]], body[14]]),
        "a map": msgpack.packb(mapping),
        "a number in nine bytes": minimal[:1] + b"\xcf" + bytes(7) + b"\x01" + minimal[2:],
        "a length in two bytes": msgpack.packb(body).replace(b"\xa5NORTH", b"\xd9\x05NORTH"),
        "an array header of three bytes": b"\xdc\x00\x0f" + minimal[1:],
        "a key as a string": msgpack.packb([*body[:10], "x" * 32, *body[11:]]),
        "a float": msgpack.packb([body[0], 1.0, *body[2:]]),
        "an extension": msgpack.packb([body[0], msgpack.ExtType(1, b"\x01"), *body[2:]]),
        "true for one": msgpack.packb([True, *body[1:]]),
        "a byte after the end": minimal + b"\0",
        "cut short": minimal[:-1],
        "another value": msgpack.packb("card"),
        "deep nesting": b"\x91" * 5000,
        "nothing but a nil": b"\xc0",
    }


@pytest.mark.parametrize("fault", _reencoded().values(), ids=_reencoded().keys())
def test_a_body_in_any_other_encoding_is_refused_although_it_is_signed(fault: bytes) -> None:
    refused(NORTH.sign(fault), "not a valid card|bytes|base64")


# --- the keys --------------------------------------------------------------------------


@pytest.mark.parametrize("field", [*HYBRIDS, "link", "officer"])
def test_an_ed25519_key_of_small_order_is_refused_in_each_field(field: str) -> None:
    for public in points.TORSION:
        caught = refused(NORTH.text(**with_ed25519(field, public)), "small order")
        assert "Do not enrol" in caught.remedy


@pytest.mark.parametrize("field", [*HYBRIDS, "link", "officer"])
def test_an_ed25519_key_in_another_encoding_or_off_the_curve_is_refused_in_each_field(field: str) -> None:
    for public in [*points.NOT_CANONICAL, *points.MINUS_ZERO, points.OFF_CURVE]:
        refused(NORTH.text(**with_ed25519(field, public)), "wrong encoding")


@pytest.mark.parametrize("public", points.X25519_SMALL, ids=bytes.hex)
def test_an_x25519_key_of_small_order_is_refused_as_address_and_in_the_seal_key(public: bytes) -> None:
    refused(NORTH.text(address=public), "X25519 key in it is of small order")
    refused(NORTH.text(seal=NORTH.seal.public[:-32] + public), "X25519 key in it is of small order")


def _repeated() -> dict[str, dict[str, Any]]:
    n, other = NORTH, HybridKey.generate().public
    return {
        "log is receipt": {"log": n.receipt.public},
        "log is root": {"log": n.root.public},
        "prekey signer is officer": {"prekey_signer": n.officer.public},
        "one officer twice": {"officers": (OfficerKey("A", n.officer.public), OfficerKey("B", n.officer.public))},
        "link is the Ed25519 half of the log key": {"link": n.log.public[:32]},
        "one Ed25519 half in two hybrids": {"receipt": n.log.public[:32] + other[32:]},
        "one ML-DSA half in two hybrids": {"receipt": other[:32] + n.log.public[32:]},
        "address is the X25519 half of the seal key": {"address": n.seal.public[-32:]},
        "address is link": {"address": n.link.public},
    }


@pytest.mark.parametrize("change", _repeated().values(), ids=_repeated().keys())
def test_keys_or_halves_that_repeat_are_refused(change: dict[str, Any]) -> None:
    refused(NORTH.text(**change), "same")


# --- the signature ---------------------------------------------------------------------


def test_a_flipped_bit_anywhere_in_body_or_signature_is_refused() -> None:
    packed = bytearray(unarmour(NORTH.text()))
    for at in [20, 3000, len(packed) // 2, len(packed) - 2484, len(packed) - 2421, len(packed) - 2420, len(packed) - 1]:
        packed[at] ^= 1
        refused(armour(bytes(packed)), "peer.card")
        packed[at] ^= 1
    parse(armour(bytes(packed)))


def test_each_half_of_the_signature_must_verify_on_its_own() -> None:
    raw, stranger = encode(NORTH.body()), station("stranger")
    proper = NORTH.root.sign_one(card.signed_message(raw))
    foreign = stranger.root.sign_one(card.signed_message(raw))
    for signature in (foreign, proper[:64] + foreign[64:], foreign[:64] + proper[64:]):
        refused(armour(raw + signature), "signature does not verify")


def test_a_signature_over_the_body_without_its_label_is_refused() -> None:
    raw = encode(NORTH.body())
    refused(armour(raw + NORTH.root.sign_one(raw)), "signature does not verify")
    refused(armour(raw + NORTH.root.sign_one(b"hotline/v1/link\0" + raw)), "signature does not verify")


def test_a_card_signed_by_another_key_of_the_station_than_its_root_is_refused() -> None:
    raw = encode(NORTH.body())
    refused(armour(raw + NORTH.log.sign_one(card.signed_message(raw))), "signature does not verify")


# --- anything at all -------------------------------------------------------------------


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_and_raise_nothing_else(text: bytes) -> None:
    refused(text, "peer.card")


@given(st.binary(max_size=300))
def test_arbitrary_bytes_in_proper_armour_are_refused_and_raise_nothing_else(raw: bytes) -> None:
    refused(armour(raw + bytes(2484)), "peer.card")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=4) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@given(VALUES)
def test_any_packed_value_in_proper_armour_is_refused_and_raises_nothing_else(value: object) -> None:
    refused(armour(msgpack.packb(value) + bytes(2484)), "peer.card")


@given(st.integers(0, 14), VALUES)
def test_any_value_in_the_place_of_any_field_is_refused_and_raises_nothing_else(index: int, value: object) -> None:
    changed = fields()
    if changed[index] != value and type(changed[index]) is not type(value):
        changed[index] = value
        refused(armour(msgpack.packb(changed) + bytes(2484)), "peer.card")


@given(st.text(max_size=80))
def test_what_may_be_displayed_is_short_and_holds_no_control_or_format_character(text: str) -> None:
    if displayable(text):
        assert len(text.encode()) <= 64
        assert not set(text) & {"\n", "\x1b", "\u202e", "\u2028", "\u200b"}


# --- a card that a log carries -----------------------------------------------------------------------------


def test_what_the_armour_holds_is_accepted_without_it() -> None:
    accepted = parse(NORTH.text())
    assert card.unpack(RealSuite(), accepted.packed) == accepted
    for bad in (b"", accepted.packed[:-1], accepted.packed + b"x", accepted.signature):
        with pytest.raises(CardError):
            card.unpack(RealSuite(), bad)


def newer(**changes: Any) -> Card:
    return Card(msgspec.structs.replace(NORTH.body(), **{"number": 2, **changes}), b"", b"")


HELD = Card(NORTH.body(), b"", b"")
MORE = (*NORTH.body().officers, OfficerKey("B", HybridKey(b"\7" * 64).public))


@pytest.mark.parametrize("changes", [{}, {"name": "N"}, {"phone": ""}, {"officers": MORE}, {"number": 9}])
def test_a_card_carries_on_with_another_name_telephone_and_more_officers(changes: dict[str, Any]) -> None:
    assert newer(**changes).carries_on(HELD)


def test_an_officer_may_be_renamed_and_none_may_vanish() -> None:
    renamed = tuple(OfficerKey(f"{o.name} II", o.public) for o in NORTH.body().officers)
    assert newer(officers=renamed).carries_on(HELD)
    assert not newer(officers=MORE[1:]).carries_on(HELD)
    assert not newer(number=3).carries_on(newer(officers=MORE))


FIXED = ["prefix", "root", "log", "receipt", "prekey_signer", "link", "seal", "address"]


@pytest.mark.parametrize("field", FIXED)
def test_a_card_that_changes_anything_else_does_not_carry_on(field: str) -> None:
    value = getattr(NORTH.body(), field)
    assert not newer(**{field: value + ("x" if isinstance(value, str) else b"x")}).carries_on(HELD)


@pytest.mark.parametrize("number", [0, 1])
def test_only_a_higher_number_carries_on(number: int) -> None:
    assert not newer(number=number).carries_on(HELD)
