"""`hotline run`: the daemon, or one sentence why not."""

import signal
from pathlib import Path

from hotline.home import Home
from tests.cli.calls import call, finish, refused, spawn


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
