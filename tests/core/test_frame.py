"""Frames: any change to one byte, key, line or use is refused with its reason (SPEC sections 6.1 to 6.3)."""

import hashlib
import hmac
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core import card, frame, identity
from hotline.core.frame import ENTRIES, HELLO, Opened
from hotline.core.suite import LinkSigner
from hotline.custody.suite import LinkKey, RealSuite, SealKey
from hotline.errors import HotlineError, MalformedError, SignatureError
from tests.custody.cards import Station, station

SUITE = RealSuite()
CONTEXT_BYTES = 3 * 32 + 8


@dataclass(frozen=True)
class Ends:
    """Both ends of one line, and the prekey of its receiver."""

    north: identity.Line
    south: identity.Line
    link: LinkSigner
    prekey: SealKey
    card_key: SealKey


def line(mine: Station, peer: Station) -> identity.Line:
    secret = mine.address.exchange(peer.address.public)
    return identity.Line.of(SUITE, card.parse(SUITE, mine.text()), card.parse(SUITE, peer.text()), secret)


def ends() -> Ends:
    north, south = station("north"), station("south")
    return Ends(line(north, south), line(south, north), north.link, SealKey.generate(), south.seal)


ENDS = ends()


def sealed(payload: bytes = b"payload", kind: int = ENTRIES, *, key: SealKey | None = None) -> bytes:
    to = key or (ENDS.card_key if kind == HELLO else ENDS.prekey)
    return frame.seal(SUITE, ENDS.north, ENDS.link, to.public, kind, payload)


def received(data: bytes, *, key: SealKey | None = None, for_hello: bool = False) -> Opened:
    frame.check_outside(SUITE, ENDS.south, data)
    return frame.open_frame(SUITE, ENDS.south, data, key or ENDS.prekey, for_hello=for_hello)


def forged(
    inside: bytes, *, key: SealKey = ENDS.prekey, at: identity.Line = ENDS.north, info: bytes | None = None
) -> bytes:
    """A frame with any inside, sealed and MACed as the sender would: what a sender with broken software makes."""
    kid = frame.key_id(key.public)
    text = b"hotline/v1/seal\x00" + at.id + at.me + at.them + kid if info is None else info
    box = SUITE.seal(key.public, text, inside)
    mac = hmac.digest(at.outgoing.mac_key, b"hotline/v1/frame\x00" + b"\x01" + kid + box, hashlib.sha256)[:16]
    return b"\x01" + kid + mac + box


def inside(
    payload: bytes = b"payload", kind: int = ENTRIES, *, size: int | None = None, context: bytes | None = None,
    link: LinkSigner = ENDS.link, padding: bytes = b"", signed: bytes | None = None, total: int = 2048,
) -> bytes:  # fmt: skip
    """The plaintext of a frame, by the text of the specification."""
    n = ENDS.north
    head = (context or n.id + n.me + n.them + frame.key_id(ENDS.prekey.public)) + bytes([kind])
    signature = link.sign(b"hotline/v1/link\x00" + (head if signed is None else signed) + payload)
    length = (len(payload) if size is None else size).to_bytes(4, "big")
    return (head + length + payload + signature + padding).ljust(total - frame.OVERHEAD_BYTES, b"\0")


def refused(data: bytes, reason: str, *, key: SealKey | None = None, for_hello: bool = False) -> HotlineError:
    with pytest.raises((MalformedError, SignatureError)) as caught:
        received(data, key=key, for_hello=for_hello)
    assert caught.value.reason == reason
    return caught.value


# --- what is accepted ------------------------------------------------------------------------------


@given(st.binary(max_size=3000), st.integers(2, 6))
def test_a_sealed_message_is_opened_by_the_peer(payload: bytes, kind: int) -> None:
    assert received(sealed(payload, kind)) == Opened(kind, payload, frame.key_id(ENDS.prekey.public))


def test_a_hello_is_opened_with_the_key_of_the_card() -> None:
    opened = received(sealed(b"hello", HELLO), key=ENDS.card_key, for_hello=True)
    assert (opened.type, opened.payload) == (HELLO, b"hello")


def test_what_the_specification_describes_is_what_is_opened() -> None:
    assert received(forged(inside())).payload == b"payload"


def test_what_is_sealed_is_what_the_specification_describes() -> None:
    data, kid = sealed(), frame.key_id(ENDS.prekey.public)
    assert kid == hashlib.sha256(b"hotline/v1/sealing-key\x00" + ENDS.prekey.public).digest()[:8]
    assert data[:9] == b"\x01" + kid
    n = ENDS.north
    plaintext = ENDS.prekey.open(b"hotline/v1/seal\x00" + n.id + n.me + n.them + kid, data[25:])
    assert plaintext == inside()


def test_no_two_frames_of_one_message_are_alike() -> None:
    assert sealed()[25:] != sealed()[25:]


# --- sizes -------------------------------------------------------------------------------------------


def test_a_frame_has_one_of_seven_sizes() -> None:
    assert [size // limits.KIB for size in frame.SIZES] == [2, 4, 8, 16, 32, 64, 128]


@pytest.mark.parametrize("size", frame.SIZES)
def test_a_payload_that_just_fits_a_size_fills_it_and_one_byte_more_takes_the_next(size: int) -> None:
    most = size - frame.OVERHEAD_BYTES - frame.INSIDE_BYTES - 64
    data = sealed(bytes(most))
    assert len(data) == size == frame.frame_bytes(most)
    assert received(data).payload == bytes(most)
    if size < limits.FRAME_BYTES:
        assert frame.frame_bytes(most + 1) == 2 * size
    else:
        assert most == frame.PAYLOAD_BYTES
        with pytest.raises(MalformedError, match="fits no frame"):
            frame.frame_bytes(most + 1)


@pytest.mark.parametrize("size", [0, 1, 24, 2047, 2049, 3 * 1024, 65_535, 131_071, 131_073, 262_144])
def test_any_other_size_is_refused_before_anything_is_computed(size: int) -> None:
    refused((sealed() * 130)[:size], "frame-size")


# --- one byte ----------------------------------------------------------------------------------------


def test_every_single_byte_changed_is_refused_with_a_reason() -> None:
    data = sealed()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]
        refused(changed, "frame-version" if at == 0 else "frame-mac")


def test_every_byte_changed_behind_a_valid_mac_is_refused_by_the_seal() -> None:
    data = sealed()
    for at in [*range(25, 1200, 13), *range(1145, len(data), 29)]:
        box = data[25:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        mac = hmac.digest(ENDS.north.outgoing.mac_key, b"hotline/v1/frame\x00" + data[:9] + box, hashlib.sha256)[:16]
        refused(data[:9] + mac + box, "frame-seal")


def test_every_byte_changed_inside_the_seal_is_refused() -> None:
    """A peer that seals and MACs properly and signs something else: each part has a reason of its own."""
    proper = inside()
    end = frame.INSIDE_BYTES + len(b"payload")
    for at in range(len(proper)):
        changed = proper[:at] + bytes([proper[at] ^ 0x41]) + proper[at + 1 :]
        with pytest.raises((MalformedError, SignatureError)) as caught:
            received(forged(changed))
        if at < CONTEXT_BYTES:
            expected = {"frame-context"}
        elif CONTEXT_BYTES < at < frame.INSIDE_BYTES:
            expected = {"frame-payload", "frame-padding", "frame-link"}
        else:
            expected = {"frame-padding"} if at >= end + 64 else {"frame-link"}
        assert caught.value.reason in expected, at


@given(st.binary(max_size=2200) | st.sampled_from(frame.SIZES).map(bytes))
def test_arbitrary_bytes_are_refused_and_nothing_else_is_raised(data: bytes) -> None:
    with pytest.raises((MalformedError, SignatureError)):
        received(data)


@given(st.binary(min_size=2048 - frame.OVERHEAD_BYTES, max_size=2048 - frame.OVERHEAD_BYTES))
def test_any_inside_that_the_peer_did_not_sign_is_refused(plaintext: bytes) -> None:
    with pytest.raises((MalformedError, SignatureError)):
        received(forged(plaintext))
    context = inside()[:CONTEXT_BYTES]
    with pytest.raises((MalformedError, SignatureError)):
        received(forged(context + plaintext[CONTEXT_BYTES:]))


# --- another line, sender, key or use ------------------------------------------------------------------


def test_a_frame_of_another_line_fails_at_the_mac() -> None:
    other = line(station("third"), station("south"))
    data = frame.seal(SUITE, other, station("third").link, ENDS.prekey.public, ENTRIES, b"x")
    refused(data, "frame-mac")


def test_ones_own_frame_sent_back_fails_at_the_mac() -> None:
    data = frame.seal(SUITE, ENDS.south, station("south").link, ENDS.prekey.public, ENTRIES, b"x")
    refused(data, "frame-mac")


@pytest.mark.parametrize("part", ["line", "sender", "receiver", "key id"])
def test_a_context_inside_that_is_not_the_expected_one_is_refused(part: str) -> None:
    at = ["line", "sender", "receiver", "key id"].index(part) * 32
    context = bytearray(inside()[:CONTEXT_BYTES])
    context[at] ^= 1
    refused(forged(inside(context=bytes(context))), "frame-context")


def test_a_seal_made_for_another_context_does_not_open() -> None:
    n = ENDS.north
    info = b"hotline/v1/seal\x00" + n.id + n.them + n.me + frame.key_id(ENDS.prekey.public)
    refused(forged(inside(), info=info), "frame-seal")


def test_a_frame_does_not_open_with_another_key_than_that_of_its_key_id() -> None:
    refused(sealed(), "frame-seal", key=SealKey.generate())


def test_a_link_signature_by_anybody_else_is_refused() -> None:
    refused(forged(inside(link=LinkKey.generate())), "frame-link")


def test_a_link_signature_over_another_type_is_refused() -> None:
    refused(forged(inside(kind=5, signed=inside()[:CONTEXT_BYTES] + b"\x02")), "frame-link")


def test_a_hello_sealed_to_a_prekey_is_refused() -> None:
    refused(sealed(kind=HELLO, key=ENDS.prekey), "frame-key-use")


def test_any_other_message_sealed_to_the_card_is_refused() -> None:
    refused(sealed(key=ENDS.card_key), "frame-key-use", key=ENDS.card_key, for_hello=True)


def test_padding_that_is_not_zero_is_refused_wherever_it_stands() -> None:
    room = 2048 - frame.OVERHEAD_BYTES - frame.INSIDE_BYTES - 64 - len(b"payload")
    for padding in (b"\x01", b"\0" * (room - 1) + b"\x01", b"\0" * (room // 2) + b"\xff"):
        refused(forged(inside(padding=padding)), "frame-padding")


@pytest.mark.parametrize("size", [2**32 - 1, 2048, 2048 - frame.OVERHEAD_BYTES - frame.INSIDE_BYTES - 63])
def test_a_payload_longer_than_its_frame_is_refused(size: int) -> None:
    refused(forged(inside(size=size)), "frame-payload")


def test_a_larger_frame_than_needed_is_opened() -> None:
    """The sizes hide lengths; which of them a sender takes is its own affair."""
    assert received(forged(inside(total=8192))).payload == b"payload"


def test_the_mac_key_of_one_direction_does_not_do_for_the_other() -> None:
    turned = replace(ENDS.north, outgoing=ENDS.north.incoming)
    refused(forged(inside(), at=turned), "frame-mac")
