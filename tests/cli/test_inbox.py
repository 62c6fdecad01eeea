"""`hotline inbox`: the latest for people, each once and in order for programs."""

import uuid

import pytest

from hotline.api.types import Page
from hotline.cli import inbox
from hotline.cli.output import Output
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, sent
from tests.cli.test_words import notice

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
    assert call("inbox", "--after", "999999", home=pair.south).out == "Nothing has been received.\n"


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


def test_the_most_urgent_that_is_meant_is_to_be_read_first(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = [("TEST", "FLASH"), ("OPERATION", "ROUTINE"), ("OPERATION", "IMMEDIATE"), ("OPERATION", "IMMEDIATE")]
    waiting = [
        notice(direction="received", ref=f"NORTH {number}", mode=mode, precedence=precedence)
        for number, (mode, precedence) in enumerate(kinds)
    ]
    inbox._tell(Output(), Page(notices=waiting, next=0))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == '4 of these not opened yet. Read first: hotline show "NORTH 2" (IMMEDIATE)'
