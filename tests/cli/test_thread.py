"""`hotline thread`: one matter, all that both sides said of it, in order."""

import pytest

from hotline.api.types import Notice, Thread
from hotline.cli import thread
from hotline.cli.output import Output
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair
from tests.cli.notices import amended, arrived, exercise_sent
from tests.cli.test_words import notice


def told(*notices: Notice, **fields: object) -> None:
    """Print a matter of these notices."""
    plain = {"ref": "NORTH 7", "title": "Exercise", "kind": "exercise", "state": "amended", "revision": 2}
    thread._tell(Output(), Thread(**{**plain, "notices": list(notices), **fields}))  # type: ignore[arg-type]


@pytest.mark.integration
def test_any_notice_of_a_matter_shows_it_whole_at_both_ends(pair: Pair) -> None:
    first = exercise_sent(pair.north)["ref"]
    second = amended(pair.north, first, start="2030-12-01T04:00:00Z")["ref"]
    arrived(pair.south, second)
    for home, ref in ((pair.north, first), (pair.south, second)):
        out = call("thread", ref, home=home).out
        assert "State: amended, revision 2 in force." in out
        assert out.index(f"{first} ") < out.index(f"{second} ")
        assert f"amends {first}" in out
        assert f'The text in force: hotline show "{second}"' in out


@pytest.mark.integration
def test_the_whole_text_of_each_is_shown_on_demand_and_opens_nothing(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    arrived(pair.south, ref)
    assert f"END OF {ref}" not in call("thread", ref, home=pair.south).out
    assert f"END OF {ref}" in call("thread", ref, "--full", home=pair.south).out
    assert arrived(pair.south, ref)["state"] == "STORED"


@pytest.mark.integration
def test_the_document_is_the_matter_and_with_full_its_texts_too(pair: Pair) -> None:
    ref = exercise_sent(pair.north)["ref"]
    plain = call("thread", ref, "--json", home=pair.north).document
    assert [each["ref"] for each in plain["notices"]] == [ref]
    full = call("thread", ref, "--full", "--json", home=pair.north).document
    assert full["thread"]["ref"] == ref
    assert full["texts"][0]["text"].endswith(f"END OF {ref}\n")


@pytest.mark.integration
def test_a_notice_that_is_not_there_is_told(pair: Pair) -> None:
    refused(call("thread", "NORTH 999999", home=pair.north), 2, "NORTH 999999")


def test_a_station_that_does_not_run_is_told(north: Home) -> None:
    refused(call("thread", "NORTH 1", home=north), 4, "hotline run")


def test_the_text_in_force_is_that_of_the_latest_amendment_which_is_valid() -> None:
    first = notice(kind="exercise")
    amendments = [notice(kind="amendment", ref=f"NORTH {n}", invalid="rule" if n == 11 else "") for n in (9, 10, 11)]
    matter = Thread(ref="NORTH 7", title="", kind="exercise", state="", revision=1, notices=[first, notice()])
    assert thread.in_force(matter) is first
    changed = Thread(ref="NORTH 7", title="", kind="exercise", state="", revision=3, notices=[first, *amendments])
    assert thread.in_force(changed) is amendments[1]


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_nothing_is_said_to_be_in_force_of_what_is_over(capsys: pytest.CaptureFixture[str], state: str) -> None:
    told(notice(kind="exercise"), state=state)
    out = capsys.readouterr().out
    assert f"State: {state}, last revision 2.\n" in out
    assert 'Its last text: hotline show "NORTH 7"' in out
    assert "in force" not in out


def test_a_drill_is_said_to_be_one_before_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    told(notice(mode="DRILL"))
    assert capsys.readouterr().out.startswith("DRILL NORTH 7  exercise: Exercise\n")


def test_text_from_outside_is_safe_to_print(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2J\u202e"
    told(notice(subject=evil), title=evil, kind=evil, state=evil, ref=evil)
    assert not set("\x1b\u202e") & set(capsys.readouterr().out)
