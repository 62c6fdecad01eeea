"""Entries of the journal: one encoding each, bounded, and an origin of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline import limits
from hotline.core import encoding, journal, tree
from hotline.core.card import Card, parse
from hotline.custody.suite import RealSuite
from hotline.errors import MalformedError
from tests.custody.cards import station

LINE = bytes(range(32))


def test_an_entry_is_these_bytes_and_no_others() -> None:
    data = journal.pack(5, LINE, "relay-up", 0, "Relay first is up.", [("relay", "first")])
    assert data == (
        b"\x97\x01\x05\xc4\x20" + LINE + b"\xa8relay-up\x00\xb2Relay first is up.\x91\x92\xa5relay\xa5first"
    )
    assert tree.leaf_hash(data).hex() == "0783db037f2573e9d1660bf8655a1be4d143457e5544eb331c49cd8ac46d9230"
    assert journal.unpack(data).fields == (("relay", "first"),)


@given(
    st.integers(-(2**60), 2**60),
    st.sampled_from([b"", LINE]),
    st.text(),
    st.lists(st.tuples(st.text(min_size=1), st.text())),
)
def test_whatever_is_told_becomes_an_entry_that_can_be_read_and_is_bounded(
    time_ms: int, line: bytes, text: str, fields: list[tuple[str, str]]
) -> None:
    data = journal.pack(time_ms, line, "config", 1, text * 40, fields * 20)
    assert len(data) <= limits.JOURNAL_ENTRY_BYTES
    entry = journal.unpack(data)
    assert journal.pack(entry.time_ms, entry.line, entry.kind, entry.level, entry.text, entry.fields) == data


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d + b"\x00",
        lambda d: d[:-1],
        lambda d: b"\x97\x02" + d[2:],
        lambda d: d.replace(b"\xa8relay-up", b"\xa8Relay-up"),
        lambda d: d.replace(b"\xa8relay-up\x00", b"\xa8relay-up\x03"),
        lambda d: d.replace(b"\xc4\x20" + LINE, b"\xc4\x1f" + LINE[:31]),
        lambda d: d.replace(b"\xa5relay\xa5first", b"\xa0\xa5first"),
        lambda d: d.replace(b"\x01\x05", b"\x01\xcc\x05"),
    ],
    ids=["bytes after its end", "cut", "version", "kind", "level", "line", "field without a name", "longer integer"],
)  # fmt: skip
def test_what_is_no_entry_is_refused(spoil: object) -> None:
    data = journal.pack(5, LINE, "relay-up", 0, "Relay first is up.", [("relay", "first")])
    assert callable(spoil)
    with pytest.raises(MalformedError):
        journal.unpack(spoil(data))


def test_bounds_count_bytes_and_not_letters() -> None:
    entry = journal.JournalEntry(1, 5, b"", "start", 0, "\u00e9" * 600, ())
    with pytest.raises(MalformedError, match="longer than it may be"):
        journal.unpack(encoding.encode(entry))


@pytest.fixture(scope="module")
def card() -> Card:
    return parse(RealSuite(), station("journal").text())


@pytest.mark.parametrize("generation", [1, 2, 17])
def test_the_origin_names_the_station_and_how_often_its_journal_was_lost(card: Card, generation: int) -> None:
    origin = journal.origin(card, generation)
    last = "journal" if generation == 1 else f"journal/{generation}"
    assert origin == f"hotline/{card.fingerprint.hex()}/{last}"
    assert journal.generation_of(card, origin) == generation


@pytest.mark.parametrize("text", ["", "/1", "/0", "/02", "/x", "/-1", "/\u0662", "/2/2", "2", "/" + "9" * 30])
def test_what_is_not_an_origin_of_this_journal_is_of_no_generation(card: Card, text: str) -> None:
    own = journal.origin(card, 1)
    assert journal.generation_of(card, text and own + text) == 0
    assert journal.generation_of(card, own.replace("hotline/", "other/") + text) == 0
