"""A row that lists show and that does not say what its entry says is found; so is a queued one that was altered."""

import apsw
import pytest

from hotline.audit import verify_home
from hotline.home import Home
from tests.station.pair import queue_one


def alter(home: Home, sql: str) -> str:
    """Run a statement as somebody with the file would; what the verification says then."""
    db = apsw.Connection(str(home.database_path))
    try:
        db.execute(sql)
        assert db.changes() > 0
    finally:
        db.close()
    return "; ".join(verify_home(home).all_problems())


@pytest.mark.parametrize(
    "change",
    [
        "verdict = verdict + 1",
        "text = 'Say nothing.'",
        "type = 5 - type",
        "target = target + 1",
        "mine = 1 - mine",
        "key = x'00'",
    ],
)
def test_an_answer_that_is_shown_with_other_words_than_its_entry_is_found(
    north: Home, south: Home, change: str
) -> None:
    for home in (north, south):  # the answers of the peer, and my own
        assert "is shown with other words" in alter(home, f"UPDATE answer SET {change}")  # noqa: S608  # fixed


@pytest.mark.parametrize("change", ["type = 3", "time_ms = time_ms + 1"])
def test_another_type_or_time_in_the_inbox_is_found(north: Home, change: str) -> None:
    assert "with another type or time" in alter(north, f"UPDATE inbox SET {change} WHERE type = 2")  # noqa: S608  # fixed


@pytest.mark.parametrize("change", ["DELETE FROM outbox WHERE idx = 1", "UPDATE outbox SET idx = 0 WHERE idx = 1"])
def test_a_notice_that_is_not_in_the_outbox_at_its_place_is_found(north: Home, change: str) -> None:
    assert "is not in the outbox" in alter(north, change)


@pytest.mark.parametrize("table", ["head", "receipt", "proposal"])
def test_what_belongs_to_no_log_is_found(north: Home, table: str) -> None:
    assert f"{table} holds rows of no log" in alter(north, f"UPDATE {table} SET log = 90 + log")  # noqa: S608  # fixed


def test_a_kept_card_that_was_altered_is_found(north: Home) -> None:
    assert "a kept card was altered" in alter(north, "UPDATE card SET number = 7")


def test_stored_without_a_receipt_is_found(north: Home) -> None:
    said = alter(north, "DELETE FROM receipt WHERE size > 1")
    assert "is shown as stored, but receipted only up to" in said


def test_an_altered_definition_of_a_table_is_found(north: Home) -> None:
    words = "sql = replace(sql, 'serial INTEGER', 'Serial INTEGER')"
    said = alter(north, f"PRAGMA writable_schema = 1; UPDATE sqlite_schema SET {words} WHERE name = 'inbox'")  # noqa: S608  # fixed
    assert "the definition of inbox was altered" in said


@pytest.mark.parametrize("change", ["body = x'80'", "salt = zeroblob(32)", "key = zeroblob(16)", "payload = x'80'"])
def test_a_queued_notice_that_was_altered_is_found(north: Home, change: str) -> None:
    queue_one(north)
    assert verify_home(north).all_problems() == []
    assert "what waits in the queue was altered" in alter(north, f"UPDATE queue SET {change}")  # noqa: S608  # fixed
