"""The faults of disks are real: no room is no room, and a refused write is refused."""

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.disks import REFUSED_PAST_BYTES, Disk, mounted, refuse_writes, why_none

# Writes as often as a line comes, and answers with what came of it.
WRITER = """
import sys
for line in sys.stdin:
    try:
        with open(sys.argv[1], "ab", buffering=0) as file:
            print(file.write(bytes(int(line))), flush=True)
    except OSError as error:
        print(-error.errno, flush=True)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk | None]:
    """None where nobody may mount one: there `make chaos` leaves its faults out, and says so."""
    at = tmp_path / "at"
    at.mkdir()
    if why_none(tmp_path):
        yield None
    else:
        with mounted(at) as made:
            yield made
        assert list(at.iterdir()) == []


def test_a_full_disk_takes_nothing_until_it_is_freed(disk: Disk | None) -> None:
    if disk is None:
        return
    disk.fill()
    with pytest.raises(OSError, match="No space left"):
        (disk.at / "more").write_bytes(b"x")
    disk.free()
    (disk.at / "more").write_bytes(b"x")


def test_a_read_only_disk_takes_nothing_until_it_is_writable_again(disk: Disk | None) -> None:
    if disk is None:
        return
    disk.remount("ro")
    with pytest.raises(OSError, match="Read-only"):
        (disk.at / "more").write_bytes(b"x")
    disk.remount("rw")
    (disk.at / "more").write_bytes(b"x")


def test_the_kernel_makes_no_disk_read_only_below_an_open_file(disk: Disk | None) -> None:
    """Why the station is killed before (`faults._read_only_disk`)."""
    if disk is None:
        return
    with (disk.at / "open").open("wb"), pytest.raises(subprocess.CalledProcessError) as refused:
        disk.remount("ro")
    assert "busy" in refused.value.stderr


def test_a_process_whose_writes_are_refused_is_told_and_may_write_again_later(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "file")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with writer:

        def written(size: int) -> int:
            assert writer.stdin is not None
            assert writer.stdout is not None
            writer.stdin.write(f"{size}\n")
            writer.stdin.flush()
            return int(writer.stdout.readline())

        assert written(10) == 10
        refuse_writes(writer.pid, refused=True)
        assert written(REFUSED_PAST_BYTES) == REFUSED_PAST_BYTES - 10
        assert written(1) == -errno.EFBIG
        refuse_writes(writer.pid, refused=False)
        assert written(1) == 1
