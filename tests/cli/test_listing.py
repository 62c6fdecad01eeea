"""Notices as rows."""

import pytest

from hotline.cli import listing
from tests.cli.test_words import notice


def test_a_row_has_a_cell_for_each_column() -> None:
    row = listing.row(notice())
    assert dict(zip(listing.COLUMNS, row, strict=True))["NOTICE"] == "NORTH 7"


@pytest.mark.parametrize("mode", ["DRILL", "TEST"])
def test_drill_and_test_traffic_says_so_first(mode: str) -> None:
    row = listing.row(notice(mode=mode))
    assert row[0] == f"{mode} NORTH 7"
    assert listing.style(row) == "cyan"


def test_a_notice_without_a_serial_yet_is_called_by_its_id() -> None:
    assert listing.row(notice(ref="", id="ab" * 16, state="QUEUED"))[0] == "abababab…"


def test_what_is_not_there_yet_is_red() -> None:
    assert listing.style(listing.row(notice(state="QUEUED"))) == "red"


def test_a_flash_stays_marked_until_it_is_acknowledged() -> None:
    assert listing.style(listing.row(notice(precedence="FLASH", state="OPENED"))) == "bold red"
    assert listing.style(listing.row(notice(precedence="FLASH", state="ACKNOWLEDGED"))) == ""


def test_a_subject_from_outside_is_safe_to_print() -> None:
    row = listing.row(notice(subject="\x1b[2Jx\u202e", kind="\x07"))
    assert not set("\x1b\u202e\x07") & set("".join(row))
