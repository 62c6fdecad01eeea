"""Files that hold passwords: what is read, and what is refused without showing it."""

import os
from pathlib import Path

import pytest

from hotline.errors import RelayError
from hotline.relay.secret_file import read_private

HOLDS = "the password file of relay north"


def write(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.touch(mode)
    path.write_bytes(data)
    path.chmod(mode)
    return path


def refusal(path: Path, limit_bytes: int = 100) -> RelayError:
    with pytest.raises(RelayError) as caught:
        read_private(path, limit_bytes=limit_bytes, holds=HOLDS)
    assert HOLDS in caught.value.what
    assert caught.value.remedy
    assert caught.value.__cause__ is None
    return caught.value


def test_a_private_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    assert read_private(write(tmp_path / "f", "geheim ä\n".encode()), limit_bytes=10, holds=HOLDS) == "geheim ä\n"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_may_touch_is_refused_with_the_command_that_helps(tmp_path: Path, mode: int) -> None:
    error = refusal(write(tmp_path / "f", b"x", mode))
    assert f"chmod 600 {tmp_path / 'f'}" in error.remedy


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    assert str(tmp_path / "none") in refusal(tmp_path / "none").what


def test_a_folder_is_refused(tmp_path: Path) -> None:
    refusal(tmp_path)


def test_a_pipe_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "no regular file" in refusal(tmp_path / "pipe").what


def test_a_file_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    assert "longer than 100 bytes" in refusal(write(tmp_path / "f", b"x" * 101)).what


def test_bytes_that_are_no_text_are_refused_and_not_shown(tmp_path: Path) -> None:
    error = refusal(write(tmp_path / "f", b"hunter2\xff"))
    assert "hunter2" not in str(error)
    assert error.__suppress_context__


def test_a_path_with_terminal_escapes_is_shown_safely(tmp_path: Path) -> None:
    assert "\x1b" not in str(refusal(tmp_path / "\x1b[2J"))
