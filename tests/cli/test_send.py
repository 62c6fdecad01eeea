"""`hotline send`: it never says that something is there which is not."""

import uuid
from pathlib import Path

import pytest

from hotline import notices
from hotline.api.types import Submitted
from hotline.cli import delivery
from hotline.cli.delivery import Sent, Wait
from hotline.cli.output import Output
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import sent
from tests.cli.test_words import line, notice
from tests.house.source import ROOT

EXERCISE = ROOT / "examples" / "notices" / "exercise.toml"
pytestmark = pytest.mark.integration


def test_a_notice_is_queued_and_said_not_to_be_there_yet(pair: Pair) -> None:
    called = call("send", "consultation", "One.", home=pair.north)
    assert called.code == 0
    assert "queued, NOT at SOUTH yet" in called.out


def test_waiting_ends_when_it_is_stored_and_gives_its_name(pair: Pair) -> None:
    called = call("send", "consultation", "Two.", "--wait", home=pair.north)
    assert called.code == 0
    assert called.out.startswith("NORTH ")
    assert "stored at SOUTH after" in called.out
    assert "queued, NOT at SOUTH yet; waiting for STORED" in called.err


def test_the_document_says_what_was_reached(pair: Pair) -> None:
    document = sent(pair.north)
    assert document["state"] == "STORED"
    assert document["line"] == "SOUTH"
    assert document["ref"].startswith("NORTH ")
    assert document["waited_ms"] > 0


@pytest.mark.parametrize("words", [["--wait=ACKNOWLEDGED"], ["--until", "acknowledged"]])
def test_a_wait_that_ends_too_early_exits_with_five_and_says_that_nothing_is_lost(pair: Pair, words: list[str]) -> None:
    mine = str(uuid.uuid4())
    sent(pair.north, "Three.", "--id", mine)  # what is at SOUTH has its name
    called = call("send", "consultation", "Three.", "--id", mine, *words, "--timeout", "0.3", home=pair.north)
    assert called.code == 5
    assert "NORTH" in called.out
    assert "is not ACKNOWLEDGED" in called.err
    assert "Nothing is lost" in called.err
    assert 'hotline show "NORTH ' in called.err
    assert " after " not in called.out


def test_a_wait_that_ends_too_early_prints_one_document_all_the_same(pair: Pair) -> None:
    called = call("send", "consultation", "x", "--until", "OPENED", "--timeout", "0", "--json", home=pair.north)
    assert called.code == 5
    assert called.document["state"] in ("QUEUED", "STORED")


def test_a_file_that_has_expired_is_named_with_its_field(pair: Pair, tmp_path: Path) -> None:
    file = tmp_path / "late.toml"
    file.write_text('dtg = "311200Z DEC 19"\ntext = "x"\n[envelope]\nexpires = "010000Z JAN 20"\n')
    called = call("send", "consultation", "--from", str(file), home=pair.north)
    refused(called, 2, f"{file}: envelope.expires: that time is past")


def test_a_line_that_is_down_is_told_with_the_number_to_call(capsys: pytest.CaptureFixture[str]) -> None:
    queued = Submitted(id="ab" * 16, line="SOUTH", state="QUEUED", repeated=False)
    delivery.told(Output(), Sent(queued, notice(state="QUEUED"), troubled=line(state="path down")), Wait())
    told = capsys.readouterr().out
    assert told.startswith("NORTH 7: queued, NOT at SOUTH yet.\nSOUTH: path down.")
    assert "Telephone SOUTH: +1 555 0100" in told


def test_a_file_is_sent_with_what_it_says(pair: Pair) -> None:
    words = ["--from", str(EXERCISE), "--expires", "never", "--to", "SOUTH", "--wait", "--json"]
    called = call("send", "exercise", *words, home=pair.north)
    assert called.code == 0
    shown = call("show", called.document["id"], "--json", home=pair.north).document
    assert (shown["kind"], shown["precedence"]) == ("exercise", "PRIORITY")


def test_a_file_says_its_kind_itself(pair: Pair, tmp_path: Path) -> None:
    called = call("send", "--from", str(EXERCISE), "--expires", "never", "--json", home=pair.north)
    assert called.code == 0, called
    assert call("show", called.document["id"], "--json", home=pair.north).document["kind"] == "exercise"
    file = tmp_path / "t.toml"
    file.write_text(notices.template("line-test"))
    sent_twice = [call("send", "--from", str(file), "--wait", "--json", home=pair.north).document for _ in range(2)]
    serials = [call("show", each["id"], "--json", home=pair.north).document["notice"]["serial"] for each in sent_twice]
    assert serials[0] < serials[1]
    file.write_text('text = "x"')
    refused(call("send", "--from", str(file), home=pair.north), 2, str(file), "does not say its kind")


def test_a_notice_from_standard_input_is_sent(pair: Pair) -> None:
    called = call("send", "consultation", "--from", "-", "--json", home=pair.north, stdin=b'text = "From a pipe."')
    assert called.document["state"] == "QUEUED"


def test_line_tests_count_themselves(pair: Pair) -> None:
    for _ in range(2):
        assert call("send", "line-test", "--wait", home=pair.north).code == 0
    listed = call("outbox", "--limit", "2", "--json", home=pair.north).document["notices"]
    last, before = (int(notice["subject"].split()[-1]) for notice in listed)
    assert last > before
    assert listed[0]["mode"] == "TEST"


def test_the_same_id_twice_queues_once_and_says_so(pair: Pair) -> None:
    mine = str(uuid.uuid4())
    words = ["send", "consultation", "Once.", "--id", mine, "--json"]
    first, second = (call(*words, home=pair.north).document for _ in range(2))
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first["id"] == second["id"] == mine.replace("-", "")
    assert "not queued again" in call(*words[:-1], home=pair.north).out


def test_the_same_id_with_another_text_is_refused(pair: Pair) -> None:
    mine = str(uuid.uuid4())
    call("send", "consultation", "One text.", "--id", mine, home=pair.north)
    refused(call("send", "consultation", "Another text.", "--id", mine, home=pair.north), 2)


def test_the_template_can_be_filled_in(pair: Pair, tmp_path: Path) -> None:
    template = call("send", "consultation", "--template").out
    (tmp_path / "c.toml").write_text(template.replace('\ntext = ""', '\ntext = "Filled in."'))
    assert call("send", "consultation", "--from", str(tmp_path / "c.toml"), home=pair.north).code == 0
    assert call("send", "exercise", "--template", "--json").document["kind"] == "exercise"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "hotline send consultation"),
        (["frob", "x"], "frob"),
        (["consultation"], "hotline form consultation"),
        (["consultation", "x", "--to", "EAST"], "EAST"),
        (["consultation", "x", "--officer", "Nobody"], "Nobody"),
        (["consultation", "x", "--expires", "010000Z JAN 20"], "--expires: that time is past"),
        (["consultation", "two", "words"], "quotes"),
        (["exercise", "Text."], "hotline new exercise"),
        (["consultation", "x", "--precedence", "soon"], "precedence"),
        (["consultation", "x", "--timeout", "-1"], "--timeout"),
        (["consultation", "x", "--from", "nowhere.toml"], "not both"),
        (["exercise", "--from", "nowhere.toml"], "nowhere.toml"),
        (["exercise", "--from", str(EXERCISE), "--wait=FOREVER"], "FOREVER"),
        (["consultation", "x", "--bulk", "y"], "--bulk"),
        (["--bulk", "nowhere.ndjson"], "nowhere.ndjson"),
        (["frob", "--template"], "frob"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(pair: Pair, words: list[str], said: str) -> None:
    refused(call("send", *words, home=pair.north), 2, said)


def test_where_no_station_runs_that_is_told_and_a_wrong_notice_comes_first(north: Home) -> None:
    refused(call("send", "consultation", "x", home=north), 4, "hotline run")
    refused(call("send", "consultation", "", home=north), 2, "text")
