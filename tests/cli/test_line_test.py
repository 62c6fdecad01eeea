"""`hotline line-test`: a machine's echo and a person's answer, told apart."""

import asyncio
import json
from typing import cast

import pytest

from hotline.api.types import LineTests, Notice, Status, Step, Submitted
from hotline.cli import line_test
from hotline.client import Client
from hotline.errors import CheckFailed
from hotline.home import Home
from tests.cli.calls import Called, call, finish, refused, spawn
from tests.cli.conftest import Pair
from tests.cli.notices import arrived
from tests.cli.test_words import line, notice, rung

SUBMITTED = Submitted(id="ab" * 16, line="SOUTH", state="QUEUED", repeated=False)


def test_a_station_that_does_not_run_is_told(north: Home) -> None:
    refused(call("line-test", home=north), 4, "hotline run")


def echoed(pair: Pair, *words: str) -> Called:
    """A test that was echoed. Of two within a second the peer echoes one, so another test's may cost ours its own."""
    tries = (call("line-test", "--wait", "--timeout", "10", *words, home=pair.north) for _ in range(5))
    called = next((each for each in tries if each.code != 5), None)
    assert called is not None
    assert called.code == 0, called
    return called


@pytest.mark.integration
def test_a_machine_echoes_and_is_said_to_be_one(pair: Pair) -> None:
    out = echoed(pair).out
    assert out.startswith("SOUTH's station echoed after ")
    assert "proves no person" in out
    assert "last echo" in call("status", home=pair.north).out


@pytest.mark.integration
def test_the_document_of_a_machines_echo_names_nobody(pair: Pair) -> None:
    document = echoed(pair, "--json").document
    assert (document["answered"], document["officer"]) == (True, "")
    assert 0 < document["seconds"] < 30


@pytest.mark.integration
def test_a_manned_test_is_answered_by_a_person_who_is_named(pair: Pair) -> None:
    process = spawn("line-test", "--manned", "--wait", "--timeout", "60", "--home", str(pair.north.path))
    while process.poll() is None:  # another test's, which nobody has answered, may wait there too
        _acknowledge(pair)
    called = finish(process)
    assert called.code == 0, called
    assert called.out.startswith("Duty officer of SOUTH answered after ")
    assert "manned test: answered by Duty officer" in call("status", home=pair.north).out


def _acknowledge(pair: Pair) -> None:
    """The officer at SOUTH answers every manned test that waits there."""
    for each in call("inbox", "--json", home=pair.south).document["notices"]:
        if each["kind"] == "line-test" and each["state"] in ("STORED", "OPENED"):
            assert arrived(pair.south, each["ref"])["read_back"] == []
            assert call("ack", each["ref"], "--yes", home=pair.south).code == 0


@pytest.mark.integration
def test_who_does_not_wait_is_told_where_the_answer_will_stand(pair: Pair) -> None:
    called = call("line-test", home=pair.north)
    assert called.out == "A line test goes to SOUTH. The answer will stand in: hotline status\n"


@pytest.mark.integration
def test_nobody_answers_in_no_time_and_nothing_is_lost_by_that(pair: Pair) -> None:
    called = call("line-test", "--manned", "--wait", "--timeout", "0", "--json", home=pair.north)
    assert called.code == 5
    assert "No officer of SOUTH has answered" in called.err
    assert json.loads(called.out)["answered"] is False


@pytest.mark.integration
def test_what_is_wrong_is_told(pair: Pair) -> None:
    refused(call("line-test", "--line", "EAST", home=pair.north), 2, "EAST")
    refused(call("line-test", "--timeout", "-1", home=pair.north), 2, "--timeout")


class Station:
    """What a daemon would answer about one test."""

    def __init__(self, tests: LineTests, *ladder: Step) -> None:
        self.tests = tests
        self.ladder = ladder

    async def show(self, _ref: str) -> Notice:
        return notice(kind="line-test", time_ms=1000, ladder=list(self.ladder))

    async def status(self) -> Status:
        return Status(
            name="NORTH", version="0", home="h", pid=1, started_ms=1, attended=True, officers=[], paths=[],
            lines=[line(tests=self.tests), line(name="EAST", tests=LineTests(echo_ms=9000, echo_s=0.1))],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("tests", "seconds"),
    [
        (LineTests(), None),
        (LineTests(echo_ms=1500, echo_s=0.8), None),
        (LineTests(echo_ms=1500, echo_s=0.5), 0.5),
    ],
)
def test_the_echo_of_an_earlier_test_answers_no_later_one(tests: LineTests, seconds: float | None) -> None:
    found = asyncio.run(line_test._by_machine(cast("Client", Station(tests)), SUBMITTED, 0))
    assert (found.seconds if found else None) == seconds


def test_only_a_named_officer_answers_a_manned_test() -> None:
    def answered(*ladder: Step) -> line_test.Answered | None:
        tests = LineTests(echo_ms=9000, echo_s=0.1, manned_ms=9000)
        return asyncio.run(line_test._by_officer(cast("Client", Station(tests, *ladder)), SUBMITTED, 2.5))

    assert answered(rung("STORED")) is None
    assert answered(rung("ACKNOWLEDGED")) is None
    assert answered(rung("ACKNOWLEDGED", officer="Major B")) == line_test.Answered("Major B", 2.5)
    with pytest.raises(CheckFailed, match="cannot process"):
        answered(rung("REFUSED"))
