"""`hotline recover`: what it says, what it asks, and what it refuses."""

from pathlib import Path

import pytest

from hotline.core.step import LockedHead
from hotline.core.view import Lock
from hotline.custody.enrol import enrol
from hotline.home import Home
from hotline.store.lockfile import LockFile
from tests.cli.calls import call, refused
from tests.cli.typist import at_terminal


@pytest.fixture
def lost(north: Home, south: Home) -> Home:
    """A home that has signed 7 entries, and whose database is gone."""
    enrol(north, south.card_path, confirm=lambda *_: True)
    (peer,) = north.lines()
    LockFile(north.heads_lock_path).replace(
        {peer.id: Lock(True, LockedHead("a/1", 7, bytes(32))), b"\7" * 32: Lock(True, LockedHead("b/1", 1, bytes(32)))}
    )
    return north


def names(home: Home) -> list[str]:
    return sorted(str(path) for path in home.path.rglob("*"))


def test_it_says_what_was_found_and_what_no_peer_can_give_back(lost: Home) -> None:
    called = call("recover", "--yes", home=lost)
    assert called.code == 0, called
    for words in (
        "it is gone", "heads.lock is there", "SOUTH (+1 555 0100): 7 entries of ours signed", "0707070707070707…",
        "No peer can give back:", "Queue: an unknown number of entries", "Start the station: hotline run",
    ):  # fmt: skip
        assert words in called.out, words
    assert lost.database_path.exists()


def test_it_answers_in_json(lost: Home) -> None:
    document = call("recover", "--yes", "--json", home=lost).document
    assert (document["fault"], document["lock"]) == ("it is gone", "read")
    assert document["lines"][0]["signed"] == 7
    assert document["folder"].startswith("lost/")
    assert document["without_card"] == ["07" * 32]


def test_a_script_has_to_say_yes(lost: Home) -> None:
    before = names(lost)
    refused(call("recover", home=lost), 2, "--yes")
    assert [name for name in names(lost) if not name.endswith("run.lock")] == before


@pytest.mark.parametrize(("answer", "code"), [("no", 1), ("yes", 0)])
def test_a_person_is_asked_and_anything_but_yes_changes_nothing(lost: Home, answer: str, code: int) -> None:
    with at_terminal("recover", home=lost) as typist:
        typist.answers(("Type yes:", answer))
        assert typist.ends() == code, typist.shown
    assert lost.database_path.exists() == (code == 0)
    assert ("Nothing was changed" in typist.shown) == (code == 1)


def test_without_a_card_of_a_peer_it_says_to_enrol_it(north: Home) -> None:
    refused(call("recover", "--yes", home=north), 2, "hotline pair")


def test_where_there_is_no_home_it_says_so(tmp_path: Path) -> None:
    refused(call("recover", "--yes", home=tmp_path / "nowhere"), 2, "is not the home of a station")
