"""`hotline status`: what people act on, told apart."""

import pytest

from hotline.api.types import Event, LineTests, Path, Status, Watch
from hotline.cli import status
from hotline.cli.output import Output
from hotline.home import Home
from tests.cli.calls import call, looking, refused
from tests.cli.conftest import Pair
from tests.cli.notices import once, sent
from tests.cli.test_words import line


def shown(capsys: pytest.CaptureFixture[str], **fields: object) -> str:
    """What is printed for a station in this state."""
    plain = {
        "name": "NORTH", "version": "0", "home": "h", "pid": 1, "started_ms": 1732710600000, "attended": True,
        "officers": ["Duty officer"], "paths": [Path(name="first", state="up", detail="", delay_ms=2.0)],
        "lines": [line()], "last_event": 0,
    }  # fmt: skip
    state = Status(**{**plain, **fields})  # type: ignore[arg-type]
    out = Output()
    status._station(out, state)
    status._paths(out, state)
    status._lines(out, state)
    return capsys.readouterr().out


@pytest.mark.integration
def test_an_attended_line_shows_the_last_serials(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    out = once(lambda: call("status", home=pair.north), lambda c: "attended" in c.out).out
    assert "Duty officer" in out
    assert ref in out


@pytest.mark.integration
def test_the_document_is_the_whole_state(pair: Pair) -> None:
    called = once(
        lambda: call("status", "--json", home=pair.north), lambda c: c.document["lines"][0]["state"] == "attended"
    )
    assert called.document["lines"][0]["phone"] == "+1 555 0100"


@pytest.mark.integration
def test_a_person_sees_the_same_with_colours(pair: Pair) -> None:
    from hotline.cli.program import run

    with looking() as screen:
        assert run(["status", "--home", str(pair.north.path)]) == 0
    assert "\x1b[" in screen.getvalue()


def test_a_station_that_does_not_run_is_told(north: Home) -> None:
    refused(call("status", home=north), 4, "hotline run")


def test_the_last_one_from_the_peer_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "SOUTH 41" in shown(capsys)


def test_every_alarm_has_the_telephone_number_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    alarm = Event(seq=1, time_ms=1732710600000, line="SOUTH", kind="overdue", text="late \x1b[2J", alarm=True, index=0)
    out = shown(capsys, lines=[line(alarms=[alarm] * 2)])
    rows = out.splitlines()
    alarms = [row for row in rows if row.startswith("ALARM")]
    assert rows[rows.index(alarms[0]) - 1] == "SOUTH: the latest alarms; some may be settled since:"
    assert len(alarms) == 2
    assert all("+1 555 0100" in row and "\x1b" not in row for row in alarms)


def test_what_is_not_there_is_said_not_to_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert "3 of ours NOT there yet" in shown(capsys, lines=[line(not_stored=3)])


def test_what_needs_a_person_is_said_in_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    troubled = line(unsigned=1, rules_agree=False, rejected={"mac": 4, "seal": 1}, state="peer silent")
    out = shown(capsys, lines=[troubled])
    assert "unsigned" in out
    assert "rules differ" in out
    assert "mac 4, seal 1" in out
    assert "does not answer" in out


def test_a_line_says_its_generation_once_there_was_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert "generation" not in shown(capsys)
    assert "SOUTH: generation 2;" in shown(capsys, lines=[line(generation=2)])


def test_a_closed_line_says_what_to_do_and_whom_to_call(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, lines=[line(state="closed", to_do="Open their file.")])
    assert "SOUTH: Open their file. Telephone SOUTH: +1 555 0100" in out


def test_a_station_without_officer_relay_or_line_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, attended=False, officers=[], paths=[], lines=[])
    assert "NO OFFICER ON DUTY" in out
    assert "There is no relay" in out
    assert "hotline pair" in out


def test_a_relay_that_is_down_says_why_and_no_delay(capsys: pytest.CaptureFixture[str]) -> None:
    down = Path(name="first", state="down", detail="it refuses the password", delay_ms=2.0)
    assert "Relay first: down for 0 s: it refuses the password\n" in shown(capsys, paths=[down])


HERE, THERE = "0123456789abcdef" * 4, "fedcba9876543210" * 4


def test_rules_that_differ_say_who_holds_which_what_is_held_and_whom_to_call(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = shown(capsys, lines=[line(rules_agree=False, rules=HERE, peer_rules=THERE, held=2)])
    assert "rules differ at the two ends: here digest 0123 4567 89ab cdef…, at SOUTH digest fedc ba98" in out
    assert "+1 555 0100" in out
    assert "2 of ours HELD" in out


def test_rules_that_agree_are_said_to_and_unknown_ones_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert "the built-in ones; SOUTH holds the same" in shown(capsys, lines=[line(rules="00" * 32, peer_rules="00")])
    assert "SOUTH has not shown its own yet" in shown(capsys, lines=[line(rules=HERE)])


def test_an_echo_is_never_taken_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    tests = LineTests(sent_ms=1732710600000, echo_ms=1732710601000, echo_s=0.25, received_ms=1732710000000)
    out = shown(capsys, lines=[line(tests=tests)])
    assert "last echo 271230Z NOV 24 after 250.0 ms" in out
    assert "A machine's echo proves no person." in out
    assert "never answered by a person yet" in out


def test_a_manned_test_names_the_officer_who_answered(capsys: pytest.CaptureFixture[str]) -> None:
    tests = LineTests(sent_ms=1, manned_ms=1732710600000, manned_officer="Major B \x1b")
    out = shown(capsys, lines=[line(tests=tests)])
    assert "manned test: answered by Major B \\u{1b} 271230Z NOV 24." in out


def test_missed_tests_and_overdue_deadlines_stand_beside_the_telephone_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = shown(capsys, lines=[line(tests=LineTests(missed=2), due=3, overdue=1)])
    assert "LINE TESTS MISSED in a row: 2. Telephone SOUTH: +1 555 0100" in out
    assert "OVERDUE: 1. Telephone SOUTH: +1 555 0100" in out
    assert "deadlines that run: 3" in out


def test_the_watch_of_the_peer_names_its_officer_and_whom_that_relieved(capsys: pytest.CaptureFixture[str]) -> None:
    watch = Watch(officer="Major B", on=True, since_ms=1732710600000, relieved="Captain C", text="all quiet \x1b")
    out = shown(capsys, lines=[line(watch=watch, on_watch=["Colonel A", "Major B"])])
    came = "Major B came on duty 271230Z NOV 24, relieved Captain C, signed: all quiet \\u{1b}."
    assert f"SOUTH: on watch by its signed word: Colonel A, Major B. Last change: {came}" in out
    off = shown(capsys, lines=[line(watch=Watch(officer="Major B", on=False, since_ms=1732710600000))])
    assert "word: nobody. Last change: Major B went off duty 271230Z NOV 24, signed." in off
    ended = shown(capsys, lines=[line(watch=Watch(officer="B", on=True, since_ms=1732710600000, text="All quiet."))])
    assert "signed: All quiet.\n" in ended


def test_a_line_of_which_nothing_more_is_known_says_nothing_more(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, lines=[line()])
    assert not any(word in out for word in ("watch", "test", "deadline", "rules", "OVERDUE"))


def test_a_relay_that_is_up_says_how_long_how_fast_and_what_it_did_not_take(capsys: pytest.CaptureFixture[str]) -> None:
    slow = Path(
        name="second", state="up", detail="", delay_ms=2.0, since_s=600, late_ms=340.2, carried=8, missed=2,
        frames_out=9, frames_in=11, dropped=3, rejected={"frame-mac\x1b": 7},
    )  # fmt: skip
    out = shown(capsys, paths=[slow])
    assert (
        "Relay second: up for 10 min, answers in 2 ms, 340 ms behind the fastest, "
        "2 of 10 frames came only by another, frames 9 out, 11 in\n"
    ) in out
    assert "Relay second: frames that were not taken: dropped 3, frame-mac" in out
    assert "\x1b" not in out


def test_a_relay_that_refuses_us_says_since_when_and_how_often(capsys: pytest.CaptureFixture[str]) -> None:
    detail = "relay first refused the user name or password"
    refusing = Path(name="first", state="refused", detail=detail, delay_ms=None, since_s=7200, failures=41)
    assert f"Relay first: refused for 2 h, failed 41 times: {detail}\n" in shown(capsys, paths=[refusing])
