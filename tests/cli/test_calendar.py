"""`hotline calendar`: what both sides plan and do, as it stands in force."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotline.api.types import Activity, Calendar
from hotline.cli import calendar
from hotline.cli.output import Output
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import amended, arrived, exercise_sent
from tests.house.source import ROOT

START_S = 1733029200  # 010500Z DEC 24


def activity(**fields: object) -> Activity:
    """An exercise of SOUTH, announced, unless said otherwise."""
    plain = {
        "line": "SOUTH", "direction": "received", "ref": "SOUTH 7", "id": "ab" * 16, "kind": "exercise",
        "title": "Exercise", "mode": "OPERATION", "state": "announced", "revision": 1, "start_s": START_S,
        "end_s": START_S + 7200,
    }  # fmt: skip
    return Activity(**{**plain, **fields})  # type: ignore[arg-type]


def told(*activities: Activity, past: bool = False, more: int = 0) -> None:
    """Print a calendar of these."""
    calendar._tell(Output(), Calendar(activities=list(activities), next=more), past=past)


@pytest.mark.integration
def test_both_sides_see_what_each_plans_with_its_latest_times(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    arrived(pair.south, amended(pair.north, ref, start="2030-12-01T04:00:00Z")["ref"])
    for home, by in ((pair.north, "us, to SOUTH"), (pair.south, "NORTH")):
        (row,) = (row for row in call("calendar", home=home).out.splitlines() if f"  {ref}  " in row)
        assert row.startswith("amended")
        assert f"  {by}  " in row
        assert "010400Z DEC 30" in row
        assert "revision 2" in row


@pytest.mark.integration
def test_the_document_is_the_list_of_one_line(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    document = call("calendar", "--line", "SOUTH", "--json", home=pair.north).document
    assert ref in [each["ref"] for each in document["activities"]]
    refused(call("calendar", "--line", "EAST", home=pair.north), 2, "EAST")


@pytest.mark.integration
def test_what_is_not_over_is_not_past(pair: Pair) -> None:
    exercise_sent(pair.north)
    assert call("calendar", "--past", home=pair.north).out == "Nothing is past.\n"


@pytest.mark.integration
def test_it_is_written_as_a_calendar_that_other_programs_read(pair: Pair, tmp_path: Path) -> None:
    ref = exercise_sent(pair.north, "--mode", "DRILL")["ref"]
    file = tmp_path / "line.ics"
    assert "in " + str(file) in call("calendar", "--ical", str(file), home=pair.north).out
    text = file.read_bytes().decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert f"DESCRIPTION:{ref}\\, DRILL" in text
    assert call("calendar", "--ical", "-", home=pair.north).out.replace("\r\n", "\n") == text.replace("\r\n", "\n")


@pytest.mark.integration
def test_a_file_that_holds_something_else_is_replaced_only_on_demand(pair: Pair, tmp_path: Path) -> None:
    exercise_sent(pair.north)
    file = tmp_path / "line.ics"
    file.write_text("mine")
    refused(call("calendar", "--ical", str(file), home=pair.north), 2, "not touched")
    document = call("calendar", "--ical", str(file), "--force", "--json", home=pair.north).document
    assert document["activities"] >= 1
    assert document["left_out"] == []
    assert file.read_bytes().decode() == document["text"]


@pytest.mark.integration
def test_the_list_loads_nothing_that_only_exports_or_a_daemon_need(pair: Pair) -> None:
    exercise_sent(pair.north)
    words = ["calendar", "--home", str(pair.north.path)]
    script = f"import sys; from hotline.cli.program import run; run({words}); print('loaded:', *sys.modules)"
    asked = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = asked.stdout.partition("loaded:")[2].split()
    assert "hotline.client" in loaded
    assert {"icalendar", "rich", "cryptography", "apsw", "hotline.exchange", "hotline.rules"} & set(loaded) == set()


def test_a_station_that_does_not_run_is_told(north: Home) -> None:
    refused(call("calendar", home=north), 4, "hotline run")


def test_overdue_ones_come_first_then_what_is_under_way_then_what_is_planned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    states = ["cancelled", "announced", "under way", "overdue", "amended"]
    told(*(activity(state=state, start_s=START_S + at) for at, state in enumerate(states)))
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split("  ")[0] for row in rows] == ["OVERDUE", "under way", "announced", "amended", "cancelled"]


def test_what_is_past_stays_in_the_order_in_which_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    told(activity(state="completed"), activity(state="cancelled", start_s=1), past=True)
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split("  ")[0] for row in rows] == ["completed", "cancelled"]


@pytest.mark.parametrize("mode", ["DRILL", "TEST"])
def test_a_drill_looks_different_whatever_its_state(mode: str) -> None:
    drill = activity(mode=mode, state="overdue")
    assert calendar.row(drill)[1] == f"{mode} SOUTH 7"
    assert calendar.colour(drill) == "cyan"
    assert calendar.colour(activity(state="overdue")) == "bold red"


def test_each_state_that_people_act_differently_on_has_a_colour_of_its_own() -> None:
    states = ["announced", "amended", "under way", "overdue", "completed"]
    assert len({calendar.colour(activity(state=state)) for state in states}) == len(states)


def test_remarks_and_the_revision_stand_last() -> None:
    late = activity(remarks=["LATE: 4 d before the start, 5 d agreed"], revision=2)
    assert calendar.row(late)[-1] == "LATE; revision 2"


def test_more_than_was_asked_for_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    told(activity(), more=1)
    assert "--limit" in capsys.readouterr().out


def test_text_from_outside_is_safe_to_print() -> None:
    evil = "\x1b[2J\u202e"
    hostile = activity(line=evil, ref=evil, kind=evil, title=evil, mode=evil, state=evil, remarks=[evil], start_s=2**52)
    assert not set("\x1b\u202e") & set("".join(calendar.row(hostile)))
