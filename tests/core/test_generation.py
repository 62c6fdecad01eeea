"""Closing statements and files, and the generation that two of them begin: SPEC sections 3.3 and 7.13."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from hotline import limits
from hotline.core import encoding, generation, tree
from hotline.core.card import OfficerKey, parse
from hotline.core.generation import (
    FORK,
    KEYS_LOST,
    NOTHING,
    OTHER,
    Agreed,
    Closing,
    ClosingFile,
    Held,
    agree,
    closing_message,
    covered,
    last_serial,
    line_of,
)
from hotline.core.identity import Line, pair_id
from hotline.custody.suite import RealSuite
from hotline.errors import CardError, MalformedError
from tests.custody.cards import armour, station

SIZES = st.integers(0, limits.TREE_SIZE)
SERIALS = st.integers(0, limits.FIRST_SERIAL)
CARDS = {name: parse(RealSuite(), station(name).text(name=name.upper())) for name in ("north", "south")}
LINE = pair_id(CARDS["north"].fingerprint, CARDS["south"].fingerprint)


@st.composite
def helds(draw: st.DrawFn) -> Held:
    size = draw(SIZES)
    root = draw(st.binary(min_size=32, max_size=32)) if size else tree.EMPTY_ROOT
    return Held(size, root, draw(st.integers(0, size)), draw(SERIALS))


def closing(by: str = "north", **changes: Any) -> Closing:
    """A statement by this station's officer, with some fields exchanged before it is signed."""
    card, officer = CARDS[by], station(by).officer
    proper = Closing(
        1, LINE, 1, card.fingerprint, card.digest, Held(9, b"o" * 32, 7, 4), Held(5, b"m" * 32, 5, 3), FORK, 1000,
        "The log is forked.", OfficerKey("", officer.public).id, bytes(2484),
    )  # fmt: skip
    unsigned = structs.replace(proper, **changes)
    return structs.replace(unsigned, signature=officer.sign_one(closing_message(unsigned)))


def file_of(by: str = "north", **changes: Any) -> bytes:
    return ClosingFile(closing(by, **changes), CARDS[by]).text().encode("ascii")


FILE = file_of()


def read(text: bytes) -> ClosingFile:
    return generation.parse(RealSuite(), text)


# --- the file ---------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(helds(), helds(), st.integers(FORK, OTHER), SIZES, st.text(max_size=64), st.integers(1, limits.TREE_SIZE - 1))
def test_a_file_says_what_was_signed(own: Held, mirror: Held, reason: int, at_ms: int, why: str, number: int) -> None:
    own, mirror = (NOTHING, NOTHING) if reason == KEYS_LOST else (own, mirror)
    signed = closing(own=own, mirror=mirror, reason=reason, time_ms=at_ms, text=why, generation=number)
    text = ClosingFile(signed, CARDS["north"]).text()
    assert read(text.encode()) == ClosingFile(signed, CARDS["north"])
    assert read(text.encode()).text() == text


def test_the_largest_statement_with_the_largest_card_is_within_the_bound_of_a_file() -> None:
    most, officer = limits.TREE_SIZE, station("north").officer
    held = Held(most, b"r" * 32, most, most)
    officers = [OfficerKey("Duty", officer.public)]
    officers += [OfficerKey("n" * 64, bytes([i]) * 1344) for i in range(limits.CARD_OFFICERS - 1)]
    card = station("north").body(name="n" * 64, phone="9" * 64, prefix="p" * 64, officers=tuple(officers))
    text = armour(encoding.encode(card) + bytes(2484))
    full = closing(own=held, mirror=held, time_ms=most, generation=most - 1, text="w" * limits.REASON_BYTES)
    assert len(encoding.encode(full)) <= limits.CLOSING_BYTES
    armoured = len(file_of(text="w" * limits.REASON_BYTES)) - len(CARDS["north"].text())
    assert armoured + len(text) < armoured + limits.CARD_BYTES < limits.CLOSING_FILE_BYTES == 90_112


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_bit_that_is_turned_anywhere_is_found(data: st.DataObject) -> None:
    text = bytearray(FILE)
    text[data.draw(st.integers(0, len(text) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CardError):
        read(bytes(text))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_byte_that_is_lacking_or_put_in_anywhere_is_found(data: st.DataObject) -> None:
    at, put_in = data.draw(st.integers(0, len(FILE) - 1)), data.draw(st.sampled_from([b"", b"\n", b" ", b"A", b"="]))
    changed = FILE[:at] + put_in + FILE[at + (not put_in) :]
    assume(changed != FILE)
    with pytest.raises(CardError):
        read(changed)


def _lines(width: int) -> bytes:
    packed = base64.b64encode(encoding.encode(closing()))
    lines = [packed[i : i + width] for i in range(0, len(packed), width)]
    return b"\n".join([generation.BEGIN.encode(), *lines, generation.END.encode(), CARDS["north"].text().encode()])


MALLEABLE: dict[str, Callable[[], bytes]] = {
    "words before the last line": lambda: FILE.replace(b"-----END HOTLINE CLOSING", b"words -----END HOTLINE CLOSING"),
    "base64 before the last line": lambda: FILE.replace(b"-----END HOTLINE CLOSING", b"AAAA-----END HOTLINE CLOSING"),
    "words after the first line": lambda: FILE.replace(b"BEGIN HOTLINE CLOSING-----", b"BEGIN HOTLINE CLOSING-----A"),
    "an empty line between the parts": lambda: FILE.replace(b"CLOSING-----\n-----", b"CLOSING-----\n\n-----"),
    "the ends of another system's lines": lambda: FILE.replace(b"\n", b"\r\n"),
    "shorter lines": lambda: _lines(60),
    "one long line": lambda: _lines(10_000),
    "a letter before": lambda: b"Dear SOUTH,\n" + FILE,
    "a second file after": lambda: FILE + FILE,
    "the card alone": lambda: CARDS["north"].text().encode(),
    "no card": lambda: FILE[: FILE.find(b"-----BEGIN HOTLINE CARD")],
    "nothing": lambda: b"",
    "the two lines alone": f"{generation.BEGIN}\n{generation.END}\n".encode,
    "one byte too many": lambda: FILE + b"A" * (limits.CLOSING_FILE_BYTES + 1 - len(FILE)),
}


@pytest.mark.parametrize("how", MALLEABLE)
def test_there_is_one_form_of_a_file(how: str) -> None:
    with pytest.raises(CardError) as caught:
        read(MALLEABLE[how]())
    assert "the closing file" in caught.value.what
    assert "whole file as it was made" in caught.value.remedy


REFUSED: dict[str, dict[str, Any]] = {
    "a version of the future": {"version": 2},
    "generation 0": {"generation": 0},
    "a reason of the future": {"reason": 5},
    "a text over its bytes": {"text": "ж" * (limits.REASON_BYTES // 2 + 1)},
    "the card of another time": {"card": b"d" * 32},
    "another author": {"author": CARDS["south"].fingerprint},
    "an officer who is in no card": {"officer": b"o" * 32},
    "an empty log with a root": {"own": Held(0, b"r" * 32, 0, 0)},
    "a log without a root": {"mirror": Held(5, tree.EMPTY_ROOT, 5, 3)},
    "more signed than is there": {"own": Held(5, b"r" * 32, 6, 3)},
    "a size beyond every log": {"own": Held(limits.TREE_SIZE + 1, b"r" * 32, 6, 3)},
    "keys lost, and something held": {"reason": KEYS_LOST},
    "keys lost, and the other log held": {"reason": KEYS_LOST, "own": NOTHING},
    "keys lost, and a serial known": {"reason": KEYS_LOST, "own": NOTHING, "mirror": Held(0, tree.EMPTY_ROOT, 0, 1)},
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_statement_that_cannot_be_is_refused_though_it_is_signed(what: str) -> None:
    with pytest.raises(CardError):
        read(file_of(**REFUSED[what]))


def test_a_signature_by_any_other_key_of_the_station_does_not_count() -> None:
    good, keys = closing(), station("north")
    for key in (keys.root, keys.log, keys.receipt, keys.prekey_signer, station("south").officer):
        forged = structs.replace(good, signature=key.sign_one(closing_message(good)))
        with pytest.raises(CardError, match="signature"):
            read(ClosingFile(forged, CARDS["north"]).text().encode())


def test_an_officer_who_is_in_the_new_card_alone_signs_for_it() -> None:
    """The file carries the card with which its author goes on; whether people take it, they compare the number for."""
    other = station("newcomer").officer
    card = parse(RealSuite(), station("north").text(number=2, officers=(OfficerKey("New", other.public),)))
    new = OfficerKey("", other.public).id
    unsigned = closing(card=card.digest, officer=new)
    signed = structs.replace(unsigned, signature=other.sign_one(closing_message(unsigned)))
    assert read(ClosingFile(signed, card).text().encode()).card == card
    with pytest.raises(CardError):
        read(ClosingFile(signed, CARDS["north"]).text().encode())


def test_what_the_name_of_a_file_may_do_to_a_terminal_it_does_not() -> None:
    with pytest.raises(CardError) as caught:
        generation.parse(RealSuite(), b"", source="\x1b[2Jnorth.closing")
    assert "\x1b" not in caught.value.what


# --- the line that follows ----------------------------------------------------------------------------------------


def test_the_line_id_is_the_hash_that_the_specification_gives() -> None:
    first, second = closing("north"), closing("south")
    low, high = sorted((first, second), key=lambda c: c.author)
    digests = [hashlib.sha256(b"hotline/v1/closing-digest\0" + encoding.encode(c)).digest() for c in (low, high)]
    expected = hashlib.sha256(b"hotline/v1/generation\0" + bytes(7) + b"\x02" + LINE + b"".join(digests)).digest()
    assert line_of(LINE, 2, first, second) == line_of(LINE, 2, second, first) == expected


def test_the_line_id_commits_to_the_signature_and_to_every_number() -> None:
    mine, peers = closing("north"), closing("south")
    found = {line_of(LINE, 2, mine, peers), line_of(LINE, 3, mine, peers), line_of(b"l" * 32, 2, mine, peers)}
    found.add(line_of(LINE, 2, structs.replace(mine, signature=bytes(2484)), peers))
    for field, value in (("own", NOTHING), ("mirror", NOTHING), ("reason", OTHER), ("time_ms", 1001), ("text", "")):
        found.add(line_of(LINE, 2, structs.replace(mine, **{field: value}), peers))
    assert len(found) == 9


@settings(max_examples=40, deadline=None)
@given(st.lists(SERIALS, min_size=4, max_size=4), st.integers(1, limits.TREE_SIZE - 1))
def test_both_sides_begin_the_same_generation_each_with_its_own_serial_first(serials: list[int], number: int) -> None:
    helds_ = [Held(9, b"r" * 32, 5, serial) for serial in serials]
    mine = structs.replace(closing("north"), own=helds_[0], mirror=helds_[1], generation=number)
    peers = structs.replace(closing("south"), own=helds_[2], mirror=helds_[3], generation=number)
    here, there = agree(mine, peers), agree(peers, mine)
    assert here == Agreed(number + 1, there.line, there.peer_serial, there.my_serial)
    assert (here.my_serial, here.peer_serial) == (max(serials[0], serials[3]), max(serials[1], serials[2]))


def test_statements_that_do_not_belong_together_begin_nothing() -> None:
    mine = closing("north")
    others = {
        "my own": mine,
        "my own, said anew": closing("north", time_ms=2000),
        "of another line": closing("south", line=b"l" * 32),
        "of the generation before": closing("south", generation=2),
    }
    for other in others.values():
        with pytest.raises(MalformedError) as caught:
            agree(mine, other)
        assert caught.value.remedy


def test_two_sides_that_both_lost_their_keys_begin_nothing() -> None:
    lost = [closing(name, reason=KEYS_LOST, own=NOTHING, mirror=NOTHING) for name in ("north", "south")]
    with pytest.raises(MalformedError, match="neither knows"):
        agree(*lost)
    begun = agree(lost[0], closing("south"))
    assert (begun.generation, begun.my_serial, begun.peer_serial) == (2, 3, 4)


@pytest.mark.parametrize("field", ["own", "mirror"])
def test_a_serial_that_leaves_no_number_to_say_is_refused(field: str) -> None:
    most = structs.replace(closing("south"), **{field: Held(9, b"r" * 32, 5, limits.FIRST_SERIAL + 1)})
    with pytest.raises(MalformedError, match="serial"):
        agree(closing("north"), most)


def test_a_generation_without_a_notice_hands_its_first_serials_on() -> None:
    empty = Held(1, b"g" * 32, 1, 41)
    agreed = agree(structs.replace(closing("north"), own=empty), structs.replace(closing("south"), mirror=empty))
    assert agreed.my_serial == 41


@given(st.integers(0, 1000), st.lists(st.integers(1, 50)), st.lists(st.integers(2000, limits.TREE_SIZE)))
def test_no_serial_that_a_thief_of_the_log_key_says_uses_the_numbers_up(
    first: int, steps: list[int], stolen: list[int]
) -> None:
    honest = [first + number for number in range(1, len(steps) + 1)]
    assert last_serial(first, [*honest, *stolen], len(steps) + len(stolen)) == first + len(steps)
    assert last_serial(first, [], 9) == first


# --- what the other side holds of my log --------------------------------------------------------------------------


@given(SIZES, SIZES, st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_the_peer_holds_a_beginning_of_my_log_only_with_my_root_at_its_size(
    held: int, size: int, root: bytes, mine: bytes
) -> None:
    peers = structs.replace(closing("south"), mirror=Held(held, root, 0, 0))
    assert covered(peers, size, mine) == (held <= size and root == mine)


# --- the identity of a later generation -----------------------------------------------------------------------------


def test_a_later_generation_is_another_line_to_everything_but_the_pair() -> None:
    agreed = agree(closing("north"), closing("south"))
    secret = station("north").address.exchange(station("south").address.public)
    first, second = (Line.of(RealSuite(), CARDS["north"], CARDS["south"], secret, a) for a in (None, agreed))
    assert (first.pair, first.id, first.generation) == (LINE, LINE, 1)
    assert (second.pair, second.id, second.generation) == (LINE, agreed.line, 2)
    assert (second.my_serial, second.peer_serial) == (4, 4)
    assert second.my_origin() == f"hotline/{agreed.line.hex()}/{first.me.hex()}/2"
    keys = {d.mac_key for d in (first.outgoing, first.incoming, second.outgoing, second.incoming)}
    topics = {d.topic_id for d in (first.outgoing, first.incoming, second.outgoing, second.incoming)}
    assert len(keys) == len(topics) == 4
