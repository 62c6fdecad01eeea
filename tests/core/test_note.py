"""Signed notes: the C2SP text's own example, one encoding for one note, and nothing raised outside the error tree."""

import base64
import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core import note as notes
from hotline.core.note import Note, SignatureLine, VerifierKey
from hotline.custody.suite import RealSuite
from hotline.errors import MalformedError

# signed-note.md, "Example": its verifier key and the note that it verifies.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()
# signed-note.md, at its start: a text with an empty line in it.
POEM = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
""".encode()  # noqa: E501

LINE = SignatureLine("example.com/a", b"\x01\x02\x03\x04", b"signature")
SIMPLE = Note("text\n", (LINE,))

printable = st.characters(min_codepoint=0x20, exclude_categories=["Cs"])
texts = st.lists(st.text(printable, max_size=20), max_size=6).map(lambda lines: "\n".join(lines) + "\n")
names = st.text(printable, min_size=1, max_size=20).filter(lambda s: "+" not in s and not re.search(r"\s", s))
names = names.filter(lambda s: not any(c.isspace() for c in s))
lines = st.builds(SignatureLine, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=100))
all_notes = st.builds(Note, texts, st.lists(lines, min_size=1, max_size=limits.NOTE_SIGNATURES).map(tuple))


# --- the form ---------------------------------------------------------------------------


def test_the_example_of_the_c2sp_text_verifies_with_its_verifier_key() -> None:
    note, key = Note.parse(EXAMPLE), notes.parse_vkey(VKEY)
    (line,) = note.signatures
    assert (line.name, line.key_id.hex()) == (key.name, "530d903a")
    assert key.sig_type == notes.ED25519_NOTE
    assert line.key_id == notes.key_id(key.name, key.sig_type, key.public)
    assert RealSuite().verify_ed25519(key.public, note.text.encode(), line.signature)
    assert not RealSuite().verify_ed25519(key.public, note.text.encode() + b"\n", line.signature)


@pytest.mark.parametrize("example", [EXAMPLE, POEM])
def test_the_examples_of_the_c2sp_text_are_encoded_as_they_came(example: bytes) -> None:
    assert Note.parse(example).encode() == example


def test_a_text_may_hold_empty_lines_and_ends_at_the_last_one() -> None:
    assert Note.parse(POEM).text.endswith("sole:\n\ned è subito sera.\n")
    assert Note.parse(b"\n\n\n\xe2\x80\x94 a AAAAAAA=\n").text == "\n\n"


@given(all_notes)
def test_a_note_comes_back_as_it_was_encoded(note: Note) -> None:
    assert Note.parse(note.encode()) == note


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_a_note_or_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        Note.parse(data)


@given(st.sampled_from([EXAMPLE, POEM, SIMPLE.encode()]), st.data())
def test_a_note_with_any_bytes_replaced_is_refused_or_is_exactly_those_bytes(
    example: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(example)))
    end = data.draw(st.integers(at, min(len(example), at + 4)))
    changed = example[:at] + data.draw(st.binary(max_size=4)) + example[end:]
    try:
        note = Note.parse(changed)
    except MalformedError:
        return
    assert note.encode() == changed


# --- what is refused --------------------------------------------------------------------

SIGNED = "— example.com/a AQIDBHNpZw==\n"


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("nothing at all", ""),
        ("no text", SIGNED),
        ("no empty line between text and signatures", "text\n" + SIGNED),
        ("no signature lines", "text\n\n"),
        ("an unended signature line", "text\n\n" + SIGNED.removesuffix("\n")),
        ("an empty line after the signatures", "text\n\n" + SIGNED + "\n"),
        ("a line after the signatures", "text\n\n" + SIGNED + "more\n"),
        ("an empty line between signatures", "text\n\n" + SIGNED + "\n" + "x" + SIGNED),
        ("a hyphen for the em dash", "text\n\n" + SIGNED.replace("—", "-")),
        ("two spaces after the dash", "text\n\n" + SIGNED.replace("— ", "—  ")),
        ("no space after the dash", "text\n\n" + SIGNED.replace("— ", "—")),
        ("two spaces after the name", "text\n\n" + SIGNED.replace(" AQ", "  AQ")),
        ("a space at the end", "text\n\n" + SIGNED.replace("\n", " \n")),
        ("no name", "text\n\n— AQIDBHNpZw==\n"),
        ("an empty name", "text\n\n—  AQIDBHNpZw==\n"),
        ("a plus in the name", "text\n\n" + SIGNED.replace("/", "+")),
        ("a no-break space in the name", "text\n\n" + SIGNED.replace("/", "\u00a0")),
        ("an ideographic space in the name", "text\n\n" + SIGNED.replace("/", "\u3000")),
        ("a line separator in the name", "text\n\n" + SIGNED.replace("/", "\u2028")),
        ("a next-line in the name", "text\n\n" + SIGNED.replace("/", "\u0085")),
        ("no signature", "text\n\n— example.com/a \n"),
        ("a key id alone", "text\n\n— example.com/a AQIDBA==\n"),
        ("less than a key id", "text\n\n— example.com/a AQI=\n"),
        ("base64 without padding", "text\n\n" + SIGNED.replace("==", "")),
        ("base64 with too much padding", "text\n\n" + SIGNED.replace("==", "===")),
        ("base64 with spare bits", "text\n\n" + SIGNED.replace("Zw==", "Zx==")),
        ("base64 of the URL alphabet", "text\n\n— example.com/a _____w==\n"),
        ("base64 with a space", "text\n\n" + SIGNED.replace("QID", "Q ID")),
        ("base64 that is not ASCII", "text\n\n" + SIGNED.replace("QID", "Qé")),
        ("a carriage return", "text\r\n\n" + SIGNED),
        ("a tab", "te\txt\n\n" + SIGNED),
        ("a NUL", "te\0xt\n\n" + SIGNED),
        ("an escape", "te\x1bxt\n\n" + SIGNED),
    ],
    ids=lambda value: value if len(value) < 60 and "\n" not in value else "",
)
def test_a_note_is_refused_that_has(fault: str, text: str) -> None:
    with pytest.raises(MalformedError):
        Note.parse(text.encode())


@pytest.mark.parametrize("bad", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x80"])
def test_a_note_is_refused_that_is_not_utf_8(bad: bytes) -> None:
    with pytest.raises(MalformedError, match="UTF-8"):
        Note.parse(b"text" + bad + b"\n\n" + SIGNED.encode())


def test_sixteen_signatures_are_accepted_and_seventeen_are_not() -> None:
    most = Note("text\n", (LINE,) * limits.NOTE_SIGNATURES)
    assert Note.parse(most.encode()) == most
    with pytest.raises(MalformedError, match="17 signature lines"):
        Note.parse(most.encode() + LINE.encode().encode())


def test_a_note_of_the_largest_size_is_accepted_and_one_byte_more_is_not() -> None:
    padding = limits.NOTE_BYTES - len(SIMPLE.encode())
    largest = Note("x" * padding + SIMPLE.text, SIMPLE.signatures)
    assert Note.parse(largest.encode()) == largest
    with pytest.raises(MalformedError) as refused:
        Note.parse(b"x" + largest.encode())
    assert refused.value.reason == "too-large"
    with pytest.raises(MalformedError):
        Note("x" + largest.text, SIMPLE.signatures)


@pytest.mark.parametrize("text", ["", "text", "text\n\n\x7f\x00\n", "te\rxt\n", "\ud800\n"])
def test_a_note_cannot_be_made_with_a_text_that_could_not_be_read_back(text: str) -> None:
    with pytest.raises(MalformedError):
        Note(text, (LINE,))


def test_a_note_cannot_be_made_without_signatures() -> None:
    with pytest.raises(MalformedError):
        Note("text\n", ())


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "a b"},
        {"name": "a+b"},
        {"name": "a\nb"},
        {"name": "\udfff"},
        {"key_id": b"123"},
        {"signature": b""},
    ],
)
def test_a_signature_line_cannot_be_made_that_could_not_be_read_back(change: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        dataclasses.replace(LINE, **change)  # type: ignore[arg-type]


def test_an_error_about_a_note_shows_no_raw_text_from_it() -> None:
    with pytest.raises(MalformedError) as refused:
        SignatureLine("evil\u202e name", b"1234", b"x")
    assert "\u202e" not in str(refused.value)
    assert "\\u{202e}" in str(refused.value) or "u{202e}" in str(refused.value)


# --- verifier keys ----------------------------------------------------------------------


def test_the_verifier_key_of_the_c2sp_text_is_written_as_it_came() -> None:
    key = notes.parse_vkey(VKEY)
    assert len(key.public) == 32
    assert notes.vkey(key.name, key.sig_type, key.public) == VKEY


@given(names, st.sampled_from([1, 4, 6]))
def test_a_verifier_key_comes_back_as_it_was_written(name: str, sig_type: int) -> None:
    public = bytes(range(256)) * 5 + bytes(32) if sig_type == 6 else notes.parse_vkey(VKEY).public
    assert notes.parse_vkey(notes.vkey(name, sig_type, public)) == VerifierKey(name, sig_type, public)


@given(names, st.integers(0, 255), st.binary(min_size=1, max_size=60))
def test_a_key_of_a_type_or_length_that_is_not_used_is_no_verifier_key(name: str, sig_type: int, public: bytes) -> None:
    with pytest.raises(MalformedError):
        notes.parse_vkey(notes.vkey(name, sig_type, public))


def test_the_key_id_changes_with_the_name_the_type_and_the_key() -> None:
    ids = {
        notes.key_id(name, sig_type, public) for name in ("a", "b") for sig_type in (1, 4, 6) for public in (b"k", b"l")
    }
    assert len(ids) == 12


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        VKEY.replace("530d903a", "530d903b"),
        VKEY.replace("530d903a", "530D903A"),
        VKEY.replace("530d903a", "53 0d 90 3a"),
        VKEY.replace("example", "exemple"),
        VKEY.replace("+530d903a+", "+530d903a"),
        VKEY.replace("3U2k", "3U2l"),
        VKEY + "\n",
        " " + VKEY,
        VKEY + "====",
        "a++",
        "a+00000000+AQ==",
    ],
)
def test_a_verifier_key_is_refused_that_is_not_exactly_the_one_of_its_name_and_key(text: str) -> None:
    with pytest.raises(MalformedError):
        notes.parse_vkey(text)


@given(st.text(max_size=80))
def test_any_text_is_a_verifier_key_or_malformed(text: str) -> None:
    with pytest.raises(MalformedError):
        notes.parse_vkey(text)


# --- base64 -----------------------------------------------------------------------------


@given(st.text(st.sampled_from("AQZz019+/=_- \n"), max_size=12))
def test_base64_is_read_in_one_writing_only(text: str) -> None:
    try:
        data = notes.from_base64(text, what="It")
    except MalformedError:
        return
    assert base64.standard_b64encode(data).decode() == text
