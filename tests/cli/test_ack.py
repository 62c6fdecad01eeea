"""`hotline ack`: signed by an officer, never agreement, and asked for where a person types it."""

import pytest

from hotline.cli.program import run
from tests.cli.calls import call, looking, refused, typing
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, sent

pytestmark = pytest.mark.integration


def test_an_acknowledgement_comes_back_to_the_sender(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    called = call("ack", ref, home=pair.south)
    assert called.code == 0
    assert "not agreed" in called.out
    assert "by Duty officer" in called.out
    for _ in range(500):
        if call("show", ref, "--json", home=pair.north).document["state"] == "ACKNOWLEDGED":
            break
    assert "acknowledged by Duty officer" in call("show", ref, home=pair.north).out


def test_a_refusal_carries_its_reason(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    document = call("ack", ref, "--refuse", "--text", "Area B has two points.", "--json", home=pair.south).document
    assert document["ref"] == ref
    assert (document["step"]["state"], document["step"]["text"]) == ("REFUSED", "Area B has two points.")


def test_acknowledging_twice_changes_nothing(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    first, second = (call("ack", ref, "--json", home=pair.south).document["step"] for _ in range(2))
    assert first["state"] == second["state"] == "ACKNOWLEDGED"


@pytest.mark.parametrize(
    ("typed", "code", "state"), [("y\n", 0, "ACKNOWLEDGED"), ("n\n", 1, "STORED"), ("", 130, "STORED")]
)
def test_a_person_is_asked_before_it_is_signed(pair: Pair, typed: str, code: int, state: str) -> None:
    document = sent(pair.north, "The words that are answered.")
    arrived(pair.south, document["ref"])
    with looking() as screen, typing(typed):
        assert run(["ack", document["ref"], "--home", str(pair.south.path)]) == code
    assert "The words that are answered." in screen.getvalue()
    assert "Received and understood?" in screen.getvalue()
    assert arrived(pair.south, document["ref"])["state"] == state


def test_a_person_who_says_yes_beforehand_is_not_asked(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    with looking() as screen, typing(""):
        assert run(["ack", ref, "--yes", "--home", str(pair.south.path)]) == 0
    assert "?" not in screen.getvalue()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["NORTH 999999"], "NORTH 999999"),
        (["NORTH 1", "--refuse"], "--text"),
        (["NORTH 1", "--refuse", "--text", "x" * 300], "text"),
        ([], "REF"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(pair: Pair, words: list[str], said: str) -> None:
    refused(call("ack", *words, home=pair.south), 2, said)


def test_our_own_notice_is_not_ours_to_answer(pair: Pair) -> None:
    refused(call("ack", sent(pair.north)["ref"], home=pair.north), 2, "own")
