"""What travels beside a body."""

import pytest

from hotline.errors import NoticeError
from hotline.notices import Envelope, Mode, Precedence, parse_mode, parse_precedence


def test_precedence_is_ordered_as_acp_121_has_it() -> None:
    assert Precedence.ROUTINE < Precedence.PRIORITY < Precedence.IMMEDIATE < Precedence.FLASH
    assert [int(p) for p in Precedence] == [0, 1, 2, 3]
    assert [int(m) for m in Mode] == [0, 1, 2]


def test_words_are_read_in_either_case() -> None:
    assert parse_precedence(" flash ") is Precedence.FLASH
    assert parse_mode("Drill") is Mode.DRILL


@pytest.mark.parametrize("given", ["URGENT", "", None, 3, ["FLASH"]])
def test_an_unknown_word_is_refused_with_the_known_ones(given: object) -> None:
    with pytest.raises(NoticeError, match=r"precedence: .* Use one of ROUTINE, PRIORITY, IMMEDIATE, FLASH") as e:
        parse_precedence(given)
    assert e.value.field == "precedence"


def test_officers_call_a_notice_by_station_and_serial() -> None:
    envelope = Envelope("NORTH", "SOUTH", Precedence.ROUTINE, Mode.OPERATION, serial=42)
    assert envelope.name == "NORTH 42"


def test_a_queued_notice_has_no_serial_yet() -> None:
    assert Envelope("NORTH", "SOUTH", Precedence.ROUTINE, Mode.OPERATION).name == "NORTH (no serial yet)"
