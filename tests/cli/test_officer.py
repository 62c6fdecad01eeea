"""`hotline officer`: each with an own key under an own passphrase, and the peers learn of it by themselves."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hotline.custody import keyfile
from hotline.custody.officers import Officers
from hotline.custody.passphrase import Passphrase
from hotline.custody.suite import HybridKey
from hotline.errors import KeyError_
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair, running
from tests.cli.secrets import secret

NEW, ROOT = "tamarind hexagon 41", "windmill parsley 77"


def listed(home: Home) -> Any:
    return call("officer", "list", "--json", home=home).document


def test_the_officers_are_listed_with_whose_key_is_here(north: Home) -> None:
    call("officer", "add", "Colonel B", "--no-passphrase", home=north)
    north.officer_key_path("Colonel B").unlink()
    out = call("officer", home=north).out
    assert [line.split("  ")[0] for line in out.splitlines()[1:3]] == ["Duty officer", "Colonel B"]
    assert "not here" in out.splitlines()[2]
    assert "not running" in out
    officers = listed(north)["officers"]
    assert [(o["name"], o["key_here"], o["on_duty"]) for o in officers] == [
        ("Duty officer", True, False),
        ("Colonel B", False, False),
    ]


def test_an_officer_is_added_under_the_own_passphrase(north: Home, tmp_path: Path) -> None:
    document = call(
        "officer", "add", "Colonel B", "--new-passphrase-file", secret(tmp_path, NEW), "--json", home=north
    ).document
    assert document == {
        "officer": "Colonel B",
        "key": str(north.officer_key_path("Colonel B")),
        "card_number": 2,
        "told": False,
    }
    key = Officers(north, north.card()).unlock("Colonel B", Passphrase(NEW))
    assert key.public == north.card().body.officers[1].public


def test_the_roots_passphrase_does_not_become_the_officers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "n")
    monkeypatch.setenv("HOTLINE_PASSPHRASE", ROOT)
    assert call("init", "--name", "N", home=home).code == 0
    called = call("officer", "add", "Colonel B", home=home)
    assert "--new-passphrase-file" in refused(called, 2, "The key of Colonel B needs a passphrase")
    assert home.card().body.number == 1
    assert call("officer", "add", "Colonel B", "--new-passphrase-file", secret(tmp_path, NEW), home=home).code == 0
    with pytest.raises(KeyError_, match="does not open"):
        Officers(home, home.card()).unlock("Colonel B", Passphrase(ROOT))


def test_what_comes_next_is_told(north: Home) -> None:
    out = call("officer", "add", "Colonel B", "--no-passphrase", home=north).out
    assert "card number 2" in out
    assert str(north.officer_key_path("Colonel B")) in out
    assert "OPEN" in out
    assert "when it starts, it tells each peer" in out


def test_a_key_file_that_fits_nobody_is_shown(north: Home) -> None:
    stray = north.keys_path / "officer-x.key"
    keyfile.create(stray, "officer", {"officer": HybridKey.generate()}, None)
    assert str(stray) in call("officer", home=north).out
    assert listed(north)["unknown_files"] == [str(stray)]


def test_a_root_key_that_was_put_away_is_used_from_where_it_is(north: Home, tmp_path: Path) -> None:
    stick = north.root_key_path.rename(tmp_path / "stick.key")
    refused(call("officer", "add", "B", "--no-passphrase", home=north), 2, "--root-key FILE")
    assert call("officer", "add", "B", "--no-passphrase", "--root-key", str(stick), home=north).code == 0


def test_an_officer_changes_the_own_passphrase_with_the_old_one_only(
    north: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = secret(tmp_path, NEW), secret(tmp_path, ROOT)
    call("officer", "add", "Colonel B", "--new-passphrase-file", first, home=north)
    change = ("officer", "passphrase", "Colonel B", "--new-passphrase-file", second)
    monkeypatch.setenv("HOTLINE_PASSPHRASE", NEW)
    refused(call(*change, home=north), 2, "The key of Colonel B needs a passphrase")
    refused(call(*change, "--passphrase-file", second, home=north), 2, "does not open")
    assert call(*change, "--passphrase-file", first, "--json", home=north).document["changed"]
    refused(call(*change, "--passphrase-file", first, home=north), 2, "does not open")
    Officers(north, north.card()).unlock("Colonel B", Passphrase(ROOT))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add"], "name is missing"),
        (["passphrase"], "name is missing"),
        (["remove", "Colonel B"], "remove"),
        (["list", "Colonel B"], "takes no name"),
        (["list", "--root-key", "x"], "--root-key"),
        (["add", "duty officer", "--no-passphrase"], "already"),
        (["add", "a\nb", "--no-passphrase"], "cannot be an officer's name"),
        (["add", "B", "--no-passphrase", "--new-passphrase-file", "x"], "contradict"),
        (["add", "B", "--new-passphrase-file", "nowhere"], "nowhere"),
        (["add", "B", "--no-passphrase", "--root-key", "nowhere"], "nowhere"),
        (["passphrase", "Nobody"], "Certified: Duty officer"),
        (["passphrase", "Duty officer", "--no-passphrase"], "belong to"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_and_changes_nothing(north: Home, words: list[str], said: str) -> None:
    refused(call("officer", *words, home=north), 2, said)
    assert (north.card().body.number, len(north.officer_key_paths())) == (1, 1)


def test_a_passphrase_that_is_too_short_makes_no_officer(north: Home, tmp_path: Path) -> None:
    refused(call("officer", "add", "B", "--new-passphrase-file", secret(tmp_path, "x"), home=north), 2, "shorter than")
    assert (north.card().body.number, len(north.officer_key_paths())) == (1, 1)


# --- while the station runs ----------------------------------------------------------------


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running(tmp_path_factory.mktemp("officers")) as made:
        yield made


def held_of_north(south: Home) -> Any:
    """The card of NORTH that is in SOUTH's home."""
    (line,) = south.lines()
    return line.card


def await_number(south: Home, number: int) -> None:
    end = time.monotonic() + 30
    while held_of_north(south).body.number < number:
        assert time.monotonic() < end, f"card number {number} did not come to SOUTH"
        time.sleep(0.02)


@pytest.mark.integration
def test_the_peer_learns_of_an_officer_through_the_line(own: Pair) -> None:
    before = own.north.card().body.number
    called = call("officer", "add", "Colonel Q", "--no-passphrase", home=own.north)
    assert called.code == 0, called
    assert "tells each peer through the line" in called.out
    await_number(own.south, before + 1)
    assert held_of_north(own.south) == own.north.card()
    document = listed(own.north)
    assert document["running"]
    assert [(o["name"], o["on_duty"]) for o in document["officers"]][:2] == [
        ("Duty officer", True),
        ("Colonel Q", False),
    ]


@pytest.mark.integration
def test_the_peer_learns_of_another_telephone_number_through_the_line(own: Pair) -> None:
    before = own.north.card().body.number
    document = call("card", "--reissue", "--phone", "+1 555 0177", "--json", home=own.north).document
    assert (document["told"], document["number"]) == (True, before + 1)
    await_number(own.south, before + 1)
    assert call("status", "--json", home=own.south).document["lines"][0]["phone"] == "+1 555 0177"
