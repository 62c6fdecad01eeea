"""`hotline ack`: signed by an officer, never agreement, and asked for where a person types it."""

import pytest

from hotline.cli.program import run
from tests.cli.calls import call, looking, refused, typing
from tests.cli.conftest import Pair
from tests.cli.notices import arrived, exercise_sent, once, sent
from tests.cli.typist import at_terminal

pytestmark = pytest.mark.integration


def test_an_acknowledgement_comes_back_to_the_sender(pair: Pair) -> None:
    ref = sent(pair.north)["ref"]
    arrived(pair.south, ref)
    called = call("ack", ref, home=pair.south)
    assert called.code == 0
    assert "not agreed" in called.out
    assert "by Duty officer" in called.out
    once(lambda: call("show", ref, "--json", home=pair.north), lambda c: c.document["state"] == "ACKNOWLEDGED")
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
    assert "error:" not in screen.getvalue()
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
        (["REF", "--refuse"], "--text"),
        (["REF", "--refuse", "--text", "x" * 300], "text"),
        ([], "REF"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(pair: Pair, words: list[str], said: str) -> None:
    ref = arrived(pair.south, sent(pair.north)["ref"])["ref"]
    refused(call("ack", *(ref if word == "REF" else word for word in words), home=pair.south), 2, said)


def test_our_own_notice_is_not_ours_to_answer(pair: Pair) -> None:
    refused(call("ack", sent(pair.north)["ref"], home=pair.north), 2, "own")


READ_BACK = {"start": "010500Z DEC 30", "end": "031700Z DEC 30", "hazard_areas[0].centre": "34-45.00N 034-40.00E"}


def given(values: dict[str, str]) -> list[str]:
    return [word for name, value in values.items() for word in ("--read-back", f"{name}={value}")]


def test_a_script_reads_the_key_values_back_and_is_told_which_without_being_told_what(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    assert [each["name"] for each in arrived(pair.south, ref)["read_back"]] == list(READ_BACK)
    said = refused(call("ack", ref, home=pair.south), 2, *(f'--read-back "{name}=…"' for name in READ_BACK))
    assert not [value for value in READ_BACK.values() if value in said]
    partly = refused(call("ack", ref, *given(READ_BACK)[:2], home=pair.south), 2, '"end=…"')
    assert '"start=…"' not in partly
    refused(call("ack", ref, *given(READ_BACK), "--read-back", "ships=3", home=pair.south), 2, "no ships to read back")
    wrong = {**READ_BACK, "end": "041700Z DEC 30"}
    refused(call("ack", ref, *given(wrong), home=pair.south), 2, "end")
    assert arrived(pair.south, ref)["state"] == "STORED"
    done = call("ack", ref, *given(READ_BACK), "--json", home=pair.south)
    assert done.document["step"]["state"] == "ACKNOWLEDGED"


def test_a_person_is_asked_for_each_value_and_again_for_a_wrong_one(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    arrived(pair.south, ref)
    start, end, centre = READ_BACK.values()
    with at_terminal("ack", ref, home=pair.south) as person:
        person.answers(
            ("Received and understood?", "y"), ("Start, as a date-time group", start), ("End, as", "041700Z DEC 30"),
            ("position", centre), ("End, as", end),
        )  # fmt: skip
        assert person.ends() == 0, person.shown
    assert "acknowledged (received and understood; not agreed)" in person.shown
    assert arrived(pair.south, ref)["state"] == "ACKNOWLEDGED"


def test_three_wrong_answers_end_the_asking_with_nothing_signed(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    arrived(pair.south, ref)
    _, end, centre = READ_BACK.values()
    wrong = "021700Z DEC 30"
    with looking() as screen, typing("\n".join(["y", wrong, end, centre, wrong, wrong, ""])):
        assert run(["ack", ref, "--home", str(pair.south.path)]) == 2
    assert "start" in screen.getvalue()
    assert "Nothing was acknowledged: it was read back wrong 3 times." in screen.getvalue()
    assert arrived(pair.south, ref)["state"] == "STORED"


def test_one_key_says_stand_by_and_reads_nothing_back(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    arrived(pair.south, ref)
    with looking() as screen, typing("s\n"):
        assert run(["ack", ref, "--home", str(pair.south.path)]) == 0
    assert "stand by" in screen.getvalue()
    assert arrived(pair.south, ref)["state"] == "OPENED"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--read-back", "start"], "is no value"),
        (["--read-back", "=x"], "is no value"),
        (["--read-back", "start=x", "--read-back", "start=y"], "twice"),
        (["--refuse", "--text", "x", "--read-back", "start=x"], "reads nothing back"),
    ],
)
def test_values_that_are_none_are_refused_before_anything_is_asked(pair: Pair, words: list[str], said: str) -> None:
    refused(call("ack", "NORTH 1", *words, home=pair.south), 2, said)
