"""Notices as rows."""

import pytest

from hotline.cli import listing
from hotline.cli.output import Output
from tests.cli.calls import looking
from tests.cli.test_words import notice, owing


def test_a_row_has_a_cell_for_each_column() -> None:
    row = listing.row(notice())
    assert dict(zip(listing.COLUMNS, row, strict=True))["NOTICE"] == "NORTH 7"


@pytest.mark.parametrize("mode", ["DRILL", "TEST"])
@pytest.mark.parametrize("state", ["QUEUED", "OVERDUE", "STORED", "SUPERSEDED"])
def test_drill_and_test_traffic_says_so_first_and_has_its_own_colour_whatever_its_state(mode: str, state: str) -> None:
    drill = notice(mode=mode, state=state, precedence="FLASH", remarks=["LATE: x"])
    assert listing.row(drill)[0] == f"{mode} NORTH 7"
    assert listing.colour(drill) == "cyan"
    assert listing.colour(notice(state=state)) != "cyan"


def test_a_notice_without_a_serial_yet_is_called_by_its_id() -> None:
    assert listing.row(notice(ref="", id="ab" * 16, state="QUEUED"))[0] == "abababab…"


def test_what_is_not_there_yet_is_red() -> None:
    assert listing.colour(notice(state="QUEUED")) == "red"


@pytest.mark.parametrize("direction", ["sent", "received"])
def test_a_flash_stays_marked_until_it_is_acknowledged(direction: str) -> None:
    assert listing.colour(notice(direction=direction, precedence="FLASH", state="OPENED")) == "bold red"
    assert listing.colour(notice(direction=direction, precedence="FLASH", state="ACKNOWLEDGED")) == ""


def test_what_is_overdue_stands_out_also_where_it_was_acknowledged() -> None:
    assert listing.colour(notice(state="OVERDUE")) == "bold red"
    assert listing.colour(notice(state="ACKNOWLEDGED", due=[owing("reply", "peer")])) == "bold red"


def test_a_remark_stands_as_a_mark_before_what_the_notice_refers_to() -> None:
    late = notice(remarks=["LATE: 4 d before the start, 5 d agreed"], relation="amends NORTH 5")
    assert listing.row(late)[-1] == "LATE; amends NORTH 5"
    assert listing.colour(late) == "red"


def test_the_first_of_a_matter_says_what_became_of_it() -> None:
    assert listing.row(notice(thread="NORTH 7", thread_state="announced", revision=1))[-1] == ""
    assert listing.row(notice(thread="NORTH 7", thread_state="under way", revision=2))[-1] == "under way, revision 2"
    assert listing.row(notice(state="SUPERSEDED", thread_state="amended", revision=2))[-1] == ""


def test_the_column_of_remarks_is_there_where_there_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    listing.show(Output(), [notice()])
    assert "REMARKS" not in capsys.readouterr().out
    listing.show(Output(), [notice(), notice(remarks=["HELD: the rules differ"])])
    assert "REMARKS" in (out := capsys.readouterr().out)
    assert out.rstrip().endswith("HELD")


def test_two_notices_that_look_the_same_are_two_rows() -> None:
    with looking(COLUMNS="200") as screen:
        listing.show(Output(), [notice(), notice()])
    assert screen.getvalue().count("NORTH 7") == 2


def test_text_from_outside_is_safe_to_print_in_every_field() -> None:
    evil = "\x1b[2Jx\u202e"
    hostile = notice(
        subject=evil, kind=evil, ref=evil, precedence=evil, mode=evil, remarks=[evil], relation=evil, thread_state=evil,
        line=evil, invalid=evil,
    )  # fmt: skip
    assert not set("\x1b\u202e") & set("".join(listing.row(hostile)))
