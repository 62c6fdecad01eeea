"""`hotline relay list`, `add` and `remove`: the file first, and the running station if there is one."""

from pathlib import Path

import pytest

from hotline import config
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.conftest import Pair

URL = "mqtt://127.0.0.1:1"


def names(home: Home) -> list[str]:
    return [relay.name for relay in config.load(home.config_path).relay]


def secret(folder: Path, mode: int = 0o600) -> Path:
    file = folder / "relay.password"
    file.write_text("s3cret\n")
    file.chmod(mode)
    return file


def test_a_relay_is_added_to_a_station_that_does_not_run_and_removed_again(north: Home, tmp_path: Path) -> None:
    password = secret(tmp_path)
    added = call("relay", "add", "one", URL, "--user", "north", "--password-file", str(password), home=north)
    assert (added.code, "goes by this when it starts" in added.out) == (0, True)
    assert call("relay", "add", "two", URL, home=north).code == 0
    (one, two) = config.load(north.config_path).relay
    assert (one.username, one.password_file, two.username) == ("north", str(password), None)
    assert "s3cret" not in north.config_path.read_text()
    assert call("relay", "remove", "one", home=north).code == 0
    assert names(north) == ["two"]
    assert north.config_path.stat().st_mode & 0o7777 == 0o600


def test_the_last_relay_is_removed_only_by_whoever_says_yes(north: Home) -> None:
    call("relay", "add", "one", URL, home=north)
    refused(call("relay", "remove", "one", home=north), 2, "last relay", "--yes")
    assert names(north) == ["one"]
    assert "NO relay" in call("relay", "remove", "one", "--yes", home=north).out
    assert names(north) == []
    assert "NO relay" in call("relay", "list", home=north).out


def test_a_password_file_that_others_can_read_is_refused_before_anything_is_written(
    north: Home, tmp_path: Path
) -> None:
    words = ["--user", "north", "--password-file", str(secret(tmp_path, 0o644))]
    refused(call("relay", "add", "one", URL, *words, home=north), 4, "chmod 600")
    refused(call("relay", "add", "one", URL, "--user", "n", "--password-file", "nowhere", home=north), 4, "nowhere")
    assert names(north) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "one"], "address is missing"),
        (["add"], "name or address"),
        (["remove"], "takes the name"),
        (["remove", "one", URL], "takes the name"),
        (["list", "one"], "takes no name"),
        (["run", "one"], "belongs to"),
        (["add", "one", "http://h"], "mqtt://"),
        (["add", "one", "mqtt://me:pw@h"], "password_file"),
        (["add", "one", URL, "--password-file", "x"], "username"),
        (["remove", "nothing"], "no relay"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_and_changes_nothing(north: Home, words: list[str], said: str) -> None:
    before = north.config_path.read_text()
    refused(call("relay", *words, home=north), 2, said)
    assert north.config_path.read_text() == before


def test_the_documents_name_the_relays_and_whether_they_are_in_use(north: Home) -> None:
    assert call("relay", "add", "one", URL, "--json", home=north).document == {"relays": ["one"], "in_use": False}
    document = call("relay", "list", "--json", home=north).document
    assert document == {"relays": [{"name": "one", "url": URL, "state": None}]}


@pytest.mark.integration
def test_a_running_station_uses_a_new_relay_at_once_and_says_what_is_wrong_with_it(pair: Pair) -> None:
    (before,) = names(pair.north)
    added = call("relay", "add", "nobody", URL, home=pair.north)
    assert (added.code, "goes by it now" in added.out) == (0, True)
    try:
        listed = call("relay", "list", home=pair.north).out
        assert f"{before}  mqtt://" in listed
        assert "up for" in listed
        states = {path["name"]: path["state"] for path in call("status", "--json", home=pair.north).document["paths"]}
        assert states[before] == "up"
        assert states["nobody"] in ("connecting", "down")
    finally:
        removed = call("relay", "remove", "nobody", "--json", home=pair.north)
    assert removed.document == {"relays": [before], "in_use": True}
    paths = call("status", "--json", home=pair.north).document["paths"]
    assert [path["name"] for path in paths] == [before]
