"""Small files: bounded and private when read, whole and durable when written."""

import os
import threading
from pathlib import Path

import pytest

from hotline.custody import files
from hotline.errors import BusyError, CardError, HostError, KeyError_, NotFoundError


def read(path: Path, *, private: bool = False, limit_bytes: int = 10) -> bytes:
    return files.read(path, limit_bytes=limit_bytes, holds="The file", private=private, refusal=CardError)


def written(path: Path, data: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(data)
    path.chmod(mode)
    return path


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_file_of_the_bound_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a", b"0123456789")) == b"0123456789"
    with pytest.raises(CardError, match="longer than 10 bytes"):
        read(written(tmp_path / "b", b"0123456789x"))


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_private_file_that_others_can_use_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, bits: int
) -> None:
    path = written(tmp_path / "a", b"x", bits)
    assert read(path) == b"x"
    with pytest.raises(KeyError_, match=f"chmod 600 {path}"):
        read(path, private=True)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nothing-here"):
        read(tmp_path / "nothing-here")


def test_a_fifo_a_folder_a_device_and_an_impossible_path_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, Path("/dev/zero"), Path("a\0b"), tmp_path / ("n" * 300)):
        with pytest.raises(CardError, match=r"regular|cannot be read"):
            read(path)


def test_a_symlink_is_followed_and_what_it_leads_to_is_checked(tmp_path: Path) -> None:
    target = written(tmp_path / "target", b"x", 0o644)
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(KeyError_, match="others"):
        read(tmp_path / "link", private=True)


def test_a_new_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        files.create(tmp_path / "a", b"x")
        files.replace(tmp_path / "b", b"x")
        files.make_folder(tmp_path / "folder")
    finally:
        os.umask(before)
    assert (mode(tmp_path / "a"), mode(tmp_path / "b"), mode(tmp_path / "folder")) == (0o600, 0o600, 0o700)


def test_creating_never_overwrites_not_even_through_a_dangling_symlink(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (written(tmp_path / "a", b"old"), tmp_path / "link"):
        with pytest.raises(KeyError_, match="exists already"):
            files.create(path, b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("failing", ["fsync", "rename"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = written(tmp_path / "a", b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(HostError, match="No space left"):
        files.replace(path, b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]


def test_an_interrupted_write_leaves_no_part_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.create(tmp_path / "a", b"new")
    assert list(tmp_path.iterdir()) == []


def test_the_file_and_then_its_folder_are_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def note(handle: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    files.create(tmp_path / "a", b"x")
    assert synced == ["a", tmp_path.name]
    files.replace(tmp_path / "b", b"x")
    assert synced[2].startswith(".b.")
    assert synced[3] == tmp_path.name


def test_a_folder_must_be_a_folder_and_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    files.require_private_folder(tmp_path)
    tmp_path.chmod(0o750)
    with pytest.raises(KeyError_, match="chmod 700"):
        files.require_private_folder(tmp_path)
    for path in (tmp_path / "missing", written(tmp_path / "a", b"")):
        with pytest.raises(NotFoundError):
            files.require_private_folder(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "deeper"):
        with pytest.raises(HostError, match=f"{path} cannot be made"):
            files.make_folder(path)


def test_a_path_is_shown_without_its_control_characters(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        read(tmp_path / "a\x1b[2J")
    assert "\x1b" not in str(caught.value)


def test_a_locked_folder_refuses_who_will_not_wait_and_is_free_afterwards(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with files.locked(tmp_path), pytest.raises(BusyError, match="Another command"), files.locked(tmp_path, wait=False):
        pass
    with files.locked(tmp_path, wait=False):
        pass


def test_who_waits_for_a_locked_folder_gets_it_when_it_is_free(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    order: list[str] = []

    def wait() -> None:
        with files.locked(tmp_path):
            order.append("second")

    with files.locked(tmp_path):
        second = threading.Thread(target=wait)
        second.start()
        order.append("first")
    second.join(60)
    assert order == ["first", "second"]


def test_a_folder_that_others_can_enter_is_not_locked(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with pytest.raises(KeyError_, match="chmod 700"), files.locked(tmp_path):
        pass
