"""`hotline inbox`: the latest for people, each once and in order for programs."""

import uuid
from collections.abc import Sequence

import pytest

from hotline.api.types import Due, LineStatus, Notice, Page
from hotline.cli import inbox
from hotline.cli.output import Output
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, sent
from tests.cli.test_words import line, notice, owing, rung

pytestmark = pytest.mark.integration


def test_a_person_sees_the_latest_last_and_what_to_do_next(pair: Pair) -> None:
    refs = [sent(pair.north, f"Text {number}.")["ref"] for number in range(3)]
    arrived(pair.south, refs[-1])
    out = call("inbox", "--limit", "2", home=pair.south).out
    assert refs[0] + " " not in out
    assert out.index(refs[1]) < out.index(refs[2])
    assert 'hotline show "' in out


def test_the_document_is_the_same_list(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    document = call("inbox", "--limit", "1", "--json", home=pair.south).document
    assert [notice["ref"] for notice in document["notices"]] == [ref]


def test_a_consumer_gets_each_notice_again_until_it_confirms_and_then_never(pair: Pair) -> None:
    arrived(pair.south, sent(pair.north)["ref"])
    arrived(pair.south, sent(pair.north)["ref"])
    words = ["inbox", "--consumer", f"c-{uuid.uuid4()}", "--limit", "1", "--json"]
    first = call(*words, home=pair.south).document["notices"]
    again = call(*words, "--confirm", home=pair.south).document["notices"]
    then = call(*words, "--confirm", home=pair.south).document["notices"]
    assert first == again
    assert then[0]["seq"] > again[0]["seq"]


def test_a_list_goes_on_after_the_last_one(pair: Pair) -> None:
    arrived(pair.south, sent(pair.north)["ref"])
    arrived(pair.south, sent(pair.north)["ref"])
    first = call("inbox", "--after", "0", "--limit", "1", "--json", home=pair.south).document
    second = call("inbox", "--after", str(first["next"]), "--limit", "1", "--json", home=pair.south).document
    assert second["notices"][0]["seq"] > first["notices"][0]["seq"]
    assert "There is more: --after" in call("inbox", "--after", "0", "--limit", "1", home=pair.south).out


def test_all_lists_the_entries_too_that_are_no_notices(pair: Pair) -> None:
    kinds = {
        n["kind"] for n in call("inbox", "--all", "--limit", "1000", "--json", home=pair.south).document["notices"]
    }
    assert "genesis" in kinds


def test_an_empty_list_says_so(pair: Pair) -> None:
    # Emergency texts, which other tests may have sent, stand above every list.
    assert call("inbox", "--after", "999999", home=pair.south).out.endswith("Nothing has been received.\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--confirm"], "--consumer"),
        (["--consumer", "a", "--after", "1"], "--after"),
        (["--limit", "0"], "--limit"),
        (["--limit", "99999"], "--limit"),
        (["--after", "-1"], "--after"),
        (["--consumer", "x" * 65], "consumer"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(pair: Pair, words: list[str], said: str) -> None:
    refused(call("inbox", *words, home=pair.south), 2, said)


def told(*notices: Notice, lines: Sequence[LineStatus] = (), latest: bool = True, full: bool = True) -> None:
    """Print a page of these notices, as for a person."""
    inbox._tell(Output(), Page(notices=list(notices), next=0), lines, latest=latest, full=full)


def received(number: int, **fields: object) -> Notice:
    """A notice of NORTH."""
    return notice(**{"direction": "received", "line": "NORTH", "ref": f"NORTH {number}", "serial": number} | fields)


def to_handle(out: str) -> list[str]:
    """The rows of the block of what is to be handled."""
    block = out.partition("TO HANDLE\n")[2].partition("\n\n")[0]
    return block.splitlines()[1:]


def test_the_most_urgent_that_is_meant_is_to_be_read_first(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = [("TEST", "FLASH"), ("OPERATION", "ROUTINE"), ("OPERATION", "IMMEDIATE"), ("OPERATION", "IMMEDIATE")]
    waiting = [received(number, mode=mode, precedence=precedence) for number, (mode, precedence) in enumerate(kinds, 1)]
    told(*waiting)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == '4 of these not opened yet. Read first: hotline show "NORTH 3" (IMMEDIATE)'


def test_what_is_to_be_handled_stands_first_by_mode_precedence_and_deadline(capsys: pytest.CaptureFixture[str]) -> None:
    ours = [Due(what="acknowledge", due_ms=ms, owed_by="ours", state="open") for ms in (1732710600000, 1732700000000)]
    told(
        received(1, mode="DRILL", precedence="FLASH"),
        received(2, due=ours[:1]),
        received(3, due=ours[1:]),
        received(4, precedence="FLASH"),
        received(5, state="ACKNOWLEDGED"),
    )
    out = capsys.readouterr().out
    assert [row.split()[1] for row in to_handle(out)] == ["4", "3", "2", "NORTH"]
    assert out.index("TO HANDLE") < out.index("TIME")
    assert "OVERDUE since" in to_handle(out)[1]


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"state": "STORED"}, True),
        ({"state": "OPENED"}, True),
        ({"state": "OVERDUE"}, True),
        ({"state": "OVERDUE", "due": [owing("report", "peer")]}, False),
        ({"state": "ACKNOWLEDGED", "due": [owing("reply", "ours", "open")]}, True),
        ({"state": "ACKNOWLEDGED", "due": [owing("reply", "ours", "met")]}, False),
        ({"state": "ANSWERED"}, False),
        ({"state": "SUPERSEDED"}, False),
        ({"state": "STORED", "invalid": "kind"}, False),
        ({"state": "STORED", "serial": 0}, False),
    ],
)
def test_what_waits_for_us_is_to_be_handled(
    capsys: pytest.CaptureFixture[str], fields: dict[str, object], waits: bool
) -> None:
    told(received(7, **fields))
    assert ("TO HANDLE" in capsys.readouterr().out) is waits


def test_what_is_of_an_ended_generation_is_neither_to_be_handled_nor_counted_as_unread(
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = ["Of generation 1 of the line, which has ended"]
    told(received(1, past=True, remarks=old), received(2), lines=[line(name="NORTH", unread=3)])
    out = capsys.readouterr().out
    (task,) = to_handle(out)
    assert task.startswith("NORTH 2")
    assert "1 of these not opened yet" in out
    assert "2 of NORTH's before these are not opened yet" in out


def test_a_program_of_pages_gets_no_block_of_what_is_to_be_handled(capsys: pytest.CaptureFixture[str]) -> None:
    told(received(7), latest=False)
    assert "TO HANDLE" not in capsys.readouterr().out


def test_the_last_serials_both_ways_stand_below_and_what_is_not_listed_is_not_forgotten(
    capsys: pytest.CaptureFixture[str],
) -> None:
    north = line(name="NORTH", last_received=41, last_sent=0, unread=3)
    told(received(41), lines=[north])
    out = capsys.readouterr().out
    assert "Last from NORTH: 41. Last to NORTH: none." in out
    assert "2 of NORTH's before these are not opened yet" in out
    told(received(41), lines=[north], full=False)
    assert "before these" not in capsys.readouterr().out  # all are listed: line tests count, and are left out


@pytest.mark.parametrize("state", ["OVERDUE", "SUPERSEDED"])
def test_what_nobody_has_opened_is_to_be_read_first_whatever_its_state(
    capsys: pytest.CaptureFixture[str], state: str
) -> None:
    due = [owing("acknowledge", "ours", "overdue")]
    told(received(7, state=state, ladder=[rung("STORED")], due=due))
    told(received(8, state=state, ladder=[rung("STORED"), rung("OPENED")], due=due))
    first, second = capsys.readouterr().out.split("TO HANDLE")[1:]
    assert "read, then acknowledge" in first
    assert "read, then" not in second


def test_text_from_the_peer_is_safe_to_print_in_either_block(capsys: pytest.CaptureFixture[str]) -> None:
    told(received(7, subject="\x1b[2J\u202e", remarks=["\x1b: x"], precedence="\x1b"))
    assert not set("\x1b\u202e") & set(capsys.readouterr().out)
