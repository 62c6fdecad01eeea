"""`hotline follow`: kept events, each once, and new ones as they happen."""

import json
import signal

import pytest
from msgspec import structs

from hotline.api.types import Event
from hotline.cli import follow
from hotline.cli.output import Output
from hotline.home import Home
from tests.cli.calls import call, finish, refused, spawn
from tests.cli.conftest import Pair
from tests.cli.notices import sent

pytestmark = pytest.mark.integration


def test_what_has_happened_is_one_document_on_each_line(pair: Pair) -> None:
    sent(pair.north)
    seqs = [event["seq"] for event in call("follow", "--until-now", "--json", home=pair.north).documents]
    assert seqs == sorted(set(seqs))
    rest = call("follow", "--after", str(seqs[-2]), "--until-now", "--json", home=pair.north).documents
    assert [event["seq"] for event in rest][:1] == seqs[-1:]  # and what has happened since


def test_people_read_a_line_for_each(pair: Pair) -> None:
    sent(pair.north)
    assert "SOUTH  " in call("follow", "--until-now", home=pair.north).out


def test_only_alarms_where_only_they_are_wanted(pair: Pair) -> None:
    events = call("follow", "--until-now", "--alarms", "--json", home=pair.north).documents
    assert all(event["alarm"] for event in events)


def test_an_alarm_says_whom_to_telephone(capsys: pytest.CaptureFixture[str]) -> None:
    alarm = Event(
        seq=1, time_ms=1732710600000, line="SOUTH", kind="overdue", text="late \x1b", alarm=True, index=0,
        phone="+1 555 0100",
    )  # fmt: skip
    follow._tell(Output(), alarm)
    follow._tell(Output(), structs.replace(alarm, alarm=False))
    assert capsys.readouterr().out.splitlines() == [
        "271230Z NOV 24  SOUTH  ALARM: late \\u{1b} Telephone SOUTH: +1 555 0100",
        "271230Z NOV 24  SOUTH  late \\u{1b}",
    ]


def test_what_happens_is_shown_as_it_happens_until_ctrl_c(pair: Pair) -> None:
    process = spawn("follow", "--after", "0", "--json", "--home", str(pair.north.path))
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    document = sent(pair.north)
    seen = [first]
    while seen[-1]["kind"] != "stored" or seen[-1]["time_ms"] < first["time_ms"]:
        seen.append(json.loads(process.stdout.readline()))
    process.send_signal(signal.SIGINT)
    called = finish(process)
    assert (called.code, called.err) == (130, "")
    assert document["state"] == "STORED"


def test_a_station_that_does_not_run_is_told(north: Home) -> None:
    refused(call("follow", home=north), 4, "hotline run")


def test_a_wrong_place_is_told(pair: Pair) -> None:
    refused(call("follow", "--after", "-1", home=pair.north), 2, "--after")
