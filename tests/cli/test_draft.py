"""`hotline draft`: kept, signed by its drafter, and nothing of it sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.cli.program import run
from hotline.home import Home
from tests.cli.calls import call, looking, refused, typing
from tests.cli.conftest import Pair, running
from tests.cli.secrets import secret
from tests.cli.typist import at_terminal

pytestmark = pytest.mark.integration

SECOND, WORDS = "Colonel B", "tamarind hexagon 41"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair whose NORTH has a second officer, who is not on duty."""
    folder = tmp_path_factory.mktemp("draft")
    with running(folder) as made:
        added = call("officer", "add", SECOND, "--new-passphrase-file", secret(folder, WORDS), home=made.north)
        assert added.code == 0, added
        yield made


def outbox(home: Home) -> int:
    return len(call("outbox", "--json", home=home).document["notices"])


def test_a_draft_waits_under_a_number_and_nothing_is_sent(own: Pair) -> None:
    before = outbox(own.north)
    kept = call("draft", "consultation", "Wait.", "--precedence", "PRIORITY", "--json", home=own.north).document
    assert (kept["drafter"], kept["precedence"], kept["line"]) == ("Duty officer", "PRIORITY", "SOUTH")
    assert "Wait." in kept["text"]
    listed = call("draft", "--json", home=own.north).document["drafts"]
    assert kept["number"] in [each["number"] for each in listed]
    assert outbox(own.north) == before


def test_a_file_says_its_kind_itself(own: Pair, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('kind = "consultation"\ntext = "From a file."\n')
    kept = call("draft", "--from", str(file), "--json", home=own.north)
    assert kept.document["kind"] == "consultation"
    assert call("draft", "--discard", str(kept.document["number"]), home=own.north).code == 0


def test_what_waits_is_said_with_the_way_to_release_it(own: Pair) -> None:
    called = call("draft", "consultation", "Wait.", home=own.north)
    assert called.code == 0
    assert "Nothing was sent." in called.out
    number = called.out.split()[1]
    assert f"hotline release {number}" in called.out
    assert number in call("draft", home=own.north).out


def test_a_draft_is_taken_away_once(own: Pair) -> None:
    number = str(call("draft", "consultation", "Away.", "--json", home=own.north).document["number"])
    assert "taken away" in call("draft", "--discard", number, home=own.north).out
    refused(call("draft", "--discard", number, home=own.north), 2, f"no draft {number}")
    assert call("draft", "--discard", number, "--json", home=own.north).document["reason"] == "not-found"


def test_an_officer_who_is_not_on_duty_signs_with_the_own_passphrase(own: Pair, tmp_path: Path) -> None:
    words = ["draft", "consultation", "By another.", "--officer", SECOND]
    kept = call(*words, "--passphrase-file", secret(tmp_path, WORDS), "--json", home=own.north)
    assert kept.document["drafter"] == SECOND
    refused(call(*words, "--passphrase-file", secret(tmp_path, "not these words"), home=own.north), 2, "passphrase")


def test_at_a_terminal_the_passphrase_is_asked_unseen(own: Pair) -> None:
    with at_terminal("draft", "consultation", "Typed.", "--officer", SECOND, home=own.north) as person:
        person.answers((f"Passphrase of {SECOND}:", WORDS))
        assert person.ends() == 0, person.shown
    assert WORDS not in person.shown
    assert f"signed by {SECOND}" in person.shown


def test_an_officer_on_duty_is_asked_for_no_passphrase(own: Pair) -> None:
    with looking() as screen, typing(""):
        assert run(["draft", "consultation", "On duty.", "--home", str(own.north.path)]) == 0
    assert "Passphrase" not in screen.getvalue()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["frob", "x"], "frob"),
        (["consultation"], "hotline form consultation"),
        (["consultation", "x", "--officer", "Nobody"], "Nobody"),
        (["consultation", "x", "--to", "EAST"], "EAST"),
        (["consultation", "x", "--discard", "1"], "one of them"),
        (["--to", "SOUTH"], "kind of notice is missing"),
        (["--discard", "0"], "--discard"),
        (["--discard", "999999"], "no draft 999999"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(own: Pair, words: list[str], said: str) -> None:
    refused(call("draft", *words, home=own.north), 2, said)


def test_without_drafts_the_list_says_so(own: Pair) -> None:
    assert call("draft", home=own.south).out == "No draft waits.\n"
