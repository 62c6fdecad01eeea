"""`hotline init`: a station or nothing, and what to do next."""

from pathlib import Path

import pytest

from hotline import config
from hotline.custody.keyring import Keyring
from hotline.custody.passphrase import Passphrase
from hotline.home import Home
from tests.cli.calls import call, refused
from tests.cli.secrets import secret


def test_a_station_is_made_and_the_next_steps_are_told(tmp_path: Path) -> None:
    called = call("init", "--name", "NORTH", "--no-passphrase", home=tmp_path / "n")
    assert called.code == 0
    assert Home(tmp_path / "n").card().body.name == "NORTH"
    for command in ("card --out north.card", "pair THEIR.card", "run"):
        assert f"hotline --home {tmp_path / 'n'} {command}" in called.out
    assert "root key" in called.out
    assert "OPEN on the disk" in called.out


def test_the_document_names_what_was_made(tmp_path: Path) -> None:
    document = call("init", "--name", "NORTH", "--no-passphrase", "--json", home=tmp_path / "n").document
    home = Home(tmp_path / "n")
    assert document["fingerprint"] == home.card().fingerprint.hex()
    assert Path(document["root_key"]) == home.root_key_path


def test_what_is_given_stands_in_the_card_and_in_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "password").write_text("secret\n")
    words = ["--phone", "+1 555", "--prefix", "example.org/line", "--officer", "Duty general", "--no-passphrase"]
    relay = ["--relay", "mqtt://127.0.0.1:1999", "--relay-user", "north", "--relay-password-file", "password"]
    assert call("init", "--name", "N", *words, *relay, "--relay-version", "3.1.1", home=tmp_path / "n").code == 0
    body = Home(tmp_path / "n").card().body
    assert (body.phone, body.prefix, body.officers[0].name) == ("+1 555", "example.org/line", "Duty general")
    (held,) = config.load(tmp_path / "n" / "station.toml").relay
    assert (held.url, held.username, held.version) == ("mqtt://127.0.0.1:1999", "north", "3.1.1")
    assert held.password_file == str(tmp_path / "password")


def test_the_passphrase_of_a_file_protects_the_keys(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("correct horse battery\n")
    assert call("init", "--name", "N", "--passphrase-file", str(secret), home=tmp_path / "n").code == 0
    keys = Keyring.load(Home(tmp_path / "n"), lambda _: Passphrase("correct horse battery"))
    assert len(keys.officers) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "--name"),
        (["--name", ""], "name"),
        (["--name", "A\x1bB"], "name"),
        (["--name", "N" * 65], "name"),
        (["--name", "N", "--prefix", "UPPER"], "prefix"),
        (["--name", "N", "--relay", "http://x"], "mqtt://"),
        (["--name", "N", "--relay", "mqtt://a:b@c"], "user name or password"),
        (["--name", "N", "--relay-user", "n"], "--relay URL"),
        (["--name", "N", "--relay-version", "4", "--relay", "mqtt://x"], "3.1.1"),
        (["--name", "N", "--no-passphrase", "--passphrase-file", "x"], "contradict"),
        (["--name", "N", "--passphrase-file", "nowhere"], "nowhere"),
        (["--name", "N", "surplus"], "surplus"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_and_nothing_is_made(tmp_path: Path, words: list[str], said: str) -> None:
    refused(call("init", *words, home=tmp_path / "n"), 2, said)
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_is_there_is_not_touched(north: Home) -> None:
    before = north.card_path.read_bytes()
    refused(call("init", "--name", "X", "--no-passphrase", home=north), 2, "nothing in it was touched")
    assert north.card_path.read_bytes() == before


def test_without_a_terminal_or_a_file_the_missing_passphrase_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.custody.passphrase.terminal", lambda: None)
    called = call("init", "--name", "N", home=tmp_path / "n")
    assert called.code == 2
    assert "--passphrase-file" in called.err


def test_a_home_that_is_there_is_told_before_a_passphrase_is_asked_for(north: Home) -> None:
    refused(call("init", "--name", "X", "--passphrase-file", "nowhere", home=north), 2, "nothing in it was touched")


def test_a_home_with_spaces_can_be_pasted(tmp_path: Path) -> None:
    called = call("init", "--name", "N", "--no-passphrase", home=tmp_path / "a home")
    assert f"hotline --home '{tmp_path / 'a home'}' run" in called.out


def test_a_password_that_is_not_there_yet_is_a_step_to_do(tmp_path: Path) -> None:
    words = ["--relay", "mqtt://x", "--relay-user", "n", "--relay-password-file", str(tmp_path / "password")]
    called = call("init", "--name", "N", "--no-passphrase", *words, home=tmp_path / "n")
    assert f"{tmp_path / 'password'} (chmod 600)" in called.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--name", "N", "--number", "2"], "belong to --from-root"),
        (["--name", "N", "--from-root", "root.key"], "--number N"),
        (["--from-root", "root.key", "--number", "2"], "--name"),
        (["--from-root", "root.key", "--card", "nowhere"], "nowhere"),
        (["--name", "N", "--from-root", "nowhere", "--number", "2", "--no-passphrase"], "nowhere"),
    ],
)
def test_what_is_missing_to_make_a_home_anew_is_told(tmp_path: Path, words: list[str], said: str) -> None:
    refused(call("init", *words, home=tmp_path / "n"), 2, said)
    assert list(tmp_path.iterdir()) == []


def test_a_home_is_made_anew_with_what_the_old_card_says(north: Home, tmp_path: Path) -> None:
    words = ["--from-root", str(north.root_key_path), "--card", str(north.card_path), "--no-passphrase"]
    made = call("init", *words, "--number", "7", "--phone", "+1 9", home=tmp_path / "anew")
    assert made.code == 0
    assert "it was not copied" in made.out
    assert "generation" in made.out
    old, new = north.card().body, Home(tmp_path / "anew").card().body
    assert (new.name, new.prefix, new.root, new.number, new.phone) == (old.name, old.prefix, old.root, 7, "+1 9")
    refused(call("init", *words, "--number", "1", home=tmp_path / "other"), 2, "is not above it")


def test_the_roots_passphrase_and_the_new_one_are_two(tmp_path: Path) -> None:
    old, new = secret(tmp_path, "tamarind hexagon 41"), secret(tmp_path, "quartz lantern 62")
    assert call("init", "--name", "N", "--passphrase-file", old, home=tmp_path / "n").code == 0
    root = Home(tmp_path / "n").root_key_path
    words = ["--from-root", str(root), "--name", "N", "--number", "2", "--passphrase-file", new]
    refused(call("init", *words, "--root-passphrase-file", new, home=tmp_path / "anew"), 2, "passphrase")
    assert call("init", *words, "--root-passphrase-file", old, home=tmp_path / "anew").code == 0
    assert Keyring.load(Home(tmp_path / "anew"), lambda _: Passphrase("quartz lantern 62")).card.body.number == 2


def test_the_root_signs_no_card_in_the_name_of_the_peer(north: Home, south: Home, tmp_path: Path) -> None:
    words = ["--from-root", str(south.root_key_path), "--card", str(north.card_path)]
    nobody = ["--passphrase-file", str(tmp_path / "nowhere")]
    refused(call("init", *words, *nobody, home=tmp_path / "anew"), 2, "card of NORTH", "not of the root key")
    assert not (tmp_path / "anew").exists()
