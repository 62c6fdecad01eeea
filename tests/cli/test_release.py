"""`hotline release`: read, confirmed with its precedence, signed by the releaser, and then it goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline import rules
from hotline.cli.program import run
from hotline.home import Home
from tests.cli.calls import call, looking, refused, typing
from tests.cli.conftest import Pair, running
from tests.cli.notices import arrived, exercise_sent, once
from tests.cli.secrets import secret
from tests.cli.typist import at_terminal

pytestmark = pytest.mark.integration

SECOND, WORDS = "Colonel B", "tamarind hexagon 41"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair whose NORTH has a second officer, who is not on duty."""
    folder = tmp_path_factory.mktemp("release")
    with running(folder) as made:
        added = call("officer", "add", SECOND, "--new-passphrase-file", secret(folder, WORDS), home=made.north)
        assert added.code == 0, added
        yield made


def drafted(home: Home, text: str = "To be released.", *words: str) -> str:
    kept = call("draft", "consultation", text, *words, "--json", home=home)
    assert kept.code == 0, kept
    return str(kept.document["number"])


def waiting(home: Home) -> list[str]:
    return [str(each["number"]) for each in call("draft", "--json", home=home).document["drafts"]]


def test_a_script_releases_with_yes_and_the_peer_sees_both_officers(own: Pair, tmp_path: Path) -> None:
    number = drafted(own.north)
    words = ["--officer", SECOND, "--passphrase-file", secret(tmp_path, WORDS), "--yes", "--wait", "--json"]
    sent = call("release", number, *words, home=own.north)
    assert sent.code == 0, sent
    assert sent.document["state"] == "STORED"
    assert number not in waiting(own.north)
    shown = arrived(own.south, sent.document["ref"])
    assert (shown["officers"], shown["drafters"]) == ([SECOND], ["Duty officer"])


def test_a_person_reads_the_whole_text_and_confirms_the_precedence(own: Pair) -> None:
    number = drafted(own.north, "The words that are released.", "--precedence", "IMMEDIATE", "--mode", "DRILL")
    with at_terminal("release", number, "--officer", SECOND, "--wait", home=own.north) as person:
        person.answers(("as IMMEDIATE DRILL?", "y"), (f"Passphrase of {SECOND}:", WORDS))
        assert person.ends() == 0, person.shown
    assert "The words that are released." in person.shown
    assert "Drafted by Duty officer." in person.shown
    assert "stored at SOUTH" in person.shown


def test_who_says_no_releases_nothing(own: Pair) -> None:
    number = drafted(own.north)
    with looking() as screen, typing("n\n"):
        assert run(["release", number, "--home", str(own.north.path)]) == 1
    assert "Nothing was released; it waits as before." in screen.getvalue()
    assert "error:" not in screen.getvalue()
    assert number in waiting(own.north)


def test_the_drafter_is_told_before_being_asked_that_another_officer_releases_it(own: Pair, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(rules.format(rules.BUILT_IN.with_kind("consultation", signatures=2)), encoding="utf-8")
    number = drafted(own.north)
    assert call("rules", "--set", str(file), "--yes", home=own.north).code == 0
    try:
        with looking() as screen, typing("y\n"):
            assert run(["release", number, "--home", str(own.north.path)]) == 2
    finally:
        assert call("rules", "--reset", "--yes", home=own.north).code == 0
    assert "Another officer releases it" in screen.getvalue()
    assert "Release it to" not in screen.getvalue()


def test_nobody_is_asked_on_a_pipe_and_nothing_goes_unconfirmed(own: Pair) -> None:
    number = drafted(own.north)
    refused(call("release", number, home=own.north), 2, "--yes")
    assert call("release", number, "--json", home=own.north).document["exit"] == 2
    assert number in waiting(own.north)


def test_a_draft_is_released_once(own: Pair) -> None:
    number = drafted(own.north)
    assert call("release", number, "--yes", home=own.north).code == 0
    refused(call("release", number, "--yes", home=own.north), 2, f"no draft {number}")
    with looking() as screen, typing("y\n"):
        assert run(["release", number, "--home", str(own.north.path)]) == 2
    assert f"no draft {number}" in screen.getvalue()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "DRAFT"),
        (["NORTH 7", "--yes"], "--despite-rules"),
        (["NORTH 999999", "--despite-rules", "--yes"], "NORTH 999999"),
        (["1" * 400, "--yes"], "no number of a draft"),
        (["999999", "--yes"], "no draft 999999"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(own: Pair, words: list[str], said: str) -> None:
    refused(call("release", *words, home=own.north), 2, said)


def test_an_officer_that_nobody_knows_releases_nothing(own: Pair) -> None:
    number = drafted(own.north)
    refused(call("release", number, "--yes", "--officer", "Nobody", home=own.north), 2, "Nobody")
    assert number in waiting(own.north)


def test_what_is_held_while_the_rules_differ_goes_when_an_officer_says_so(own: Pair, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(rules.format(rules.BUILT_IN).replace("title = ", "title = 'Other' # ", 1))
    assert call("rules", "--set", str(file), "--yes", home=own.north).code == 0
    status = ("status", "--json")
    once(lambda: call(*status, home=own.north), lambda c: not c.document["lines"][0]["rules_agree"])
    held = exercise_sent(own.north, waits=False)
    assert "HELD" in str(call("show", held["id"], "--json", home=own.north).document["remarks"])
    let_go = call("release", held["id"], "--despite-rules", "--yes", "--wait", "--json", home=own.north)
    assert let_go.code == 0, let_go
    assert let_go.document["state"] == "STORED"
