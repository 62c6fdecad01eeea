"""The socket is private before anybody can connect, replaces a dead one, and is removed only if it is still ours."""

import os
import socket
import stat
from pathlib import Path

import pytest

from hotline.api import listener
from hotline.errors import HostError


def test_the_socket_is_private_before_it_listens(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    old = os.umask(0)
    try:
        with listener.bind(path), socket.socket(socket.AF_UNIX) as early:
            assert stat.S_IMODE(path.lstat().st_mode) == 0o600
            with pytest.raises(ConnectionRefusedError):
                early.connect(str(path))
    finally:
        os.umask(old)


def test_a_stale_socket_is_replaced_and_another_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    with listener.bind(path):
        old = listener.identity(path)
    with listener.bind(path):
        listener.remove(path, (old[0], old[1] + 1))
        assert path.is_socket()
        listener.remove(path, listener.identity(path))
    assert not path.exists()
    path.write_text("precious")
    with pytest.raises(HostError, match="something else"):
        listener.bind(path)
    assert path.read_text() == "precious"


def test_removing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    listener.remove(tmp_path / "api.sock", (0, 0))


@pytest.mark.parametrize("name", ["missing/api.sock", "x" * 120, "zero\0byte"])
def test_a_path_that_cannot_be_is_named_with_a_remedy(tmp_path: Path, name: str) -> None:
    with pytest.raises(HostError, match="cannot listen on") as raised:
        listener.bind(tmp_path / name)
    assert raised.value.remedy
    assert str(raised.value).isprintable()
