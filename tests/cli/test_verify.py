"""`hotline verify`: says what it checked, and names what does not hold."""

from pathlib import Path

import pytest

from hotline.audit.report import LogReport
from hotline.cli import verify
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import sent

pytestmark = pytest.mark.integration


def test_what_was_checked_is_said_for_both_logs_while_the_station_runs(pair: Pair) -> None:
    sent(pair.north)
    called = call("verify", "--line", "SOUTH", home=pair.north)
    assert called.code == 0
    assert "NORTH's log (ours):" in called.out
    assert "SOUTH's log:" in called.out
    assert "Everything holds." in called.out


def test_one_of_a_thing_is_counted_in_the_singular() -> None:
    log = LogReport("NORTH", "origin", True, entries=1, answers=1, watches=2, bodies=1)
    assert "1 entry, 1 body, 0 notices, 1 answer, 2 watches" in verify._checked(log)


def test_the_document_carries_the_counts(pair: Pair) -> None:
    document = call("verify", "--json", home=pair.north).document
    assert document["ok"] is True
    assert document["problems"] == []
    assert document["report"]["lines"][0]["logs"][0]["entries"] > 0


# At the end of a long text: the subject in the lists, which no signature covers, does not hold them.
WORDS = b"The words that somebody alters."


@pytest.fixture
def altered(pair: Pair, tmp_path: Path) -> Home:
    """A backup of NORTH's home with one bit of one body flipped, where nothing but the commitment can tell."""
    sent(pair.north, "A text. " * 20 + WORDS.decode())
    database = tmp_path / "north" / "station.db"
    assert call("backup", str(tmp_path / "north"), home=pair.north).code == 0
    # Each copy: one that the queue has left in a page of its own is read by nobody, and may come last in the file.
    database.write_bytes(database.read_bytes().replace(WORDS, bytes([WORDS[0] ^ 1]) + WORDS[1:]))
    return Home(tmp_path / "north")


def test_an_altered_bit_is_found_and_the_entry_named(altered: Home) -> None:
    called = call("verify", home=altered)
    assert called.code == 1
    assert "PROBLEM  NORTH's log: entry " in called.out
    assert "do not hold" in called.err
    assert "Everything holds" not in called.out


def test_an_altered_bit_gives_one_document(altered: Home) -> None:
    called = call("verify", "--json", home=altered)
    assert called.code == 1
    assert called.document["ok"] is False
    assert "entry" in called.document["problems"][0]


def test_a_line_that_is_not_there_is_told(pair: Pair) -> None:
    refused(call("verify", "--line", "EAST", home=pair.north), 2, "EAST")


def test_a_home_whose_station_never_ran_is_told(north: Home) -> None:
    refused(call("verify", home=north), 4, "station.db", "hotline run")


def test_a_database_that_is_none_is_told(north: Home) -> None:
    north.database_path.write_bytes(b"not a database" * 100)
    refused(call("verify", home=north), 4, "station.db")
