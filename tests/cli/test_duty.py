"""`hotline duty`: who has the watch, signed, seen at both ends, and with the own passphrase only."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair, running
from tests.cli.secrets import secret

pytestmark = pytest.mark.integration

FIRST, SECOND, WORDS = "Duty officer", "Colonel B", "tamarind hexagon 41"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A pair whose NORTH has a second officer, under a passphrase."""
    folder = tmp_path_factory.mktemp("duty")
    with running(folder) as made:
        added = call("officer", "add", SECOND, "--new-passphrase-file", secret(folder, WORDS), home=made.north)
        assert added.code == 0, added
        yield made


@pytest.fixture
def words(tmp_path: Path) -> str:
    return secret(tmp_path, WORDS)


@pytest.fixture
def north(own: Pair) -> Home:
    """NORTH with its first officer on duty, and nobody else."""
    if FIRST not in on_duty(own.north):
        assert call("duty", "on", "--officer", FIRST, home=own.north).code == 0
    if SECOND in on_duty(own.north):
        assert call("duty", "off", "--officer", SECOND, home=own.north).code == 0
    return own.north


def on_duty(home: Home) -> list[str]:
    names = call("duty", "--json", home=home).document["on_duty"]
    assert isinstance(names, list)
    return names


def await_at_south(own: Pair, holds: Callable[[Any], object]) -> Any:
    """What SOUTH's status says of the line, once it holds."""
    end = time.monotonic() + 30
    while not holds(line := call("status", "--json", home=own.south).document["lines"][0]):
        assert time.monotonic() < end, line
        time.sleep(0.02)
    return line


def test_who_is_on_duty_is_shown_with_whose_keys_are_here(north: Home) -> None:
    out = call("duty", home=north).out
    assert f"On duty: {FIRST}" in out
    assert f"Off duty: {SECOND}" in out
    document = call("duty", "show", "--json", home=north).document
    assert (document["on_duty"], document["officers"]) == ([FIRST], [FIRST, SECOND])


def test_a_handover_is_signed_by_both_and_seen_by_the_peer(own: Pair, north: Home, words: str) -> None:
    text = f"Quiet night {time.monotonic_ns()}."
    called = call(
        "duty", "on", "--officer", SECOND, "--relieve", FIRST, "--text", text, "--passphrase-file", words, home=north
    )
    assert called.code == 0, called
    assert f"{SECOND} is on duty, and has relieved {FIRST}." in called.out
    assert on_duty(north) == [SECOND]
    line = await_at_south(own, lambda line: line["watch"] and line["watch"]["text"] == text)
    assert (line["watch"]["officer"], line["watch"]["on"], line["watch"]["relieved"]) == (SECOND, True, FIRST)


def test_both_may_be_on_duty(north: Home, words: str) -> None:
    assert call("duty", "on", "--officer", SECOND, "--passphrase-file", words, home=north).code == 0
    assert on_duty(north) == [FIRST, SECOND]


def test_when_the_last_one_goes_off_both_ends_say_that_nobody_is_there(own: Pair, north: Home) -> None:
    called = call("duty", "off", home=north)
    assert called.code == 0, called
    assert f"{FIRST} is off duty." in called.out
    assert "NOBODY IS ON DUTY" in called.out
    await_at_south(own, lambda line: line["state"] == "peer unattended")
    refused(call("duty", "off", home=north), 2, "Nobody is on duty.")
    assert call("duty", "on", "--officer", FIRST, home=north).code == 0, "an open key needs no passphrase"
    await_at_south(own, lambda line: line["state"] == "attended")


def test_the_stations_passphrase_is_not_a_persons(
    north: Home, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOTLINE_PASSPHRASE", WORDS)
    refused(call("duty", "on", "--officer", SECOND, home=north), 2, "The key of Colonel B needs", "--passphrase-file")
    other = secret(tmp_path, "not the right words")
    refused(call("duty", "on", "--officer", SECOND, "--passphrase-file", other, home=north), 2, "does not open")
    assert on_duty(north) == [FIRST]


def test_who_is_on_duty_already_is_asked_for_no_passphrase(north: Home, words: str) -> None:
    call("duty", "on", "--officer", SECOND, "--passphrase-file", words, home=north)
    assert call("duty", "on", "--officer", SECOND, "--relieve", FIRST, home=north).code == 0
    assert on_duty(north) == [SECOND]


def test_a_passphrase_is_in_nothing_that_is_printed_or_logged(own: Pair, north: Home, words: str) -> None:
    change = ("duty", "on", "--officer", SECOND, "--passphrase-file", words)
    for called in (call(*change, "--json", home=north), call(*change, "--text", "x" * 300, home=north)):
        assert WORDS not in called.out + called.err
    written = [path for path in own.north.path.parent.rglob("*") if path.is_file() and path.suffix != ".passphrase"]
    assert own.north.database_path in written
    assert [path for path in written if WORDS.encode() in bytes_of(path)] == []


def bytes_of(path: Path) -> bytes:
    """What stands in a file of a running station; some are replaced at any moment."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["on"], "2 officers' keys are here: Duty officer, Colonel B"),
        (["on", "--officer", "Nobody"], "Certified: Duty officer, Colonel B"),
        (["off", "--officer", SECOND], "not on duty"),
        (["on", "--officer", FIRST, "--relieve", FIRST], "relieves"),
        (["on", "--officer", FIRST, "--relieve", SECOND], "not on duty"),
        (["off", "--relieve", FIRST], "--relieve"),
        (["show", "--officer", FIRST], "changes nothing"),
        (["off", "--officer", FIRST, "--text", "x" * 300], "text"),
        (["sleep"], "sleep"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_and_changes_nothing(north: Home, given: list[str], said: str) -> None:
    refused(call("duty", *given, home=north), 2, said)
    assert on_duty(north) == [FIRST]


def test_without_a_running_station_nobody_can_be_on_duty(made: Path) -> None:
    refused(call("duty", "on", home=made / "north"), 4, "No station is running")
