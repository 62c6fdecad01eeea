"""`hotline relay`: one ready line, and the settings for a greater one."""

import json
import signal
import socket
from pathlib import Path

import pytest

from tests.cli.calls import call, finish, refused, spawn


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_it_says_where_it_listens_and_stops_cleanly(words: list[str]) -> None:
    process = spawn("relay", "--port", "0", "--allow-anonymous", *words)
    assert process.stdout is not None
    line = process.stdout.readline()
    port = json.loads(line)["port"] if words else int(line.split()[1])
    with socket.create_connection(("127.0.0.1", port), timeout=30):
        pass
    process.send_signal(signal.SIGTERM)
    assert finish(process).code in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "let nobody in"),
        (["--port", "99999", "--allow-anonymous"], 2, "65535"),
        (["--users", "nowhere"], 4, "nowhere"),
        (["--cert-file", "x", "--allow-anonymous"], 2, "--key-file"),
        (["--host", "192.0.2.1", "--port", "0", "--allow-anonymous"], 4, "192.0.2.1"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(words: list[str], code: int, said: str) -> None:
    refused(call("relay", *words), code, said)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        refused(call("relay", "--port", port, "--allow-anonymous"), 4, port, "already listens")


def test_a_users_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_text("north:secret\n")
    users.chmod(0o644)
    refused(call("relay", "--users", str(users), "--port", "0"), 4, "chmod 600")


def test_the_settings_for_mosquitto_name_the_files_that_were_given(tmp_path: Path) -> None:
    words = ["--users", str(tmp_path / "passwd"), "--cert-file", "/etc/c.pem", "--key-file", "/etc/k.pem"]
    conf = call("relay", "--print-mosquitto-conf", *words, "--port", "8883").out
    assert "listener 8883 127.0.0.1" in conf
    assert f"password_file {tmp_path / 'passwd'}" in conf
    assert "certfile /etc/c.pem" in conf
    document = call("relay", "--print-mosquitto-conf", *words, "--port", "8883", "--json").document
    assert document["mosquitto_conf"] == conf


def test_the_password_file_of_mosquitto_is_in_this_folder_where_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"password_file {tmp_path / 'mosquitto.passwd'}\n" in call("relay", "--print-mosquitto-conf").out


@pytest.mark.parametrize(("uid", "told"), [(0, True), (1000, False)])
def test_mosquitto_stays_who_can_read_its_password_file(
    monkeypatch: pytest.MonkeyPatch, uid: int, *, told: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: uid)
    assert ("user root\n" in call("relay", "--print-mosquitto-conf").out) is told
