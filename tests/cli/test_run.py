"""`hotline run`: the daemon, or one sentence why not."""

import signal
import subprocess
from pathlib import Path

import pytest

from hotline.home import Home
from tests.cli.calls import call, finish, refused, spawn
from tests.cli.secrets import secret


def test_a_home_that_is_none_is_named(tmp_path: Path) -> None:
    refused(call("run", home=tmp_path / "none"), 2, "none", "hotline init")


def test_a_home_in_use_is_named_with_the_process(north: Home) -> None:
    with north.lock():
        refused(call("run", home=north), 4, "in use by a running daemon")


def test_an_unknown_key_in_the_settings_is_named_with_the_nearest(north: Home) -> None:
    north.config_path.write_text('[station]\nlog_levle = "info"\n')
    refused(call("run", home=north), 2, "station.toml", "log_levle", "log_level")


def test_keys_open_to_others_are_refused(north: Home) -> None:
    north.station_key_path.chmod(0o644)
    refused(call("run", home=north), 2, "station.key", "chmod 600")


def test_a_wrong_passphrase_names_the_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text("correct horse battery\n")
    call("init", "--name", "N", "--passphrase-file", str(secret), home=tmp_path / "n")
    secret.write_text("wrong horse battery\n")
    refused(call("run", "--passphrase-file", str(secret), home=tmp_path / "n"), 2, "station.key", "passphrase")


def test_it_runs_until_it_is_told_to_stop_and_then_stops_cleanly(north: Home) -> None:
    process = spawn("run", "--home", str(north.path), "--unattended")
    assert process.stderr is not None
    while "ready" not in (line := process.stderr.readline()):
        assert line, process.wait(5)
    refused(call("run", home=north), 4, str(process.pid))
    process.send_signal(signal.SIGTERM)
    assert finish(process).code == 0


def ready_line(process: "subprocess.Popen[str]") -> list[str]:
    """What the station logs until it is ready."""
    assert process.stderr is not None
    lines: list[str] = []
    while "ready" not in (line := process.stderr.readline()):
        assert line, process.wait(5)
        lines.append(line)
    return lines


def stopped(process: "subprocess.Popen[str]") -> int:
    process.send_signal(signal.SIGTERM)
    return finish(process).code


@pytest.mark.integration
def test_of_several_officers_nobody_is_on_duty_and_the_remedy_is_logged(north: Home) -> None:
    call("officer", "add", "Colonel B", "--no-passphrase", home=north)
    process = spawn("run", "--home", str(north.path))
    log = "".join(ready_line(process))
    assert "hotline duty on" in log
    assert call("duty", "--json", home=north).document["on_duty"] == []
    assert call("duty", "on", "--officer", "Colonel B", home=north).code == 0
    assert call("duty", "--json", home=north).document["on_duty"] == ["Colonel B"]
    assert stopped(process) == 0


@pytest.mark.integration
def test_a_named_officer_is_on_duty_from_the_start_with_the_own_passphrase(north: Home, tmp_path: Path) -> None:
    words = secret(tmp_path, "tamarind hexagon 41")
    call("officer", "add", "Colonel B", "--new-passphrase-file", words, home=north)
    process = spawn("run", "--home", str(north.path), "--officer", "Colonel B", "--officer-passphrase-file", words)
    ready_line(process)
    assert call("duty", "--json", home=north).document["on_duty"] == ["Colonel B"]
    assert stopped(process) == 0


def test_an_officer_who_is_not_here_is_named(north: Home) -> None:
    refused(call("run", "--officer", "Nobody", home=north), 2, "Certified: Duty officer")
    refused(call("run", "--officer", "Duty officer", "--unattended", home=north), 2, "--unattended")
