"""systemd's datagrams: sent where somebody listens, and never a reason to fail."""

import socket
from pathlib import Path

import pytest

from hotline.station.notify import notify


@pytest.mark.parametrize("abstract", [False, True])
def test_the_state_arrives_as_one_datagram(tmp_path: Path, abstract: bool) -> None:
    name = f"hotline-test-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + name if abstract else name)
        assert notify("READY=1\nSTATUS=NORTH", {"NOTIFY_SOCKET": "@" + name if abstract else name})
        assert systemd.recv(100) == b"READY=1\nSTATUS=NORTH"


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all"])
def test_without_anybody_listening_it_says_so_and_goes_on(address: str) -> None:
    assert not notify("READY=1", {"NOTIFY_SOCKET": address})


def test_without_the_variable_nothing_is_sent() -> None:
    assert not notify("READY=1", {})
