"""`hotline generation`: both sides close and open, asked before what cannot be undone, and with the number compared."""

import json
import os
from pathlib import Path

import pytest

from hotline.cli.program import run
from hotline.core import identity
from hotline.custody import keyfile
from hotline.custody.ceremony import add_officer
from hotline.custody.passphrase import Passphrase
from hotline.home import Home
from tests.cli.calls import Called, call, looking, refused, typing
from tests.cli.secrets import secret
from tests.custody.conftest import CHEAP

Pair = tuple[Home, Home]
WHY = ["--because", "The log is forked."]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are not named otherwise are written into the test's own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def sides(north: Home, south: Home, number: str) -> Pair:
    """Two homes that have enrolled each other."""
    assert call("pair", str(south.card_path), "--safety-number", number, home=north).code == 0
    assert call("pair", str(north.card_path), "--safety-number", number, home=south).code == 0
    return north, south


def close(home: Home, peer: str, *words: str) -> Called:
    called = call("generation", "close", peer, *WHY, "--yes", *words, home=home)
    assert called.code == 0, called
    return called


def both_closed(sides: Pair) -> str:
    """Both close, with the names that are written by themselves; return the agreement number."""
    north, south = sides
    close(north, "SOUTH")
    close(south, "NORTH")
    document = call("generation", "show", "SOUTH", "SOUTH-1.hotline-closing", "--json", home=north).document
    return str(document["agreement_number"])


def test_both_sides_close_and_open_with_the_number_that_they_compared(sides: Pair) -> None:
    north, south = sides
    number = both_closed(sides)
    opened = call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", "--number", number, home=north)
    assert opened.code == 0
    assert "Generation 2 of the line with SOUTH has begun here" in opened.out
    assert call("generation", "open", "NORTH", "NORTH-1.hotline-closing", "--number", number, home=south).code == 0
    (n,), (s,) = north.lines(), south.lines()
    assert n.id == s.id
    assert identity.safety_number(n.id) == number


def test_the_closing_is_told_with_what_comes_next(sides: Pair) -> None:
    called = close(sides[0], "SOUTH")
    assert "Generation 1 of the line with SOUTH is closed." in called.out
    assert "NORTH-1.hotline-closing. Hand it over to SOUTH" in called.out
    assert "hotline generation open SOUTH FILE" in called.out
    again = call("generation", "close", "SOUTH", home=sides[0])
    assert again.code == 0
    assert "was closed before" in again.out


@pytest.mark.parametrize("words", [["--because", "Another one."], ["--reason", "stalled"]])
def test_who_closes_again_with_another_reason_is_told_that_the_first_stands(sides: Pair, words: list[str]) -> None:
    close(sides[0], "SOUTH")
    stands = "What it said then stands"
    assert stands not in call("generation", "close", "SOUTH", *WHY, "--reason", "other", home=sides[0]).out
    again = call("generation", "close", "SOUTH", *words, home=sides[0])
    assert again.code == 0
    assert stands in again.out
    assert "The log is forked." in again.out


def test_a_person_is_told_what_it_means_and_may_decline(sides: Pair) -> None:
    words = ["generation", "close", "SOUTH", *WHY, "--home", str(sides[0].path)]
    with looking() as screen, typing("no\n"):
        assert run(words) == 1
    assert "cannot be undone" in screen.getvalue()
    assert not sides[0].lines()[0].generations.closed
    with looking(), typing("yes\n"):
        assert run(words) == 0
    assert sides[0].lines()[0].generations.closed


def test_a_script_says_yes_and_gives_a_reason(sides: Pair) -> None:
    refused(call("generation", "close", "SOUTH", *WHY, home=sides[0]), 2, "--yes")
    refused(call("generation", "close", "SOUTH", "--yes", home=sides[0]), 2, "--because")
    refused(call("generation", "close", "SOUTH", "--because", "x" * 257, "--yes", home=sides[0]), 2, "--because")
    assert not sides[0].lines()[0].generations.closed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["close"], "needs the name of a line"),
        (["open", "SOUTH"], "closing file of the other side"),
        (["open", "SOUTH", "x", "--because", "x"], "--because"),
        (["show", "--number", "1"], "--number"),
        (["open", "SOUTH", "nowhere"], "nowhere"),
        (["open", "EAST", "nowhere"], "no line here"),
        (["close", "SOUTH", "--reason", "tired"], "--reason"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(sides: Pair, words: list[str], said: str) -> None:
    refused(call("generation", *words, home=sides[0]), 2, said)


def test_a_person_compares_the_number_and_says_so(sides: Pair) -> None:
    number = both_closed(sides)
    words = ["generation", "open", "SOUTH", "SOUTH-1.hotline-closing", "--home", str(sides[0].path)]
    with looking(), typing("no\n"):
        assert run(words) == 2
    assert sides[0].lines()[0].generations.closed
    with looking() as screen, typing(number + "\n"):
        assert run(words) == 0
    assert number.split()[0] in screen.getvalue()
    assert "The log is forked." in screen.getvalue()


def test_a_person_who_types_the_safety_number_or_another_is_told_which_one_is_asked_for(
    sides: Pair, number: str
) -> None:
    both_closed(sides)
    words = ["generation", "open", "SOUTH", "SOUTH-1.hotline-closing", "--home", str(sides[0].path)]
    for typed, said in (
        (number, "That is the safety number"),
        ("12345", "not an agreement number"),
        ("1" * 60, "not con"),
    ):
        with looking() as screen, typing(typed + "\n"):
            assert run(words) == 2
        assert said in screen.getvalue()
    refused(call(*words, "--number", number), 2, "That is the safety number", "generation was not begun")
    assert sides[0].lines()[0].generations.closed


def test_without_a_terminal_or_a_number_nothing_begins(sides: Pair) -> None:
    both_closed(sides)
    refused(call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", home=sides[0]), 2, "--number")
    wrong = ["--number", "1" * 60]
    refused(call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", *wrong, home=sides[0]), 2, "not the one")
    assert sides[0].lines()[0].generations.closed


def test_while_the_daemon_runs_nothing_is_closed(sides: Pair) -> None:
    with sides[0].lock():
        refused(call("generation", "close", "SOUTH", *WHY, "--yes", home=sides[0]), 4, "running daemon")


def test_the_documents_name_what_was_signed_and_begun(sides: Pair) -> None:
    north, _ = sides
    closed = close(north, "SOUTH", "--json", "--reason", "stalled").document
    assert closed["closing"] == Path("NORTH-1.hotline-closing").read_text()
    assert (closed["generation"], closed["agreement_number"]) == (1, None)
    assert closed["statement"]["reason"] == "the line stands still"
    close(sides[1], "NORTH")
    shown = call("generation", "show", "SOUTH", "SOUTH-1.hotline-closing", "--json", home=north).document
    number = ["--number", shown["agreement_number"], "--json"]
    opened = call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", *number, home=north).document
    assert (opened["generation"], opened["card_changes"], opened["already"]) == (2, [], False)
    assert opened["line_id"] == north.lines()[0].id.hex()


def test_show_tells_each_generation_and_gives_our_file_again(sides: Pair) -> None:
    north, _ = sides
    number = both_closed(sides)
    assert "CLOSED here, and silent" in call("generation", home=north).out
    call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", "--number", number, home=north)
    out = call("generation", "show", home=north).out
    assert "generation 1: ended" in out
    assert "SOUTH's log: both sides held the same" in out
    assert all(group in out for group in number.split())
    assert call("generation", "show", "SOUTH", "--out", "again", home=north).code == 0
    assert Path("again").read_bytes() == Path("NORTH-1.hotline-closing").read_bytes()
    (line,) = call("generation", "show", "--json", home=north).document["lines"]
    assert (line["generation"], line["state"], line["agreement_number"]) == (2, "open", number)
    assert [log["theirs_is"] for log in line["before"][0]["logs"]] == ["same", "same"]


def test_a_generation_that_is_not_there_is_told_with_those_that_are(sides: Pair) -> None:
    north, _ = sides
    number = both_closed(sides)
    call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", "--number", number, home=north)
    for words in ([], ["--json"], ["SOUTH"], ["SOUTH", "--json"]):
        called = call("generation", "show", *words, "--generation", "7", home=north)
        refused(called, 2, "no generation 7", "SOUTH 1, 2.")
        assert '"lines"' not in called.out
    for there in ("1", "2"):
        assert f"generation {there}" in call("generation", "show", "--generation", there, home=north).out


def test_once_more_for_the_file_does_not_close_what_has_just_begun(sides: Pair) -> None:
    north, _ = sides
    number = both_closed(sides)
    call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", "--number", number, home=north)
    refused(call("generation", "close", "SOUTH", *WHY, "--yes", home=north), 2, "--generation 1")
    again = call("generation", "close", "SOUTH", "--generation", "1", "--out", "-", home=north)
    assert again.out == Path("NORTH-1.hotline-closing").read_text()


def test_the_officer_who_signs_gives_the_own_passphrase(sides: Pair, tmp_path: Path) -> None:
    north, _ = sides
    words = Passphrase("quartz lantern 62")
    add_officer(north, "Colonel B", lambda path: words, lambda: words, cost=CHEAP)
    assert keyfile.has_passphrase(north.officer_key_path("Colonel B"))
    asked = ["generation", "close", "SOUTH", *WHY, "--yes"]
    refused(call(*asked, home=north), 2, "--officer NAME")
    wrong = ["--officer", "Colonel B", "--passphrase-file", secret(tmp_path, "wrong words here")]
    refused(call(*asked, *wrong, home=north), 2, "passphrase")
    right = ["--officer", "Colonel B", "--passphrase-file", secret(tmp_path, "quartz lantern 62")]
    called = call(*asked, *right, home=north)
    assert called.code == 0
    assert "Colonel B" in called.out


def test_a_person_with_an_old_file_is_told_which_one_to_ask_for(sides: Pair) -> None:
    north, _ = sides
    number = both_closed(sides)
    call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", "--number", number, home=north)
    close(north, "SOUTH", "--generation", "2")
    called = call("generation", "show", "SOUTH", "SOUTH-1.hotline-closing", home=north)
    refused(called, 2, "closes generation 1; here it is generation 2", "ask for the one of generation 2")


def test_the_command_that_comes_next_names_the_line_as_a_shell_takes_it(north: Home, south: Home, number: str) -> None:
    call("pair", str(south.card_path), "--as", "Ops room", "--safety-number", number, home=north)
    call("pair", str(north.card_path), "--safety-number", number, home=south)
    close(south, "NORTH")
    called = call("generation", "show", "Ops room", "SOUTH-1.hotline-closing", home=north)
    refused(called, 2, "is not closed here", "hotline generation close 'Ops room'")
    refused(call("generation", "open", "Ops room", home=north), 2, "hotline generation open 'Ops room' FILE")


def never_closed(home: Home, *words: str) -> str:
    """Close, which must be refused before anything is signed."""
    said = refused(call("generation", "close", "SOUTH", *WHY, "--yes", *words, home=home), 2, "Nothing was signed")
    assert not home.lines()[0].generations.closed
    return said


def test_a_file_that_cannot_be_written_is_found_before_anything_is_signed(
    sides: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    north, _ = sides
    Path("taken").write_text("mine")
    assert "exists already" in never_closed(north, "--out", "taken")
    assert "is no folder" in never_closed(north, "--out", "nowhere/x")
    assert "is no folder" in never_closed(north, "--out", "taken/x")
    Path("NORTH-1.hotline-closing").symlink_to(tmp_path / "elsewhere")
    assert "exists already" in never_closed(north)
    # Tests may run as root, who may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK | os.X_OK)
    assert "takes no file" in never_closed(north, "--out", "x")
    assert Path("taken").read_text() == "mine"


def test_a_disk_that_fails_after_the_signing_does_not_hide_that_the_line_is_closed(
    sides: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    north, _ = sides

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("hotline.cli.files._create", full)
        called = call("generation", "close", "SOUTH", *WHY, "--yes", "--out", "x", home=north)
    remedy = "hotline generation show SOUTH --generation 1 --out FILE"
    refused(called, 4, "Generation 1 of the line with SOUTH IS CLOSED now", "No space left", remedy)
    assert north.lines()[0].generations.closed
    Path("x").write_text("mine")
    called = call("generation", "close", "SOUTH", "--out", "x", home=north)
    refused(called, 4, "was closed before", "exists already", remedy)
    assert call("generation", "show", "SOUTH", "--generation", "1", "--out", "y", home=north).code == 0
    assert close(north, "SOUTH", "--out", "y").code == 0, "the same file again is no other file"


def test_who_has_nothing_but_the_root_goes_on_with_the_others_file(sides: Pair, tmp_path: Path, number: str) -> None:
    north, south = sides
    root, card = tmp_path / "root.key", tmp_path / "old.card"
    root.write_bytes(south.root_key_path.read_bytes())
    root.chmod(0o600)
    card.write_bytes(south.card_path.read_bytes())
    close(north, "SOUTH")
    anew = Home(tmp_path / "anew")
    made = call("init", "--from-root", str(root), "--card", str(card), "--no-passphrase", home=anew)
    assert made.code == 0, made
    paired = call("pair", str(north.card_path), "--safety-number", number, home=anew)
    assert "waits: its next generation begins with their closing file" in paired.out
    refused(call("generation", "close", "NORTH", *WHY, "--yes", home=anew), 2, "closing file of the other side")
    closed = close(anew, "NORTH", "NORTH-1.hotline-closing", "--json").document
    agreement = closed["agreement_number"]
    assert closed["statement"]["reason"] == "a side has lost its keys"
    given = ["--number", agreement]
    assert call("generation", "open", "NORTH", "NORTH-1.hotline-closing", *given, home=anew).code == 0
    looked = call("generation", "show", "SOUTH", "SOUTH-1.hotline-closing", home=north)
    assert "THEIR CARD CHANGES: number 2 instead of 1" in looked.out
    assert "log key" in looked.out
    assert call("generation", "open", "SOUTH", "SOUTH-1.hotline-closing", *given, home=north).code == 0
    assert north.lines()[0].id == anew.lines()[0].id
    refused(call("pair", str(card), home=north), 2, "is enrolled with 2")
    json.dumps(call("generation", "show", "--json", home=anew).document)


def test_a_station_without_lines_is_told_how_to_get_one_and_one_with_lines_which_they_are(sides: Pair) -> None:
    refused(call("generation", "close", "EAST", *WHY, "--yes", home=sides[0]), 2, "Name one of them: SOUTH.")
    for path in sides[0].lines_path.iterdir():
        path.unlink()
    refused(call("generation", "close", "EAST", *WHY, "--yes", home=sides[0]), 2, "hotline pair CARD")
