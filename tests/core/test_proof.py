"""Evidence: one true proof, and each way in which a false one differs from it."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core import checkpoint, encoding, entry, proof, tree
from hotline.core.checkpoint import Checkpoint
from hotline.core.note import Note, SignatureLine, to_base64
from hotline.core.proof import Evidence, Extra, Proof
from hotline.custody.suite import HybridKey, RealSuite
from hotline.errors import HotlineError, MalformedError, SignatureError

SUITE = RealSuite()
LOG, RECEIPT, STRANGER = (HybridKey(bytes([n]) * HybridKey.SEED_BYTES) for n in (1, 2, 3))
ORIGIN, NAME, TIME = "hotline/5b0c/9a41/1", "hotline/77e2/receipt", 1_790_000_000
INDEX, SIZE = 4, 7
SALT, BODY = b"s" * 32, b"the body of a notice"
ENTRY = entry.seal_envelope(b"content", len(BODY), entry.commitment(SALT, BODY))
LEAVES = [tree.leaf_hash(ENTRY if i == INDEX else b"entry %d" % i) for i in range(SIZE)]
EXTRA = Extra(ENTRY, SALT, BODY)


def shown(cp: Checkpoint, log: HybridKey = LOG, receipt: HybridKey = RECEIPT) -> Note:
    return checkpoint.evidence_note(
        cp,
        log_public=log.public,
        head_signature=log.sign(*checkpoint.log_messages(cp)),
        receipt_public=receipt.public,
        receipt_name=NAME,
        timestamp_s=TIME,
        receipt_signature=receipt.sign(*checkpoint.receipt_messages(cp, NAME, TIME)),
    )


CP = Checkpoint(ORIGIN, SIZE, tree.root(LEAVES))
NOTE = shown(CP)
PROOF = Proof(INDEX, tuple(tree.inclusion_proof(LEAVES, INDEX)), EXTRA.encode(), NOTE)
TEXT = PROOF.encode()


def verify(
    evidence: Proof,
    origin: str = ORIGIN,
    log_public: bytes = LOG.public,
    receipt_public: bytes = RECEIPT.public,
    receipt_name: str = NAME,
) -> Evidence:
    return proof.verify(
        SUITE,
        evidence,
        origin=origin,
        log_public=log_public,
        receipt_public=receipt_public,
        receipt_name=receipt_name,
    )


def change(**fields: object) -> Proof:
    return dataclasses.replace(PROOF, **fields)  # type: ignore[arg-type]


# --- the form ---------------------------------------------------------------------------


def test_a_proof_is_written_as_the_c2sp_text_shows() -> None:
    lines = TEXT.decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra " + to_base64(EXTRA.encode())
    assert lines[2] == "index 4"
    assert lines[3:6] == [to_base64(h) for h in PROOF.hashes]
    assert lines[6:10] == ["", ORIGIN, "7", to_base64(CP.root)]
    assert TEXT.endswith(NOTE.encode())


def test_the_extra_line_is_left_out_where_there_is_no_extra_data() -> None:
    assert change(extra=None).encode().startswith(b"c2sp.org/tlog-proof@v1\nindex 4\n")


simple_note = Note("text\n\nmore\n", (SignatureLine("a", b"1234", b"signature"),))
proofs = st.builds(
    Proof,
    st.integers(0, limits.TREE_SIZE - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=limits.PROOF_HASHES).map(tuple),
    st.none() | st.binary(min_size=1, max_size=200),
    st.sampled_from([simple_note, NOTE]),
)


@given(proofs)
def test_a_proof_comes_back_as_it_was_encoded(one: Proof) -> None:
    assert Proof.parse(one.encode()) == one


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_proof_or_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        Proof.parse(data)
    with pytest.raises(MalformedError):
        Proof.parse(b"c2sp.org/tlog-proof@v1\n" + data)


@given(st.data())
def test_a_proof_with_any_bytes_replaced_is_refused_or_shows_nothing_else(data: st.DataObject) -> None:
    """Nothing that is signed or hashed can be changed; what a change may leave is a line that is not ours."""
    at = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(at, min(len(TEXT), at + 4)))
    changed = TEXT[:at] + data.draw(st.binary(max_size=4)) + TEXT[end:]
    try:
        parsed = Proof.parse(changed)
        assert parsed.encode() == changed
        evidence = verify(parsed)
    except HotlineError:
        return
    assert evidence == verify(PROOF)


HEADER = "c2sp.org/tlog-proof@v1\n"
HASH = to_base64(bytes(32)) + "\n"
BELOW = "\n" + simple_note.encode().decode()


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("nothing at all", ""),
        ("another version", "c2sp.org/tlog-proof@v2\nindex 0\n" + BELOW),
        ("no header", "index 0\n" + BELOW),
        ("the header alone", HEADER),
        ("no index", HEADER + BELOW),
        ("extra data and no index", HEADER + "extra AAAA\n" + BELOW),
        ("hashes and no index", HEADER + HASH + BELOW),
        ("the index after a hash", HEADER + HASH + "index 0\n" + BELOW),
        ("extra data after the index", HEADER + "index 0\nextra AAAA\n" + BELOW),
        ("extra data twice", HEADER + "extra AAAA\nextra AAAA\nindex 0\n" + BELOW),
        ("an empty extra line", HEADER + "extra \nindex 0\n" + BELOW),
        ("extra data with two spaces", HEADER + "extra  AAAA\nindex 0\n" + BELOW),
        ("extra data with spare bits", HEADER + "extra AAF=\nindex 0\n" + BELOW),
        ("an index with a leading zero", HEADER + "index 00\n" + BELOW),
        ("a negative index", HEADER + "index -1\n" + BELOW),
        ("an empty index", HEADER + "index \n" + BELOW),
        ("an index over the bound", HEADER + f"index {limits.TREE_SIZE}\n" + BELOW),
        ("a hash of 31 bytes", HEADER + "index 0\n" + to_base64(bytes(31)) + "\n" + BELOW),
        ("a hash of 33 bytes", HEADER + "index 0\n" + to_base64(bytes(33)) + "\n" + BELOW),
        ("a hash without padding", HEADER + "index 0\n" + HASH.replace("=", "") + BELOW),
        ("65 hashes", HEADER + "index 0\n" + HASH * 65 + BELOW),
        ("a carriage return", HEADER + "index 0\r\n" + BELOW),
        ("something that is not ASCII", HEADER + "index \u0660\n" + BELOW),
        ("no empty line above the checkpoint", HEADER + "index 0\n" + BELOW[1:]),
        ("two empty lines above an unsigned text", HEADER + "index 0\n\n\ntext\n"),
        ("no checkpoint", HEADER + "index 0\n\n"),
    ],
    ids=lambda value: value if len(value) < 60 and "\n" not in value else "",
)
def test_a_proof_is_refused_that_has(fault: str, text: str) -> None:
    Proof.parse((HEADER + "index 0\n" + HASH + BELOW).encode())  # what the faults are made from is sound
    with pytest.raises(MalformedError):
        Proof.parse(text.encode())


@pytest.mark.parametrize(
    "fields",
    [
        {"index": -1},
        {"index": limits.TREE_SIZE},
        {"hashes": (bytes(31),)},
        {"hashes": (bytes(32),) * (limits.PROOF_HASHES + 1)},
        {"extra": b""},
        {"extra": bytes(limits.PROOF_BYTES)},
    ],
)
def test_a_proof_cannot_be_made_that_could_not_be_read_back(fields: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        change(**fields)


def test_a_proof_over_the_bound_is_refused_before_it_is_read() -> None:
    with pytest.raises(MalformedError) as refused:
        Proof.parse(bytes(limits.PROOF_BYTES + 1))
    assert refused.value.reason == "too-large"


def test_the_largest_entry_and_body_fit_into_a_proof() -> None:
    body = bytes(limits.BODY_BYTES)
    content = bytes(limits.ENTRY_BYTES - entry.ENVELOPE_BYTES)
    largest = entry.seal_envelope(content, len(body), entry.commitment(SALT, body))
    leaf = tree.leaf_hash(largest)
    cp = Checkpoint(ORIGIN, 1, leaf)
    one = Proof(0, (), Extra(largest, SALT, body).encode(), shown(cp))
    assert verify(Proof.parse(one.encode())).body == body


# --- what it shows ----------------------------------------------------------------------


def test_a_true_proof_shows_the_entry_its_place_and_the_time_of_its_receipt() -> None:
    evidence = verify(Proof.parse(TEXT))
    assert (evidence.checkpoint, evidence.index, evidence.timestamp_s) == (CP, INDEX, TIME)
    assert (evidence.entry, evidence.salt, evidence.body) == (ENTRY, SALT, BODY)
    assert evidence.leaf_hash == LEAVES[INDEX]
    assert checkpoint.verify_head(SUITE, LOG.public, CP, evidence.head_signature)
    assert checkpoint.verify_receipt(SUITE, RECEIPT.public, NAME, CP, TIME, evidence.receipt_signature)


def test_the_body_need_not_be_shown() -> None:
    evidence = verify(change(extra=Extra(ENTRY, b"", b"").encode()))
    assert (evidence.entry, evidence.salt, evidence.body) == (ENTRY, b"", b"")


def test_an_entry_that_was_judged_invalid_for_its_envelope_can_still_be_shown() -> None:
    for odd in (b"", b"\x02 not an envelope"):
        cp = Checkpoint(ORIGIN, 1, tree.leaf_hash(odd))
        assert verify(Proof(0, (), Extra(odd, b"", b"").encode(), shown(cp))).entry == odd


# --- step 1: the leaf -------------------------------------------------------------------


def test_a_proof_without_its_entry_is_refused() -> None:
    with pytest.raises(MalformedError, match="no entry"):
        verify(change(extra=None))


@pytest.mark.parametrize(
    "extra",
    [
        Extra(ENTRY, SALT, BODY + b"!"),
        Extra(ENTRY, SALT, b"The body of a notice"),
        Extra(ENTRY, b"S" * 32, BODY),
        Extra(entry.seal_envelope(b"content"), SALT, BODY),
        Extra(b"", SALT, BODY),
    ],
)
def test_a_body_is_refused_that_is_not_the_one_committed_to(extra: Extra) -> None:
    with pytest.raises(SignatureError) as refused:
        verify(change(extra=extra.encode()))
    assert refused.value.reason == "body"


@pytest.mark.parametrize(
    "extra",
    [
        b"opaque",
        encoding.encode([ENTRY, SALT]),
        encoding.encode([ENTRY, SALT, BODY, b""]),
        encoding.encode([ENTRY, SALT, None]),
        encoding.encode([ENTRY, SALT, "text"]),
        encoding.encode([ENTRY, SALT, b""]),
        encoding.encode([ENTRY, b"", BODY]),
        encoding.encode([ENTRY, SALT[:-1], BODY]),
        encoding.encode([ENTRY, SALT + b"s", BODY]),
        encoding.encode([bytes(limits.ENTRY_BYTES + 1), b"", b""]),
        encoding.encode([ENTRY, SALT, bytes(limits.BODY_BYTES + 1)]),
        EXTRA.encode() + b"\0",
        b"\xdc\x00\x03" + EXTRA.encode()[1:],
    ],
)
def test_extra_data_of_another_form_is_malformed(extra: bytes) -> None:
    with pytest.raises(MalformedError):
        verify(change(extra=extra))


@given(st.binary(max_size=100))
def test_arbitrary_extra_data_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        Extra.parse(b"\x95" + data)  # an array of five, so that chance makes no true one


# --- step 2: the log --------------------------------------------------------------------


def test_a_proof_about_another_log_is_named_as_that_and_not_as_a_bad_signature() -> None:
    with pytest.raises(SignatureError, match="hotline/5b0c/9a41/2") as refused:
        verify(PROOF, origin="hotline/5b0c/9a41/2")
    assert refused.value.reason == "origin"


def test_a_head_signed_by_another_key_is_refused() -> None:
    with pytest.raises(SignatureError):
        verify(change(note=shown(CP, log=STRANGER)))
    with pytest.raises(SignatureError):
        verify(PROOF, log_public=STRANGER.public)


# --- step 3: the receipt ----------------------------------------------------------------


def test_a_receipt_of_another_key_or_name_is_refused() -> None:
    with pytest.raises(SignatureError):
        verify(change(note=shown(CP, receipt=STRANGER)))
    with pytest.raises(SignatureError):
        verify(PROOF, receipt_public=STRANGER.public)
    with pytest.raises(SignatureError):
        verify(PROOF, receipt_name="hotline/77e3/receipt")


def test_a_head_without_a_receipt_is_no_evidence_for_a_third_party() -> None:
    with pytest.raises(SignatureError):
        verify(change(note=Note(NOTE.text, NOTE.signatures[:2])))


def test_a_receipt_for_another_head_is_refused_although_both_are_signed() -> None:
    other = shown(Checkpoint(ORIGIN, SIZE, bytes(32)))
    with pytest.raises(SignatureError):
        verify(change(note=Note(NOTE.text, (*NOTE.signatures[:2], *other.signatures[2:]))))


# --- step 4: inclusion ------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"index": INDEX + 1},
        {"index": SIZE},
        {"hashes": PROOF.hashes[:-1]},
        {"hashes": (*PROOF.hashes, bytes(32))},
        {"hashes": PROOF.hashes[::-1]},
        {"hashes": ()},
        {"extra": Extra(ENTRY[:-1] + b"!", b"", b"").encode()},
        {"note": shown(Checkpoint(ORIGIN, SIZE, tree.leaf_hash(b"another tree")))},
    ],
)
def test_an_entry_is_refused_that_the_signed_root_does_not_hold(fields: dict[str, object]) -> None:
    with pytest.raises(SignatureError) as refused:
        verify(change(**fields))
    assert refused.value.reason == "inclusion"
