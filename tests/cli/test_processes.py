"""The processes of a demonstration: watched while they run, gone afterwards."""

import os
import signal
from pathlib import Path

import pytest

from hotline.cli.processes import Group, interruptible
from hotline.errors import DaemonError, NotYet

pytestmark = pytest.mark.integration


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_that_is_ready_says_so_and_is_gone_after_the_stop(tmp_path: Path) -> None:
    group = Group(tmp_path)
    relay = group.start("relay", "relay", "--port", "0", "--allow-anonymous", "--json")
    try:
        assert relay.ready_document(20)["ready"] is True
        relay.require_alive()
    finally:
        group.stop_all()
    assert not alive(relay.pid)


def test_a_process_that_fails_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    group = Group(tmp_path)
    relay = group.start("relay", "relay", "--port", "0")
    with pytest.raises(DaemonError, match="relay ended by itself, with code 2"):
        relay.ready_document(20)
    assert any("let nobody in" in line for line in group.tails())
    group.stop_all()


def test_a_failure_in_json_is_not_taken_for_being_ready(tmp_path: Path) -> None:
    group = Group(tmp_path)
    relay = group.start("relay", "relay", "--port", "0", "--json")
    with pytest.raises(DaemonError):
        relay.ready_document(20)
    group.stop_all()


def test_a_process_that_is_not_ready_in_time_is_told(tmp_path: Path) -> None:
    group = Group(tmp_path)
    relay = group.start("relay", "relay", "--port", "0", "--allow-anonymous", "--json")
    with pytest.raises(NotYet, match="not ready within 0 s"):
        relay.ready_document(0)
    group.stop_all()


def test_the_station_of_whoever_runs_it_is_not_what_it_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "mine"))
    group = Group(tmp_path)
    process = group.start("card", "card")
    assert process.wait() in (0, 2)
    assert "mine" not in "".join(process.tail())
    group.stop_all()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_interrupts_as_ctrl_c_does(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(number)
    assert signal.getsignal(number) == before
