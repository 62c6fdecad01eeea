"""`hotline standby`: a person has it, and nothing is acknowledged by that."""

import pytest

from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, exercise_sent, once, sent

pytestmark = pytest.mark.integration


def test_the_sender_is_told_that_a_person_has_it_and_it_is_not_acknowledged(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    called = call("standby", ref, "--text", "Interpreter called.", home=pair.south)
    assert called.code == 0, called
    assert "stand by (not acknowledged yet)" in called.out
    shown = once(
        lambda: call("show", ref, "--json", home=pair.north),
        lambda c: any(step["text"].endswith("Interpreter called.") for step in c.document["ladder"]),
    )
    assert shown.document["state"] == "OPENED"
    assert arrived(pair.south, ref)["state"] == "OPENED"


def test_nothing_is_read_back_and_it_can_be_acknowledged_afterwards(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    arrived(pair.south, ref)
    document = call("standby", ref, "--json", home=pair.south).document
    assert (document["ref"], document["step"]["officer"]) == (ref, "Duty officer")
    assert arrived(pair.south, ref)["read_back"]


def test_saying_it_twice_is_no_fault(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    assert [call("standby", ref, home=pair.south).code for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    ("words", "said"), [([], "REF"), (["SOUTH 999999"], "999999"), (["NORTH 1", "--text", "x" * 300], "text")]
)
def test_what_is_wrong_is_told_in_one_sentence(pair: Pair, words: list[str], said: str) -> None:
    arrived(pair.south, sent(pair.north)["ref"])
    refused(call("standby", *words, home=pair.south), 2, said)


def test_our_own_notice_is_not_ours_to_answer(pair: Pair) -> None:
    refused(call("standby", sent(pair.north)["ref"], home=pair.north), 2, "own")
