"""Heads and receipts: the signed bytes written out by hand, and every line of a note that lies."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core import checkpoint, note, tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.note import Note, SignatureLine
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import MalformedError, SignatureError

# tlog-checkpoint.md and tlog-cosignature.md: their example.
SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SOFA_TIME = 1679315147
SOFA_NOTE = f"""{SOFA}
— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501

SUITE = RealSuite()
LOG, RECEIPT, STRANGER = (HybridKey(bytes([n]) * HybridKey.SEED_BYTES) for n in (1, 2, 3))
ORIGIN, NAME, TIME = "hotline/5b0c/9a41/1", "hotline/77e2/receipt", 1_790_000_000
CP = Checkpoint(ORIGIN, 7, tree.leaf_hash(b"root"))
HEAD = LOG.sign(*checkpoint.log_messages(CP))
RECEIVED = RECEIPT.sign(*checkpoint.receipt_messages(CP, NAME, TIME))
HEAD_LINES = checkpoint.head_lines(CP, LOG.public, HEAD)
RECEIPT_LINES = checkpoint.receipt_lines(RECEIPT.public, NAME, TIME, RECEIVED)
NOTE = Note(CP.text(), (*HEAD_LINES, *RECEIPT_LINES))


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def with_line(index: int, **change: object) -> Note:
    """The note with one line changed: 0 and 1 are the head's, 2 and 3 the receipt's."""
    lines = list(NOTE.signatures)
    lines[index] = dataclasses.replace(lines[index], **change)  # type: ignore[arg-type]
    return Note(NOTE.text, tuple(lines))


# --- the text ---------------------------------------------------------------------------


def test_the_checkpoint_of_the_c2sp_text_is_read_and_written_as_it_came() -> None:
    cp = Checkpoint.parse_text(SOFA)
    assert (cp.origin, cp.size) == ("example.com/behind-the-sofa", 20852163)
    assert cp.root.hex().startswith("0ac5186a91863e8e1d90c8")
    assert cp.text() == SOFA
    assert Note.parse(SOFA_NOTE.encode()).text == SOFA


@given(
    st.text("abc09.-/é", min_size=1, max_size=60),
    st.integers(0, limits.TREE_SIZE),
    st.binary(min_size=32, max_size=32),
)
def test_a_checkpoint_comes_back_as_it_was_written(origin: str, size: int, root: bytes) -> None:
    cp = Checkpoint(origin, size, root)
    assert Checkpoint.parse_text(cp.text()) == cp


@given(st.one_of(st.text(max_size=120), st.lists(st.text(max_size=50), max_size=5).map("\n".join)))
def test_any_text_is_a_checkpoint_or_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse_text(text)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("an extension line", SOFA + "extension\n"),
        ("an empty line at its end", SOFA + "\n"),
        ("no newline at its end", SOFA.removesuffix("\n")),
        ("two lines", "\n".join(SOFA.split("\n")[:2]) + "\n"),
        ("no origin", SOFA[SOFA.index("\n") :]),
        ("a space in the origin", SOFA.replace("-the", " the")),
        ("a plus in the origin", SOFA.replace("-the", "+the")),
        ("an origin of 256 bytes", SOFA.replace("example", "é" * 118)),
        ("no size", SOFA.replace("20852163", "")),
        ("a size with a leading zero", SOFA.replace("20852163", "020852163")),
        ("a size of two zeroes", SOFA.replace("20852163", "00")),
        ("a negative size", SOFA.replace("20852163", "-20852163")),
        ("a size with a plus", SOFA.replace("20852163", "+20852163")),
        ("a size with an underscore", SOFA.replace("20852163", "20_852_163")),
        ("a size with a space", SOFA.replace("20852163", "20852163 ")),
        ("a size in other digits", SOFA.replace("20852163", "٢٠٨٥٢١٦٣")),
        ("a size of superscripts", SOFA.replace("20852163", "²")),
        ("a size over the bound", SOFA.replace("20852163", str(2**53))),
        ("a size that takes minutes to read", SOFA.replace("20852163", "9" * 60_000)),
        ("a root of 31 bytes", SOFA.replace(note.to_base64(Checkpoint.parse_text(SOFA).root), "A" * 42 + "==")),
        ("a root of 33 bytes", SOFA.replace("q2I=", "q2IA")),
        ("a root with spare bits", SOFA.replace("q2I=", "q2J=")),
        ("a root without padding", SOFA.replace("q2I=", "q2I")),
        ("a root in hex", SOFA.replace("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "0a" * 32)),
    ],
    ids=lambda value: value if len(value) < 60 and "\n" not in value else "",
)
def test_a_checkpoint_is_refused_that_has(fault: str, text: str) -> None:
    assert text != SOFA
    with pytest.raises(MalformedError):
        Checkpoint.parse_text(text)


@pytest.mark.parametrize(
    "change", [{"origin": "a\nb"}, {"origin": ""}, {"size": -1}, {"size": 2**53}, {"root": b""}, {"root": bytes(33)}]
)
def test_a_checkpoint_cannot_be_made_that_could_not_be_read_back(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        dataclasses.replace(CP, **change)  # type: ignore[arg-type]


# --- what is signed ---------------------------------------------------------------------


def test_the_receipt_key_signs_the_message_that_the_c2sp_text_shows() -> None:
    ed25519, _ = checkpoint.receipt_messages(Checkpoint.parse_text(SOFA), "witness.example.com/w1", SOFA_TIME)
    assert ed25519.decode() == f"cosignature/v1\ntime 1679315147\n{SOFA}"


def test_the_log_key_signs_the_text_and_the_untimed_cosigned_message_in_its_own_name() -> None:
    ed25519, mldsa44 = checkpoint.log_messages(Checkpoint("ab/1", 258, bytes(range(32))))
    assert ed25519 == b"ab/1\n258\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert mldsa44.hex() == (
        "737562747265652f76310a00"  # label "subtree/v1\n\0"
        "0461622f31"  # cosigner name, its length first
        "0000000000000000"  # timestamp 0
        "0461622f31"  # log origin, its length first
        "0000000000000000"  # start
        "0000000000000102"  # end
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    )


def test_the_receipt_key_signs_the_timed_cosigned_message_in_the_receipts_name() -> None:
    _, mldsa44 = checkpoint.receipt_messages(Checkpoint("ab/1", 258, bytes(range(32))), "c/receipt", 0x6AB2_0000)
    assert mldsa44.hex() == (
        "737562747265652f76310a00"
        "09632f72656365697074"
        "000000006ab20000"
        "0461622f31"
        "0000000000000000"
        "0000000000000102"
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    )


def test_names_of_255_bytes_still_fit_their_length_byte_and_longer_ones_are_refused() -> None:
    longest = "é" * 127 + "x"
    cp = Checkpoint(longest, 1, bytes(32))
    _, mldsa44 = checkpoint.receipt_messages(cp, longest, 1)
    assert mldsa44[12] == 255
    assert len(mldsa44) == 12 + 256 + 8 + 256 + 8 + 8 + 32
    for name in (longest + "x", "", "a b", "a\nb"):
        with pytest.raises(MalformedError):
            checkpoint.receipt_messages(cp, name, 1)


@pytest.mark.parametrize("time", [0, -1, 2**53, 2**64])
def test_a_receipt_of_no_time_or_of_one_out_of_bounds_cannot_be_made(time: int) -> None:
    with pytest.raises(MalformedError):
        checkpoint.receipt_messages(CP, NAME, time)
    with pytest.raises(MalformedError):
        checkpoint.receipt_lines(RECEIPT.public, NAME, time, RECEIVED)
    assert not checkpoint.verify_receipt(SUITE, RECEIPT.public, NAME, CP, time, RECEIVED)


# --- verifying --------------------------------------------------------------------------

Check = Callable[..., bool]


def head_verifies(cp: Checkpoint = CP, public: bytes = LOG.public, signature: bytes = HEAD) -> bool:
    return checkpoint.verify_head(SUITE, public, cp, signature)


def receipt_verifies(
    cp: Checkpoint = CP,
    public: bytes = RECEIPT.public,
    signature: bytes = RECEIVED,
    name: str = NAME,
    time: int = TIME,
) -> bool:
    return checkpoint.verify_receipt(SUITE, public, name, cp, time, signature)


def test_a_head_and_a_receipt_verify_with_their_keys() -> None:
    assert head_verifies()
    assert receipt_verifies()


@pytest.mark.parametrize("verifies", [head_verifies, receipt_verifies])
@pytest.mark.parametrize("change", [{"origin": "hotline/5b0c/9a41/2"}, {"size": 8}, {"root": bytes(32)}])
def test_neither_verifies_for_another_log_size_or_root(verifies: Check, change: dict[str, object]) -> None:
    assert not verifies(cp=dataclasses.replace(CP, **change))  # type: ignore[arg-type]


def test_a_receipt_does_not_verify_at_another_time_or_in_another_name() -> None:
    assert not receipt_verifies(time=TIME + 1)
    assert not receipt_verifies(name="hotline/77e3/receipt")
    assert not receipt_verifies(name="not a name")


@pytest.mark.parametrize(
    ("verifies", "key", "good"), [(head_verifies, LOG, HEAD), (receipt_verifies, RECEIPT, RECEIVED)]
)
def test_both_halves_must_verify_so_that_breaking_one_algorithm_forges_nothing(
    verifies: Check, key: HybridKey, good: bytes
) -> None:
    foreign = STRANGER.sign(b"anything", b"anything")
    assert not verifies(signature=foreign[:64] + good[64:])
    assert not verifies(signature=good[:64] + foreign[64:])
    assert not verifies(public=STRANGER.public[:32] + key.public[32:])
    assert not verifies(public=key.public[:32] + STRANGER.public[32:])
    for at in (0, 63, 64, len(good) - 1):
        assert not verifies(signature=flip(good, at))
    for other in (b"", good[:-1], good + b"\0"):
        assert not verifies(signature=other)
    for public in (b"", key.public[:-1], key.public + b"\0"):
        assert not verifies(public=public)


def test_the_empty_log_has_neither_head_nor_receipt_even_if_signed() -> None:
    empty = Checkpoint(ORIGIN, 0, tree.EMPTY_ROOT)
    assert not head_verifies(empty, signature=LOG.sign(*checkpoint.log_messages(empty)))
    assert not receipt_verifies(empty, signature=RECEIPT.sign(*checkpoint.receipt_messages(empty, NAME, TIME)))


def test_a_head_is_no_receipt_and_a_receipt_no_head_even_by_the_same_key() -> None:
    """The types' messages are apart: one key in both roles would still make no statement of the other kind."""
    assert not checkpoint.verify_receipt(SUITE, LOG.public, ORIGIN, CP, TIME, HEAD)
    assert not checkpoint.verify_head(SUITE, RECEIPT.public, CP, RECEIVED)
    messages = {*checkpoint.log_messages(CP), *checkpoint.receipt_messages(CP, ORIGIN, 1)}
    assert len(messages) == 4


# --- as notes ---------------------------------------------------------------------------


def evidence() -> Note:
    return checkpoint.evidence_note(
        CP,
        log_public=LOG.public,
        head_signature=HEAD,
        receipt_public=RECEIPT.public,
        receipt_name=NAME,
        timestamp_s=TIME,
        receipt_signature=RECEIVED,
    )


def test_an_evidence_note_has_four_lines_in_the_order_of_the_specification() -> None:
    shown = evidence()
    assert shown == NOTE
    assert [line.name for line in shown.signatures] == [ORIGIN, ORIGIN, NAME, NAME]
    assert [len(line.signature) for line in shown.signatures] == [64, 8 + 2420, 8 + 64, 8 + 2420]
    assert [line.key_id for line in shown.signatures] == [
        note.key_id(ORIGIN, 0x01, LOG.public[:32]),
        note.key_id(ORIGIN, 0x06, LOG.public[32:]),
        note.key_id(NAME, 0x04, RECEIPT.public[:32]),
        note.key_id(NAME, 0x06, RECEIPT.public[32:]),
    ]
    times = [int.from_bytes(line.signature[:8], "big") for line in shown.signatures[1:]]
    assert times == [0, TIME, TIME]


def test_head_and_receipt_come_back_from_the_encoded_note() -> None:
    shown = Note.parse(evidence().encode())
    assert checkpoint.parse_head_note(SUITE, shown, LOG.public) == (CP, HEAD)
    assert checkpoint.parse_receipt(SUITE, shown, RECEIPT.public, NAME) == (TIME, RECEIVED)


def test_a_tool_that_knows_nothing_but_c2sp_can_check_the_ed25519_line_of_the_log() -> None:
    key = note.parse_vkey(note.vkey(ORIGIN, note.ED25519_NOTE, LOG.public[:32]))
    (line,) = (
        line for line in NOTE.signatures if (line.name, line.key_id.hex()) == (key.name, HEAD_LINES[0].key_id.hex())
    )
    assert SUITE.verify_ed25519(key.public, NOTE.text.encode(), line.signature)


def test_lines_of_strangers_are_ignored_in_any_order_even_with_our_name_or_our_key_id() -> None:
    strange = [
        SignatureLine("stranger.example", HEAD_LINES[0].key_id, b"junk"),
        SignatureLine(ORIGIN, b"none", b"junk"),
        SignatureLine(NAME, b"none", b"junk"),
        *checkpoint.head_lines(CP, STRANGER.public, HEAD),
    ]
    shown = Note(CP.text(), (*strange, *reversed(NOTE.signatures)))
    assert checkpoint.parse_head_note(SUITE, shown, LOG.public) == (CP, HEAD)
    assert checkpoint.parse_receipt(SUITE, shown, RECEIPT.public, NAME) == (TIME, RECEIVED)


@pytest.mark.parametrize("missing", range(4))
def test_a_note_without_one_of_the_four_lines_is_refused(missing: int) -> None:
    shown = Note(CP.text(), NOTE.signatures[:missing] + NOTE.signatures[missing + 1 :])
    with pytest.raises(SignatureError, match="0 lines"):
        read(shown, missing)


@pytest.mark.parametrize("doubled", range(4))
def test_a_note_with_one_of_the_four_lines_twice_is_refused(doubled: int) -> None:
    shown = Note(CP.text(), (*NOTE.signatures, NOTE.signatures[doubled]))
    with pytest.raises(SignatureError, match="2 lines"):
        read(shown, doubled)


@pytest.mark.parametrize("line", range(4))
@pytest.mark.parametrize("at", [0, 7, 8, 63, -1])
def test_a_line_with_a_changed_byte_is_refused_be_it_in_the_time_or_the_signature(line: int, at: int) -> None:
    good = NOTE.signatures[line].signature
    with pytest.raises(SignatureError):
        read(with_line(line, signature=flip(good, at % len(good))), line)


@pytest.mark.parametrize("line", range(4))
def test_a_line_of_another_length_is_refused(line: int) -> None:
    good = NOTE.signatures[line].signature
    for other in (good[:-1], good + b"\0", good[:3]):
        with pytest.raises(SignatureError, match="length"):
            read(with_line(line, signature=other), line)


@pytest.mark.parametrize("line", range(4))
def test_a_line_under_another_name_or_key_id_does_not_count(line: int) -> None:
    for change in ({"name": "stranger.example"}, {"key_id": b"none"}):
        with pytest.raises(SignatureError, match="0 lines"):
            read(with_line(line, **change), line)


def test_two_receipts_of_different_times_cannot_be_mixed() -> None:
    later = RECEIPT.sign(*checkpoint.receipt_messages(CP, NAME, TIME + 1))
    first, second = RECEIPT_LINES[0], checkpoint.receipt_lines(RECEIPT.public, NAME, TIME + 1, later)[1]
    with pytest.raises(SignatureError, match="not signed"):
        checkpoint.parse_receipt(SUITE, Note(CP.text(), (first, second)), RECEIPT.public, NAME)


def test_a_log_that_puts_a_time_on_its_line_is_refused_even_if_it_signed_that_time() -> None:
    ed25519, _ = checkpoint.log_messages(CP)
    _, timed = checkpoint.receipt_messages(CP, ORIGIN, TIME)
    signature = LOG.sign(ed25519, timed)
    lines = checkpoint.head_lines(CP, LOG.public, signature)
    lines[1] = dataclasses.replace(lines[1], signature=TIME.to_bytes(8, "big") + signature[64:])
    with pytest.raises(SignatureError, match="not signed"):
        checkpoint.parse_head_note(SUITE, Note(CP.text(), tuple(lines)), LOG.public)


def test_a_note_whose_text_was_exchanged_is_refused() -> None:
    other = Note(dataclasses.replace(CP, size=8).text(), NOTE.signatures)
    for line in (0, 2):
        with pytest.raises(SignatureError, match="not signed"):
            read(other, line)


def test_a_note_that_is_no_checkpoint_is_malformed() -> None:
    for line in (0, 2):
        with pytest.raises(MalformedError):
            read(Note("text\n", NOTE.signatures), line)


def read(shown: Note, line: int) -> object:
    """Read the part of the note that holds this line."""
    if line < 2:
        return checkpoint.parse_head_note(SUITE, shown, LOG.public)
    return checkpoint.parse_receipt(SUITE, shown, RECEIPT.public, NAME)


def test_lines_are_not_made_from_keys_or_signatures_of_a_wrong_length() -> None:
    for public, signature in [(LOG.public[:-1], HEAD), (LOG.public, HEAD[:-1]), (b"", b"")]:
        with pytest.raises(MalformedError):
            checkpoint.head_lines(CP, public, signature)
        with pytest.raises(MalformedError):
            checkpoint.receipt_lines(public, NAME, TIME, signature)
    with pytest.raises(MalformedError):
        checkpoint.parse_head_note(SUITE, NOTE, LOG.public[:-1])


# --- decimals ---------------------------------------------------------------------------


@given(st.text("0123456789-+_ .e٣²", max_size=20))
def test_a_number_is_read_in_one_writing_only(text: str) -> None:
    try:
        number = checkpoint.parse_decimal(text, what="It")
    except MalformedError:
        return
    assert str(number) == text
    assert 0 <= number <= limits.TREE_SIZE
